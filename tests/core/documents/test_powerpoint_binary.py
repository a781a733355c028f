"""Presentations of 1997 to 2003: slides in order, text of the outline and of shapes, notes, comments."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest

from findling.documents import Document, registry
from findling.documents.parsers.powerpoint_binary import parse
from findling.errors import EncryptedFile, ParseError, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CheckMutants = Callable[..., None]

_TITLE, _BODY, _NOTES, _OTHER = 0, 1, 2, 4


def record(kind: int, content: bytes = b"", *, version: int = 0, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance << 4 | version, kind, len(content)) + content


def holder(kind: int, *parts: bytes, instance: int = 0) -> bytes:
    return record(kind, b"".join(parts), version=0xF, instance=instance)


def text(kind: int, words: str) -> bytes:
    """A text of a kind, in one byte a character where that will do."""
    header = record(3999, struct.pack("<I", kind))
    try:
        return header + record(4008, words.encode("latin-1"))
    except UnicodeEncodeError:
        return header + record(4000, words.encode("utf-16-le"))


def shapes(*boxes: bytes) -> bytes:
    """A drawing: shapes with text boxes, the last of them in a group."""
    drawn = [holder(0xF004, record(0xF00A, bytes(8)), holder(0xF00D, box)) for box in boxes]
    return holder(1036, holder(0xF002, holder(0xF003, *drawn[:-1], holder(0xF003, *drawn[-1:]))))


def from_outline(index: int) -> bytes:
    return record(3998, struct.pack("<I", index))


def slide(*boxes: bytes, notes: int = 0, comment: str = "") -> bytes:
    parts = [record(1007, bytes(16) + struct.pack("<II", notes, 0)), shapes(*boxes)]
    if comment:
        words = record(4026, comment.encode("utf-16-le"), instance=1)
        said = holder(12000, record(4026, "Someone".encode("utf-16-le")), words)
        parts.append(holder(5000, holder(5002, record(4026, b"t\0"), record(5003, said))))
    return holder(1006, *parts)


def entry(number: int, identifier: int, *texts: bytes) -> bytes:
    """A slide in a list of slides, with its texts in the outline."""
    return record(1011, struct.pack("<IIIII", number, 0, len(texts), identifier, 0)) + b"".join(texts)


def saved(records: dict[int, bytes], *, base: bytes = b"", encrypted: bool = False) -> tuple[bytes, bytes]:
    """The streams of a file: its records by their number, the first of them the document's. `base` is what an
    earlier save wrote."""
    data = base
    places: dict[int, int] = {}
    for number, content in records.items():
        places[number] = len(data)
        data += content
    runs = b"".join(struct.pack("<II", number | 1 << 20, place) for number, place in places.items())
    directory = len(data)
    data += record(6002, runs)
    before = base.rfind(struct.pack("<HH", 0, 4085)) if base else 0
    edit = struct.pack("<IIIIIIHH", 256, 0, before, directory, min(records), 9, 1, 0)
    newest = len(data)
    data += record(4085, edit + bytes(4) * encrypted)
    token = 0xF3D1C4DF if encrypted else 0xE391C05F
    return data, record(4086, struct.pack("<III", 20, token, newest) + bytes(12))


def presentation() -> dict[int, bytes]:
    """Two slides and a note; the first slide in the order stands second in the file."""
    slides = holder(
        4080,
        entry(3, 256, text(_TITLE, "Birds\vof the night"), text(_BODY, "Owls\rBats €")),
        entry(2, 257, text(6, "Fish"), text(_BODY, "in the outline alone")),
    )
    masters = holder(4080, entry(5, 1, text(_TITLE, "Click to edit")), instance=1)
    notes = holder(4080, entry(4, 99), instance=2)
    return {
        1: holder(1000, record(1001, bytes(40)), masters, slides, notes),
        2: slide(text(_OTHER, "Free text"), text(_OTHER, "*"), from_outline(0)),
        3: slide(text(_OTHER, "Beside"), from_outline(0), from_outline(1), notes=99, comment="Really?"),
        4: holder(1008, record(1009, bytes(8)), shapes(text(_NOTES, "Say hello."), text(_OTHER, "*"))),
        5: holder(1016, shapes(text(_TITLE, "Click to edit"))),
    }


def write(ole_writer: Any, path: Path, streams: tuple[bytes, bytes], about: bytes = b"") -> Path:
    data, user = streams
    named = {"PowerPoint Document": data, "Current User": user, "\x05SummaryInformation": about}
    return ole_writer.write_ole(path, named)


def seen(document: Document) -> list[tuple[str, str, int | None, tuple[str, ...]]]:
    return [(each.kind.value, each.text, each.anchor.slide, each.anchor.headings) for each in document.blocks]


def test_slides_come_in_their_order_with_titles_notes_and_comments(tmp_path: Path, ole_writer: Any) -> None:
    about = ole_writer.summary(title=b"PowerPoint Presentation", author=b"A. Person", saved=12_800_000_000)
    document = registry.parse(write(ole_writer, tmp_path / "a.ppt", saved(presentation()), about))
    birds, fish = ("Birds of the night",), ("Fish",)
    assert (document.kind, document.title, document.author) == ("ppt", "Birds of the night", "A. Person")
    assert document.written.startswith("2006-08-14")
    assert seen(document) == [
        ("heading", "Birds of the night", 1, birds),
        ("paragraph", "Beside", 1, birds),
        ("list item", "Owls", 1, birds),
        ("list item", "Bats €", 1, birds),
        ("note", "Really?", 1, birds),
        ("note", "Say hello.", 1, birds),
        ("heading", "Fish", 2, fish),
        ("list item", "in the outline alone", 2, fish),
        ("paragraph", "Free text", 2, fish),
    ]


def test_the_newest_save_counts(tmp_path: Path, ole_writer: Any) -> None:
    old, _ = saved({1: holder(1000, holder(4080, entry(2, 256))), 2: slide(text(_TITLE, "Old"), b"")})
    new = saved({2: slide(text(_TITLE, "New"), b"")}, base=old)
    data, user = new
    edit = struct.unpack_from("<I", user, 16)[0]
    data = data[: edit + 24] + struct.pack("<I", 1) + data[edit + 28 :]
    assert parse(write(ole_writer, tmp_path / "a.ppt", (data, user))).text == "New"


def test_without_directories_slides_come_as_they_stand(tmp_path: Path, ole_writer: Any) -> None:
    data, _ = saved({1: holder(1000, record(1001)), 2: slide(text(_TITLE, "One")), 3: slide(text(1, "Two"))})
    document = parse(write(ole_writer, tmp_path / "a.ppt", (data, b"")))
    assert seen(document) == [("heading", "One", 1, ("One",)), ("list item", "Two", 2, ())]


def test_a_file_for_two_versions_is_read_as_the_newer(tmp_path: Path, ole_writer: Any) -> None:
    data, user = saved(presentation())
    streams = {
        "PowerPoint Document": b"old",
        "PP97_DUALSTORAGE": {"PowerPoint Document": data},
        "Current User": user,
    }
    document = registry.parse(ole_writer.write_ole(tmp_path / "a.ppt", streams))
    assert "Free text" in document.text


def test_encrypted_files_say_so(tmp_path: Path, ole_writer: Any) -> None:
    data, user = saved(presentation(), encrypted=True)
    for about_user in (user, user.replace(struct.pack("<I", 0xF3D1C4DF), bytes(4))):
        with pytest.raises(EncryptedFile):
            registry.parse(write(ole_writer, tmp_path / "a.ppt", (data, about_user)))


@pytest.mark.usefixtures("no_converters")
def test_older_and_damaged_files_are_refused(tmp_path: Path, ole_writer: Any) -> None:
    with pytest.raises(UnsupportedFormat, match="old PowerPoint format: install catppt or LibreOffice"):
        parse(ole_writer.write_ole(tmp_path / "a.ppt", {"PP40": b"x"}))
    with pytest.raises(UnsupportedFormat, match="PowerPoint 95"):
        parse(write(ole_writer, tmp_path / "a.ppt", (b"old", struct.pack("<I", 4) + b"user")))
    with pytest.raises(ParseError, match="its document is missing"):
        registry.parse(write(ole_writer, tmp_path / "a.ppt", (record(1006), b"")))


def test_records_within_records_without_end_are_bounded(tmp_path: Path, ole_writer: Any) -> None:
    nested = text(_OTHER, "deep")
    for _ in range(2000):
        nested = holder(0xF003, nested)
    data = saved({1: holder(1000, holder(4080, entry(2, 256))), 2: holder(1006, nested)})
    assert registry.parse(write(ole_writer, tmp_path / "a.ppt", data)).blocks == ()


def test_damaged_files_are_a_document_or_a_reason(
    tmp_path: Path, ole_writer: Any, check_mutants: CheckMutants
) -> None:
    source = write(ole_writer, tmp_path / "a.ppt", saved(presentation()))
    check_mutants(source, 300)
