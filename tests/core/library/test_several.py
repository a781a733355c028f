"""Several libraries searched as one: one ranking, one embedder a model, and none silences the others."""

from __future__ import annotations

import gc
import shutil
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from findling.embedding import Embedder
from findling.errors import Cancelled, LibraryDamaged, LibraryNotFound
from findling.jobs import CancelToken, ignore_progress
from findling.library import Libraries, worker
from findling.search import Mode
from findling.store import FileRow, FileState, PassageRow, StoreWriter

if TYPE_CHECKING:
    from pathlib import Path

    from findling.settings import Settings

BIRDS = {
    "/birds/owl.txt": "The snowy owl hunts lemmings at dusk over the frozen tundra.",
    "/birds/stork.txt": "Storks build large nests on chimneys and come back to them in spring.",
    "/birds/diver.txt": "Penguins catch fish under water and cannot fly.",
    "/birds/song.txt": "The nightingale sings at night to find a mate.",
}
MONEY = {
    "/money/tax.txt": "Income tax returns are due at the end of July.",
    "/money/budget.txt": "The treasurer presented the budget for the coming year.",
    "/money/loan.txt": "The bank lends money to those who can show that they need none.",
    "/money/tickets.txt": "Tickets for the zoo cost four euros for adults.",
}
QUESTIONS = [
    "Which birds live at sea?",
    "When must I pay the state?",
    "who sings in the dark",
    "a nest of owls",
]


def write(libraries: Libraries, name: str, texts: dict[str, str], model: str = "") -> None:
    """A library whose files have one passage each; the same text is the same document."""
    libraries._create(name, model or libraries.settings.model)
    active = libraries.info(name).active
    place = libraries.settings.home.libraries / name / "lance"
    with libraries.open(name) as library:
        vectors = library.embedder.embed_passages(list(texts.values()))
    writer = StoreWriter(place, active.number, active.dim, active.fingerprint)
    rows = [PassageRow(text, text, text, text, 0, 0, len(text), 9, "{}") for text in texts.values()]
    writer.add_passages(rows, vectors)
    writer.put_files(
        [FileRow(path, "txt", FileState.INDEXED, document_id=text) for path, text in texts.items()]
    )


def test_one_library_answers_as_it_does_alone(libraries: Libraries) -> None:
    write(libraries, "birds", BIRDS)
    with libraries.open("birds") as alone, libraries.open_several(["birds", "birds"]) as several:
        for mode in Mode:
            for query in QUESTIONS:
                assert several.search(query, mode) == alone.search(query, mode)
    assert several.names == ("birds",)


def test_two_libraries_of_one_model_answer_as_one_that_holds_all(libraries: Libraries) -> None:
    write(libraries, "birds", BIRDS)
    write(libraries, "money", MONEY)
    write(libraries, "all", BIRDS | MONEY)
    with libraries.open("all") as whole, libraries.open_several(["money", "birds"]) as several:
        for query in QUESTIONS:
            expected = [(hit.path, hit.score) for hit in whole.search(query, Mode.SEMANTIC)]
            hits = several.search(query, Mode.SEMANTIC)
            assert [hit.path for hit in hits] == [path for path, _ in expected]
            assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], abs=1e-6)
            assert [hit.library for hit in hits] == [hit.path.split("/")[1] for hit in hits]
        assert several.search("treasurer")[0].library == "money"
        assert several.search("nightingale")[0].library == "birds"
        assert several.search("treasurer", Mode.KEYWORD)[0].library == "money"
        assert len(several.search("owl", limit=3)) == 3
        assert several.search("  ") == []


def test_a_library_of_another_model_does_not_crowd_out_the_answer(libraries: Libraries, other: str) -> None:
    write(libraries, "birds", BIRDS)
    write(libraries, "money", MONEY, other)
    with libraries.open_several(["birds", "money"]) as several:
        for mode in (Mode.SEMANTIC, Mode.HYBRID):
            best = {query: several.search(query, mode)[0] for query in QUESTIONS}
            assert [hit.library for hit in best.values()] == ["birds", "money", "birds", "birds"]
            assert all(0 < hit.score <= 1.001 for hit in best.values())


def test_content_that_two_libraries_hold_is_one_hit(libraries: Libraries) -> None:
    owl = BIRDS["/birds/owl.txt"]
    write(libraries, "birds", BIRDS)
    write(libraries, "zoo", {"/zoo/eule.txt": owl, "/birds/owl.txt": owl})
    with libraries.open_several(["birds", "zoo"]) as several:
        hits = [hit for hit in several.search("snowy owl") if hit.document_id == owl]
    assert [(hit.library, hit.path, hit.copies) for hit in hits] == [
        ("birds", "/birds/owl.txt", ("/zoo/eule.txt",))
    ]


def test_a_library_that_cannot_answer_does_not_silence_the_others(libraries: Libraries) -> None:
    for name in ("birds", "torn", "cut"):
        write(libraries, name, BIRDS)
    libraries._create("empty", libraries.settings.model)
    for file in (libraries.settings.home.libraries / "torn").glob("library.json*"):
        file.write_text("{")
    data = libraries.settings.home.libraries / "cut" / "lance" / "files.lance" / "data"
    for file in data.iterdir():
        file.write_bytes(file.read_bytes()[:50])
    with libraries.open_several(["nobody", "empty", "torn", "cut", "birds"]) as several:
        several.warm()
        assert several.problems == {}
        assert several.search("nightingale")[0].path == "/birds/song.txt"
        assert {name: type(problem) for name, problem in several.problems.items()} == {
            "nobody": LibraryNotFound,
            "empty": LibraryNotFound,
            "torn": LibraryDamaged,
            "cut": LibraryDamaged,
        }
        assert "cut" in str(several.problems["cut"])
        write(libraries, "nobody", MONEY)  # what comes into being later is found later
        write(libraries, "empty", {"/late.txt": "Volcanoes erupt with lava and ash."})
        assert several.search("lava")[0].path == "/late.txt"
        assert several.search("treasurer")[0].library == "nobody"
        assert set(several.problems) == {"torn", "cut"}
        shutil.rmtree(libraries.settings.home.libraries / "nobody")
        assert several.search("nightingale")[0].path == "/birds/song.txt"
        assert set(several.problems) == {"torn", "cut", "nobody"}
    with libraries.open_several(["missing", "torn"]) as several:
        with pytest.raises(LibraryNotFound, match="missing"):
            several.search("nightingale")
        assert set(several.problems) == {"missing", "torn"}


def test_libraries_of_one_model_share_an_embedder_that_embeds_a_query_once(
    settings: Settings, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = Libraries(settings)
    for name, texts, model in (("a", BIRDS, ""), ("b", MONEY, ""), ("c", BIRDS, other)):
        write(libraries, name, texts, model)
    embedded: list[str] = []
    run = Embedder._run

    def counted(self: Embedder, rows: list[list[int]]) -> object:
        embedded.append(self.card.id)
        return run(self, rows)

    with libraries.open_several(["a", "b", "c"]) as several:
        embedder = several.library("a").embedder
        assert several.library("b").embedder is embedder
        assert several.library("c").embedder is not embedder
        several.search("warms what is measured once")
        monkeypatch.setattr(Embedder, "_run", counted)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(several.search, ["who sings in the dark"] * 8))
        assert sorted(embedded) == ["all-minilm-l6-v2", "other"]
        assert all(answer == answers[0] for answer in answers)
        several.search("treasurer", Mode.KEYWORD)
        assert len(embedded) == 2
    held = weakref.ref(embedder)
    del several, embedder
    gc.collect()
    assert held() is None  # its memory is given back


def test_searches_go_on_while_a_library_changes_its_model(
    libraries: Libraries, folder: Path, other: str
) -> None:
    libraries.index("papers", [folder])
    write(libraries, "birds", BIRDS)
    failures: list[BaseException] = []
    answers: set[tuple[str, ...]] = set()
    done = threading.Event()

    with libraries.open_several(["papers", "birds"]) as several:

        def ask() -> None:
            while not done.is_set():
                try:
                    answers.add(tuple(several.search(query)[0].path for query in ("oak tunnels", "owl")))
                    failures.extend(several.problems.values())
                except Exception as error:  # noqa: BLE001 — whatever it is, it is counted
                    failures.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            arguments = libraries._arguments("papers") | {"shadow": other}
            worker.index(arguments, ignore_progress, CancelToken())
        finally:
            done.set()
            thread.join()
        several.search("begins to load the new generation")
        papers = several.library("papers")
        papers._next.embedder().result() if papers._next else None
        several.search("oak tunnels")
        assert papers.embedder.card.id == "other"
        assert several.search("oak tunnels")[0].library == "papers"
    assert failures == []
    assert answers == {(str(folder / "sub" / "note.txt"), "/birds/owl.txt")}


def test_cancelled_search_stops(libraries: Libraries) -> None:
    write(libraries, "birds", BIRDS)
    write(libraries, "money", MONEY)
    cancel = CancelToken()
    with libraries.open_several(["birds", "money"]) as several:
        assert several.search("owl", cancel=cancel)
        cancel.cancel()
        with pytest.raises(Cancelled):
            several.search("owl", cancel=cancel)
