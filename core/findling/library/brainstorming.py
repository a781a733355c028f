"""Tasks that a person might have with a library, proposed by its generator in a process of its own: what
`findling synth tasks` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.errors import UserError
from findling.jobs import ChildJob, Progress
from findling.library.opened import OpenLibrary
from findling.library.synthesis_plans import SILENCE_SECONDS, SynthesisWishes, plan_of
from findling.library.synthesizing import Heard, engine_of, loadable, passages_of
from findling.models.generator_card import Style
from findling.models.generators import generator, generators
from findling.settings import Settings, private_directory, replacing
from findling.store import disk_errors
from findling.synthesis.brainstorm import brainstorm
from findling.synthesis.plan import SynthesisPlan

if TYPE_CHECKING:
    from findling.jobs import CancelToken, Report
    from findling.library.libraries import Libraries

#: Of the catalogue, the smallest generator that follows instructions.
SMALLEST_ABLE = "qwen3-4b-instruct-2507"
#: Pairs of a plan whose passages are enough to think about.
_PAIRS = 100


def start_brainstorm(
    libraries: Libraries, name: str, *, generator_id: str | None = None, seed: int = 0, threads: int = 0
) -> ChildJob:
    """Let a generator (None: the settings') propose tasks for a library, in a process of its own. The job's
    result is `{library, generator, tasks}`. Raises `LibraryNotFound`, `ModelNotFound`, and `UserError` for a
    generator that does not follow instructions."""
    wishes = SynthesisWishes(pairs=_PAIRS, generator=generator_id, seed=seed)
    plan = plan_of(libraries, name, wishes)
    _check_able(libraries.settings, plan.generator)
    arguments = {
        "settings": libraries.settings.to_json(),
        "directory": str(libraries.existing_directory(name)),
        "plan": plan.to_json(),
        "threads": threads,
    }
    log = private_directory(libraries.settings.home.logs) / f"synth-tasks-{name}.log"
    target = "findling.library.brainstorming:propose_tasks"
    return ChildJob(target, arguments, log=log, silence_seconds=SILENCE_SECONDS)


def propose_tasks(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process. Raises what opening the library and the generator raises, `UserError`
    where nothing came of it, and `Cancelled`."""
    report = Heard(report)
    settings = Settings.from_json(arguments["settings"])
    plan = SynthesisPlan.from_json(arguments["plan"])
    report(Progress("opening"))
    found = loadable(settings, plan.generator)
    with OpenLibrary(settings, Path(arguments["directory"])) as library, library.searcher() as searcher:
        passages = passages_of(searcher.store, plan, cancel)
    if not passages.spread.order:
        raise UserError(
            f"The library {plan.library!r} has no passage to think about.",
            "Index documents with some text first.",
        )
    with engine_of(found, settings, arguments["threads"], report) as (engine, weights):
        tasks = brainstorm(engine, weights.chat, passages, plan.seed, report, cancel)
    return {"library": plan.library, "generator": found.card.id, "tasks": tasks}


def write_tasks(found: dict[str, Any], path: Path) -> None:
    """Write what `start_brainstorm` found into a file that a person edits. Raises `DiskFull`,
    `PlaceNotWritable`."""
    with disk_errors(path.parent), replacing(path) as file:
        file.write(tasks_text(found, str(path)).encode())


def tasks_text(found: dict[str, Any], path: str = "FILE") -> str:
    """The tasks one a line, after lines that say what to do with them."""
    head = (
        f"# What could be looked for in the library {found['library']!r}, as {found['generator']} thinks.",
        "# One task a line; a line that begins with '#' does not count. Delete what nobody would look for,",
        "# and add what you do yourself: that is worth most. Then write pairs for them:",
        f"#   findling synth --library {found['library']} --tasks {path}",
    )
    return "\n".join((*head, *found["tasks"])) + "\n"


def _check_able(settings: Settings, name: str) -> None:
    if not name:
        raise UserError("Tasks are proposed by a generator.", "Name one, or write them yourself, one a line.")
    card = generator(settings, name).card
    if card.style is Style.CHAT:
        return
    able = [each.card.id for each in generators(settings) if each.card.style is Style.CHAT]
    there = (
        f"Choose {' or '.join(able)} with --generator"
        if able
        else f"Fetch one that is (findling models download {SMALLEST_ABLE})"
    )
    raise UserError(
        f"{card.name} is too small to follow instructions, and cannot propose tasks.",
        f"{there}, or write tasks yourself, one a line.",
    )
