"""Verbs about the generations of a library: rebuild, rollback, generations."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, follow, library_option, pass_session

if TYPE_CHECKING:
    from findling.library import LibraryInfo


@click.command()
@click.option("--model", default="", metavar="ID", help="The embedder; default: the one that it has.")
@click.option(
    "--passage-tokens",
    type=click.IntRange(min=0),
    metavar="N",
    help="The most that a passage may have; 0: what the model reads. Default: as now.",
)
@library_option
@common_options
@pass_session
def rebuild(session: Session, model: str, passage_tokens: int | None, library: str) -> None:
    """Embed a library anew, with another model or other passages if asked for, while searches go on.

    When all of it is embedded it takes the place of the one before, which is kept: see 'findling rollback'.
    An interrupted rebuild goes on with the next 'findling index'.
    """
    follow(session.libraries().start_rebuild(library, model, passage_tokens=passage_tokens), session)
    _show(session, session.libraries().info(library))


@click.command()
@library_option
@common_options
@pass_session
def rollback(session: Session, library: str) -> None:
    """Let the generation that was active before answer again; twice, and all is as it was.

    At once; what came since then is embedded with the next 'findling index'.
    """
    _show(session, session.libraries().rollback(library))


@click.command()
@click.option("--forget", type=int, metavar="N", help="Delete a generation that is not active.")
@library_option
@common_options
@pass_session
def generations(session: Session, forget: int | None, library: str) -> None:
    """List the generations of a library: the active one, one that is being built, and those before."""
    libraries = session.libraries()
    _show(session, libraries.info(library) if forget is None else libraries.forget(library, forget))


def _show(session: Session, info: LibraryInfo) -> None:
    rows: list[dict[str, Any]] = [{**asdict(info.active), "state": "active"}]
    if info.shadow is not None:
        rows.append({**asdict(info.shadow), "state": "being built"})
    rows += [{**asdict(generation), "state": "retired"} for generation in info.retired]
    lines = [f"{row['number']:4}  {row['state']:12} {row['model']}" for row in rows]
    session.put(rows, "\n".join(lines))
