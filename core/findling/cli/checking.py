"""The verb that verifies and repairs a library: check."""

from __future__ import annotations

from typing import Any

import click

from findling.cli.common import (
    Session,
    common_options,
    follow,
    library_option,
    pass_session,
    size_in_words,
)

_WORDS = {
    "library_file": "library.json cannot be read",
    "model": "the model is not as it was",
    "missing_table": "tables missing",
    "unreadable_table": "tables that cannot be read",
    "other_model": "passages with vectors of another model",
    "words_index": "index of words missing",
    "orphans": "passages that belong to no file",
    "doubled_passages": "passages stored more than once",
    "missing_passages": "passages missing",
    "bad_vectors": "passages with an unusable vector",
    "differing_vectors": "equal passages with different vectors",
    "doubled_paths": "files listed more than once",
    "leftover_tables": "tables that nothing uses",
    "leftover_files": "files that a killed run left",
    "personal_file": "history, saved searches and judgements cannot be read, and are set aside",
}


@click.command()
@click.option("--repair", is_flag=True, help="Take out what is damaged, and read it again.")
@library_option
@common_options
@click.pass_context
@pass_session
def check(session: Session, context: click.Context, library: str, *, repair: bool) -> None:
    """Look for damage in a library: its tables, its vectors, its model.

    Ends with exit code 1 when there is some that is not repaired.
    """
    result = follow(session.libraries().start_check(library, repair=repair), session)
    session.put(result, _text(result, repair=repair))
    if any(not problem["repaired"] for problem in result["problems"]):
        context.exit(1)


def _text(result: dict[str, Any], *, repair: bool) -> str:
    problems: list[dict[str, Any]] = result["problems"]
    left = [problem for problem in problems if not problem["repaired"]]
    state = f"{len(left)} kinds of damage" if len(left) > 1 else "damaged" if left else "all is well"
    lines = [f"{result['library']}: {state}."]
    if result["being_written"]:
        lines.append("It is being written to; figures may change.")
    for problem in problems:
        end = " (repaired)" if problem["repaired"] else ""
        lines.append(f"{problem['count']:>8,} {_WORDS.get(problem['kind'], problem['kind'])}{end}")
        lines += [f"         {example}" for example in problem["examples"]]
    lines.append(
        f"{result['passages']:,} passages, {result['unindexed_rows']:,} not in the index yet; "
        f"{result['versions']:,} versions, {result['fragments']:,} fragments; "
        f"{size_in_words(result['disk_bytes'])} on disk, {size_in_words(result['unneeded_bytes'])} unneeded."
    )
    if left and not repair:
        lines.append(f"Repair it with: findling check --repair --library {result['library']!r}")
    elif left:
        lines.append("What is left needs its folder or its model to be there; else index into a new library.")
    return "\n".join(lines)
