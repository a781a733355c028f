"""Resident memory while 50,000 passages are embedded, as the indexer does it: 512 at a time.

Each precision in a process of its own. "Added" is beyond the process with the model loaded and one passage
embedded; it should be below 1 GB, and flat after the first passages, among which is one of full length.
Peer: sentence-transformers with its defaults, on a tenth of the passages, in one call as its users do.
FINDLING_BENCH_PASSAGES sets another number.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from typing import TYPE_CHECKING

from common import bench_libraries, collections, heading, table
from peer import running

from findling.embedding import ensure_installed
from findling.embedding.runtimes import precisions
from findling.evaluation import read_collection
from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = "all-minilm-l6-v2"
AT_ONCE = 512
MIB = 2**20

_CHILD = """
import json, sys
from pathlib import Path
import psutil
from findling.embedding import Embedder
from findling.models import InstalledModel, ModelCard
place, precision, at_once = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
embedder = Embedder(InstalledModel(ModelCard.load(place), place), precision=precision, bulk=True)
embedder.embed_passages(["a passage"])
me = psutil.Process()
print(me.memory_info().rss, flush=True)
for _ in embedder.embed_stream(map(json.loads, sys.stdin), at_once=at_once):
    print(me.memory_info().rss, flush=True)
"""


def passages(count: int) -> Iterator[str]:
    """Abstracts of SciFact, again and again, each time cut elsewhere: natural lengths, many of them."""
    records = [f"{r.title}\n{r.text}" for r in read_collection(collections(["scifact"])[0]).records()]
    for number in range(count):
        text = records[number % len(records)]
        yield text[: len(text) - 7 * (number // len(records))]


def measured(place: Path, precision: str, count: int) -> list[int]:
    """Bytes resident at the start, and after each 512 passages."""
    with tempfile.TemporaryFile("w+") as file:
        file.writelines(json.dumps(text) + "\n" for text in passages(count))
        file.seek(0)
        command = [sys.executable, "-c", _CHILD, str(place), precision, str(AT_ONCE)]
        done = subprocess.run(command, stdin=file, capture_output=True, text=True, check=True)
    return [int(line) for line in done.stdout.split()]


def main() -> None:
    """Print a line for each precision, and one for the peer."""
    heading("Memory")
    count = int(os.environ.get("FINDLING_BENCH_PASSAGES", "50000"))
    rows: list[tuple[object, ...]] = []
    with bench_libraries() as libraries:
        model = ensure_installed(libraries.settings, MODEL)
        for precision in precisions(model.card):
            began = time.perf_counter()
            sizes = measured(model.directory, precision, count)
            seconds = time.perf_counter() - began
            parts = [sizes[max(1, len(sizes) * part // 10)] - sizes[0] for part in (1, 5)]
            figures = [*parts, sizes[-1] - sizes[0], max(sizes) - sizes[0]]
            cells = (f"{figure / MIB:.0f}" for figure in figures)
            rows.append((f"Findling {precision}", f"{sizes[0] / MIB:.0f}", *cells, f"{seconds:.0f}"))
    import psutil

    texts = list(islice(passages(count), count // 10))
    began = time.perf_counter()
    task = {"texts": texts, "threads": os.cpu_count(), "dtype": "", "batch": 0}
    weights = str(BUILTIN_EMBEDDERS[MODEL].weights())
    with running("sentence_transformers_peer", directory=weights, **task) as peer:
        before = psutil.Process(peer.pid).memory_info().rss
        peer.ask("go")
        added = psutil.Process(peer.pid).memory_info().rss - before
    figures = ("", "", f"{added / MIB:.0f}", "", f"{time.perf_counter() - began:.0f}")
    name = f"sentence-transformers (peer), {len(texts)}"
    rows.append((name, f"{before / MIB:.0f}", *figures))
    head = ("MiB", "loaded", "added after a tenth", "after half", "at the end", "at most", "seconds")
    print(f"{count} passages, {AT_ONCE} at a time\n")
    table(head, rows)


if __name__ == "__main__":
    main()
