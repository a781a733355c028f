"""What a library survives, and what it costs the disk: kills, renames, an edited paragraph, many updates.

Text files are written from the records of SciFact and Cranfield, 3,000 by default (FINDLING_BENCH_FILES). An
index run is a process of its own, in a session of its own, whose embedder notes on disk how many passages it
has embedded; it is killed with all its children (SIGKILL) at 20 seeded points (FINDLING_BENCH_KILLS) and
started again. The reference is an undisturbed run. Targets: the same passages, none doubled; embedded in vain
at most a batch a kill; nothing embedded for renames, copies and moves; after 1,000 updates of one file each
(FINDLING_BENCH_UPDATES) and a minute's rest at most 1.5 times the bytes of a fresh index and 50 versions; at
most 5 bytes written a byte kept.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import collections, heading, table

from findling.embedding import Embedder, ensure_installed
from findling.evaluation import read_collection
from findling.jobs import CancelToken, ignore_progress
from findling.library import Libraries, worker
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    import numpy as np
    from numpy.typing import NDArray

MIB = 2**20
SEED = 20261121
FILES = int(os.environ.get("FINDLING_BENCH_FILES", "3000"))
KILLS = int(os.environ.get("FINDLING_BENCH_KILLS", "20"))
UPDATES = int(os.environ.get("FINDLING_BENCH_UPDATES", "1000"))
#: Passages of the file in which one paragraph is edited.
LARGE_FILE_PASSAGES = 500
#: As a watcher rests after the last change before it looks again: readers may hold a version for a minute.
REST_SECONDS = 76.0


def libraries_at(home: Path) -> Libraries:
    """The libraries of a home."""
    return Libraries(Settings(Home.at(home)))


def table_of(home: Path, name: str = "passages_1") -> Any:
    """A table of the library `default`."""
    import lancedb

    place = libraries_at(home).settings.home.libraries / "default" / "lance"
    return lancedb.connect(str(place)).open_table(name)


def rows_of(home: Path) -> tuple[list[tuple[str, str, str]], NDArray[np.float32]]:
    """(passage id, text key, content) of every row, by passage id, and its vector, float32 (N, dim)."""
    import numpy as np

    columns = table_of(home).to_arrow().sort_by("passage_id")
    names = ("passage_id", "text_key", "content")
    rows = list(zip(*(columns.column(name).to_pylist() for name in names), strict=True))
    vectors = columns.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return rows, np.asarray(vectors).reshape(len(rows), -1)


def disk_bytes(home: Path) -> int:
    """Bytes of the library `default`."""
    place = libraries_at(home).settings.home.libraries / "default"
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


# What runs in the processes that are started, and killed.


def child(task: str, home: str, folder: str, notes: str) -> None:
    """Do `task`, and print its result as JSON."""
    with noted(Path(notes)):
        result = {"index": run_index, "updates": run_updates}[task](Path(home), Path(folder))
    print(json.dumps(result))


@contextmanager
def noted(notes: Path) -> Generator[None]:
    """Append the number of passages to `notes`, down to the disk, whenever a batch of them is embedded."""
    original = Embedder.embed_passages
    descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def embed_passages(
        self: Embedder,
        texts: Sequence[str],
        cancel: CancelToken | None = None,
        count: Callable[..., None] | None = None,
    ) -> NDArray[np.float32]:
        def counted(passages: int, *share: float) -> None:
            os.write(descriptor, f"{passages}\n".encode())
            os.fsync(descriptor)
            if count is not None:
                count(passages, *share)

        return original(self, texts, cancel, counted)

    Embedder.embed_passages = embed_passages
    try:
        yield
    finally:
        Embedder.embed_passages = original
        os.close(descriptor)


def run_index(home: Path, folder: Path) -> dict[str, Any]:
    """One index run, as the indexer does it; what it wrote."""
    summary = libraries_at(home).index("default", [folder])
    figures = Path("/proc/self/io").read_text().splitlines() if sys.platform == "linux" else []
    written = {name: int(value) for name, value in (line.split(": ") for line in figures)}
    return {
        "passages": summary.passages,
        "embedded": summary.embedded,
        "seconds": summary.seconds,
        "write_bytes": written.get("write_bytes", 0),
        "wchar": written.get("wchar", 0),
    }


def run_updates(home: Path, folder: Path) -> dict[str, Any]:
    """Change a file and bring the library up to date, again and again, in one process, as a watcher does."""
    import psutil

    libraries = libraries_at(home)
    arguments = libraries._arguments("default", folders=[str(folder)])
    embedders: dict[str, Embedder] = {}
    chance = random.Random(SEED)
    files = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    sizes: list[int] = []
    most = 0
    began = time.perf_counter()
    for number in range(UPDATES):
        path = chance.choice(files)
        path.write_text(f"{path.read_text()}\n\nUpdate {number} of this report.\n")
        worker._bring_up_to_date(libraries.settings, arguments, ignore_progress, CancelToken(), embedders)
        sizes.append(psutil.Process().memory_info().rss)
        most = max(most, disk_bytes(home))
    seconds = time.perf_counter() - began
    at = [sizes[min(len(sizes) - 1, len(sizes) * part // 10)] // MIB for part in (0, 1, 5, 10)]
    return {"seconds": seconds, "resident_mebibytes": at, "most_bytes": most}


# What the bench does with them.


def started(task: str, home: Path, folder: Path) -> subprocess.Popen[str]:
    """A process that does `task` in a session of its own."""
    command = [sys.executable, __file__, task, str(home), str(folder), str(home / "notes")]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def done(task: str, home: Path, folder: Path) -> dict[str, Any]:
    """What `task` gives when nothing disturbs it."""
    process = started(task, home, folder)
    said, errors = process.communicate()
    if process.returncode:
        sys.exit(errors)
    return json.loads(said)


def embedded_so_far(home: Path) -> int:
    """Passages embedded by all processes in this home, whatever became of them."""
    notes = home / "notes"
    return sum(map(int, notes.read_text().split())) if notes.is_file() else 0


def new_home(place: Path) -> Path:
    """A home with the model installed and calibrated, so that runs are alike."""
    home = place.parent / "first home"
    if not home.is_dir():
        settings = Settings(Home.at(home))
        ensure_installed(settings, settings.model)
        warm = place.parent / "warm"
        warm.mkdir()
        (warm / "warm.txt").write_text("So that the model is measured on this machine.")
        done("index", home, warm)
        shutil.rmtree(settings.home.libraries)
        (home / "notes").unlink()
    shutil.copytree(home, place)
    return place


def write_corpus(place: Path, count: int) -> None:
    """`count` text files, fifty to a folder, no two of them alike."""
    records = [r for c in collections(["scifact", "cranfield"]) for r in read_collection(c).records()]
    for number in range(count):
        record = records[number % len(records)]
        folder = place / f"{number // 50:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:05}.txt").write_text(f"{record.title} ({number})\n\n{record.text}\n")


def killed_runs(home: Path, folder: Path, passages: int) -> int:
    """Kill runs at random points until `KILLS` were, then let one end; how many were killed in fact."""
    chance = random.Random(SEED)
    kills = 0
    while kills < KILLS:
        enough = embedded_so_far(home) + chance.uniform(0, 1.5 * passages / KILLS)
        process = started("index", home, folder)
        while process.poll() is None and embedded_so_far(home) < enough:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        ended = process.poll() is not None
        if not ended:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        _, errors = process.communicate()
        if ended and process.returncode:
            sys.exit(errors)
        if ended:
            break
    done("index", home, folder)
    return kills


def resume(place: Path, folder: Path) -> dict[str, Any]:
    """Killed runs against one that was not; the figures of the latter."""
    import numpy as np

    reference, disturbed = new_home(place / "reference"), new_home(place / "disturbed")
    figures = done("index", reference, folder)
    began = time.perf_counter()
    kills = killed_runs(disturbed, folder, figures["passages"])
    seconds = time.perf_counter() - began
    expected, vectors = rows_of(reference)
    rows, after = rows_of(disturbed)
    ids = [row[0] for row in rows]
    lost, foreign = len(set(expected) - set(rows)), len(set(rows) - set(expected))
    cosine = "different rows"
    if rows == expected:
        cosine = f"{float(np.einsum('nd,nd->n', vectors, after).min()):.7f}"
    in_vain = embedded_so_far(disturbed) - embedded_so_far(reference)
    allowed = kills * Settings(Home.at(disturbed)).batch_passages
    table(
        ("resume", "found", "target"),
        [
            ("passages of the undisturbed run", len(expected), ""),
            ("kills", kills, KILLS),
            ("passages lost", lost, 0),
            ("passages that the other has not", foreign, 0),
            ("passages doubled", len(ids) - len(set(ids)), 0),
            ("least cosine to the undisturbed vectors", cosine, "> 0.9999"),
            ("passages embedded in vain", in_vain, f"<= {allowed}"),
            ("seconds undisturbed", figures["seconds"], ""),
            ("seconds of all killed runs and the last", seconds, ""),
        ],
    )
    return figures


def moves(home: Path, folder: Path) -> None:
    """Rename, copy and move a third of the files each; then edit a paragraph of a large one."""
    libraries = libraries_at(home)
    files = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    third = len(files) // 3
    for path in files[:third]:
        path.rename(path.with_name(f"renamed {path.name}"))
    for path in files[third : 2 * third]:
        shutil.copy(path, path.with_name(f"copy of {path.name}"))
    (folder / "moved").mkdir()
    for path in files[2 * third :]:
        path.rename(folder / "moved" / path.name)
    run = libraries.index("default", [folder])
    rows: list[tuple[object, ...]] = [
        (f"{third} renames, {third} copies, {len(files) - 2 * third} moves", "0", run.embedded, run.seconds)
    ]
    kinds = ("text", "Markdown, a heading a paragraph")
    rows += [edit(libraries, home, folder, kind) for kind in kinds]
    table(("change", "passages changed", "passages embedded", "seconds"), rows)


def edit(libraries: Libraries, home: Path, folder: Path, kind: str) -> tuple[object, ...]:
    """Edit a paragraph in the middle of a large file of that kind."""
    path = folder / ("large.txt" if kind == "text" else "large.md")
    heading_of = "" if kind == "text" else "## Report {}\n\n"
    texts = [r.text for r in read_collection(collections(["scifact"])[0]).records() if r.text][::-1]
    texts = texts[: LARGE_FILE_PASSAGES // 2]
    paragraphs = [heading_of.format(number) + text for number, text in enumerate(texts)]
    path.write_text("\n\n".join(paragraphs))
    libraries.index("default")
    before = document(home, path)
    paragraphs[len(paragraphs) // 2] += " This sentence was added."
    path.write_text("\n\n".join(paragraphs))
    run = libraries.index("default")
    after = document(home, path)
    label = f"a sentence in a file of {len(before)} passages ({kind})"
    return label, len(after - before), run.embedded, run.seconds


def document(home: Path, path: Path) -> set[str]:
    """The text keys of a file's passages."""
    with libraries_at(home).open("default") as library, library._store() as store:
        row = next(row for row in store.files() if row.path == str(path))
        return {passage.text_key for passage in store.passages_of(row.document_id)}


def disk(place: Path, folder: Path, first: dict[str, Any], first_bytes: int) -> None:
    """Bytes after many updates against a fresh index of the same files."""
    updated, fresh = place / "reference", new_home(place / "fresh")
    figures = done("updates", updated, folder)
    done("index", fresh, folder)
    bytes_after, bytes_fresh = disk_bytes(updated), disk_bytes(fresh)
    names = ("passages_1", "files")
    versions = [len(table_of(updated, name).list_versions()) for name in names]
    time.sleep(REST_SECONDS)
    libraries_at(updated).index("default", [folder])
    rested = disk_bytes(updated)
    versions_rested = [len(table_of(updated, name).list_versions()) for name in names]
    table(
        ("disk", "found", "target"),
        [
            ("MiB of the first index", first_bytes / MIB, ""),
            ("bytes written for each one kept (write_bytes)", first["write_bytes"] / first_bytes, "<= 5"),
            ("the same, pipes included (wchar)", first["wchar"] / first_bytes, ""),
            ("updates of one file", UPDATES, ""),
            ("seconds an update", figures["seconds"] / UPDATES, ""),
            ("MiB after them", bytes_after / MIB, ""),
            ("MiB at most in between", figures["most_bytes"] / MIB, ""),
            ("MiB of a fresh index", bytes_fresh / MIB, ""),
            ("ratio at once", bytes_after / bytes_fresh, ""),
            ("versions of passages, of files, at once", ", ".join(map(str, versions)), ""),
            ("ratio after a rest", rested / bytes_fresh, "<= 1.5"),
            ("versions after a rest", ", ".join(map(str, versions_rested)), "<= 50"),
            (
                "MiB resident at first, after a tenth, half, all",
                ", ".join(map(str, figures["resident_mebibytes"])),
                "",
            ),
        ],
    )


def main() -> None:
    """Print what was found beside what is wanted."""
    heading("Durability")
    collections(["scifact"])
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        folder = place / "documents"
        write_corpus(folder, FILES)
        first = resume(place, folder)
        first_bytes = disk_bytes(place / "reference")
        moves(place / "reference", folder)
        disk(place, folder, first, first_bytes)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*sys.argv[1:])
    else:
        main()
