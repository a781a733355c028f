"""A library opened for reading."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.errors import Cancelled, LibraryNotFound, QueryMistake
from findling.jobs import CancelToken
from findling.search import Mode, Question

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries


def test_modes_find_by_meaning_and_by_words(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        assert library.search("animals living underground", Mode.SEMANTIC)[0].path.endswith("note.txt")
        assert [hit.path for hit in library.search("oak", Mode.KEYWORD)] == [str(folder / "sub/note.txt")]
        assert library.search("zyzzyva", Mode.KEYWORD) == []
        assert library.search("   ") == []
        hybrid = library.search("oak tree")
    assert hybrid[0].path.endswith("note.txt")
    assert 0.0 <= hybrid[-1].score <= hybrid[0].score <= 1.0
    marked = [hybrid[0].snippet[start:end] for start, end in hybrid[0].highlights]
    assert marked == ["oak", "tree"]


@pytest.mark.parametrize("query", ['"unclosed', "a AND (b", "NOT x", "*", "'; DROP TABLE", "\x00", "🦊" * 50])
def test_no_query_breaks_the_store(libraries: Libraries, folder: Path, query: str) -> None:
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        for mode in Mode:
            library.answer(Question(query, mode, literal=True))
            library.answer(Question(query, mode, typing=True))
            with suppress(QueryMistake):
                library.search(query, mode)


def test_text_of_a_document_is_put_together_from_its_passages(libraries: Libraries, folder: Path) -> None:
    sentences = " ".join(f"Sentence number {n} tells of thing {n * n}." for n in range(400))
    (folder / "long.txt").write_text(sentences)
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        for path in (folder / "long.txt", folder / "guide.md"):
            row = next(row for row in library.files() if row.path == str(path))
            document = library.document(row.document_id)
            assert document.text.split() == parse(path).text.split()
        hit = library.search("what does sentence number 321 tell", Mode.KEYWORD)[0]
        start, end = library.document(hit.document_id).span_of(hit.passage_id)
        passage = library.document(hit.document_id).text[start:end]
    assert "Sentence number 321" in passage
    assert (start, end) == (hit.start, hit.end)


def test_status_counts(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        status = library.status()
    assert status["files"] == {"indexed": 2, "skipped": 1, "failed": 0}
    assert status["passages"] == status["embedded_last_run"] == 4
    assert (status["model"], status["provider"]) == ("all-minilm-l6-v2", "CPU")
    assert status["unfinished"] is False


def test_library_that_was_never_written_is_empty(libraries: Libraries, folder: Path) -> None:
    libraries._create("default", libraries.settings.model)
    with libraries.open("default") as library:
        assert library.status()["passages"] == 0
        with pytest.raises(LibraryNotFound):
            library.search("anything")
        libraries.index("default", [folder])
        assert library.search("telescope")


def test_cancelled_search_stops(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    cancel = CancelToken()
    cancel.cancel()
    with libraries.open("default") as library, pytest.raises(Cancelled):
        library.search("telescope", cancel=cancel)


def test_reader_sees_what_a_later_run_wrote(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        library.search("telescope")
        (folder / "new.txt").write_text("Volcanoes erupt with lava and ash.")
        libraries.index("default")
        assert library.search("lava")[0].path == str(folder / "new.txt")


def test_search_never_fails_while_the_library_is_written(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    failures: list[BaseException] = []
    answers: list[str] = []
    done = threading.Event()

    def ask() -> None:
        with libraries.open("default") as library:
            while not done.is_set():
                try:
                    answers.append(library.search("telescope mirror")[0].title)
                except Exception as error:  # noqa: BLE001 — whatever it is, it is counted
                    failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for number in range(8):
            (folder / "guide.md").write_text(
                (folder / "guide.md").read_text() + f"\n## Extra {number}\n\nMore of number {number}.\n"
            )
            libraries.index("default")
    finally:
        done.set()
        thread.join()
    assert failures == []
    assert set(answers) == {"Observatory guide"}
