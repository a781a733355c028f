"""Which parser reads a file, what is refused with which words, and that nothing else ever escapes."""

from __future__ import annotations

import random
import zipfile
from typing import TYPE_CHECKING

import pytest

from findling.documents import Document, ParserPool, family_of_name, parse
from findling.documents.parsers import html
from findling.documents.sniffing import family_of
from findling.errors import ParseError, ParserLost, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WritePdf = Callable[..., Path]


def made(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("a.PDF", "pdf"),
        ("b.markdown", "md"),
        ("c.tar.gz", "tar"),
        ("d.htm", "html"),
        ("e.dotx", "docx"),
        ("f.log", "txt"),
        ("README", "unknown"),
        (".bashrc", "unknown"),
        ("Makefile", "code"),
    ],
)
def test_family_of_a_name(name: str, family: str) -> None:
    assert family_of_name(name) == family


def test_every_sample_document_is_read(sample_library: list[Path]) -> None:
    kinds = set()
    for path in sample_library:
        document = parse(path)
        assert len(document.text) > 200, path
        kinds.add(document.kind)
    assert kinds == {"txt", "md", "html", "pdf", "docx"}


def test_the_bytes_speak_louder_than_the_name(
    tmp_path: Path, sample_library: list[Path], write_pdf: WritePdf
) -> None:
    word = next(path for path in sample_library if path.suffix == ".docx")
    assert parse(made(tmp_path, "a.txt", word.read_bytes())).kind == "docx"
    assert parse(made(tmp_path, "b.docx", write_pdf([["Text."]]).read_bytes())).kind == "pdf"
    assert parse(made(tmp_path, "c.txt", b"<!DOCTYPE html><p>Text.</p>")).kind == "html"
    assert (
        parse(made(tmp_path, "d.xyz", b"junk before\n" + write_pdf([["Text."]]).read_bytes())).kind == "pdf"
    )


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.rar", b"Rar!\x1a\x07\x00", "a RAR archive: unpack it"),
        ("a.one", bytes.fromhex("e4525c7b8cd8a74d") + bytes(60), "OneNote: export it"),
        ("a.txt", b"\x7fELF\x02\x01", "a program"),
        ("a.xyz", b"some text", "format not read: xyz"),
    ],
)
def test_formats_that_are_not_read_are_named(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFormat, match=words):
        parse(made(tmp_path, name, data))


@pytest.mark.parametrize(
    ("name", "data", "family"),
    [
        ("README", b"Ropes and jars.", "txt"),
        ("a.xml", b'<?xml version="1.0"?><!-- x --><FictionBook xmlns="x">', "fb2"),
        ("a.txt", b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html lang="en">', "html"),
        ("a.doc", b"{\\rtf1 text}", "rtf"),
        ("a.xls", b"<html><body><table><tr><td>1</table>", "html"),
        ("1697.M2P3", b"Return-Path: <a@b.org>\r\nFrom: a@b.org\r\n\r\nHello", "eml"),
        ("Inbox", b"From a@b.org Mon Jan  1 10:00:00 2024\nFrom: a@b.org\n\nHello", "mbox"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "image"),
        ("notes.md", b"<h1>Text</h1>", "md"),
    ],
)
def test_what_a_file_is(tmp_path: Path, name: str, data: bytes, family: str) -> None:
    assert family_of(made(tmp_path, name, data)) == family


@pytest.mark.parametrize(
    ("parts", "family"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "odt"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet-template"}, "ods"),
        ({"mimetype": "application/epub+zip"}, "epub"),
        ({"word/document.xml": "x"}, "docx"),
        ({"xl/workbook.bin": "x"}, "xlsx"),
        ({"[Content_Types].xml": "…presentationml.slideshow.main+xml"}, "pptx"),
        ({"letter.txt": "x"}, "zip"),
    ],
)
def test_what_a_zip_container_is(tmp_path: Path, parts: dict[str, str], family: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    assert family_of(tmp_path / "a.zip") == family


@pytest.mark.parametrize(
    ("part", "words"),
    [("Index/Document.iwa", "Apple iWork: export it"), ("visio/document.xml", "Visio: export it as PDF")],
)
def test_what_can_be_done_about_a_format_that_is_not_read(tmp_path: Path, part: str, words: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xyz", "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(UnsupportedFormat, match=words):
        parse(tmp_path / "a.xyz")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"", "empty file"),
        ("a.docx", b"\x00" * 900, "empty file"),
        ("a.pdf", b"Dear all, this is text.", "not a PDF file"),
        ("a.docx", b"Dear all, this is text.", "not a DOCX file"),
        ("a.docx", b"PK\x03\x04 and no more", "damaged ZIP"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse(made(tmp_path, name, data))


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_an_empty_text_file_is_a_document_without_blocks(tmp_path: Path, name: str) -> None:
    assert parse(made(tmp_path, name, b"")).blocks == ()


def test_a_file_that_is_gone_or_a_folder_is_a_parse_error(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="No such file"):
        parse(tmp_path / "gone.txt")
    with pytest.raises(ParseError, match="directory"):
        parse(tmp_path)


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (MemoryError(), "memory limit"),
        (RecursionError(), "nested too deeply"),
        (ValueError("first line\nsecond"), "^damaged HTML file: first line$"),
        (AssertionError(), "^damaged HTML file: AssertionError$"),
    ],
)
def test_whatever_a_parser_raises_is_a_parse_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception, words: str
) -> None:
    def fail(path: Path) -> Document:
        raise raised

    monkeypatch.setattr(html, "parse", fail)
    with pytest.raises(ParseError, match=words):
        parse(made(tmp_path, "a.html", b"<p>x"))


def mutant(data: bytes, chance: random.Random) -> bytes:
    """Cut off, with bits flipped, with a stretch blanked, doubled or swapped for noise."""
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.randrange(1, 400))
    match chance.randrange(5):
        case 0:
            return data[:start]
        case 1:
            changed = bytearray(data)
            for _ in range(chance.randrange(1, 60)):
                changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case 2:
            return data[:start] + bytes(end - start) + data[end:]
        case 3:
            return data[:end] + data[start:]
        case _:
            return data[:start] + chance.randbytes(end - start) + data[end:]


def test_damaged_files_fail_with_a_reason_or_are_read_and_crash_nothing(
    tmp_path: Path, sample_library: list[Path]
) -> None:
    chance = random.Random(20240612)
    paths = []
    for number in range(160):
        source = sample_library[number % len(sample_library)]
        paths.append(made(tmp_path, f"{number}{source.suffix}", mutant(source.read_bytes(), chance)))
    with ParserPool(2, limit_seconds=60) as pool:
        outcomes = [parsed.outcome for parsed in pool.parse_all(paths)]
    assert len(outcomes) == len(paths)
    failures = [outcome for outcome in outcomes if not isinstance(outcome, Document)]
    assert not [failure for failure in failures if isinstance(failure, ParserLost)]
    assert all(str(failure) and "\n" not in str(failure) for failure in failures)
    assert 10 < len(failures) < len(paths) - 10
