"""What a person asked, saved and judged: kept by several processes at once, and never lost in silence."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from findling.chunking import CHUNKER_VERSION
from findling.errors import LibraryBusy, LibraryDamaged, LibraryNotFound, LibraryTooNew, UserError
from findling.library import LibraryInfo, personal, personal_file
from findling.library.info import Generation
from findling.library.personal import HistoryEntry, Judgement, Personal
from findling.library.personal_file import PersonalFile
from findling.search import Mode

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
WRITES = 40


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """That of a library without an index."""
    place = tmp_path / "papers"
    place.mkdir()
    LibraryInfo("papers", Generation(1, "model", "f", 8, CHUNKER_VERSION)).save(place)
    return place


@pytest.fixture
def own(directory: Path) -> Personal:
    return Personal(directory)


def queries(own: Personal) -> list[str]:
    return [entry.query for entry in own.history()]


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_last_query_comes_first_with_all_that_is_known_of_it(own: Personal, directory: Path) -> None:
    assert own.history() == []
    assert not (directory / "personal.sqlite").exists()  # reading makes none
    own.remember("  blue\n whales ", Mode.KEYWORD, 3, NOON)
    own.remember("tax", Mode.HYBRID, 0, later(60))
    own.remember_opened("Blue Whales", "/papers/a  b.md")
    assert own.history() == [
        HistoryEntry("tax", Mode.HYBRID, later(60), 0),
        HistoryEntry("blue whales", Mode.KEYWORD, NOON, 3, "/papers/a  b.md"),
    ]
    assert own.history(1) == own.history()[:1]
    own.remember("   ", Mode.HYBRID, 0)
    own.remember("bytes \udcff", Mode.HYBRID, 0, later(90))
    assert queries(own)[0] == "bytes ?"
    assert stat.S_IMODE((directory / "personal.sqlite").stat().st_mode) == 0o600
    assert [path.name for path in directory.glob("personal*")] == ["personal.sqlite"]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ([("tax", 0), ("tax", 1000)], ["tax"]),
        ([("Tax", 0), ("tax", 1)], ["tax"]),
        ([("wh", 0), ("whal", 1), ("whales sing", 10)], ["whales sing"]),
        ([("whale", 0), ("whales sing", 11)], ["whales sing", "whale"]),
        ([("whale", 0), ("tax", 1), ("whale", 2)], ["whale", "tax", "whale"]),
        ([("whales", 0), ("whale", 1)], ["whale", "whales"]),
        ([("whale", 5), ("whales", 0)], ["whales", "whale"]),  # the clock was set back
    ],
)
def test_repeated_and_half_typed_queries_collapse_into_the_last(
    own: Personal, asked: list[tuple[str, float]], kept: list[str]
) -> None:
    for query, seconds in asked:
        own.remember(query, Mode.HYBRID, 1, later(seconds))
    assert queries(own) == kept


def test_a_query_with_an_opened_hit_was_finished(own: Personal) -> None:
    own.remember("whale", Mode.HYBRID, 1, NOON)
    own.remember_opened("whale", "/a.md")
    own.remember("whale", Mode.HYBRID, 2, later(1))
    own.remember("whales", Mode.HYBRID, 2, later(2))
    assert [(entry.query, entry.opened) for entry in own.history()] == [("whales", ""), ("whale", "/a.md")]


def test_history_is_capped_forgotten_and_switched_off(
    own: Personal, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "MOST_ENTRIES", 4)
    for number in range(6):
        own.remember(f"number {number} secretword", Mode.HYBRID, 1, later(3600 * number))
    assert queries(own) == [f"number {number} secretword" for number in (5, 4, 3, 2)]
    assert own.forget("NUMBER 4  secretword") == 1
    assert own.forget_before(later(3600 * 3)) == 1
    assert queries(own) == ["number 5 secretword", "number 3 secretword"]
    off = Personal(directory, keep_history=False)
    off.remember("quiet", Mode.HYBRID, 1)
    off.remember_opened("number 5 secretword", "/a.md")
    assert queries(off) == queries(own) == ["number 5 secretword", "number 3 secretword"]
    assert own.history()[0].opened == ""
    assert own.clear_history() == 2
    assert own.history() == []
    assert b"secretword" not in (directory / "personal.sqlite").read_bytes()


def test_suggestions_go_on_from_what_is_typed(own: Personal) -> None:
    for seconds, query in enumerate(["Straße nach Rom", "strassen", "100% wool", "1000", "strand"]):
        own.remember(query, Mode.HYBRID, 1, later(100 * seconds))
    own.remember("Strassen", Mode.HYBRID, 1, later(900))
    assert own.suggestions("STRASSE") == ["Strassen", "Straße nach Rom"]
    assert own.suggestions("100%") == ["100% wool"]
    assert own.suggestions("strand") == []
    assert own.suggestions("", limit=2) == ["Strassen", "strand"]


def test_saved_searches_have_names_of_their_own(own: Personal) -> None:
    own.save("Sea", "blue whales", Mode.SEMANTIC)
    own.save("money", "tax")
    with pytest.raises(UserError, match="already"):
        own.save("sea ", "other")
    for name, query in (("", "tax"), ("new", " ")):
        with pytest.raises(UserError, match="needs a name"):
            own.save(name, query)
    own.rename_saved("SEA", "sea")
    assert [(search.name, search.query, search.mode) for search in own.saved()] == [
        ("money", "tax", Mode.HYBRID),
        ("sea", "blue whales", Mode.SEMANTIC),
    ]
    with pytest.raises(UserError, match="already"):
        own.rename_saved("sea", "Money")
    with pytest.raises(UserError, match="Did you mean 'money'"):
        own.saved_search("mony")
    own.remove_saved("MONEY")
    for missing in (own.remove_saved, lambda name: own.rename_saved(name, "x")):
        with pytest.raises(UserError, match="no saved search 'money'"):
            missing("money")
    assert own.saved_search("Sea").query == "blue whales"


def test_judging_again_replaces_and_withdrawing_deletes(own: Personal) -> None:
    answer = Judgement("Whales?", "d1", ("/a\udcff.md",), start=5, end=9, quote="sing")
    own.judge([answer])
    own.judge([Judgement("whales? ", "d1", (), start=5, end=9, quote="sing", grade=0)])
    own.judge([Judgement("whales?", "d1")])
    stored = own.judgements()
    assert [(item.query, item.quote, item.grade, item.whole) for item in stored] == [
        ("whales?", "sing", 0, False),
        ("whales?", "", 1, True),
    ]
    assert datetime.now(UTC) - stored[0].judged < timedelta(minutes=1)
    own.judge([answer], instead_of=[stored[0].id, stored[1].id])
    (only,) = own.judgements("WHALES?")
    assert (only.paths, only.start, only.end) == (("/a\udcff.md",), 5, 9)
    for wrong in (Judgement("q", "d1", grade=4), Judgement(" ", "d1")):
        with pytest.raises(UserError, match="cannot be judged"):
            own.judge([Judgement("q", "d2"), wrong])
    assert own.judgements() == [only]
    own.withdraw([only.id])
    assert own.judgements() == []


def write_many(directory: str, name: str) -> None:
    own = Personal(Path(directory))
    for number in range(WRITES):
        own.remember(f"{name} {number}", Mode.HYBRID, number)
        own.judge([Judgement(f"{name} {number}", "d1")])


def test_two_processes_write_at_once_and_nothing_is_lost(own: Personal, directory: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(str(directory), name)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        own.history()  # readers are never refused
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    expected = {f"{name} {number}" for name in ("one", "two") for number in range(WRITES)}
    assert set(queries(own)) == expected
    assert {judgement.query for judgement in own.judgements()} == expected


def test_a_file_that_others_hold_for_long_is_busy(
    own: Personal, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.save("sea", "whales")
    monkeypatch.setattr(personal_file, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(directory / "personal.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LibraryBusy):
            own.save("money", "tax")
        with pytest.raises(LibraryBusy):
            own.saved()
    assert [search.name for search in own.saved()] == ["sea"]


def test_the_file_of_a_newer_findling_is_left_alone(own: Personal, directory: Path) -> None:
    own.save("sea", "whales")
    with closing(sqlite3.connect(directory / "personal.sqlite")) as file:
        file.execute("PRAGMA user_version = 99")
    before = (directory / "personal.sqlite").read_bytes()
    for use in (own.saved, lambda: own.save("money", "tax"), PersonalFile(directory).problem):
        with pytest.raises(LibraryTooNew, match="Update Findling"):
            use()
    assert (directory / "personal.sqlite").read_bytes() == before


def test_an_older_file_is_brought_up_to_date(
    own: Personal, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.save("sea", "whales")
    steps = (*personal_file._STEPS, "ALTER TABLE saved ADD COLUMN colour TEXT; CREATE TABLE more (x);")
    monkeypatch.setattr(personal_file, "_STEPS", steps)
    monkeypatch.setattr(personal_file, "SCHEMA_VERSION", 2)
    assert [search.name for search in own.saved()] == ["sea"]
    with closing(sqlite3.connect(directory / "personal.sqlite")) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (2,)
        assert file.execute("SELECT name, colour FROM saved").fetchall() == [("sea", None)]


@pytest.mark.parametrize("damage", ["no database", "torn"])
def test_a_damaged_file_is_set_aside_and_said_to_be(own: Personal, directory: Path, damage: str) -> None:
    path = directory / "personal.sqlite"
    for number in (1, 2):
        for count in range(50):
            own.judge([Judgement(f"query {count}", "d1", quote="x" * 500)])
        content = path.read_bytes()
        page = 4096
        damaged = b"not a database" * 500 if damage == "no database" else content[:page] + bytes(page) * 40
        path.write_bytes(damaged)
        assert PersonalFile(directory).problem()
        with pytest.raises(LibraryDamaged, match=rf"set aside as personal\.sqlite\.damaged-{number}"):
            own.judgements()
        assert (directory / f"personal.sqlite.damaged-{number}").read_bytes() == damaged
        assert not path.exists()
        assert own.judgements() == []
    own.save("sea", "whales")
    assert PersonalFile(directory).set_aside() is None  # another process has been faster
    assert own.saved_search("sea").query == "whales"


def test_a_deleted_library_keeps_nothing(own: Personal, directory: Path) -> None:
    (directory / "library.json").unlink()
    with pytest.raises(LibraryNotFound):
        own.remember("whales", Mode.HYBRID, 1)
    assert own.clear_history() == 0
    assert not (directory / "personal.sqlite").exists()
