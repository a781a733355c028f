"""Verbs that ask: search, similar."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from findling.cli.common import MODES, Session, common_options, library_option, pass_session
from findling.cli.personal import remember
from findling.errors import UserError

if TYPE_CHECKING:
    from findling.search import Answer, Explanation, Hit


@click.command()
@click.argument("query")
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True)
@click.option(
    "--library",
    "libraries",
    multiple=True,
    metavar="NAME",
    help="Name of the library; several times for several.  [default: default]",
)
@click.option("--all-libraries", is_flag=True, help="Search in all libraries at once.")
@click.option("--explain", is_flag=True, help="Say of each hit why it is where it is.")
@click.option("--literal", is_flag=True, help="Take QUERY as plain words: no operators, no filters.")
@click.option("--no-fold", is_flag=True, help="Show documents apart that are the same but for details.")
@click.option(
    "--reranker",
    metavar="ID",
    help='The model of a second look at the best, in place of that of the settings; "" for none.',
)
@click.option("--no-history", is_flag=True, help="Do not remember what was asked.")
@common_options
@pass_session
def search(
    session: Session,
    query: str,
    limit: int,
    mode: str,
    libraries: tuple[str, ...],
    reranker: str | None,
    *,
    all_libraries: bool,
    explain: bool,
    literal: bool,
    no_fold: bool,
    no_history: bool,
) -> None:
    """Find the documents that answer QUERY, by their best passage.

    Beside words QUERY may have "phrases", -words to leave out, OR, and filters: type:pdf in:folder
    name:*.md after:2024-05 before:2025 lang:de author:doe size:>1mb. Several libraries are searched as one.
    Those that cannot answer are named on stderr.
    """
    from findling.library.libraries import DEFAULT_LIBRARY
    from findling.search import Mode, Question

    if libraries and all_libraries:
        raise click.UsageError("Give either --library or --all-libraries.")
    known = session.libraries(reranker)
    names = (known.names() if all_libraries else libraries) or [DEFAULT_LIBRARY]
    question = Question(query, Mode(mode), limit, literal=literal, illustrate=True, fold=not no_fold)
    with known.open_several(names) as opened:
        answer = opened.answer(question)
        if not no_history:
            remember(session, opened, query, Mode(mode), answer.hits)
    for name, problem in opened.problems.items():
        message, hint = (problem.message, problem.hint) if isinstance(problem, UserError) else (problem, "")
        session.complain(f"{name} was not searched: {message}", hint)
    _put(session, answer, explain=explain, with_library=len(opened.names) > 1)


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--passage", metavar="ID", help="More like this passage, a passage_id of 'search --json'.")
@click.option("--text", metavar="TEXT", help='More like this text; "-" reads it from standard input.')
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@library_option
@common_options
@pass_session
def similar(
    session: Session, path: Path | None, passage: str | None, text: str | None, limit: int, library: str
) -> None:
    """Find more like a document, a passage or a text: what is nearest in meaning.

    PATH is a file of the library, or any other file that can be read.
    """
    if sum(given is not None for given in (path, passage, text)) != 1:
        raise click.UsageError("Give one of PATH, --passage and --text.")
    with session.libraries().open(library) as opened:
        document = ""
        if path is not None:
            absolute = str(path.expanduser().absolute())
            there = {file.path: file.document_id for file in opened.files_among(path=(absolute, str(path)))}
            document = there.get(absolute, "") or there.get(str(path), "")
            if not document:
                text = _text_of(path)
        elif text == "-":
            text = sys.stdin.read()
        answer = opened.similar(passage_id=passage or "", document_id=document, text=text or "", limit=limit)
    _put(session, answer, explain=False, with_library=False)


def _text_of(path: Path) -> str:
    from findling.documents import parse
    from findling.errors import ParseError

    try:
        return parse(path).text
    except ParseError as error:
        raise UserError(f"{path} {error}.", "Name a document that is indexed, or give a text.") from error


def _put(session: Session, answer: Answer, *, explain: bool, with_library: bool) -> None:
    for note in answer.notes:
        session.complain(note)
    if session.json:
        session.put([hit.to_json(explain=explain) for hit in answer.hits], "")
    else:
        _print_hits(answer.hits, explain=explain, with_library=with_library)


def _print_hits(hits: list[Hit], *, explain: bool, with_library: bool) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    if not hits:
        console.print("Nothing found.")
    for number, hit in enumerate(hits, 1):
        head = Text(f"{number:2}. ", style="dim")
        if with_library:
            head.append(f"{hit.library}: ", style="cyan")
        head.append(hit.title or Path(hit.path).name, style="bold")
        if label := hit.anchor.label():
            head.append(f"  {label}", style="cyan")
        head.append(f"  {hit.score:.3f}", style="dim")
        snippet = Text(hit.snippet)
        for start, end in hit.meaning_highlights:
            snippet.stylize("underline", start, end)
        for start, end in hit.highlights:
            snippet.stylize("bold yellow", start, end)
        console.print(head, overflow="ellipsis", no_wrap=True)
        console.print(Text("    " + hit.path, style="dim"), overflow="fold")
        console.print(Padding(snippet, (0, 0, 0, 4)))
        also = [label for other in hit.others if (label := other.anchor.label()) != hit.anchor.label()]
        for what, things in (("also at", dict.fromkeys(also)), ("nearly the same", hit.similar)):
            if things:
                console.print(Text(f"    {what}: {', '.join(things)}", style="dim"), overflow="fold")
        if explain and hit.explanation is not None:
            for line in _reasons(hit.explanation):
                console.print(Text(f"    {line}", style="green"), overflow="fold")
        console.print()


def _reasons(why: Explanation) -> list[str]:
    """Why a hit is where it is, in words."""
    lines: list[str] = []
    for name, leg, what in (("words  ", why.words, "BM25"), ("meaning", why.meaning, "cosine")):
        rank = f"rank {leg.rank}" if leg.rank else "not found"
        lines.append(f"{name}  {rank}, {what} {leg.score:.3f}, adds {leg.share:.3f}")
    lines.append(f"weight   of meaning {why.meaning_weight:.2f}, of words {1 - why.meaning_weight:.2f}")
    for what, things in (("matched", why.matched), ("in name", why.name)):
        lines += [f"{what}  {', '.join(things)}"] if things else []
    if why.reranker is not None:
        lines.append(f"second look  {why.reranker:.3f}")
    return lines
