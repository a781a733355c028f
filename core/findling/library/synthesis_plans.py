"""From what a person wishes to a plan of pairs, and the job that carries it out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.errors import UserError
from findling.jobs import CancelToken, ChildJob
from findling.library.reading import read
from findling.models.generator_card import Style
from findling.models.generators import generator
from findling.search import Question
from findling.settings import private_directory
from findling.synthesis.augmentation import Augmentation
from findling.synthesis.pair_file import is_pair_file, read_pairs
from findling.synthesis.plan import PAIRS, SynthesisPlan
from findling.synthesis.rewriting import can_go_abroad
from findling.synthesis.self_supervised import Source

if TYPE_CHECKING:
    from findling.library.libraries import Libraries
    from findling.library.opened import OpenLibrary
    from findling.models.generator_card import GeneratorCard
    from findling.synthesis.pair_set import PairSet
    from findling.synthesis.quality import Quality

#: Of a library's directory: one directory for each run.
TUNING = "tuning"
PAIRS_FILE = "pairs.jsonl"
#: Whoever is silent for so long does not work: one batch takes seconds even on a slow machine.
SILENCE_SECONDS = 600.0
_MOST_EXAMPLES = 8
#: Documents among which the one that is named is looked for.
_LOOKED_AT = 1000
_SHOWN_PROMPTS = 4


@dataclass(frozen=True, slots=True)
class SynthesisWishes:
    """What a person says of the pairs that are wanted; None leaves it to Findling. `generator` "none" wants
    none; `examples` and `tasks` are files with a line for each, or `examples` one of pairs: those that the
    person has marked in it."""

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
    found = generator(libraries.settings, chosen) if chosen else None
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
    if found is not None:
        _check_able(plan, found.card)
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
        file = file or last_file(libraries, name)
        plan = _plan_in(read_pairs(file))
        _check_same(libraries, name, plan, file)
    elif file is None:
        file = new_file(libraries, name)
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


def new_file(libraries: Libraries, name: str) -> Path:
    """Where pairs go that nobody named a file for: in a new directory of the library's. Raises
    `LibraryNotFound`, and OSError."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    return private_directory(libraries.existing_directory(name) / TUNING / stamp) / PAIRS_FILE


def last_file(libraries: Libraries, name: str) -> Path:
    """The latest of those. Raises `LibraryNotFound`, and `UserError` where there is none."""
    files = sorted((libraries.existing_directory(name) / TUNING).glob(f"*/{PAIRS_FILE}"))
    if not files:
        raise UserError("There are no pairs to go on with.", "Leave --resume out.")
    return files[-1]


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
            "prompt": prompts.request(None, task.wanted).prompt,
        }
        for task in islice(tasks_of(plan, passages, found.card.languages), _SHOWN_PROMPTS)
    ]


def quality_of_file(libraries: Libraries, name: str, file: Path, seed: int = 0) -> Quality:
    """What is to be said of the pairs in a file, beside the library that they were made of and the person's
    own queries. Examples are drawn under `seed`. Raises what opening the library raises, and `UserError` for
    a file of another library, or of passages that it has no more."""
    from findling.library.synthesizing import passages_of, quality_report

    pairs = read_pairs(file)
    plan = _plan_in(pairs)
    _check_same(libraries, name, plan, file)
    with libraries.open(name) as library, library.searcher() as searcher:
        passages = passages_of(searcher.store, plan, CancelToken())
    return quality_report(pairs, plan, passages, seed)


def _check_able(plan: SynthesisPlan, card: GeneratorCard) -> None:
    """Raises `UserError` for what this generator cannot do."""
    if Augmentation.BACK_TRANSLATION in plan.augmentations and not can_go_abroad(card.languages):
        raise UserError(
            f"{card.name} does not know two languages, and cannot translate queries there and back.",
            f"Leave {Augmentation.BACK_TRANSLATION.value} out, or name another generator.",
        )
    if plan.tasks and card.style is not Style.CHAT:
        raise UserError(
            f"{card.name} is too small to follow instructions: tasks would change nothing.",
            "Leave --tasks out, or name a larger generator.",
        )


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


def _plan_in(pairs: PairSet) -> SynthesisPlan:
    """What their file was begun with. Raises `UserError`."""
    try:
        return SynthesisPlan.from_json(pairs.plan)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"The first line of {pairs.path} is damaged.", "Begin another file.") from error


def _lines(file: Path | None) -> tuple[str, ...]:
    """The lines of a file that are not blank, nor begin with '#'."""
    if file is None:
        return ()
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read {file}: {error}.", "Give a text file in UTF-8.") from error
    return tuple(line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _examples(library: OpenLibrary, file: Path) -> tuple[tuple[str, str], ...]:
    """The person's queries with passages that answer them: of the document that is named, or the best that a
    search finds; of a file of pairs the last that were marked."""
    if file.is_file() and is_pair_file(file):
        pairs = read_pairs(file)
        marked = [pair for pair in pairs.kept if pair.id in pairs.examples]
        if not marked:
            raise UserError(
                f"No pair in {file} is marked as an example.", "See: findling synth review --mark"
            )
        return tuple((pair.query, pair.positive.text) for pair in marked[-_MOST_EXAMPLES:])
    found: list[tuple[str, str]] = []
    lines = _lines(file)
    if not lines:
        raise UserError(f"{file} has no queries.", "Give 3 to 8, one a line.")
    if len(lines) > _MOST_EXAMPLES:
        raise UserError(f"{file} has {len(lines)} queries.", f"Choose {_MOST_EXAMPLES} of them.")
    for line in lines:
        query, _, path = (part.strip() for part in line.partition("\t"))
        if not query:
            raise UserError(f"There is no query before {path!r} in {file}.", "Write it before the tab.")
        limit = _LOOKED_AT if path else 1
        hits = library.answer(Question(query, limit=limit, literal=True)).hits
        if path:
            ending = Path(path).parts
            hits = [hit for hit in hits if Path(hit.path).parts[-len(ending) :] == ending]
        if not hits:
            where = f" in {path}" if path else ""
            raise UserError(
                f"Nothing in the library answers {query!r}{where}.", f"Change that line of {file}."
            )
        best = hits[0]
        found.append((query, read(library, best.document_id, best.passage_id, before=0, after=0).text))
    return tuple(found)
