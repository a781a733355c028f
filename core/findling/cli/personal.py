"""Verbs about what a person asked, saved and judged: history, saved, judge, judgements."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import MODES, Session, common_options, counted, library_option, pass_session
from findling.errors import PlaceNotWritable, UserError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from findling.library import OpenLibraries, OpenLibrary
    from findling.library.judgements import Located
    from findling.library.personal import Personal
    from findling.search import Hit, Mode

_FORMATS = ("beir", "trec", "csv")
#: Names that are printed of a longer list; with --json all are.
_NAMES_SHOWN = 10


def remember(session: Session, opened: OpenLibraries, query: str, mode: Mode, hits: Sequence[Hit]) -> None:
    """Put a search into the history of every library that answered it. What cannot be kept is told on stderr;
    nothing is kept, or told, where nobody may write."""
    for name in opened.names:
        if name in opened.problems:
            continue
        count = sum(hit.library == name for hit in hits)
        try:
            opened.library(name).personal.remember(query, mode, count)
        except PlaceNotWritable:
            continue
        except UserError as error:
            session.complain(f"The search was not remembered: {error.message}", error.hint)


@click.command()
@click.option("-n", "limit", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--clear", is_flag=True, help="Forget all of it.")
@click.option("--forget", metavar="TEXT", help="Forget a query.")
@click.option("--older-than", type=click.IntRange(min=0), metavar="DAYS", help="Forget what is older.")
@library_option
@common_options
@pass_session
def history(
    session: Session, limit: int, forget: str | None, older_than: int | None, library: str, *, clear: bool
) -> None:
    """List what was asked, the last first; or forget it.

    To keep none at all set "keep_history" to false in the settings; for one search: --no-history.
    """
    if sum((clear, forget is not None, older_than is not None)) > 1:
        raise click.UsageError("Give one of --clear, --forget and --older-than.")
    with _personal(session, library) as personal:
        if clear:
            forgotten = personal.clear_history()
        elif forget is not None:
            forgotten = personal.forget(forget)
        elif older_than is not None:
            forgotten = personal.forget_before(datetime.now(UTC) - timedelta(days=older_than))
        else:
            entries = personal.history(limit)
            lines = [
                f"{entry.asked.astimezone():%Y-%m-%d %H:%M}  {entry.hits:4}  {entry.query}"
                for entry in entries
            ]
            session.put([entry.to_json() for entry in entries], "\n".join(lines) or "Nothing asked yet.")
            return
    session.put({"forgotten": forgotten}, f"Forgotten: {counted(forgotten, 'query', 'queries')}.")


@click.group(invoke_without_command=True)
@library_option
@common_options
@click.pass_context
@pass_session
def saved(session: Session, context: click.Context, library: str) -> None:
    """List the saved searches; add, remove, rename and run them."""
    _hand_down(context, library)
    if context.invoked_subcommand is None:
        _show_saved(session, library)


@saved.command("add")
@click.argument("name")
@click.argument("query")
@click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True)
@library_option
@common_options
@pass_session
def add_saved(session: Session, name: str, query: str, mode: str, library: str) -> None:
    """Save QUERY under NAME."""
    from findling.search import Mode

    with _personal(session, library) as personal:
        personal.save(name, query, Mode(mode))
    _show_saved(session, library)


@saved.command("remove")
@click.argument("name")
@library_option
@common_options
@pass_session
def remove_saved(session: Session, name: str, library: str) -> None:
    """Remove the saved search NAME."""
    with _personal(session, library) as personal:
        personal.remove_saved(name)
    _show_saved(session, library)


@saved.command("rename")
@click.argument("name", metavar="OLD")
@click.argument("new", metavar="NEW")
@library_option
@common_options
@pass_session
def rename_saved(session: Session, name: str, new: str, library: str) -> None:
    """Give the saved search OLD the name NEW."""
    with _personal(session, library) as personal:
        personal.rename_saved(name, new)
    _show_saved(session, library)


@saved.command("run")
@click.argument("name")
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@library_option
@common_options
@click.pass_context
@pass_session
def run_saved(session: Session, context: click.Context, name: str, limit: int, library: str) -> None:
    """Search with the saved search NAME, as 'findling search' does."""
    from findling.cli.searching import search

    with _personal(session, library) as personal:
        wanted = personal.saved_search(name)
    context.invoke(search, query=wanted.query, mode=wanted.mode.value, limit=limit, libraries=(library,))


@click.command()
@click.argument("query")
@click.argument("path")
@click.option("--answers", "verdict", flag_value="answers", default=True, help="It does. The default.")
@click.option("--does-not", "verdict", flag_value="does not", help="It does not.")
@click.option("--withdraw", "verdict", flag_value="withdraw", help="Take back what was said.")
@click.option(
    "--passage",
    default="",
    metavar="ID",
    help="A passage of the document, by its passage_id; without it the document as a whole is meant.",
)
@library_option
@common_options
@pass_session
def judge(session: Session, query: str, path: str, verdict: str, passage: str, library: str) -> None:
    """Say whether the document at PATH answers QUERY.

    PATH may also be its end, or the id of a record. Judging again replaces what was said before. Without
    --passage, --withdraw takes back what was said of the passages of the document, too.
    """
    from findling.library import judgements
    from findling.library.personal import ANSWERS, DOES_NOT

    with session.libraries().open(library) as opened:
        if verdict == "withdraw":
            count = judgements.withdraw(opened, query, path, passage)
            session.put({"withdrawn": count}, f"Withdrawn: {counted(count, 'judgement', 'judgements')}.")
            return
        grade = ANSWERS if verdict == "answers" else DOES_NOT
        made = judgements.judge(opened, query, path, grade, passage)
        place = judgements.Located(made, made, made.paths[0])
        session.put(_judgement(opened, place), _judgement_line(place))


@click.group("judgements", invoke_without_command=True)
@library_option
@common_options
@click.pass_context
@pass_session
def judgements_group(session: Session, context: click.Context, library: str) -> None:
    """List the judgements of a library; export and import them."""
    _hand_down(context, library)
    if context.invoked_subcommand is None:
        _list_judgements(session, library)


@judgements_group.command("list")
@library_option
@common_options
@pass_session
def list_judgements(session: Session, library: str) -> None:
    """List them, and where their passages are now."""
    _list_judgements(session, library)


@judgements_group.command("export")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a collection that is there.")
@library_option
@common_options
@pass_session
def export_judgements(session: Session, directory: Path, library: str, *, force: bool) -> None:
    """Write them to DIRECTORY as a test collection (BEIR layout), with the text of the judged documents.

    judgements.csv beside it names their files and quotes their passages, for 'import --format csv'.
    """
    from findling.library.judgement_files import export_judgements as export

    with session.libraries().open(library) as opened:
        done = export(opened, directory, force=force)
    result = {"library": library, "directory": str(directory.absolute()), **asdict(done)}
    text = (
        f"Exported {counted(done.judgements, 'judgement', 'judgements')} of "
        f"{counted(done.queries, 'query', 'queries')} to {result['directory']}."
    )
    if done.unresolved:
        text += f"\n{done.unresolved:,} of them not found now, with no more than their quotes."
    session.put(result, text)


@judgements_group.command("import")
@click.argument("place", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "kind", type=click.Choice(_FORMATS), default="beir", show_default=True)
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The texts of TREC queries: JSON lines with _id and text (*.jsonl), or id, tab, text.",
)
@library_option
@common_options
@pass_session
def import_judgements(session: Session, place: Path, kind: str, queries: Path | None, library: str) -> None:
    """Read judgements about the library's documents from PLACE.

    beir: a directory; trec: qrels, with --queries; csv: a file with the columns query, path, grade and, if
    there is one, quote. What the library does not have is named, and left out.
    """
    from findling.library.judgement_files import import_judgements as import_them

    with session.libraries().open(library) as opened:
        done = import_them(opened, place, kind, queries)
    lines = [f"Imported {counted(done.judgements, 'judgement', 'judgements')}."]
    lines += _named("Documents that are not in the library", done.documents_missing)
    lines += _named("Queries that have no text", done.queries_missing)
    lines += _named("Documents that do not have the quote now", done.quotes_missing)
    session.put({"library": library, **asdict(done)}, "\n".join(lines))


def _hand_down(context: click.Context, library: str) -> None:
    """Let the library that a group was given be that of its verbs."""
    context.default_map = {context.invoked_subcommand or "": {"library": library}}


@contextmanager
def _personal(session: Session, library: str) -> Generator[Personal]:
    with session.libraries().open(library) as opened:
        yield opened.personal


def _show_saved(session: Session, library: str) -> None:
    with _personal(session, library) as personal:
        searches = personal.saved()
    lines = [f"{search.name:20}  {search.query}" for search in searches]
    session.put([search.to_json() for search in searches], "\n".join(lines) or "No saved searches yet.")


def _list_judgements(session: Session, library: str) -> None:
    from findling.library.judgements import located

    with session.libraries().open(library) as opened:
        found = located(opened)
        lines = [_judgement_line(place) for place in found]
        rows = [_judgement(opened, place) for place in found] if session.json else []
    session.put(rows, "\n".join(lines) or "Nothing judged yet.")


def _judgement(library: OpenLibrary, place: Located) -> dict[str, Any]:
    """The shape of a judgement."""
    from findling.library.judgements import resolve

    now = place.now or place.judgement
    passages = library.document(now.document_id).spans if place.now and not now.whole else {}
    return {
        "query": now.query,
        "grade": now.grade,
        "path": place.path,
        "record": now.record,
        "document_id": now.document_id,
        "start": now.start,
        "end": now.end,
        "quote": now.quote,
        "state": "found" if place.now else "unresolved",
        "reason": place.reason,
        "passage_ids": resolve(now, passages),
    }


def _judgement_line(place: Located) -> str:
    judgement = place.now or place.judgement
    verdict = {1: "answers", 0: "does not answer"}.get(judgement.grade, f"grade {judgement.grade} for")
    about = f"  “{' '.join(judgement.quote.split())[:60]}”" if judgement.quote else ""
    end = "" if place.now else f"  (unresolved: {place.reason})"
    return f"{place.path}{about} {verdict} {judgement.query!r}{end}"


def _named(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
    return [f"{what} ({len(names):,}): {', '.join(names[:_NAMES_SHOWN])}{more}"]
