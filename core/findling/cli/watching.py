"""The verb that stays: watch."""

from __future__ import annotations

from pathlib import Path

import click

from findling.cli.common import Session, common_options, follow, library_option, pass_session


@click.command()
@click.argument(
    "folders",
    nargs=-1,
    metavar="[FOLDER]...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@library_option
@common_options
@pass_session
def watch(session: Session, folders: tuple[Path, ...], library: str) -> None:
    """Keep a library up to date while its files change, until interrupted.

    What is saved can be found some seconds later. FOLDERs are added first, as with 'findling index'.
    """
    while follow(session.libraries().start_watch(library, folders), session)["restart"]:
        pass
