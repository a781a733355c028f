"""What a tuning run does and found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling_desktop import texts
from findling_desktop.texts import tr as _tr

if TYPE_CHECKING:
    from findling.adaptation.runs import Run
    from findling.jobs import Progress
    from findling_desktop.tuning_runs import Choices

WRITE, REVIEW, ASK, LEARN, COMPARE = "write", "review", "ask", "learn", "compare"
#: The step that a job's phase belongs to, where it is not that of the run's stage.
_STEP_OF_PHASE = {
    "exporting": COMPARE,
    "embedding": COMPARE,
    "weighing": COMPARE,
    "judging": COMPARE,
    "reporting": COMPARE,
}
_STEP_OF_STAGE = {
    "generate": WRITE,
    "review": REVIEW,
    "questions": ASK,
    "train": LEARN,
    "export": COMPARE,
    "judge": COMPARE,
}


def steps() -> list[tuple[str, str]]:
    """The steps of a run, as (value, text)."""
    return [
        (WRITE, _tr("Write questions")),
        (REVIEW, _tr("Look at them")),
        (ASK, _tr("Set aside a test")),
        (LEARN, _tr("Learn")),
        (COMPARE, _tr("Compare")),
    ]


def steps_of(run: Run) -> list[str]:
    """Those that this run has."""
    left_out = {
        REVIEW: not run.plan.get("review"),
        ASK: not run.plan.get("generator") or bool(run.plan.get("qrels")),
    }
    return [step for step, _ in steps() if not left_out.get(step)]


def waits(run: Run) -> bool:
    """Whether a person is to look at its pairs before it goes on."""
    return run.stage == "review"


def standing(run: Run) -> str:
    """How far a run came, or what it found, in a few words."""
    if run.verdict:
        return verdict(run)[0]
    return _tr("Waits for you") if waits(run) else _tr("Not finished")


def step_of(run: Run, progress: Progress | None = None) -> str:
    """The step that is being done; "" for a run that is judged."""
    phase = progress.phase if progress is not None else ""
    return _STEP_OF_PHASE.get(phase, _STEP_OF_STAGE.get(run.stage, ""))


def doing(run: Run, progress: Progress) -> str:
    """What is being done."""
    return {
        "own words": _tr("Collecting what your documents say themselves"),
        "writing": _tr("Writing questions about your documents"),
        "rewriting": _tr("Putting questions into other words"),
        "thinking": _tr("Finding out what could be asked"),
        "calibrating": _tr("Measuring how fast this computer learns"),
        "warming up": _tr("Getting to know the language of your documents"),
        "training": _tr("Learning"),
        "exporting": _tr("Building the search model"),
        "embedding": _tr("Reading the library with the tuned model"),
        "weighing": _tr("Weighing meaning against words"),
        "judging": _tr("Comparing the tuned model with the present one"),
        "reporting": _tr("Writing the report"),
    }.get(progress.phase, _tr("Preparing…") if run.stage != "questions" else _tr("Preparing the test…"))


def figures(progress: Progress) -> str:
    """How far it is, how fast, and how long it will take."""
    parts: list[str] = []
    units = {
        "pairs": _tr("pairs"),
        "steps": _tr("steps"),
        "questions": _tr("searches"),
        "passages": _tr("passages"),
        "queries": _tr("questions"),
    }
    unit = units.get(progress.unit, progress.unit)
    if progress.total:
        done, total = texts.number(progress.done), texts.number(progress.total)
        parts.append(_tr("{} of {} {}").format(done, total, unit).strip())
    if rejected := progress.counts.get("rejected"):
        parts.append(_tr("{} were not good enough").format(texts.number(rejected)))
    if progress.per_second and progress.phase == "writing":
        parts.append(_tr("{} a minute").format(texts.number(round(60 * progress.per_second))))
    if progress.remaining_seconds is not None:
        parts.append(texts.time_left(progress.remaining_seconds))
    return "  ·  ".join(parts)


def verdict(run: Run) -> tuple[str, str]:
    """What was found out, and what that means, for a judged run."""
    return {
        "better": (
            _tr("The tuned model is better"),
            _tr("On questions about documents that it had not seen, it finds the right one more often."),
        ),
        "probably better": (
            _tr("The tuned model is probably better"),
            _tr("It found the right document more often, by a difference that could still be chance."),
        ),
        "cannot tell": (
            _tr("Whether the tuned model is better cannot be told"),
            _tr("There were too few questions to judge by. The present model stays."),
        ),
    }.get(
        run.verdict,
        (
            _tr("The present model stays"),
            _tr("The tuned model was not better on questions about documents that it had not seen."),
        ),
    )


def base(model: str, choices: Choices) -> str:
    """An embedder that may be tuned."""
    name = choices.names.get(model, model)
    return _tr("{} (in use)").format(name) if model == choices.in_use else name


def generator(model: str, choices: Choices) -> str:
    """A language model that may write."""
    name = choices.names.get(model, model)
    return _tr("{} (built in)").format(name) if model in choices.built_in else name


def kind(name: str) -> str:
    """A kind of query, or what of a document is the query."""
    return {
        "question": _tr("question"),
        "keywords": _tr("keywords"),
        "claim": _tr("statement"),
        "title": _tr("title"),
        "need": _tr("need"),
        "paraphrase": _tr("paraphrase"),
        "cross_language": _tr("other language"),
        "heading": _tr("heading"),
        "subject": _tr("subject"),
        "cloze": _tr("sentence"),
        "faq": _tr("question and answer"),
        "own": _tr("your own"),
    }.get(name, name.replace("_", " "))


def arms() -> dict[str, str]:
    """What was compared, by the name that a judgement gives it."""
    return {
        "keyword": _tr("Words alone"),
        "base": _tr("Meaning, before"),
        "tuned": _tr("Meaning, tuned"),
        "base hybrid": _tr("Both, before"),
        "tuned hybrid": _tr("Both, tuned"),
    }


def gain(run: Run) -> str:
    """ "+1.2 points", what tuning gained by meaning; "" where nothing was compared."""
    found = run.judgement.get("arms")
    if not found:
        return ""
    points = 100 * (found["tuned"]["ndcg@10"] - found["base"]["ndcg@10"])
    return _tr("{} points").format(f"{points:+.1f}")


def minutes(count: int) -> str:
    """ "about 20 minutes"."""
    return _tr("about {} minutes").format(texts.number(count))
