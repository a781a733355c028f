"""Passages: nothing is lost, nothing is cut off by the model, an insert moves only its own section."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from findling.chunking import cut
from findling.documents import Anchor, Block, BlockKind, Document, parse
from findling.documents.model import Outline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.chunking import Passage
    from findling.embedding import Embedder

reproducible = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

Section = tuple[int, str, list[tuple[BlockKind, str]]]

_PROSE = (
    "The ropeway was stopped at noon. A gust had lifted the carrier off the saddle! Who checked the brake? "
    "“Nobody,” said the warden (he had been asleep.) Then they went home… "
)


def count_pieces(texts: Sequence[str]) -> list[int]:
    """A token is up to four characters of a word, or one other character that is not white space."""
    return [sum(-(-len(word) // 4) for word in re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def document_of(sections: Sequence[Section], title: str = "") -> Document:
    outline = Outline()
    blocks: list[Block] = []
    for level, heading, body in sections:
        if level and heading.strip():
            outline.enter(level, heading)
            blocks.append(Block(BlockKind.HEADING, heading, Anchor(headings=outline.path)))
        blocks.extend(Block(kind, text, Anchor(headings=outline.path)) for kind, text in body)
    return Document("txt", title, tuple(blocks))


def lost_characters(document: Document, passages: Sequence[Passage]) -> str:
    """What is not white space, stands in a block, and in no passage."""
    covered = bytearray(len(document.text))
    for passage in passages:
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    lost = [character for character, seen in zip(document.text, covered, strict=True) if not seen]
    return "".join(lost).strip() and "".join(lost)


words = st.lists(st.sampled_from(re.findall(r"\S+", _PROSE)), max_size=400).map(" ".join)
texts = st.one_of(
    words,
    st.text(max_size=300),
    st.text("山鳥水火。！、カナ漢字", max_size=500),
    st.text("🦉👩‍🔬é\u0301ß", max_size=200),
    st.text("aZ09_/.-", max_size=700),
    st.lists(st.sampled_from(["x = 1", "", "\tprint(x)", "}"]), max_size=80).map("\n".join),
    st.just(""),
    st.just("  \n\t "),
)
kinds = st.sampled_from([kind for kind in BlockKind if kind is not BlockKind.HEADING])
headings = st.one_of(st.sampled_from(["Safety", "Rules › old", "氷河"]), st.text(max_size=40), words)
bodies = st.lists(st.tuples(kinds, texts), min_size=1, max_size=4)
limits = st.integers(24, 300)
sections = st.lists(
    st.tuples(st.integers(0, 4), headings, st.lists(st.tuples(kinds, texts), max_size=4)), max_size=5
)
documents = st.builds(document_of, sections, st.one_of(st.just(""), st.just("A title"), words))


@reproducible
@given(documents, limits)
@example(document_of([(0, "", [(BlockKind.PARAGRAPH, "氷" * 500)])]), 24)
@example(document_of([(0, "", [(BlockKind.PARAGRAPH, 'He said "Stop." ' * 90)])]), 40)
def test_no_character_is_lost_and_no_passage_is_too_long(document: Document, max_tokens: int) -> None:
    passages = cut(document, count_pieces, max_tokens)
    assert lost_characters(document, passages) == ""
    for passage in passages:
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text.strip()
        assert passage.tokens <= max_tokens
        assert count_pieces([passage.content])[0] <= max_tokens
    assert passages == cut(document, count_pieces, max_tokens)


@reproducible
@given(document=documents)
@example(document=document_of([(1, "Eis", [(BlockKind.PARAGRAPH, "氷" * 3000)])]))
@example(document=document_of([(0, "", [(BlockKind.CODE, "qx7" * 900)])]))
@example(document=document_of([(0, "", [(BlockKind.PARAGRAPH, "🦉" * 900)])]))
def test_the_model_cuts_nothing_off(embedder: Embedder, document: Document) -> None:
    passages = cut(document, embedder.count_tokens, embedder.max_passage_tokens)
    assert lost_characters(document, passages) == ""
    real = embedder.count_tokens([passage.content for passage in passages])
    for passage, tokens in zip(passages, real, strict=True):
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.tokens <= embedder.max_passage_tokens
        assert tokens + embedder.tokenizer.special_tokens <= embedder.card.max_tokens


@reproducible
@given(st.data(), st.lists(st.tuples(st.integers(1, 4), headings, bodies), min_size=2, max_size=5), limits)
def test_an_insert_leaves_the_passages_of_other_sections_alone(
    data: st.DataObject, made: list[Section], max_tokens: int
) -> None:
    made = [(level, f"{number} {name}"[:60].strip(), body) for number, (level, name, body) in enumerate(made)]
    place = data.draw(st.integers(0, len(made) - 1))
    level, heading, body = made[place]
    at = data.draw(st.integers(0, len(body)))
    inserted = [*body[:at], (BlockKind.PARAGRAPH, _PROSE * 3), *body[at:]]
    changed = [*made[:place], (level, heading, inserted), *made[place + 1 :]]

    def elsewhere(sections: list[Section]) -> list[str]:
        passages = cut(document_of(sections), count_pieces, max_tokens)
        return [passage.content for passage in passages if passage.anchor.headings[-1] != heading]

    assert len(elsewhere(made)) >= len(made) - 1
    assert elsewhere(changed) == elsewhere(made)


def test_a_short_document_is_one_passage() -> None:
    document = document_of([(0, "", [(BlockKind.PARAGRAPH, "One."), (BlockKind.PARAGRAPH, "Two.")])])
    (passage,) = cut(document, count_pieces, 100)
    assert (passage.text, passage.context, passage.start, passage.end) == ("One.\n\nTwo.", "", 0, 10)


@pytest.mark.parametrize("blocks", [(), (Block(BlockKind.PARAGRAPH, ""),), (Block(BlockKind.CODE, " \n"),)])
def test_a_document_without_text_has_no_passages(blocks: tuple[Block, ...]) -> None:
    assert cut(Document("txt", "Title", blocks), count_pieces, 100) == []


def test_title_and_headings_above_are_context_and_count() -> None:
    body = [(BlockKind.PARAGRAPH, _PROSE)]
    document = document_of([(1, "Ropeway", body), (2, "Brakes", body)], title="Manual")
    first, second = cut(document, count_pieces, 200)
    assert first.context == "Manual"
    assert first.text.startswith("Ropeway")
    assert second.context == "Manual › Ropeway"
    assert second.content == f"Manual › Ropeway\n{second.text}"
    assert second.anchor.headings == ("Ropeway", "Brakes")


def test_a_title_that_is_the_first_heading_is_not_said_twice() -> None:
    document = document_of([(1, "Manual", [(BlockKind.PARAGRAPH, _PROSE)])], title="Manual")
    (passage,) = cut(document, count_pieces, 200)
    assert passage.content.count("Manual") == 1


def test_of_too_much_context_the_nearest_headings_stay() -> None:
    far, near = "far " * 40, "near"
    document = document_of([(1, far, []), (2, near, []), (3, "here", [(BlockKind.PARAGRAPH, "x " * 300)])])
    last = cut(document, count_pieces, 60)[-1]
    assert "near" in last.context
    assert "far" not in last.context


def test_a_long_section_gives_pieces_of_about_equal_length() -> None:
    body = [(BlockKind.PARAGRAPH, f"Paragraph {number} has some words in it.") for number in range(60)]
    sizes = [passage.tokens for passage in cut(document_of([(0, "", body)]), count_pieces, 200)]
    assert len(sizes) > 2
    assert min(sizes) > 0.6 * max(sizes)


def test_pieces_of_a_block_that_was_cut_overlap_and_others_do_not() -> None:
    one_block = document_of([(0, "", [(BlockKind.PARAGRAPH, _PROSE * 12)])])
    passages = cut(one_block, count_pieces, 80)
    assert any(after.start < before.end for before, after in pairwise(passages))
    many = document_of([(0, "", [(BlockKind.PARAGRAPH, "A short one of few words.")] * 40)])
    passages = cut(many, count_pieces, 80)
    assert len(passages) > 1
    assert all(after.start >= before.end for before, after in pairwise(passages))


def test_the_sample_documents_are_cut_whole(sample_library, embedder: Embedder) -> None:
    for path in sample_library:
        document = parse(path)
        passages = cut(document, embedder.count_tokens, embedder.max_passage_tokens)
        assert passages, path
        assert lost_characters(document, passages) == "", path


def table(rows: int, header: str = "Name | Age") -> Document:
    blocks = [Block(BlockKind.TABLE_HEADER, header, Anchor(sheet="Staff", cells="A1:B1"))]
    for number in range(2, rows + 2):
        anchor = Anchor(sheet="Staff", cells=f"A{number}:B{number}")
        blocks.append(Block(BlockKind.TABLE_ROW, f"Person {number} | {number + 20}", anchor))
    return Document("xlsx", "Staff list", tuple(blocks))


def test_rows_of_a_table_keep_their_column_names_and_all_their_cells() -> None:
    document = table(60)
    first, *others = cut(document, count_pieces, 60)
    assert first.context == "Staff list"
    assert first.text.startswith("Name | Age")
    assert len(others) > 5
    assert {passage.context for passage in others} == {"Staff list › Name | Age"}
    assert all(passage.tokens <= 60 for passage in (first, *others))
    assert (first.anchor.cells or "").startswith("A1:B")
    rows = [passage.text.split("\n\n") for passage in others]
    number = int(rows[0][0].split()[1])
    assert others[0].anchor == Anchor(sheet="Staff", cells=f"A{number}:B{number + len(rows[0]) - 1}")
    assert others[0].anchor.label() == f"Staff!A{number}:B{number + len(rows[0]) - 1}"


def test_column_names_that_would_take_too_much_room_are_not_repeated() -> None:
    passages = cut(table(30, header="A very long name of a column | " * 5), count_pieces, 60)
    assert {passage.context for passage in passages} == {"Staff list"}


def test_column_names_end_with_their_table() -> None:
    document = table(3)
    after = Block(BlockKind.PARAGRAPH, _PROSE * 3)
    passages = cut(replace(document, blocks=(*document.blocks, after)), count_pieces, 60)
    assert "Name | Age" not in passages[-1].context
