"""Damaged files: mutants of real ones, read as an index does it, must give a document or a reason.

The files are those of `office.py` and, where FINDLING_BENCH_OFFICE is not set, the sample library's. Each
mutant is cut off, has bits flipped, or a stretch blanked, doubled or replaced by noise.
FINDLING_BENCH_MUTANTS of them are read by two processes under the usual limits; a process that ends over one
is a loss.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from common import heading, table
from measured import Peak

import findling
from findling.documents import Document, ParserPool, family_of_name
from findling.errors import ParserLost

MUTANTS = int(os.environ.get("FINDLING_BENCH_MUTANTS", "2000"))
SEED = int(os.environ.get("FINDLING_BENCH_SEED", "1"))
_LARGEST_BYTES = 2 * 1024 * 1024


def mutant(data: bytes, chance: random.Random) -> bytes:
    """Damaged in one of five ways."""
    start = chance.randrange(len(data))
    end = min(len(data), start + chance.randrange(1, 2000))
    match chance.randrange(5):
        case 0:
            return data[:start]
        case 1:
            changed = bytearray(data)
            for _ in range(chance.randrange(1, 200)):
                changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case 2:
            return data[:start] + bytes(end - start) + data[end:]
        case 3:
            return data[:end] + data[start:]
        case _:
            return data[:start] + chance.randbytes(end - start) + data[end:]


def main() -> None:
    """Print what became of the mutants, by kind, and each that ended a process."""
    heading("Damaged files")
    place = os.environ.get("FINDLING_BENCH_OFFICE")
    root = Path(place) / "files" if place else Path(findling.__file__).parent / "sample_library"
    sources = [
        path
        for path in sorted(root.rglob("*"))
        if path.is_file() and 0 < path.stat().st_size < _LARGEST_BYTES
    ]
    chance = random.Random(SEED)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    lost: list[str] = []
    peak = Peak()
    peak.start()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ParserPool(2) as pool:
        of: dict[Path, str] = {}

        def mutants():
            for number in range(MUTANTS):
                source = chance.choice(sources)
                path = Path(folder) / f"{number}{source.suffix}"
                path.write_bytes(mutant(source.read_bytes(), chance))
                of[path] = source.name
                yield path

        for parsed in pool.parse_all(mutants()):
            kind = kinds[family_of_name(parsed.path.name)]
            if isinstance(parsed.outcome, ParserLost):
                kind["lost"] += 1
                lost.append(f"{parsed.path.name} of {of[parsed.path]}: {parsed.outcome}")
            elif parsed.inner is None:
                kind["read" if isinstance(parsed.outcome, Document) else "refused"] += 1
                parsed.path.unlink()
    peak.stop()
    names = ("read", "refused", "lost")
    table(["kind", *names], [[kind, *(each[name] for name in names)] for kind, each in sorted(kinds.items())])
    total = sum(kinds.values(), Counter())
    seconds = time.monotonic() - began
    print(", ".join(f"{total[name]} {name}" for name in names))
    print(f"{seconds:.0f} s, {peak.mebibytes:.0f} MiB at most in one process, seed {SEED}")
    for each in lost:
        print(f"- {each}")


if __name__ == "__main__":
    main()
