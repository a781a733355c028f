"""Verbs about libraries as a whole: libraries, export, import, delete."""

from __future__ import annotations

import sys
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

_FILE = click.Path(path_type=Path)


@click.command()
@common_options
@pass_session
def libraries(session: Session) -> None:
    """List the libraries."""
    known = session.libraries()
    rows = [known.summary(name) for name in known.names()]
    session.put(rows, "\n".join(_line(row) for row in rows) or "No libraries yet.")


@click.command("export")
@click.argument("file", type=_FILE)
@click.option("--active-only", is_flag=True, help="Leave out the generations that were active before.")
@click.option("--without-model", is_flag=True, help="Leave out its model; a built-in one is never in it.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@library_option
@common_options
@pass_session
def export_library(
    session: Session, file: Path, library: str, *, active_only: bool, without_model: bool, force: bool
) -> None:
    """Write a library to one FILE, to be imported elsewhere: index, text and model, not the documents."""
    job = session.libraries().start_export(
        library, file, active_only=active_only, with_model=not without_model, force=force
    )
    result = follow(job, session)
    lines = [f"Exported {library} to {result['file']}: {size_in_words(result['bytes'])}."]
    lines += [f"With the model {model}." for model in result["models"]]
    lines += [f"To be searched it needs the model {model}." for model in result["models_needed"]]
    session.put(result, "\n".join(lines))


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--library", default="", metavar="NAME", help="Name it so; default: as it was named.")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    metavar="OLD=NEW",
    help="Where a folder of the library, or one that it lies in, is here. May be given several times.",
)
@common_options
@pass_session
def import_library(session: Session, file: Path, library: str, folders: tuple[str, ...]) -> None:
    """Make a library of a FILE that 'findling export' wrote.

    Folders that are somewhere else here are named with --folder: then nothing that they hold is embedded
    anew. Those that are not here can be searched, and are kept as they were.
    """
    job = session.libraries().start_import_file(file, library, dict(map(_mapping, folders)))
    result = follow(job, session)
    lines = [f"Imported {result['library']}."]
    lines += [f"Installed the model {model}." for model in result["models_installed"]]
    lines += [
        f"To be searched it needs the model {model}, which is not installed, or in another version."
        for model in result["models_missing"]
    ]
    lines += [f"Folder not there now, kept as it was: {folder}" for folder in result["missing_folders"]]
    session.put(result, "\n".join(lines))


@click.command()
@click.argument("library", metavar="NAME")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@click.pass_context
@pass_session
def delete(session: Session, context: click.Context, library: str, *, yes: bool) -> None:
    """Delete a library: its index and all that was derived from its files. The files stay as they are."""
    known = session.libraries()
    size = size_in_words(known.disk_bytes(library))
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Nobody is there to ask: say --yes to delete.", context)
        if not click.confirm(f"Delete the library {library!r} ({size})? Your files stay.", err=True):
            context.exit(1)
    known.delete(library)
    session.put({"deleted": library}, f"Deleted {library}: {size} freed.")


def _mapping(text: str) -> tuple[str, Path]:
    old, sign, new = text.partition("=")
    if not (sign and old and new):
        raise click.BadParameter(f"{text!r} is not of the form OLD=NEW.", param_hint="--folder")
    return old, Path(new)


def _line(row: dict[str, Any]) -> str:
    about = row["problem"] or f"{row['passages']:,} passages of {row['model']}"
    return f"{row['library']:20} {size_in_words(row['disk_bytes']):>9}  {about}"
