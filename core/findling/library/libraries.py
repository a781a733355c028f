"""The libraries below one home: list, create, delete, and start the jobs that write to them."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.chunking import CHUNKER_VERSION
from findling.embedding import ensure_installed
from findling.errors import LibraryDamaged, LibraryNotFound, SettingsError, StoreUnreachable, UserError
from findling.jobs import CancelToken, ChildJob, ignore_progress
from findling.library import archive, worker
from findling.library.archive_file import Archive
from findling.library.embedders import SharedEmbedders
from findling.library.info import INFO_FILE, Generation, LibraryInfo, RunSummary
from findling.library.opened import OpenLibrary, disk_bytes
from findling.library.rerankers import SharedReranker
from findling.library.several import OpenLibraries
from findling.settings import private_directory
from findling.store import StorePlace, disk_errors, drop_generation, drop_tables, store_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.jobs import Report
    from findling.library.rules import Rules
    from findling.search import Balance
    from findling.settings import Settings

DEFAULT_LIBRARY = "default"
#: Shorter passages would be little more than their title and headings.
LEAST_PASSAGE_TOKENS = 32

_NAME = re.compile(r"^[^\W_][\w .-]{0,63}$")


class Libraries:
    """All libraries of `settings.home`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._embedders = SharedEmbedders()
        self._rerankers = SharedReranker()

    def names(self) -> list[str]:
        """Names of the libraries that exist, sorted."""
        return sorted(path.parent.name for path in self.settings.home.libraries.glob(f"*/{INFO_FILE}"))

    def info(self, name: str) -> LibraryInfo:
        """What `name` consists of. Raises `LibraryNotFound`, `LibraryDamaged`, `LibraryTooNew`."""
        directory = self._directory(name)
        if not (directory / INFO_FILE).is_file():
            known = ", ".join(self.names()) or "none yet"
            raise LibraryNotFound(
                f"There is no library {name!r}.",
                f"Make it with: findling index FOLDER --library {name}. Libraries: {known}.",
            )
        return LibraryInfo.load(directory)

    def open(self, name: str) -> OpenLibrary:
        """Open for searching. Raises as `info`."""
        self.info(name)
        return OpenLibrary(self.settings, self._directory(name), self._embedders, self._rerankers)

    def open_several(self, names: Iterable[str]) -> OpenLibraries:
        """Open for one search in all of these. What cannot be opened is told when they are searched."""
        look = partial(self._rerankers.with_second_look, self.settings)
        return OpenLibraries(self.open, names, look)

    def refuse_taken(self, name: str) -> None:
        """Raises `UserError` for a name that no library may have, and for that of one that is there."""
        archive.refuse_existing(self._directory(name), "Choose another name.")

    def delete(self, name: str) -> None:
        """Delete a library with all that was derived from its files, and its logs. Raises `LibraryNotFound`,
        `LibraryBusy` while it is being written to, `StoreUnreachable`: then it is as it was, or as good as
        empty, and can be deleted again."""
        directory = self._directory(name)
        if not directory.is_dir():
            raise LibraryNotFound(f"There is no library {name!r}.")
        with worker.writing(directory):
            self._drop_tables_elsewhere(directory)
            (directory / INFO_FILE).unlink(missing_ok=True)
        shutil.rmtree(directory)
        for log in self.settings.home.logs.glob(f"*-{name}.log"):
            if "-" not in log.name.removesuffix(f"-{name}.log"):  # else it is of another one: index-old-NAME
                log.unlink()

    def disk_bytes(self, name: str) -> int:
        """What a library takes up on this machine, also a damaged one. Raises `LibraryNotFound`."""
        directory = self.existing_directory(name)
        try:
            return disk_bytes(directory, self.info(name))
        except UserError:
            return disk_bytes(directory)

    def summary(self, name: str) -> dict[str, Any]:
        """A library as in the list of `findling libraries --json`; of one that cannot be read, what is wrong
        with it. Raises `LibraryNotFound`."""
        row: dict[str, Any] = {"library": name, "disk_bytes": self.disk_bytes(name)}
        try:
            info = self.info(name)
        except UserError as error:
            return row | {"problem": str(error)}
        run = info.last_run
        return row | {
            "model": info.active.model,
            "folders": list(info.folders),
            "collections": list(info.collections),
            "passages": run.passages if run else 0,
            "last_run": run.finished if run else None,
            "unfinished": info.unfinished,
            "problem": "",
        }

    def start_export(
        self,
        name: str,
        file: Path,
        *,
        active_only: bool = False,
        with_model: bool = True,
        force: bool = False,
    ) -> ChildJob:
        """Write the library to one file, with its model unless that is built in, in a process of its own; the
        job's result is the shape of `findling export --json`.

        `active_only` leaves out the generations that were active before; `force` replaces a file that is
        there. Raises `LibraryNotFound`, `SettingsError`, `UserError` for a file that is there and for a
        library that keeps its tables elsewhere.
        """
        directory, target = self.existing_directory(name), file.expanduser().absolute()
        archive.refuse_elsewhere(LibraryInfo.load(directory))
        archive.refuse_target(target, force=force)
        arguments: dict[str, Any] = {
            "settings": self.settings.to_json(),
            "directory": str(directory),
            "file": str(target),
            "active_only": active_only,
            "with_model": with_model,
            "force": force,
        }
        return self._start(name, arguments, "archive:export")

    def start_import_file(
        self, file: Path, name: str = "", folders: Mapping[str, Path] | None = None
    ) -> ChildJob:
        """Make the library `name` ("": as it was named) of an exported file, in a process of its own; the
        job's result is the shape of `findling import --json`.

        `folders` says where folders of the exported library, or folders that they lie in, are here; the
        others are kept as they were. Raises `UserError` for a name that is taken or what is no exported
        library, `LibraryDamaged`, `LibraryTooNew`, `SettingsError` for a place that is no folder.
        """
        with Archive(file.expanduser()) as opened:
            name = name or opened.manifest.library
        archive.refuse_existing(self._directory(name))
        places = {old: _folder(new) for old, new in (folders or {}).items()}
        arguments: dict[str, Any] = {
            "settings": self.settings.to_json(),
            "file": str(file.expanduser().absolute()),
            "library": name,
            "folders": places,
        }
        return self._start(name, arguments, "archive:import_file")

    def index(
        self,
        name: str,
        folders: Sequence[Path] = (),
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        *,
        model: str = "",
        instruction: str | None = None,
        rules: Rules | None = None,
        store: str = "",
    ) -> RunSummary:
        """Add `folders` to the library `name`, made if need be, and bring all its folders up to date.

        `model` is the embedder of a library that is made; `instruction` the task of its queries from now on
        ("" for the model's own), `rules` which files are looked at from now on; None to leave them. `store`
        is where the tables of a library that is made are kept, a directory or s3://BUCKET/PREFIX, gs://… or
        az://…; "" for its own directory. The variables of the environment say how to get there.

        Raises `SettingsError` for a place that is no folder or no store, or when there is no folder at all,
        `UserError` for another model or store than the library's, one that is taken, or an instruction that
        its model does not take, `StoreUnreachable`, `ModelNotFound`, `ModelDamaged`, `LibraryBusy`,
        `LibraryDamaged`, `Cancelled`.
        """
        places = self._places(name, folders)
        arguments = self._arguments(
            name, folders=places, model=model, instruction=instruction, rules=rules, store=store
        )
        return RunSummary.from_json(worker.index(arguments, report, cancel or CancelToken()))

    def start_index(
        self,
        name: str,
        folders: Sequence[Path] = (),
        *,
        model: str = "",
        instruction: str | None = None,
        rules: Rules | None = None,
        store: str = "",
        without: Sequence[Path] = (),
        again: bool = False,
    ) -> ChildJob:
        """As `index`, in a process of its own; the job's result is the summary as JSON. The library has the
        folders `without` no more: what it knew of them goes, and they stay as they are. Files that could not
        be read before are tried once more with `again`.

        What can be told before the process starts is raised here, the rest by the job.
        """
        places = self._places(name, folders, without)
        without_them = self._own_folders(name, without)
        arguments = self._arguments(
            name,
            folders=places,
            without=without_them,
            again=again,
            model=model,
            instruction=instruction,
            rules=rules,
            store=store,
        )
        return self._start(name, arguments)

    def start_watch(self, name: str, folders: Sequence[Path] = (), *, model: str = "") -> ChildJob:
        """As `start_index`, and again whenever files change, until the job is cancelled. Its result says
        {"restart": True} when the process has grown too large: start another one."""
        arguments = self._arguments(name, folders=self._places(name, folders), model=model)
        return self._start(name, arguments, "worker:watch")

    def start_import(
        self,
        name: str,
        collection: Path,
        *,
        model: str = "",
        instruction: str | None = None,
        rules: Rules | None = None,
    ) -> ChildJob:
        """Add the records of a collection in BEIR layout to the library `name`, as `start_index` does."""
        place = _folder(collection)
        if not (Path(place) / "corpus.jsonl").is_file():
            raise SettingsError(
                f"{collection} is no BEIR directory: corpus.jsonl is missing.",
                "It needs corpus.jsonl, queries.jsonl and qrels/test.tsv.",
            )
        arguments = self._arguments(
            name, collections=[place], model=model, instruction=instruction, rules=rules
        )
        return self._start(name, arguments)

    def start_rebuild(
        self,
        name: str,
        model: str = "",
        *,
        passage_tokens: int | None = None,
        balance: Balance | None = None,
    ) -> ChildJob:
        """Embed the library anew with `model` ("": the one it has) into a shadow generation, while searches
        are answered from the active one; when it is complete it becomes active, and the other is retired.

        `passage_tokens` is the most that a passage may have from now on, 0 for as many as the model reads,
        None to leave it. Where passages are cut otherwise than before, files are read again. `balance` is how
        the legs are weighed under that model, None to find it out when it is active. A run that was
        stopped goes on with the next `start_index`. Raises `LibraryNotFound`, `ModelNotFound`,
        `ModelDamaged`, and `UserError` for passages that the model cannot read.
        """
        chosen = model or self.info(name).active.model
        most = ensure_installed(self.settings, chosen).card.max_tokens
        if passage_tokens and not LEAST_PASSAGE_TOKENS <= passage_tokens <= most:
            raise UserError(f"Passages of {chosen} have {LEAST_PASSAGE_TOKENS} to {most} tokens.")
        weighed = None if balance is None else asdict(balance)
        wanted = {"shadow": chosen, "passage_tokens": passage_tokens, "balance": weighed}
        return self._start(name, self._arguments(name) | wanted)

    def rollback(self, name: str) -> LibraryInfo:
        """Let the generation that was retired last answer again, at once; the active one is retired.

        The next run brings it up to date. Raises `LibraryNotFound`, `LibraryBusy`, and `UserError` when
        there is none.
        """
        self.info(name)
        directory = self._directory(name)
        with worker.writing(directory):
            info = LibraryInfo.load(directory)
            if not info.retired:
                raise UserError(f"The library {name!r} has no earlier generation.")
            active, *others = info.retired
            info = replace(info, active=active, retired=(info.active, *others))
            place = info.store_in(directory)
            with store_errors(place):
                writer = worker.writer_of(place, active)
                info.save(directory)
                writer.recount_files()
        return info

    def forget(self, name: str, number: int) -> LibraryInfo:
        """Delete a generation that is not active: a retired one, or a shadow that is not wanted any more.

        Raises `LibraryNotFound`, `LibraryBusy`, and `UserError` for the active one and for none.
        """
        self.info(name)
        directory = self._directory(name)
        with worker.writing(directory):
            info = LibraryInfo.load(directory)
            if number == info.active.number:
                raise UserError(f"Generation {number} answers the searches of {name!r}.", "Switch first.")
            if all(number != generation.number for generation in info.generations):
                raise UserError(f"The library {name!r} has no generation {number}.")
            shadow = None if info.shadow and info.shadow.number == number else info.shadow
            retired = tuple(generation for generation in info.retired if generation.number != number)
            info = replace(info, shadow=shadow, retired=retired)
            info.save(directory)
            drop_generation(info.store_in(directory), number)
        return info

    def start_check(self, name: str, *, repair: bool = False) -> ChildJob:
        """Look for damage in the library `name`, and repair it, in a process of its own; the job's result is
        the shape of `findling check --json`. Raises `LibraryNotFound`."""
        self.existing_directory(name)
        arguments = {"settings": self.settings.to_json(), "library": name, "repair": repair}
        return self._start(name, arguments, "checking:check")

    def existing_directory(self, name: str) -> Path:
        """The directory of a library, also of a damaged one. Raises `LibraryNotFound`."""
        directory = self._directory(name)
        if not directory.is_dir():
            known = ", ".join(self.names()) or "none yet"
            raise LibraryNotFound(f"There is no library {name!r}.", f"Libraries: {known}.")
        return directory

    def _own_folders(self, name: str, folders: Sequence[Path]) -> list[str]:
        """As the library has them: as they are named here, or where the links in that name lead. Raises
        `UserError` for one that it has not."""
        own = self.info(name).folders if folders else ()
        found: list[str] = []
        for folder in folders:
            named = folder.expanduser().absolute()
            place = next((str(way) for way in (named, named.resolve()) if str(way) in own), "")
            if not place:
                raise UserError(
                    f"The library {name!r} has no folder {named}.", f"It has: {', '.join(own) or 'none'}."
                )
            found.append(place)
        return found

    def _places(self, name: str, folders: Sequence[Path], without: Sequence[Path] = ()) -> list[str]:
        places = [_folder(folder) for folder in folders]
        known = self.info(name) if self._exists(name) else None
        if not (places or without) and not (known and (known.folders or known.collections)):
            raise SettingsError(f"The library {name!r} has no folder yet.", "Name a folder to index.")
        return places

    def _arguments(
        self,
        name: str,
        folders: Sequence[str] = (),
        collections: Sequence[str] = (),
        model: str = "",
        instruction: str | None = None,
        rules: Rules | None = None,
        store: str = "",
        without: Sequence[str] = (),
        *,
        again: bool = False,
    ) -> dict[str, Any]:
        place = StorePlace.parsed(store) if store else None
        info = self.info(name) if self._exists(name) else None
        used = model or self.settings.model
        if info is not None:
            used = info.active.model
            if model and model != used:
                raise UserError(
                    f"The library {name!r} was made with {used}.", f"Make another one for {model}."
                )
            if place is not None and place != info.store_in(self._directory(name)):
                raise UserError(
                    f"The library {name!r} keeps its tables in {info.store or 'its own directory'}.",
                    f"Make another one for {place}.",
                )
            place = StorePlace(info.store) if info.store else None
        _refuse_inside(place, [*folders, *collections])
        if instruction and not ensure_installed(self.settings, used).card.takes_instruction:
            raise UserError(f"The model {used} takes no instruction.")
        if info is None:
            self._create(name, used, place)
        return {
            "instruction": instruction,
            "rules": None if rules is None else rules.to_json(),
            "shadow": "",
            "passage_tokens": None,
            "balance": None,
            "settings": self.settings.to_json(),
            "directory": str(self._directory(name)),
            "folders": list(folders),
            "without": list(without),
            "again": again,
            "collections": list(collections),
        }

    def _start(self, name: str, arguments: dict[str, Any], function: str = "worker:index") -> ChildJob:
        verb = function.partition(":")[2]
        log = private_directory(self.settings.home.logs) / f"{verb}-{name}.log"
        return ChildJob(f"findling.library.{function}", arguments, log=log)

    def _create(self, name: str, model: str, place: StorePlace | None = None) -> None:
        """Make the library, with its tables in `place` or in its own directory."""
        directory = self._directory(name)
        if place is not None and place.table_names():
            raise UserError(
                f"{place} holds the tables of a library already.", "Name another directory or prefix."
            )
        with disk_errors(directory):
            card = ensure_installed(self.settings, model).card
            active = Generation(1, card.id, card.fingerprint, card.dim, CHUNKER_VERSION)
            store = str(place) if place else ""
            LibraryInfo(name, active, store=store).save(private_directory(directory))

    def _drop_tables_elsewhere(self, directory: Path) -> None:
        """Delete the tables of a library that does not keep them in its directory, if it says so."""
        try:
            info = LibraryInfo.load(directory)
        except LibraryDamaged:
            return
        if not info.store:
            return
        place = info.store_in(directory)
        try:
            drop_tables(place)
        except StoreUnreachable as error:
            hint = f"{error.hint} Should the store be gone for good, delete {directory} yourself."
            raise StoreUnreachable(error.message, hint) from error
        if place.directory is not None:
            with suppress(OSError):  # it holds what is not the library's
                place.directory.rmdir()

    def _exists(self, name: str) -> bool:
        return (self._directory(name) / INFO_FILE).is_file()

    def _directory(self, name: str) -> Path:
        if not _NAME.match(name):
            raise UserError(
                f"{name!r} cannot be a library's name.",
                "Use letters, digits, blanks, '.', '_' and '-', at most 64, beginning with a letter.",
            )
        return self.settings.home.libraries / name


def _refuse_inside(place: StorePlace | None, folders: Sequence[str]) -> None:
    """Raises `SettingsError` for tables inside a folder to be indexed: each run would change that folder."""
    if place is None or place.directory is None:
        return
    for folder in folders:
        if place.directory.is_relative_to(folder):
            raise SettingsError(
                f"The store {place} lies in the folder {folder}.", "Name a directory outside of it."
            )


def _folder(place: Path) -> str:
    """The absolute path of an existing folder. Raises `SettingsError`."""
    path = place.expanduser()
    if not path.exists():
        raise SettingsError(f"There is no folder {place}.", "Check the path.")
    if not path.is_dir():
        raise SettingsError(f"{place} is not a folder.", "Name the folder that holds it.")
    return str(path.resolve())
