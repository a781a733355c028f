"""What a query's words come to: terms, phrases, runs, beginnings."""

from __future__ import annotations

import pytest

from findling.search.language import parse, verbatim
from findling.search.query import Word
from findling.search.words import Asked, asked_by, required
from findling.store import Words

VOCABULARY = [("treasure", "treasur"), ("treasurer", "treasur"), ("treat", "treat"), ("ab1234", "ab1234")]


def words_from(beginning: str, limit: int) -> list[tuple[str, str]]:
    return [entry for entry in VOCABULARY if entry[0].startswith(beginning)][:limit]


def asked(query: str, *languages: str, typing: bool = False) -> Asked:
    return asked_by(parse(query, typing=typing).words, languages or ("en",), words_from)


def terms(query: str, *languages: str, typing: bool = False) -> set[str]:
    return set(asked(query, *languages, typing=typing).words.terms)


def test_words_that_tell_nothing_are_left_out_but_not_of_phrases() -> None:
    assert terms("what is the speed of light") == {"speed", "light"}
    assert terms("the who") == {"the", "who"}
    found = asked('"the state of the art" of walking').words
    assert found.phrases == ("the state of the art",)
    assert "walk" in found.terms


def test_terms_are_of_every_language_of_the_library() -> None:
    assert {"climb", "climbing"} <= terms("climbing", "en", "de")
    assert {"haus"} <= terms("Häuser", "en", "de")


def test_beginnings_bring_the_words_that_begin_so_and_not_themselves() -> None:
    assert terms("treas*") == {"treasur"}
    assert terms("Trea*") == {"treasur", "treat"}
    assert terms("AB-12*") == {"ab1234"}
    assert terms("zz*") == set()
    # the word that is being typed may be whole
    assert terms("trea", typing=True) == {"trea", "treasur", "treat"}
    assert terms("trea ", typing=True) == {"trea"}
    assert terms("t", typing=True) == {"t"}  # a letter says nothing yet


def test_scripts_without_spaces_are_looked_for_as_they_are() -> None:
    found = asked("red 東京都 tower")
    assert found.words.unspaced == ("東京都",)
    assert set(found.words.terms) == {"red", "tower"}
    assert set(found.fragments) == {"red", "tower", "東京都"}


def test_longer_queries_need_more_to_be_matched_in_full() -> None:
    counts = [asked(query).count for query in ("", "owl", "owl dusk", '"owl at dusk"', "東京都の天気")]
    assert counts[0] == 0
    assert counts[1] > 0
    assert asked("owl of the dusk").count == asked("owl dusk").count
    assert all(count > 0 for count in counts[1:])


def test_excluded_words_are_not_looked_for() -> None:
    assert terms("owl -swan") == {"owl"}
    assert asked("owl -swan").fragments == ("owl",)


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (Word("walking"), Words(("walk",))),
        (Word("the"), Words(("the",))),  # whoever asks for it means it
        (Word("treas", prefix=True), Words(("treasur",))),
        (Word("zz", prefix=True), Words()),
        (Word("state of the art", phrase=True), Words(phrases=("state of the art",))),
        (Word("walking", phrase=True), Words(phrases=("walking",))),
        (Word("AB-1234"), Words(("ab1234",), ("AB-1234",))),
        (Word("東京都"), Words(phrases=("東京都",))),
        (Word("owl,dusk"), Words(phrases=("owl,dusk",))),
        (Word("!?"), Words()),
    ],
)
def test_what_a_document_must_have(word: Word, words: Words) -> None:
    found = required(word, ("en",), words_from)
    assert (found.terms, found.phrases, found.unspaced) == (words.terms, words.phrases, words.unspaced)


def test_text_of_a_collection_is_taken_as_it_stands() -> None:
    found = asked_by(verbatim('who -x "said so" OR not type:pdf').words, ("en",), words_from).words
    assert {"said", "x", "type", "pdf"} <= set(found.terms)
    assert found.phrases == ()
