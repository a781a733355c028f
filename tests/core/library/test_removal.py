"""All that Findling has written is removed, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from findling.errors import LibraryBusy, SettingsError
from findling.jobs import CancelToken, ignore_progress
from findling.library import mapping, removal
from findling.library.judgements import judge
from findling.library.removal import Kind, Part, Why, remove_everything, stock_of
from findling.models import ModelCard
from findling.search import Mode
from findling.settings import Home, Settings, private_directory

if TYPE_CHECKING:
    from findling.jobs import Progress
    from findling.library import Libraries
    from findling.models import InstalledModel


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def files(place: Path) -> list[str]:
    """What is below a directory, files and links."""
    found = (path for path in place.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(str(path.relative_to(place)) for path in found)


def model(home: Home, name: str, card: ModelCard, **provenance: str) -> Path:
    """A model that is not one but for its card."""
    place = private_directory(home.models / name)
    put(place / "model.onnx", "w" * 1000)
    ModelCard.from_json(card.to_json() | {"id": name, "provenance": provenance}).save(place)
    return place


@pytest.fixture
def places(home: Home) -> Home:
    """A home of everything that Findling writes, made by hand."""
    library = home.libraries / "notes"
    for name in ("library.json", "library.json.bak", ".library.json.77.new", "map.json"):
        put(library / name, "{}")
    for name in ("lance/files.lance/data/1.lance", "lance/passages_12.lance/a", "lance/vocabulary.lance/b"):
        put(library / name)
    for name in ("personal.sqlite", "personal.sqlite-journal", "personal.sqlite.damaged-1", "writer.lock"):
        put(library / name)
    put(library / "tuning" / "20260101T000000" / "pairs.jsonl")
    put(library / "tuning" / "20260101T000000" / ".pairs.jsonl.lock")
    put(home.libraries / ".importing.lock")
    put(home.libraries / ".new-abc" / "library" / "library.json")
    put(home.models / "tiny" / "card.json", "{}")
    put(home.models / "tiny" / "model.onnx", "w" * 1000)
    put(home.models / ".building.lock")
    put(home.models / ".requantised" / "weights.gguf")
    put(home.downloads / "tiny" / "download.json", "{}")
    put(home.downloads / "tiny" / "weights.safetensors")
    put(home.downloads / ".other.partial" / "weights.abc.part")
    put(home.downloads / ".other.partial.lock")
    put(home.components / "training" / "component.json", "{}")
    put(home.components / "training" / "torch" / "__init__.py")
    put(home.components / ".training.partial" / "torch" / "__init__.py")
    put(home.components / ".training.lock")
    put(home.data / "recognised" / "ab12" / "1-tesseract.json")
    put(home.settings_file, "{")
    put(home.config / "window.json")
    put(home.logs / "index-notes.log")
    put(home.logs / "window.log")
    put(home.state / "calibration" / "tiny.json")
    put(home.state / "taken out" / "ab12" / "letter.pdf").chmod(0o400)
    put(home.state / "window.lock")
    return home


def test_a_library_that_was_lived_with_goes_without_a_trace(
    libraries: Libraries, folder: Path, installed_model: InstalledModel
) -> None:
    settings, home = libraries.settings, libraries.settings.home
    with libraries.start_index("notes", [folder]) as job:
        job.result()
    libraries.index("other", [folder])
    with libraries.open("notes") as library:
        [hit, *_] = library.search("badgers", Mode.KEYWORD)
        library.personal.remember("badgers", Mode.KEYWORD, 1)
        library.personal.save("Animals", "badgers", Mode.HYBRID)
        judge(library, "badgers", hit.document_id, 1)
    arguments = {"settings": settings.to_json(), "directory": str(home.libraries / "notes")}
    mapping.draw(arguments, ignore_progress, CancelToken())
    Settings(home, theme="dark").save()
    documents = files(folder)

    stock = stock_of(home)
    assert [part.name for part in stock.of(Kind.LIBRARY)] == ["notes", "other"]
    assert [part.name for part in stock.of(Kind.MODEL)] == ["all-minilm-l6-v2"]
    assert stock.stays == ()
    assert stock.total_bytes > 10_000
    told: list[Progress] = []
    gone = remove_everything(home, report=told.append)
    assert (gone.parts, gone.stays) == (stock_with_locks(stock, gone), ())
    assert told[0].phase == "removing"
    assert files(home.data.parent) == []
    assert list(home.data.parent.iterdir()) == []
    assert files(folder) == documents
    assert (installed_model.directory / installed_model.card.graph).is_file()  # it was linked to
    assert stock_of(home).parts == ()


def stock_with_locks(before: removal.Stock, after: removal.Stock) -> tuple[Part, ...]:
    """The same parts; locks that the removal made are empty."""
    assert [(p.kind, p.name, p.bytes) for p in before.parts] == [
        (p.kind, p.name, p.bytes) for p in after.parts
    ]
    return after.parts


def test_all_that_is_listed_goes_and_is_told_by_what_it_is(places: Home) -> None:
    stock = stock_of(places)
    assert [(part.kind, part.name) for part in stock.parts] == [
        (Kind.LIBRARY, "notes"),
        (Kind.MODEL, "tiny"),
        (Kind.DOWNLOAD, ""),
        (Kind.DOWNLOAD, "tiny"),
        (Kind.COMPONENT, ""),
        (Kind.RECOGNISED, ""),
        (Kind.SETTINGS, ""),
        (Kind.LOGS, ""),
        (Kind.CACHE, ""),
    ]
    assert stock.to_json()["parts"][1] == {"kind": "model", "name": "tiny", "bytes": 1002}
    assert remove_everything(places).stays == ()
    assert list(places.data.parent.iterdir()) == []
    assert remove_everything(places).parts == ()


def test_what_is_not_findlings_stays_and_is_named(places: Home, tmp_path: Path) -> None:
    strange = [
        put(places.data / "notes.txt"),
        put(places.config / "settings.json.mine"),
        put(places.libraries / "readme.txt"),
        put(places.libraries / "photos" / "1.jpg"),
        put(places.libraries / "notes" / "mine.txt"),
        put(places.libraries / "notes" / "lance" / "other.db"),
        put(places.models / "my model" / "weights.bin"),
        put(places.downloads / "film.mkv"),
        put(places.logs / "diary.txt"),
        put(places.state / "calibration" / "mine.csv"),
    ]
    named = {path if path.name not in ("1.jpg", "weights.bin") else path.parent for path in strange}
    gone = remove_everything(places)
    assert {Path(stay.place) for stay in gone.stays} == named
    assert {stay.why for stay in gone.stays} == {Why.STRANGE}
    root = places.data.parent
    assert files(root) == sorted(str(path.relative_to(root)) for path in strange)
    assert not (places.models / ".requantised").exists()


def test_links_are_neither_followed_nor_removed(places: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for name in ("card.json", "a/card.json", "library.json", "writer.lock"):
        put(elsewhere / name)
    shutil.rmtree(places.downloads)
    links = {
        places.downloads: elsewhere,
        places.models / "linked": elsewhere / "a",
        places.libraries / "linked": elsewhere,
        places.libraries / "notes" / "tuning" / "link": elsewhere,  # in what goes as a whole
    }
    places.settings_file.unlink()
    links[places.settings_file] = put(tmp_path / "settings of mine")
    for link, target in links.items():
        link.symlink_to(target)
    gone = remove_everything(places)
    inner = places.libraries / "notes" / "tuning" / "link"
    assert {Path(stay.place) for stay in gone.stays} == set(links) - {inner}
    assert {stay.why for stay in gone.stays} == {Why.LINK}
    assert files(elsewhere) == ["a/card.json", "card.json", "library.json", "writer.lock"]
    assert all(link.is_symlink() for link in links if link != inner)
    assert not inner.is_symlink()

    shutil.rmtree(places.data)
    places.data.symlink_to(elsewhere)
    put(elsewhere / "libraries" / "own" / "library.json")
    assert [stay.why for stay in remove_everything(places).stays if stay.place == str(places.data)] == [
        Why.LINK
    ]
    assert (elsewhere / "libraries" / "own" / "library.json").is_file()


def test_documents_that_lie_in_the_home_and_tables_elsewhere_stay(places: Home, tmp_path: Path) -> None:
    documents = places.libraries / "notes" / "tuning" / "20260101T000000" / "my documents"
    put(documents / "letter.txt")
    told: dict[str, Any] = {"folders": [str(documents)], "store": "s3://bucket/notes", "schema": 99}
    put(places.libraries / "notes" / "library.json", json.dumps(told))
    stays = {(stay.place, stay.why) for stay in remove_everything(places).stays}
    assert stays == {
        ("s3://bucket/notes", Why.STORE),
        (str(places.libraries / "notes" / "tuning"), Why.DOCUMENTS),
    }
    assert (documents / "letter.txt").is_file()
    assert not (places.libraries / "notes" / "library.json").exists()


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("state/window.lock", "The window of Findling is open."),
        ("data/libraries/notes/writer.lock", "The library 'notes' is being written to"),
        ("data/libraries/notes/tuning/20260101T000000/.pairs.jsonl.lock", ".pairs.jsonl.lock"),
        ("data/downloads/.other.partial.lock", ".other.partial.lock"),
        ("state/logs/tune-notes.lock", "tune-notes.lock"),
    ],
)
def test_nothing_is_removed_while_somebody_is_at_work(places: Home, lock: str, said: str) -> None:
    root = places.data.parent
    with FileLock(root / lock):
        before = files(root)
        with pytest.raises(LibraryBusy, match=said.replace("(", r"\(")):
            remove_everything(places)
        assert files(root) == before
    remove_everything(places, patience_seconds=5)
    assert files(root) == []


def test_a_watch_is_somebody_at_work(libraries: Libraries, folder: Path) -> None:
    libraries.index("notes", [folder])
    with libraries.start_watch("notes") as job:
        while not (libraries.settings.home.logs / "watch-notes.lock").exists():
            assert not job.wait(0.05)
        with pytest.raises(LibraryBusy):
            remove_everything(libraries.settings.home)
    assert not (libraries.settings.home.logs / "watch-notes.lock").exists()
    assert libraries.names() == ["notes"]
    assert remove_everything(libraries.settings.home).stays == ()


def test_an_interrupted_removal_goes_on_when_it_is_run_again(
    places: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each file and directory in turn."""
    root = places.data.parent
    whole = root.with_name("whole")
    shutil.copytree(root, whole)
    really = Path.unlink
    interruptions = 0

    def interrupted_after(count: int) -> None:
        left = [count]

        def unlink(path: Path, missing_ok: bool = False) -> None:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            really(path, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "unlink", unlink)
        monkeypatch.setattr(removal, "_delete_whole", lambda path: delete_by_unlink(path, unlink))

    for count in range(60):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(whole, root)
        interrupted_after(count)
        try:
            remove_everything(places)
        except KeyboardInterrupt:
            interruptions += 1
            monkeypatch.undo()
            assert remove_everything(places).stays == ()
        assert list(root.iterdir()) == [], count
    assert interruptions > 15


def delete_by_unlink(path: Path, unlink: Any) -> None:
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            delete_by_unlink(inner, unlink)
        path.rmdir()
    else:
        unlink(path)


def test_what_would_not_go_is_named_and_the_rest_goes(places: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    held = places.models / "tiny" / "model.onnx"
    really = removal._delete_whole

    def refuse(path: Path) -> None:
        if path == held:
            raise PermissionError(13, "The file is open", str(held))
        really(path)

    monkeypatch.setattr(removal, "_delete_whole", refuse)
    [stay] = remove_everything(places).stays
    assert (stay.place, stay.why, stay.reason) == (str(held), Why.REFUSED, "The file is open")
    monkeypatch.undo()
    assert files(places.data.parent) == ["data/models/tiny/card.json", "data/models/tiny/model.onnx"]
    assert remove_everything(places).stays == ()


def test_models_may_stay_but_none_that_was_tuned(places: Home, installed_model: InstalledModel) -> None:
    card = installed_model.card
    run = places.libraries / "notes" / "tuning" / "20260101T000000" / "model"
    model(places, "tuned", card, source=str(run))
    model(places, "plain", card, source="publisher/plain@c0ffee")
    gone = remove_everything(places, keep_models=True)
    assert [part.name for part in gone.of(Kind.MODEL)] == ["tuned"]
    assert [Path(stay.place).name for stay in gone.stays] == ["plain", "tiny", "tiny"]
    assert {stay.why for stay in gone.stays} == {Why.KEPT}
    assert sorted(path.name for path in places.data.iterdir()) == ["downloads", "models"]
    assert sorted(path.name for path in places.models.iterdir()) == ["plain", "tiny"]
    assert not places.config.exists()


def test_a_persons_own_directory_is_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "reader"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "reader"))
    put(tmp_path / "reader" / "settings.json")
    for place in (Path("/"), tmp_path, tmp_path / "reader"):
        home = Home(config=place, data=place, state=place)
        with pytest.raises(SettingsError, match="no directory of Findling's own"):
            remove_everything(home)
    # `--home ~`: what lies beside Findling's own stays.
    home = Home.at(tmp_path / "reader")
    put(home.data / "letters" / "1.txt")
    put(home.data / "models" / "resnet" / "weights.pt")
    put(home.libraries / "notes" / "library.json", "{}")
    remove_everything(home)
    assert files(tmp_path) == [
        "reader/data/letters/1.txt",
        "reader/data/models/resnet/weights.pt",
        "reader/settings.json",
    ]


def test_one_directory_for_everything(places: Home, tmp_path: Path) -> None:
    """As on macOS."""
    one = tmp_path / "Application Support" / "findling"
    for place in (places.data, places.config, places.state):
        shutil.copytree(place, one, dirs_exist_ok=True)
    put(one / "other.txt")
    gone = remove_everything(Home(config=one, data=one, state=one))
    assert [stay.place for stay in gone.stays] == [str(one / "other.txt")]
    assert files(one) == ["other.txt"]


def test_every_place_of_a_home_is_in_the_list(home: Home) -> None:
    known = {**removal._CONFIG, **removal._DATA, **removal._STATE}
    own = [name for name, value in vars(Home).items() if isinstance(value, property)]
    assert {getattr(home, name).name for name in own} <= set(known)
