"""The verb synth tasks: what could be looked for in a library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from findling.cli.common import Session, common_options, counted, follow, library_option, pass_session
from findling.errors import UserError


@click.command()
@library_option
@click.option("--generator", help="Id or .gguf file of the model that thinks: one that follows instructions.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else print.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other passages and ideas.")
@click.option("--threads", type=click.IntRange(0), default=0, help="Threads of the generator.")
@common_options
@pass_session
def tasks(
    session: Session, library: str, generator: str | None, out: Path | None, seed: int, threads: int
) -> None:
    """Let a generator propose tasks: what you might look for in a library.

    Edit the list, and give it to 'findling synth --tasks', which then writes queries for them.
    """
    from findling.library.brainstorming import start_brainstorm, tasks_text, write_tasks

    if out is not None and out.exists():
        raise UserError(f"{out} is there already.", "Name another file.")
    job = start_brainstorm(session.libraries(), library, generator_id=generator, seed=seed, threads=threads)
    found: dict[str, Any] = follow(job, session)
    if out is None:
        session.put(found, tasks_text(found).rstrip())
        return
    write_tasks(found, out)
    count = counted(len(found["tasks"]), "task", "tasks")
    session.put(found | {"file": str(out.absolute())}, f"{out}: {count}, to be edited.")
