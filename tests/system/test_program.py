"""The real command line, on the sample library."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from findling.library import Libraries
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    Cli = Callable[..., Any]

PROGRAM = Path(sys.executable).with_name("findling")
QUESTIONS = Path(__file__).parent.parent / "core" / "sample_questions.json"


def test_sample_questions_find_their_documents(cli: Cli, samples: Path, home_directory: Path) -> None:
    run = cli("index", samples)
    assert run["files"]["failed"] == run["files"]["skipped"] == 0
    assert run["files"]["indexed"] >= 20
    again = cli("index", samples)
    assert (again["embedded"], again["new_or_changed"]) == (0, 0)

    questions = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    english = [question for question in questions if question["language"] == "en"]
    with Libraries(Settings(Home.at(home_directory))).open("default") as library:
        found = [[hit.path for hit in library.search(question["question"], limit=5)] for question in english]
    wanted = [str(samples / question["file"]) for question in english]
    ranks = [hits.index(path) if path in hits else 5 for hits, path in zip(found, wanted, strict=True)]
    assert sum(rank == 0 for rank in ranks) / len(ranks) >= 0.7
    assert sum(rank < 5 for rank in ranks) / len(ranks) >= 0.9


def test_help_and_version_load_nothing_heavy(environment: dict[str, str]) -> None:
    code = (
        "import sys; from findling.cli import main; main(['--help']);"
        "print([m for m in ('numpy', 'pyarrow', 'lancedb', 'onnxruntime', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("findling, version ")


def test_index_and_search_need_neither_torch_nor_llama(environment: dict[str, str], samples: Path) -> None:
    code = (
        "import sys; from findling.cli import main\n"
        "if __name__ == '__main__':\n"
        f"    assert main(['index', {str(samples / 'notes')!r}]) == 0\n"
        "    assert main(['search', 'bats']) == 0\n"
        "    heavy = ('torch', 'transformers', 'llama_cpp', 'PySide6', 'sentence_transformers')\n"
        "    print('HEAVY', [m for m in heavy if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert "HEAVY []" in done.stdout


def test_no_connection_is_opened(environment: dict[str, str], samples: Path, tmp_path: Path) -> None:
    """Every connect() of every process and thread, native libraries included, is looked at."""
    trace = tmp_path / "trace"
    for arguments in (
        ["index", str(samples / "policies")],
        ["search", "holidays"],
        ["status"],
        ["doctor"],
        ["models", "list"],
    ):
        command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto", "-o", str(trace), PROGRAM]
        subprocess.run([*command, *arguments], env=environment, capture_output=True, check=True)
        lines = trace.read_text().splitlines()
        assert [line for line in lines if "AF_INET" in line] == []


def test_interrupt_ends_cleanly_and_the_next_run_goes_on(
    environment: dict[str, str], cli: Cli, many: Path, home_directory: Path
) -> None:
    process = subprocess.Popen(
        [PROGRAM, "index", many], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _wait_for_rows(home_directory, 1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.strip() == ("findling: Interrupted. What was written is kept; run the command again to go on.")
    assert cli("status")["unfinished"]
    assert cli("index", many)["files"]["indexed"] == 150
    assert not cli("status")["unfinished"]


@pytest.fixture
def many(tmp_path: Path, home_directory: Path) -> Path:
    """150 documents of four passages each, in a home where 40 passages make a batch."""
    (home_directory / "config").mkdir()
    (home_directory / "config" / "settings.json").write_text('{"batch_passages": 40}')
    place = tmp_path / "many"
    place.mkdir()
    for number in range(150):
        parts = [f"## Part {p}\n\nReport {number} treats matter {number * 11 + p}." for p in range(4)]
        (place / f"{number:03}.md").write_text("\n\n".join(parts))
    return place


def test_killed_run_loses_and_doubles_nothing(
    environment: dict[str, str], cli: Cli, many: Path, home_directory: Path
) -> None:
    kills = 0
    for rows_before_kill, victim in ((1, "both"), (60, "indexer"), (110, "both")):
        process = subprocess.Popen(
            [PROGRAM, "index", many], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        if _wait_for_rows(home_directory, rows_before_kill, process):
            children = psutil.Process(process.pid).children(recursive=True)
            targets = children if victim == "indexer" else [*children, psutil.Process(process.pid)]
            for target in targets:
                os.kill(target.pid, signal.SIGKILL)
            kills += 1
        _, err = process.communicate(timeout=60)
        if victim == "indexer" and process.returncode:
            assert b"SIGKILL" in err
            assert b"Traceback" not in err
    assert kills >= 1
    final = cli("index", many)
    assert final["files"] == {"indexed": 150, "skipped": 0, "failed": 0}
    assert final["passages"] == 600
    with Libraries(Settings(Home.at(home_directory))).open("default") as library:
        documents = [row.document_id for row in library.files()]
        passages = [p for document in documents for p in library.document(document).spans]
    assert len(passages) == len(set(passages)) == 600
    assert cli("index", many)["embedded"] == 0


def _wait_for_rows(home_directory: Path, rows: int, process: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until a reader sees that many files; False when the process ends before."""
    libraries = Libraries(Settings(Home.at(home_directory)))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if libraries.names():
            with libraries.open("default") as library:
                while time.monotonic() < deadline:
                    if library.status()["files"]["indexed"] >= rows:
                        return True
                    if process is not None and process.poll() is not None:
                        return False
                    time.sleep(0.05)  # the indexer needs the processor
    raise AssertionError("the indexer wrote nothing")
