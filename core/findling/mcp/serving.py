"""Serve libraries until the client hangs up."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.library import Libraries


def serve(libraries: Libraries, names: Sequence[str] = (), *, debug: bool = False) -> None:
    """Answer a client on stdin and stdout until it closes them. It is shown the libraries `names` and no
    others, or all of them when none is named. What goes wrong is told on stderr, with `debug` every call.

    Raises `UserError` where the package `mcp` is not installed, `LibraryNotFound` for a name that is none.
    """
    try:
        from findling.mcp.server import server_of
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("findling"):
            raise
        raise UserError(
            "Serving agents needs the package mcp.", "Run: pip install 'findling[mcp]'"
        ) from error
    from findling.mcp.shelf import Shelf

    for name in names:
        libraries.info(name)
    server = server_of(Shelf(libraries, names), "INFO" if debug else "WARNING")
    # Ctrl-C ends the process at once: nothing is written that could be lost, and the thread that waits for
    # the next line of stdin would not hear of it before that comes.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        server.run("stdio")
    finally:
        signal.signal(signal.SIGINT, before)
