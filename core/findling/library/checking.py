"""Checks a library and repairs it: its `library.json`, its model, its tables, what killed runs left behind.

A check reads as any reader does, also while the library is written to. A repair holds the writer's lock,
takes out what is damaged, and lets an index run read again what that came from.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.chunking import CHUNKER_VERSION
from findling.embedding import rebuild_builtin
from findling.errors import (
    LibraryBusy,
    LibraryDamaged,
    ModelDamaged,
    ModelNotFound,
    PlaceNotWritable,
    UserError,
    one_line,
)
from findling.evaluation import CORPUS_FILE
from findling.jobs import Progress
from findling.library.info import BACKUP_FILE, INFO_FILE, STORE_DIRECTORY, Generation, LibraryInfo
from findling.library.libraries import Libraries
from findling.library.personal_file import PersonalFile
from findling.library.volumes import is_there, mounted
from findling.library.worker import outermost, writing
from findling.models import BUILTIN_EMBEDDERS, InstalledModel, InstalledModels
from findling.settings import Settings
from findling.store import StorePlace, drop_generation, store_errors
from findling.store import checking as tables
from findling.store.checking import Checked, Figures, Findings, Problem

if TYPE_CHECKING:
    from findling.jobs import CancelToken, Report
    from findling.library.info import RunSummary

#: What a running writer makes and takes away again.
_IN_FLIGHT = ("orphans", "leftover_tables", "leftover_files")
#: Damage that only an index run repairs.
_NEEDS_A_RUN = ("orphans", "missing_passages", "bad_vectors", "differing_vectors", "missing_table")


def check(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Check a library; with `repair` repair it, and check it once more.

    `arguments`: `settings`; `library`, its name; `repair`. Returns the shape of `findling check --json`.
    Raises `LibraryBusy`, for a repair while another process writes; `LibraryTooNew`; `StoreUnreachable`;
    `Cancelled`.
    """
    settings = Settings.from_json(arguments["settings"])
    check = _Check(settings, arguments["library"], report, cancel)
    if not arguments["repair"]:
        return check.looked_at().to_json(arguments["library"])
    with writing(check.directory):
        before = check.look()
        with store_errors(check.store):
            wants_run = check.repair(before)
    run: RunSummary | None = None
    if wants_run:
        # Another process may have taken the lock, as a watcher does: then it is the one that reads again.
        with contextlib.suppress(LibraryBusy):
            run = Libraries(settings).index(arguments["library"], (), report, cancel)
    after = check.looked_at() if before.problems else check.measured(before)
    left = {(problem.kind, problem.generation) for problem in after.problems}
    repaired = [replace(p, repaired=(p.kind, p.generation) not in left) for p in before.problems]
    known = {(problem.kind, problem.generation) for problem in repaired}
    new = [problem for problem in after.problems if (problem.kind, problem.generation) not in known]
    return replace(after, problems=[*repaired, *new]).to_json(arguments["library"], run)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a library found. `info` is None where there is none to be read; `findings` are by
    generation, of those that have tables."""

    info: LibraryInfo | None
    problems: list[Problem]
    findings: dict[int, Findings] = field(default_factory=dict[int, Findings])
    being_written: bool = False

    def kinds(self) -> set[str]:
        """The kinds of damage there are."""
        return {problem.kind for problem in self.problems}

    def to_json(self, library: str, run: RunSummary | None = None) -> dict[str, Any]:
        """The shape of `findling check --json`; the figures are those of the active generation."""
        active = self.info.active.number if self.info else 0
        found = self.findings.get(active)
        return {
            "library": library,
            "problems": [asdict(problem) | {"examples": list(problem.examples)} for problem in self.problems],
            "being_written": self.being_written,
            **asdict(found.figures if found else Figures()),
            "generations": [
                {"generation": number, "active": number == active, **asdict(findings.figures)}
                for number, findings in self.findings.items()
            ],
            "run": asdict(run) if run else None,
        }


class _Check:
    """One library, looked at and repaired."""

    def __init__(self, settings: Settings, name: str, report: Report, cancel: CancelToken) -> None:
        self._settings = settings
        self._report = report
        self._cancel = cancel
        self.directory = Libraries(settings).existing_directory(name)
        info, _ = self._info()
        own = StorePlace(str(self.directory / STORE_DIRECTORY))
        self.store = info.store_in(self.directory) if info else own

    def looked_at(self) -> _Look:
        """Look without the lock. What a running writer has in hand is not taken for damage."""
        busy = self._is_being_written()
        look = self.look()
        if not (busy or self._is_being_written()):
            return look
        if "unreadable_table" in look.kinds():  # pruned or replaced while it was read
            raise LibraryBusy(
                f"The library {self.directory.name!r} is being written to and cannot be checked to the end.",
                "Wait for it to finish, or stop it.",
            )
        problems = [problem for problem in look.problems if problem.kind not in _IN_FLIGHT]
        return replace(look, problems=problems, being_written=True)

    def look(self) -> _Look:
        """Look at everything."""
        info, problems = self._info()
        stored = tables.stored_generations(self.store)
        findings: dict[int, Findings] = {}
        if info is not None:
            problem = self._model_problem(info.active)
            problems += [problem] if problem else []
            untouched = not stored and info.last_run is None
            for generation in info.generations:
                if untouched or (generation == info.shadow and generation.number not in stored):
                    continue  # its first run has not written anything yet
                found = tables.inspect(self.store, _checked(info, generation), self._tell)
                findings[generation.number] = found
                problems += found.problems
            named = {generation.number for generation in info.generations}
            if strays := [f"passages_{number}" for number in stored if number not in named]:
                problems.append(Problem("leftover_tables", len(strays), tuple(strays)))
        if files := [path.name for path in self._leftover_files()]:
            problems.append(Problem("leftover_files", len(files), tuple(files)))
        if personal := PersonalFile(self.directory).problem():
            problems.append(Problem("personal_file", 1, (personal,)))
        return _Look(info, problems, findings)

    def measured(self, look: _Look) -> _Look:
        """The same with the figures of now."""
        for number, found in look.findings.items():
            found.figures = tables.figures(self.store, number)
        return look

    def repair(self, look: _Look) -> bool:
        """Repair what can be; whether an index run has to follow. Only under the lock."""
        info, restored = look.info, False
        if "library_file" in look.kinds():
            info, restored = self._restored(), True
        for path in self._leftover_files():
            path.unlink()
        if "personal_file" in look.kinds():
            PersonalFile(self.directory).set_aside()
        if info is None:
            return False
        if "model" in look.kinds():
            self._repair_model(info.active)
        readable = self._model_problem(info.active) is None and bool(info.folders or info.collections)
        if restored:
            look = self.look()
        else:  # tables that a restored library does not name may be those of its lost generations
            for problem in look.problems:
                for name in problem.examples if problem.kind == "leftover_tables" else ():
                    drop_generation(self.store, int(name.rpartition("_")[2]))
        wants_run = readable and (restored or bool(look.kinds().intersection(_NEEDS_A_RUN)))
        info = _without_lost(info, look)
        if wants_run or info != look.info:
            # Should this process end here, the library says that a run has to follow.
            info = replace(info, unfinished=wants_run or info.unfinished)
            info.save(self.directory)
        for generation in info.generations:
            self._repair_tables(info, generation, look.findings.get(generation.number), readable=readable)
        return wants_run

    def _repair_tables(
        self, info: LibraryInfo, generation: Generation, found: Findings | None, *, readable: bool
    ) -> None:
        checked = _checked(info, generation)
        missing = found is not None and any(problem.kind == "missing_table" for problem in found.problems)
        if missing:
            if not (checked.complete and readable):
                return
            tables.make(self.store, checked)
            found = tables.inspect(self.store, checked, self._tell)
        if found is not None and found.readable:

            def may_read_again(path: str) -> bool:
                return readable and _source_is_there(info, path)

            tables.repair(self.store, checked, found, may_read_again)

    def _info(self) -> tuple[LibraryInfo | None, list[Problem]]:
        """What stands in `library.json` or else in its backup, and what is wrong with the former."""
        try:
            return LibraryInfo.read(self.directory / INFO_FILE), []
        except LibraryDamaged as error:
            problem = Problem("library_file", 1, (error.message,))
        try:
            return LibraryInfo.read(self.directory / BACKUP_FILE), [problem]
        except LibraryDamaged:
            return None, [problem]

    def _restored(self) -> LibraryInfo | None:
        """Write `library.json` anew from its backup, or from what the tables say; None where neither
        suffices."""
        stored = tables.stored_generations(self.store)
        info: LibraryInfo | None = None
        try:
            info = LibraryInfo.read(self.directory / BACKUP_FILE)
            # One of an earlier generation is of no use when that has been deleted since.
            info = info if info.active.number in stored or not stored else None
        except LibraryDamaged:
            pass
        info = info or self._told(stored)
        if info is not None:
            replace(info, unfinished=True).save(self.directory)
        return info

    def _told(self, stored: list[int]) -> LibraryInfo | None:
        """What the tables say: the generation with most documents, its model by its fingerprint, and the
        folders that files lie in."""
        seen: dict[int, tables.Told] = {}
        for number in stored:
            try:
                seen[number] = tables.told(self.store, number)
            except (ValueError, RuntimeError, OSError):
                continue
        if not seen:
            return None
        number = max(seen, key=lambda number: (seen[number].documents, number))
        told = seen[number]
        installed = InstalledModels(self._settings.home.models).list()
        models = [model for model in installed if isinstance(model, InstalledModel)]
        cards = [model.card for model in models if model.card.fingerprint == told.fingerprint]
        if not cards:
            return None
        card = cards[0]
        folders = {str(Path(path).parent) for path, record in told.records.items() if not record}
        corpora = {path.removesuffix(f"#{record}") for path, record in told.records.items() if record}
        return LibraryInfo(
            self.directory.name,
            Generation(number, card.id, card.fingerprint, card.dim, CHUNKER_VERSION),
            folders=outermost(sorted(folders)),
            collections=tuple(sorted(str(Path(corpus).parent) for corpus in corpora)),
        )

    def _model_problem(self, generation: Generation) -> Problem | None:
        """What is wrong with the model, if anything."""
        try:
            model = InstalledModels(self._settings.home.models).get(generation.model)
            model.verify()
        except (ModelNotFound, ModelDamaged) as error:
            return Problem("model", 1, (error.message,), generation=generation.number)
        if model.card.fingerprint != generation.fingerprint:
            what = f"{generation.model} is installed in another version than the library was made with."
            return Problem("model", 1, (what,), generation=generation.number)
        return None

    def _repair_model(self, generation: Generation) -> None:
        """Build a built-in model anew."""
        if generation.model not in BUILTIN_EMBEDDERS:
            return
        try:
            rebuild_builtin(self._settings, generation.model)
        except (UserError, OSError) as error:
            self._report(Progress("checking", detail=one_line(error)))

    def _leftover_files(self) -> list[Path]:
        """Files that were to replace `library.json` or its backup when their writer was killed."""
        return sorted(self.directory.glob(f".{INFO_FILE}*.new"))

    def _is_being_written(self) -> bool:
        try:
            with writing(self.directory):
                return False
        except LibraryBusy:
            return True
        except PlaceNotWritable:  # nobody may write here
            return False

    def _tell(self, done: int, total: int) -> None:
        self._cancel.check()
        self._report(Progress("checking", done, total, "passages"))


def _without_lost(info: LibraryInfo, look: _Look) -> LibraryInfo:
    """The library without those generations in waiting whose table is not there any more."""
    lost = {problem.generation for problem in look.problems if problem.kind == "missing_table"}
    return replace(
        info,
        shadow=None if info.shadow and info.shadow.number in lost else info.shadow,
        retired=tuple(generation for generation in info.retired if generation.number not in lost),
    )


def _checked(info: LibraryInfo, generation: Generation) -> Checked:
    complete = generation.number == info.active.number
    return Checked(generation.number, generation.dim, generation.fingerprint, complete)


def _source_is_there(info: LibraryInfo, path: str) -> bool:
    """Whether the next run will look at `path`: not while its folder is unmounted."""
    for collection in info.collections:
        corpus = Path(collection) / CORPUS_FILE
        if path.startswith(f"{corpus}#"):
            return corpus.is_file()
    unmounted = set(info.volumes) - mounted(info.folders)
    if any(Path(path).is_relative_to(volume) for volume in unmounted):
        return False
    return any(Path(path).is_relative_to(folder) and is_there(Path(folder)) for folder in info.folders)
