"""The verb that opens a document where a passage of it stands: open."""

from __future__ import annotations

from pathlib import Path

import click

from findling.cli.common import Session, common_options, pass_session


@click.command("open")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--page", type=click.IntRange(min=1), help="The page of a PDF file, counted from 1.")
@click.option("--heading", default="", metavar="TEXT", help="A heading of a web page.")
@click.option("--line", type=click.IntRange(min=1), help="The line of a text.")
@click.option("--reveal", is_flag=True, help="Show it in its folder instead.")
@common_options
@pass_session
def open_document(
    session: Session, path: Path, page: int | None, heading: str, line: int | None, *, reveal: bool
) -> None:
    """Open the file at PATH with the program that you have for it.

    Those that are known to take a page, a heading or a line are led there; for others name a command in the
    settings: "pdf_viewer", "html_viewer", "text_editor".
    """
    from findling.documents import Anchor
    from findling.library import launching

    if reveal:
        command = launching.reveal(path)
    else:
        anchor = Anchor(page=page, line=line, headings=(heading,) if heading else ())
        command = launching.open_file(path, anchor, session.settings())
    session.put({"path": str(path.expanduser().absolute()), "command": command}, "")
