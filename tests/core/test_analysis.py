# ruff: noqa: RUF001
"""Terms: what a document and a query make of the same word, however it is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from findling.analysis import (
    MAX_TERM_CHARACTERS,
    STEMMERS,
    analysed,
    fold,
    is_compound,
    normal_form,
    query_terms_of,
    terms_of,
    tokens,
    unspaced,
)

reproducible = settings(derandomize=True, database=None, deadline=None)
languages = st.sampled_from(["", "xx", "ja", *STEMMERS])
written = st.one_of(
    st.sampled_from(
        ["AB-1234", "getUserName", "O'Brien", "résumé.pdf", "C++", "1.5", "x_y", "Straße", "İstanbul", "서울"]
    ),
    st.text(min_size=1, max_size=12),
    st.lists(st.text("aBé1ß한𝔸", max_size=5), max_size=4).map("-".join),
)


def finds(query: str, text: str, language: str = "en") -> bool:
    """Whether any word of the query brings up the text."""
    terms = set(analysed(text, language)[0].split())
    words = tokens(unicodedata.normalize("NFC", query))
    return any(terms.intersection(query_terms_of(word.text, [language])) for word in words)


@reproducible
@given(written, languages)
def test_a_word_of_a_document_is_found_by_itself(text: str, language: str) -> None:
    terms = analysed(text, language)[0].split()
    for word in tokens(text):
        assert set(query_terms_of(word.text, [language])) <= terms_of(word.text, [language]) <= set(terms)
        assert query_terms_of(word.text, [language]) or len(word.text.strip("'’")) <= 2


@reproducible
@given(st.text(max_size=30))
@example("Acme™ 𝐀BC ℃ ϒ")
def test_folding_twice_is_folding_once_and_forms_of_unicode_do_not_count(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@reproducible
@given(st.text(max_size=60))
def test_tokens_stand_in_the_text_in_order(text: str) -> None:
    found = list(tokens(text))
    assert [text[word.start : word.end] for word in found] == [word.text for word in found]
    ends = [place for word in found for place in (word.start, word.end)]
    assert ends == sorted(ends)


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("part AB-1234 is out", ["AB-1234", "ab1234", "AB 1234", "1234", "ab-1234"]),
        ("part AB1234 is out", ["AB-1234", "ab1234", "1234"]),
        ("calls getUserName()", ["getUserName", "getusername", "user", "name"]),
        ("class HTMLParser", ["htmlparser", "parser", "html"]),
        ("the max_token_length", ["max_token_length", "maxtokenlength", "token", "length"]),
        ("see report_2024-final.pdf", ["report_2024-final.pdf", "report", "2024", "final", "pdf"]),
        ("/usr/share/doc/readme.txt", ["readme.txt", "share", "/usr/share"]),
        ("someone@example.org wrote", ["someone@example.org", "example", "someone"]),
        ("a well-known wi‑fi", ["well known", "wellknown", "wifi", "wi-fi"]),
        ("O'Brien’s boat", ["obrien", "o'brien", "O’Brien's"]),
        ("the dog's bone", ["dog", "dogs", "dog’s"]),
        ("C++ and C# and F#", ["c++", "C#", "f#"]),
        ("version 1.5 of it", ["1.5"]),
        ("naïve café owners", ["naive", "café", "CAFE", "cafés", unicodedata.normalize("NFD", "café")]),
        ("a cafe here", ["café", "cafés"]),
        ("AT&T and R&D", ["AT&T", "r&d"]),
    ],
)
def test_however_it_is_written_it_is_found(text: str, queries: list[str]) -> None:
    for query in queries:
        assert finds(query, text), query


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("1.5", "it is 15"),
        ("15", "it is 1.5"),
        ("12.5", "it is 125"),
        ("C++", "the letter C#"),
        ("C++", "vitamin C"),
        ("p53", "53 of them"),
        ("art", "a chart"),
        ("2024-05", "the year 202405"),
    ],
)
def test_what_is_another_thing_is_not_found(query: str, text: str) -> None:
    assert not finds(query, text)


@pytest.mark.parametrize(
    ("language", "text", "queries"),
    [
        ("en", "she climbed the walls", ["climbing", "wall"]),
        ("de", "die Häuser der Nachbarn", ["Haus", "hauser", "HÄUSER", "nachbarn"]),
        ("de", "auf der Straße", ["strasse", "Straßen"]),
        ("fr", "les élections présidentielles", ["election", "présidentiel"]),
        ("ru", "красивые дома", ["дом", "красивый"]),
        ("xx", "she climbed", ["climbing"]),  # of a language without a stemmer: as English
    ],
)
def test_stems_are_those_of_the_documents_language(language: str, text: str, queries: list[str]) -> None:
    for query in queries:
        assert finds(query, text, language), query


def test_a_query_is_asked_in_every_language_of_the_library() -> None:
    german = analysed("die Häuser", "de")[0].split()
    assert set(query_terms_of("Haus", ["en", "de"])) & set(german)
    both = query_terms_of("climbing", ["en", "de"])
    assert {"climb", "climbing"} <= set(both)
    assert terms_of("climbing", ["en", "de"]) >= set(both)


def test_korean_gives_pairs_of_syllables_and_other_unspaced_scripts_give_no_terms() -> None:
    assert analysed("서울특별시", "ko")[0].split() == ["서울", "울특", "특별", "별시"]
    assert finds("특별시", "서울특별시에", "ko")
    assert not finds("부산", "서울특별시에", "ko")
    for text in ("東京都の天気", "ภาษาไทย", "ភាសាខ្មែរ"):
        assert analysed(text, "ja") == ("", set())
        assert list(tokens(text)) == []
        assert "".join(unspaced(text)) == text
    assert unspaced("the 東京 tower 塔") == ["東京", "塔"]
    assert finds("tower", "the東京tower", "ja")


def test_very_long_words_are_cut_alike_in_documents_and_queries() -> None:
    for word in ("x" * 3000, "AGCT" * 200, "ab-" * 200 + "ab", "é" * 500):
        terms, vocabulary = analysed(word, "en")
        assert finds(word, word)
        assert all(len(term) <= MAX_TERM_CHARACTERS for term in terms.split())
        assert all(len(entry) <= MAX_TERM_CHARACTERS for both in vocabulary for entry in both)
        assert normal_form(word) in {entry for entry, _ in vocabulary}


def test_the_vocabulary_has_words_as_written_with_the_terms_that_find_them() -> None:
    terms, vocabulary = analysed("Walking résumés AB-12", "en")
    assert {("walking", "walk"), ("ab12", "ab12"), ("ab", "ab"), ("12", "12")} <= vocabulary
    assert "resumes" in {word for word, _ in vocabulary}
    assert {term for _, term in vocabulary} == set(terms.split())


def test_what_marks_set_apart_is_a_compound() -> None:
    assert [
        word for word in ("AB-12", "a.b", "owl", "fooBar", "C++", "dog's", "O'Brien") if is_compound(word)
    ] == [
        "AB-12",
        "a.b",
        "O'Brien",
    ]


@pytest.mark.parametrize("asked", ["ab1234", "AB-1234", "ab1234/56", "AB-1234/56", "1234", "AB_1234"])
def test_a_part_number_is_found_whole_and_in_part(asked: str) -> None:
    assert terms_of("AB-1234/56", ["en"]).issuperset({query_terms_of(asked, ["en"])[-1]})
