"""Homes that released versions wrote, opened by this one: nothing is lost, and nothing embedded again."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from findling.adaptation.runs import Stage, runs_of
from findling.documents import PARSER_VERSION
from findling.errors import LibraryTooNew, SettingsError, UserError
from findling.library import Libraries
from findling.library.info import SCHEMA_VERSION
from findling.library.judgements import located
from findling.library.mapping import read_map
from findling.search import Mode
from findling.settings import Home, Settings, private_directory
from findling.store import StoreWriter
from findling.store import rows as shapes
from findling.synthesis.pair_file import read_pairs
from findling_desktop.state import WindowState

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.library import OpenLibrary

HOMES = sorted((Path(__file__).parent / "upgrades").glob("home-*.tar.gz"))
MOST_BYTES = 300_000


@pytest.fixture(params=HOMES, ids=[path.name.removesuffix(".tar.gz") for path in HOMES])
def old(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Path:
    """A directory with `home`, `documents` and `made.json`; the built-in model is installed in the home. The
    documents are not where they were."""
    place = tmp_path / "old"
    with tarfile.open(request.param) as archive:
        archive.extractall(place, filter="data")
    home = Home.at(place / "home")
    for there, here in ((settings.home.models, home.models), (settings.home.state, home.state)):
        shutil.copytree(there, here, symlinks=True, dirs_exist_ok=True)
    return place


@pytest.fixture
def made(old: Path) -> dict[str, Any]:
    return json.loads((old / "made.json").read_text())


@pytest.fixture
def libraries(old: Path) -> Libraries:
    return Libraries(Settings.load(Home.at(old / "home")))


def names(library: OpenLibrary, query: str, mode: Mode = Mode.KEYWORD) -> list[str]:
    return [Path(hit.path).name for hit in library.search(query, mode)]


def finds_all(library: OpenLibrary) -> None:
    assert names(library, "telescopes mirror") == ["observatory.md"]
    assert names(library, "ab1234") == ["stock.csv"]
    assert names(library, "lang:de Häuser type:txt") == ["notiz.txt"]
    assert names(library, "leave the dog outside", Mode.SEMANTIC)[0] == "visit.html"
    assert names(library, "badgers", Mode.HYBRID)[0] == "badgers.txt"
    assert names(library, "left out by a rule") == []


def test_there_is_a_home_of_every_release() -> None:
    """The changelog names them."""
    changelog = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
    released = [line[4:].split("]")[0] for line in changelog.splitlines() if line.startswith("## [")]
    known = [path.name.removeprefix("home-").removesuffix(".tar.gz") for path in HOMES]
    assert set(released) - {"Unreleased"} <= set(known)
    assert known
    assert max(path.stat().st_size for path in HOMES) < MOST_BYTES


def test_settings_and_window_are_as_they_were_left(old: Path, made: dict[str, Any]) -> None:
    home = Home.at(old / "home")
    settings = Settings.load(home)
    assert {name: getattr(settings, name) for name in made["settings"]} == made["settings"]
    settings.save()
    assert json.loads(home.settings_file.read_text()) == made["settings"]
    state = WindowState.load(home.config)
    assert (state.library, state.mode, state.page_zoom) == ("notes", "keyword", 1.5)
    assert (state.results_width, state.splitter_width) == (420, 1240)


def test_a_library_answers_at_once_and_a_run_keeps_all_of_it(
    old: Path, libraries: Libraries, made: dict[str, Any]
) -> None:
    assert libraries.names() == ["notes"]
    with libraries.open("notes") as library:
        finds_all(library)
        keeps_what_a_person_said(library, libraries, made)
        run = libraries.index("notes")
        assert (run.embedded, run.removed, run.new_or_changed) == (0, 0, 0)
        assert (run.files["indexed"], run.missing_folders) == (5, ("/home/reader/documents",))
        finds_all(library)
        keeps_what_a_person_said(library, libraries, made)
        libraries.rollback("notes")
        finds_all(library)
    stored = json.loads((old / "home" / "data" / "libraries" / "notes" / "library.json").read_text())
    assert stored["schema"] == SCHEMA_VERSION
    assert stored["rules"]["exclude"] == ["*.tmp"]


def keeps_what_a_person_said(library: OpenLibrary, libraries: Libraries, made: dict[str, Any]) -> None:
    personal = library.personal
    assert [(each.name, each.query, each.mode) for each in personal.saved()] == [
        ("Animals", "badgers OR Igel", Mode.KEYWORD),
        ("Prices", "what does a ticket cost", Mode.SEMANTIC),
    ]
    history = personal.history()
    assert [each.query for each in history] == ["mirror of two metres", "badgers"]
    assert history[1].opened == "/home/reader/documents/notes/badgers.txt"
    judged = located(library)
    assert {(each.judgement.query, each.judgement.grade) for each in judged} == {
        ("what does a ticket cost", 1),
        ("animals below ground", 1),
    }
    assert all(each.now is not None for each in judged)
    [run] = runs_of(libraries, "notes")
    assert (run.id, run.stage, run.verdict) == (made["run"], Stage.JUDGED, "keep base")
    assert run.training["points"] == [{"step": 20, "loss": 0.42, "measure": 0.8}]
    queries = [pair.query for pair in read_pairs(run.pairs).kept]
    assert queries == ["how large is the telescope", "who digs under the oak", "where do dogs wait"]
    assert read_map(library, libraries.settings.home.libraries / "notes") is not None


def test_a_run_reads_nothing_again_that_did_not_change(
    old: Path, libraries: Libraries, made: dict[str, Any], tmp_path: Path
) -> None:
    """Where the documents are now is told by way of an export, which holds the library as it was written."""
    file = tmp_path / "notes.findling"
    with libraries.start_export("notes", file) as job:
        job.result()
    documents = old / "documents"
    with libraries.start_import_file(file, "moved", {"/home/reader/documents": documents}) as job:
        assert job.result()["missing_folders"] == []
    run = libraries.index("moved")
    assert (run.embedded, run.removed, run.missing_folders) == (0, 0, ())
    if made["parser"] == PARSER_VERSION:
        assert run.new_or_changed == 0
    (documents / "notes" / "badgers.txt").write_text("Badgers have moved to the mill.\n")
    run = libraries.index("moved")
    assert (run.embedded, run.new_or_changed) == (1, 1)
    with libraries.open("moved") as library:
        assert names(library, "badgers mill") == ["badgers.txt"]
        assert [each.query for each in library.personal.history()] == ["mirror of two metres", "badgers"]


# -- what a newer version wrote is left alone -----------------------------------------------------------


def newer_library(place: Path) -> None:
    edit(place / "library.json", lambda stored: stored | {"schema": SCHEMA_VERSION + 1})


def newer_chunker(place: Path) -> None:
    edit(place / "library.json", lambda stored: stored | {"active": stored["active"] | {"chunker": 99}})


def newer_analysis(place: Path) -> None:
    """The same table as it would be with other terms."""
    active = json.loads((place / "library.json").read_text())["active"]
    writer = StoreWriter(place / "lance", active["number"], active["dim"], active["fingerprint"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "ANALYSIS_VERSION", 99)
        writer.upgrade(lambda _: "en", lambda *_: None)


def newer_personal(place: Path) -> None:
    with closing(sqlite3.connect(place / "personal.sqlite")) as file, file:
        file.execute("PRAGMA user_version = 99")


def edit(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def content(place: Path) -> dict[str, str]:
    """Of all files but locks, which hold nothing."""
    return {
        str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(place.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def searched(libraries: Libraries) -> None:
    with libraries.open("notes") as library:
        library.search("badgers", Mode.KEYWORD)


def remembered(libraries: Libraries) -> None:
    with libraries.open("notes") as library:
        library.personal.save("Mine", "owls")


@pytest.mark.parametrize(
    ("make_newer", "attempts"),
    [
        (newer_library, (searched, remembered, lambda all_of: all_of.index("notes"))),
        (newer_chunker, (searched, lambda all_of: all_of.index("notes"))),
        (newer_analysis, (searched, lambda all_of: all_of.index("notes"))),
        (newer_personal, (remembered,)),
    ],
)
def test_what_is_newer_is_told_and_left_alone(
    libraries: Libraries,
    make_newer: Callable[[Path], None],
    attempts: tuple[Callable[[Libraries], object], ...],
) -> None:
    place = libraries.settings.home.libraries / "notes"
    make_newer(place)
    before = content(place)
    for attempt in attempts:
        with pytest.raises(LibraryTooNew, match="newer Findling") as raised:
            attempt(libraries)
        assert raised.value.hint == "Update Findling."
    now = content(place)
    if make_newer is newer_analysis:  # the run said that it had begun
        for each in (before, now):
            del each["library.json"], each["library.json.bak"]
    assert now == before


def test_newer_settings_and_pairs_are_told_and_left_alone(libraries: Libraries, made: dict[str, Any]) -> None:
    home = libraries.settings.home
    private_directory(home.config)
    home.settings_file.write_text('{"theme": "dark", "a_later_one": 5}')
    with pytest.raises(SettingsError, match="Unknown setting 'a_later_one'"):
        Settings.load(home)
    assert home.settings_file.read_text() == '{"theme": "dark", "a_later_one": 5}'
    pairs = home.libraries / "notes" / "tuning" / made["run"] / "pairs.jsonl"
    pairs.write_text(pairs.read_text().replace('"version": 1', '"version": 99', 1))
    before = pairs.read_bytes()
    with pytest.raises(UserError, match="newer Findling"):
        read_pairs(pairs)
    assert pairs.read_bytes() == before
