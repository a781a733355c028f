"""Verbs about tuning runs: runs list, show, report, promote, rollback, delete."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from findling.cli.common import Session, common_options, pass_session
from findling.cli.tune import promoted, said_of

if TYPE_CHECKING:
    from findling.adaptation.runs import Run
    from findling.library import Libraries


@click.group()
def runs() -> None:
    """What was tuned, how it was judged, and what answers now."""


@runs.command("list")
@click.option("--library", default="", help="Of this library alone.")
@common_options
@pass_session
def list_(session: Session, library: str) -> None:
    """All runs, the last one first."""
    from findling.adaptation.runs import runs_of

    libraries = session.libraries()
    names = [library] if library else libraries.names()
    found = [run for name in names for run in runs_of(libraries, name)]
    lines = [f"{run.id}  {run.library:<16} {run.stage:<9} {run.verdict}" for run in found]
    session.put([run.to_json() for run in found], "\n".join(lines) or "Nothing was tuned yet.")


@runs.command()
@click.argument("run")
@common_options
@pass_session
def show(session: Session, run: str) -> None:
    """What a run did and found; its id may be cut short."""
    from findling.adaptation.runs import run_called

    found = run_called(session.libraries(), run)
    there = f"\n  Report: {found.report}" if found.report.exists() else ""
    session.put(found.to_json(), said_of(found) + there)


@runs.command("report")
@click.argument("run")
@click.option("--open", "opened", is_flag=True, help="Show it in your browser.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Copy the page there.")
@common_options
@pass_session
def report_(session: Session, run: str, output: Path | None, *, opened: bool) -> None:
    """Where the page about a run lies; of one that did not come to its end it is written now."""
    import json
    import shutil

    from findling.adaptation.report import JSON_FILE
    from findling.adaptation.runs import run_called

    libraries = session.libraries()
    page = _page(libraries, run_called(libraries, run))
    shown = page
    if output is not None:
        shutil.copyfile(page, output)
        shown = output
    if opened:
        from findling.documents import Anchor
        from findling.library import launching

        launching.open_file(shown, Anchor(), session.settings())
    session.put(json.loads(page.with_name(JSON_FILE).read_text("utf-8")), str(shown))


def _page(libraries: Libraries, run: Run) -> Path:
    """The page of a run, which is there where it was judged."""
    from findling.adaptation.report import write_report
    from findling.adaptation.runs import Stage

    if run.report.exists() and run.stage in (Stage.JUDGED, Stage.PROMOTED):
        return run.report
    with libraries.open(run.library) as library:
        return write_report(run, library)


@runs.command()
@click.argument("run")
@common_options
@pass_session
def promote(session: Session, run: str) -> None:
    """Let the run's model take over; searches go on meanwhile."""
    from findling.adaptation.runs import run_called

    libraries = session.libraries()
    found = promoted(libraries, run_called(libraries, run), session)
    session.put(found.to_json(), said_of(found))


@runs.command()
@click.argument("run")
@common_options
@pass_session
def rollback(session: Session, run: str) -> None:
    """Let what answered before the run's model answer again, at once."""
    from findling.adaptation.flow import roll_back
    from findling.adaptation.runs import run_called

    libraries = session.libraries()
    found = roll_back(libraries, run_called(libraries, run))
    session.put(found.to_json(), said_of(found))


@runs.command()
@click.argument("run")
@common_options
@pass_session
def delete(session: Session, run: str) -> None:
    """Remove a run, its pairs and its model."""
    from findling.adaptation.runs import delete_run, run_called

    libraries = session.libraries()
    found = run_called(libraries, run)
    delete_run(libraries, found)
    session.put({"deleted": found.id}, f"Deleted run {found.id}.")
