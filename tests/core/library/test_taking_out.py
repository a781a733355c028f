"""Copies of files that lie in other files, for the programs that open them."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from findling.errors import UserError
from findling.library import launching
from findling.library.taking_out import taken_out
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr("letters/rope.txt", "A rope.")
    return tmp_path / "old.zip"


def test_a_file_that_lies_in_no_other_is_itself(archive: Path, home: Home) -> None:
    assert taken_out(archive, home) == archive
    assert not home.state.exists()


def test_a_copy_has_its_name_and_is_only_the_persons(archive: Path, home: Home) -> None:
    inside = archive.with_name("old.zip!") / "letters" / "rope.txt"
    copy = taken_out(inside, home)
    assert (copy.name, copy.read_text()) == ("rope.txt", "A rope.")
    assert copy.stat().st_mode & 0o377 == 0  # to be read, by nobody else
    assert copy.parent.stat().st_mode & 0o077 == 0
    assert taken_out(inside, home) == copy


def test_a_changed_archive_gives_another_copy_and_old_ones_go(archive: Path, home: Home) -> None:
    inside = archive.with_name("old.zip!") / "letters" / "rope.txt"
    before = taken_out(inside, home)
    os.utime(before.parent, (0, 0))
    with zipfile.ZipFile(archive, "w") as changed:
        changed.writestr("letters/rope.txt", "A longer rope.")
    assert taken_out(inside, home).read_text() == "A longer rope."
    assert not before.exists()


def test_what_is_not_there_any_more_is_said(archive: Path, home: Home) -> None:
    with pytest.raises(UserError, match="not in there any more"):
        taken_out(archive.with_name("old.zip!") / "gone.txt", home)


def test_of_a_file_in_an_archive_a_copy_is_opened_and_the_archive_shown(
    archive: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = archive.with_name("old.zip!") / "letters" / "rope.txt"
    opened: list[Path] = []
    monkeypatch.setattr(launching, "_open_plainly", lambda path: opened.append(path) or ["program"])
    monkeypatch.setattr(launching, "_asking_the_file_manager", lambda _: iter(()))
    monkeypatch.setattr(launching, "open_at", lambda *_: [])
    from findling.documents import Anchor

    launching.open_file(inside, Anchor(), Settings(home))
    launching.reveal(inside)
    assert opened[0].read_text() == "A rope."
    assert opened[1] == archive.parent
