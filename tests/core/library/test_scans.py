"""Pictures and scanned pages in an index: their text comes last, and no run loses what waits."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pytest
from PIL import Image

from findling.documents import Anchor, Block, BlockKind, Document
from findling.errors import Cancelled
from findling.jobs import CancelToken, ignore_progress
from findling.library import scans, worker
from findling.library.scans import WAITING
from findling.library.why import Standing
from findling.store import FileRow, FileState

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries


class Reader:
    """Stands in for what recognises text: says the same words of every picture."""

    available = True
    looked_at: ClassVar[list[str]] = []
    fails: type[Exception] | None = None

    def __init__(self, *_: Any) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def document(self, path: Path, document: Document, content: str, cancel: CancelToken) -> Document:
        """The document with a paragraph."""
        if self.fails:
            raise self.fails
        assert path.is_file()
        self.looked_at.append(path.name)
        block = Block(
            BlockKind.PARAGRAPH, f"The receipt for the {path.stem} cost nine pounds.", Anchor(page=1)
        )
        return replace(document, blocks=(*document.blocks, block), scans=())


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> type[Reader]:
    monkeypatch.setattr(scans, "Recognizer", Reader)
    monkeypatch.setattr(Reader, "looked_at", [])
    return Reader


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    place = tmp_path / "pictures"
    place.mkdir()
    for name, colour in (("kettle", "red"), ("lantern", "blue")):
        Image.new("RGB", (200, 100), colour).save(place / f"{name}.png")
    (place / "note.txt").write_text("Badgers dig long tunnels.")
    return place


def rows(libraries: Libraries) -> dict[str, FileRow]:
    with libraries.open("default") as library:
        return {row.path.rpartition("/")[2]: row for row in library.files()}


def test_the_text_of_pictures_is_found(libraries: Libraries, pictures: Path, reader: type[Reader]) -> None:
    run = libraries.index("default", [pictures])
    assert (run.new_or_changed, run.waits) == (3, False)
    assert {name: row.state for name, row in rows(libraries).items()} == {
        "kettle.png": FileState.INDEXED,
        "lantern.png": FileState.INDEXED,
        "note.txt": FileState.INDEXED,
    }
    with libraries.open("default") as library:
        assert library.search("receipt for the lantern")[0].path == str(pictures / "lantern.png")
    again = libraries.index("default")
    assert (again.new_or_changed, again.embedded) == (0, 0)
    assert sorted(reader.looked_at) == ["kettle.png", "lantern.png"]


def test_what_is_left_waits_for_the_next_run(
    libraries: Libraries, pictures: Path, reader: type[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "fails", Cancelled)
    with pytest.raises(Cancelled):
        libraries.index("default", [pictures])
    waiting = rows(libraries)
    assert waiting["note.txt"].state is FileState.INDEXED
    assert waiting["kettle.png"].state is FileState.SKIPPED
    assert "pictures" in waiting["kettle.png"].reason
    monkeypatch.setattr(reader, "fails", None)
    assert libraries.index("default").embedded == 2
    assert {row.state for row in rows(libraries).values()} == {FileState.INDEXED}


def test_a_run_may_leave_pictures_to_the_next_one(
    libraries: Libraries, pictures: Path, reader: type[Reader]
) -> None:
    libraries.index("default", [pictures])
    (pictures / "third.png").write_bytes((pictures / "kettle.png").read_bytes() + b"\0")
    directory = libraries.settings.home.libraries / "default"
    arguments = libraries._arguments("default") | {"directory": str(directory), "recognition_seconds": -1.0}
    run = worker.index(arguments, ignore_progress, CancelToken())
    assert run["waits"]
    assert rows(libraries)["third.png"].parser_version == WAITING
    assert not libraries.index("default").waits
    assert rows(libraries)["third.png"].state is FileState.INDEXED


def test_pictures_in_an_archive(libraries: Libraries, pictures: Path, reader: type[Reader]) -> None:
    with zipfile.ZipFile(pictures / "old.zip", "w") as archive:
        archive.write(pictures / "kettle.png", "copper pot.png")
        archive.writestr("wax.txt", "Candles are made of wax.")
    (pictures / "kettle.png").unlink()
    libraries.index("default", [pictures])
    with libraries.open("default") as library:
        assert library.search("copper pot")[0].path == f"{pictures}/old.zip!/copper pot.png"
        assert library.why(pictures / "old.zip").standing is Standing.INDEXED
    assert libraries.index("default").new_or_changed == 0


def test_without_a_reader_pictures_are_named_as_such(
    libraries: Libraries, pictures: Path, reader: type[Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "available", False)
    libraries.index("default", [pictures])
    picture = rows(libraries)["kettle.png"]
    assert (picture.state, picture.reason) == (
        FileState.SKIPPED,
        "its pages are pictures, and no program here reads their text",
    )
    assert libraries.index("default").new_or_changed == 0


def test_a_copy_of_a_picture_is_read_once(libraries: Libraries, pictures: Path, reader: type[Reader]) -> None:
    shutil.copy(pictures / "kettle.png", pictures / "same.png")
    libraries.index("default", [pictures])
    libraries.index("default")
    found = rows(libraries)
    assert found["same.png"].state is found["kettle.png"].state is FileState.INDEXED
    assert libraries.index("default").new_or_changed == 0
