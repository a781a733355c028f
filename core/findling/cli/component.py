"""Verbs about the training component: component status, install, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from findling.cli.common import Session, common_options, follow, pass_session, resumable, size_in_words

if TYPE_CHECKING:
    from findling.component import Status


@click.group()
@common_options
def component() -> None:
    """Show, install and remove the training component: torch and what else tuning needs, for an application
    that was installed without it."""


@component.command("status")
@common_options
@pass_session
def show_status(session: Session) -> None:
    """Show whether the component is there and fits, and whether tuning is possible."""
    from findling.component import activate, status
    from findling.embedding.export import can_export

    home = session.home_places()
    activate(home)
    found, possible = status(home), can_export()
    lines = [_told(found), "Tuning is possible." if possible else "Tuning is not possible."]
    session.put({**found.to_json(), "tuning_possible": possible}, "\n".join(lines))


@component.command()
@click.argument("source", metavar="FILE|URL")
@common_options
@pass_session
def install(session: Session, source: str) -> None:
    """Install the component from a FILE, or from a URL (https, or http with #sha256=HEX), to which this
    connects and to nothing else.

    What was interrupted goes on where it stopped. An older component is replaced at the end.
    """
    from findling.component import status
    from findling.component.installing import start_install

    home = session.home_places()
    with resumable(session, lambda: f"Go on with: findling component install {source}"):
        follow(start_install(home, source), session)
    found = status(home)
    session.put(found.to_json(), _told(found))


@component.command()
@common_options
@pass_session
def remove(session: Session) -> None:
    """Delete the component, and what an interrupted installation left."""
    from findling.component import remove as remove_component

    freed = remove_component(session.home_places())
    text = f"Removed: {size_in_words(freed)} freed." if freed else "There is no component."
    session.put({"removed": bool(freed), "freed_bytes": freed}, text)


def _told(found: Status) -> str:
    lines: list[str] = []
    if found.manifest is None:
        lines.append(f"The training component is not installed{': ' if found.why else ''}{found.why}.")
    else:
        torch = found.manifest.packages.get("torch", "none")
        state = "is installed" if not found.why else f"is installed, and does not fit: {found.why}"
        lines.append(
            f"The training component {state}: torch {torch}, {size_in_words(found.size_bytes)}, "
            f"{found.directory}."
        )
    if found.unfinished_bytes:
        lines.append(f"An interrupted installation keeps {size_in_words(found.unfinished_bytes)}.")
    return "\n".join(lines)
