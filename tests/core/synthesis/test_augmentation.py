"""Other surfaces of a query: noise as people make it, and never another question."""

from __future__ import annotations

import re
import unicodedata
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from findling.analysis import fold, tokens
from findling.synthesis.augmentation import FREE, Augmentation, augmented, back_translations, synonyms
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, TeacherScore, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=300)
WORDS = "ropeway wing Zugseil prüfen été câble AB-1234/56 2024 12:30 NASA getUserName 7.5 氷河 of the".split()
worded = st.lists(st.sampled_from(WORDS), min_size=1, max_size=10).map(" ".join)


def pair_of(query: str, language: str = "en", **slots: str) -> Pair:
    positive = Positive("p", "d", 0, 5, "Ropes")
    source = Provenance(Origin.GENERATED, "question", "smollm2", "abc", 7, slots)
    verdicts = (Verdict("length", passed=True),)
    return Pair("parent", query, positive, source, language, verdicts, (TeacherScore("p", 1.0),))


def made(query: str, how: Augmentation, language: str = "en", seed: int = 1) -> str:
    """The query that comes of it; "" for none."""
    found = list(augmented(pair_of(query, language), Random(seed), augmentations=[how]))
    return found[0].query if found else ""


def test_what_comes_of_a_pair_names_its_parent_and_keeps_the_rest() -> None:
    parent = pair_of("How often is the worn haul rope of the ropeway inspected?", length="short")
    children = list(augmented(parent, Random(1)))
    assert [child.provenance.kind for child in children] == ["typos", "case", "keywords"]
    for child in children:
        assert child.provenance.origin is Origin.AUGMENTED
        assert child.provenance.parent == parent.id
        assert (child.provenance.generator, child.provenance.slots) == ("smollm2", {"length": "short"})
        assert (child.positive, child.language) == (parent.positive, parent.language)
        assert (child.verdicts, child.teacher) == ((), ())
    assert len({child.id for child in [parent, *children]}) == 4
    assert children == list(augmented(parent, Random(1)))
    assert children[2:] == list(augmented(parent, Random(1), augmentations=["keywords"]))


def test_what_needs_a_generator_and_what_is_unknown_is_refused() -> None:
    for name in ("synonyms", "shouting"):
        with pytest.raises(ValueError, match=name):
            list(augmented(pair_of("worn haul rope"), Random(1), augmentations=[name]))


@reproducible
@given(worded, st.sampled_from(["en", "de", "fr", "ru", ""]), st.integers(0, 999))
def test_typos_are_few_and_spare_numbers_names_and_first_letters(
    query: str, language: str, seed: int
) -> None:
    typed = made(query, Augmentation.TYPOS, language, seed)
    assume(typed)
    before, after = query.split(), typed.split()
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert 1 <= len(changed) <= 2
    for old, new in changed:
        assert old.isalpha()
        assert len(old) >= 4
        assert old not in ("NASA", "getUserName", "氷河")
        assert new[0] == old[0]
        assert abs(len(new) - len(old)) <= 1


def test_typos_are_made_on_the_keyboard_of_the_language() -> None:
    def slips(word: str, language: str) -> set[str]:
        return {made(word, Augmentation.TYPOS, language, seed) for seed in range(400)}

    assert {"roope", "roe", "rpoe"} < slips("rope", "en")
    assert "haty" in slips("hatt", "en")
    assert "hatz" in slips("hatt", "de")
    assert "hatz" not in slips("hatt", "en")
    assert "каант" in slips("канат", "ru")
    assert slips("канат", "en") == slips("氷河の氷", "ja") == {""}


def test_combining_marks_stay_with_their_letters() -> None:
    apart = unicodedata.normalize("NFD", "café glacé")
    for seed in range(40):
        typed = made(apart, Augmentation.TYPOS, "fr", seed)
        assert typed in ("", apart) or typed.count("\u0301") == apart.count("\u0301")
        assert not re.search(r"(?<![ec])\u0301", typed)


@pytest.mark.parametrize(
    ("query", "typed"),
    [
        ("How often is AB-1234/56 inspected?", "how often is ab-1234/56 inspected"),
        ("Don't stop: the rope, please!", "don't stop the rope please"),
        ("¿Cuánto cuesta (en euros)?", "cuánto cuesta en euros"),
        ("氷河とは何ですか？", "氷河とは何ですか"),
        ("worn rope", ""),
    ],
)
def test_case_is_how_people_type(query: str, typed: str) -> None:
    assert made(query, Augmentation.CASE) == typed


def test_keywords_are_the_rarest_telling_words_in_their_order() -> None:
    query = "How often must the old haul rope of the goods ropeway be inspected in winter by the manager?"
    counts = {"old": 90, "often": 80, "manager": 70, "winter": 60, "goods": 50}
    for seed in range(10):
        (pair,) = augmented(
            pair_of(query),
            Random(seed),
            augmentations=["keywords"],
            documents_with=lambda word: counts.get(word, 1),
        )
        words = pair.query.split()
        assert 2 <= len(words) <= 6
        if len(words) <= 4:
            assert set(words) <= {"haul", "rope", "ropeway", "inspected"}
        assert words == [word for word in re.findall(r"\w+", query) if word in words]
    assert made("Wie oft wird das Seil der Bahn geprüft?", Augmentation.KEYWORDS, "de") in (
        "oft Seil Bahn geprüft",
        "Seil Bahn geprüft",
    )


@reproducible
@given(worded, st.integers(0, 99))
def test_keywords_and_order_use_the_words_of_the_query(query: str, seed: int) -> None:
    for how in (Augmentation.KEYWORDS, Augmentation.ORDER):
        if short := made(query, how, seed=seed):
            assert {word.text for word in tokens(short)} <= {word.text for word in tokens(query)}
            assert 2 <= len(short.split()) <= 6
            assert short != query


@pytest.mark.parametrize(
    "query", ["rope", "haul rope", "Is the rope worn?", "the worn rope", "氷河 氷 河", "rope rope rope"]
)
def test_only_keywords_change_places(query: str) -> None:
    assert made(query, Augmentation.ORDER) == ""


def test_keywords_in_another_order() -> None:
    shuffled = {made("worn haul rope", Augmentation.ORDER, seed=seed) for seed in range(40)}
    assert "worn haul rope" not in shuffled
    assert all(sorted(each.split()) == ["haul", "rope", "worn"] for each in shuffled)
    assert len(shuffled) > 2


@reproducible
@given(st.text(max_size=60), st.sampled_from(["en", "de", "ja", "ru", ""]), st.integers(0, 99))
def test_any_text_gives_other_queries_or_none(query: str, language: str, seed: int) -> None:
    for child in augmented(pair_of(query, language), Random(seed), augmentations=FREE):
        assert child.query.strip()
        assert child.query != query


ANSWERS = {
    "rope inspection 2024": "checking cables 2024",
    "worn rope": "Worn  rope!",
    "haul rope length": "",
    "rope AB-1234": "cable AB-1243",
    "rope of 50 m": "a cable that is altogether fifty or indeed 50 metres in length",
    "brake test": "trial of brakes",
}


def test_other_words_are_kept_where_they_are_others_and_ask_the_same() -> None:
    pairs = [pair_of(query) for query in ANSWERS]
    found = list(synonyms(pairs, lambda queries: [ANSWERS[query] for query in queries]))
    assert [pair.query for pair in found] == ["checking cables 2024", "trial of brakes"]
    assert {pair.provenance.kind for pair in found} == {"synonyms"}
    assert list(synonyms([], lambda queries: pytest.fail("nothing to ask"))) == []
    with pytest.raises(ValueError, match="zip"):
        list(synonyms(pairs, lambda queries: ["one"]))


def test_back_translation_asks_only_for_what_arrived() -> None:
    there = {
        "rope test 2024": "Seilprüfung 2024",
        "worn rope": "",
        "brake 7": "Bremse 8",
        "old haul rope": "altes Zugseil",
    }
    back = {"Seilprüfung 2024": "cable check 2024", "altes Zugseil": "Old haul rope"}
    asked: list[str] = []

    def returned(queries: Sequence[str]) -> list[str]:
        asked.extend(queries)
        return [back[query] for query in queries]

    pairs = [pair_of(query) for query in there]
    found = list(back_translations(pairs, lambda queries: [there[query] for query in queries], returned))
    assert asked == ["Seilprüfung 2024", "altes Zugseil"]
    assert [(pair.query, pair.provenance.kind) for pair in found] == [
        ("cable check 2024", "back_translation")
    ]
    assert fold(found[0].query) != fold(pairs[0].query)
