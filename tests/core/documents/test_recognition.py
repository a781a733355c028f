"""Text recognition: pages in order, kept, and none that does harm; a real page by the real engine."""

from __future__ import annotations

import importlib.util
import math
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw, ImageFont

from findling.documents import Anchor, Block, BlockKind, Document, Recognizer, parse, recognition
from findling.documents.reading_order import Line, in_order
from findling.documents.recognition import engines
from findling.documents.recognition_engines import _lines
from findling.errors import Cancelled
from findling.jobs import CancelToken

if TYPE_CHECKING:
    from pathlib import Path

#: A program that reads the size of the picture, and does as `mode` says with one that is 100 pixels wide.
_PROGRAM = """#!/bin/sh
case "$1" in
--version) echo "tesseract 9.8"; exit ;;
--list-langs) printf 'List (3):\\ndeu\\neng\\nosd\\n'; exit ;;
esac
here=$(dirname "$0")
echo "$@" >> "$here/calls"
read -r _; read -r width height
if [ "$width" = 100 ]; then
    case "$(cat "$here/mode")" in
    crash) kill -9 $PPID ;;
    hang) sleep 60 ;;
    fail) exit 1 ;;
    esac
fi
row() { printf '%s\\t1\\t1\\t%s\\t%s\\t%s\\t0\\t0\\t9\\t9\\t%s\\t%s\\n' "$@"; }
head='level\\tpage_num\\tblock_num\\tpar_num\\tline_num\\tword_num\\tleft\\ttop\\twidth\\theight\\tconf\\ttext\\n'
printf "$head"
row 4 1 1 0 -1 ''
row 5 1 1 1 95 Wide
row 5 1 1 2 95 "$width"
row 5 1 1 3 95 pix-
row 5 1 2 1 90 els
row 5 1 3 1 30 doubt
row 5 2 1 1 90 High
row 5 2 1 2 90 "$height"
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Tesseract of straw."""
    if sys.platform == "win32":
        pytest.skip("a shell script")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "tesseract").write_text(_PROGRAM)
    (folder / "tesseract").chmod(0o755)
    (folder / "mode").write_text("")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def scanned(path: Path, *widths: int) -> Path:
    """Pages of pictures, 80 pixels high."""
    pages = [Image.new("L", (width, 80), 200) for width in widths]
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200)
    return path


def calls(folder: Path) -> int:
    log = folder / "calls"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_the_blocks_of_scanned_pages_stand_in_page_order_before_what_else_is_on_them(
    tmp_path: Path, program: Path
) -> None:
    path = scanned(tmp_path / "scan.pdf", 150, 125)
    document = parse(path)
    assert document.scans == (1, 2)
    notes = tuple(Block(BlockKind.PARAGRAPH, f"note {page}", Anchor(page=page)) for page in (1, 2, 3))
    document = Document("pdf", "Scan", notes, scans=document.scans)
    seen: list[int] = []
    with Recognizer(engine="tesseract") as recognizer:
        read = recognizer.document(path, document, "0", page_done=seen.append)
    assert [(block.text, block.anchor.page) for block in read.blocks] == [
        ("Wide 150 pixels", 1),
        ("High 80", 1),
        ("note 1", 1),
        ("Wide 125 pixels", 2),
        ("High 80", 2),
        ("note 2", 2),
        ("note 3", 3),
    ]
    assert (read.scans, read.title, seen) == ((), "Scan", [1, 2])


def test_a_picture_has_no_pages_unless_it_has_several(tmp_path: Path, program: Path) -> None:
    Image.new("RGB", (90, 80)).save(tmp_path / "one.png")
    scanned(tmp_path / "two.tiff", 90, 110)
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.new("L", (90, 80)).save(tmp_path / "turned.jpg", exif=exif)
    Image.new("I;16", (90, 80), 40_000).save(tmp_path / "deep.png")
    Image.new("RGBA", (90, 80), (0, 0, 0, 0)).save(tmp_path / "clear.webp")
    with Recognizer(engine="tesseract") as recognizer:
        found = {
            path.name: [
                (block.text, block.anchor.page)
                for block in recognizer.document(path, parse(path), "0").blocks
                if "Wide" in block.text
            ]
            for path in tmp_path.iterdir()
            if path.is_file()
        }
    assert found.pop("two.tiff") == [("Wide 90 pixels", 1), ("Wide 110 pixels", 2)]
    assert found.pop("turned.jpg") == [("Wide 80 pixels", None)]
    assert set(map(tuple, found.values())) == {(("Wide 90 pixels", None),)}
    assert len(found) == 3


def test_what_was_recognised_is_kept_for_the_same_content_engine_and_languages(
    tmp_path: Path, program: Path
) -> None:
    path = scanned(tmp_path / "scan.pdf", 150, 125)
    cache = tmp_path / "cache"

    def read(content: str, *languages: str) -> str:
        with Recognizer(cache, "tesseract", languages) as recognizer:
            return recognizer.document(path, parse(path), content).text

    first = read("ab12", "de", "xx")
    assert calls(program) == 2
    assert "-l deu tsv" in (program / "calls").read_text()
    assert read("ab12", "de", "xx") == first
    assert calls(program) == 2
    assert read("ab12") == first
    assert calls(program) == 4
    assert "-l eng tsv" in (program / "calls").read_text()
    assert read("cd34") == first
    assert calls(program) == 6
    kept = [place for place in cache.rglob("*") if place.is_file()]
    assert len(kept) == 6
    assert all(place.stat().st_mode & 0o077 == 0 for place in (cache, *cache.rglob("*")))
    for place in kept:
        place.write_text("{torn")
    assert read("ab12") == first


@pytest.mark.parametrize("mode", ["crash", "hang", "fail"])
def test_a_page_that_does_harm_is_left_out_and_not_kept(tmp_path: Path, program: Path, mode: str) -> None:
    path = scanned(tmp_path / "scan.pdf", 100, 125)
    (program / "mode").write_text(mode)
    with Recognizer(tmp_path / "cache", "tesseract", limit_seconds=3 if mode == "hang" else 60) as recognizer:
        document = recognizer.document(path, parse(path), "0")
        assert [(block.text, block.anchor.page) for block in document.blocks] == [
            ("Wide 125 pixels", 2),
            ("High 80", 2),
        ]
        assert document.scans == ()
        (program / "mode").write_text("")
        assert "Wide 100 pixels" in recognizer.document(path, parse(path), "0").text


def test_a_document_all_of_whose_pages_take_too_much_is_given_up(
    tmp_path: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "_POLL_SECONDS", 0.001)
    path = scanned(tmp_path / "scan.pdf", *range(120, 126))
    seen: list[int] = []
    with Recognizer(engine="tesseract", limit_mebibytes=1) as recognizer:
        document = recognizer.document(path, parse(path), "0", page_done=seen.append)
    assert (document.blocks, seen) == ((), [1, 2, 3])


def test_it_stops_when_asked_to(tmp_path: Path, program: Path) -> None:
    (program / "mode").write_text("hang")
    path = scanned(tmp_path / "scan.pdf", 125, 100)
    token = CancelToken()
    with Recognizer(engine="tesseract") as recognizer, pytest.raises(Cancelled):
        recognizer.document(path, parse(path), "0", token, page_done=lambda _: token.cancel())


def test_a_picture_that_breaks_off_is_left_out(tmp_path: Path, program: Path) -> None:
    path = tmp_path / "torn.png"
    Image.effect_noise((200, 200), 90).save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with Recognizer(engine="tesseract") as recognizer:
        assert recognizer.document(path, parse(path), "0") == Document("image", "", ())


def test_without_an_engine_a_document_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("findling.documents.recognition_engines.find_spec", lambda _: None)
    document = parse(scanned(tmp_path / "scan.pdf", 100))
    for engine in ("auto", "tesseract", "rapidocr", "other"):
        recognizer = Recognizer(engine=engine)
        assert not recognizer.available
        assert recognizer.document(tmp_path / "scan.pdf", document, "0") is document
    assert engines() == []


# -- lines ------------------------------------------------------------------------------------------


def line(text: str, left: float, top: float, right: float, height: float = 20) -> Line:
    return Line(left, top, right, top + height, text)


def test_columns_are_read_one_after_the_other_and_titles_across_between_them() -> None:
    left = [line(f"a{row}", 0, 100 + 30 * row, 400) for row in range(8)]
    right = [line(f"b{row}", 440, 103 + 30 * row, 840) for row in range(8)]
    page = [line("Title", 100, 0, 700, 40), *left, *right, line("foot", 0, 400, 800)]
    expected = ["Title", *(f"a{row}" for row in range(8)), *(f"b{row}" for row in range(8)), "foot"]
    assert [text for text in in_order(page[::-1]) if text] == expected
    third = [line(f"c{row}", 880, 100 + 30 * row, 1280) for row in range(8)]
    assert [text for text in in_order([*page[1:-1], *third]) if text][-8:] == [f"c{row}" for row in range(8)]


def test_rows_of_a_table_are_read_across() -> None:
    cells = [
        line(f"{column}{row}", 200 * number, 40 * row + number, 200 * number + 60)
        for row in range(6)
        for number, column in enumerate("abc")
    ]
    assert [text for text in in_order(cells) if text] == [f"a{row} b{row} c{row}" for row in range(6)]
    assert in_order(cells)[1:4] == ["a0 b0 c0", "", "a1 b1 c1"]


def test_space_size_and_bullets_part_paragraphs() -> None:
    tops = [0, 30, 60, 110, 140, 170]
    page = [line(f"line {number}", 0, top, 500) for number, top in enumerate(tops)]
    text = "\n".join(in_order([line("Heading", 0, -40, 200, 34), *page, line("• item", 0, 200, 500)]))
    assert [part.split("\n") for part in text.strip().split("\n\n")] == [
        ["Heading"],
        ["line 0", "line 1", "line 2"],
        ["line 3", "line 4", "line 5"],
        ["• item"],
    ]
    assert not any(in_order([]))


@pytest.mark.parametrize("slope", [-0.05, 0.0, 0.05])
def test_a_tilted_or_a_turned_page_is_set_upright(slope: float) -> None:
    def box(top: float) -> list[tuple[float, float]]:
        level = [(10.0, top), (810.0, top), (810.0, top + 20), (10.0, top + 20)]
        across, down = math.cos(slope), math.sin(slope)
        return [(x * across - y * down, x * down + y * across) for x, y in level]

    words = [(box(30.0 * row), f"row {row}") for row in range(5)]
    expected = [f"row {row}" for row in range(5)]
    assert [text for text in in_order(_lines(words, 900)) if text] == expected
    sideways = [([(900 - y, x) for x, y in corners], text) for corners, text in words]
    assert [text for text in in_order(_lines(sideways, 900)) if text] == expected


# -- the engine -------------------------------------------------------------------------------------


def _error(read: str, shown: str) -> float:
    row = list(range(len(shown) + 1))
    for number, letter in enumerate(read, 1):
        corner, row[0] = row[0], number
        for place, other in enumerate(shown, 1):
            corner, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, corner + (letter != other)),
            )
    return row[-1] / len(shown)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """One of the system that has accents."""
    for name in ("DejaVuSans.ttf", "arial.ttf", "Arial.ttf"):
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    pytest.skip("no font to draw with")


@pytest.mark.skipif(importlib.util.find_spec("rapidocr") is None, reason="rapidocr is not installed")
def test_a_page_of_two_columns_is_recognised_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import pathlib, socket\n"
        "def refused(*_, **__):\n"
        f"    pathlib.Path({str(tmp_path / 'tried')!r}).touch()\n"
        "    raise OSError('no network here')\n"
        "socket.socket.connect = socket.getaddrinfo = refused\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    left = ["Die Äcker hinter dem Moor", "lagen jahrelang brach, weil", "dort niemand säen wollte."]
    right = ["« L’été dernier, l’élève a", "reçu une boîte en chêne »,", "dit-elle au café de la gare."]
    picture = Image.new("L", (1000, 330), 255)
    pen, font = ImageDraw.Draw(picture), _font(28)
    pen.text((200, 20), "Two stories on one page", font=_font(44), fill=0)
    for lines, x in ((left, 40), (right, 530)):
        for row, text in enumerate(lines):
            pen.text((x, 130 + 50 * row), text, font=font, fill=0)
    path = tmp_path / "scan.pdf"
    picture.save(path, resolution=200)
    with Recognizer(engine="rapidocr") as recognizer:
        document = recognizer.document(path, parse(path), "0")
    shown = " ".join(["Two stories on one page", *left, *right])
    assert _error(" ".join(document.text.split()), shown) <= 0.05
    assert document.blocks[0].text == "Two stories on one page"
    assert not (tmp_path / "tried").exists()
