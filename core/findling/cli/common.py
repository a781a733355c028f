"""What all verbs share: their common options, output as text or JSON, progress on the terminal."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from findling.errors import Cancelled, JobFailed, UserError
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from findling.jobs import ChildJob, Progress
    from findling.library import Libraries

    Command = Callable[..., Any]

_C = TypeVar("_C", bound="Callable[..., Any]")

#: Exit code, as of a shell.
INTERRUPTED = 130
#: Those of `findling.search.Mode`, which is not loaded before it is needed.
MODES = ("hybrid", "semantic", "keyword")


@dataclass(slots=True)
class Session:
    """One run of the program: what the common options said."""

    home: Path | None = None
    json: bool = False
    debug: bool = False

    def home_places(self) -> Home:
        """The chosen home."""
        return Home.at(self.home) if self.home else Home.default()

    def settings(self) -> Settings:
        """The settings of the chosen home, whose component counts from now on. Raises `SettingsError`."""
        from findling.component import activate

        home = self.home_places()
        activate(home)
        return Settings.load(home)

    def libraries(self, reranker: str | None = None) -> Libraries:
        """The libraries of the chosen home, with this reranker instead of the settings' unless None."""
        from findling.library import Libraries

        settings = self.settings()
        return Libraries(settings if reranker is None else replace(settings, reranker=reranker))

    def put(self, value: Any, text: str) -> None:
        """Print the verb's result: `value` as JSON where that was asked for, else `text`."""
        if self.json:
            click.echo(json.dumps(value, ensure_ascii=False, indent=2))
        elif text:
            click.echo(text)

    def complain(self, message: str, hint: str = "", **place: int) -> None:
        """Print what went wrong on stderr, in one line: as the object `{error, hint}` with `--json`, and with
        `start` and `end` where it stands at these characters of a query."""
        if self.json:
            told = {"error": message, "hint": hint, **place}
            click.echo(json.dumps(told, ensure_ascii=False), err=True)
        else:
            click.echo(f"findling: {message} {hint}".rstrip(), err=True)


pass_session = click.make_pass_decorator(Session)


def common_options(command: _C) -> _C:
    """`--home`, `--json` and `--debug`, accepted before and after the verb."""

    def store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value and parameter.name:
            setattr(context.find_root().obj, parameter.name, value)

    options = (
        click.option(
            "--home",
            type=click.Path(path_type=Path, file_okay=False),
            callback=store,
            expose_value=False,
            help="Keep all state under this directory (or FINDLING_HOME).",
        ),
        click.option(
            "--json", is_flag=True, callback=store, expose_value=False, help="Print JSON on stdout."
        ),
        click.option("--debug", is_flag=True, callback=store, expose_value=False, help="Show tracebacks."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def library_option(command: _C) -> _C:
    """`--library NAME`."""
    return click.option(
        "--library", "library", default="default", show_default=True, help="Name of the library."
    )(command)


def follow(job: ChildJob, session: Session) -> Any:
    """Show a job's progress until it ends, and return its result. Ctrl-C cancels it.

    Raises what the job raises.
    """
    with job, shown(session) as show:
        try:
            while not job.wait(0.1):
                show(job.progress)
        except KeyboardInterrupt:
            job.close()
            raise
        return job.result()


@contextmanager
def resumable(session: Session, how: Callable[[], str]) -> Generator[None]:
    """Say `how` to go on where the block's job fails or is interrupted. Raises `UserError`, and
    `click.exceptions.Exit`."""
    try:
        yield
    except JobFailed as error:
        raise UserError(str(error), how()) from error
    except (KeyboardInterrupt, Cancelled) as stopped:
        session.complain("Interrupted.", how())
        raise click.exceptions.Exit(INTERRUPTED) from stopped


@contextmanager
def shown(session: Session) -> Generator[Callable[[Progress], None]]:
    """A function that draws a `Progress` on the terminal; silent where stderr is none or JSON is wanted."""
    if session.json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.fields[of]} {task.fields[unit]}"),
        TextColumn("{task.fields[pace]}"),
        TextColumn("[dim]{task.fields[detail]}"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None, of="?", unit="", pace="", detail="")

        def show(progress: Progress) -> None:
            bar.update(
                task,
                description=progress.phase,
                completed=progress.done,
                total=progress.total,
                of=f"{progress.total:,}" if progress.total is not None else "?",
                unit=progress.unit,
                pace=_pace(progress),
                detail=Path(progress.detail).name[:50],
            )

        yield show


def _pace(progress: Progress) -> str:
    parts: list[str] = []
    if progress.per_second is not None:
        parts.append(f"{progress.per_second:.1f} {progress.unit}/s")
    if progress.remaining_seconds is not None:
        minutes, seconds = divmod(round(progress.remaining_seconds), 60)
        parts.append(f"{minutes}:{seconds:02} left")
    return ", ".join(parts)


def counted(count: int, one: str, several: str) -> str:
    """A number of things for a person: "1 query", "1,200 queries"."""
    return f"{count:,} {one if count == 1 else several}"


def size_in_words(count: float) -> str:
    """Bytes for a person: "3.2 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
