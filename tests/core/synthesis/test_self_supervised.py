"""Pairs out of the documents themselves: what is a query, what is none, and what its positive leaves out."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.chunking import cut
from findling.documents import Anchor, Block, BlockKind, Document, parse
from findling.documents.language import language_of
from findling.documents.model import Outline
from findling.store import FileRow, FileState, PassageRow
from findling.synthesis.pair import Origin
from findling.synthesis.self_supervised import Source, document_pairs
from findling.synthesis.titles import recurring, title_query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from findling.synthesis.pair import Pair

#: Of each language: a sentence that stands by itself, and one that does not, about the same thing.
SENTENCES = {
    "en": (
        "The haul rope of the goods ropeway was replaced by a thicker rope in spring.",
        "It was ordered from the makers of the old rope, since the ropeway had to open before the winter.",
    ),
    "de": (
        "Das alte Zugseil der Seilbahn wurde im Frühling durch ein dickeres Seil ersetzt.",
        "Dieses Zugseil kam von der Fabrik der alten Seilbahn, noch vor dem ersten Schnee im Winter.",
    ),
    "fr": (
        "Le câble tracteur du téléphérique a été remplacé au printemps par un câble plus épais.",
        "Il provient de la fabrique qui avait livré le vieux câble du téléphérique avant le dernier hiver.",
    ),
    "es": (
        "El cable tractor del teleférico fue sustituido en primavera por un cable más grueso.",
        "Este vino de la fábrica que había entregado el viejo cable del teleférico antes del invierno.",
    ),
}
BODY = "Two people look at the rope every morning, write down what they find and show it to the manager."


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def passages_of(document: Document, language: str = "", most: int = 120) -> list[PassageRow]:
    return [
        PassageRow(
            passage_id=f"d-{passage.start}-{passage.end}",
            document_id="d",
            text_key="",
            content=passage.content,
            text_offset=len(passage.content) - len(passage.text),
            start=passage.start,
            end=passage.end,
            tokens=passage.tokens,
            anchor=json.dumps(passage.anchor.to_json(), ensure_ascii=False),
            language=language,
        )
        for passage in cut(document, count_words, most)
    ]


def file_of(title: str = "", kind: str = "md", path: str = "/notes/file.md") -> FileRow:
    return FileRow(path=path, kind=kind, state=FileState.INDEXED, title=title, document_id="d")


def document_of(*sections: tuple[int, str, str], title: str = "") -> Document:
    """Sections: level (0: none), heading, text."""
    outline = Outline()
    blocks: list[Block] = []
    for level, heading, text in sections:
        if level:
            blocks.append(Block(BlockKind.HEADING, heading, Anchor(headings=outline.enter(level, heading))))
        blocks.append(Block(BlockKind.PARAGRAPH, text, Anchor(headings=outline.path)))
    return Document("md", title, tuple(blocks))


def pairs_of(
    document: Document, kind: Source | None = None, *, language: str = "", seed: int = 1, **given: object
) -> list[Pair]:
    file = given.pop("file", None) or file_of(document.title)
    assert isinstance(file, FileRow)
    wanted = {} if kind is None else {"kinds": [kind]}
    rows = passages_of(document, language)
    return list(document_pairs(rows, file, Random(seed), **wanted, **given))  # type: ignore[arg-type]


def queries(pairs: Sequence[Pair]) -> list[str]:
    return [pair.query for pair in pairs]


@pytest.mark.parametrize("language", SENTENCES)
def test_a_cloze_asks_with_the_sentence_that_stands_by_itself(language: str) -> None:
    alone, pointing = SENTENCES[language]
    for seed in range(5):
        (pair,) = pairs_of(
            document_of((0, "", f"{alone} {pointing}")), Source.CLOZE, language=language, seed=seed
        )
        assert pair.query == alone
        assert pair.positive.text == pointing
        assert (pair.positive.start, pair.positive.end) == (0, len(f"{alone} {pointing}"))
        assert (pair.language, pair.provenance.origin) == (language, Origin.DOCUMENT)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCES["en"][0],  # alone in its passage
        "Rope, worn. " + BODY,
        "She told the manager that the rope of the ropeway was worn. " + SENTENCES["en"][1],
        "In fact, the rope of the ropeway was worn before the winter. " + SENTENCES["en"][1],
        "The tensile strength, the lay and the weight are given by Fig. 3 of the " + BODY * 3,
        "See https://example.org for the ropes of the goods ropeway. " + SENTENCES["en"][1],
        "Potatoes grow best in loose warm soil near the coast. " + SENTENCES["en"][1],
    ],
    ids=["only", "short", "pronoun", "connected", "long", "address", "unrelated"],
)
def test_no_other_sentence_makes_a_cloze(text: str) -> None:
    assert pairs_of(document_of((0, "", text)), Source.CLOZE, language="en") == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Die alte Seilbahn trägt das schwere Zugseil der Station."),
        ("es", "El viejo teleférico lleva el pesado cable de la estación."),
        ("nl", "De oude kabelbaan draagt de zware kabel van het station."),
    ],
)
def test_pronouns_of_other_languages_and_articles_are_no_hindrance(language: str, sentence: str) -> None:
    dutch = "Hij draagt die kabel naar het oude station in de bergen, ook in de zware winter."
    after = SENTENCES[language][1] if language in SENTENCES else dutch
    document = document_of((0, "", f"{sentence} {after}"))
    assert queries(pairs_of(document, Source.CLOZE, language=language)) == [sentence]


def test_abbreviations_ordinals_and_line_ends_do_not_end_a_sentence() -> None:
    german = "Am 19. März prüfte Dr. Huber das\nalte Zugseil der Seilbahn."
    document = document_of((0, "", f"{german} {SENTENCES['de'][1]}"))
    assert queries(pairs_of(document, Source.CLOZE, language="de")) == [" ".join(german.split())]


def test_a_number_that_ends_a_sentence_is_no_ordinal() -> None:
    counted = "Die Seilbahn hatte im Winter 112 Fahrten mit einer mittleren Zuladung von 3,07."
    document = document_of(
        (0, "", f"{counted} Es gab im Winter dazu noch 19 weitere Fahrten der alten Seilbahn ohne Last.")
    )
    assert queries(pairs_of(document, Source.CLOZE, language="de")) == [counted]


def test_headings_ask_for_their_sections() -> None:
    document = document_of(
        (1, "2.3 Care of the haul rope", BODY),
        (2, "Results", "No wire was broken in spring. " + BODY),
        (1, "Introduction", "A ropeway is a way of ropes. " + BODY),
        (1, "4", "A fourth thing to be said. " + BODY),
        (1, "Chapter 5: Where to dig", "The pit is dug at the eastern end of the field. " + BODY),
        title="Ropeway manual",
    )
    pairs = pairs_of(document, Source.HEADING)
    assert queries(pairs) == [
        "Care of the haul rope",
        "Care of the haul rope: Results",
        "Ropeway manual: Where to dig",
    ]
    assert pairs[0].positive.text == f"Ropeway manual\n{BODY}"
    assert pairs[1].positive.text == f"Ropeway manual\nNo wire was broken in spring. {BODY}"
    assert pairs[2].positive.text == f"The pit is dug at the eastern end of the field. {BODY}"


def test_a_heading_takes_one_passage_of_a_long_section() -> None:
    document = document_of((1, "Care of the haul rope", f"{BODY} " * 30))
    rows = passages_of(document)
    chosen = {pair.positive.passage_id for seed in range(20) for pair in pairs_of(document, seed=seed)}
    assert len(rows) > 3
    assert len(chosen) > 1
    for seed in range(20):
        assert len(pairs_of(document, Source.HEADING, seed=seed)) == 1


def test_what_two_sections_are_called_asks_for_neither() -> None:
    document = document_of(
        (1, "Care of the haul rope", BODY),
        (1, "Tests of the old brakes", BODY),
        (1, "Care of the haul rope", "Otherwise. " + BODY),
    )
    assert queries(pairs_of(document, Source.HEADING)) == ["Tests of the old brakes"]


def test_a_title_asks_for_what_stands_below_it() -> None:
    title = "Goods ropeway: operating manual"
    document = document_of((0, "", f"GOODS ROPEWAY – Operating Manual\n{BODY}"), title=title)
    (pair,) = pairs_of(document, Source.TITLE)
    assert (pair.query, pair.positive.text) == (title, BODY)


def test_a_title_that_begins_the_text_of_a_record_is_cut_off() -> None:
    title = "experimental study of a wing in a slipstream ."
    document = document_of((0, "", f"experimental study of a wing in a slipstream .   {BODY}"), title=title)
    (pair,) = pairs_of(document, Source.TITLE)
    assert (pair.query, pair.positive.text) == (title.rstrip(" ."), BODY)


def test_a_word_that_begins_a_sentence_is_no_title() -> None:
    document = document_of((0, "", f"Bats fly at night, and bats fly far. {BODY}"), title="Bats fly")
    assert pairs_of(document, Source.TITLE)[0].positive.text.startswith("Bats fly at night")


@pytest.mark.parametrize(
    "title",
    [
        "scan0001.pdf",
        "Untitled",
        "Untitled 3",
        "Document 12",
        "Microsoft Word - letter.doc",
        "IMG_2034",
        "budget final.xlsx",
        "Introduction",
        "Inhaltsverzeichnis",
        "Table des matières",
        "Índice",
        "Page 3",
        "Seite 4",
        "2024-05-03",
        "1",
        "",
        "file",
    ],
)
def test_these_titles_ask_nothing(title: str) -> None:
    assert title_query(title, "/notes/file.md") == ""


def test_of_titles_of_many_documents_nothing_is_asked() -> None:
    known = recurring(["Weekly report", "RE: weekly  Report", "Weekly report:", "Care of ropes"])
    assert title_query("Weekly Report", "x.md", known) == ""
    assert title_query("Care of ropes", "x.md", known) == "Care of ropes"
    document = document_of((1, "Weekly report", BODY), title="Ropeway of the valley")
    (pair,) = pairs_of(document, Source.HEADING, recurring_titles=known)
    assert pair.query == "Ropeway of the valley: Weekly report"


@pytest.mark.parametrize("prefix", ["Re: ", "AW: ", "WG: Fwd: ", "RE[2]: ", "TR : ", ""])
def test_the_subject_of_a_mail_asks_for_it(prefix: str) -> None:
    subject = f"{prefix}worn haul rope at support 4"
    document = document_of(
        (0, "", f"Subject: {subject}\nHello Reto, {BODY} Shall we order a new one?"), title=subject
    )
    pairs = pairs_of(document, file=file_of(subject, kind="eml"))
    mail = [pair for pair in pairs if pair.provenance.kind in ("subject", "title", "faq")]
    assert [pair.provenance.kind for pair in mail] == ["subject"]
    assert mail[0].query == "worn haul rope at support 4"
    assert "support 4" not in mail[0].positive.text


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "How often is the haul rope inspected?", "Q: Who may drive the goods ropeway?"),
        ("de", "Wie oft wird das Zugseil geprüft?", "Frage 2: Wer darf die Materialseilbahn bedienen?"),
        ("fr", "À quelle fréquence le câble est-il contrôlé ?", "Qui peut conduire le téléphérique ?"),
        ("es", "¿Cada cuánto se revisa el cable tractor?", "¿Quién puede conducir el teleférico?"),
        ("ja", "曳索はどのくらいの頻度で点検されますか？", "索道を運転できるのは誰ですか？"),
        ("ar", "كم مرة يتم فحص حبل الجر؟", "من يمكنه تشغيل التلفريك؟"),
    ],
)
def test_a_question_in_the_text_asks_for_its_answer(language: str, first: str, second: str) -> None:
    answer = f"A: {BODY}"
    document = document_of((0, "", f"{first}\n{answer}\n{second} {BODY} And so on."))
    found = {
        pair.query: pair.positive
        for seed in range(20)
        for pair in pairs_of(document, Source.FAQ, language=language, seed=seed)
    }
    bare = re.sub(r"^(Q|Frage 2): ", "", second)
    assert set(found) == {first, bare}
    assert found[first].text == BODY
    assert document.text[found[first].start : found[first].end] == BODY
    assert found[bare].text == f"{BODY} And so on."


@pytest.mark.parametrize(
    "text",
    [
        f"Anna Berg: How often is the rope inspected?\nReto Alm: {BODY}",
        f"How often is this inspected by them?\n{BODY}",
        f"Really?\n{BODY}",
        "How often is the haul rope inspected?\nDaily.",
        f"We met at noon. How often is the haul rope inspected? {BODY}",
    ],
    ids=["spoken", "pointing", "says nothing", "no answer", "within a line"],
)
def test_not_every_question_is_asked(text: str) -> None:
    assert pairs_of(document_of((0, "", text)), Source.FAQ, language="en") == []


def test_a_question_in_a_heading_is_asked_once() -> None:
    document = document_of((1, "How often is the haul rope inspected?", f"{BODY} " * 20))
    pairs = pairs_of(document)
    asked = [pair for pair in pairs if pair.query == "How often is the haul rope inspected?"]
    assert {pair.provenance.kind for pair in asked} <= {"faq"}
    assert all("How often" not in pair.positive.text for pair in asked)


def test_a_document_gives_no_more_than_it_may() -> None:
    sections = [(1, f"Care of rope number {name}", f"{BODY} Rope {name}.") for name in "abcdefgh"]
    document = document_of(*sections)
    assert len(pairs_of(document, Source.HEADING)) == 8
    few = pairs_of(document, Source.HEADING, most={Source.HEADING: 3})
    assert len(few) == 3
    places = [pair.positive.start for pair in few]
    assert places == sorted(places)


def test_the_same_chance_gives_the_same_pairs_whatever_else_is_asked_for() -> None:
    document = document_of(
        (1, "Care of the haul rope", " ".join(SENTENCES["en"]) * 9), title="Ropeway manual"
    )
    everything = pairs_of(document, language="en")
    assert everything == pairs_of(document, language="en")
    cloze = [pair for pair in everything if pair.provenance.kind == "cloze"]
    assert cloze == pairs_of(document, Source.CLOZE, language="en")
    assert len({pair.id for pair in everything}) == len(everything)
    with pytest.raises(ValueError, match="haiku"):
        list(document_pairs([], file_of(), Random(1), kinds=["haiku"]))


@settings(derandomize=True, database=None, deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [each for both in SENTENCES.values() for each in both] + ["Dr. No?", "山鳥。", "\n\n"]
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["", "en", "de"]),
    st.integers(0, 99),
)
def test_what_a_cloze_asks_stands_nowhere_in_its_positive(texts: list[str], language: str, seed: int) -> None:
    document = document_of((1, "Ropes and wires", " ".join(texts)), title=texts[0])
    for pair in pairs_of(document, Source.CLOZE, language=language, seed=seed):
        assert " ".join(pair.query.split()) not in " ".join(pair.positive.text.split())
        assert " ".join(pair.query.split()) in " ".join(document.text.split())


def test_pairs_of_the_sample_documents(sample_library: list[Path]) -> None:
    found: dict[str, list[Pair]] = {}
    for path in sample_library:
        document = parse(path)
        rows = passages_of(document, language_of(document.text))
        pairs = list(document_pairs(rows, file_of(document.title, document.kind, str(path)), Random(3)))
        by_id = {row.passage_id: row for row in rows}
        taken = [(pair.positive.passage_id, pair.provenance.kind) for pair in pairs]
        assert len(taken) == len(set(taken))
        for pair in pairs:
            row = by_id[pair.positive.passage_id]
            assert row.start <= pair.positive.start < pair.positive.end <= row.end
            lines = [" ".join(line.split()) for line in pair.positive.text.split("\n")]
            assert pair.query not in lines
            found.setdefault(path.name, []).append(pair)
    assert {pair.provenance.kind for pairs in found.values() for pair in pairs} == {
        "heading",
        "title",
        "cloze",
        "faq",
    }
    assert "How should I cite a series?" in queries(found["data-access-faq.html"])
    assert "Hausordnung der Feldstation Solwender Joch: Wasser" in queries(found["hausordnung.md"])
    assert "Convention de partenariat: Objet" in queries(found["convention-lycee-merisse.docx"])
    minutes = {pair.query: pair.positive for pair in found["board-2024-02-12.md"]}
    assert minutes["Request from the skiing club"].text.startswith(
        "Minutes of the board, 12 February 2024\nThe Unterlann skiing club"
    )
