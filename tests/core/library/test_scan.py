"""Which files a scan finds, among all that a folder may hold."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.library.rules import Rules
from findling.library.scan import scan

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries


def names(folder: Path) -> set[str]:
    return {os.fsdecode(file.path.relative_to(folder)) for file in scan(folder, Rules(), CancelToken())}


def test_regular_files_at_any_depth(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for place in ("top.txt", "a/middle.md", "a/b/deep.pdf"):
        (tmp_path / place).write_text("x")
    found = {str(f.path.relative_to(tmp_path)): f for f in scan(tmp_path, Rules(), CancelToken())}
    assert set(found) == {"top.txt", "a/middle.md", "a/b/deep.pdf"}
    assert found["top.txt"].size == 1
    assert found["top.txt"].mtime_ns == (tmp_path / "top.txt").stat().st_mtime_ns


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / ".secret.txt").write_text("x")
    assert names(tmp_path) == set()


def test_links_are_followed_to_files_and_not_to_folders(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("x")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == {"real.txt", "link.txt"}


def test_pipes_and_sockets_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.txt"))
        assert names(tmp_path) == set()


def test_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (found,) = scan(tmp_path / "vanished", Rules(), CancelToken())
    assert "folder cannot be listed" in found.problem


def test_cancel_ends_a_scan(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(scan(tmp_path, Rules(), cancel))


def test_name_that_is_no_utf8_fails_alone(libraries: Libraries, folder: Path) -> None:
    with open(os.fsencode(folder) + b"/caf\xe9.txt", "wb") as file:  # noqa: PTH123 — a name of bytes
        file.write(b"text")
    run = libraries.index("default", [folder])
    assert run.files == {"indexed": 2, "skipped": 1, "failed": 1}
    with libraries.open("default") as library:
        (failed,) = [row for row in library.files() if row.state == "failed"]
    assert "not valid UTF-8" in failed.reason
    assert libraries.index("default").new_or_changed == 0


def test_folder_that_could_not_be_listed_this_time_keeps_its_files(
    libraries: Libraries, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries.index("default", [folder])
    real = os.scandir

    def refuse(place: Path) -> object:
        if place == folder / "sub":
            raise PermissionError(13, "Permission denied")
        return real(place)

    monkeypatch.setattr(os, "scandir", refuse)
    run = libraries.index("default")
    assert run.removed == 0
    assert run.passages == 4
    monkeypatch.undo()
    assert libraries.index("default").files == {"indexed": 2, "skipped": 1, "failed": 0}
