"""Snippets: the right part of a passage, and spans that are exactly the query's words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.search.language import verbatim
from findling.search.snippet import SNIPPET_CHARACTERS, Marker
from findling.search.snippet import snippet_of as cut
from findling.search.words import asked_by

reproducible = settings(derandomize=True, database=None, deadline=None)
_FILLER = "Nothing of interest is written in this sentence at all. " * 20


def snippet_of(text: str, query: str, nearest: str = "") -> tuple[str, tuple[tuple[int, int], ...]]:
    """A snippet as a library of these languages cuts it, and the marked words."""
    languages = ("en", "de", "fr")
    asked = asked_by(verbatim(query).words, languages, lambda *_: [])
    snippet = cut(text, Marker(asked, languages).spans, nearest)
    return snippet.text, snippet.words


def marked(text: str, query: str) -> list[str]:
    snippet, spans = snippet_of(text, query)
    return [snippet[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        ("The Walls of the hut", "wall", ["Walls"]),
        ("Das Café an der STRASSE", "cafe straße", ["Café", "STRASSE"]),
        ("He was climbing; she climbed.", "climb", ["climbing", "climbed"]),
        ("A résumé.", unicodedata.normalize("NFD", "Résumé"), ["résumé"]),
        ("What the owl said of the owls", "what did the owl", ["owl", "owls"]),
        ("to be or not to be", "to be", ["to", "be", "to", "be"]),
        ("rock'n'roll, don't", "don't", ["don't"]),
        ("nothing here", "owl", []),
        ("owl", "", []),
        ("4110 m and 14110 m", "4110", ["4110"]),
    ],
)
def test_the_words_of_the_query_are_marked_and_no_others(text: str, query: str, words: list[str]) -> None:
    assert marked(text, query) == words


def test_a_short_passage_is_shown_whole_on_one_line() -> None:
    assert snippet_of("One\n\n two\tthree ", "two") == ("One two three", ((4, 7),))


def test_a_long_passage_is_cut_around_most_of_the_words() -> None:
    text = f"An owl. {_FILLER}The snowy owl hunts lemmings at dusk. {_FILLER}"
    snippet, spans = snippet_of(text, "owl lemmings dusk")
    assert snippet.startswith("… Nothing of interest")  # a whole sentence before, for context
    assert "The snowy owl hunts" in snippet
    assert snippet.endswith(" …")
    assert [snippet[a:b] for a, b in spans] == ["owl", "lemmings", "dusk"]


def test_without_a_word_found_the_beginning_is_shown() -> None:
    snippet, spans = snippet_of(_FILLER, "owl")
    assert snippet.startswith("Nothing of interest")
    assert snippet.endswith("…")
    assert spans == ()


def test_text_without_blanks_is_cut_too() -> None:
    snippet, _ = snippet_of("氷" * 2000, "氷河")
    assert len(snippet) <= SNIPPET_CHARACTERS + 4


pieces = st.one_of(
    st.sampled_from(["owl", "Owls", "ÖWL", "snow", ".", "! ", "\n", " ", "é", "ß", "🦉"]), st.text(max_size=8)
)


@reproducible
@given(st.lists(pieces, max_size=200).map("".join), st.lists(pieces, max_size=5).map(" ".join))
def test_a_snippet_is_a_part_of_the_passage_with_spans_in_order(text: str, query: str) -> None:
    snippet, spans = snippet_of(text, query)
    assert len(snippet) <= SNIPPET_CHARACTERS + 4
    assert snippet.removeprefix("… ").removesuffix(" …") in " ".join(text.split())
    ends = [0, *(place for span in spans for place in span), len(snippet)]
    assert ends == sorted(ends)
    assert all(snippet[start:end].strip() == snippet[start:end] != "" for start, end in spans)
