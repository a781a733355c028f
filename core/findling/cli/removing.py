"""The verb that removes all that Findling has written: remove-my-data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from findling.cli.common import Session, common_options, pass_session, shown, size_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from findling.library.removal import Stock

#: Of what stays, so much is listed in words.
_MOST_LINES = 20


@click.command("remove-my-data")
@click.option("--keep-models", is_flag=True, help="Keep models, but none that was tuned on your documents.")
@click.option("--dry-run", is_flag=True, help="List what would go, and remove nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@click.pass_context
@pass_session
def remove_my_data(
    session: Session, context: click.Context, *, keep_models: bool, dry_run: bool, yes: bool
) -> None:
    """Remove all that Findling has written: libraries, models, settings, history, logs. Your documents stay
    as they are.

    What Findling did not write stays, too, and is named. While a window is open or a job goes on, nothing is
    removed. An interrupted removal goes on when it is run again.
    """
    from findling.library.removal import Why, remove_everything, stock_of

    home = session.home_places()
    stock = stock_of(home, keep_models=keep_models)
    if dry_run:
        session.put({"removed": False, **stock.to_json()}, _listed(stock, "Would go"))
        return
    if stock.parts and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Nobody is there to ask: say --yes to remove it.", context)
        click.echo(_listed(stock, "Will go"), err=True)
        if not click.confirm("Remove all of this? It cannot be brought back.", err=True):
            context.exit(1)
    with shown(session) as show:
        gone = remove_everything(home, keep_models=keep_models, report=show)
    refused = any(stay.why is Why.REFUSED for stay in gone.stays)
    session.put({"removed": True, **gone.to_json()}, _told(gone, refused=refused))
    if refused:
        context.exit(1)


def _listed(stock: Stock, goes: str) -> str:
    if not stock.parts:
        return "\n".join(("Nothing of Findling's is there.", *_stays(stock)))
    width = max(len(_called(part.kind, part.name)) for part in stock.parts)
    lines = [
        f"{goes}: {_called(part.kind, part.name):{width}}  {size_in_words(part.bytes):>9}"
        for part in stock.parts
    ]
    lines.append(f"{'':{len(goes)}}  {'together':{width}}  {size_in_words(stock.total_bytes):>9}")
    return "\n".join((*lines, *_stays(stock)))


def _told(stock: Stock, *, refused: bool) -> str:
    if not stock.parts:
        return _listed(stock, "")
    first = "Not everything could be removed." if refused else "All of it is gone"
    freed = "" if refused else f": {size_in_words(stock.total_bytes)} freed."
    return "\n".join((first + freed, *_stays(stock)))


def _stays(stock: Stock) -> Iterable[str]:
    yield "Stays: your documents, all of them."
    for stay in stock.stays[:_MOST_LINES]:
        yield f"Stays: {stay.place} ({stay.why}{': ' if stay.reason else ''}{stay.reason})"
    if len(stock.stays) > _MOST_LINES:
        yield f"Stays: and {len(stock.stays) - _MOST_LINES:,} more, see --json"


def _called(kind: str, name: str) -> str:
    return f"{kind} {name}" if name else kind
