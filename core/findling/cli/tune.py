"""The verb tune: pairs, training, judgement, and the tuned model in place of its base."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from findling.adaptation.budget import MINUTES, PAIRS
from findling.cli.common import Session, common_options, follow, library_option, pass_session, resumable

if TYPE_CHECKING:
    from findling.adaptation.runs import Run
    from findling.library import Libraries


@click.command()
@library_option
@click.option("--base", default="", help="Embedder to tune; default: the library's.")
@click.option("--generator", help="Model that writes queries; 'none': the documents' own words alone.")
@click.option(
    "--pairs", type=click.IntRange(100), default=PAIRS, show_default=True, help="So many are wanted."
)
@click.option(
    "--pairs-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Pairs that 'findling synth' wrote.",
)
@click.option(
    "--minutes", type=click.FloatRange(1), default=MINUTES, show_default=True, help="For the training."
)
@click.option(
    "--qrels",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="A collection in BEIR layout whose judgements decide.",
)
@click.option(
    "--promote",
    type=click.Choice(["auto", "ask", "never"]),
    default="ask",
    show_default=True,
    help="Whether a better model takes over.",
)
@click.option(
    "--denoising",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Steps of warm-up on passages alone (TSDAE), before the pairs.",
)
@click.option("--review", is_flag=True, help="Stop when the pairs are written, so that you can look at them.")
@click.option("--seed", default=0, show_default=True)
@click.option("--resume", metavar="RUN", help="Go on with a run that was stopped.")
@common_options
@pass_session
def tune(
    session: Session,
    library: str,
    base: str,
    generator: str | None,
    pairs: int,
    pairs_file: Path | None,
    minutes: float,
    qrels: Path | None,
    promote: str,
    denoising: int,
    seed: int,
    resume: str | None,
    *,
    review: bool,
) -> None:
    """Tune the embedder to a library's own documents, show whether it is better, and let it take over."""
    from findling.adaptation.flow import after, begin, clear, may_promote, next_job, reviewed
    from findling.adaptation.plan import Promotion, TuningWishes
    from findling.adaptation.runs import run_called

    libraries = session.libraries()
    if resume:
        run = reviewed(run_called(libraries, resume))
    else:
        wishes = TuningWishes(
            base, generator, pairs, pairs_file, minutes, qrels, Promotion(promote), seed, denoising, review
        )
        run = begin(libraries, library, wishes)
    go_on = f"Go on: findling tune --resume {run.id}"
    with resumable(session, lambda: go_on):
        while (job := next_job(libraries, run)) is not None:
            run = after(run, follow(job, session))
    if run.verdict:
        clear(run)
    asked = run.plan["promotion"] == "ask" and not session.json and _wanted(run)
    if may_promote(run, asked=asked):
        run = promoted(libraries, run, session)
    session.put(run.to_json(), said_of(run))


def promoted(libraries: Libraries, run: Run, session: Session) -> Run:
    """The run after its model has taken over. Raises what the job raises."""
    from findling.adaptation.flow import start_promotion
    from findling.adaptation.runs import Stage

    follow(start_promotion(libraries, run), session)
    return run.at(Stage.PROMOTED)


def said_of(run: Run) -> str:
    """A run in some lines."""
    from findling.adaptation.flow import may_promote

    lines = [f"Run {run.id} of the library {run.library!r}: {run.stage}."]
    if run.stage == "review":
        lines.append(f"  Look at its pairs: findling synth review {run.pairs}")
        lines.append(f"  Then let it go on: findling tune --resume {run.id}")
    if run.verdict:
        lines.append(f"{run.verdict.capitalize()}. {run.judgement['reason']}")
    for arm, means in run.judgement.get("arms", {}).items():
        figures = "  ".join(f"{name} {100 * value:5.1f}" for name, value in means.items() if name != "map")
        lines.append(f"  {arm:<13} {figures}")
    if forgetting := run.judgement.get("forgetting"):
        lines.append(
            f"  General questions: {forgetting['base']:.1f} before, {forgetting['tuned']:.1f} after; "
            f"{100 * forgetting['rank_overlap']:.0f} % of the ten best hits are the same."
        )
    if run.asked:
        kept, why = run.asked["kept"], run.asked["reason"]
        lines.append(f"  Questions written to judge by: {kept:,}{f' ({why})' if why else ''}.")
    if run.training:
        training = run.training
        lines.append(
            f"  Trained on {training['examples']:,} pairs, {training['steps']} steps ({training['ended']}), "
            f"{100 * training['share']:.0f} % of the way from the base."
        )
    if may_promote(run, asked=True):
        lines.append(f"  Let it take over: findling runs promote {run.id}")
    if run.stage == "promoted":
        lines.append(f"  Go back: findling runs rollback {run.id}")
    return "\n".join(lines)


def _wanted(run: Run) -> bool:
    from findling.adaptation.flow import may_promote

    if not may_promote(run, asked=True) or not sys.stdin.isatty():
        return False
    click.echo(said_of(run), err=True)
    return click.confirm("Let the tuned model take over?", default=True, err=True)
