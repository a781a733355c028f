"""What the keyword leg finds: stems, phrases, scripts without spaces, beginnings, long and rare words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.analysis import normal_form, unspaced
from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.store import Documents, StoreWriter, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shelf

    Terms = Callable[..., Words]


@pytest.fixture(params=[False, True], ids=["fresh", "optimised"])
def settled(request: pytest.FixtureRequest, shelf: Shelf) -> Callable[[], None]:
    """What is found does not depend on whether the indexes have it already."""
    return (lambda: shelf.writer.optimize(force=True)) if request.param else (lambda: None)


def test_phrases_are_words_side_by_side_in_order(shelf: Shelf, settled: Callable[[], None]) -> None:
    shelf.put("a", "This is the state of the art, they say.")
    shelf.put("b", "The art of the state.")
    shelf.put("c", "State: art.")
    shelf.put("d", "Die Größe der Häuser am Café.", language="de")
    settled()
    assert shelf.found(Words(phrases=("state of the art",))) == ["a-0"]
    assert shelf.found(Words(phrases=("of the",))) in (["a-0", "b-0"], ["b-0", "a-0"])
    assert shelf.found(Words(phrases=("STATE ART",))) == ["c-0"]
    assert shelf.found(Words(phrases=("the of",))) == []
    assert shelf.found(Words(phrases=("the state of the union",))) == []
    for phrase in ("größe der häuser", "grosse der hauser", "am cafe"):
        assert shelf.found(Words(phrases=(phrase,))) == ["d-0"], phrase


def test_scripts_without_spaces_are_cut_by_dictionaries(shelf: Shelf, settled: Callable[[], None]) -> None:
    shelf.put("tokyo", "東京都の天気は晴れです。", language="ja")
    shelf.put("kyoto", "京都は古い都です。", language="ja")
    shelf.put("thai", "ภาษาไทยเป็นภาษาที่สวยงาม", language="th")
    shelf.put("mixed", "The tower of 東京 is red.", language="en")
    settled()
    for query, found in (("天気", {"tokyo-0"}), ("古い", {"kyoto-0"}), ("ภาษา", {"thai-0"})):
        assert set(shelf.found(Words(unspaced=tuple(unspaced(query))))) == found, query
    assert "mixed-0" in shelf.found(Words(unspaced=("東京",)))
    assert set(shelf.found(Words(phrases=("京都は古い",)))) == {"kyoto-0"}


def test_all_kinds_of_words_add_up(shelf: Shelf, terms: Terms) -> None:
    shelf.put("all", "A red tower in 東京, state of the art.")
    shelf.put("some", "A red barn, in a state of repair.")
    shelf.put("none", "Nothing to see.")
    words = Words(terms("red").terms, ("state of the art",), ("東京",))
    assert shelf.found(words) == ["all-0", "some-0"]
    assert words
    assert not Words()
    assert shelf.found(Words()) == []


def test_accents_count_in_neither(shelf: Shelf, terms: Terms) -> None:
    shelf.put("with", "Une élève à l'école.", language="fr")
    shelf.put("without", "Une eleve a l'ecole.", language="fr")
    for query in ("élève", "eleve", "ELÈVES", "école"):
        assert set(shelf.found(terms(query, "fr"))) == {"with-0", "without-0"}, query


def test_long_words_are_found_whole(shelf: Shelf, terms: Terms, settled: Callable[[], None]) -> None:
    """LanceDB drops words of more than 40 bytes by default."""
    long = {
        "number": "7f3a9c" * 10,
        "code": "thisIsAnIdentifierThatSomebodyThoughtWasAGoodIdea",
        "word": "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
        "endless": "q" * 300,
    }
    for name, word in long.items():
        shelf.put(name, f"Some text with {word} in it.")
    settled()
    for name, word in long.items():
        assert shelf.found(terms(word)) == [f"{name}-0"], name
        if name != "endless":
            assert shelf.found(Words(phrases=(f"with {word}",))) == [f"{name}-0"], name


def test_rare_words_are_found_in_the_first_and_the_last_passage_alike(shelf: Shelf, terms: Terms) -> None:
    rare = [f"zq{number * 7919 % 100_003}x" for number in range(240)]
    for document in range(24):
        shelf.put(
            f"d{document}", *(f"filler words {word}" for word in rare[document * 10 : document * 10 + 10])
        )
    shelf.writer.optimize()
    for at, word in enumerate(rare):
        assert shelf.found(terms(word), 3)[0] == f"d{at // 10}-{at % 10}"


def test_beginnings_give_the_words_of_the_vocabulary_the_most_frequent_first(shelf: Shelf) -> None:
    shelf.put("a", "Walking, walked", "walking", "Walking and walls", "Café Wálzer")
    shelf.put("b", "100% safe_word d'accord")
    assert shelf.reader.words_from("walk", 9) == [("walking", "walk"), ("walked", "walk")]
    assert shelf.reader.words_from("wal", 2)[0] == ("walking", "walk")
    assert {word for word, _ in shelf.reader.words_from("wal", 9)} == {"walking", "walked", "walls", "walzer"}
    assert {word for word, _ in shelf.reader.words_from(normal_form("CAF"), 9)} == {"cafe"}
    assert shelf.reader.words_from("zz", 9) == []
    for literal in ("%", "_", "'", "wal%"):
        assert shelf.reader.words_from(literal, 9) == []


def test_the_vocabulary_has_each_word_once_whoever_adds_it(shelf: Shelf) -> None:
    shelf.put("a", "walking home")
    shelf.put("b", "walking away")
    StoreWriter(shelf.directory, 2, 4)  # another generation: the vocabulary is of all
    again = StoreWriter(shelf.directory, 1, 8)
    again.optimize(force=True)
    shelf.writer = again
    shelf.put("c", "walking about", "walking on")
    assert shelf.reader.words_from("walk", 9) == [("walking", "walk")]
    assert {word for word, _ in shelf.reader.words_from("a", 9)} == {"away", "about"}


def test_documents_with_words(shelf: Shelf, terms: Terms) -> None:
    for number in range(30):
        shelf.put(f"d{number}", "common words", f"number{number} here")
    with_words = shelf.reader.documents_with
    assert with_words(terms("common")) == Documents(frozenset(f"d{number}" for number in range(30)))
    assert with_words(terms("number7 number8")) == Documents(frozenset({"d7", "d8"}))
    assert with_words(Words(phrases=("number9 here",))) == Documents(frozenset({"d9"}))
    assert with_words(terms("absent")).nothing
    assert with_words(Words()).nothing
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        with_words(terms("common"), cancel)
