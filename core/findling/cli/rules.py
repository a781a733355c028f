"""Verbs about which files a library looks at: rules, why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, follow, library_option, pass_session

if TYPE_CHECKING:
    from findling.library import Rules
    from findling.library.why import Answer

#: The option that a field of `Rules` is set with.
_OPTIONS = {
    "include": "--include",
    "exclude": "--exclude",
    "hidden": "--no-hidden",
    "links": "--no-links",
    "families_off": "--without",
}


@click.command()
@click.option(
    "--include", multiple=True, metavar="GLOB", help='Only files like this, as in .gitignore; "": all.'
)
@click.option("--exclude", multiple=True, metavar="GLOB", help='No files or folders like this; "": none.')
@click.option("--hidden/--no-hidden", default=None, help="Hidden files and folders too.")
@click.option("--links/--no-links", default=None, help="Follow links to folders.")
@click.option(
    "--largest",
    "largest_mebibytes",
    type=int,
    metavar="MEBIBYTES",
    help="Skip larger files; 0: as the setting file_limit_mebibytes says.",
)
@click.option(
    "--without", "families_off", multiple=True, metavar="FAMILY", help='No such files: pdf, html …; "": all.'
)
@click.option(
    "--ignore-files/--no-ignore-files", default=None, help="Obey .gitignore and .findlingignore files."
)
@click.option("--reset", is_flag=True, help="Begin with the rules of a new library.")
@library_option
@common_options
@pass_session
def rules(session: Session, library: str, *, reset: bool, **named: Any) -> None:
    """Show which files a library looks at; change it, and bring the library up to date.

    What is not named stays as it is; a list is replaced as a whole.
    """
    from findling.library import Rules

    libraries = session.libraries()
    before = libraries.info(library).rules
    changes = {name: value for name, value in named.items() if value not in (None, ())}
    changes |= {name: () for name, value in changes.items() if value == ("",)}
    after = replace(Rules() if reset else before, **changes)
    if after != before:
        follow(libraries.start_index(library, rules=after), session)
    session.put(after.to_json(), _text(after))


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@library_option
@common_options
@pass_session
def why(session: Session, path: Path, library: str) -> None:
    """Say whether the file PATH is indexed, and if not why: its fault, or the rule that leaves it out."""
    with session.libraries().open(library) as opened:
        answer = opened.why(path)
    left_out = answer.left_out
    session.put(
        {
            "path": str(answer.path),
            "state": answer.standing.value,
            "reason": answer.reason,
            "rule": left_out.rule if left_out else "",
            "source": left_out.source if left_out else "",
        },
        f"{answer.path}: {_sentence(answer, library)}",
    )


def _sentence(answer: Answer, library: str) -> str:
    from findling.library.why import Standing

    because = f": {answer.reason}" if answer.reason else ""
    sentences = {
        Standing.INDEXED: "indexed.",
        Standing.SKIPPED: f"skipped{because}.",
        Standing.FAILED: f"failed{because}.",
        Standing.WAITING: f"not looked at yet{because}. Run 'findling index'.",
        Standing.FOLDER: "a folder; its files are looked at.",
        Standing.NO_FILE: "neither a file nor a folder.",
        Standing.OUTSIDE: f"lies in no folder of the library {library!r}. Add it: findling index FOLDER.",
        Standing.MISSING: "does not exist.",
    }
    sentence = sentences.get(answer.standing, "")
    if answer.left_out is not None:
        rule, source = answer.left_out.rule, answer.left_out.source
        named = " ".join(part for part in (_OPTIONS.get(source, ""), rule) if part)
        sentence = {
            "hidden": "left out, because it is hidden, or lies in a hidden folder (--no-hidden).",
            "links": "left out, because it is, or is reached by, a link to a folder (--no-links).",
            "include": f"left out, because no pattern names it ({named}).",
        }.get(source, f"left out by {named}." if source in _OPTIONS else f"left out by {rule} in {source}.")
    if answer.row_kept:
        sentence += " The index holds it until the next run."
    return sentence


def _text(rules: Rules) -> str:
    def listed(values: tuple[str, ...], none: str) -> str:
        return "  ".join(values) or none

    largest = f"{rules.largest_mebibytes} MB" if rules.largest_mebibytes else "as the setting says"
    return "\n".join(
        (
            f"Include       {listed(rules.include, 'all files')}",
            f"Exclude       {listed(rules.exclude, 'none')}",
            f"Without       {listed(rules.families_off, 'all families of files are read')}",
            f"Largest file  {largest}",
            f"Hidden files  {'looked at' if rules.hidden else 'left out'}",
            f"Links         {'to folders are followed' if rules.links else 'to folders are not followed'}",
            f"Ignore files  {'obeyed' if rules.ignore_files else 'not obeyed'}",
        )
    )
