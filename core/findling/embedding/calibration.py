"""Which precision of a model this machine runs fastest, found out by running them.

Once per machine and model: in each precision a few real passages are embedded, and the fastest whose vectors
are near enough to those of fp32 is taken; a reranker scores each of them for the beginnings of all. Choice
and figures are kept in the state directory and shown.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

import findling
from findling.embedding.onnx_session import runtime_version
from findling.embedding.runtimes import BF16, open_session, precisions
from findling.embedding.session import default_threads
from findling.embedding.tokenizer import PairTokenizer, TextTokenizer, pad
from findling.errors import one_line
from findling.models import Kind
from findling.settings import private_directory, write_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling.models import InstalledModel
    from findling.settings import Settings

#: A precision's vectors must have this mean cosine to those of fp32; a reranker's scores this correlation.
COSINE_BAR = 0.98
#: Each precision is run for about this long, after one batch that warms it.
_SECONDS = 0.6
_PASSAGES = 4
_PASSAGE_CHARACTERS = 1000
_QUERY_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """A precision on this machine: speed, and mean cosine to fp32, or of a reranker the correlation of its
    scores with those in fp32. `problem` says why it could not run."""

    precision: str
    threads: int
    passages_per_second: float
    cosine: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The choice for one model on one machine, and what it rests on. `machine` tells when it is stale."""

    precision: str
    threads: int
    machine: str
    figures: tuple[Measured, ...]

    @property
    def near(self) -> tuple[str, ...]:
        """The precisions whose vectors are near enough to those of fp32."""
        return tuple(figure.precision for figure in self.figures if figure.cosine >= COSINE_BAR)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`. Raises KeyError, TypeError."""
        figures = tuple(Measured(**figure) for figure in stored["figures"])
        return cls(stored["precision"], stored["threads"], stored["machine"], figures)


def stored_calibration(settings: Settings, model: InstalledModel) -> Calibration | None:
    """What was measured here for this model with these runtimes and settings, if it was."""
    path = _file(settings, model)
    try:
        found = Calibration.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    known = found.precision in (*model.card.variants, BF16)
    return found if known and found.machine == _machine(settings, model) else None


def calibrate(settings: Settings, model: InstalledModel) -> Calibration:
    """Measure every precision, then numbers of threads, choose, and keep the result; about three seconds for
    a small model. Raises `ModelDamaged` when not even the highest precision runs."""
    rows, types = _rows(model)
    threads = settings.embedder_threads or default_threads()
    figures: list[Measured] = []
    reference: NDArray[np.float32] | None = None
    for precision in precisions(model.card, settings.embedder_provider):
        try:
            vectors, speed = _run(settings, model, precision, threads, rows, types)
        except Exception as error:
            if reference is None:
                raise
            figures.append(Measured(precision, threads, 0.0, 0.0, one_line(error)))
            continue
        reference = vectors if reference is None else reference
        cosine = _agreement(model.card.kind, vectors, reference)
        figures.append(Measured(precision, threads, round(speed, 1), round(cosine, 5)))
    good = [figure for figure in figures if figure.cosine >= COSINE_BAR]
    best = max(good, key=lambda figure: figure.passages_per_second)
    if (fewer := _physical_cores()) < threads and not settings.embedder_threads:
        _, speed = _run(settings, model, best.precision, fewer, rows, types)
        figures.append(replace(best, threads=fewer, passages_per_second=round(speed, 1)))
        best = max(best, figures[-1], key=lambda figure: figure.passages_per_second)
    found = Calibration(best.precision, best.threads, _machine(settings, model), tuple(figures))
    private_directory(_file(settings, model).parent)
    write_json(_file(settings, model), asdict(found))
    return found


def _rows(model: InstalledModel) -> tuple[list[list[int]], list[list[int]] | None]:
    """Token ids of passages; of a reranker those of each with the beginnings of all, and token types."""
    card, passages = model.card, _passages()
    if card.kind is not Kind.RERANKER:
        tokenizer = TextTokenizer(model.tokenizer, card.max_tokens, card.eos)
        return tokenizer.encode([card.document_prefix + text for text in passages]), None
    rows: list[list[int]] = []
    types: list[list[int]] = []
    pairs = PairTokenizer(model.tokenizer, card.max_tokens)
    for text in passages:
        more_rows, more_types = pairs.encode(text[:_QUERY_CHARACTERS], passages)
        rows += more_rows
        types += more_types
    return rows, types


def _agreement(kind: Kind, given: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Mean cosine of unit vectors, (N, D); of scores, (N, 1), the correlation, since their order counts."""
    if kind is not Kind.RERANKER:
        return float(np.einsum("nd,nd->n", given, reference).mean())
    mine, exact = (scores.ravel().astype(np.float64) for scores in (given, reference))
    mine, exact = mine - mine.mean(), exact - exact.mean()
    lengths = float(np.linalg.norm(mine) * np.linalg.norm(exact))
    return float(mine @ exact) / lengths if lengths else float(np.array_equal(mine, exact))


def _run(
    settings: Settings,
    model: InstalledModel,
    precision: str,
    threads: int,
    rows: list[list[int]],
    types: list[list[int]] | None = None,
) -> tuple[NDArray[np.float32], float]:
    """Vectors of `rows`, or scores, (len(rows), D), and rows per second in batches that suit the session."""
    session = open_session(
        model, precision, threads, bulk=True, provider=settings.embedder_provider, fall_back=False
    )
    count = max(len(rows), session.batch_tokens // max(map(len, rows)))
    places = [index % len(rows) for index in range(count)]
    ids, mask = pad([rows[place] for place in places])
    kinds = None if types is None else pad([types[place] for place in places])[0]
    began = time.perf_counter()
    vectors = session.run(ids, mask, kinds)[: len(rows)]
    runs = 1
    if time.perf_counter() - began < _SECONDS:  # else the model is slow enough for one run to be its measure
        began, runs = time.perf_counter(), 0
        while runs == 0 or time.perf_counter() - began < _SECONDS:
            session.run(ids, mask, kinds)
            runs += 1
    return vectors, runs * count / (time.perf_counter() - began)


def _physical_cores() -> int:
    """Cores, two threads of one counted once; all where the system does not say."""
    import psutil

    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


def _passages() -> list[str]:
    """Real text: pieces of the sample documents that come with Findling."""
    samples = Path(findling.__file__).parent / "sample_library"
    texts = [path.read_text(encoding="utf-8") for path in sorted(samples.rglob("*.md"))]
    pieces = [text[:_PASSAGE_CHARACTERS] for text in texts if len(text) >= _PASSAGE_CHARACTERS]
    return pieces[:_PASSAGES] or ["Glaciers carry boulders far from where they broke off. " * 20] * _PASSAGES


def _machine(settings: Settings, model: InstalledModel) -> str:
    """What a measurement holds for: processor, cores, runtimes, settings, and the model's own files."""
    try:
        openvino = importlib.metadata.version("openvino")
    except importlib.metadata.PackageNotFoundError:
        openvino = ""
    parts = (platform.processor() or platform.machine(), str(os.cpu_count()), runtime_version(), openvino)
    wanted = (settings.embedder_provider, str(settings.embedder_threads))
    return " | ".join((*parts, *wanted, model.card.fingerprint, ",".join(sorted(model.card.variants))))


def _file(settings: Settings, model: InstalledModel) -> Path:
    return settings.home.state / "calibration" / f"{model.card.id}.json"
