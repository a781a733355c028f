"""What a person asked, saved and judged in a library: history, saved searches, judgements."""

from __future__ import annotations

import difflib
import json
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from findling.errors import UserError
from findling.library.personal_file import PersonalFile
from findling.search import Mode

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

#: Entries of the history that are kept; the oldest go.
MOST_ENTRIES = 10_000
#: A query that is gone on with within this time was not finished.
TYPING_SECONDS = 10.0
GRADES = range(4)
#: By hand.
ANSWERS, DOES_NOT = 1, 0

_LONGEST_QUERY = 10_000
_ENTRY = "SELECT id, query, mode, asked_ms, hits, opened FROM history"
_SAVED = "SELECT name, query, mode, created_ms FROM saved"
_JUDGEMENT = (
    'SELECT id, query, document_id, paths, record, start, "end", quote, grade, judged_ms FROM judgements'
)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A query that was asked at `asked`, a time in UTC: how many hits it had, and the path of the one that
    was opened, "" for none."""

    query: str
    mode: Mode
    asked: datetime
    hits: int
    opened: str = ""

    def to_json(self) -> dict[str, Any]:
        """The shape of `findling history --json`."""
        asked = self.asked.isoformat(timespec="seconds")
        return {
            "query": self.query,
            "mode": self.mode.value,
            "asked": asked,
            "hits": self.hits,
            "opened": self.opened,
        }


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name, saved at `created`, a time in UTC."""

    name: str
    query: str
    mode: Mode
    created: datetime

    def to_json(self) -> dict[str, Any]:
        """The shape of `findling saved --json`."""
        created = self.created.isoformat(timespec="seconds")
        return {"name": self.name, "query": self.query, "mode": self.mode.value, "created": created}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a passage answers a query: grade 1 "this answers it", 0 "this does not"; imported ones up to 3.

    The passage is remembered by its `quote` and its characters [start, end) in the text of the document
    `document_id`, which was that of the files `paths`; `record` is the id where it is one of a collection.
    Without a quote the document as a whole is judged. `id` is 0 for one that is not stored.
    """

    query: str
    document_id: str
    paths: tuple[str, ...] = ()
    record: str = ""
    start: int = 0
    end: int = 0
    quote: str = ""
    grade: int = ANSWERS
    judged: datetime = datetime.fromtimestamp(0, UTC)  # noqa: RUF009 — frozen
    id: int = 0

    @property
    def whole(self) -> bool:
        """Whether it is about the document and not about one of its passages."""
        return not self.quote


class Personal:
    """What a person asked, saved and judged in the library in `directory`. Holds nothing open; any thread and
    any process may use it at any time.

    Without `keep_history` nothing is added to the history. Every method raises as `PersonalFile` does; what
    reads finds nothing where nothing has been written.
    """

    def __init__(self, directory: Path, *, keep_history: bool = True) -> None:
        self.keep_history = keep_history
        self._file = PersonalFile(directory)

    def remember(self, query: str, mode: Mode, hits: int, asked: datetime | None = None) -> None:
        """Put a query into the history, asked now or at a time in UTC.

        It takes the place of the entry before when that is the same query, or its beginning, asked within
        `TYPING_SECONDS` and without a hit of it opened.
        """
        query = plain(query)
        if not (query and self.keep_history):
            return
        wanted = folded(query)
        now = _milliseconds(asked or datetime.now(UTC))
        with self._file.writing() as file:
            opened = ""
            for last in file.execute(f"{_ENTRY} ORDER BY id DESC LIMIT 1").fetchall():
                before = folded(last[1])
                typing = 0 <= now - last[3] <= TYPING_SECONDS * 1000 and wanted.startswith(before)
                if before == wanted or (typing and not last[5]):
                    file.execute("DELETE FROM history WHERE id = ?", (last[0],))
                    opened = last[5]
            file.execute(
                "INSERT INTO history (query, folded, mode, asked_ms, hits, opened) VALUES (?, ?, ?, ?, ?, ?)",
                (query, wanted, mode.value, now, hits, opened),
            )
            file.execute(
                "DELETE FROM history WHERE id <= (SELECT id FROM history ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (MOST_ENTRIES,),
            )

    def remember_opened(self, query: str, path: str) -> None:
        """Say that the hit at `path` was opened, when the query was asked last."""
        if not self.keep_history:
            return
        with self._file.writing() as file:
            file.execute(
                "UPDATE history SET opened = ? WHERE id = (SELECT max(id) FROM history WHERE folded = ?)",
                (_storable(path), folded(query)),
            )

    def history(self, limit: int = MOST_ENTRIES) -> list[HistoryEntry]:
        """What was asked, the last first."""
        rows = self._read(f"{_ENTRY} ORDER BY id DESC LIMIT ?", limit)
        return [HistoryEntry(row[1], _mode(row[2]), _time(row[3]), row[4], row[5]) for row in rows]

    def suggestions(self, beginning: str, limit: int = 8) -> list[str]:
        """Queries of the history that begin so, whatever their case, and go on; each once, the last first."""
        start = folded(beginning)
        rows = self._read(
            "SELECT query FROM history WHERE id IN (SELECT max(id) FROM history "
            "WHERE substr(folded, 1, ?) = ? AND folded != ? GROUP BY folded) ORDER BY id DESC LIMIT ?",
            len(start),
            start,
            start,
            limit,
        )
        return [row[0] for row in rows]

    def clear_history(self) -> int:
        """Forget all that was asked; how many entries that were."""
        return self._write("DELETE FROM history")

    def forget(self, query: str) -> int:
        """Forget a query, however often it was asked; how many entries that were."""
        return self._write("DELETE FROM history WHERE folded = ?", folded(query))

    def forget_before(self, time: datetime) -> int:
        """Forget what was asked before a time in UTC; how many entries that were."""
        return self._write("DELETE FROM history WHERE asked_ms < ?", _milliseconds(time))

    def saved(self) -> list[SavedSearch]:
        """The saved searches, by name."""
        return [_saved(row) for row in self._read(f"{_SAVED} ORDER BY folded")]

    def saved_search(self, name: str) -> SavedSearch:
        """A saved search by its name, whatever its case. Raises `UserError` where there is none."""
        for row in self._read(f"{_SAVED} WHERE folded = ?", folded(name)):
            return _saved(row)
        raise self._no_search(name)

    def save(self, name: str, query: str, mode: Mode = Mode.HYBRID) -> SavedSearch:
        """Save a query under a name. Raises `UserError` for a name that is taken or empty, and for an empty
        query."""
        search = SavedSearch(plain(name), plain(query), mode, datetime.now(UTC))
        if not (search.name and search.query):
            raise UserError("A saved search needs a name and a query.")
        with self._file.writing() as file:
            _refuse_taken(file, search.name)
            file.execute(
                "INSERT INTO saved (folded, name, query, mode, created_ms) VALUES (?, ?, ?, ?, ?)",
                (folded(name), search.name, search.query, mode.value, _milliseconds(search.created)),
            )
        return search

    def rename_saved(self, name: str, new: str) -> None:
        """Give a saved search another name. Raises `UserError` where there is none, or the new one is taken
        or empty."""
        if not plain(new):
            raise UserError("A saved search needs a name and a query.")
        with self._file.writing() as file:
            if folded(name) != folded(new):
                _refuse_taken(file, plain(new))
            changed = file.execute(
                "UPDATE saved SET folded = ?, name = ? WHERE folded = ?",
                (folded(new), plain(new), folded(name)),
            )
            found = changed.rowcount
        if not found:
            raise self._no_search(name)

    def remove_saved(self, name: str) -> None:
        """Remove a saved search. Raises `UserError` where there is none."""
        if not self._write("DELETE FROM saved WHERE folded = ?", folded(name)):
            raise self._no_search(name)

    def judgements(self, query: str | None = None) -> list[Judgement]:
        """All judgements, or those of one query, in the order in which they were made."""
        if query is None:
            rows = self._read(f"{_JUDGEMENT} ORDER BY id")
        else:
            rows = self._read(f"{_JUDGEMENT} WHERE folded = ? ORDER BY id", folded(query))
        return [_judgement(row) for row in rows]

    def judge(self, judgements: Iterable[Judgement], instead_of: Iterable[int] = ()) -> None:
        """Store judgements, made now, in place of those with the ids `instead_of` and of those that say the
        same of the same passage. Raises `UserError` for an empty query or another grade than 0 … 3: then
        nothing is stored."""
        now = _milliseconds(datetime.now(UTC))
        with self._file.writing() as file:
            file.executemany("DELETE FROM judgements WHERE id = ?", [(number,) for number in instead_of])
            for judgement in judgements:
                if judgement.grade not in GRADES or not plain(judgement.query):
                    raise UserError(
                        f"{judgement.query!r} cannot be judged with the grade {judgement.grade}.",
                        "Give a query and a grade of 0 … 3.",
                    )
                file.execute(
                    "INSERT OR REPLACE INTO judgements (query, folded, document_id, paths, record, start,"
                    ' "end", quote, grade, judged_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
                    (
                        plain(judgement.query),
                        folded(judgement.query),
                        judgement.document_id,
                        json.dumps(judgement.paths),
                        judgement.record,
                        judgement.start,
                        judgement.end,
                        _storable(judgement.quote),
                        judgement.grade,
                        now,
                    ),
                )

    def withdraw(self, ids: Iterable[int]) -> None:
        """Delete the judgements with these ids."""
        if ids := list(ids):
            self.judge((), ids)

    def move_paths(self, moved: Callable[[str], str]) -> None:
        """Give all paths that are remembered the ones that they have now."""
        opened = self._read("SELECT id, opened FROM history WHERE opened != ''")
        judgements = self.judgements()
        if not (opened or judgements):
            return
        places = [(moved(path), number) for number, path in opened]
        lists: list[tuple[str, int]] = []
        for item in judgements:
            record = f"#{item.record}" if item.record else ""
            paths = [moved(path.removesuffix(record)) + record for path in item.paths]
            lists.append((json.dumps(paths), item.id))
        with self._file.writing() as file:
            file.executemany("UPDATE history SET opened = ? WHERE id = ?", places)
            file.executemany("UPDATE judgements SET paths = ? WHERE id = ?", lists)

    def _read(self, sql: str, *values: object) -> Sequence[tuple[Any, ...]]:
        with self._file.reading() as file:
            return [] if file is None else file.execute(sql, values).fetchall()

    def _write(self, sql: str, *values: object) -> int:
        """How many rows were changed."""
        if not self._file.path.is_file():
            return 0
        with self._file.writing() as file:
            return file.execute(sql, values).rowcount

    def _no_search(self, name: str) -> UserError:
        names = [search.name for search in self.saved()]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Saved: {', '.join(names) or 'none yet'}."
        return UserError(f"There is no saved search {plain(name)!r}.", hint)


def plain(text: str) -> str:
    """A query or a name as it is stored: on one line, in Unicode's composed form."""
    return unicodedata.normalize("NFC", " ".join(_storable(text)[:_LONGEST_QUERY].split()))


def folded(text: str) -> str:
    """What is equal for queries and for names that are taken for the same."""
    return plain(text).casefold()


def _storable(text: str) -> str:
    """Without what UTF-8 cannot hold: half a surrogate pair, from bytes that are no text."""
    return text.encode(errors="replace").decode()


def _refuse_taken(file: sqlite3.Connection, name: str) -> None:
    if file.execute("SELECT 1 FROM saved WHERE folded = ?", (folded(name),)).fetchone():
        raise UserError(f"There is a saved search {name!r} already.", "Choose another name, or remove it.")


def _saved(row: tuple[Any, ...]) -> SavedSearch:
    return SavedSearch(row[0], row[1], _mode(row[2]), _time(row[3]))


def _judgement(row: tuple[Any, ...]) -> Judgement:
    number, query, document_id, paths, record, start, end, quote, grade, judged = row
    try:
        known = tuple(cast("list[str]", json.loads(paths)))
    except ValueError:
        known = ()
    judgement = Judgement(query, document_id, known, record, start, end, quote, grade)
    return replace(judgement, judged=_time(judged), id=number)


def _mode(stored: str) -> Mode:
    """A mode; one of a later Findling is the usual one."""
    return Mode(stored) if stored in list(Mode) else Mode.HYBRID


def _milliseconds(time: datetime) -> int:
    return (time - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
