"""Disks that are full, read-only or gone, for real: small file systems in a mount namespace of their own,
which takes them away with its last process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = "lighthouse keeper"


def _can_mount() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


pytestmark = pytest.mark.skipif(
    not _can_mount(), reason="needs Linux, and the right to mount in a namespace (unshare --map-root-user)"
)


#: Runs what it is told, line by line, in one process: verbs as the program does, and programs.
_DRIVER = """
import contextlib, io, json, os, subprocess, sys
from pathlib import Path
from findling.cli import main
from findling.library import Libraries
from findling.settings import Home, Settings

def state(name):
    with Libraries(Settings(Home.default())).open(name) as library, library._store() as store:
        files = store.files()
        return [(f.path, p.passage_id, p.content) for f in files for p in store.passages_of(f.document_id)]

for line in sys.stdin:
    verb, arguments = json.loads(line)
    said, errors = io.StringIO(), io.StringIO()
    if verb == "findling":
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
            code = main([*arguments, "--json"])
        answer = [code, said.getvalue(), errors.getvalue()]
    elif verb == "state":
        answer = state(*arguments)
    else:
        done = subprocess.run([verb, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        answer = [done.returncode, done.stdout, done.stderr]
    sys.__stdout__.write(json.dumps(answer) + chr(10))
    sys.__stdout__.flush()
"""


class Machine:
    """A process in a mount namespace of its own, which mounts disks and runs Findling there."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--map-root-user", sys.executable, "-c", _DRIVER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, verb: str, *arguments: object) -> Any:
        """What the process answers."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([verb, [str(argument) for argument in arguments]]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def must(self, *command: object) -> None:
        """Run a program that is to succeed."""
        code, _, errors = self.ask(str(command[0]), *command[1:])
        assert code == 0, errors

    def findling(self, *arguments: object) -> Any:
        """The value of a verb that is to succeed."""
        code, said, errors = self.ask("findling", *arguments)
        assert code == 0, errors
        return json.loads(said)

    def refused(self, *arguments: object) -> dict[str, str]:
        """What a verb says that is to fail: an error in words, with its hint, and no more."""
        code, said, errors = self.ask("findling", *arguments)
        assert (code, said) == (1, ""), errors
        return json.loads(errors)

    def state(self, library: str = "default") -> set[tuple[str, str, str]]:
        """Every file with the passages of its document, as a reader sees them."""
        rows = [(path, passage_id, content) for path, passage_id, content in self.ask("state", library)]
        assert len(rows) == len(set(rows))
        return set(rows)

    def close(self) -> None:
        """End all that runs in the namespace, and so take its disks away."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@pytest.fixture
def machine(environment: dict[str, str]) -> Iterator[Machine]:
    machine = Machine(environment)
    yield machine
    machine.close()


@pytest.fixture
def disk(home_directory: Path) -> Path:
    """Where the libraries are, to mount a disk on; 40 passages make a batch."""
    (home_directory / "config").mkdir()
    (home_directory / "config" / "settings.json").write_text('{"batch_passages": 40}')
    place = home_directory / "data" / "libraries"
    place.mkdir(mode=0o700)
    return place


def write_reports(place: Path, count: int) -> Path:
    place.mkdir(exist_ok=True)
    for number in range(count):
        parts = [
            f"## Part {p}\n\nReport {number} of {place.name} treats matter {number * 11 + p}."
            for p in range(4)
        ]
        (place / f"{number:03}.md").write_text("\n\n".join(parts))
    (place / "000.md").write_text("The lighthouse keeper counts puffins.")
    return place


def test_full_disk_stops_a_run_and_loses_nothing(machine: Machine, disk: Path, tmp_path: Path) -> None:
    first = write_reports(tmp_path / "first", 10)
    machine.must("mount", "-t", "tmpfs", "-o", "size=640k", "tmpfs", disk)
    machine.findling("index", first)
    before = machine.state()
    second = write_reports(tmp_path / "second", 80)

    error = machine.refused("index", second)
    assert error["error"].startswith("The disk is full: ")
    assert str(disk / "default") in error["error"]
    assert "Make room" in error["hint"]

    assert before <= machine.state()
    assert machine.findling("search", QUERY)[0]["path"] == str(first / "000.md")
    status = machine.findling("status")
    assert status["unfinished"]
    assert status["files"]["indexed"] < 90
    assert machine.refused("index")["error"].startswith("The disk is full: ")

    machine.must("mount", "-o", "remount,size=64m", disk)
    run = machine.findling("index")
    assert run["files"] == {"indexed": 90, "skipped": 0, "failed": 0}
    assert not machine.findling("status")["unfinished"]
    assert machine.findling("check")["problems"] == []
    machine.findling("index", first, second, "--library", "undisturbed")
    assert machine.state() == machine.state("undisturbed")


def test_read_only_home_answers_and_says_why_it_learns_nothing(
    machine: Machine, home_directory: Path, disk: Path, tmp_path: Path
) -> None:
    folder = write_reports(tmp_path / "reports", 5)
    machine.findling("index", folder)
    machine.must("mount", "--bind", home_directory, home_directory)
    machine.must("mount", "-o", "remount,bind,ro", home_directory)
    assert machine.ask("touch", home_directory / "x")[0] != 0
    (folder / "new.md").write_text("A new report")

    assert machine.findling("search", QUERY)[0]["path"] == str(folder / "000.md")
    assert machine.findling("status")["files"]["indexed"] == 5
    assert len(machine.findling("files")) == 5
    assert machine.findling("check")["problems"] == []
    error = machine.refused("index")
    assert "cannot be written: Read-only file system" in error["error"]
    assert "--home" in error["hint"]
    assert "Read-only file system" in machine.refused("index", folder, "--library", "other")["error"]

    machine.must("mount", "-o", "remount,bind,rw", home_directory)
    assert machine.findling("index")["files"]["indexed"] == 6


def test_unmounted_volume_is_missing_and_not_emptied(machine: Machine, disk: Path, tmp_path: Path) -> None:
    """One is a folder of the library, the other lies below one."""
    folders = [tmp_path / "drive", tmp_path / "documents"]
    volumes = [tmp_path / "drive", tmp_path / "documents" / "drive"]
    contents = [write_reports(tmp_path / name, 5) for name in ("content", "more")]

    def each(*command: object) -> None:
        for content, volume in zip(contents, volumes, strict=True):
            machine.must(*command, *([content] if command[0] == "mount" else []), volume)

    for volume in volumes:
        volume.mkdir(parents=True)
    each("mount", "--bind")
    assert machine.findling("index", *folders)["files"]["indexed"] == 10

    each("umount")
    for volume in volumes:
        assert list(volume.iterdir()) == []
        (volume / "stray.md").write_text("Written while the drive was away")
    for _ in range(2):  # nor is it forgotten the second time
        run = machine.findling("index")
        assert (run["removed"], run["files"]["indexed"]) == (0, 12)
        assert sorted(run["missing_folders"]) == sorted(map(str, volumes))
    assert sorted(machine.findling("status")["missing_folders"]) == sorted(map(str, volumes))
    hit = machine.findling("search", QUERY)[0]
    assert sorted([hit["path"], *hit["copies"]]) == sorted(str(volume / "000.md") for volume in volumes)

    for content in contents:
        (content / "001.md").unlink()
    each("mount", "--bind")
    run = machine.findling("index")
    assert (run["removed"], run["embedded"], run["missing_folders"]) == (4, 0, [])
    assert machine.findling("status")["missing_folders"] == []

    each("umount")  # and their files are copied onto the disk below
    for volume in volumes:
        write_reports(volume, 4)
    run = machine.findling("index")
    assert run["missing_folders"] == []
    names = {Path(row["path"]).name for row in machine.findling("files")}
    assert names == {"000.md", "001.md", "002.md", "003.md", "stray.md"}


def test_what_is_deleted_on_a_mounted_volume_is_gone(machine: Machine, disk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    volume = folder / "drive"
    volume.mkdir(parents=True)
    machine.must("mount", "-t", "tmpfs", "tmpfs", volume)
    machine.must("cp", "-r", write_reports(tmp_path / "content", 3), volume)
    write_reports(folder / "plain", 2)
    assert machine.findling("index", folder)["files"]["indexed"] == 5
    machine.must("rm", "-r", volume / "content", folder / "plain")
    run = machine.findling("index")
    assert (run["removed"], run["passages"], run["missing_folders"]) == (5, 0, [])
