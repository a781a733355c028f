"""A text found again in one that was made of it in another way."""

from __future__ import annotations

from findling.documents.finding import bare, bare_with_places, place_of, spans_of


def found(text: str, passage: str, near: int = 0) -> str | None:
    letters, places = bare_with_places(text)
    span = place_of(letters, bare(passage), near)
    return span and text[places[span[0]] : places[span[1] - 1] + 1]


def test_letters_and_digits_alone_count() -> None:
    assert bare("Straße 7,\n a-b") == "strasse7ab"
    letters, places = bare_with_places("ß a")
    assert (letters, places) == ("ssa", [0, 0, 2])


def test_parts_of_a_passage_are_found() -> None:
    text = bare("the owls came home late, and slept")
    spans = list(spans_of(text, bare("Nobody heard: the owls came home; late and slept")))
    assert [text[start:end] for start, end in spans] == ["theowlscamehomelateandslept"]
    assert [text[start:end] for start, end in spans_of(text, "owls")] == ["owls"]


def test_a_passage_is_found_whatever_stands_between_its_words() -> None:
    text = "Head\nThe rope | is old | and was\nspliced in May, twice.\nTail of it"
    assert found(text, "The rope is old and was spliced in May, twice.") == text[5:-12]
    marked = text.replace("and was", "and (see 7) was")
    assert found(marked, "The rope is old and was spliced in May, twice.") == marked[5:-12]
    assert found(text, "rope") == "rope"
    assert found(text, "nothing of the kind is here at all") is None
    assert found("", "rope") is None


def test_of_several_places_the_nearest_is_taken() -> None:
    text = "the jars were counted. " * 3
    letters, _ = bare_with_places(text)
    one = len(letters) // 3
    assert place_of(letters, bare("the jars were counted"), near=one + 3) == (one, 2 * one)


def test_what_stands_in_its_beginning_is_skipped() -> None:
    text = "see https the log book of the station and of its people"
    assert found(text, "see the log book of the station and of its people") is not None
