"""Letters of a page: found again by a point, a word, a line, and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import PagePainter, PageWish
from findling.documents.letters import Letters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINES = ["The owl's nest is in the roof.", "Nobody heard it come home."]


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Letters:
    """Two lines, each letter as wide as the next."""
    text = "\r\n".join(LINES)
    boxes = []
    for row, line in enumerate(LINES):
        top = 0.1 + row * 0.1
        boxes += [(at / 100, top, (at + 1) / 100, top + 0.05) for at in range(len(line))]
        if row == 0:
            boxes += [(len(line) / 100, top, len(line) / 100, top + 0.05)] * 2
    return Letters.of(text, boxes)


def test_points_are_places(letters: Letters) -> None:
    assert [letters.copied(*line) for line in letters.lines] == [LINES[0] + "\n", LINES[1]]
    assert letters.place_at(0.041, 0.12) == 4
    assert letters.place_at(0.049, 0.12) == 5
    assert letters.place_at(0.9, 0.12) == len(LINES[0])  # right of a line: its end, before its break
    assert letters.place_at(0.0, 0.9) == len(LINES[0]) + 2  # below all: the last line
    assert letters.letter_at(0.041, 0.12) == 4
    assert letters.letter_at(0.9, 0.12) is None
    assert Letters().place_at(0.5, 0.5) == 0


def test_words_and_lines(letters: Letters) -> None:
    assert letters.text[slice(*letters.word_at(5))] == "owl's"
    assert letters.text[slice(*letters.word_at(3))] == "The"
    assert letters.text[slice(*letters.word_at(len(LINES[0]) - 1))] == "roof"
    assert letters.word_on(0, 1) == 3
    assert letters.word_on(3, 1) == 9
    assert letters.word_on(9, -1) == 4
    assert letters.word_on(2, -1) == 0
    assert letters.word_on(len(letters.text), 1) == len(letters.text)
    assert letters.line_of(7) == (0, len(LINES[0]))
    below = letters.line_on(4, 1)
    assert below == len(LINES[0]) + 2 + 4
    assert letters.line_on(below, -1) == 4
    assert letters.line_on(4, -1) == 0
    assert letters.line_on(below, 1) == len(letters.text)


def test_rectangles_are_one_for_each_line(letters: Letters) -> None:
    first, second = letters.rects(4, len(LINES[0]) + 2 + 6)
    assert first == pytest.approx((0.04, 0.1, 0.3, 0.15))
    assert second == pytest.approx((0.0, 0.2, 0.06, 0.25))
    assert list(letters.rects(4, 4)) == []


def test_letters_of_a_real_page_stand_where_they_are_drawn(write_pdf: Callable[..., Path]) -> None:
    with PagePainter() as painter:
        page = painter.draw(PageWish(str(write_pdf([LINES])), 1, 600, LINES[1], ("home",)))
    found = page.letters
    assert found.copied(0, len(found.text)).split("\n") == LINES
    at = found.text.index("home")
    [word], [selected] = page.words, found.rects(at, at + 4)
    assert selected == pytest.approx(word, abs=0.01)
    left, top, _, bottom = selected
    assert found.word_at(found.letter_at(left + 0.002, (top + bottom) / 2) or 0) == (at, at + 4)


def test_words_cut_by_a_line_are_whole_in_the_clipboard(write_pdf: Callable[..., Path]) -> None:
    file = write_pdf([["A state-", "ment of the moun-", "tain rescue."]])
    with PagePainter() as painter:
        letters = painter.draw(PageWish(str(file), 1, 600)).letters
    words = letters.copied(0, len(letters.text)).split()
    assert " ".join(words) == "A statement of the mountain rescue."
