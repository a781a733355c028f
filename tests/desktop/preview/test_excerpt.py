"""The part of a document that is shown, and the words marked in it."""

from __future__ import annotations

from findling_desktop.preview.excerpt import (
    MOST_MARKS,
    STEP_CHARACTERS,
    Excerpt,
    marks,
    telling_words,
)

LINE = "a line of thirty characters...\n"


def test_a_short_document_is_shown_whole():
    assert Excerpt.around("short", (1, 3)) == Excerpt(0, 5, 5)


def test_a_long_one_is_cut_at_lines():
    text = LINE * 10_000
    middle = len(text) // 2
    excerpt = Excerpt.around(text, (middle, middle + 100))
    assert excerpt.end - excerpt.start <= 2 * STEP_CHARACTERS + 100
    assert excerpt.start <= middle < middle + 100 <= excerpt.end
    assert text[excerpt.start - 1] == "\n"
    assert text[excerpt.end] == "\n"


def test_it_grows_to_both_ends():
    text = LINE * 10_000
    excerpt = Excerpt.around(text, (60_000, 60_100))
    assert excerpt.grown_up(text).start < excerpt.start
    assert excerpt.grown_down(text).end > excerpt.end
    for _ in range(20):
        excerpt = excerpt.grown_up(text).grown_down(text)
    assert (excerpt.start, excerpt.end) == (0, len(text))


def test_words_of_the_query_and_of_the_search_are_marked():
    words = telling_words("how strong is the rope", ["ropes"])
    text = "The Rope is strong. Ropes are. The roped one is not."
    assert [text[a:b] for a, b in marks(text, words)] == ["Rope", "strong", "Ropes"]


def test_words_joined_by_a_hyphen_are_marked_as_one():
    words = telling_words("liner", ["sleeping-bag", "liner"])
    text = "Bring a Sleeping-bag liner; the bag is not for sleeping."
    assert [text[a:b] for a, b in marks(text, words)] == ["Sleeping-bag", "liner"]


def test_marks_are_limited():
    assert len(marks("rope " * 1000, frozenset({"rope"}))) == MOST_MARKS
    assert marks("rope", frozenset()) == []
