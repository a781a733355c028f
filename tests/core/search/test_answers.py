"""What a person gets for a query of the language: the right documents, and the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import Cancelled, QueryMistake
from findling.jobs import CancelToken
from findling.search import Answer, Hit, Mode, Question, Searcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.embedding import Embedder


def documents(answer: Answer) -> list[str]:
    return [hit.document_id for hit in answer.hits]


def asked(library: Searcher, query: str, mode: Mode = Mode.KEYWORD, limit: int = 10) -> list[str]:
    return documents(library.answer(Question(query, mode, limit)))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("owl", {"owls"}),
        ('"swan song"', {"swans"}),
        ('"song swan"', set()),
        ("treasur*", {"budget"}),
        ("Haus", {"haus"}),
        ("in:birds owl OR swan", {"owls", "swans"}),
        ("owl OR treasurer", {"owls", "budget"}),
        ("owl OR treasurer in:birds", {"owls"}),
        ("+owl +swan", set()),
        ("three OR breakfast type:pdf", {"lease"}),
        ("rent size:<1kb", set()),
        ("owls author:muller", {"owls"}),
        ("owls author:schmidt", set()),
    ],
)
def test_operators_and_filters_choose_documents(library: Searcher, query: str, found: set[str]) -> None:
    assert set(asked(library, query)) == found


@pytest.mark.parametrize("mode", list(Mode))
def test_a_word_with_a_minus_leaves_out_whole_documents(library: Searcher, mode: Mode) -> None:
    """`dark` stands in one passage of five."""
    assert "owls" in asked(library, "owl", mode)
    assert "owls" not in asked(library, "owl -dark", mode)
    assert "owls" not in asked(library, 'owl -"hollow trees"', mode)
    assert "swans" not in asked(library, "birds -name:*.md", mode)


@pytest.mark.parametrize("mode", list(Mode))
def test_filters_alone_list_what_they_let_in_the_newest_first(library: Searcher, mode: Mode) -> None:
    assert asked(library, "in:docs", mode) == ["boots", "owls", "swans", "lease", "haus", "budget"]
    assert asked(library, "in:docs", mode, limit=2) == ["boots", "owls"]
    assert asked(library, "in:birds", mode) == ["owls", "swans"]
    assert asked(library, "lang:de", mode) == ["haus"]
    (hit,) = library.answer(Question("in:birds -type:md", mode)).hits
    assert (hit.passage_id, hit.highlights, hit.anchor.line) == ("owls-0", (), 1)


def test_what_nothing_satisfies_is_said(library: Searcher) -> None:
    def notes(query: str) -> tuple[str, ...]:
        answer = library.answer(Question(query))
        assert answer.hits == []
        return answer.notes

    assert notes("owl type:html") == ("Nothing matches type:html.",)
    assert notes("owl +zyzzyva in:nowhere") == ("Nothing matches zyzzyva.", "Nothing matches in:nowhere.")
    assert notes('"song swan"') == ('Nothing matches "song swan".',)
    assert library.answer(Question("owl in:birds")).notes == ()
    assert library.answer(Question("owl")).notes == ()


def test_a_mistake_is_explained_and_literal_text_makes_none(library: Searcher) -> None:
    query = "\"treasurer' AND ("
    with pytest.raises(QueryMistake, match="not closed"):
        library.answer(Question(query))
    for mode in Mode:
        assert documents(library.answer(Question(query, mode, literal=True)))[0] == "budget"
    assert documents(library.answer(Question(query, Mode.KEYWORD, typing=True)))[0] == "budget"
    assert documents(library.answer(Question("-owl type:pdf OR", Mode.KEYWORD, literal=True))) == ["owls"]


def test_the_word_that_is_being_typed_is_found_by_its_beginning(library: Searcher) -> None:
    def typed(query: str) -> list[str]:
        return documents(library.answer(Question(query, Mode.KEYWORD, typing=True)))

    assert typed("treas") == typed("spending treas") == ["budget"]
    assert typed("the treas")[0] == "budget"
    assert typed("treas ") == []  # it is whole now
    assert documents(library.answer(Question("treas", Mode.KEYWORD))) == []


def test_a_file_is_found_by_its_name_alone(library: Searcher) -> None:
    for mode in (Mode.KEYWORD, Mode.HYBRID):
        for query in ("zephyr", "zephyr plan", "Zephyr-Plan", "zephyr-plan.txt"):
            (hit, *_) = library.answer(Question(query, mode)).hits
            assert hit.document_id == "budget", query
            assert hit.explanation is not None
            assert hit.explanation.name
            assert hit.highlights == ()
    assert asked(library, "zephyr -in:docs") == asked(library, "zephyr type:pdf") == []


def test_near_duplicates_are_folded_into_the_best_of_them(library: Searcher) -> None:
    question = Question("end the contract at three months' notice", Mode.HYBRID)
    (first, *others) = library.answer(question).hits
    assert (first.document_id, first.similar) == ("lease", ("/docs/home/old/lease 2023.pdf",))
    assert first.copies == ()
    assert "lease old" not in [hit.document_id for hit in others]
    apart = library.answer(Question(question.query, Mode.HYBRID, fold=False)).hits
    assert [hit.document_id for hit in apart[:2]] == ["lease", "lease old"]
    assert apart[0].similar == ()
    assert asked(library, "in:home type:pdf", limit=1) == ["lease"]  # the newest
    assert documents(library.answer(Question("lease 2023", Mode.KEYWORD)))[0] == "lease old"


def test_other_passages_of_the_document_come_along_best_first(library: Searcher) -> None:
    (hit, *_) = library.answer(Question("owl", Mode.KEYWORD)).hits
    found = [other.passage_id for other in hit.others]
    assert len({hit.passage_id, *found}) == 4  # three others of four
    assert all(passage.startswith("owls-") for passage in found)
    scores = [hit.score, *(other.score for other in hit.others)]
    assert scores == sorted(scores, reverse=True)
    for other in hit.others:
        words = [other.snippet[start:end].lower() for start, end in other.highlights]
        assert set(words) <= {"owl", "owls"}
        assert words
        assert other.anchor.line == int(other.passage_id[-1]) + 1


def explained(hits: Sequence[Hit]) -> list[Hit]:
    for hit in hits:
        assert hit.explanation is not None
        explanation = hit.explanation
        share = max(0.0, explanation.words.share + explanation.meaning.share)  # below chance is nothing
        assert share == pytest.approx(hit.score, abs=1e-4)
    return list(hits)


def test_an_explanation_adds_up(library: Searcher) -> None:
    hybrid = explained(library.answer(Question("snowy owl dusk", Mode.HYBRID)).hits)
    best, last = hybrid[0].explanation, hybrid[-1].explanation
    assert best is not None
    assert last is not None
    assert (best.words.rank, best.meaning.rank) == (1, 1)
    assert best.words.score > 0 < best.meaning.score
    assert best.matched == ("snowy", "owl", "dusk")
    assert best.meaning_weight == library.balance.weight
    assert (last.words.score, last.words.rank, last.words.share, last.matched) == (0, 0, 0, ())
    assert last.meaning.rank > 1

    (keyword, *_) = explained(library.answer(Question("owl", Mode.KEYWORD)).hits)
    assert keyword.explanation is not None
    assert (keyword.explanation.words.rank, keyword.explanation.meaning.rank) == (1, 0)
    assert keyword.explanation.meaning.share == 0
    assert keyword.score == pytest.approx(keyword.explanation.words.score)
    (semantic, *_) = library.answer(Question("white bird of the Arctic", Mode.SEMANTIC)).hits
    assert semantic.explanation is not None
    assert (semantic.explanation.words.rank, semantic.explanation.meaning.rank) == (0, 1)
    assert semantic.score == pytest.approx(semantic.explanation.meaning.score, abs=1e-4)
    shape = keyword.to_json(explain=True)["explanation"]
    assert set(shape) == {"words", "meaning", "meaning_weight", "matched", "name"}
    assert shape["name"] == ["owl"]  # of owls.txt
    assert "explanation" not in keyword.to_json()


def test_the_sentence_that_is_nearest_in_meaning_is_marked(library: Searcher) -> None:
    query = "Do I have to take off my footwear?"
    for illustrate in (True, False):
        question = Question(query, Mode.SEMANTIC, 3, illustrate=illustrate)
        (hit, *others) = library.answer(question).hits
        marked = [hit.snippet[start:end] for start, end in hit.meaning_highlights]
        assert hit.document_id == "boots"
        assert marked == (["No shoes may be worn inside."] if illustrate else [])
        assert hit.highlights == ()
    assert not any(other.meaning_highlights for other in others)  # nothing there is near
    (hit, *_) = library.answer(Question("owl", Mode.KEYWORD, illustrate=True)).hits
    assert hit.meaning_highlights == ()


def test_more_like_a_vector_without_the_document_itself(library: Searcher, embedder: Embedder) -> None:
    vector = embedder.embed_passages(["The snowy owl hunts lemmings at dusk."])[0]
    alike = Question("", Mode.SEMANTIC, 2, like=vector)
    assert documents(library.answer(alike))[0] == "owls"
    without = Question("", Mode.SEMANTIC, 2, like=vector, without=frozenset({"owls"}))
    assert documents(library.answer(without))[0] == "swans"
    assert "owls" not in documents(library.answer(Question("owl", without=frozenset({"owls"}))))


def test_a_cancelled_question_asks_nothing(library: Searcher) -> None:
    cancel = CancelToken()
    cancel.cancel()
    for query in ("owl", "in:birds", "name:*.md owl"):
        with pytest.raises(Cancelled):
            library.answer(Question(query, cancel=cancel))
