"""The verb that serves agents: mcp."""

from __future__ import annotations

import click

from findling.cli.common import Session, common_options, pass_session


@click.command()
@click.option(
    "--library",
    "libraries",
    multiple=True,
    metavar="NAME",
    help="Show this library, and no others; several times for several.  [default: all]",
)
@common_options
@pass_session
def mcp(session: Session, libraries: tuple[str, ...]) -> None:
    """Let an agent search and read, over the Model Context Protocol on stdin and stdout.

    It is started by the agent's program and ends with it. Nothing can be changed through it, and what agents
    ask is not put into the history. Needs the mcp extra.
    """
    from findling.mcp import serve

    serve(session.libraries(), libraries, debug=session.debug)
