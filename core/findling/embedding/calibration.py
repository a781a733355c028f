"""Which variant of a model this machine runs fastest, found out by running them.

Once per machine and model: each variant embeds a few real passages, and the fastest whose vectors are near
enough to those of fp32 is taken. Choice and figures are kept in the state directory and shown.
"""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

import findling
from findling.embedding.session import default_threads, open_session, runtime_version
from findling.embedding.tokenizer import TextTokenizer, pad
from findling.errors import one_line
from findling.settings import private_directory, write_atomically

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling.models import InstalledModel
    from findling.settings import Home

#: A variant's vectors must have this mean cosine to those of fp32.
COSINE_BAR = 0.98
#: Each variant is run for about this long, after one batch that warms it.
_SECONDS = 0.6
_PASSAGES = 4
_PASSAGE_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """A variant on this machine: speed, and mean cosine to fp32. `problem` says why it could not run."""

    precision: str
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

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `dataclasses.asdict`. Raises KeyError, TypeError."""
        figures = tuple(Measured(**figure) for figure in stored["figures"])
        return cls(stored["precision"], stored["threads"], stored["machine"], figures)


def stored_calibration(home: Home, model: InstalledModel) -> Calibration | None:
    """What was measured here for this model with this runtime, if it was."""
    try:
        found = Calibration.from_json(json.loads(_file(home, model).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.machine == _machine(model) and found.precision in model.card.variants else None


def calibrate(home: Home, model: InstalledModel, threads: int = 0) -> Calibration:
    """Measure every variant, choose, and keep the result; some seconds. Raises `ModelDamaged` when not even
    the highest precision runs."""
    tokenizer = TextTokenizer(model.tokenizer, model.card.max_tokens, model.card.eos)
    rows = tokenizer.encode([model.card.document_prefix + text for text in _passages()])
    ids, mask = pad(rows)
    figures: list[Measured] = []
    reference: NDArray[np.float32] | None = None
    for precision in sorted(model.card.variants, key=lambda name: name != model.card.highest):
        try:
            vectors, speed = _run(model.variant(precision), threads, ids, mask)
        except Exception as error:
            if reference is None:
                raise
            figures.append(Measured(precision, 0.0, 0.0, one_line(error)))
            continue
        reference = vectors if reference is None else reference
        cosine = float(np.einsum("nd,nd->n", vectors, reference).mean())
        figures.append(Measured(precision, round(speed, 1), round(cosine, 5)))
    good = [figure for figure in figures if figure.cosine >= COSINE_BAR]
    best = max(good, key=lambda figure: figure.passages_per_second)
    found = Calibration(best.precision, threads or default_threads(), _machine(model), tuple(figures))
    private_directory(_file(home, model).parent)
    write_atomically(_file(home, model), json.dumps(asdict(found), indent=2) + "\n")
    return found


def _run(
    graph: Path, threads: int, ids: NDArray[np.int64], mask: NDArray[np.int64]
) -> tuple[NDArray[np.float32], float]:
    """Vectors (B, D), and passages per second."""
    session, _ = open_session(graph, threads, bulk=True)
    feeds = {"input_ids": ids, "attention_mask": mask}
    vectors = session.run(["sentence_embedding"], feeds)[0]
    began = time.perf_counter()
    runs = 0
    while runs == 0 or time.perf_counter() - began < _SECONDS:
        session.run(["sentence_embedding"], feeds)
        runs += 1
    return vectors, runs * len(ids) / (time.perf_counter() - began)


def _passages() -> list[str]:
    """Real text: pieces of the sample documents that come with Findling."""
    samples = Path(findling.__file__).parent / "sample_library"
    texts = [path.read_text(encoding="utf-8") for path in sorted(samples.rglob("*.md"))]
    pieces = [text[:_PASSAGE_CHARACTERS] for text in texts if len(text) >= _PASSAGE_CHARACTERS]
    return pieces[:_PASSAGES] or ["Glaciers carry boulders far from where they broke off. " * 20] * _PASSAGES


def _machine(model: InstalledModel) -> str:
    """What a measurement holds for: processor, cores, runtime, and the model's own files."""
    parts = (platform.processor() or platform.machine(), str(os.cpu_count()), runtime_version())
    return " | ".join((*parts, model.card.fingerprint, ",".join(sorted(model.card.variants))))


def _file(home: Home, model: InstalledModel) -> Path:
    return home.state / "calibration" / f"{model.card.id}.json"
