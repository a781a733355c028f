"""The program: its verbs, and how errors become one line and an exit code.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import traceback
from typing import TYPE_CHECKING

import click

from findling import __version__
from findling.cli import (
    archive,
    checking,
    component,
    corpus,
    diagnosis,
    evaluating,
    generations,
    mapping,
    mcp,
    models,
    opening,
    personal,
    removing,
    rules,
    runs,
    searching,
    showing,
    synth,
    tune,
)
from findling.cli.common import INTERRUPTED, Session, common_options
from findling.errors import Cancelled, FindlingError, QueryMistake, UserError
from findling.settings import switch_telemetry_off

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, USAGE = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="findling")
@common_options
def app() -> None:
    """Search your own documents by meaning and by words. Nothing leaves the machine."""


for _verb in (
    corpus.index,
    corpus.watch,
    corpus.import_beir,
    corpus.status,
    corpus.files,
    rules.rules,
    rules.why,
    generations.rebuild,
    generations.rollback,
    generations.generations,
    searching.search,
    opening.open_document,
    showing.show,
    searching.similar,
    mapping.map_library,
    evaluating.evaluate,
    personal.history,
    personal.saved,
    personal.judge,
    personal.judgements_group,
    synth.synth,
    tune.tune,
    runs.runs,
    models.models,
    component.component,
    mcp.mcp,
    archive.libraries,
    archive.export_library,
    archive.import_library,
    archive.delete,
    removing.remove_my_data,
    checking.check,
    diagnosis.doctor,
):
    app.add_command(_verb)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code and prints errors on stderr, one line each."""
    multiprocessing.freeze_support()
    switch_telemetry_off()
    session = Session()
    try:
        given = list(arguments) if arguments is not None else None
        code = app.main(given, obj=session, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.UsageError as error:
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.Abort, Cancelled):
        return _fail(
            session,
            "Interrupted. What was written is kept; run the command again to go on.",
            code=INTERRUPTED,
        )
    except QueryMistake as error:
        return _fail(session, error.message, error.hint, start=error.start, end=error.end)
    except UserError as error:
        return _fail(session, error.message, error.hint)
    except FindlingError as error:
        return _fail(session, str(error))
    except BrokenPipeError:  # the reader of our output has gone (| head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        return _fail(session, f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except Exception as error:
        if session.debug:
            raise
        what = f"Internal error: {type(error).__name__}: {error}".splitlines()[0]
        return _fail(session, what, "Run again with --debug for details.")
    return code or DONE  # a verb that ends by itself with another one


def _fail(session: Session, message: str, hint: str = "", code: int = FAILED, **place: int) -> int:
    if session.debug:
        traceback.print_exc()
    session.complain(message, hint, **place)
    return code


def run() -> None:
    """Entry point of the `findling` script."""
    sys.exit(main())
