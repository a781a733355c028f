"""A library goes into one file and comes out of it whole, or not at all."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import stat
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.chunking import CHUNKER_VERSION
from findling.errors import (
    Cancelled,
    LibraryBusy,
    LibraryDamaged,
    LibraryNotFound,
    LibraryTooNew,
    SettingsError,
    UserError,
)
from findling.jobs import CancelToken, ignore_progress
from findling.library import Libraries, LibraryInfo, archive
from findling.library.archive import moved
from findling.library.info import Generation
from findling.library.personal import Judgement
from findling.library.worker import writer_of, writing
from findling.models import InstalledModels, ModelCard
from findling.models.card import sha256_of
from findling.models.generators import add_generator
from findling.search import Mode
from findling.settings import Home, Settings, private_directory
from findling.store import FileRow, FileState, PassageRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.jobs import Progress
    from findling.models import InstalledModel

QUERIES = ("telescope mirror", "price for adults", "animals living underground")


@pytest.fixture
def elsewhere(tmp_path: Path, installed_model: InstalledModel) -> Libraries:
    """The libraries of another machine, where only the built-in model is installed."""
    settings = Settings(Home.at(tmp_path / "elsewhere"))
    with_links(settings, installed_model, installed_model.card)
    return Libraries(settings)


def with_links(settings: Settings, model: InstalledModel, card: ModelCard) -> ModelCard:
    """Install the files of `model` under another card."""
    place = private_directory(settings.home.models / card.id)
    for name in card.files:
        (place / name).symlink_to(model.directory / name)
    card.save(place)
    return card


def make(settings: Settings, card: ModelCard, name: str = "papers", **changes: Any) -> LibraryInfo:
    """A library of two files in two folders, without a run: its vectors are those of no model."""
    info = LibraryInfo(name, generation_of(card, 1), folders=("/data/one", "/data/two"))
    info = replace(info, **changes)
    directory = private_directory(settings.home.libraries / name)
    info.save(directory)
    for generation in info.generations:
        fill(directory, generation)
    return info


def generation_of(card: ModelCard, number: int) -> Generation:
    return Generation(number, card.id, card.fingerprint, card.dim, CHUNKER_VERSION)


def fill(directory: Path, generation: Generation) -> None:
    writer = writer_of(directory / "lance", generation)
    vectors = np.random.default_rng(generation.number).normal(size=(2, generation.dim)).astype(np.float32)
    rows = [PassageRow(f"p{n}", f"d{n}", f"k{n}", f"word{n} common", 0, 0, 9, 3, "{}") for n in (1, 2)]
    writer.add_passages(rows, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    paths = ("/data/one/a.txt", "/data/two/a.txt")
    writer.put_files(
        [
            FileRow(path, "text", FileState.INDEXED, document_id=f"d{n}", passages=1)
            for n, path in enumerate(paths, 1)
        ]
    )


def export(libraries: Libraries, file: Path, report=ignore_progress, cancel=None, **changes: Any) -> Any:
    arguments = {
        "settings": libraries.settings.to_json(),
        "directory": str(libraries.settings.home.libraries / "papers"),
        "file": str(file),
        "active_only": False,
        "with_model": True,
        "force": False,
        **changes,
    }
    return archive.export(arguments, report, cancel or CancelToken())


def import_file(libraries: Libraries, file: Path, report=ignore_progress, cancel=None, **changes: Any) -> Any:
    arguments = {"settings": libraries.settings.to_json(), "file": str(file), "library": "papers"}
    return archive.import_file(arguments | {"folders": {}, **changes}, report, cancel or CancelToken())


def stored(libraries: Libraries, name: str, generation: Generation) -> dict[str, tuple[str, bytes]]:
    """Content and vector of every passage."""
    writer = writer_of(libraries.settings.home.libraries / name / "lance", generation)
    rows = writer.passages_of(writer.document_ids())
    vectors = writer.vectors_of({row.text_key for row in rows})
    return {row.passage_id: (row.content, vectors[row.text_key].tobytes()) for row in rows}


def tree(directory: Path) -> dict[str, bytes]:
    """Every file below a directory, without links and locks."""
    paths = [path for path in directory.rglob("*") if path.is_file() and not path.is_symlink()]
    paths = [path for path in paths if path.suffix != ".lock"]
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def cancelling(phase: str, cancel: CancelToken) -> Callable[[Progress], None]:
    """A report that cancels in the middle of a phase."""

    def report(progress: Progress) -> None:
        if progress.phase == phase and progress.done * 2 > (progress.total or 0):
            cancel.cancel()

    return report


def test_round_trip_to_another_machine_embeds_nothing(
    libraries: Libraries, elsewhere: Libraries, folder: Path, tmp_path: Path
) -> None:
    libraries.index("papers", [folder])
    active = libraries.info("papers").active
    vectors = stored(libraries, "papers", active)
    with libraries.open("papers") as library:
        before = [[(hit.path, hit.score) for hit in library.search(query)] for query in QUERIES]
    file = tmp_path / "papers.findling"
    with libraries.start_export("papers", file) as job:
        assert job.result()["bytes"] == file.stat().st_size
        assert job.progress.fraction == 1.0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    there = tmp_path / "moved" / "texts"
    shutil.copytree(folder, there, copy_function=shutil.copyfile)
    shutil.rmtree(folder)
    for path in there.rglob("*"):
        os.utime(path, (1, 1))
    with (
        elsewhere.start_import_file(file, "articles", {str(folder / "sub"): there}) as job,
        pytest.raises(SettingsError, match=str(folder)),
    ):
        job.result()
    assert elsewhere.names() == []
    with elsewhere.start_import_file(file, "articles", {str(folder): there}) as job:
        assert job.result()["missing_folders"] == []
    assert elsewhere.names() == ["articles"]
    info = elsewhere.info("articles")
    assert (info.name, info.folders, info.active) == ("articles", (str(there),), active)
    assert stored(elsewhere, "articles", active) == vectors
    with elsewhere.open("articles") as library:
        after = [[(hit.path, hit.score) for hit in library.search(query)] for query in QUERIES]
    assert after == [
        [(path.replace(str(folder), str(there)), score) for path, score in hits] for hits in before
    ]
    directory = elsewhere.settings.home.libraries / "articles"
    for path in (directory, *directory.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    summary = elsewhere.index("articles")
    assert (summary.embedded, summary.removed, summary.files["indexed"]) == (0, 0, 2)


def test_what_belongs_to_a_process_or_is_being_built_stays_out(
    libraries: Libraries, elsewhere: Libraries, installed_model: InstalledModel, tmp_path: Path
) -> None:
    card = installed_model.card
    before = make(libraries.settings, card, shadow=generation_of(card, 3), retired=(generation_of(card, 1),))
    before = replace(before, active=generation_of(card, 2))
    directory = libraries.settings.home.libraries / "papers"
    before.save(directory)
    fill(directory, before.active)
    (directory / "judgements").mkdir()
    (directory / "judgements" / "pairs.jsonl").write_text("{}")
    for name in ("judgements/run.log", ".library.json.77.new", "judgements/.pairs.swp"):
        (directory / name).write_text("left behind")
    file = tmp_path / "all.findling"
    assert export(libraries, file)["generations"] == [2, 1]
    result = import_file(elsewhere, file)
    assert (result["models_missing"], result["models_installed"]) == ([], [])
    info = elsewhere.info("papers")
    assert info == replace(before, shadow=None)
    for generation in info.generations:
        assert stored(elsewhere, "papers", generation) == stored(libraries, "papers", generation)
    names = tree(elsewhere.settings.home.libraries / "papers")
    tops = {name.split("/")[0] if "lance/" not in name else name.split("/")[1] for name in names}
    tables = {"files.lance", "vocabulary.lance", "passages_1.lance", "passages_2.lance"}
    assert tops == {"library.json", "judgements", *tables}
    assert [name for name in names if name.startswith("judgements")] == ["judgements/pairs.jsonl"]

    assert export(libraries, file, active_only=True, force=True)["generations"] == [2]
    import_file(elsewhere, file, library="active")
    assert elsewhere.info("active") == replace(before, name="active", shadow=None, retired=())
    assert not (elsewhere.settings.home.libraries / "active" / "lance" / "passages_1.lance").exists()
    assert libraries.info("papers") == before


def test_what_was_asked_saved_and_judged_comes_along(
    libraries: Libraries, elsewhere: Libraries, installed_model: InstalledModel, tmp_path: Path
) -> None:
    make(libraries.settings, installed_model.card)
    directory = libraries.settings.home.libraries / "papers"
    file = tmp_path / "papers.findling"
    export(libraries, file)
    import_file(elsewhere, file, library="without")
    with libraries.open("papers") as library, elsewhere.open("without") as without:
        own = library.personal
        assert without.personal.history() == []
        own.remember("word1", Mode.KEYWORD, 1)
        own.remember_opened("word1", "/data/one/a.txt")
        own.save("both", "common", Mode.KEYWORD)
        record = Judgement("of a record", "d2", ("/data/two/corpus.jsonl#a/1",), "a/1")
        own.judge([Judgement("word1", "d1", ("/data/one/a.txt",), quote="word1 common"), record])
        with sqlite3.connect(directory / "personal.sqlite") as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM saved")
            export(libraries, file, force=True)  # another process is in the middle of something
            other.rollback()
        other.close()
    import_file(elsewhere, file, folders={"/data/one": "/mnt/texts"})
    with elsewhere.open("papers") as library:
        there = library.personal
        (entry,) = there.history()
        assert (entry.query, entry.opened) == ("word1", "/mnt/texts/a.txt")
        assert there.saved() == own.saved() != []
        assert [replace(item, paths=()) for item in there.judgements()] == [
            replace(item, paths=()) for item in own.judgements()
        ]
        assert [item.paths for item in there.judgements()] == [("/mnt/texts/a.txt",), record.paths]
    place = elsewhere.settings.home.libraries / "papers"
    assert stat.S_IMODE((place / "personal.sqlite").stat().st_mode) == 0o600
    elsewhere.delete("papers")
    assert not place.exists()

    with sqlite3.connect(directory / "personal.sqlite") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(LibraryTooNew):
        export(libraries, file, force=True)


def test_a_model_of_ones_own_comes_along(
    libraries: Libraries,
    elsewhere: Libraries,
    installed_model: InstalledModel,
    write_gguf: Callable[..., None],
    tmp_path: Path,
) -> None:
    mine = with_links(
        libraries.settings,
        installed_model,
        replace(installed_model.card, id="mine", document_prefix="a price list: "),
    )
    make(libraries.settings, mine)
    file = tmp_path / "papers.findling"
    assert export(libraries, file, with_model=False)["models_needed"] == ["mine"]
    assert import_file(elsewhere, file, library="bare")["models_missing"] == ["mine"]
    models = InstalledModels(elsewhere.settings.home.models)
    assert [model.card.id for model in models.list()] == [installed_model.card.id]

    assert export(libraries, file, force=True)["models"] == ["mine"]
    result = import_file(elsewhere, file)
    assert (result["models_installed"], result["models_missing"]) == (["mine"], [])
    models.get("mine").verify()
    assert models.get("mine").card == mine
    with elsewhere.open("papers") as library:
        assert len(library.search("common", Mode.SEMANTIC)) == 2
        assert library.embedder.card == mine

    # Another one of that id stays what it is.
    elsewhere.delete("papers")
    models.remove("mine")
    other = with_links(elsewhere.settings, installed_model, replace(mine, document_prefix="other: "))
    (chosen,) = import_file(elsewhere, file)["models_installed"]
    assert chosen.startswith("mine-")
    assert elsewhere.info("papers").active.model == chosen
    assert models.get(chosen).card.fingerprint == mine.fingerprint
    assert models.get("mine").card == other
    with elsewhere.open("papers") as library:
        assert len(library.search("common", Mode.SEMANTIC)) == 2
    assert import_file(elsewhere, file, library="again")["models_installed"] == []
    models.remove("mine")
    metadata = {"general.architecture": "llama", "llama.context_length": 8}
    write_gguf(tmp_path / "writer.gguf", metadata, {"token_embd.weight": (0, b"1234", (1, 1))})
    add_generator(elsewhere.settings, str(tmp_path / "writer.gguf"), "mine")
    assert import_file(elsewhere, file, library="third")["models_installed"] == []
    assert elsewhere.info("third").active.model == chosen

    tokenizer = libraries.settings.home.models / "mine" / "tokenizer.json"
    tokenizer.unlink()
    for _ in ("missing", "another one"):
        with pytest.raises(UserError, match="--without-model"):
            export(libraries, file, force=True)
        tokenizer.write_text("{}")


def test_a_library_that_is_written_to_is_not_exported(
    libraries: Libraries, installed_model: InstalledModel, tmp_path: Path
) -> None:
    make(libraries.settings, installed_model.card)
    with writing(libraries.settings.home.libraries / "papers"), pytest.raises(LibraryBusy):
        export(libraries, tmp_path / "papers.findling")
    with pytest.raises(LibraryNotFound):
        libraries.start_export("nowhere", tmp_path / "papers.findling")
    assert not (tmp_path / "papers.findling").exists()


@pytest.mark.parametrize("end", ["cancelled while read", "cancelled while written", "full", "no room"])
def test_an_export_that_ends_early_leaves_what_was_there(
    libraries: Libraries,
    installed_model: InstalledModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    make(libraries.settings, installed_model.card)
    place = tmp_path / "usb"
    place.mkdir()
    file = place / "papers.findling"
    for there in ({}, {"papers.findling": b"an earlier one"}):
        if there:
            file.write_bytes(there["papers.findling"])
            with pytest.raises(UserError, match="--force"):
                libraries.start_export("papers", file)
        cancel = CancelToken()
        if end == "full":
            resource = pytest.importorskip("resource")
            limits = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
            try:
                with pytest.raises(UserError, match="Make room"):
                    export(libraries, file, force=bool(there))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        elif end == "no room":
            usage = shutil.disk_usage(place)._replace(free=1000)
            monkeypatch.setattr(shutil, "disk_usage", lambda _, usage=usage: usage)
            with pytest.raises(UserError, match=r"0\.0 MB free"):
                export(libraries, file, force=bool(there))
        else:
            report = cancelling("reading" if end.endswith("read") else "writing", cancel)
            with pytest.raises(Cancelled):
                export(libraries, file, report, cancel, force=bool(there))
        assert tree(place) == there
    with writing(libraries.settings.home.libraries / "papers"):  # the lock has fallen
        pass


def test_places_that_no_file_can_have(
    libraries: Libraries, installed_model: InstalledModel, tmp_path: Path
) -> None:
    make(libraries.settings, installed_model.card)
    for place in (tmp_path, tmp_path / "no such folder" / "papers.findling"):
        with pytest.raises(SettingsError, match="cannot be a file"):
            libraries.start_export("papers", place)


@pytest.fixture
def exported(
    libraries: Libraries, installed_model: InstalledModel, elsewhere: Libraries, tmp_path: Path
) -> Path:
    """A file with a small library and a small model in it."""
    place = private_directory(libraries.settings.home.models / "mine")
    for name in ("model.onnx", "tokenizer.json"):
        (place / name).write_bytes(name.encode())
    files = {path.name: sha256_of(path) for path in place.iterdir()}
    variants = {"fp32": "model.onnx"}
    card = replace(installed_model.card, id="mine", dim=8, files=files, variants=variants)
    card.save(place)
    make(libraries.settings, card)
    export(libraries, tmp_path / "papers.findling")
    return tmp_path / "papers.findling"


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], list[tuple[Any, bytes]]]) -> None:
    """Copy a zip; `change` says what becomes of each member."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            for entry, content in change(name, old.read(name)):
                new.writestr(entry, content)


def with_manifest(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> None:
    def changed(name: str, content: bytes) -> list[tuple[Any, bytes]]:
        if name == "manifest.json":
            manifest = json.loads(content)
            change(manifest)
            content = json.dumps(manifest).encode()
        return [(name, content)]

    rewritten(source, target, changed)


@pytest.mark.parametrize(
    "name",
    [
        "../papers.txt",
        "library/../../out",
        "/tmp/out",
        "library//out",
        "library\\..\\..\\out",
        "C:/out",
        "library/C:out",
        "library/./out",
        "library/out\n",
        "library/out.",
        "library/",
        "out",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(
    elsewhere: Libraries, exported: Path, tmp_path: Path, name: str
) -> None:
    bad = tmp_path / "bad.findling"

    def renamed(manifest: dict[str, Any]) -> None:
        manifest["members"].append({"name": name, "size": 3, "sha256": ""})

    with_manifest(exported, bad, renamed)
    with zipfile.ZipFile(bad, "a") as opened:
        opened.writestr(name, "out")
    before = tree(tmp_path)
    with pytest.raises(LibraryDamaged, match="no name of a file in a library"):
        import_file(elsewhere, bad)
    assert tree(tmp_path) == before


def linked(name: str, content: bytes) -> list[tuple[Any, bytes]]:
    entry = zipfile.ZipInfo(name)
    if name == "library/library.json":
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return [(entry, content)]


def deflated(name: str, content: bytes) -> list[tuple[Any, bytes]]:
    entry = zipfile.ZipInfo(name)
    if name == "library/library.json":
        entry.compress_type = zipfile.ZIP_DEFLATED
    return [(entry, content)]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (linked, "is a link"),
        (deflated, "is compressed"),
        (lambda name, content: [(name, content)] * (1 + ("library.json" in name)), "a file twice"),
        (lambda name, content: [] if name == "library/library.json" else [(name, content)], "manifest"),
        (lambda name, content: [(name, content), (f"{name}.txt", b"")], "manifest"),
        (lambda name, content: [(name, content[::-1] if "onnx" in name else content)], "model.onnx"),
        (lambda name, content: [(name, content + b" " * ("onnx" in name))], "another size"),
        (lambda name, content: [(name, b"[]" if "manifest" in name else content)], "cut off or damaged"),
    ],
)
def test_members_that_are_not_as_they_were_are_refused(
    elsewhere: Libraries, exported: Path, tmp_path: Path, change: Any, reason: str
) -> None:
    bad = tmp_path / "bad.findling"
    rewritten(exported, bad, change)
    before = tree(tmp_path)
    with pytest.raises(LibraryDamaged, match=reason):
        import_file(elsewhere, bad)
    assert tree(tmp_path) == before
    assert elsewhere.names() == []


def test_a_model_that_is_another_one_than_it_says_is_refused(
    elsewhere: Libraries, exported: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.findling"
    before = tree(elsewhere.settings.home.data)
    for models in ({"mine": "0" * 16}, {"all-minilm-l6-v2": "0" * 16}):

        def changed(manifest: dict[str, Any], models: dict[str, str] = models) -> None:
            manifest["models"] = models

        with_manifest(exported, bad, changed)
        with pytest.raises(LibraryDamaged, match="model"):
            import_file(elsewhere, bad)
        assert tree(elsewhere.settings.home.data) == before


def test_files_of_other_formats_and_versions(elsewhere: Libraries, exported: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.findling"
    bad.write_text("a text")
    for foreign in ("text", "zip", "format"):
        if foreign == "zip":
            with zipfile.ZipFile(bad, "w") as opened:
                opened.writestr("a.txt", "a text")
        elif foreign == "format":
            with_manifest(exported, bad, lambda manifest: manifest.update(format="something else"))
        with pytest.raises(UserError, match="no exported library"):
            elsewhere.start_import_file(bad)
    with_manifest(exported, bad, lambda manifest: manifest.update(version=2))
    with pytest.raises(LibraryTooNew, match="newer Findling"):
        elsewhere.start_import_file(bad)
    with pytest.raises(UserError, match="cannot be read"):
        elsewhere.start_import_file(tmp_path / "missing")
    with_manifest(exported, bad, lambda manifest: manifest.update(library="../out"))
    with pytest.raises(UserError, match="cannot be a library's name"):
        elsewhere.start_import_file(bad)
    assert elsewhere.names() == []


def test_any_damage_imports_nothing_or_what_was_there(
    elsewhere: Libraries, exported: Path, tmp_path: Path
) -> None:
    """Cut off anywhere, and with a few bytes altered anywhere."""
    whole = exported.read_bytes()
    import_file(elsewhere, exported)
    expected = tree(elsewhere.settings.home.data)
    elsewhere.delete("papers")
    InstalledModels(elsewhere.settings.home.models).remove("mine")
    nothing = tree(elsewhere.settings.home.data)
    choose = random.Random(11)
    bad = tmp_path / "bad.findling"
    cuts = [whole[: choose.randrange(len(whole))] for _ in range(25)]
    flips: list[bytes] = []
    for start, end in [(0, len(whole))] * 40 + [(whole.rfind(b"PK\x01\x02") - 2000, len(whole))] * 40:
        altered = bytearray(whole)
        altered[choose.randrange(start, end)] ^= 1 << choose.randrange(8)
        flips.append(bytes(altered))
    refused = 0
    for content in (*cuts, *flips):
        bad.write_bytes(content)
        try:
            import_file(elsewhere, bad)
        except UserError:
            refused += 1
            assert tree(elsewhere.settings.home.data) == nothing
        else:  # a date, or the like, in the zip's own headers
            assert content not in cuts
            assert tree(elsewhere.settings.home.data) == expected
            elsewhere.delete("papers")
            InstalledModels(elsewhere.settings.home.models).remove("mine")
    assert refused > 70


def test_an_import_that_ends_early_leaves_nothing(
    elsewhere: Libraries, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(elsewhere.settings.home.data)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        import_file(elsewhere, exported, cancelling("importing", cancel), cancel)
    assert tree(elsewhere.settings.home.data) == before
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with pytest.raises(UserError, match="Make room"):
            import_file(elsewhere, exported)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert tree(elsewhere.settings.home.data) == before
    killed = private_directory(elsewhere.settings.home.libraries / ".new-killed" / "library")
    (killed / "library.json").write_text("{}")
    assert elsewhere.names() == []
    import_file(elsewhere, exported)
    assert elsewhere.names() == ["papers"]
    assert sorted(path.name for path in elsewhere.settings.home.libraries.iterdir()) == [
        ".importing.lock",
        "papers",
    ]


def test_a_name_that_is_taken_is_refused(elsewhere: Libraries, exported: Path) -> None:
    import_file(elsewhere, exported)
    before = tree(elsewhere.settings.home.data)
    with pytest.raises(UserError, match="--library NEWNAME"):
        elsewhere.start_import_file(exported)
    with pytest.raises(UserError, match="--library NEWNAME"):
        import_file(elsewhere, exported)
    assert tree(elsewhere.settings.home.data) == before


def test_folders_that_are_not_here_are_kept_and_those_named_are_moved(
    elsewhere: Libraries, exported: Path, tmp_path: Path
) -> None:
    result = import_file(elsewhere, exported)
    assert result["missing_folders"] == ["/data/one", "/data/two"]
    with elsewhere.open("papers") as library:
        assert [row.path for row in library.files()] == ["/data/one/a.txt", "/data/two/a.txt"]
    here = tmp_path / "here"
    (here / "one").mkdir(parents=True)
    result = import_file(elsewhere, exported, library="moved", folders={"/data": str(here)})
    assert result["folders"] == [str(here / "one"), str(here / "two")]
    assert result["missing_folders"] == [str(here / "two")]
    with elsewhere.open("moved") as library:
        assert [row.path for row in library.files()] == [str(here / "one/a.txt"), str(here / "two/a.txt")]
    with pytest.raises(SettingsError, match="one place"):
        import_file(
            elsewhere, exported, library="mixed", folders=dict.fromkeys(("/data/one", "/data/two"), "/x")
        )
    with pytest.raises(SettingsError, match="It has: /data/one, /data/two"):
        import_file(elsewhere, exported, library="mixed", folders={"/dat": str(here)})
    with pytest.raises(SettingsError, match="no folder"):
        elsewhere.start_import_file(exported, "mixed", {"/data": tmp_path / "nowhere"})
    assert elsewhere.names() == ["moved", "papers"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/ann", "/home/bob"),
        ("/home/ann/a/b.txt", "/home/bob/a/b.txt"),
        ("/home/ann/docs/b.txt", "/mnt/b.txt"),
        ("/home/anne/b.txt", "/home/anne/b.txt"),
        ("C:\\Users\\Ann\\a\\b.txt", "/srv/a/b.txt"),
        ("/home/ann/a\\b.txt", "/home/bob/a\\b.txt"),
    ],
)
@pytest.mark.skipif(os.sep != "/", reason="expects the paths of this system")
def test_the_longest_folder_counts(path: str, expected: str) -> None:
    folders = {"/home/ann": "/home/bob", "/home/ann/docs/": "/mnt", "C:\\Users\\Ann": "/srv"}
    assert moved(path, folders) == expected


def test_deleted_library_takes_its_logs_along_and_no_others(
    libraries: Libraries, installed_model: InstalledModel
) -> None:
    for name in ("papers", "old-papers"):
        make(libraries.settings, installed_model.card, name)
        for verb in ("index", "check"):
            (private_directory(libraries.settings.home.logs) / f"{verb}-{name}.log").write_text("…")
    libraries.delete("papers")
    assert libraries.names() == ["old-papers"]
    assert sorted(path.name for path in libraries.settings.home.logs.iterdir()) == [
        "check-old-papers.log",
        "index-old-papers.log",
    ]
