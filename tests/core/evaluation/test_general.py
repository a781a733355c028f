"""The general pairs, and the guard against forgetting by the vectors of the built-in model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.analysis import tokens
from findling.evaluation import GeneralProbe, forgetting, general, general_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from findling.embedding import Embedder


@pytest.fixture(scope="module")
def base(embedder: Embedder) -> GeneralProbe:
    pairs = general_pairs()
    return GeneralProbe(
        embedder.embed_passages([pair.query for pair in pairs]),
        embedder.embed_passages([pair.passage for pair in pairs]),
    )


def words(text: str) -> list[str]:
    return [token.text.lower() for token in tokens(text)]


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def moved(probe: GeneralProbe, by: float, seed: int) -> GeneralProbe:
    """Each vector with noise of that length, another for each text."""
    chance = np.random.default_rng(seed)

    def near(vectors: np.ndarray) -> np.ndarray:
        return unit(vectors + chance.normal(0, by / vectors.shape[1] ** 0.5, vectors.shape))

    return GeneralProbe(near(probe.queries), near(probe.passages))


def test_there_are_enough_pairs_of_many_subjects_and_four_languages() -> None:
    pairs = general_pairs()
    assert len(pairs) >= 520
    languages = Counter(pair.language for pair in pairs)
    assert languages["en"] >= 440
    assert all(languages[code] >= 25 for code in ("de", "fr", "es"))
    subjects = Counter(pair.id.rpartition("-")[0] for pair in pairs)
    assert len(subjects) >= 29
    assert max(subjects.values()) <= 27


def test_no_query_and_no_passage_is_there_twice() -> None:
    pairs = general_pairs()
    for texts in (
        [pair.id for pair in pairs],
        [" ".join(words(pair.query)) for pair in pairs],
        [" ".join(words(pair.passage)) for pair in pairs],
    ):
        assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_passages_are_short_and_queries_are_no_copies_of_them() -> None:
    for pair in general_pairs():
        assert 25 <= len(pair.passage.split()) <= 60, pair
        query, passage = words(pair.query), " ".join(["", *words(pair.passage), ""])
        assert 3 <= len(query) <= 16, pair
        runs = [
            end - start
            for start in range(len(query))
            for end in range(start + 1, len(query) + 1)
            if " ".join(["", *query[start:end], ""]) in passage
        ]
        assert max(runs, default=0) <= 0.6 * len(query), pair


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (['{"id": "a", "language": "en", "query": "q", "passage": ""}'], "line 1: needs id, language"),
        (['{"id": "a", "language": "en", "query": "q"}'], "line 1: needs id, language, query, passage"),
        (
            [f'{{"id": "{one}", "language": "en", "query": "q", "passage": "{one}"}}' for one in "ab"],
            "line 2: repeats a query",
        ),
    ],
)
def test_a_line_that_is_wrong_is_named(
    lines: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "general_pairs.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(general, "_FILE", file)
    with pytest.raises(ValueError, match=problem):
        general_pairs.__wrapped__()


def test_the_built_in_model_finds_most_and_can_lose(base: GeneralProbe) -> None:
    assert 0.80 < base.ndcg().mean() < 0.95


def test_a_passage_counts_by_its_rank() -> None:
    angles = np.radians([0, 10, 20, 30, 40, 50, 60, 70, 80, 85, 88])
    passages = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    queries = np.tile(passages[:1], (11, 1))
    probe = GeneralProbe(queries, passages)
    assert probe.ndcg() == pytest.approx([*(1 / np.log2(rank + 1) for rank in range(1, 11)), 0])
    assert probe.best()[0].tolist() == list(range(10))


def test_a_model_that_has_not_moved_has_forgotten_nothing(base: GeneralProbe) -> None:
    found = forgetting(base, base)
    assert (found.difference.mean, found.difference.low, found.difference.high) == (0, 0, 0)
    assert found.base == found.tuned == pytest.approx(100 * base.ndcg().mean())
    assert (found.drift_cosine, found.rank_overlap) == (pytest.approx(1), 1)
    assert found.passed


def test_drift_grows_before_anything_is_lost_and_a_loss_is_refused(base: GeneralProbe) -> None:
    slight, some, strong = (
        [forgetting(base, moved(base, by, seed)) for seed in range(2)] for by in (0.05, 0.2, 0.7)
    )
    for little, more, most in zip(slight, some, strong, strict=True):
        assert little.passed
        assert not most.passed
        assert most.difference.high < -1
        for found in (little, more, most):
            assert found.difference.mean == pytest.approx(found.tuned - found.base)
        cosines = [found.drift_cosine or 0.0 for found in (little, more, most)]
        assert 1 > cosines[0] > cosines[1] > cosines[2] > 0
        assert 1 > little.rank_overlap > more.rank_overlap > most.rank_overlap > 0


@pytest.mark.parametrize(("lost", "passed"), [(10, True), (11, False)])
def test_one_point_may_be_lost_and_no_more(lost: int, passed: bool) -> None:
    axes = np.eye(1000, dtype=np.float32)
    tuned = axes.copy()
    tuned[:lost] *= -1  # those queries find their passage last
    found = forgetting(GeneralProbe(axes, axes), GeneralProbe(tuned, axes))
    assert found.difference.mean == pytest.approx(-lost / 10)
    assert found.difference.low < -1
    assert found.passed is passed


def test_a_model_that_makes_all_texts_equal_is_refused(base: GeneralProbe) -> None:
    same = np.tile(base.queries[:1], (len(base.queries), 1))
    found = forgetting(base, GeneralProbe(same, same))
    assert found.tuned == 0
    assert not found.passed


def test_models_of_other_dimensions_are_compared_by_what_they_find(base: GeneralProbe) -> None:
    wide = GeneralProbe(*(np.pad(vectors, ((0, 0), (0, 16))) for vectors in (base.queries, base.passages)))
    found = forgetting(base, wide)
    assert found.drift_cosine is None
    assert (found.rank_overlap, found.passed) == (pytest.approx(1, abs=0.001), True)


def test_what_is_no_pair_of_unit_vectors_is_refused() -> None:
    axes = np.eye(4, dtype=np.float32)
    broken = axes.copy()
    broken[2, 1] = np.nan
    for queries, problem in ((axes[:3], "not pairs"), (2 * axes, "length 1"), (broken, "length 1")):
        with pytest.raises(ValueError, match=problem):
            GeneralProbe(queries, axes)
    with pytest.raises(ValueError, match="4 pairs and 3"):
        forgetting(GeneralProbe(axes, axes), GeneralProbe(axes[:3], axes[:3]))
