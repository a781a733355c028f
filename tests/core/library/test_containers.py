"""What an index run makes of files that hold other files."""

from __future__ import annotations

import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from findling.library.rules import Rules
from findling.library.why import Standing
from findling.store import FileState

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries

MAIL = """From: Ada <ada@example.org>
To: Ben <ben@example.org>
Subject: The {} rope
Date: Mon, 05 Feb 2024 10:00:00 +0000

The {} rope hangs in the shed.
"""


def pack(path: Path, **files: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", ".").replace("_0_", "/"), text)


@pytest.fixture
def shed(tmp_path: Path) -> Path:
    place = tmp_path / "shed"
    place.mkdir()
    (place / "note.txt").write_text("Badgers dig long tunnels.")
    pack(place / "papers.zip", honey__txt="Ten jars of honey.", old_0_ropes__md="# Ropes\n\nSixty metres.")
    return place


def rows(libraries: Libraries, folder: Path) -> dict[str, tuple[FileState, str]]:
    with libraries.open("default") as library:
        return {
            row.path.removeprefix(f"{folder}/"): (row.state, row.title or row.reason)
            for row in library.files()
        }


def found(libraries: Libraries, folder: Path, query: str) -> list[str]:
    with libraries.open("default") as library:
        return [hit.path.removeprefix(f"{folder}/") for hit in library.search(query)]


def test_files_in_an_archive_are_found_by_themselves(libraries: Libraries, shed: Path) -> None:
    run = libraries.index("default", [shed])
    assert rows(libraries, shed) == {
        "note.txt": (FileState.INDEXED, ""),
        "papers.zip": (FileState.INDEXED, ""),
        "papers.zip!/honey.txt": (FileState.INDEXED, ""),
        "papers.zip!/old/ropes.md": (FileState.INDEXED, "Ropes"),
    }
    assert found(libraries, shed, "jars of honey")[0] == "papers.zip!/honey.txt"
    assert (run.new_or_changed, run.files["indexed"]) == (2, 4)
    again = libraries.index("default")
    assert (again.new_or_changed, again.embedded, again.removed) == (0, 0, 0)
    assert len(rows(libraries, shed)) == 4


def test_an_archive_that_changed_keeps_what_stayed(libraries: Libraries, shed: Path) -> None:
    libraries.index("default", [shed])
    pack(shed / "papers.zip", honey__txt="Ten jars of honey.", wax__txt="Candles are made of wax.")
    run = libraries.index("default")
    assert run.embedded == 1
    assert set(rows(libraries, shed)) == {
        "note.txt",
        "papers.zip",
        "papers.zip!/honey.txt",
        "papers.zip!/wax.txt",
    }
    assert found(libraries, shed, "sixty metres of rope")[:1] != ["papers.zip!/old/ropes.md"]
    (shed / "papers.zip").unlink()
    assert libraries.index("default").removed == 3
    assert set(rows(libraries, shed)) == {"note.txt"}


def test_the_copy_of_an_archive_outlives_the_first(libraries: Libraries, shed: Path) -> None:
    shutil.copy(shed / "papers.zip", shed / "copy.zip")
    run = libraries.index("default", [shed])
    assert run.embedded == 3
    (shed / "papers.zip").unlink()
    libraries.index("default")
    assert found(libraries, shed, "jars of honey")[0] == "copy.zip!/honey.txt"


def test_messages_of_a_mailbox_are_found_by_themselves(libraries: Libraries, shed: Path) -> None:
    mails = [MAIL.format(colour, colour) for colour in ("red", "blue", "green")]
    (shed / "Sent.mbox").write_text("".join(f"From ada Mon Feb  5 10:00:00 2024\n{mail}\n" for mail in mails))
    libraries.index("default", [shed])
    states = rows(libraries, shed)
    assert states["Sent.mbox!/2.eml"] == (FileState.INDEXED, "The blue rope")
    assert found(libraries, shed, "blue rope in the shed")[0] == "Sent.mbox!/2.eml"
    with libraries.open("default") as library:
        [mail] = [row for row in library.files() if row.path.endswith("!/3.eml")]
    assert mail.mtime_ns == 1707127200 * 10**9
    assert "Ada" in mail.author


def test_what_in_an_archive_cannot_be_read_says_why_and_is_tried_again(
    libraries: Libraries, shed: Path
) -> None:
    pack(shed / "papers.zip", broken__pdf="%PDF-1.7 and no more", data__bin="\x00\x01", fine__txt="All well.")
    libraries.index("default", [shed])
    states = rows(libraries, shed)
    assert states["papers.zip!/broken.pdf"][0] is FileState.FAILED
    assert states["papers.zip!/data.bin"] == (FileState.SKIPPED, "format not read: bin")
    assert states["papers.zip!/fine.txt"][0] is FileState.INDEXED
    assert libraries.index("default").new_or_changed == 0
    job = libraries.start_index("default", again=True)
    with job:
        assert job.result()["new_or_changed"] == 1


def test_a_family_that_is_left_out_is_left_out_in_archives_too(libraries: Libraries, shed: Path) -> None:
    libraries.index("default", [shed], rules=Rules(families_off=("md",)))
    assert set(rows(libraries, shed)) == {"note.txt", "papers.zip", "papers.zip!/honey.txt"}


def test_an_archive_is_not_too_large_to_be_read_part_by_part(libraries: Libraries, shed: Path) -> None:
    noise = os.urandom(2 * 1024 * 1024)
    with zipfile.ZipFile(shed / "papers.zip", "a") as archive:
        archive.writestr("large.txt", noise.hex())
    libraries.index("default", [shed], rules=Rules(largest_mebibytes=1))
    states = rows(libraries, shed)
    assert states["papers.zip!/honey.txt"][0] is FileState.INDEXED
    assert states["papers.zip!/large.txt"] == (FileState.SKIPPED, "larger than 1 MB")


def test_why_a_file_in_an_archive_is_not_found(libraries: Libraries, shed: Path) -> None:
    libraries.index("default", [shed])
    with libraries.open("default") as library:
        assert library.why(shed / "papers.zip!/honey.txt").standing is Standing.INDEXED
        assert library.why(shed / "papers.zip!/gone.txt").standing is Standing.MISSING
