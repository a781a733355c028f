"""What is read of real office files, by kind, beside what Recoll reads of them.

The files are those of FINDLING_BENCH_OFFICE: `manifest.tsv` with the columns file, kind and state, and
`files/`. A file counts as read when it, or a file in it, gives at least one letter or digit; "or by title"
adds those that are found by the title in their properties alone, "scans" counts those whose text is still to
be recognised. Recoll's `recollindex` indexes the same files with its own limits and helpers, where it is
installed; one counts for it when its index has stored a text of it, or of a part of it.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import tempfile
import time
from base64 import b64decode
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from common import heading, table
from measured import Peak

from findling.documents import Document, ParserPool, family_of_name
from findling.errors import EncryptedFile, ParserLost

PLACE = Path(os.environ.get("FINDLING_BENCH_OFFICE", ""))
WITH_PEERS = os.environ.get("FINDLING_BENCH_PEERS", "1") == "1"
PROCESSES = int(os.environ.get("FINDLING_BENCH_PROCESSES", "2"))
SOUND = ("ok", "presumed-ok", "encrypted-openable")


@dataclass
class Result:
    """What came of a file."""

    text: bool = False
    title: bool = False
    scans: int = 0
    reasons: list[str] = field(default_factory=list)
    encrypted: bool = False
    lost: bool = False
    answered: bool = False


def findling(files: dict[Path, dict[str, str]]) -> tuple[dict[Path, Result], float, float]:
    """Results, seconds and the most MiB of a process."""
    results: dict[Path, Result] = defaultdict(Result)
    peak = Peak()
    peak.start()
    began = time.monotonic()
    with ParserPool(PROCESSES) as pool:
        for parsed in pool.parse_all(files):
            result = results[parsed.path]
            outcome = parsed.outcome
            result.answered |= parsed.inner is None
            if isinstance(outcome, Document):
                result.text |= any(map(str.isalnum, outcome.text))
                result.title |= bool(outcome.title)
                result.scans += len(outcome.scans)
            else:
                where = f"{parsed.inner.name}: " if parsed.inner else ""
                result.reasons.append(where + str(outcome))
                result.encrypted |= isinstance(outcome, EncryptedFile)
                result.lost |= isinstance(outcome, ParserLost)
    peak.stop()
    return results, time.monotonic() - began, peak.mebibytes


def recoll(folder: Path) -> dict[Path, bool]:
    """Whether Recoll has text of each file. Empty where it is not installed."""
    if shutil.which("recollindex") is None or shutil.which("recollq") is None:
        return {}
    found: dict[Path, bool] = {}
    with tempfile.TemporaryDirectory() as configuration:
        (Path(configuration) / "recoll.conf").write_text(f"topdirs = {folder}\nloglevel = 1\n")
        command = ["recollindex", "-c", configuration]
        subprocess.run(command, capture_output=True, timeout=3600, check=False)
        question = ["-n", "0-1000000", "-e", "-F", "url dbytes", f"dir:{folder}"]
        answer = subprocess.run(
            ["recollq", "-c", configuration, *question],
            capture_output=True,
            timeout=600,
            check=True,
            text=True,
        )
    for line in answer.stdout.splitlines()[2:]:  # after two that tell of the query
        parts = line.split(" ")
        if len(parts) > 1 and parts[1]:
            url, size = (b64decode(part).decode() for part in parts[:2])
            path = Path(unquote(url.removeprefix("file://")))
            found[path] = found.get(path, False) or int(size or 0) > 0
    return found


def main() -> None:
    """Print the table by kind, and every file that is not read with its reason."""
    manifest = PLACE / "manifest.tsv"
    if not manifest.is_file():
        print("Set FINDLING_BENCH_OFFICE to a folder with manifest.tsv and files/.")
        return
    heading("Office files")
    with manifest.open(newline="") as opened:
        rows = {PLACE / "files" / row["file"]: row for row in csv.DictReader(opened, delimiter="\t")}
    results, seconds, mebibytes = findling(rows)
    peer = recoll(PLACE / "files") if WITH_PEERS else {}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for path, row in rows.items():
        of_kind, result = kinds[row["kind"]], results[path]
        of_kind["files"] += 1
        of_kind["lost"] += result.lost or not result.answered
        if row["state"] in SOUND:
            of_kind["sound"] += 1
            of_kind["read"] += result.text
            of_kind["named"] += result.text or result.title
            of_kind["scans"] += bool(result.scans and not result.text)
            of_kind["peer"] += peer.get(path, False)
        if row["state"] == "encrypted":
            of_kind["encrypted"] += 1
            of_kind["said"] += result.encrypted
    table(
        ["kind", "files", "sound", "read", "or by title", "scans", "Recoll", "encrypted", "said so", "lost"],
        [
            [
                kind,
                *(
                    str(of_kind[name])
                    for name in (
                        "files",
                        "sound",
                        "read",
                        "named",
                        "scans",
                        "peer",
                        "encrypted",
                        "said",
                        "lost",
                    )
                ),
            ]
            for kind, of_kind in sorted(kinds.items())
        ],
    )
    total = sum(kinds.values(), Counter())
    known = [each for kind, each in kinds.items() if family_of_name(f"x.{kind}") != kind or each["read"]]
    sound, read = (sum(each[name] for each in known) for name in ("sound", "read"))
    print(f"{seconds:.0f} s with {PROCESSES} processes, {mebibytes:.0f} MiB at most in one")
    share = 100 * read / sound
    print(f"of the kinds that are read: {read} of {sound} sound files ({share:.1f} %)")
    print(f"of all kinds: {total['read']} of {total['sound']}, Recoll {total['peer']}")
    print("\nNot read:")
    for path, row in rows.items():
        if not results[path].text:
            why = "; ".join(results[path].reasons[:2]) or "no text in it"
            print(f"- {row['kind']} | {row['state']} | {path.name} | {why}")


if __name__ == "__main__":
    main()
