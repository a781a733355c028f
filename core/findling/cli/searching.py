"""Verbs that ask: search, eval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from findling.cli.common import Session, common_options, library_option, pass_session, shown
from findling.errors import UserError

if TYPE_CHECKING:
    from findling.search import Hit

_MODES = ("hybrid", "semantic", "keyword")


@click.command()
@click.argument("query")
@click.option("-n", "limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--mode", type=click.Choice(_MODES), default="hybrid", show_default=True)
@click.option(
    "--library",
    "libraries",
    multiple=True,
    metavar="NAME",
    help="Name of the library; several times for several.  [default: default]",
)
@click.option("--all-libraries", is_flag=True, help="Search in all libraries at once.")
@common_options
@pass_session
def search(
    session: Session, query: str, limit: int, mode: str, libraries: tuple[str, ...], *, all_libraries: bool
) -> None:
    """Find the documents that answer QUERY, by their best passage.

    Several libraries are searched as one. Those that cannot answer are named on stderr.
    """
    from findling.library.libraries import DEFAULT_LIBRARY
    from findling.search import Mode

    if libraries and all_libraries:
        raise click.UsageError("Give either --library or --all-libraries.")
    known = session.libraries()
    names = (known.names() if all_libraries else libraries) or [DEFAULT_LIBRARY]
    with known.open_several(names) as opened:
        hits = opened.search(query, Mode(mode), limit)
    for name, problem in opened.problems.items():
        message, hint = (problem.message, problem.hint) if isinstance(problem, UserError) else (problem, "")
        session.complain(f"{name} was not searched: {message}", hint)
    if not session.json:
        _print_hits(hits, with_library=len(opened.names) > 1)
    else:
        session.put([hit.to_json() for hit in hits], "")


@click.command("eval")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--mode", type=click.Choice(("all", *_MODES)), default="all", show_default=True)
@click.option(
    "--qrels",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judgements to use instead of qrels/test.tsv.",
)
@library_option
@common_options
@pass_session
def evaluate(session: Session, directory: Path, mode: str, qrels: Path | None, library: str) -> None:
    """Measure a library with the queries and judgements of the collection in DIRECTORY."""
    from findling.evaluation import read_collection, read_qrels
    from findling.jobs import CancelToken
    from findling.library.evaluating import evaluate_library
    from findling.search import Mode

    collection = read_collection(directory)
    judgements = read_qrels(qrels or directory / "qrels" / "test.tsv")
    modes = [Mode(mode)] if mode != "all" else [Mode.KEYWORD, Mode.SEMANTIC, Mode.HYBRID]
    with session.libraries().open(library) as opened, shown(session) as show:
        figures = evaluate_library(opened, collection, judgements, modes, show, CancelToken())
    queries = len([query for query in judgements if query in collection.queries])
    metrics = list(next(iter(figures.values())))
    rows = [f"{'':10}" + "".join(f"{name:>12}" for name in metrics)]
    rows += [
        f"{name:10}" + "".join(f"{values[metric]:12.4f}" for metric in metrics)
        for name, values in figures.items()
    ]
    session.put(
        {"library": library, "queries": queries, "modes": figures},
        "\n".join([f"{queries:,} queries", *rows]),
    )


def _print_hits(hits: list[Hit], *, with_library: bool) -> None:
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
        for start, end in hit.highlights:
            snippet.stylize("bold yellow", start, end)
        console.print(head, overflow="ellipsis", no_wrap=True)
        console.print(Text("    " + hit.path, style="dim"), overflow="fold")
        console.print(Padding(snippet, (0, 0, 0, 4)))
        console.print()
