"""The verb that draws a library: map."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, counted, follow, library_option, pass_session

if TYPE_CHECKING:
    from findling.library.mapping import LibraryMap


@click.command(name="map")
@click.option("--again", is_flag=True, help="Draw it anew, even if the library has not changed.")
@library_option
@common_options
@pass_session
def map_library(session: Session, library: str, *, again: bool) -> None:
    """Show what a library is about: groups of documents that are like each other.

    It is drawn as a map, with --json to be had with the place of each document, and kept until the library
    has changed noticeably.
    """
    from findling.library.mapping import read_map, start_drawing

    libraries = session.libraries()
    directory = libraries.existing_directory(library)
    with libraries.open(library) as opened:
        found = None if again else read_map(opened, directory)
        if found is None or found.stale:
            follow(start_drawing(libraries, library), session)
            found = read_map(opened, directory)
    assert found is not None
    session.put(_json(library, found), _text(library, found))


def _json(library: str, found: LibraryMap) -> dict[str, Any]:
    documents = [
        {**asdict(document), "x": x, "y": y, "subject": subject}
        for document, (x, y), subject in zip(
            found.documents, found.places.tolist(), found.subject_of.tolist(), strict=True
        )
    ]
    return {
        "library": library,
        "drawn": found.drawn,
        "documents": documents,
        "subjects": [asdict(subject) for subject in found.subjects],
        "parts": [asdict(part) for part in found.parts],
        "new": found.new,
        "gone": found.gone,
    }


def _text(library: str, found: LibraryMap) -> str:
    lines = [f"{library}: {counted(len(found.documents), 'document', 'documents')}."]
    for place, subject in enumerate(found.subjects):
        lines.append(f"{subject.documents:7}  {subject.name}")
        lines += [f"{part.documents:11}  {part.name}" for part in found.parts if part.part_of == place]
    return "\n".join(lines)
