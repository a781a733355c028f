"""The verbs that look at a file of pairs: synth review, report and export."""

from __future__ import annotations

import difflib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, counted, pass_session
from findling.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from findling.synthesis.pair import Pair
    from findling.synthesis.pair_set import PairSet

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
#: Those of `findling.synthesis.pair_export.Form`, which is not loaded before it is needed.
FORMS = ("jsonl", "beir")
#: Damaged lines that are named of a longer list.
_LINES_SHOWN = 5


@click.command()
@_FILE
@click.option("--list", "listed", is_flag=True, help="List the pairs. The default without a terminal.")
@click.option("--kept", "state", flag_value="kept", help="Those that are kept.")
@click.option("--rejected", "state", flag_value="rejected", help="Those that are left out.")
@click.option("--kind", default="", metavar="KIND", help="Those of a kind of query.")
@click.option("-n", "limit", type=click.IntRange(min=1), help="List no more than so many.")
@click.option("--add", "added", nargs=2, multiple=True, metavar="PASSAGE_ID QUERY", help="Ask of a passage.")
@click.option("--edit", "edits", nargs=2, multiple=True, metavar="ID QUERY", help="Give it another query.")
@click.option("--drop", "drops", multiple=True, metavar="ID", help="Leave it out.")
@click.option(
    "--restore",
    "restored",
    multiple=True,
    metavar="ID",
    help="Take back a drop; keep it whatever filters say.",
)
@click.option("--mark", "marked", multiple=True, metavar="ID", help="Let it be an example for further ones.")
@click.option("--unmark", "unmarked", multiple=True, metavar="ID", help="No longer.")
@common_options
@pass_session
def review(
    session: Session,
    file: Path,
    state: str | None,
    kind: str,
    limit: int | None,
    added: tuple[tuple[str, str], ...],
    edits: tuple[tuple[str, str], ...],
    drops: tuple[str, ...],
    restored: tuple[str, ...],
    marked: tuple[str, ...],
    unmarked: tuple[str, ...],
    *,
    listed: bool,
) -> None:
    """Page through the pairs in FILE, edit and drop them, and add your own.

    Every change is on the disk at once, and can be taken back. What a person keeps or writes stays, whatever
    the filters say. Changes given as options are all made, or none of them.
    """
    from findling.synthesis.pair_file import PairWriter, edited, own_pair, read_pairs
    from findling.synthesis.pair_set import passages_of

    found = read_pairs(file)
    _tell_damage(session, found)
    changes: list[dict[str, Any]] = []
    ids: list[str] = []
    if added:
        passages = passages_of(found)
        for passage_id, query in added:
            source = passages[_known(passage_id, passages, "passage", file)]
            pair = own_pair(source.positive, query, source.language)
            changes.append({"add": pair.to_json()})
            ids.append(pair.id)
    changes += [edited(pair_id, query) for pair_id, query in edits]
    changes += [{"drop": {"id": pair_id, "reason": ""}} for pair_id in drops]
    changes += [{"restore": {"id": pair_id}} for pair_id in restored]
    changes += [{"mark": {"id": pair_id, "example": True}} for pair_id in marked]
    changes += [{"mark": {"id": pair_id, "example": False}} for pair_id in unmarked]
    named = [*(pair_id for pair_id, _ in edits), *drops, *restored, *marked, *unmarked]
    ids += [_known(pair_id, found.pairs, "pair", file) for pair_id in named]
    if changes:
        if listed or state or kind or limit:
            raise click.UsageError("Either list pairs or change them.")
        with PairWriter(file) as writer:
            writer.write(changes)
        for change in changes:
            found.fold(change)
        _put(session, found, [found.pairs[pair_id] for pair_id in dict.fromkeys(ids)])
        return
    chosen = list(_chosen(found, state, kind))
    if listed or limit or session.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        _put(session, found, chosen[:limit])
        return
    from findling.cli.pair_pages import page_through

    page_through(found, chosen)


@click.command()
@_FILE
@click.option("--library", help="Compare with this library, which they were made of, and your own queries.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn at random.")
@common_options
@pass_session
def report(session: Session, file: Path, library: str | None, seed: int) -> None:
    """Say how good the pairs in FILE are, and whether they are enough to tune with."""
    from findling.library.synthesis_plans import quality_of_file
    from findling.synthesis.pair_file import read_pairs
    from findling.synthesis.quality import quality_of

    found = read_pairs(file)
    _tell_damage(session, found)
    if library is None:
        quality = quality_of(found, seed=seed)
    else:
        quality = quality_of_file(session.libraries(), library, file, seed)
    value = {"file": str(file.absolute()), "damaged_lines": found.damaged_lines, **quality.to_json()}
    session.put(value, "" if session.json else quality.text())


@click.command()
@_FILE
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--form", type=click.Choice(FORMS), default="jsonl", show_default=True, help="What to write.")
@common_options
@pass_session
def export(session: Session, file: Path, target: Path, form: str) -> None:
    """Write the kept pairs in FILE for training elsewhere: into the file TARGET, as JSON lines that
    sentence-transformers reads, or into the directory TARGET, as a test collection (BEIR)."""
    from findling.synthesis.pair_export import Form, export_pairs
    from findling.synthesis.pair_file import read_pairs

    if target.exists() and (not target.is_dir() or form == Form.JSONL or any(target.iterdir())):
        raise UserError(f"{target} is there already.", "Name another place.")
    found = read_pairs(file)
    _tell_damage(session, found)
    if not any(found.kept):
        raise UserError(f"{file} has no pair that is kept.", "See why: findling synth report")
    count = export_pairs(found.kept, target, Form(form))
    value = {"file": str(file.absolute()), "target": str(target.absolute()), "form": form, "pairs": count}
    session.put(value, f"{target}: {counted(count, 'pair', 'pairs')}.")


def _tell_damage(session: Session, found: PairSet) -> None:
    lines = found.damaged_lines
    if lines:
        named = ", ".join(f"{line:,}" for line in lines[:_LINES_SHOWN])
        more = "…" if len(lines) > _LINES_SHOWN else ""
        session.complain(f"Lines of {found.path} that are damaged, and do not count: {named}{more}.")


def _chosen(found: PairSet, state: str | None, kind: str) -> Iterator[Pair]:
    kinds = {pair.provenance.kind for pair in found.pairs.values()}
    if kind and kind not in kinds:
        known = ", ".join(sorted(kinds))
        raise UserError(f"{found.path} has no pairs of the kind {kind!r}.", f"It has: {known}.")
    for pair in found.pairs.values():
        if state in (None, _state(found, pair)) and kind in ("", pair.provenance.kind):
            yield pair


def _state(found: PairSet, pair: Pair) -> str:
    return "kept" if found.keeps(pair) else "rejected"


def _known(name: str, names: Mapping[str, Pair], what: str, file: Path) -> str:
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    raise UserError(f"{file} has no {what} {name!r}.", f"The nearest is {close[0]!r}." if close else "")


def _put(session: Session, found: PairSet, pairs: list[Pair]) -> None:
    lines = [] if session.json else [_line(found, pair) for pair in pairs]
    session.put([_shape(found, pair) for pair in pairs], "\n".join(lines) or "No such pairs.")


def _line(found: PairSet, pair: Pair) -> str:
    marks = ", ".join(
        mark
        for mark, given in (
            ("example", pair.id in found.examples),
            ("edited", pair.id in found.edited),
            (found.reason(pair), not found.keeps(pair)),
        )
        if given
    )
    return f"{pair.id}  {_state(found, pair):8}  {pair.provenance.kind:12}  {pair.query}" + (
        f"  ({marks})" if marks else ""
    )


def _shape(found: PairSet, pair: Pair) -> dict[str, Any]:
    """The shape of a pair."""
    return {
        "id": pair.id,
        "query": pair.query,
        "kind": pair.provenance.kind,
        "origin": pair.provenance.origin.value,
        "language": pair.language,
        "state": _state(found, pair),
        "rejected_by": found.rejected_by(pair),
        "reason": found.reason(pair),
        "query_before": found.edited.get(pair.id),
        "example": pair.id in found.examples,
        "passage": asdict(pair.positive),
        "verdicts": [asdict(verdict) for verdict in pair.verdicts],
    }
