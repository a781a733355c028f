"""Sides are those of all documents, whatever was asked of them, and nothing stands on two."""

from __future__ import annotations

import random
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from findling.adaptation.examples import material_of
from findling.adaptation.sides import GAP, Sides, sides_of
from findling.errors import UserError
from findling.resemblance import NEAR_DUPLICATE, resemblance, signature_of
from findling.store import PassageRow
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, TeacherScore

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEDS = range(3)


def words_of(seed: int, count: int = 120) -> list[str]:
    choose = random.Random(seed)
    return [f"word{choose.randrange(5000)}" for _ in range(count)]


def document(name: str, texts: Sequence[str]) -> list[PassageRow]:
    return [
        PassageRow(f"{name}:{place}", name, "", text, 0, 1000 * place, 1000 * place + 999, 9, "{}", "en")
        for place, text in enumerate(texts)
    ]


def library(documents: int, passages: int = 1) -> list[PassageRow]:
    return [
        row
        for number in range(documents)
        for row in document(
            f"d{number:03}", [" ".join(words_of(1000 * number + p, 40)) for p in range(passages)]
        )
    ]


def pair(row: PassageRow, query: str, origin: Origin = Origin.GENERATED, **values: object) -> Pair:
    positive = Positive(row.passage_id, row.document_id, row.start, row.end, row.content)
    return Pair(f"{query} {row.passage_id}", query, positive, Provenance(origin, "question"), "en", **values)


def side_of(sides: Sides) -> dict[str, str]:
    found = {passage: name for name in ("train", "dev", "test") for passage in getattr(sides, name)}
    assert len(found) == len(sides.train) + len(sides.dev) + len(sides.test)
    return found


def test_sides_come_of_the_documents_and_the_seed_alone() -> None:
    rows = library(40, passages=3)
    shuffled = random.Random(1).sample(rows, len(rows))
    assert sides_of(shuffled, 3) == sides_of(rows, 3)
    assert sides_of(rows, 3).test != sides_of(rows, 4).test
    sides = sides_of(rows, 3)
    assert not sides.by_passages
    assert set(side_of(sides)) == {row.passage_id for row in rows}
    for name in {row.document_id for row in rows}:
        assert len({side_of(sides)[row.passage_id] for row in rows if row.document_id == name}) == 1
    for wanted, got in ((0.7, sides.train), (0.1, sides.dev), (0.2, sides.test)):
        assert wanted / 2 <= len(got) / len(rows) <= 2 * wanted


@pytest.mark.parametrize("seed", SEEDS)
def test_documents_that_nothing_was_asked_of_hold_their_near_duplicates_together(seed: int) -> None:
    versions = [words_of(7, 300)]
    for step in range(16):
        changed = [*versions[-1]]
        for place in random.Random(step).sample(range(300), 5):
            changed[place] = f"other{step}{place}"
        versions.append(changed)
    first, last = " ".join(versions[0]), " ".join(versions[-1])
    assert resemblance(signature_of(first), signature_of(last)) < NEAR_DUPLICATE
    rows = library(200)
    for number, words in enumerate(versions):
        rows += document(f"v{number:02}", [" ".join(words)])
    sides = side_of(sides_of(rows, seed))
    assert len({sides[f"v{number:02}:0"] for number in range(len(versions))}) == 1
    ends = [row for row in rows if row.document_id in ("v00", "v16")]
    others = [row for row in rows if row.document_id.startswith("d")]
    pairs = [pair(row, f"query {number}") for number, row in enumerate([*ends, *others])]
    material = material_of(pairs, rows, seed)
    learned = {example.passage_id for example in material.train} & {row.passage_id for row in ends}
    asked = {each.passage_id for each in (*material.dev, *material.test)}
    assert learned in (set(), {row.passage_id for row in ends})
    assert not {example.group for example in material.train} & {material.groups[each] for each in asked}


@pytest.mark.parametrize("documents", [1, 2, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_library_of_few_documents_is_cut_into_blocks_with_gaps(documents: int, seed: int) -> None:
    rows = library(documents, passages=100)
    found = sides_of(random.Random(seed).sample(rows, len(rows)), seed)
    assert found.by_passages
    sides = side_of(found)
    total = len(rows)
    assert len(found.train) > 0.4 * total
    assert len(found.dev) >= 0.04 * total
    assert len(found.test) >= 0.08 * total
    assert len({found.groups[each] for each in found.train}) > 1  # batches need several groups
    for one, other in combinations(rows, 2):
        if one.document_id == other.document_id and other.start - one.start <= 1000 * GAP:
            assert sides.get(one.passage_id) in (sides.get(other.passage_id), None) or (
                other.passage_id not in sides
            )


def test_a_large_document_among_small_ones_is_cut_and_they_are_not() -> None:
    small = library(60)
    rows = [*small, *document("book", [" ".join(words_of(90_000 + place, 40)) for place in range(60)])]
    found = sides_of(rows, 0)
    sides = side_of(found)
    assert found.by_passages
    assert len({sides[f"book:{place}"] for place in range(60) if f"book:{place}" in sides}) == 3
    assert {row.passage_id for row in small} <= set(sides)
    short = sides_of(library(1, passages=10), 0)
    assert not short.by_passages
    assert len(short.train) == 10


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_book_repeats_and_its_other_editions_are_on_one_side_at_most(seed: int) -> None:
    texts = [" ".join(words_of(place, 40)) for place in range(100)]
    notice = " ".join(words_of(555, 40))
    texts[::10] = [notice] * 10
    other = [*texts]
    other[50] = " ".join(words_of(777, 40))
    rows = [*document("edition1", texts), *document("edition2", other)]
    found = sides_of(rows, seed)
    sides = side_of(found)
    assert not any(passage.startswith("edition2") for passage in sides)
    notices = [f"edition1:{place}" for place in range(0, 100, 10)]
    assert len({sides[passage] for passage in notices if passage in sides}) == 1
    assert {sides[passage] for passage in sides} == {"train", "dev", "test"}


def many() -> tuple[list[PassageRow], Sides, list[Pair]]:
    rows = library(240)
    return rows, sides_of(rows, 0), [pair(row, f"pair about {row.document_id}") for row in rows]


def test_questions_about_the_test_side_judge_and_else_its_pairs_do() -> None:
    rows, sides, pairs = many()
    without = material_of(pairs, rows, 0)
    assert without.held_out_pairs
    assert {asked.passage_id for asked in without.test} == sides.test
    questions = [pair(row, f"question about {row.document_id}") for row in rows]  # of all sides
    judged = material_of(pairs, rows, 0, questions)
    assert not judged.held_out_pairs
    assert {asked.passage_id for asked in judged.test} == sides.test
    assert all(asked.query.startswith("question") for asked in judged.test)
    assert (judged.train, judged.dev) == (without.train, without.dev)
    assert {asked.passage_id for asked in judged.dev} == sides.dev
    elsewhere = [each for each in questions if each.positive.passage_id in sides.train]
    assert material_of(pairs, rows, 0, elsewhere) == without


def test_what_a_person_asks_about_the_test_side_judges_beside_questions() -> None:
    rows, sides, pairs = many()
    row = next(row for row in rows if row.passage_id in sides.test)
    own = pair(row, "what I want to know", Origin.PERSON)
    said = pair(row, "the document's own words", Origin.DOCUMENT)
    material = material_of([*pairs, own, said], rows, 0, [pair(row, "a question")])
    assert [asked.query for asked in material.test] == ["a question", "what I want to know"]


def test_documents_own_words_are_asked_for_want_of_questions() -> None:
    rows, sides, pairs = many()
    words = [pair(row, f"words of {row.document_id}", Origin.DOCUMENT) for row in rows]
    both = material_of([*words, *pairs], rows, 0)
    asked = [each.query.split()[0] for each in both.dev]
    assert asked[: len(sides.dev)] == ["pair"] * len(sides.dev)
    assert set(asked[len(sides.dev) :]) == {"words"}
    assert all(each.query.startswith("pair") for each in both.test)
    without = material_of(words, rows, 0)  # no generator
    assert {each.passage_id for each in without.dev} == sides.dev
    assert {each.passage_id for each in without.test} == sides.test
    assert without.held_out_pairs


def test_nothing_of_another_side_is_learned_from_not_even_as_a_negative() -> None:
    rows, sides, pairs = many()
    scores = tuple(TeacherScore(row.passage_id, 0.1) for row in rows)
    taught = [
        Pair(**{name: getattr(each, name) for name in each.__slots__} | {"teacher": scores}) for each in pairs
    ]
    material = material_of(taught, rows, 0)
    assert {example.passage_id for example in material.train} == sides.train == material.learnable
    for example in material.train:
        assert {each.passage_id for each in example.negatives} == sides.train - {example.passage_id}


def test_too_few_pairs_of_the_training_side_are_refused() -> None:
    rows, sides, pairs = many()
    few = [each for each in pairs if each.positive.passage_id in sides.train][:99]
    with pytest.raises(UserError, match="99 pairs to learn from"):
        material_of([*few, *(each for each in pairs if each.positive.passage_id in sides.test)], rows, 0)
