"""Words that tell nothing are left out of questions, unless nothing else is asked."""

from __future__ import annotations

import pytest

from findling.stop_words import telling


def kept(query: str, *languages: str) -> list[str]:
    words = query.split()
    return [word for word, tells in zip(words, telling(words, languages), strict=True) if tells]


@pytest.mark.parametrize(
    ("query", "languages", "left"),
    [
        ("what is the speed of light", ["en"], ["speed", "light"]),
        ("What Is The Speed", ["en"], ["Speed"]),
        ("speed light", ["en"], ["speed", "light"]),
        ("the who", ["en"], ["the", "who"]),
        ("to be or not to be", ["en"], ["to", "be", "or", "not", "to", "be"]),
        ("", ["en"], []),
        ("Wie hoch ist der Berg", ["de"], ["hoch", "Berg"]),
        ("Muß ich für Über zahlen", ["de"], ["zahlen"]),
        ("où est la gare", ["fr"], ["gare"]),
        ("ou est la gare", ["fr"], ["gare"]),  # accents are left out by some
        ("the speed of light", [], ["speed", "light"]),  # nothing known of the documents: as English
        ("the speed of light", ["ja"], ["speed", "light"]),
    ],
)
def test_what_is_left_of_a_query(query: str, languages: list[str], left: list[str]) -> None:
    assert kept(query, *languages) == left


def test_a_word_that_is_a_stop_word_of_another_language_only_is_kept() -> None:
    assert kept("car insurance", "en", "fr") == ["car", "insurance"]
    assert kept("die casting", "en", "de") == ["die", "casting"]


def test_of_several_languages_the_query_is_in_that_of_which_it_has_most() -> None:
    assert kept("wie hoch ist der Berg", "en", "de") == ["hoch", "Berg"]
    assert kept("how high is the mountain", "de", "en") == ["high", "mountain"]


def test_a_query_in_none_of_the_documents_languages_is_understood_if_it_is_long_enough() -> None:
    assert kept("wie hoch ist der Berg", "en") == ["hoch", "Berg"]
