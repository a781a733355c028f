"""Verbs about what is in a library: index, watch, import-beir, status, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from findling.cli.common import (
    Session,
    common_options,
    follow,
    library_option,
    pass_session,
    size_in_words,
)

_MODEL = click.option(
    "--model",
    default="",
    metavar="ID",
    help="Embedder of a new library: see 'models list'.",
)
_INSTRUCTION = click.option(
    "--instruction",
    metavar="TEXT",
    help='The task of its queries, for models that take one; "" for the model\'s own. Remembered.',
)
_STORE = click.option(
    "--store",
    default="",
    metavar="PLACE",
    help="Where a new library keeps its tables: a directory, s3://BUCKET/PREFIX, gs://… or az://…; "
    "how to get there stands in the environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT …).",
)
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=_DIRECTORY)
@_MODEL
@_INSTRUCTION
@_STORE
@click.option(
    "--without",
    multiple=True,
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Leave this folder out from now on; it stays as it is.",
)
@click.option("--again", is_flag=True, help="Try files once more that could not be read before.")
@library_option
@common_options
@pass_session
def index(
    session: Session,
    folders: tuple[Path, ...],
    library: str,
    model: str,
    instruction: str | None,
    store: str,
    without: tuple[Path, ...],
    *,
    again: bool,
) -> None:
    """Add FOLDERs to a library, and bring all of it up to date.

    Only what is new or changed is read and embedded. Without a FOLDER the known ones are looked at again.
    An interrupted run goes on where it stopped.
    """
    job = session.libraries().start_index(
        library, folders, model=model, instruction=instruction, store=store, without=without, again=again
    )
    result = follow(job, session)
    session.put({"library": library, **result}, _summary(library, result))


@click.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=_DIRECTORY)
@library_option
@common_options
@pass_session
def watch(session: Session, folders: tuple[Path, ...], library: str) -> None:
    """Keep a library up to date while its files change, until interrupted.

    What is saved can be found some seconds later. FOLDERs are added first, as with 'findling index'.
    """
    while follow(session.libraries().start_watch(library, folders), session)["restart"]:
        pass


@click.command("import-beir")
@click.argument("directory", type=_DIRECTORY)
@_MODEL
@_INSTRUCTION
@library_option
@common_options
@pass_session
def import_beir(session: Session, directory: Path, library: str, model: str, instruction: str | None) -> None:
    """Make a library of the test collection in DIRECTORY (BEIR layout: corpus.jsonl …)."""
    job = session.libraries().start_import(library, directory, model=model, instruction=instruction)
    result = follow(job, session)
    session.put({"library": library, **result}, _summary(library, result))


@click.command()
@library_option
@common_options
@pass_session
def status(session: Session, library: str) -> None:
    """Show what a library holds and what it runs on."""
    with session.libraries().open(library) as opened:
        state = opened.status()
    files = state["files"]
    lines = [
        f"Library   {state['library']}",
        f"Model     {state['model']} on {_where(state['provider'], state['precision']) or 'nothing yet'}",
        f"Files     {_counts(files)}",
        f"Passages  {state['passages']:,}",
        f"Disk      {size_in_words(state['disk_bytes'])}{_aside(state['store'])}",
        f"Last run  {state['last_run'] or 'never'} ({state['embedded_last_run']:,} passages embedded)",
    ]
    lines += [f"          {problem}" for problem in state["provider_problems"]]
    if state["store"]:
        lines.append(f"Store     {state['store']}")
    if state["instruction"]:
        lines.append(f"Task      {state['instruction']}")
    lines += [f"Folder    {folder}" for folder in state["folders"]]
    lines += [f"Records   {directory}" for directory in state["collections"]]
    lines += [f"Missing   {folder}" for folder in state["missing_folders"]]
    if state["rebuilding"]:
        lines.append(f"Rebuild   with {state['rebuilding']}, not complete yet")
    if state["unfinished"]:
        lines.append("The last run did not finish: run 'findling index' to go on.")
    session.put(state, "\n".join(lines))


@click.command()
@click.option(
    "--state", type=click.Choice(["indexed", "skipped", "failed"]), help="Only files of this state."
)
@library_option
@common_options
@pass_session
def files(session: Session, state: str | None, library: str) -> None:
    """List the files that were looked at, and why some are not indexed."""
    with session.libraries().open(library) as opened:
        rows = [row for row in opened.files() if state is None or row.state == state]
    session.put(
        [
            {
                "path": row.path,
                "kind": row.kind,
                "state": row.state.value,
                "reason": row.reason,
                "passages": row.passages,
            }
            for row in rows
        ],
        "\n".join(
            f"{row.state.value:8} {row.path}"
            + (f"  ({row.reason})" if row.reason else f"  ({row.passages} passages)")
            for row in rows
        ),
    )


def _counts(files: dict[str, int]) -> str:
    return f"{files['indexed']:,} indexed, {files['skipped']:,} skipped, {files['failed']:,} failed"


def _aside(store: str) -> str:
    return " on this machine, without the store" if "://" in store else ""


def _where(provider: str, precision: str) -> str:
    return f"{provider}, {precision}" if precision else provider


def _summary(library: str, result: dict[str, Any]) -> str:
    from findling.library import RunSummary

    run = RunSummary.from_json(result)
    lines = [f"{library}: {_counts(run.files)}; {run.passages:,} passages."]
    if run.new_or_changed or run.removed:
        where = f" on {_where(run.provider, run.precision)}" if run.provider else ""
        lines.append(
            f"{run.new_or_changed:,} new or changed, {run.removed:,} removed; "
            f"{run.embedded:,} passages embedded, {run.reused:,} reused, in {run.seconds:.1f} s{where}."
        )
    else:
        lines.append("Nothing has changed: nothing was embedded.")
    lines += [f"Folder not there now, kept as it was: {folder}" for folder in run.missing_folders]
    if run.files["failed"]:
        lines.append("Why files failed: findling files --state failed")
    return "\n".join(lines)
