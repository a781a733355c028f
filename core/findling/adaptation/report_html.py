"""The report as one page: no script, and no font or picture from elsewhere.

Texts of documents are in it. Jinja escapes them, and in charts and marked snippets, which are put in as they
are, the functions that write those.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.adaptation import report_charts as charts
from findling.adaptation.report_groups import LEAST_QUESTIONS, Said
from findling.adaptation.verdicts import Answering
from findling.errors import UserError
from findling.evaluation.general import TOLERATED_POINTS
from findling.evaluation.verdict import Arm, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TEMPLATE = "report.html.jinja"
_METRICS = {
    "ndcg@10": ("nDCG@10", "how high the right documents stand among the first ten"),
    "mrr@10": ("MRR@10", "how high the first right document stands"),
    "recall@100": ("Recall@100", "how many of the right documents are among the first hundred"),
}
_ARMS = {
    Arm.KEYWORD: ("words", "keyword"),
    Arm.BASE: ("meaning, base", "base"),
    Arm.TUNED: ("meaning, tuned", "tuned"),
    Arm.BASE_HYBRID: ("both, base", "base"),
    Arm.TUNED_HYBRID: ("both, tuned", "tuned"),
}
_TONES = {
    Verdict.BETTER: "good",
    Verdict.PROBABLY_BETTER: "good",
    Verdict.KEEP_BASE: "keep",
    Verdict.CANNOT_TELL: "open",
}
_NEXT = {
    Verdict.BETTER: "The tuned model may take over: findling runs promote {run}",
    Verdict.PROBABLY_BETTER: "The tuned model may take over if you wish: findling runs promote {run}",
    Verdict.KEEP_BASE: "The base goes on answering. Nothing was changed.",
    Verdict.CANNOT_TELL: "The base goes on answering. Judge more hits (findling judge), and tune again.",
}
_ENDED = {
    "finished": "went to its end",
    "patience": "ended when measures had not risen for a while",
    "not a number": "was ended by a loss that is no number; the last good state counts",
    "stopped": "was stopped",
}
_STAGES = {
    "generate": "Writing pairs",
    "questions": "Writing questions",
    "train": "Training",
    "export": "Export",
    "judge": "Embedding anew, judging",
}
_GROUPS = {"folder": "folder", "format": "format", "language": "language", "length": "length of document"}
_LEGS = {"meaning": "by meaning", "both": "by words and meaning"}
_SAID = {Said.LOSES: "bad", Said.GAINS: "good"}
#: Least reach of the lines in the table of groups, nDCG@10 of 0 … 1.
_REACH = 0.02


def html_of(told: Mapping[str, Any]) -> str:
    """The page of a report (`report_of`). Raises `UserError` where Jinja is not installed."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise UserError("A report needs Jinja2.", "Run: pip install 'findling[tune]'") from error

    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "points": _points,
        "gain": _gain,
        "percent": _percent,
        "number": _number,
        "p": _p,
        "time": _time,
        "words": _words,
        "day": _day,
        "marked": _marked,
    }
    pages.filters.update(filters, flat=_flat)  # pyright: ignore[reportUnknownMemberType]
    judgement, training, groups = told["judgement"], told["training"], told["groups"]
    reach = _reach(groups)

    def bars(metric: str) -> str:
        return _bars(metric, judgement["metrics"][metric]["arms"])

    def interval(each: Mapping[str, float], kind: str) -> str:
        return charts.interval(each["mean"], each["low"], each["high"], reach, kind)

    def scatter(side: str) -> str:
        title = f"The library's {told['map']['of']} {side} tuning: near points are near in meaning"
        return charts.scatter(title, told["map"]["points"], side)

    page = pages.get_template(_TEMPLATE).render(
        told=told,
        judgement=judgement,
        training=training,
        tone=_TONES.get(told["verdict"], "open"),
        verdict=str(told["verdict"] or "Not judged").capitalize(),
        following=_NEXT.get(told["verdict"], "").format(run=told["run"]),
        asked=_asked(judgement),
        metrics=_METRICS,
        arms=_ARMS,
        legs=_LEGS,
        said=_SAID,
        stages=_STAGES,
        group_names=_GROUPS,
        reach=reach,
        least=LEAST_QUESTIONS,
        tolerated=TOLERATED_POINTS,
        ended=_ENDED.get(training.get("ended", ""), ""),
        bars=bars,
        loss=_loss(training),
        dev=_dev(training),
        way=_way(training),
        interval=interval,
        scatter=scatter,
    )
    return page.encode("utf-8", "replace").decode()  # names of files may be no text


def _bars(metric: str, arms: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        (label, 100 * arms[arm]["mean"], 100 * arms[arm]["low"], 100 * arms[arm]["high"], kind)
        for arm, (label, kind) in _ARMS.items()
        if arm in arms
    ]
    figures = ", ".join(f"{label} {mean:.1f}" for label, mean, *_ in rows)
    return charts.bars(f"{_METRICS[metric][0]} in points, with 95 % intervals: {figures}", rows)


def _loss(training: Mapping[str, Any]) -> str:
    points = [(point["step"], point["loss"]) for point in training.get("points", ()) if point["step"]]
    if not points:
        return ""
    title = f"Loss by step, from {points[0][1]:.2f} to {points[-1][1]:.2f}"
    return charts.curve(title, points, below="steps", kind="base")


def _dev(training: Mapping[str, Any]) -> str:
    points = [
        (point["step"], 100 * point["measure"])
        for point in training.get("points", ())
        if point["measure"] is not None
    ]
    if not points:
        return ""
    best = training.get("best_step", 0)
    title = f"nDCG@10 in points on the questions that choose, by step; the best is at step {best}"
    return charts.curve(title, points, below="steps", kind="tuned", marked=best, mark="best", digits=1)


def _way(training: Mapping[str, Any]) -> str:
    points = [
        (100 * each["share"], 100 * each["measure"])
        for each in training.get("interpolation", ())
        if each["measure"] is not None
    ]
    if len(points) < 2:
        return ""
    taken = 100 * training["share"]
    title = f"nDCG@10 in points by the share of the way from the base; {taken:.0f} % was taken"
    return charts.curve(
        title, points, below="of the way", kind="tuned", marked=taken, mark="taken", unit=" %", digits=1
    )


def _asked(judgement: Mapping[str, Any]) -> str:
    """Who wrote the questions that decided."""
    answering = judgement.get("answering")
    if not judgement.get("real"):
        of = "passages" if answering == Answering.PASSAGE else "documents"
        return f"written by the generator about {of} that nothing was learned of"
    return "judged in a test collection" if answering == Answering.RECORD else "that you judged"


def _reach(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> float:
    """How far the lines of groups that are told reach from 0."""
    ends = [
        abs(group[leg][end])
        for found in groups.values()
        for group in found
        if group["questions"] >= LEAST_QUESTIONS
        for leg in _LEGS
        for end in ("low", "high")
    ]
    return max([_REACH, *ends])


def _marked(text: str, spans: Sequence[Sequence[int]]) -> str:
    """A text as HTML, with its [start, end) spans, in order, marked."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    return "".join([*parts, escape(text[at:])])


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def _gain(share: float, times: float = 100.0) -> str:
    """With a sign, and a minus that is one."""
    said = f"{times * share:+.1f}"
    return "0.0" if float(said) == 0 else said.replace("-", "\N{MINUS SIGN}")


def _words(name: object) -> str:
    """A name of ours as words."""
    return str(name).replace("_", " ")


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values, and those of mappings in their place."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found.update(value if isinstance(value, dict) else {name: value})  # pyright: ignore[reportUnknownArgumentType]
    return found


def _day(written: str) -> str:
    return datetime.fromisoformat(written).strftime("%d %B %Y, %H:%M UTC")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _number(count: float) -> str:
    return f"{count:,}"


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
