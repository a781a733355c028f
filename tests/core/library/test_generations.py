"""Another model takes over while people search; the one before is a step away."""

from __future__ import annotations

import json
import shutil
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.embedding import Embedder
from findling.errors import Cancelled, LibraryDamaged, UserError
from findling.jobs import CancelToken, ignore_progress
from findling.library import worker
from findling.library.info import SCHEMA_VERSION, LibraryInfo
from findling.search import Mode
from findling.settings import private_directory
from findling.store import StoreReader, StoreWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.jobs import Progress
    from findling.library import Libraries
    from findling.models import InstalledModel

MODEL = "all-minilm-l6-v2"
FIXTURE = Path(__file__).parent / "fixtures" / "schema-1.tar.gz"


def rebuild(
    libraries: Libraries,
    model: str,
    report=ignore_progress,
    cancel: CancelToken | None = None,
    passage_tokens: int | None = None,
) -> None:
    """As `start_rebuild`, in this process."""
    wanted = {"shadow": model, "passage_tokens": passage_tokens}
    arguments = libraries._arguments("default") | wanted
    worker.index(arguments, report, cancel or CancelToken())


def stored(libraries: Libraries, number: int) -> dict[str, tuple[str, bytes]]:
    """Content and vector by passage id, of one generation."""
    info = libraries.info("default")
    place = libraries.settings.home.libraries / "default" / "lance"
    (generation,) = (g for g in info.generations if g.number == number)
    writer = StoreWriter(place, number, generation.dim, generation.fingerprint)
    rows = writer.passages_of(writer.document_ids())
    vectors = writer.vectors_of({row.text_key for row in rows})
    assert len(rows) == writer.count_passages()
    return {row.passage_id: (row.content, vectors[row.text_key].tobytes()) for row in rows}


def test_another_model_takes_over_with_vectors_of_its_own(
    libraries: Libraries, folder: Path, other: str
) -> None:
    libraries.index("default", [folder])
    before = stored(libraries, 1)
    rebuild(libraries, other)
    info = libraries.info("default")
    assert (info.active.number, info.active.model, info.shadow) == (2, "other", None)
    assert [generation.number for generation in info.retired] == [1]
    after = stored(libraries, 2)
    assert {key: content for key, (content, _) in after.items()} == {
        key: content for key, (content, _) in before.items()
    }
    with libraries.open("default") as library:
        embedder = library.embedder
        assert embedder.card.id == "other"
        for content, vector in after.values():
            expected = embedder.embed_passages([content])[0]
            assert np.frombuffer(vector, np.float32) @ expected >= 0.99
        assert library.search("oak", Mode.KEYWORD)[0].path.endswith("note.txt")
        assert library.search("animals living underground", Mode.SEMANTIC)[0].path.endswith("note.txt")
    assert libraries.index("default").embedded == 0
    assert stored(libraries, 1) == before  # frozen


def test_rollback_is_at_once_and_byte_for_byte(libraries: Libraries, folder: Path, other: str) -> None:
    libraries.index("default", [folder])
    queries = ["telescope mirror", "price for adults", "tunnels"]
    with libraries.open("default") as library:
        before = [library.search(query) for query in queries]
        rebuild(libraries, other)
        began = time.monotonic()
        libraries.rollback("default")
        assert time.monotonic() - began < 5
        assert [library.search(query) for query in queries] == before
        libraries.index("default")
        assert [library.search(query) for query in queries] == before
        assert libraries.rollback("default").active.model == "other"


def test_what_changed_since_is_in_the_earlier_generation_after_the_next_run(
    libraries: Libraries, folder: Path, other: str
) -> None:
    libraries.index("default", [folder])
    rebuild(libraries, other)
    (folder / "new.txt").write_text("Volcanoes erupt with lava and ash.")
    (folder / "sub" / "note.txt").unlink()
    libraries.index("default")
    libraries.rollback("default")
    with libraries.open("default") as library:
        assert not any(hit.path.endswith("note.txt") for hit in library.search("badgers under the oak"))
        assert libraries.index("default").files["indexed"] == 2
        assert library.search("lava", Mode.SEMANTIC)[0].path.endswith("new.txt")
    contents = {content for content, _ in stored(libraries, 1).values()}
    assert contents == {content for content, _ in stored(libraries, 2).values()}


def test_files_that_come_during_the_build_are_in_both(
    libraries: Libraries, folder: Path, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries.index("default", [folder])
    monkeypatch.setattr(worker, "_SHADOW_SECONDS", 0.0)  # nothing is built before the next look
    looks = 0

    def report(progress: Progress) -> None:
        nonlocal looks
        if progress.phase == "re-embedding" and progress.done == 0:
            looks += 1
            if looks == 1:
                (folder / "new.txt").write_text("Volcanoes erupt with lava and ash.")
            if looks == 3:
                monkeypatch.setattr(worker, "_SHADOW_SECONDS", 60.0)

    rebuild(libraries, other, report)
    assert looks >= 3
    for number in (1, 2):
        assert any("lava" in content for content, _ in stored(libraries, number).values())


def test_a_build_that_was_stopped_goes_on_and_doubles_nothing(
    libraries: Libraries, folder: Path, other: str
) -> None:
    for number in range(200):
        (folder / f"{number:03}.txt").write_text(f"Report {number} treats the matter {number * number}.")
    libraries = type(libraries)(replace(libraries.settings, batch_passages=40))
    libraries.index("default", [folder])
    cancel = CancelToken()

    def report(progress: Progress) -> None:
        if progress.phase == "re-embedding" and progress.done >= 80:
            cancel.cancel()

    with pytest.raises(Cancelled):
        rebuild(libraries, other, report, cancel)
    info = libraries.info("default")
    assert (info.active.number, info.shadow.model, info.unfinished) == (1, "other", True)
    begun = stored(libraries, 2)
    assert 40 <= len(begun) < 204
    with libraries.open("default") as library:
        assert library.status()["rebuilding"] == "other"
        assert library.search("telescope")[0].title == "Observatory guide"
    embedded: list[int] = []
    arguments = libraries._arguments("default")
    worker.index(arguments, lambda p: embedded.append(p.counts.get("embedded", 0)), CancelToken())
    assert libraries.info("default").active.number == 2
    whole = stored(libraries, 2)
    assert whole.keys() == stored(libraries, 1).keys()
    assert begun.items() <= whole.items()
    assert max(embedded) == len(whole) - len(begun)


def test_passages_that_are_too_long_for_the_model_are_cut(
    libraries: Libraries, folder: Path, derived: Callable[..., str]
) -> None:
    sentences = " ".join(f"Sentence number {n} tells of thing {n * n}." for n in range(100))
    (folder / "long.md").write_text(f"# Things\n\n{sentences}\n")
    libraries.index("default", [folder])
    rebuild(libraries, derived("short", max_tokens=64))
    with libraries.open("default") as library:
        room = library.embedder.max_passage_tokens
        hit = library.search("what does sentence number 77 tell", Mode.KEYWORD)[0]
        text = library.document(hit.document_id).text
    assert "Sentence number 77 tells of thing 5929." in text[hit.start : hit.end]
    assert hit.anchor.headings == ("Things",)
    with libraries.open("default") as library, library._store() as store:
        rows = store.passages_of(hit.document_id)
        assert all(library.embedder.count_tokens([row.content])[0] <= room for row in rows)
        assert len(rows) > 10
        assert all(row.text == text[row.start : row.end] for row in rows)


def test_passages_are_cut_anew_where_other_ones_are_wanted(libraries: Libraries, folder: Path) -> None:
    sentences = " ".join(f"Sentence number {n} tells of thing {n * n}." for n in range(100))
    (folder / "long.md").write_text(f"# Things\n\n{sentences}\n")
    offline = folder.with_name("offline")
    offline.mkdir()
    (offline / "away.md").write_text(f"# Away\n\n{sentences.replace('thing', 'item')}\n")
    libraries.index("default", [folder, offline])
    before = stored(libraries, 1)
    offline.rename(folder.with_name("unplugged"))
    rebuild(libraries, MODEL, passage_tokens=64)
    info = libraries.info("default")
    assert (info.active.number, info.active.passage_tokens) == (2, 64)
    after = stored(libraries, 2)
    assert len(after) > len(before) + 10
    with libraries.open("default") as library:
        assert max(library.embedder.count_tokens([content for content, _ in after.values()])) <= 64
        for query in ("sentence number 77 thing", "sentence number 77 item"):
            hit = library.search(query, Mode.KEYWORD)[0]
            text = library.document(hit.document_id).text
            assert "Sentence number 77 tells" in text[hit.start : hit.end]
        counts = {row.path: row.passages for row in library.files() if row.document_id}
        assert sum(counts.values()) == len(after)
    with libraries.start_check("default") as job:
        assert job.result()["problems"] == []
    # From small ones to large: stored passages could not be joined, so this is only possible from the files.
    rebuild(libraries, MODEL, passage_tokens=0)
    again = stored(libraries, 3)
    named = {key for key, (content, _) in before.items() if "item" not in content}
    assert named == {key for key, (content, _) in again.items() if "item" not in content}
    assert libraries.rollback("default").active.passage_tokens == 64
    with libraries.open("default") as library:
        assert {row.path: row.passages for row in library.files() if row.document_id} == counts
    (folder / "new.md").write_text(f"# New\n\n{sentences.replace('thing', 'new')}\n")
    libraries.index("default")
    with libraries.open("default") as library:
        new = {row.path: row.passages for row in library.files()}[str(folder / "new.md")]
        assert new == counts[str(folder / "long.md")]


def test_a_rebuild_is_possible_when_the_model_has_become_another_one(
    libraries: Libraries, folder: Path, derived: Callable[..., str], other: str
) -> None:
    libraries.index("default", [folder], model=other)
    shutil.rmtree(libraries.settings.home.models / other)
    derived(other, document_prefix="a poem: ")
    (folder / "new.txt").write_text("Volcanoes erupt with lava and ash.")
    with pytest.raises(LibraryDamaged, match="rebuild"):
        libraries.index("default")
    rebuild(libraries, other)
    with libraries.open("default") as library:
        assert library.search("lava", Mode.SEMANTIC)[0].path.endswith("new.txt")
        assert library.status()["files"]["indexed"] == 3


def test_searches_go_on_through_the_switch_and_never_mix(
    libraries: Libraries, folder: Path, other: str
) -> None:
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        old = library.search("price for adults", Mode.SEMANTIC)
        failures: list[BaseException] = []
        answers: list[list[float]] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                try:
                    hits = library.search("price for adults", Mode.SEMANTIC)
                    answers.append([hit.score for hit in hits])
                except BaseException as error:  # noqa: BLE001 — whatever it is, it is counted
                    failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            rebuild(libraries, other)
            deadline = time.monotonic() + 20
            while library.embedder.card.id != "other" and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(0.2)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        new = library.search("price for adults", Mode.SEMANTIC)
    assert failures == []
    assert [hit.score for hit in new] != [hit.score for hit in old]
    for answer in answers:  # each all of one generation, or all of the other
        assert any(answer == pytest.approx([hit.score for hit in hits], abs=1e-5) for hits in (old, new))


def test_vectors_of_two_models_never_meet(libraries: Libraries, folder: Path, other: str) -> None:
    libraries.index("default", [folder])
    directory = libraries.settings.home.libraries / "default"
    info = libraries.info("default")
    wrong = Embedder(libraries_model(libraries, other)).card.fingerprint
    with pytest.raises(LibraryDamaged, match="another model"):
        StoreWriter(directory / "lance", 1, 384, wrong)
    replace(info, active=replace(info.active, model="other", fingerprint=wrong)).save(directory)
    with libraries.open("default") as library, pytest.raises(LibraryDamaged, match="not of the model other"):
        library.search("telescope", Mode.SEMANTIC)
    with pytest.raises(LibraryDamaged, match="another model"):
        libraries.index("default")


def libraries_model(libraries: Libraries, model_id: str) -> InstalledModel:
    from findling.models import InstalledModels

    return InstalledModels(libraries.settings.home.models).get(model_id)


def test_generations_are_forgotten_when_told(libraries: Libraries, folder: Path, other: str) -> None:
    libraries.index("default", [folder])
    with pytest.raises(UserError, match="no earlier generation"):
        libraries.rollback("default")
    rebuild(libraries, other)
    tables = libraries.settings.home.libraries / "default" / "lance"
    assert (tables / "passages_1.lance").is_dir()
    with pytest.raises(UserError, match="answers the searches"):
        libraries.forget("default", 2)
    with pytest.raises(UserError, match="no generation 7"):
        libraries.forget("default", 7)
    assert libraries.forget("default", 1).retired == ()
    assert not (tables / "passages_1.lance").exists()
    with libraries.open("default") as library:
        assert library.search("telescope")


def test_a_rebuild_with_a_third_model_drops_what_was_begun(
    libraries: Libraries, folder: Path, other: str, derived: Callable[..., str]
) -> None:
    libraries.index("default", [folder])
    cancel = CancelToken()

    def report(progress: Progress) -> None:
        if progress.phase == "re-embedding":
            cancel.cancel()

    with pytest.raises(Cancelled):
        rebuild(libraries, other, report, cancel)
    third = derived("third", document_prefix="a poem: ")
    rebuild(libraries, third)
    info = libraries.info("default")
    assert (info.active.model, info.shadow, len(info.retired)) == ("third", None, 1)
    tables = libraries.settings.home.libraries / "default" / "lance"
    assert sorted(path.name for path in tables.glob("passages_*")) == [
        f"passages_{number}.lance" for number in sorted((1, info.active.number))
    ]


def test_a_library_of_the_first_schema_is_read_searched_and_carried_on(
    libraries: Libraries, tmp_path: Path, other: str
) -> None:
    home = private_directory(libraries.settings.home.libraries)
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(home, filter="data")
    shutil.move(home / "old", home / "default")
    assert json.loads((home / "default" / "library.json").read_text())["schema"] == 1
    info = libraries.info("default")
    assert (info.active.number, info.active.model, info.schema) == (1, "all-minilm-l6-v2", SCHEMA_VERSION)
    with libraries.open("default") as library:
        assert library.search("telescope mirror")[0].title == "Observatory guide"
        assert library.search("animals living underground", Mode.SEMANTIC)[0].path.endswith("note.txt")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "new.txt").write_text("Volcanoes erupt with lava and ash.")
    summary = libraries.index("default", [tmp_path / "more"])
    assert (summary.files["indexed"], summary.embedded) == (3, 1)
    assert json.loads((home / "default" / "library.json").read_text())["schema"] == SCHEMA_VERSION
    assert LibraryInfo.load(home / "default").active == info.active
    rebuild(libraries, other)
    reader = StoreReader(home / "default" / "lance", 2)
    assert reader.fingerprint == libraries.info("default").active.fingerprint
    reader.close()
