"""The command line: `findling VERB …`. A thin face; every verb calls the library."""

from findling.cli.app import main

__all__ = ["main"]
