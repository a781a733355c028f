"""A library that the version before wrote: searched as it is, brought up to date by the next run."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from findling.documents.language import language_of
from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.library import checking
from findling.library.info import SCHEMA_VERSION
from findling.search import Mode, Question
from findling.settings import private_directory
from findling.store import FileFilter, StoreReader, StoreWriter, Words
from findling.store import writer as writer_module
from findling.store.checking import figures

if TYPE_CHECKING:
    from findling.jobs import Progress
    from findling.library import Libraries
    from findling.library.opened import OpenLibrary

FIXTURE = Path(__file__).parent / "fixtures" / "schema-2.tar.gz"


@pytest.fixture
def old(libraries: Libraries) -> Path:
    """The directory of the library `old`: its folder, of two English files and a German one, is not here."""
    home = private_directory(libraries.settings.home.libraries)
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(home, filter="data")
    assert json.loads((home / "old" / "library.json").read_text())["schema"] == 2
    return home / "old"


def writer_of(old: Path) -> StoreWriter:
    active = json.loads((old / "library.json").read_text())["active"]
    return StoreWriter(old / "lance", active["number"], active["dim"], active["fingerprint"])


def names(library: OpenLibrary, query: str, mode: Mode = Mode.KEYWORD) -> list[str]:
    return [Path(hit.path).name for hit in library.search(query, mode)]


def test_it_is_searched_as_it_is_and_an_open_one_follows_the_run_that_upgrades_it(
    libraries: Libraries, old: Path
) -> None:
    told: list[Progress] = []
    with libraries.open("old") as library:
        assert names(library, "telescopes mirror") == ["guide.md"]
        assert names(library, "animals living underground", Mode.SEMANTIC)[0] in ("note.txt", "notiz.txt")
        assert names(library, "oak tree", Mode.HYBRID)[0] == "note.txt"
        assert names(library, '"metres two"') == ["guide.md"]  # its index knows no places
        assert names(library, "type:md tickets") == names(library, "name:guide.md tickets") == ["guide.md"]
        assert names(library, "in:sub -badgers") == ["notiz.txt"]
        answer = library.answer(Question("lang:de Häuser"))
        assert (answer.hits, answer.notes) == ([], ("Nothing matches lang:de.",))

        run = libraries.index("old", report=told.append)
        assert (run.embedded, run.new_or_changed, run.removed, run.passages) == (0, 0, 0, 5)
        assert run.missing_folders == ("/home/reader/documents",)
        upgraded = [(each.done, each.total, each.unit) for each in told if each.phase == "upgrading"]
        assert upgraded[-1] == (5, 5, "passages")
        assert names(library, "telescopes mirror") == ["guide.md"]
        assert names(library, "lang:de Haus") == names(library, "Hauser type:txt") == ["notiz.txt"]
        assert names(library, "tele*") == ["guide.md"]
        assert names(library, '"two metres"') == ["guide.md"]
        assert names(library, '"metres two"') == []
        assert names(library, "zzz guide", Mode.HYBRID)[0] == "guide.md"
        assert names(library, "animals living underground", Mode.SEMANTIC)[0] in ("note.txt", "notiz.txt")
    assert json.loads((old / "library.json").read_text())["schema"] == SCHEMA_VERSION
    told.clear()
    libraries.index("old", report=told.append)
    assert "upgrading" not in {each.phase for each in told}
    arguments = {"settings": libraries.settings.to_json(), "library": "old", "repair": False}
    assert checking.check(arguments, told.append, CancelToken())["problems"] == []


def test_new_files_join_it_and_what_is_known_is_not_embedded_again(
    libraries: Libraries, old: Path, folder: Path
) -> None:
    """The guide's texts, with the same headings, are those of one of the old library's."""
    run = libraries.index("old", [folder])
    assert (run.embedded, run.reused, run.passages) == (0, 4, 9)
    with libraries.open("old") as library:
        assert names(library, "badgers") == ["note.txt", "note.txt"]


def test_an_upgrade_that_is_stopped_leaves_all_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_UPGRADE_ROWS", 2)
    seen: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        seen.append((done, total))
        raise Cancelled

    writer = writer_of(old)
    reader = StoreReader(old / "lance", 1)
    before = reader.sample(9)
    with pytest.raises(Cancelled):
        writer.upgrade(language_of, stop)
    assert len(seen) == 1
    assert writer.outdated
    assert writer_of(old).outdated
    rows, vectors = reader.sample(9)
    assert (rows, vectors.tolist()) == (before[0], before[1].tolist())
    assert (reader.languages(), reader.words_from("tele", 9)) == ((), [])
    assert len(reader.candidates(Words(("telescope",)), None, 9)) == 1

    seen.clear()
    writer.upgrade(language_of, lambda *progress: seen.append(progress))
    assert seen[-1] == (5, 5)
    assert not writer.outdated
    assert not writer_of(old).outdated
    rows, vectors = reader.sample(9)
    assert [row.content for row in rows] == [row.content for row in before[0]]
    assert vectors.tolist() == before[1].tolist()
    assert reader.languages() == ("en", "de")
    assert reader.words_from("tele", 9) == [("telescope", "telescop")]
    assert len(reader.documents_of(FileFilter(languages=("de",))).ids) == 1
    reader.close()
    assert figures(old / "lance", 1).unindexed_rows == 0
    assert writer_of(old).vectors_of([rows[0].text_key])[rows[0].text_key].tolist() == vectors[0].tolist()


def test_an_empty_library_is_upgraded_too(old: Path) -> None:
    writer = writer_of(old)
    writer.remove_documents(writer.document_ids())
    writer.upgrade(language_of, lambda *_: None)
    assert not writer_of(old).outdated
    assert writer.count_passages() == 0
