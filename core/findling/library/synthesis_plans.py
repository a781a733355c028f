"""From what a person wishes to a plan of pairs, and the job that carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from findling.errors import UserError
from findling.jobs import CancelToken, ChildJob
from findling.library.reading import read
from findling.models.generator_card import Style
from findling.models.generators import generator
from findling.search import Question
from findling.settings import private_directory
from findling.synthesis.pair_file import read_pairs
from findling.synthesis.plan import PAIRS, SynthesisPlan
from findling.synthesis.self_supervised import Source

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library.libraries import Libraries
    from findling.library.opened import OpenLibrary

#: Of a library's directory: one directory for each run.
TUNING = "tuning"
PAIRS_FILE = "pairs.jsonl"
#: Whoever is silent for so long does not work: one batch takes seconds even on a slow machine.
SILENCE_SECONDS = 600.0
_MOST_EXAMPLES = 8
_SHOWN_PROMPTS = 4


@dataclass(frozen=True, slots=True)
class SynthesisWishes:
    """What a person says of the pairs that are wanted; None leaves it to Findling. `generator` "none" wants
    none; `examples` and `tasks` are files with a line for each."""

    pairs: int = PAIRS
    generator: str | None = None
    kinds: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    augmentations: tuple[str, ...] = ()
    examples: Path | None = None
    tasks: Path | None = None
    seed: int = 0


def plan_of(libraries: Libraries, name: str, wishes: SynthesisWishes) -> SynthesisPlan:
    """The plan. Raises `LibraryNotFound`, `ModelNotFound`, and `UserError` for what cannot be."""
    chosen = libraries.settings.generator if wishes.generator is None else wishes.generator
    if chosen == "none":
        chosen = ""
    if chosen:
        generator(libraries.settings, chosen)  # it is there
    active = libraries.info(name).active
    plan = SynthesisPlan(
        name,
        active.number,
        active.fingerprint,
        wishes.pairs,
        chosen,
        wishes.kinds or (),
        tuple(Source) if wishes.sources is None else wishes.sources,
        wishes.augmentations,
        tasks=_lines(wishes.tasks),
        seed=wishes.seed,
    )
    plan.check()
    if wishes.examples is not None:
        with libraries.open(name) as library:
            plan = replace(plan, examples=_examples(library, wishes.examples))
    return plan


def start_synthesis(
    libraries: Libraries,
    name: str,
    plan: SynthesisPlan | None,
    file: Path | None = None,
    *,
    threads: int = 0,
) -> ChildJob:
    """Write a plan's pairs into `file` (None: a new one in the library's directory), in a process of its own.
    Without a plan go on with `file` (None: the last one). The job's result is the shape of `findling synth
    --json`. Raises `UserError` for a file that is there already, or is not there to go on with."""
    settings = libraries.settings
    directory = libraries.existing_directory(name)
    if plan is None:
        file = file or _last(directory)
        stored = read_pairs(file)
        plan = SynthesisPlan.from_json(stored.plan)
        _check_same(libraries, name, plan, file)
    elif file is None:
        stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
        file = private_directory(directory / TUNING / stamp) / PAIRS_FILE
    elif file.exists():
        raise UserError(f"{file} is there already.", "Go on with it by --resume, or name another file.")
    arguments = {
        "settings": settings.to_json(),
        "directory": str(directory),
        "file": str(file.absolute()),
        "plan": plan.to_json(),
        "threads": threads,
    }
    log = private_directory(settings.home.logs) / f"synth-{name}.log"
    return ChildJob(
        "findling.library.synthesizing:synthesize", arguments, log=log, silence_seconds=SILENCE_SECONDS
    )


def dry_run_of(libraries: Libraries, name: str, wishes: SynthesisWishes) -> list[dict[str, Any]]:
    """Some prompts that a plan would ask its generator with: `{kind, slots, prompt}`. Nothing is written."""
    from findling.library.synthesizing import passages_of, prompts_of
    from findling.synthesis.writing import tasks_of

    plan = plan_of(libraries, name, wishes)
    if not plan.generator:
        return []
    found = generator(libraries.settings, plan.generator)
    template = None
    if found.card.style is Style.CHAT:
        from findling.llama import Weights

        with Weights(found.path) as weights:
            template = weights.chat
            prompts = prompts_of(plan, found.card.style, template)
    else:
        prompts = prompts_of(plan, found.card.style)
    with libraries.open(name) as library, library.searcher() as searcher:
        passages = passages_of(searcher.store, plan, CancelToken())
    return [
        {
            "kind": task.wanted.kind.name,
            "slots": task.wanted.slots,
            "prompt": "".join(prompts.request(None, task.wanted).parts),
        }
        for task in islice(tasks_of(plan, passages, found.card.languages), _SHOWN_PROMPTS)
    ]


def _check_same(libraries: Libraries, name: str, plan: SynthesisPlan, file: Path) -> None:
    active = libraries.info(name).active
    if plan.library != name:
        raise UserError(
            f"{file} has pairs of the library {plan.library!r}.", f"Say --library {plan.library}."
        )
    if (plan.generation, plan.fingerprint) != (active.number, active.fingerprint):
        raise UserError(
            f"{file} was made of passages that {name!r} has no more: it was embedded anew since.",
            "Begin another file.",
        )


def _last(directory: Path) -> Path:
    files = sorted((directory / TUNING).glob(f"*/{PAIRS_FILE}"))
    if not files:
        raise UserError("There are no pairs to go on with.", "Leave --resume out.")
    return files[-1]


def _lines(file: Path | None) -> tuple[str, ...]:
    """The lines of a file that are not blank, nor begin with '#'."""
    if file is None:
        return ()
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read {file}: {error}.", "Give a text file in UTF-8.") from error
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _examples(library: OpenLibrary, file: Path) -> tuple[tuple[str, str], ...]:
    """The person's queries with passages that answer them: of the document that is named, or the best that a
    search finds."""
    found: list[tuple[str, str]] = []
    for line in _lines(file)[:_MOST_EXAMPLES]:
        query, _, path = (part.strip() for part in line.partition("\t"))
        limit = 100 if path else 1
        hits = library.answer(Question(query, limit=limit, literal=True)).hits
        if path:
            hits = [hit for hit in hits if hit.path == path or hit.path.endswith(path)]
        if not hits:
            where = f" in {path}" if path else ""
            raise UserError(
                f"Nothing in the library answers {query!r}{where}.", f"Change that line of {file}."
            )
        best = hits[0]
        found.append((query, read(library, best.document_id, best.passage_id, before=0, after=0).text))
    if not found:
        raise UserError(f"{file} has no queries.", "Give 3 to 8, one a line.")
    return tuple(found)
