"""The verb that measures: eval."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, counted, pass_session, shown
from findling.evaluation import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from findling.evaluation import Evaluation
    from findling.library import Libraries
    from findling.library.evaluating import Evaluated, Measuring
    from findling.search import Mode

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DEFAULT_DEPTH = 100
_DEFAULT_WORST = 20
#: Columns of the terminal that a table may take where the output is no terminal.
_WIDTH = 160


def _modes(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> list[Mode]:
    """The modes that were asked for, each once. They are looked up when they are needed."""
    from findling.search import Mode

    choices = click.Choice(("all", "none", *map(str, Mode)))
    names = [choices.convert(name, parameter, context) for name in value]
    if not names or "all" in names:
        return list(Mode)
    return [Mode(name) for name in dict.fromkeys(names) if name != "none"]


@click.command("eval")
@click.argument("directory", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--own", is_flag=True, help="Measure by what was judged in the library: no DIRECTORY.")
@click.option(
    "--library",
    "libraries",
    multiple=True,
    metavar="NAME",
    help="Name of the library; several times to measure several.  [default: default]",
)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    metavar="MODE",
    callback=_modes,
    help="A mode of search, several times for several; all; none: only the runs.  [default: all]",
)
@click.option("--qrels", type=_FILE, help="Judgements to use instead of qrels/test.tsv: BEIR, TREC or CSV.")
@click.option(
    "--run", "run_files", multiple=True, type=_FILE, help="A TREC run of another system to measure."
)
@click.option(
    "--save-runs",
    "save_to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write what was ranked as TREC runs, SYSTEM.run each, to this directory.",
)
@click.option(
    "--baseline",
    default="",
    metavar="SYSTEM",
    help="The system that others are compared with.  [default: the first]",
)
@click.option("--metric", type=click.Choice(METRICS), default=METRICS[0], show_default=True)
@click.option(
    "--queries", is_flag=True, help="Show single queries too, in --metric: the biggest losses first."
)
@click.option("--worst", type=click.IntRange(min=1), metavar="N", help="So many queries.  [default: 20]")
@click.option("--all", "every", is_flag=True, help="All queries.")
@click.option(
    "--depth",
    type=click.IntRange(100, 1000),
    default=_DEFAULT_DEPTH,
    show_default=True,
    help="Documents in a ranking. MAP depends on it.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the tests' chance."
)
@common_options
@pass_session
def evaluate(
    session: Session,
    directory: Path | None,
    libraries: tuple[str, ...],
    modes: list[Mode],
    qrels: Path | None,
    run_files: tuple[Path, ...],
    save_to: Path | None,
    baseline: str,
    metric: str,
    worst: int | None,
    depth: int,
    seed: int,
    *,
    own: bool,
    queries: bool,
    every: bool,
) -> None:
    """Measure libraries with the queries and judgements of the collection in DIRECTORY, or a library by its
    --own judgements.

    Each mode of each library is a system, each run is another. They are compared with the baseline on the
    same queries: mean difference, its 95 % interval by the bootstrap, and p of a randomisation test.
    """
    from findling.evaluation import read_run, write_run
    from findling.library.evaluating import Measuring, second_look_names, system_names
    from findling.library.libraries import DEFAULT_LIBRARY

    if every and worst:
        raise click.UsageError("Give either --worst or --all.")
    if not modes and not run_files:
        raise click.UsageError("Without a mode there must be a --run to measure.")
    names = list(dict.fromkeys(libraries)) or [DEFAULT_LIBRARY]
    if own == bool(directory) or (own and (qrels or len(names) > 1)):
        raise click.UsageError("Give a DIRECTORY, or --own and one library.")
    known = session.libraries()
    systems = system_names(names, modes)
    again = second_look_names(systems, known.settings) if directory else {}
    own_systems = [*systems.values(), *again.values()]
    files = _by_system(run_files, own_systems)
    runs = {name: read_run(file, depth) for name, file in files.items()}
    with shown(session) as show:
        how = Measuring(runs, baseline, depth, seed, show)
        if directory is None:
            evaluated = _by_own_judgements(session, known, names[0], modes, how)
        else:
            evaluated = _by_collection(known, names, directory, qrels, modes, how)
    saved = {name: save_to / f"{name}.run" for name in own_systems} if save_to else {}
    for name, file in saved.items():
        write_run(file, evaluated.runs[name], name)

    single: list[str] = []
    if queries or every or worst:
        ordered = evaluated.evaluation.worst_first(metric)
        single = ordered if every else ordered[: worst or _DEFAULT_WORST]
    if not session.json:
        _print(evaluated, metric, depth, single, saved.values())
        return
    described: list[dict[str, Any]] = [
        {"name": name, "library": library, "mode": f"{mode}{look}", "model": known.info(library).active.model}
        for group, look in ((systems, ""), (again, "+rerank"))
        for (library, mode), name in group.items()
    ]
    described += [{"name": name, "run": str(file)} for name, file in files.items()]
    value = {
        "library": names[0] if modes else None,
        **_to_json(evaluated, described, metric, single),
        "metric": metric,
        "depth": depth,
    }
    if saved:
        value["saved_runs"] = [str(file) for file in saved.values()]
    session.put({**value, "seed": seed}, "")


def _by_collection(
    known: Libraries,
    names: Sequence[str],
    directory: Path,
    qrels: Path | None,
    modes: Sequence[Mode],
    how: Measuring,
) -> Evaluated:
    from findling.evaluation import QRELS_FILE, read_collection, read_qrels
    from findling.library.evaluating import evaluate_libraries

    collection = read_collection(directory)
    judgements = read_qrels(qrels or directory / QRELS_FILE)
    return evaluate_libraries(known, names, collection, judgements, modes, how)


def _by_own_judgements(
    session: Session, known: Libraries, name: str, modes: Sequence[Mode], how: Measuring
) -> Evaluated:
    """Says on stderr how many judgements are not found now."""
    from findling.library.evaluating import evaluate_systems
    from findling.library.judgements import own_judgements
    from findling.search import Question

    with known.open(name) as library:

        def rank(text: str, mode: Mode) -> list[str]:
            asked = Question(text, mode, how.depth, literal=True, fold=False, bare=True, once=True)
            return [hit.document_id for hit in library.answer(asked).hits]

        own = own_judgements(library)
        if own.unresolved:
            session.complain(
                f"Judgements that are not found now, and do not count: {len(own.unresolved):,}.",
                "See: findling judgements.",
            )
        return evaluate_systems(own.queries, own.qrels, rank, modes, how)


def _by_system(files: Sequence[Path], taken: Iterable[str]) -> dict[str, Path]:
    """Run files by the name of their system: that of the file, or all of its path where that is taken."""
    named: dict[str, Path] = {}
    used = set(taken)
    for file in files:
        short = Path(file.name.removesuffix(".gz")).stem
        name = str(file) if short in used else short
        if file in named.values() or name in used:
            raise click.UsageError(f"The run {file} is given twice.")
        used.add(name)
        named[name] = file
    return named


def _to_json(
    evaluated: Evaluated, described: Sequence[dict[str, Any]], metric: str, queries: Sequence[str]
) -> dict[str, Any]:
    evaluation = evaluated.evaluation
    blank = {"name": "", "library": None, "mode": None, "model": None, "run": None}
    systems = [
        {**blank, **system, "metrics": evaluation.system(system["name"]).means} for system in described
    ]
    value: dict[str, Any] = {
        "queries": len(evaluation.queries),
        "queries_without_text": len(evaluated.without_text),
        "modes": {
            system["mode"]: system["metrics"]
            for system in systems
            if system["mode"] and system["library"] == systems[0]["library"]
        },
        "systems": systems,
        "baseline": evaluation.baseline,
        "comparisons": [
            {"system": comparison.system, "metric": comparison.metric, **asdict(comparison.difference)}
            for comparison in evaluation.comparisons
        ],
    }
    if queries:
        value["per_query"] = [
            {
                "query": query,
                "text": evaluated.queries[query],
                "values": {system.name: system.by_query[query] for system in evaluation.systems},
                "differences": evaluation.differences(query, metric),
            }
            for query in queries
        ]
    return value


def _print(
    evaluated: Evaluated, metric: str, depth: int, queries: Sequence[str], saved: Iterable[Path]
) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    evaluation = evaluated.evaluation
    left_out = len(evaluated.without_text)
    console.print(
        f"{counted(len(evaluated.queries), 'query', 'queries')}, rankings of {depth:,} documents"
        + (f"; left out without a text: {left_out:,}" if left_out else "")
    )
    _print_means(console, evaluation)
    if evaluation.comparisons:
        _print_differences(console, evaluation, metric)
    if queries:
        _print_queries(console, evaluated, metric, queries)
    for file in saved:
        console.print(f"Written: {file}", soft_wrap=True, markup=False)


def _print_means(console: Console, evaluation: Evaluation) -> None:
    table = _table("system", METRICS)
    for system in evaluation.systems:
        table.add_row(_plain(system.name), *(f"{system.means[name]:.4f}" for name in METRICS))
    console.print(table)


def _print_differences(console: Console, evaluation: Evaluation, metric: str) -> None:
    table = _table(
        f"{metric} minus {evaluation.baseline}",
        ("difference", "95 % interval", "p", "wins/ties/losses", "would show"),
    )
    for comparison in evaluation.comparisons:
        if comparison.metric != metric:
            continue
        found = comparison.difference
        table.add_row(
            _plain(comparison.system),
            f"{found.mean:+.4f}",
            f"{found.low:+.4f} … {found.high:+.4f}",
            f"{found.p:.4f}",
            f"{found.wins:,}/{found.ties:,}/{found.losses:,}",
            "" if found.smallest is None else f"{found.smallest:.4f}",
        )
    console.print(table)
    console.print("would show: the difference that so many queries reveal, four times in five", style="dim")


def _print_queries(console: Console, evaluated: Evaluated, metric: str, queries: Iterable[str]) -> None:
    evaluation = evaluated.evaluation
    others = [system.name for system in evaluation.systems if system.name != evaluation.baseline]
    table = _table("query", (*(system.name for system in evaluation.systems), *(f"Δ {n}" for n in others)))
    table.add_column("text", overflow="fold")
    for query in queries:
        differences = evaluation.differences(query, metric)
        values = [f"{system.by_query[query][metric]:.3f}" for system in evaluation.systems]
        values += [f"{differences[name]:+.3f}" for name in others]
        table.add_row(_plain(query), *values, _plain(evaluated.queries[query]))
    console.print(f"{metric} by query")
    console.print(table)


def _table(first: str, figures: Iterable[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_plain(first), overflow="fold")
    for name in figures:
        table.add_column(_plain(name), justify="right", overflow="fold")
    return table


def _plain(text: str) -> Text:
    """Text that is shown as it is, whatever brackets it has."""
    from rich.text import Text

    return Text(text)
