"""File names that say what is asked for."""

from __future__ import annotations

import pytest

from findling.search.naming import named
from findling.store import FileRow, FileState


def file(path: str, document: str = "") -> FileRow:
    return FileRow(path, "txt", FileState.INDEXED, document_id=document or path)


@pytest.mark.parametrize(
    ("name", "fragments", "share"),
    [
        ("zephyr-plan.txt", ("zephyr", "plan"), 1.0),
        ("zephyr-plan.txt", ("Zephyr-Plan.txt",), 1.0),
        ("Café_Menü.pdf", ("cafe", "MENU"), 1.0),
        ("zephyr-plan.txt", ("zephyr", "budget"), 0.5),
        ("zephyr-plan.txt", ("zeph", "plan"), 0.75),  # inside a word it counts half
        ("zephyr.txt", ("budget", "of", "zephyr"), None),
        ("chart.txt", ("art",), 0.5),
        ("chart.txt", ("ar",), None),
        ("東京都.txt", ("東京",), 1.0),
        ("plan.txt", (), None),
    ],
)
def test_the_share_of_the_words_that_is_in_the_name(
    name: str, fragments: tuple[str, ...], share: float | None
) -> None:
    found = named([file(f"/docs/{name}", "d")], fragments)
    assert ({"d": found["d"].share} if found else {}) == ({} if share is None else {"d": share})
    if share is not None:
        assert set(found["d"].words) <= set(fragments)


def test_a_document_with_several_files_counts_by_the_best_name() -> None:
    files = [file("/a/zephyr.txt", "d"), file("/b/zephyr plan.txt", "d"), file("/c/plan b.txt", "d")]
    assert named(files, ("zephyr", "plan"))["d"].share == 1.0
    assert named(files, ("zephyr", "plan"))["d"].words == ("zephyr", "plan")


def test_folders_are_no_names() -> None:
    assert named([file("/zephyr/plan.txt")], ("zephyr",)) == {}
