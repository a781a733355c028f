"""From a folder of text files to an index that can be searched, end to end, against three peers.

The folder holds SciFact's abstracts, one a file (FINDLING_BENCH_FILES of them, or 2,000): the title, an empty
line, the text. Each contender is a fresh process, with the same MiniLM weights and as many threads as the
machine has, and ends when its index can be searched. In turns, the best of FINDLING_BENCH_ROUNDS (2). With
other work on the machine it says little: the indexer makes itself nice, the peers do not.

The work differs, and the table says how: passages or chunks made, and tokens embedded.

- Findling: `findling index`, in a home where the model is built and calibrated; how long the first run in a
  new home takes is a line of its own. Vectors and words. Files are read in processes with limits, a killed
  run can be resumed, and what changes later is told from the rest: no peer does all of these.
- script: what a person would write with sentence-transformers and LanceDB, given Findling's passages: files
  are read and cut beforehand, which is not timed. Vectors and words. With its defaults, and in bfloat16, as a
  user who knows would set it; it sorts by length by itself.
- txtai: its own segmentation makes a chunk of each paragraph, here of the title and of the abstract; cut off
  at the 512 tokens of the tokenizer's file, where the model's own limit is 256. Vectors (faiss) and words.
- semantra: windows of 128 tokens that overlap by 16, file by file. Vectors (Annoy) alone, and a file of their
  own for each file. The model's special tokens stand at the ends of a file, not of a window.

Then what only Findling is asked: how much of the run is embedding, how true the time left is that it shows,
and how fast it pauses and ends.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import job_control
from common import collections, heading, table
from measured import Measured, measured
from peer import QUIET, SCRIPTS, python_of

from findling.chunking import cut
from findling.documents import parse
from findling.embedding import Embedder, ensure_installed
from findling.evaluation import read_collection
from findling.library import Libraries
from findling.models import BUILTIN_EMBEDDERS
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = int(os.environ.get("FINDLING_BENCH_FILES", "2000"))
ROUNDS = int(os.environ.get("FINDLING_BENCH_ROUNDS", "2"))
MODEL = "all-minilm-l6-v2"
MIB = 2**20
#: File times, so that the order of indexing is the same each time: seconds.
WRITTEN = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Work:
    """What an index holds: `chunks` with a vector, and the `tokens` that were embedded for them."""

    chunks: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Contender:
    """`make` an index in a new directory, and `check` it: what it holds. That is not timed, and raises
    RuntimeError when a search does not find what it should."""

    name: str
    make: Callable[[Path], Measured]
    check: Callable[[Path], Work]


@dataclass(frozen=True, slots=True)
class Folder:
    """The files; `query` is the title of the one at `wanted`."""

    place: Path
    query: str
    wanted: Path

    @classmethod
    def written(cls, place: Path) -> Folder:
        """`FILES` abstracts of SciFact, in the order of their collection."""
        place.mkdir()
        records = list(islice(read_collection(collections(["scifact"])[0]).records(), FILES))
        for number, record in enumerate(records):
            path = place / f"{record.id}.txt"
            path.write_text(f"{record.title}\n\n{record.text}\n", encoding="utf-8")
            os.utime(path, (WRITTEN + number, WRITTEN + number))
        middle = records[len(records) // 2]
        return cls(place, middle.title, place / f"{middle.id}.txt")

    def files(self) -> list[Path]:
        """Sorted."""
        return sorted(self.place.iterdir())

    def check(self, name: str, found: list[str]) -> None:
        """Raises RuntimeError when the wanted file is not among those that `name` has `found`."""
        if str(self.wanted) not in found:
            raise RuntimeError(f"{name} does not find {self.wanted} by its title")


class Findling:
    """`findling index` into a new library each time, in one home."""

    def __init__(self, home: Path, folder: Folder) -> None:
        self._program = Path(sys.executable).with_name("findling")
        self._home = home
        self._folder = folder
        #: Of all rounds.
        self.runs: list[Measured] = []

    def make(self, place: Path) -> Measured:
        """A library with the name of `place`."""
        self.runs.append(measured(self._command("index", self._folder.place, "--library", place.name)))
        return self.runs[-1]

    def check(self, work: Work, place: Path) -> Work:
        """That the library with that name holds as many passages as `work` says; returns it."""
        found = measured(self._command("search", self._folder.query, "--library", place.name))
        self._folder.check("Findling", [hit["path"] for hit in json.loads(found.output)])
        if (passages := json.loads(self.runs[-1].output)["passages"]) != work.chunks:
            raise RuntimeError(f"Findling made {passages} passages where {work.chunks} were expected")
        return work

    def _command(self, *words: str | Path) -> list[str | Path]:
        return [self._program, *words, "--home", self._home, "--json"]


def dump_passages(home: Path, folder: Folder, to: Path) -> Work:
    """Write the passages that Findling makes of the folder as JSONL of {"path", "text"}."""
    model = ensure_installed(Settings(Home.at(home)), MODEL)
    embedder = Embedder(model)
    texts: list[str] = []
    with to.open("w", encoding="utf-8") as lines:
        for path in folder.files():
            for passage in cut(parse(path), embedder.count_tokens, embedder.max_passage_tokens):
                texts.append(passage.content)
                lines.write(json.dumps({"path": str(path), "text": passage.content}) + "\n")
    return Work(len(texts), sum(len(row) for row in embedder.tokenizer.encode(texts)))


def script(name: str, folder: Folder, title: str, **task: Any) -> Contender:
    """The contender whose peer script is `name`."""
    program = [python_of(name), SCRIPTS / f"{name}.py"]
    weights = str(BUILTIN_EMBEDDERS[MODEL].weights())
    task |= {"folder": str(folder.place), "directory": weights, "query": folder.query}

    def asked(do: str, place: Path) -> Measured:
        given = json.dumps(task | {"do": do, "place": str(place)})
        return measured([*program, given], environment())

    def check(place: Path) -> Work:
        answer = json.loads(asked("check", place).output)
        folder.check(title, answer["paths"])
        return Work(answer["chunks"], answer["tokens"])

    return Contender(f"{title} (peer)", partial(asked, "make"), check)


def semantra(folder: Folder) -> Contender:
    """It has a program of its own."""
    program = python_of("semantra_peer").with_name("semantra")
    weights = BUILTIN_EMBEDDERS[MODEL].weights()

    def make(place: Path) -> Measured:
        options = ["--transformer-model", weights, "--no-server", "--silent", "--semantra-dir", place]
        return measured([program, *options, *folder.files()], environment())

    def check(place: Path) -> Work:
        made = [json.loads(path.read_text()) for path in place.glob("*.config.json")]
        vectors = [
            path.stat().st_size // (4 * made[0]["num_dimensions"]) for path in place.glob("*.embeddings")
        ]
        trees = list(place.glob("*.annoy"))
        if not len(made) == len(vectors) == len(trees) == len(folder.files()):
            raise RuntimeError(f"semantra made {len(trees)} indexes of {len(folder.files())} files")
        return Work(sum(vectors), sum(one["num_embedding_tokens"] for one in made))

    return Contender("semantra 0.1.12 (peer)", make, check)


def environment() -> dict[str, str]:
    """Of peers: offline, and with all threads."""
    threads = str(os.cpu_count() or 1)
    return {**QUIET, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}


def contest(contenders: list[Contender], place: Path, files: int) -> None:
    """Run them in turns and print the table; the first is what the others are compared with."""
    best: dict[str, Measured] = {}
    work: dict[str, Work] = {}
    for turn in range(ROUNDS):
        for contender in contenders:
            target = place / f"{contenders.index(contender)}-{turn}"
            run = contender.make(target)
            print(f"{contender.name}: {run.seconds:.1f} s", file=sys.stderr, flush=True)
            known = best.get(contender.name)
            best[contender.name] = run if known is None or run.seconds < known.seconds else known
            if turn == 0:
                work[contender.name] = contender.check(target)
    base = best[contenders[0].name].seconds
    rows: list[tuple[object, ...]] = []
    for name, run in best.items():
        made = work[name]
        rows.append(
            (
                name,
                files / run.seconds,
                made.chunks,
                made.chunks / run.seconds,
                f"{made.tokens:,}",
                f"{made.tokens / run.seconds:,.0f}",
                f"{run.seconds:.1f}",
                f"{run.seconds / base:.2f}",
                f"{run.processor_seconds:.1f}",
                f"{run.peak_bytes / MIB:.0f}",
            )
        )
    head = ("", "files/s", "passages or chunks", "passages/s", "tokens embedded", "tokens/s", "seconds")
    table((*head, "seconds ÷ Findling's", "processor seconds", "peak MiB"), rows)


def main() -> None:
    """Print all of it."""
    heading("Indexing")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder = Folder.written(root / "folder")
        files = len(folder.files())
        size = sum(path.stat().st_size for path in folder.files())
        findling = Findling(root / "home", folder)
        first = findling.make(root / "first")
        passages = dump_passages(root / "home", folder, root / "passages.jsonl")
        findling.runs.clear()
        print(f"{files} files, {size / 1e6:.1f} MB; each on {os.cpu_count()} threads")
        print(f"first run in a new home, model built and calibrated: {first.seconds:.1f} s\n")
        given = {"passages": str(root / "passages.jsonl")}
        contest(
            [
                Contender("Findling", findling.make, partial(findling.check, passages)),
                script("script_peer", folder, "script", dtype="", **given),
                script("script_peer", folder, "script in bfloat16", dtype="bfloat16", **given),
                script("txtai_peer", folder, "txtai 9.14.0"),
                semantra(folder),
            ],
            root,
            files,
        )
        best = min(findling.runs, key=lambda run: run.seconds)
        summary = json.loads(best.output)
        embedding = summary["embedding_seconds"]
        print(
            f"Findling's best round took {best.seconds:.1f} s, its run {summary['seconds']:.1f} s of them. ",
            end="",
        )
        print(
            f"Embedding took {embedding:.1f} s: {100 * embedding / summary['seconds']:.0f} % of the run, ",
            end="",
        )
        print(f"{100 * embedding / best.seconds:.0f} % of the program.\n", flush=True)
        libraries = Libraries(Settings(Home.at(root / "home")))
        seconds = job_control.estimates(libraries, folder.place)
        job_control.latencies(libraries, folder.place, seconds)


if __name__ == "__main__":
    main()
