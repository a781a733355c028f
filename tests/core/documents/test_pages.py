"""Pages as pictures: marked where the text stands, and drawn where nothing can do harm."""

from __future__ import annotations

import contextlib
import os
import signal
import zipfile
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from findling.documents import PagePainter, PageWish, pages
from findling.errors import Cancelled, EncryptedFile, ParseError, ParserLost
from findling.jobs import CancelToken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    WritePdf = Callable[..., Path]


@pytest.fixture
def painter() -> Iterator[PagePainter]:
    with PagePainter() as made:
        yield made


FIRST = ["The owl hunts at dusk.", "Nobody heard the owls come home."]
SECOND = ["A second page speaks of snow,", "of avalanches and of ropes."]


def test_a_page_is_drawn_with_its_passage_and_words_marked(painter: PagePainter, write_pdf: WritePdf) -> None:
    file = write_pdf([FIRST, SECOND])
    wish = PageWish(str(file), 1, 600, "Nobody heard the owls come home.", ("owls", "owl"))
    page = painter.draw(wish)
    assert (page.number, page.pages, page.width) == (1, 2, 600)
    assert page.stride >= 3 * page.width
    assert len(page.pixels) == page.stride * page.height
    assert len(set(page.pixels)) > 2  # letters on white
    [line] = page.passage
    [word] = page.words  # "owl" stands in another line, and is a part of this word alone
    assert line[0] < word[0] < word[2] < line[2]
    assert line[1] <= word[1] < word[3] <= line[3]
    everywhere = painter.draw(PageWish(str(file), 1, 300, "", ("owl", "dusk")))
    assert not everywhere.passage
    assert len(everywhere.words) == 2
    assert everywhere.width == 300


def test_a_passage_that_goes_on_is_marked_as_far_as_it_stands_here(
    painter: PagePainter, write_pdf: WritePdf
) -> None:
    file = write_pdf([FIRST, SECOND])
    passage = " ".join((FIRST[1], *SECOND))
    first, second = (painter.draw(PageWish(str(file), number, 400, passage)) for number in (1, 2))
    assert len(first.passage) == 1
    assert len(second.passage) == 2


def test_what_cannot_be_drawn_is_said(painter: PagePainter, write_pdf: WritePdf, tmp_path: Path) -> None:
    file = write_pdf([FIRST])
    torn = tmp_path / "torn.pdf"
    torn.write_text("no PDF")
    for path, number, kind, why in (
        (file, 2, ParseError, "no page 2"),
        (torn, 1, ParseError, "not a PDF file"),
        (tmp_path / "gone.pdf", 1, ParseError, "cannot be read"),
        (write_pdf([FIRST], encrypted=True, name="locked.pdf"), 1, EncryptedFile, "password"),
    ):
        with pytest.raises(kind, match=why):
            painter.draw(PageWish(str(path), number, 400))
    file = write_pdf([FIRST])
    assert painter.draw(PageWish(str(file), 1, 400)).pages == 1


def test_a_painter_that_dies_hangs_or_is_not_waited_for_is_replaced(
    write_pdf: WritePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = PageWish(str(write_pdf([FIRST])), 1, 200)

    def send(number: signal.Signals) -> None:
        assert painter._process is not None
        os.kill(painter._process.process.pid or 0, number)

    with PagePainter() as painter:
        painter.draw(wish)
        send(signal.SIGKILL)
        with contextlib.suppress(ParserLost):  # it may take the question and die of it
            painter.draw(wish)
        assert painter.draw(wish).number == 1
        send(signal.SIGSTOP)
        with monkeypatch.context() as patch:
            patch.setattr(pages, "_LIMIT_SECONDS", 0.3)
            with pytest.raises(ParserLost, match="longer than"):
                painter.draw(wish)
        assert painter.draw(wish).number == 1
        send(signal.SIGSTOP)
        token = CancelToken()
        token.cancel()
        with pytest.raises(Cancelled):
            painter.draw(wish, token)
        assert painter.draw(wish).number == 1


def test_a_picture_is_shown_with_its_pages(painter: PagePainter, tmp_path: Path) -> None:
    colours = [Image.new("RGB", (400, 200), colour) for colour in ("red", "blue")]
    colours[0].save(tmp_path / "scan.tiff", save_all=True, append_images=colours[1:])
    page = painter.draw(PageWish(str(tmp_path / "scan.tiff"), 2, 800))
    assert (page.number, page.pages, page.width, page.height) == (2, 2, 800, 400)
    assert page.pixels[:3] == b"\x00\x00\xff"
    with pytest.raises(ParseError, match="no page 3"):
        painter.draw(PageWish(str(tmp_path / "scan.tiff"), 3, 800))


def test_a_page_of_a_file_in_an_archive(painter: PagePainter, write_pdf: WritePdf, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.write(write_pdf([FIRST, SECOND]), "letters/first.pdf")
    wish = PageWish(f"{tmp_path}/old.zip!/letters/first.pdf", 2, 400)
    assert painter.draw(wish).pages == painter.draw(wish).pages == 2
    with pytest.raises(ParseError, match="not in there"):
        painter.draw(PageWish(f"{tmp_path}/old.zip!/letters/second.pdf", 1, 400))
