"""What the benches share: where collections are, a home to build libraries in, percentiles, tables."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from findling.library import Libraries
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

DATA_VARIABLE = "FINDLING_BENCH_DATA"


def collections(names: Iterable[str]) -> list[Path]:
    """The directories (BEIR layout) of these collections; what is not there is named and left out."""
    root = Path(os.environ.get(DATA_VARIABLE, ""))
    if DATA_VARIABLE not in os.environ or not root.is_dir():
        print(f"Set {DATA_VARIABLE} to a directory of collections in BEIR layout.")
        sys.exit(0)
    found = [root / name for name in names]
    for path in found:
        if not path.is_dir():
            print(f"{path.name}: not there, left out")
    return [path for path in found if path.is_dir()]


@contextmanager
def bench_libraries() -> Generator[Libraries]:
    """Libraries in FINDLING_BENCH_HOME, kept between benches, or else in a temporary home."""
    if kept := os.environ.get("FINDLING_BENCH_HOME"):
        yield Libraries(Settings(Home.at(Path(kept))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        yield Libraries(Settings(Home.at(Path(temporary))))


def imported(libraries: Libraries, collection: Path) -> str:
    """Name of an up-to-date library of the collection."""
    with libraries.start_import(collection.name, collection) as job:
        job.result()
    return collection.name


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def heading(title: str) -> None:
    """Title, and the machine that the figures are of."""
    print(f"# {title}")
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}\n")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        cells = (f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row)
        print("| " + " | ".join(cells) + " |", flush=True)
    print()
