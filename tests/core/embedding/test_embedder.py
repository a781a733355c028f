"""Vectors equal those of the reference implementation, whatever they are batched with."""

from __future__ import annotations

import contextlib
import io
import os
import random
import threading
import warnings
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np
import pytest

from findling.embedding import Embedder, ensure_installed, open_embedder
from findling.errors import Cancelled, ModelDamaged
from findling.jobs import CancelToken
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, ModelCard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling.settings import Settings

_WORDS = "ropeway gust glacier owl permit budget Kläranlage réunion 4110 m the of and was not".split()


def some_texts(count: int) -> list[str]:
    """Empty, tiny, very long, in several scripts, and prose of all lengths between."""
    chance = random.Random(7)
    texts = [
        "",
        " ",
        "a",
        "氷河の水は冷たい。" * 60,
        "🦉🏔️👩‍🔬" * 40,
        "x" * 3000,
        "İstanbul ﬁ Ǆ ẞ",
        "\n\t\u200b",
    ]
    texts += ["the " * 600, "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd", "a.b,c;d!e?" * 30]
    while len(texts) < count:
        texts.append(" ".join(chance.choices(_WORDS, k=chance.choice([1, 3, 12, 30, 90]))))
    return texts


@pytest.fixture(scope="module")
def reference() -> NDArray[np.float32]:
    """`some_texts(200)` by sentence-transformers from the same weights, float32 (200, 384). The slow one."""
    with warnings.catch_warnings(), mock.patch.dict(os.environ, {"HF_HUB_OFFLINE": "1"}):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(io.StringIO()):
            from sentence_transformers import SentenceTransformer

            weights = BUILTIN_EMBEDDERS["all-minilm-l6-v2"].weights()
            model = SentenceTransformer(str(weights), device="cpu")
            model.max_seq_length = 256
            return model.encode(
                some_texts(200), batch_size=16, normalize_embeddings=True, show_progress_bar=False
            )


def test_vectors_equal_those_of_sentence_transformers(embedder: Embedder, reference: NDArray) -> None:
    texts = some_texts(200)
    vectors = embedder.embed_passages(texts)
    assert vectors.shape == reference.shape
    assert np.abs(vectors - reference).max() <= 1e-5
    for index in range(0, 200, 9):
        assert np.abs(embedder.embed_query(texts[index]) - reference[index]).max() <= 1e-5


def test_a_vector_does_not_depend_on_its_company(embedder: Embedder) -> None:
    texts = some_texts(40)
    alone = np.stack([embedder.embed_passages([text])[0] for text in texts])
    order = random.Random(3).sample(range(len(texts)), len(texts))
    together = embedder.embed_passages([texts[index] for index in order])
    assert np.abs(together - alone[order]).max() <= 1e-5
    longest = max(texts, key=len)
    for text, vector in zip(texts[:12], alone, strict=False):
        assert np.abs(embedder.embed_passages([text, longest])[0] - vector).max() <= 1e-5


def test_vectors_are_unit_rows_in_the_order_of_the_texts(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(["an owl", "the annual budget of the association", "owls"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[2] > 0.8 > 0.4 > vectors[0] @ vectors[1]


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, 384)


def test_text_beyond_the_length_of_the_model_changes_nothing_and_before_it_does(embedder: Embedder) -> None:
    base = "owl " * 254
    room = embedder.max_passage_tokens
    assert room == 254
    kept, longer, shorter, altered = embedder.embed_passages(
        [base, base + "budget " * 50, "owl " * 150, "owl " * 200 + "budget " * 54]
    )
    assert np.abs(kept - longer).max() <= 1e-6
    assert np.abs(kept - shorter).max() > 1e-4
    assert np.abs(kept - altered).max() > 1e-3  # 128 tokens, as the tokenizer's file has it, would not see it


def test_batches_are_counted_and_cancel_is_obeyed_between_two(embedder: Embedder) -> None:
    texts = ["owl " * 250] * 20
    counts: list[int] = []
    embedder.embed_passages(texts, count=counts.append)
    assert sum(counts) == 20
    assert len(counts) > 1
    cancel = CancelToken()
    seen: list[int] = []

    def stop(size: int) -> None:
        seen.append(size)
        cancel.cancel()

    with pytest.raises(Cancelled):
        embedder.embed_passages(texts, cancel, stop)
    assert seen == counts[:1]


def test_queries_are_remembered_and_cannot_be_altered(embedder: Embedder) -> None:
    first = embedder.embed_query("a remembered query")
    assert embedder.embed_query("a remembered query") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0
    for number in range(300):
        embedder.embed_query(f"{number}")
    again = embedder.embed_query("a remembered query")
    assert again is not first
    np.testing.assert_array_equal(again, first)


def test_threads_may_share_an_embedder(embedder: Embedder) -> None:
    texts = [f"text number {number} about owls" for number in range(24)]
    alone = [embedder.embed_passages([text])[0] for text in texts]
    found: dict[int, NDArray[np.float32]] = {}

    def work(start: int) -> None:
        for index in range(start, len(texts), 4):
            found[index] = embedder.embed_query(texts[index])

    workers = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for index, vector in enumerate(alone):
        assert np.abs(found[index] - vector).max() <= 1e-5


def test_prefixes_go_before_the_text_byte_for_byte(
    installed_model: InstalledModel, embedder: Embedder
) -> None:
    known = installed_model.card.to_json() | {"query_prefix": "query: ", "document_prefix": "passage: "}
    prefixed = Embedder(InstalledModel(ModelCard.from_json(known), installed_model.directory))
    plain = embedder.embed_passages(["query: owl", "passage: owl"])
    assert np.abs(prefixed.embed_query("owl") - plain[0]).max() <= 1e-5
    assert np.abs(prefixed.embed_passages(["owl"])[0] - plain[1]).max() <= 1e-5
    assert prefixed.max_passage_tokens == 254 - 2


def test_a_graph_that_does_not_fit_its_card_is_refused(installed_model: InstalledModel) -> None:
    card = ModelCard.from_json(installed_model.card.to_json() | {"dim": 768})
    with pytest.raises(ModelDamaged, match="gives 384 dimensions, its card says 768"):
        Embedder(InstalledModel(card, installed_model.directory))


def test_the_session_says_what_it_runs_on(settings: Settings) -> None:
    report = open_embedder(settings, ensure_installed(settings, "all-minilm-l6-v2")).providers
    if report.actual == "CPU":
        assert any("CUDA" in problem for problem in report.problems)
    else:
        assert report.actual in ("CUDA", "CoreML", "DirectML")
