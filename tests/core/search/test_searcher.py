"""Searching a real store with the real embedder: modes, grouping, limits, cancel."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.embedding import Chance
from findling.errors import Cancelled, QueryMistake
from findling.jobs import CancelToken
from findling.search import Hit, Mode, Pool, Question, Searcher, answer_of
from findling.store import StoreReader, StoreWriter
from findling.store.rows import FileRow, FileState, PassageRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.embedding import Embedder

_DOCUMENTS = {
    "owls": [
        "The snowy owl hunts lemmings at dusk.",
        "Birds of prey sleep by day.",
        "An owl, the owl, owls.",
    ],
    "money": ["The budget for next year was approved by the treasurer."],
    "hut": ["No shoes may be worn in the hut.", "Leave your boots at the door."],
    "gone": ["The snowy owl of a file that has just been replaced."],
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Searcher]:
    directory = tmp_path_factory.mktemp("store") / "lance"
    writer = StoreWriter(directory, 1, embedder.card.dim)
    passages = [
        PassageRow(
            f"{name}-{number}",
            name,
            f"k{name}{number}",
            f"{name}\n{text}",
            len(name) + 1,
            0,
            len(text),
            9,
            '{"line": 4}',
        )
        for name, texts in _DOCUMENTS.items()
        for number, text in enumerate(texts)
    ]
    writer.add_passages(passages, embedder.embed_passages([row.content for row in passages]))
    paths = {"/b/owls.txt": "owls", "/a/owls.txt": "owls", "/money.txt": "money", "/hut.txt": "hut"}
    writer.put_files(
        [
            FileRow(path, "txt", FileState.INDEXED, document_id=name, title=name.title())
            for path, name in paths.items()
        ]
    )
    writer.optimize(force=True)
    reader = StoreReader(directory, 1)
    yield Searcher(reader, embedder.embed_query)
    reader.close()


@pytest.mark.parametrize("mode", list(Mode))
def test_a_document_comes_once_by_its_best_passage_with_all_its_paths(searcher: Searcher, mode: Mode) -> None:
    hits = searcher.search("owl hunting at dusk", mode)
    assert [hit.document_id for hit in hits].count("owls") == 1
    hit = hits[0]
    assert (hit.document_id, hit.passage_id, hit.title, hit.kind) == ("owls", "owls-0", "Owls", "txt")
    assert (hit.path, hit.copies) == ("/a/owls.txt", ("/b/owls.txt",))
    assert hit.anchor.line == 4
    assert hit.snippet == _DOCUMENTS["owls"][0]
    assert "owl" in [hit.snippet[start:end] for start, end in hit.highlights]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    if mode is Mode.HYBRID:
        assert all(0 <= hit.score <= 1 for hit in hits)


@pytest.mark.parametrize("mode", list(Mode))
def test_bare_hits_are_the_same_without_what_stands_in_them(searcher: Searcher, mode: Mode) -> None:
    asked = Question("owl hunting at dusk", mode)
    hits, bare = searcher.answer(asked).hits, searcher.answer(replace(asked, bare=True)).hits
    assert [(hit.document_id, hit.score) for hit in bare] == [(hit.document_id, hit.score) for hit in hits]
    assert not any(hit.highlights for hit in bare)


def test_a_ranking_has_every_passage_for_itself_in_the_order_of_its_score(searcher: Searcher) -> None:
    candidates, scores, vector = searcher.ranking(Question("owl hunting at dusk"))
    found = [each.passage.passage_id for each in candidates]
    assert found[0] == "owls-0"
    assert {"owls-0", "owls-1", "owls-2", "gone-0"} <= set(found)
    assert len(found) == len(set(found)) == len(scores)
    assert scores == sorted(scores, reverse=True)
    assert vector is not None
    assert vector @ searcher.embed_query("owl hunting at dusk") == pytest.approx(1, abs=1e-5)


def test_meaning_finds_what_words_do_not(searcher: Searcher) -> None:
    question = "Where do I put my footwear?"
    assert searcher.search(question, Mode.SEMANTIC)[0].document_id == "hut"
    assert searcher.search(question, Mode.HYBRID)[0].document_id == "hut"
    assert searcher.search("footwear", Mode.KEYWORD) == []


def test_words_find_words_and_quotes_do_no_harm(searcher: Searcher) -> None:
    for query in ("treasurer", "treasurer' (and) \"", "\"treasurer' AND ("):
        answer = searcher.answer(Question(query, Mode.KEYWORD, literal=True))
        assert [hit.document_id for hit in answer.hits] == ["money"]
    with pytest.raises(QueryMistake):
        searcher.search("\"treasurer' AND (", Mode.KEYWORD)


def test_a_document_without_a_file_is_no_hit(searcher: Searcher) -> None:
    for mode in Mode:
        assert "gone" not in [hit.document_id for hit in searcher.search("snowy owl", mode)]


@pytest.mark.parametrize(
    ("query", "limit", "count"), [("owl", 1, 1), ("owl", 0, 0), ("", 5, 0), (" \n", 5, 0)]
)
def test_limits_and_blank_queries(searcher: Searcher, query: str, limit: int, count: int) -> None:
    assert len(searcher.search(query, Mode.HYBRID, limit)) == count


def test_a_cancelled_search_stops(searcher: Searcher) -> None:
    cancel = CancelToken()
    assert searcher.search("owl", cancel=cancel)
    cancel.cancel()
    with pytest.raises(Cancelled):
        searcher.search("owl", cancel=cancel)


def test_document_replaced_during_a_search_is_found_in_its_new_state(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = StoreWriter(tmp_path / "lance", 1, embedder.card.dim)

    def put(document: str, path: str, text: str) -> None:
        row = PassageRow(f"{document}-0", document, document, text, 0, 0, len(text), 9, "{}")
        writer.add_passages([row], embedder.embed_passages([text]))
        writer.put_files([FileRow(path, "txt", FileState.INDEXED, document_id=document)])

    put("old", "/owl.txt", "The snowy owl hunts at dusk.")
    put("other", "/money.txt", "The treasurer saw an owl.")
    reader = StoreReader(tmp_path / "lance", 1)
    read = reader.candidates
    texts = iter(["The snowy owl hunts at dawn.", "The snowy owl hunts at noon."])

    def candidates(*given: object) -> object:
        found = read(*given)  # type: ignore[arg-type]
        if text := next(texts, ""):
            put(text, "/owl.txt", text)
        return found

    monkeypatch.setattr(reader, "candidates", candidates)
    best = Searcher(reader, embedder.embed_query).search("snowy owl")[0]
    reader.close()
    assert (best.path, best.snippet) == ("/owl.txt", "The snowy owl hunts at noon.")


def test_embedders_of_unlike_scales_rank_as_one_would(tmp_path: Path, embedder: Embedder) -> None:
    def narrow(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """As of an embedder that gives any two texts a cosine of 0.8 or more: 0.8 + 0.2 of what it was."""
        same = np.full((*vectors.shape[:-1], 1), np.sqrt(0.8), np.float32)
        return np.concatenate([np.sqrt(0.2).astype(np.float32) * vectors, same], axis=-1)

    texts = [text for texts in _DOCUMENTS.values() for text in texts]
    vectors = embedder.embed_passages(texts)
    half = len(texts) // 2
    chance = embedder.chance()
    narrowed = Chance(0.8 + 0.2 * chance.mean, 0.2 * chance.spread)
    searchers = {
        name: Searcher(
            written(tmp_path / name, texts[part], rows), embed, name, name.partition("-")[0], lambda c=c: c
        )
        for name, part, rows, embed, c in (
            ("plain-all", slice(None), vectors, embedder.embed_query, chance),
            ("plain", slice(half), vectors[:half], embedder.embed_query, chance),
            (
                "narrow",
                slice(half, None),
                narrow(vectors[half:]),
                lambda text: narrow(embedder.embed_query(text)),
                narrowed,
            ),
        )
    }
    whole, first, second = searchers.values()
    for query in ("Where do I put my footwear?", "Who hunts in the evening?", "money for the coming year"):
        question = Question(query, Mode.SEMANTIC)
        expected = [(hit.document_id, hit.score) for hit in together([whole], question)]
        hits = together([first, second], question)
        assert [hit.document_id for hit in hits] == [document for document, _ in expected]
        assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], abs=1e-5)
        assert {hit.library for hit in hits} == {"plain", "narrow"}
    for searcher in searchers.values():
        searcher.store.close()


def test_only_a_library_that_changed_during_the_search_is_read_again(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = "The snowy owl hunts at dusk.", "The snowy owl hunts at noon."
    reads: list[str] = []
    readers: list[StoreReader] = []
    for name, text in (("changing", old), ("calm", "The treasurer saw an owl.")):
        reader = written(tmp_path / name, [text], embedder.embed_passages([text]))
        readers.append(reader)
        read = reader.candidates

        def candidates(*given: object, name: str = name, read: Callable[..., object] = read) -> object:
            found = read(*given)
            reads.append(name)
            if name == "changing" and reads.count(name) == 1:
                writer = StoreWriter(tmp_path / name, 1, embedder.card.dim)
                writer.add_passages([passage(new)], embedder.embed_passages([new]))
                writer.put_files([FileRow(f"/{old}", "txt", FileState.INDEXED, document_id=new)])
            return found

        monkeypatch.setattr(reader, "candidates", candidates)
    question = Question("snowy owl")
    names = ("changing", "calm")
    searchers = [
        Searcher(reader, embedder.embed_query, name) for reader, name in zip(readers, names, strict=True)
    ]
    hits = together(searchers, question)
    for reader in readers:
        reader.close()
    assert [(hit.library, hit.snippet) for hit in hits] == [
        ("changing", new),
        ("calm", "The treasurer saw an owl."),
    ]
    assert sorted(reads) == ["calm", "changing", "changing"]


def together(searchers: list[Searcher], question: Question) -> list[Hit]:
    query = question.parsed()
    return answer_of([Pool(searcher, question, query) for searcher in searchers], question, query).hits


def passage(text: str) -> PassageRow:
    return PassageRow(text, text, text, text, 0, 0, len(text), 9, "{}")


def written(place: Path, texts: list[str], vectors: NDArray[np.float32]) -> StoreReader:
    """A store in which each text is a document of its own."""
    writer = StoreWriter(place, 1, vectors.shape[1])
    writer.add_passages([passage(text) for text in texts], vectors)
    writer.put_files([FileRow(f"/{text}", "txt", FileState.INDEXED, document_id=text) for text in texts])
    return StoreReader(place, 1)
