"""The kinds of queries, as data: whole, in every language, and good examples by the rules of Findling."""

from __future__ import annotations

import random

import pytest

from findling.documents.language import language_of
from findling.errors import UserError
from findling.synthesis.kinds import (
    LANGUAGES,
    Purpose,
    QueryKind,
    chosen_kinds,
    demonstrations,
    kinds,
    passages,
    telltale,
)
from findling.synthesis.overlap import content_terms, passage_terms, word_count
from findling.synthesis.rules import Rules
from findling.synthesis.slots import JUDGING, SLOTS, drawn, in_words

ALL_PASSAGES = passages(Purpose.LEARN) | passages(Purpose.JUDGE)
DEMONSTRATED = [kind for kind in kinds().values() if not kind.queries_of]


def test_ten_queries_are_shared_among_the_kinds() -> None:
    assert sum(kind.share for kind in kinds().values()) == 10
    assert next(iter(kinds())) == "question"
    assert [kind.name for kind in chosen_kinds(())] == [k.name for k in kinds().values() if k.share]


@pytest.mark.parametrize("kind", DEMONSTRATED, ids=lambda kind: kind.name)
def test_every_kind_is_demonstrated_for_every_passage_in_every_language(kind: QueryKind) -> None:
    assert set(kind.queries) == set(ALL_PASSAGES)
    for queries in (*kind.queries.values(), kind.label):
        assert set(queries) == set(LANGUAGES)
        assert all(query == " ".join(query.split()) and query for query in queries.values())


def test_a_kind_without_demonstrations_takes_those_of_another() -> None:
    for kind in kinds().values():
        assert bool(kind.queries) != bool(kind.queries_of)
        assert set(kind.label) == set(LANGUAGES)
        if kind.queries_of:
            assert kinds()[kind.queries_of].queries
            assert kind.crosses_languages
            assert all("{other}" in label for label in kind.label.values())


def test_passages_are_in_the_language_that_they_are_said_to_be_in() -> None:
    for texts in ALL_PASSAGES.values():
        assert set(texts) == set(LANGUAGES)
        for language, text in texts.items():
            assert language_of(text) == language
            assert "\n" not in text


@pytest.mark.parametrize("kind", DEMONSTRATED, ids=lambda kind: kind.name)
def test_demonstrations_are_such_as_the_rules_keep(kind: QueryKind) -> None:
    for name, queries in kind.queries.items():
        for language, query in queries.items():
            verdicts = Rules().verdicts(query, ALL_PASSAGES[name][language], language)
            assert all(verdict.passed for verdict in verdicts), (query, verdicts)


def test_what_is_shown_for_one_purpose_is_not_shown_for_another() -> None:
    assert not set(passages(Purpose.LEARN)) & set(passages(Purpose.JUDGE))
    assert not set(demonstrations(Purpose.LEARN)) & set(demonstrations(Purpose.JUDGE))
    assert not set(telltale(Purpose.LEARN)) & set(telltale(Purpose.JUDGE)) - {""}
    for purpose in Purpose:
        assert len(demonstrations(purpose)) == len(DEMONSTRATED) * len(passages(purpose)) * len(LANGUAGES)
        words = " ".join(
            [*demonstrations(purpose), *(t for p in passages(purpose).values() for t in p.values())]
        )
        assert all(word.casefold() in words.casefold() for word in telltale(purpose))


def test_demonstrations_of_questions_that_judge_use_other_words_than_their_passage() -> None:
    def shared(purpose: Purpose) -> float:
        shares = [
            len(content_terms(query, language) & passage_terms(passages(purpose)[name][language], language))
            / len(content_terms(query, language))
            for kind in DEMONSTRATED
            for name in passages(purpose)
            for language, query in kind.queries[name].items()
        ]
        return sum(shares) / len(shares)

    assert shared(Purpose.JUDGE) < 0.25 < shared(Purpose.LEARN)


def test_lengths_fit_what_may_be_written() -> None:
    for kind in kinds().values():
        assert set(kind.lengths) == set(SLOTS["length"])
        for least, most in kind.lengths.values():
            assert 1 <= least < most <= kind.max_tokens
        longest = max(most for _, most in kind.lengths.values())
        for queries in kind.queries.values():
            assert all(word_count(query) <= longest for query in queries.values())


def test_an_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean 'question'"):
        chosen_kinds(("Questions",))
    with pytest.raises(UserError, match="There are: question, "):
        chosen_kinds(("zzz",))
    assert [kind.name for kind in chosen_kinds(("title", "claim", "title"))] == ["title", "claim"]


def test_slots_are_drawn_by_their_shares_and_put_in_words() -> None:
    choose = random.Random(1)
    draws = [drawn(choose) for _ in range(4000)]
    for slot, values in SLOTS.items():
        whole = sum(share for share, _ in values.values())
        for value, (share, _) in values.items():
            found = sum(each[slot] == value for each in draws) / len(draws)
            assert found == pytest.approx(share / whole, abs=0.03)
    judging = [drawn(choose, Purpose.JUDGE) for _ in range(1000)]
    other = sum(each["vocabulary"] == "other" for each in judging) / len(judging)
    assert other > 1.5 * sum(each["vocabulary"] == "other" for each in draws) / len(draws)
    assert all(set(values) == set(SLOTS[slot]) for slot, values in JUDGING.items())
    assert draws[:50] == [drawn(choose) for choose in [random.Random(1)] for _ in range(50)]
    slots = {"length": "medium", "vocabulary": "any", "difficulty": "everyday"}
    assert in_words(slots, (4, 9)) == "Use 4 to 9 words. It is in everyday language."
    assert "{" not in " ".join(in_words(each, (4, 9)) for each in draws)
