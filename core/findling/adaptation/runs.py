"""The tuning runs of a library: a directory each, with a `run.json` that says how far it came."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from findling.errors import UserError
from findling.library.synthesis_plans import PAIRS_FILE, TUNING, new_file
from findling.settings import write_json

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries

RUN_FILE = "run.json"
QUESTIONS_FILE = "questions.jsonl"
HTML_FILE = "report.html"


class Stage(StrEnum):
    """What comes next, or how it ended."""

    GENERATE = "generate"
    REVIEW = "review"  # by a person, who says when it is over: no job belongs to it
    QUESTIONS = "questions"
    TRAIN = "train"
    EXPORT = "export"
    JUDGE = "judge"
    JUDGED = "judged"
    PROMOTED = "promoted"


@dataclass(frozen=True, slots=True)
class Run:
    """A tuning run. `plan` is that of `findling.adaptation.plan`; `training`, `judgement`, and `asked` of the
    questions, are what the stages found, {} before they ended. `model` is the id of the installed tuned
    model."""

    directory: Path
    library: str
    plan: dict[str, Any]
    stage: Stage = Stage.GENERATE
    model: str = ""
    training: dict[str, Any] = field(default_factory=dict[str, Any])
    judgement: dict[str, Any] = field(default_factory=dict[str, Any])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    asked: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def id(self) -> str:
        """The name of its directory: when it was begun."""
        return self.directory.name

    @property
    def pairs(self) -> Path:
        """Its file of pairs."""
        return self.directory / PAIRS_FILE

    @property
    def questions(self) -> Path:
        """The file of pairs that it is judged by; not there where none were written."""
        return self.directory / QUESTIONS_FILE

    @property
    def checkpoints(self) -> Path:
        """The training as it stands."""
        return self.directory / "checkpoints"

    @property
    def weights(self) -> Path:
        """The tuned model as transformers reads it."""
        return self.directory / "model"

    @property
    def trial(self) -> Path:
        """The library under the tuned model."""
        return self.directory / "trial"

    @property
    def report(self) -> Path:
        """The page about it; not there before it is judged, or has failed."""
        return self.directory / HTML_FILE

    @property
    def verdict(self) -> str:
        """What was decided; "" before."""
        return str(self.judgement.get("verdict", ""))

    def at(self, stage: Stage, **found: Any) -> Self:
        """The run at another stage, saved."""
        run = replace(self, stage=stage, **found)
        run.save()
        return run

    def to_json(self) -> dict[str, Any]:
        """A JSON object, the run's id included."""
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "directory"}
        return {"id": self.id, **values}

    def save(self) -> None:
        """Write `run.json` by rename."""
        write_json(self.directory / RUN_FILE, self.to_json())

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read `run.json`. Raises `UserError`."""
        try:
            stored: dict[str, Any] = json.loads((directory / RUN_FILE).read_text("utf-8"))
            known = {item.name for item in fields(cls)} - {"directory"}
            values: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
            values["stage"] = Stage(values["stage"])
            return cls(directory, **values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"The tuning run {directory.name} cannot be read: {error}.") from error


def new_run(libraries: Libraries, library: str, plan: dict[str, Any]) -> Run:
    """A run that begins now. Raises `LibraryNotFound`, and OSError."""
    run = Run(new_file(libraries, library).parent, library, plan)
    run.save()
    return run


def runs_of(libraries: Libraries, library: str) -> list[Run]:
    """The library's runs, the last one first; what cannot be read is left out. Raises `LibraryNotFound`."""
    found: list[Run] = []
    places = (libraries.existing_directory(library) / TUNING).glob(f"*/{RUN_FILE}")
    for file in sorted(places, reverse=True):
        try:
            found.append(Run.load(file.parent))
        except UserError:
            continue
    return found


def run_called(libraries: Libraries, name: str, library: str = "") -> Run:
    """The run of that id, or the one whose id begins so; of one library, or of all. Raises `UserError`."""
    names = [library] if library else libraries.names()
    found = [run for each in names for run in runs_of(libraries, each) if run.id.startswith(name)]
    if len(found) != 1 or not name:
        said = "No tuning run" if not found else f"{len(found)} tuning runs"
        raise UserError(f"{said} begins with {name!r}.", "See: findling runs list")
    return found[0]


def delete_run(libraries: Libraries, run: Run) -> None:
    """Remove a run, and its model unless a library has vectors of it. Raises `UserError` for one that is
    promoted and in use."""
    from findling.models import InstalledModels

    used = {generation.model for name in libraries.names() for generation in libraries.info(name).generations}
    if run.model and run.model in used:
        raise UserError(
            f"The model {run.model} of this run is in use.", "Roll back, and forget its generation, first."
        )
    if run.model:
        models = InstalledModels(libraries.settings.home.models)
        if models.kind(run.model) is not None:
            models.remove(run.model)
    shutil.rmtree(run.directory)
