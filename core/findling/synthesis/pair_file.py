"""The file of pairs: JSON lines that are only ever added to, so that a kill loses nothing that was reported.

The first line is `{"plan": {…}, "version": 1}`. Then come `{"pair": …}`, and what was changed later:
`{"edit": {"id", "query"}}`, `{"drop": {"id", "reason"}}`, `{"restore": {"id"}}`, `{"add": pair}`,
`{"mark": {"id", "example"}}`, and `{"done": {…}}` when the work has ended.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from findling.errors import LibraryBusy, UserError
from findling.settings import user_only
from findling.store import disk_errors
from findling.synthesis.pair import Origin, Pair, Provenance, pair_id
from findling.synthesis.pair_set import VERSION, PairSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from findling.synthesis.pair import Positive

#: Of what a person asks of a passage in a review.
OWN_KIND = "own"
_HEADER_START = b'{"plan":'
_NOT_PAIRS_HINT = "Name a file that 'findling synth' has written."


class PairWriter:
    """Makes the file at `path`, with mode 0600, or goes on with the one that is there, which keeps its plan.

    What an interrupted writer left at its end, half a line, is taken off when it is opened. Every method that
    adds lines has them on the disk when it returns; lines that are refused are taken back as a whole.

    Opening raises `UserError` where there is no file and no `plan`, or a file that is not one of pairs or of
    a newer Findling, and `LibraryBusy` while somebody else writes to it. Opening and writing raise `DiskFull`
    and `PlaceNotWritable`.
    """

    def __init__(self, path: Path, plan: Mapping[str, Any] | None = None) -> None:
        self.path = path
        self._plan = plan
        self._file = -1
        self._end = 0

    def __enter__(self) -> Self:
        from filelock import FileLock, Timeout

        if self._plan is None and not self.path.exists():
            raise _missing(self.path)
        if not self.path.parent.is_dir():
            raise UserError(f"There is no directory {self.path.parent}.", "Make it first.")
        self._lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=0, mode=0o600)
        try:
            with disk_errors(self.path.parent):
                self._lock.acquire()
        except Timeout:
            raise LibraryBusy(
                f"Another process is writing to {self.path}.", "Wait for it to finish, or stop it."
            ) from None
        try:
            with disk_errors(self.path.parent):
                self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write. What was written is on the disk already."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self._lock.release()

    def append(self, pairs: Iterable[Pair]) -> None:
        """Add pairs. One with the id of an earlier one takes its place; what a person made of that stays."""
        self.write({"pair": pair.to_json()} for pair in pairs)

    def add(self, pair: Pair) -> None:
        """Add a pair of a person's, as `own_pair` makes them."""
        self.write([{"add": pair.to_json()}])

    def edit(self, pair_id: str, query: str) -> None:
        """Give a pair another query, which no filter judges. Raises `UserError` for a blank one."""
        self.write([edited(pair_id, query)])

    def drop(self, pair_id: str, reason: str = "") -> None:
        """Leave a pair out."""
        self.write([{"drop": {"id": pair_id, "reason": reason}}])

    def restore(self, pair_id: str) -> None:
        """Take back a drop; keep a pair that was not dropped whatever filters say."""
        self.write([{"restore": {"id": pair_id}}])

    def mark(self, pair_id: str, *, example: bool) -> None:
        """Say whether a pair is an example for further generation."""
        self.write([{"mark": {"id": pair_id, "example": example}}])

    def done(self, outcome: Mapping[str, Any]) -> None:
        """Say that the work has ended, and how."""
        self.write([{"done": dict(outcome)}])

    def write(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add records as they stand in the file, all of them in one go."""
        lines = b"".join(_line(record) for record in records)
        if not lines:
            return
        with disk_errors(self.path.parent):
            try:
                _write_all(self._file, lines)
                os.fsync(self._file)
            except BaseException:
                os.ftruncate(self._file, self._end)
                raise
        self._end += len(lines)

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = user_only(str(self.path), flags)
        self._end = os.fstat(self._file).st_size
        with self.path.open("rb") as file:
            first = file.readline()
            header = _parsed(first)
            begun = not first.endswith(b"\n") and _HEADER_START.startswith(first[: len(_HEADER_START)])
            if header is None and begun and self._plan is not None:
                os.ftruncate(self._file, 0)
                self._end = 0
                self.write([{"plan": dict(self._plan), "version": VERSION}])
                return
            if header is None or "plan" not in header or not PairSet(self.path).fold(header):
                raise _not_pairs(self.path)
            tail = _tail(file)
        if tail and _parsed(tail) is not None:
            self._end += _write_all(self._file, b"\n")  # all but its end was written
        elif tail:
            self._end -= len(tail)
            os.ftruncate(self._file, self._end)
        os.fsync(self._file)


def read_pairs(path: Path) -> PairSet:
    """What the file at `path` says now, also while somebody writes to it.

    Lines that cannot be read are counted and left out; half a line at the end is still being written, or was
    never reported, and does not count. Raises `UserError` for a file that cannot be read, has no pairs, or
    is a newer Findling's.
    """
    found = PairSet(path)
    known = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if found.fold(_parsed(line)):
                    known += 1
                elif line.endswith(b"\n") and line.strip():
                    found.damaged_lines.append(number)
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not known:
        raise _not_pairs(path)
    return found


def is_pair_file(path: Path) -> bool:
    """Whether a file begins as those of pairs do. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_HEADER_START)) == _HEADER_START


def own_pair(positive: Positive, query: str, language: str = "") -> Pair:
    """The pair of a passage and what a person asks of it. Raises `UserError` for a blank query."""
    query = _query(query)
    made = pair_id(Origin.PERSON, positive.passage_id, query)
    return Pair(made, query, positive, Provenance(Origin.PERSON, OWN_KIND), language)


def edited(pair_id: str, query: str) -> dict[str, Any]:
    """The record of an edit. Raises `UserError` for a blank query."""
    return {"edit": {"id": pair_id, "query": _query(query)}}


def _query(text: str) -> str:
    """In one line."""
    text = " ".join(text.split())
    if not text:
        raise UserError("The query is empty.", "To leave the pair out, drop it.")
    return text


def _line(record: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a character outside the first plane, of a broken document
        return json.dumps(record).encode() + b"\n"


def _parsed(line: bytes) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _tail(file: BinaryIO) -> bytes:
    """What stands after the last end of a line."""
    end = file.seek(0, os.SEEK_END)
    tail = b""
    while end and b"\n" not in tail:
        start = max(0, end - (1 << 16))
        file.seek(start)
        tail = file.read(end - start) + tail
        end = start
    return tail.rpartition(b"\n")[2]


def _write_all(file: int, data: bytes) -> int:
    """Of a disk that is nearly full the system takes a part."""
    written = 0
    while written < len(data):
        written += os.write(file, memoryview(data)[written:])
    return written


def _missing(path: Path) -> UserError:
    return UserError(f"There is no file {path}.", _NOT_PAIRS_HINT)


def _not_pairs(path: Path) -> UserError:
    return UserError(f"{path} is not a file of pairs, or its first line is damaged.", _NOT_PAIRS_HINT)
