"""Which documents are let in: conditions on files, sets of documents, and both before anything is ranked."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.store import Documents, FileFilter, FileRow, FileState, Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shelf

reproducible = settings(derandomize=True, database=None, deadline=None)
documents = st.frozensets(st.sampled_from("abcdef"))
EVERY = frozenset("abcdefg")  # g is in no set: what has not been written yet

FILES = {
    "pdf": {
        "path": "/home/me/Contracts/2024/Lease (v2) [final].PDF",
        "kind": "pdf",
        "size": 5000,
        "mtime_ns": 30,
    },
    "md": {"path": "/home/me/notes/it's a 100%_plan.md", "kind": "md", "size": 100, "mtime_ns": 10},
    "cafe": {
        "path": "/home/me/notes/Café Ünï.txt",
        "author": "Ana Müller; O'Hara",
        "language": "fr",
        "size": 101,
    },
    "windows": {"path": "C:\\Users\\Me\\Notes\\Budget.xlsx.txt", "language": "de", "size": 0, "mtime_ns": 20},
    "near": {"path": "/home/me/notes2/plan.md.txt", "author": "Hara", "size": 0},
    "record": {
        "path": "/data/beir/corpus.jsonl#doc[1].md",
        "record": "doc[1].md",
        "kind": "record",
        "size": 7,
    },
}


@pytest.fixture
def let_in(shelf: Shelf) -> Callable[..., set[str]]:
    """The documents of `FILES` that a filter lets in."""
    rows = [
        FileRow(**{"kind": "txt", "state": FileState.INDEXED, "document_id": name} | columns)  # type: ignore[arg-type]
        for name, columns in FILES.items()
    ]
    shelf.writer.put_files([*rows, FileRow("/home/me/notes/broken.pdf", "pdf", FileState.FAILED, "torn")])
    return lambda **given: set(shelf.reader.documents_of(FileFilter(**given)).ids)


def test_every_condition_and_all_together(let_in: Callable[..., set[str]]) -> None:
    assert let_in() == set(FILES)
    assert let_in(kinds=("pdf",)) == {"pdf"}
    assert let_in(kinds=("pdf", "md")) == {"pdf", "md", "record"}  # by the kind, or as the name ends
    assert let_in(kinds=("d",)) == set()
    assert let_in(modified=(10, 30)) == {"md", "windows"}  # from the first on, before the second
    assert let_in(modified=(None, 10)) == {"cafe", "near", "record"}
    assert let_in(size=(100, None)) == {"pdf", "md", "cafe"}
    assert let_in(size=(100, 101)) == {"md"}
    assert let_in(languages=("fr", "de")) == {"cafe", "windows"}
    assert let_in(author="muller") == let_in(author="MÜLLER") == {"cafe"}
    assert let_in(author="o'hara") == {"cafe"}
    assert let_in(author="hara") == {"cafe", "near"}
    assert let_in(languages=("fr",), author="ana", size=(1, 102), folder="notes", kinds=("txt",)) == {"cafe"}
    assert let_in(languages=("fr",), kinds=("pdf",)) == set()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("lease", {"pdf"}),
        ("cafe un", {"cafe"}),
        ("CAFÉ", {"cafe"}),
        ("it's", {"md"}),
        ("100%_", {"md"}),
        ("1__%", set()),
        ("home", set()),  # of the path, not of the name
        ("*.md", {"md", "record"}),  # not plan.md.txt
        ("*.pdf", {"pdf"}),
        ("plan*", {"near"}),
        ("*plan*", {"md", "near"}),
        ("caf? *", {"cafe"}),
        ("*[[]final]*", {"pdf"}),
        ("*(v2)*", {"pdf"}),
        ("doc[[]1].md", {"record"}),
        ("[cl]*", {"cafe", "pdf"}),
        ("[!cl]*", {"md", "near", "record"}),
        ("*'s*%*_*.m?", {"md"}),
        ("*.*.*", {"near"}),
        ("+*", set()),
    ],
)
def test_names_by_a_part_or_a_pattern(let_in: Callable[..., set[str]], name: str, found: set[str]) -> None:
    assert let_in(name=name) - {"windows"} == found  # whose name is told on Windows alone


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("/home/me/notes", {"md", "cafe"}),
        ("/home/me/notes/", {"md", "cafe"}),
        ("/home/me", {"pdf", "md", "cafe", "near"}),
        ("/home/me/note", set()),
        ("notes", {"md", "cafe", "windows"}),
        ("me/notes", {"md", "cafe", "windows"}),
        ("Contracts/2024", {"pdf"}),
        ("2024", {"pdf"}),
        ("024", set()),
        ("C:\\Users\\Me", {"windows"}),
        ("c:\\users\\me\\", {"windows"}),
        ("users\\me", {"windows"}),
        ("C:\\Users\\M", set()),
        ("it's", set()),
        ("plan.md.txt", set()),
    ],
)
def test_folders_whole_or_a_part_of_their_path(
    let_in: Callable[..., set[str]], folder: str, found: set[str]
) -> None:
    assert let_in(folder=folder) == found


@reproducible
@given(documents, st.booleans(), documents, st.booleans())
def test_documents_are_sets(first: frozenset[str], all_but: bool, second: frozenset[str], too: bool) -> None:
    one, other = Documents(first, all_but), Documents(second, too)
    left, right = (EVERY - first if all_but else first), (EVERY - second if too else second)

    def members(documents: Documents) -> frozenset[str]:
        return frozenset(each for each in EVERY if each in documents)

    assert (members(one), members(other)) == (left, right)
    assert members(one & other) == left & right
    assert members(one | other) == left | right
    assert members(~one) == EVERY - left
    assert ~~one == one
    assert one & Documents.all() == one == one | Documents()
    assert one.everything == (left == EVERY)
    assert one.nothing == (not left)


def test_filters_come_before_ranking_in_both_legs(shelf: Shelf, terms: Callable[..., Words]) -> None:
    """Thirty documents that are better in words and in meaning, and three wanted ones."""
    for number in range(30):
        shelf.put(f"better{number}", "owl owl owl", angle=0.001 * number)
    for number, angle in enumerate((0.5, 0.3, pi)):
        shelf.put(f"it's{number}", "an owl among many words of other things", angle=angle)
    wanted = Documents(frozenset(f"it's{number}" for number in range(3)))
    owl = terms("owl")
    for _ in ("fresh", "optimised"):
        assert not {"it's0-0", "it's1-0"} & {*shelf.found(owl, 20), *shelf.by_meaning(20)}
        assert set(shelf.found(owl, 3, within=wanted)) == {"it's0-0", "it's1-0", "it's2-0"}
        assert shelf.by_meaning(3, within=wanted) == ["it's1-0", "it's0-0", "it's2-0"]
        others = ~Documents(frozenset(f"better{number}" for number in range(29)))
        assert shelf.found(owl, 1, within=others) == ["better29-0"]
        assert shelf.by_meaning(1, within=others) == ["better29-0"]
        assert shelf.found(Words(phrases=("an owl",)), 1, within=~wanted) == []
        shelf.writer.optimize(force=True)
    assert shelf.found(owl, within=Documents()) == shelf.by_meaning(within=Documents()) == []
    assert len(shelf.found(owl, 99, within=Documents.all())) == 33


def test_files_by_parts_of_their_name(shelf: Shelf) -> None:
    for name, columns in FILES.items():
        shelf.put(name, "text", **columns)  # type: ignore[arg-type]

    def named(*fragments: str, limit: int = 9) -> list[str]:
        return [file.document_id for file in shelf.reader.files_named(fragments, limit)]

    assert named("CAFE", "plan") == ["cafe", "md", "near"]  # by path
    assert named("it's", "%") == ["md"]
    assert named("home") == named("absent") == named() == []
    assert named("doc") == []  # of records there are too many, and their names say nothing
    assert len(named("n", limit=2)) == 2


def test_newest_documents_and_how_they_begin(shelf: Shelf) -> None:
    for number, name in enumerate(("b", "a", "c", "d")):
        shelf.put(name, f"{name} begins", f"{name} goes on", mtime_ns=min(number, 2), angle=number)
    shelf.put("a", path="/older copy.txt", mtime_ns=0)
    newest = shelf.reader.newest
    assert newest(Documents.all(), 9) == ["c", "d", "a", "b"]
    assert newest(Documents.all(), 2) == ["c", "d"]
    assert newest(Documents(frozenset("ab")), 9) == ["a", "b"]
    assert newest(~Documents(frozenset("cd")), 1) == ["a"]
    found = {each.passage.content: each.meaning for each in shelf.reader.beginnings(["a", "b", "zz"], None)}
    assert found == {"a begins": 0.0, "b begins": 0.0}
    assert shelf.reader.beginnings([], None) == shelf.reader.beginnings(["zz"], None) == []


def test_languages_of_a_library_the_most_frequent_first(shelf: Shelf) -> None:
    shelf.writer.put_files(
        [
            FileRow(f"/{number}", "txt", FileState.INDEXED, document_id=str(number), language=language)
            for number, language in enumerate(["en"] * 150 + ["de"] * 200 + ["fi"] + [""] * 500)
        ]
    )
    assert shelf.reader.languages() == ("de", "en")  # one of 350 is a mistake
    shelf.put("new", "text", language="fi")
    shelf.writer.put_files(
        [FileRow(f"/f{n}", "txt", FileState.INDEXED, document_id=f"f{n}", language="fi") for n in range(5)]
    )
    assert shelf.reader.languages() == ("de", "en", "fi")


def test_looking_for_files_is_cancelled(shelf: Shelf) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        shelf.reader.documents_of(FileFilter(name="x"), cancel)
