"""The pool: every file is answered exactly once, whatever it does to the process that reads it.

A named pipe that nobody writes to is a file which takes for ever to read.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from findling.documents import Document, ParserPool, parse
from findling.errors import EncryptedFile, ParseError, ParserLost, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    WritePdf = Callable[..., Path]


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    path = tmp_path / "endless.txt"
    os.mkfifo(path)
    return path


def readers() -> list[int]:
    """Process ids of the pools' children."""
    return [child.pid or 0 for child in multiprocessing.active_children()]


def notes(tmp_path: Path, count: int) -> list[Path]:
    paths = [tmp_path / f"note{number}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"Note number {number}.")
    return paths


def test_the_pool_reads_what_parse_reads_in_any_order(sample_library: list[Path]) -> None:
    expected = {path: parse(path) for path in sample_library}
    with ParserPool(1) as one, ParserPool(2) as two:
        forwards = list(one.parse_all(sample_library))
        backwards = list(two.parse_all(reversed(sample_library)))
    for answers in (forwards, backwards):
        assert len(answers) == len(sample_library)
        assert {answer.path: answer.outcome for answer in answers} == expected


def test_errors_cross_with_their_class_and_reason(tmp_path: Path, write_pdf: WritePdf) -> None:
    (tmp_path / "a.xyz").write_text("x")
    (tmp_path / "b.docx").write_bytes(b"PK\x03\x04")
    files = {
        tmp_path / "a.xyz": UnsupportedFormat,
        tmp_path / "b.docx": ParseError,
        tmp_path / "gone.txt": ParseError,
        write_pdf([["x"]], encrypted=True): EncryptedFile,
    }
    with ParserPool(1) as pool:
        answers = {parsed.path: parsed.outcome for parsed in pool.parse_all(files)}
    for path, kind in files.items():
        with pytest.raises(ParseError) as caught:
            parse(path)
        assert type(answers[path]) is kind
        assert str(answers[path]) == str(caught.value)


def test_a_crash_fails_the_file_in_hand_alone(tmp_path: Path, endless: Path) -> None:
    first, *others = notes(tmp_path, 6)

    def paths() -> Iterator[Path]:
        yield endless
        (victim,) = readers()
        yield first
        os.kill(victim, signal.SIGSEGV)
        yield from others

    with ParserPool(2) as pool:
        answers = list(pool.parse_all(paths()))
    assert len(answers) == 7
    outcomes = {answer.path: answer.outcome for answer in answers}
    lost = outcomes.pop(endless)
    assert isinstance(lost, ParserLost)
    assert "SIGSEGV" in str(lost)
    assert all(isinstance(outcome, Document) for outcome in outcomes.values())


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, endless: Path) -> None:
    first, second = notes(tmp_path, 2)
    with ParserPool(1, limit_seconds=4) as pool:
        answers = list(pool.parse_all([first, endless, second]))
    assert [answer.path for answer in answers] == [first, endless, second]
    assert isinstance(answers[0].outcome, Document)
    assert isinstance(answers[1].outcome, ParserLost)
    assert str(answers[1].outcome) == "took longer than 4 seconds to read"
    assert isinstance(answers[2].outcome, Document)


def test_a_file_that_takes_too_much_memory_is_given_up(endless: Path) -> None:
    with ParserPool(1, limit_mebibytes=1) as pool:  # less than any process needs
        (answer,) = pool.parse_all([endless])
    assert isinstance(answer.outcome, ParserLost)
    assert str(answer.outcome) == "took more than 1 MB of memory to read"


def test_a_process_that_died_while_idle_costs_no_file(tmp_path: Path) -> None:
    paths = notes(tmp_path, 3)
    with ParserPool(1) as pool:
        list(pool.parse_all(paths[:1]))
        (idle,) = multiprocessing.active_children()
        idle.kill()
        idle.join()
        answers = list(pool.parse_all(paths))
    assert [type(answer.outcome) for answer in answers] == [Document] * 3


def test_processes_are_replaced_before_they_can_grow_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("findling.documents.pool._FILES_PER_PROCESS", 2)
    seen: set[int] = set()
    with ParserPool(1) as pool:
        answers = []
        for answer in pool.parse_all(notes(tmp_path, 5)):
            answers.append(answer)
            seen.update(readers())
    assert len(answers) == 5
    assert len(seen) == 3


def test_stop_from_another_thread_ends_a_running_parse(endless: Path) -> None:
    started = threading.Event()

    def paths() -> Iterator[Path]:
        yield endless
        started.set()
        yield endless

    pool = ParserPool(2)

    def stop() -> None:
        started.wait(60)
        pool.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pool:
        assert list(pool.parse_all(paths())) == []
        assert readers() == []
        assert list(pool.parse_all(paths())) == []  # it stays stopped
    stopper.join()


def test_leaving_early_ends_what_is_in_hand_and_the_pool_goes_on(tmp_path: Path, endless: Path) -> None:
    first, second = notes(tmp_path, 2)
    with ParserPool(2) as pool:
        answers = pool.parse_all([endless, first])
        assert next(answers).path == first
        answers.close()
        assert len(readers()) == 1
        assert [type(answer.outcome) for answer in pool.parse_all([second])] == [Document]
    assert readers() == []


def test_no_files_start_no_process() -> None:
    with ParserPool(4) as pool:
        assert list(pool.parse_all([])) == []
        assert readers() == []


def test_names_with_any_character_cross(tmp_path: Path) -> None:
    name = os.fsdecode(b"d\xc3\xa9j\xff \xf0\x9f\xa6\x89\n.txt")
    path = tmp_path / name
    path.write_text("Text.")
    assert json.dumps(str(path))
    with ParserPool(1) as pool:
        (answer,) = pool.parse_all([path])
    assert answer.path == path
    assert isinstance(answer.outcome, Document)
