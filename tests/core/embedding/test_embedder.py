"""Vectors equal those of the reference implementation, whatever they are batched with."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest

from findling.embedding import Embedder, ProviderReport, ensure_installed, open_embedder
from findling.embedding import embedder as room
from findling.embedding.runtimes import open_session
from findling.embedding.session import OutOfMemory
from findling.errors import Cancelled, ModelDamaged, UserError
from findling.jobs import CancelToken
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, ModelCard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.embedding.session import Session
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
    embedder.embed_passages(texts, count=lambda count, _: counts.append(count))
    assert sum(counts) == 20
    assert len(counts) > 1
    cancel = CancelToken()
    seen: list[int] = []

    def stop(size: int, _: float) -> None:
        seen.append(size)
        cancel.cancel()

    with pytest.raises(Cancelled):
        embedder.embed_passages(texts, cancel, stop)
    assert seen == counts[:1]


def test_work_is_shared_out_by_length(embedder: Embedder) -> None:
    done: list[tuple[int, float]] = []
    embedder.embed_passages(["owl"] * 30 + ["owl " * 200] * 30, count=lambda *one: done.append(one))
    assert sum(share for _, share in done) == pytest.approx(1)
    halfway = [share for count, share in done if count < 30]  # of the long ones, which come first
    assert sum(halfway) > 0.9


def test_any_number_of_texts_is_taken_as_it_comes(embedder: Embedder) -> None:
    texts = some_texts(25)
    taken: list[str] = []

    def read() -> Iterator[str]:
        for text in texts:
            taken.append(text)
            yield text

    parts = embedder.embed_stream(read(), at_once=10)
    first = next(parts)
    assert len(taken) == len(first) == 10
    rest = list(parts)
    assert [len(part) for part in rest] == [10, 5]
    assert np.abs(np.concatenate([first, *rest]) - embedder.embed_passages(texts)).max() <= 1e-5
    assert list(embedder.embed_stream([])) == []


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


def test_a_query_that_many_ask_at_once_is_embedded_once(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, calls, both = embedder._run, [], threading.Barrier(2)

    def slow(rows: list[list[int]]) -> NDArray[np.float32]:
        calls.append(rows)
        both.wait()  # until the second has been asked
        return run(rows)

    monkeypatch.setattr(embedder, "_run", slow)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(embedder.embed_query, "asked at once")
        second = threads.submit(lambda: [both.wait(), embedder.embed_query("asked at once")][1])
        assert second.result() is first.result()
    assert len(calls) == 1

    def broken(rows: list[list[int]]) -> NDArray[np.float32]:
        raise ModelDamaged("no more")

    monkeypatch.setattr(embedder, "_run", broken)
    with pytest.raises(ModelDamaged):
        embedder.embed_query("fails at first")
    monkeypatch.setattr(embedder, "_run", run)
    assert embedder.embed_query("fails at first").shape == (384,)


def test_chance_is_that_of_texts_which_have_nothing_to_do_with_each_other(embedder: Embedder) -> None:
    chance = embedder.chance()
    assert -0.1 < chance.mean < 0.2
    assert 0.02 < chance.spread < 0.2
    question, answer = "Where do swallows fly in winter?", "Swallows leave for Africa before it is winter."
    related = float(embedder.embed_query(question) @ embedder.embed_passages([answer])[0])
    assert related > chance.mean + 5 * chance.spread


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


class Device:
    """A session on a device that runs at most `most` texts at once, and fails for good after `runs`."""

    last_resort = False
    batch_tokens = 1024
    dim = 384

    def __init__(self, inner: Session, most: int = 1000, runs: int = 1000, *, actual: str = "CUDA") -> None:
        self._inner = inner
        self._most = most
        self._runs = runs
        self.report = ProviderReport(actual)
        self.batches: list[int] = []

    def run(self, ids: NDArray[np.int64], mask: NDArray[np.int64], types: None = None) -> NDArray[np.float32]:
        if len(self.batches) >= self._runs:
            raise RuntimeError("CUDA error 700: an illegal memory access\nmore")
        if len(ids) > self._most:
            raise OutOfMemory("CUDA failure 2: out of memory")
        self.batches.append(len(ids))
        return self._inner.run(ids, mask)


def on_device(
    model: InstalledModel, monkeypatch: pytest.MonkeyPatch, **limits: Any
) -> tuple[Embedder, Device]:
    """An embedder on a device with limits; what it falls back to is real."""
    devices: list[Device] = []

    def open_(model: InstalledModel, precision: str, threads: int, **how: Any) -> Session:
        session = open_session(model, precision, threads, **how)
        if how["provider"] != "auto":
            return session
        devices.append(Device(session, **limits))
        return devices[0]

    monkeypatch.setattr(room, "open_session", open_)
    return Embedder(model), devices[0]


def test_a_batch_without_room_is_halved_and_so_are_those_after_it(
    installed_model: InstalledModel, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, device = on_device(installed_model, monkeypatch, most=5)
    texts = [f"owl number {number} " * 20 for number in range(90)]
    vectors = small.embed_passages(texts)
    assert np.abs(vectors - embedder.embed_passages(texts)).max() <= 1e-5
    assert small.providers.problems == ("CUDA: too little memory, now in smaller batches",)
    assert small.providers.actual == "CUDA"
    device.batches.clear()
    small.embed_passages(texts)
    assert max(device.batches) <= 5
    assert len(device.batches) == pytest.approx(90 / max(device.batches), abs=1)  # none was tried in vain


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"most": 0}, "too little memory"), ({"runs": 2}, "CUDA error 700: an illegal memory access")],
)
def test_a_device_that_fails_is_left_for_the_cpu_and_nothing_is_lost(
    installed_model: InstalledModel,
    embedder: Embedder,
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, int],
    reason: str,
) -> None:
    failing, device = on_device(installed_model, monkeypatch, **limits)
    texts = ["owl " * 250] * 20
    counts: list[int] = []
    vectors = failing.embed_passages(texts, count=lambda count, _: counts.append(count))
    assert sum(counts) == len(texts)
    assert np.abs(vectors - embedder.embed_passages(texts[:1])).max() <= 1e-5
    assert failing.providers.actual == "CPU"
    assert failing.providers.problems[-1].startswith(f"CUDA, fp32: {reason}")
    ran = list(device.batches)
    failing.embed_query("owl")
    assert device.batches == ran  # it is not tried again


def test_bf16_that_fails_gives_way_to_the_models_own_graph(
    installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, _ = on_device(installed_model, monkeypatch, runs=0, actual="CPU")
    failing._session.precision = "bf16"
    assert failing.embed_passages(["owl"]).shape == (1, 384)
    assert failing.precision == "fp32"
    assert failing.providers.problems[-1].startswith("CPU, bf16: CUDA error 700")


def test_when_nothing_is_left_to_try_the_reason_is_one_line(
    installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    last, device = on_device(installed_model, monkeypatch, most=0)
    device.last_resort = True
    with pytest.raises(UserError, match="too little memory to run all-minilm-l6-v2"):
        last.embed_passages(["owl"] * 4)
    device._runs = 0
    with pytest.raises(ModelDamaged, match=r"cannot be run: CUDA error 700: an illegal memory access\.$"):
        last.embed_query("owl")


def test_memory_that_is_really_short_costs_speed_alone(
    tmp_path: Path, installed_model: InstalledModel
) -> None:
    """In a process whose address space ends soon: 80 long texts in one batch would need far more."""
    script = tmp_path / "short.py"
    script.write_text(_SHORT_OF_MEMORY)
    arguments = [sys.executable, str(script), str(installed_model.directory)]
    ran = subprocess.run(arguments, capture_output=True, text=True, check=True)
    difference, problems = json.loads(ran.stdout.splitlines()[-1])
    assert difference <= 1e-5
    assert problems == ["CPU: too little memory, now in smaller batches"]


_SHORT_OF_MEMORY = """
import json, resource, sys
from pathlib import Path
import numpy as np
from findling.embedding import Embedder
from findling.models import InstalledModel, ModelCard
place = Path(sys.argv[1])
embedder = Embedder(InstalledModel(ModelCard.load(place), place), 2, provider="CPU")
texts = ["owl " * 240] * 80
alone = embedder.embed_passages(texts[:1])
embedder._session.batch_tokens = 256 * 80
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 120 * 2**20, -1))
vectors = embedder.embed_passages(texts)
print(json.dumps([float(np.abs(vectors - alone).max()), embedder.providers.problems]))
"""


def test_an_instruction_goes_where_the_model_wants_it(
    installed_model: InstalledModel, embedder: Embedder
) -> None:
    known = installed_model.card.to_json()
    known |= {"query_prefix": "Instruct: {instruction}\nQuery:", "instruction": "find it"}
    card = ModelCard.from_json(known)
    tasked = Embedder(InstalledModel(card, installed_model.directory))
    assert card.takes_instruction
    assert not installed_model.card.takes_instruction
    plain = embedder.embed_passages(["Instruct: find it\nQuery:owl", "Instruct: name the law\nQuery:owl"])
    assert np.abs(tasked.embed_query("owl") - plain[0]).max() <= 1e-5
    assert np.abs(tasked.embed_query("owl", "name the law") - plain[1]).max() <= 1e-5
    assert np.abs(tasked.embed_query("owl") - plain[0]).max() <= 1e-5


def test_the_session_says_what_it_runs_on(settings: Settings) -> None:
    report = open_embedder(settings, ensure_installed(settings, "all-minilm-l6-v2")).providers
    if report.actual == "CPU":
        assert any("CUDA" in problem for problem in report.problems)
    else:
        assert report.actual in ("CUDA", "CoreML", "DirectML")
