"""Pairs for training elsewhere: JSON lines as sentence-transformers reads them, or a collection (BEIR)."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from findling.settings import private_directory, replacing
from findling.store import disk_errors

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from findling.synthesis.pair import Pair


class Form(StrEnum):
    """How pairs are written down."""

    JSONL = "jsonl"
    BEIR = "beir"


def export_pairs(pairs: Iterable[Pair], path: Path, form: Form = Form.JSONL) -> int:
    """Write `pairs` to the file at `path`, or with `Form.BEIR` into the directory `path`, replacing what has
    the same name there; return how many. Raises `DiskFull`, `PlaceNotWritable`.

    JSON lines have `query`, `positive` (its text), `kind`, `origin`, `generator`, `language`, `id`,
    `passage_id`, `document_id`. In a collection documents are the passages; where a pair leaves out a part of
    its passage, that is another one, named after the pair, too.
    """
    with disk_errors(path):
        if form is Form.BEIR:
            return _export_collection(list(pairs), private_directory(path))
        rows = [_row(pair) for pair in pairs]
        _write_lines(path, map(_line, rows))
        return len(rows)


def _export_collection(pairs: list[Pair], directory: Path) -> int:
    texts: dict[str, str] = {}
    qrels = ["query-id\tcorpus-id\tscore\n"]
    for pair in pairs:
        name, text = pair.positive.passage_id, pair.positive.text
        if texts.setdefault(name, text) != text:
            name = f"{name}-{pair.id}"
            texts[name] = text
        qrels.append(f"{pair.id}\t{name}\t1\n")
    corpus = ({"_id": name, "title": "", "text": text} for name, text in texts.items())
    _write_lines(directory / "corpus.jsonl", map(_line, corpus))
    _write_lines(directory / "queries.jsonl", (_line({"_id": pair.id, "text": pair.query}) for pair in pairs))
    _write_lines(private_directory(directory / "qrels") / "test.tsv", qrels)
    return len(pairs)


def _row(pair: Pair) -> dict[str, Any]:
    return {
        "query": pair.query,
        "positive": pair.positive.text,
        "kind": pair.provenance.kind,
        "origin": pair.provenance.origin.value,
        "generator": pair.provenance.generator,
        "language": pair.language,
        "id": pair.id,
        "passage_id": pair.positive.passage_id,
        "document_id": pair.positive.document_id,
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with replacing(path) as file:
        file.writelines(line.encode(errors="replace") for line in lines)
