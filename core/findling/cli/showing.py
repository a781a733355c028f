"""The verb that shows what is read from a file: show."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from findling.cli.common import Session, common_options, counted, pass_session
from findling.errors import ParseError, UserError

if TYPE_CHECKING:
    from findling.chunking import Passage
    from findling.documents import Document
    from findling.documents.pool import Parsed
    from findling.settings import Settings

_WIDTH = 100


@click.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--blocks", "what", flag_value="blocks", default=True, help="As blocks of text (the default).")
@click.option("--passages", "what", flag_value="passages", help="As the passages that are embedded.")
@click.option("--model", default="", metavar="ID", help="The model that passages are cut for.")
@common_options
@pass_session
def show(session: Session, file: Path, what: str, model: str) -> None:
    """Show what Findling reads from FILE, and where in it each part stands.

    FILE may lie in another one: "papers.zip!/letter.eml". Of an archive or a mailbox all files are shown.
    """
    from findling.documents import unpacked

    settings = session.settings()
    place = file.expanduser().absolute()
    try:
        with unpacked(place) as there:
            *inner, whole = _read(there, settings)
            if isinstance(whole.outcome, ParseError) and not inner:
                raise whole.outcome
    except ParseError as error:
        raise UserError(f"{file}: {error}") from error
    documents = [(each.inner.name if each.inner else "", each.outcome) for each in (whole, *inner)]
    cut = _passages(documents, settings, model) if what == "passages" else None
    told = [_told(name, outcome, cut) for name, outcome in documents]
    text = "\n\n".join(_in_words(name, outcome, cut) for name, outcome in documents)
    session.put({"path": str(place), **told[0], "inside": told[1:]}, text)


_Cut = dict[str, "list[Passage]"]


def _read(path: Path, settings: Settings) -> list[Parsed]:
    from findling.documents import ParserPool

    seconds, mebibytes = settings.parse_limit_seconds, settings.parse_limit_mebibytes
    with ParserPool(1, limit_seconds=seconds, limit_mebibytes=mebibytes) as pool:
        return list(pool.parse_all([path]))


def _passages(documents: list[tuple[str, Document | ParseError]], settings: Settings, model: str) -> _Cut:
    from findling.chunking import cut
    from findling.embedding import ensure_installed, open_embedder

    embedder = open_embedder(settings, ensure_installed(settings, model or settings.model))
    most = embedder.max_passage_tokens
    return {
        name: cut(outcome, embedder.count_tokens, most)
        for name, outcome in documents
        if not isinstance(outcome, ParseError)
    }


def _told(name: str, outcome: Document | ParseError, cut: _Cut | None) -> dict[str, Any]:
    """For programs."""
    named = {"name": name} if name else {}
    if isinstance(outcome, ParseError):
        return {**named, "error": type(outcome).__name__, "reason": str(outcome)}
    about = {**named, "kind": outcome.kind, "title": outcome.title, "author": outcome.author}
    if outcome.written:
        about["written"] = outcome.written
    if cut is None:
        blocks = [
            {"kind": block.kind.value, "text": block.text, "anchor": block.anchor.to_json()}
            for block in outcome.blocks
        ]
        return {**about, "blocks": blocks}
    passages = [
        {
            "text": passage.text,
            "context": passage.context,
            "start": passage.start,
            "end": passage.end,
            "tokens": passage.tokens,
            "anchor": passage.anchor.to_json(),
        }
        for passage in cut[name]
    ]
    return {**about, "passages": passages}


def _in_words(name: str, outcome: Document | ParseError, cut: _Cut | None) -> str:
    """For people."""
    if isinstance(outcome, ParseError):
        return f"{name}: {outcome}"
    parts = cut[name] if cut is not None else outcome.blocks
    what = counted(len(parts), *(("block", "blocks") if cut is None else ("passage", "passages")))
    about = filter(None, (outcome.title, outcome.author, outcome.written, outcome.kind, what))
    lines = [*filter(None, (name, " · ".join(about)))]
    if cut is None:
        for block in outcome.blocks:
            lines += ["", f"[{_place(block.kind.value, block.anchor.label())}]", *_wrapped(block.text)]
    else:
        for passage in cut[name]:
            tokens = counted(passage.tokens, "token", "tokens")
            lines += ["", f"[{_place(tokens, passage.anchor.label())}]", *_wrapped(passage.content)]
    return "\n".join(lines)


def _place(what: str, label: str) -> str:
    return f"{what} · {label}" if label else what


def _wrapped(text: str) -> list[str]:
    return [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(paragraph, _WIDTH, replace_whitespace=False, drop_whitespace=False) or [""]
    ]
