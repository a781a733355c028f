"""Verbs about pairs to tune with: synth, and synth review, report."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from findling.cli.common import Session, common_options, follow, library_option, pass_session, resumable
from findling.cli.synth_review import export, report, review
from findling.cli.synth_tasks import tasks
from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What can be said when work goes on; all else stands in the file.
_WITH_RESUME = {"library", "threads", "out", "resume"}


class _SynthGroup(click.Group):
    """`findling synth …` writes, unless a verb follows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        place = 0
        while args[place : place + 1] and args[place] in ("--json", "--debug", "--home"):
            place += 2 if args[place] == "--home" else 1
        first = args[place] if place < len(args) else "-"
        if first.startswith("-") and first not in ctx.help_option_names:
            args = ["write", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_SynthGroup)
@common_options
def synth() -> None:
    """Write queries for a library's own passages: pairs to tune an embedder with."""


@synth.command("write")
@library_option
@click.option("--pairs", type=click.IntRange(1), default=1000, show_default=True, help="So many are wanted.")
@click.option("--generator", help="Id or .gguf file of the model that writes; 'none': the documents alone.")
@click.option("--kinds", help="Kinds of queries, with commas between them.")
@click.option("--sources", help="What is taken of the documents' own words, with commas; 'none': nothing.")
@click.option("--augment", "augmentations", help="How pairs are varied, with commas.")
@click.option(
    "--examples",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Your own queries, one a line; after a tab the path of the document that answers.",
)
@click.option(
    "--tasks",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What you do with the documents, one a line, as 'findling synth tasks' proposes it.",
)
@click.option("--seed", default=0, show_default=True, help="The same seed, the same choice of passages.")
@click.option("--threads", type=click.IntRange(0), default=0, help="Threads of the generator.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File of pairs to write.")
@click.option("--resume", is_flag=True, help="Go on with the file that there is.")
@click.option("--dry-run", is_flag=True, help="Show some prompts, write nothing.")
@common_options
@pass_session
@click.pass_context
def write(
    context: click.Context,
    session: Session,
    library: str,
    pairs: int,
    generator: str | None,
    kinds: str | None,
    sources: str | None,
    augmentations: str | None,
    examples: Path | None,
    tasks: Path | None,
    seed: int,
    threads: int,
    out: Path | None,
    *,
    resume: bool,
    dry_run: bool,
) -> None:
    """Write pairs (the default): queries of several kinds by a local model, and what the documents give by
    themselves, each judged as it is written."""
    from findling.library.synthesis_plans import (
        SynthesisWishes,
        dry_run_of,
        last_file,
        new_file,
        plan_of,
        start_synthesis,
    )

    if resume:
        _check_resume(context)
    libraries = session.libraries()
    wishes = SynthesisWishes(
        pairs=pairs,
        generator=generator,
        kinds=_names(kinds),
        sources=_names(sources),
        augmentations=_names(augmentations) or (),
        examples=examples,
        tasks=tasks,
        seed=seed,
    )
    if dry_run:
        shown = dry_run_of(libraries, library, wishes)
        session.put(shown, "\n\n".join(f"--- {each['kind']} ---\n{each['prompt']}" for each in shown))
        return
    plan = None if resume else plan_of(libraries, library, wishes)
    file = out or (last_file if resume else new_file)(libraries, library)
    job = start_synthesis(libraries, library, plan, file, threads=threads)
    with resumable(session, lambda: _how_to_go_on(library, file)):
        found: dict[str, Any] = follow(job, session)
    said = found.pop("report")
    lines = [said, "", f"{found['file']}: {_summary(found)}"]
    session.put(found, "\n".join(lines))
    if found["verdict"] != "enough":
        raise UserError(
            f"Not enough to tune with: {found['reason']}.", "See the report for what was rejected."
        )


def _check_resume(context: click.Context) -> None:
    """Raises `click.UsageError` for what was said and cannot count any more."""
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and parameter.expose_value and name not in _WITH_RESUME:
            raise click.UsageError(f"{parameter.opts[0]} stands in the file that --resume goes on with.")


def _how_to_go_on(library: str, file: Path) -> str:
    if not file.exists():
        return "Nothing was written yet."
    words = shlex.join(["findling", "synth", "--library", library, "--resume", "--out", str(file)])
    return f"What was written is kept. Go on: {words}"


def _names(given: str | None) -> tuple[str, ...] | None:
    """Names with commas between; None where the option is missing, () for "none"."""
    if given is None:
        return None
    return () if given == "none" else tuple(name.strip() for name in given.split(",") if name.strip())


synth.add_command(review)
synth.add_command(report)
synth.add_command(export)
synth.add_command(tasks)


def _summary(found: dict[str, Any]) -> str:
    parts: Sequence[str] = (
        f"{found['kept']:,} of {found['generated']:,} written queries kept",
        f"{found['own_words']:,} from the documents themselves",
        f"{found['augmented']:,} varied",
        f"{found['seconds']:.0f} s",
    )
    return ", ".join(parts)
