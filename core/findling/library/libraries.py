"""The libraries below one home: list, create, delete, and start the jobs that write to them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.embedding import ensure_installed
from findling.errors import LibraryNotFound, SettingsError, UserError
from findling.jobs import CancelToken, ChildJob, ignore_progress
from findling.library import worker
from findling.library.info import INFO_FILE, LibraryInfo, RunSummary
from findling.library.opened import OpenLibrary
from findling.settings import private_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.jobs import Report
    from findling.settings import Settings

DEFAULT_LIBRARY = "default"

_NAME = re.compile(r"^[^\W_][\w .-]{0,63}$")


class Libraries:
    """All libraries of `settings.home`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

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
        return OpenLibrary(self.settings, self._directory(name))

    def delete(self, name: str) -> None:
        """Delete a library with all that was derived from its files. Raises `LibraryNotFound`,
        `LibraryBusy` while it is being written to."""
        directory = self._directory(name)
        if not directory.is_dir():
            raise LibraryNotFound(f"There is no library {name!r}.")
        with worker.writing(directory):
            (directory / INFO_FILE).unlink(missing_ok=True)
        shutil.rmtree(directory)

    def index(
        self,
        name: str,
        folders: Sequence[Path] = (),
        report: Report = ignore_progress,
        cancel: CancelToken | None = None,
        *,
        model: str = "",
        instruction: str | None = None,
    ) -> RunSummary:
        """Add `folders` to the library `name`, made if need be, and bring all its folders up to date.

        `model` is the embedder of a library that is made; `instruction` the task of its queries from now on
        ("" for the model's own), None to leave it.

        Raises `SettingsError` for a place that is no folder or when there is none at all, `UserError` for
        another model than the library's or an instruction that its model does not take, `ModelNotFound`,
        `ModelDamaged`, `LibraryBusy`, `LibraryDamaged`, `Cancelled`.
        """
        places = self._places(name, folders)
        arguments = self._arguments(name, folders=places, model=model, instruction=instruction)
        return RunSummary.from_json(worker.index(arguments, report, cancel or CancelToken()))

    def start_index(
        self,
        name: str,
        folders: Sequence[Path] = (),
        *,
        model: str = "",
        instruction: str | None = None,
    ) -> ChildJob:
        """As `index`, in a process of its own; the job's result is the summary as JSON.

        What can be told before the process starts is raised here, the rest by the job.
        """
        places = self._places(name, folders)
        arguments = self._arguments(name, folders=places, model=model, instruction=instruction)
        return self._start(name, arguments)

    def start_import(
        self, name: str, collection: Path, *, model: str = "", instruction: str | None = None
    ) -> ChildJob:
        """Add the records of a collection in BEIR layout to the library `name`, as `start_index` does."""
        place = _folder(collection)
        if not (Path(place) / "corpus.jsonl").is_file():
            raise SettingsError(
                f"{collection} is no BEIR directory: corpus.jsonl is missing.",
                "It needs corpus.jsonl, queries.jsonl and qrels/test.tsv.",
            )
        arguments = self._arguments(name, collections=[place], model=model, instruction=instruction)
        return self._start(name, arguments)

    def _places(self, name: str, folders: Sequence[Path]) -> list[str]:
        places = [_folder(folder) for folder in folders]
        known = self.info(name) if self._exists(name) else None
        if not places and not (known and (known.folders or known.collections)):
            raise SettingsError(f"The library {name!r} has no folder yet.", "Name a folder to index.")
        return places

    def _arguments(
        self,
        name: str,
        folders: Sequence[str] = (),
        collections: Sequence[str] = (),
        model: str = "",
        instruction: str | None = None,
    ) -> dict[str, Any]:
        if self._exists(name):
            used = self.info(name).model
            if model and model != used:
                raise UserError(
                    f"The library {name!r} was made with {used}.", f"Make another one for {model}."
                )
        else:
            used = model or self.settings.model
        if instruction and not ensure_installed(self.settings, used).card.takes_instruction:
            raise UserError(f"The model {used} takes no instruction.")
        self._create(name, used)
        return {
            "instruction": instruction,
            "settings": self.settings.to_json(),
            "directory": str(self._directory(name)),
            "folders": list(folders),
            "collections": list(collections),
        }

    def _start(self, name: str, arguments: dict[str, Any]) -> ChildJob:
        log = private_directory(self.settings.home.logs) / f"index-{name}.log"
        return ChildJob("findling.library.worker:index", arguments, log=log)

    def _create(self, name: str, model: str) -> None:
        """Make the library unless it exists."""
        if self._exists(name):
            return
        card = ensure_installed(self.settings, model).card
        directory = private_directory(self._directory(name))
        LibraryInfo(name, card.id, card.fingerprint, card.dim).save(directory)

    def _exists(self, name: str) -> bool:
        return (self._directory(name) / INFO_FILE).is_file()

    def _directory(self, name: str) -> Path:
        if not _NAME.match(name):
            raise UserError(
                f"{name!r} cannot be a library's name.",
                "Use letters, digits, blanks, '.', '_' and '-', at most 64, beginning with a letter.",
            )
        return self.settings.home.libraries / name


def _folder(place: Path) -> str:
    """The absolute path of an existing folder. Raises `SettingsError`."""
    path = place.expanduser()
    if not path.exists():
        raise SettingsError(f"There is no folder {place}.", "Check the path.")
    if not path.is_dir():
        raise SettingsError(f"{place} is not a folder.", "Name the folder that holds it.")
    return str(path.resolve())
