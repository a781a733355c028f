"""Pairs find their passages again where these have other ids."""

from __future__ import annotations

from dataclasses import replace

import pytest

from findling.adaptation.examples import material_of
from findling.adaptation.relocation import relocated
from findling.errors import UserError
from findling.store import PassageRow
from findling.synthesis.pair import Origin, Pair, Positive, Provenance

TEXTS = (
    "The valve is opened by hand. Turn it to the left until the lamp is green, then wait for ten minutes.",
    "Die Übertragung beginnt, sobald beide Geräte gefunden wurden. Das dauert höchstens eine Minute.",
    "電源ボタンを三秒間押し続けると、装置が再起動します。設定は消えません。保証書は大切に保管してください。",
    "Short note",
)


def row(text: str, document: str, start: int = 0) -> PassageRow:
    return PassageRow(
        f"{document}-{start}", document, "", text, 0, start, start + len(text), len(text) // 4, "{}", "en"
    )


def pair(text: str, document: str = "gone", query: str = "asked") -> Pair:
    positive = Positive(f"{document}-0", document, 0, len(text), text)
    return Pair(f"{query} {text}", query, positive, Provenance(Origin.GENERATED, "question"), "en")


ROWS = [row(text, f"d{number}", 7 * number) for number, text in enumerate(TEXTS)]


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_passage_with_another_id_is_found_by_its_text(number: int) -> None:
    [found] = relocated([pair(TEXTS[number])], ROWS)
    there = ROWS[number]
    assert found == replace(
        pair(TEXTS[number]),
        positive=Positive(there.passage_id, there.document_id, there.start, there.end, TEXTS[number]),
    )


@pytest.mark.parametrize("number", range(3))
def test_a_text_that_lost_a_part_or_was_cut_elsewhere_is_found(number: int) -> None:
    whole = TEXTS[number]
    for part in (whole[: 2 * len(whole) // 3], whole[len(whole) // 3 :]):
        [found] = relocated([pair(part)], ROWS)
        assert (found.positive.passage_id, found.positive.text) == (ROWS[number].passage_id, part)
    longer = [replace(each, content=f"Title of another kind\n{each.content} And then more.") for each in ROWS]
    [found] = relocated([pair(whole.upper())], longer)
    assert found.positive.document_id == f"d{number}"


def test_what_is_there_stays_and_what_no_passage_has_is_left_out() -> None:
    there = replace(
        pair("the text was another one then"), positive=replace(pair("").positive, passage_id="d1-7")
    )
    unknown = pair(
        "Nothing of this stands anywhere in the library that is there now, not one sentence of it."
    )
    few = pair(
        "The valve is opened by hand. All that follows was taken out of the book, as it was wrong, and late."
    )
    assert relocated([there, unknown, few, pair("")], ROWS) == [there]
    assert relocated([], ROWS) == []


def test_a_library_that_was_made_anew_learns_what_the_old_one_wrote() -> None:
    old = [
        row(f"Chapter {number}: {' '.join(f'w{number}x{word}' for word in range(40))}", f"old{number}")
        for number in range(300)
    ]
    new = [replace(each, passage_id=f"new{at}-0", document_id=f"new{at}") for at, each in enumerate(old)]
    pairs = [pair(each.content, each.document_id, f"query {at}") for at, each in enumerate(old)]
    here = [pair(each.content, each.document_id, f"query {at}") for at, each in enumerate(new)]
    questions, questions_here = pairs[::3], here[::3]
    got, wanted = material_of(pairs, new, 0, questions), material_of(here, new, 0, questions_here)
    assert got.train == wanted.train
    assert (got.dev, got.test) == (wanted.dev, wanted.test)


def test_pairs_of_another_library_are_said_to_be_so() -> None:
    strange = [
        pair(f"{number} Nobody knows these words, nor have they been read here.", "x", f"q{number}")
        for number in range(250)
    ]
    with pytest.raises(UserError, match="250 others are about texts that are not in this library any more"):
        material_of(strange, ROWS, 0)
