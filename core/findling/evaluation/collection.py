"""Test collections in BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from findling.errors import CollectionError
from findling.evaluation.lines import read_lines, write_lines, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: In a collection's directory.
CORPUS_FILE = "corpus.jsonl"
QUERIES_FILE = "queries.jsonl"
QRELS_FILE = "qrels/test.tsv"


@dataclass(frozen=True, slots=True)
class Record:
    """A document of a collection."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Where a collection's parts are, and its queries by id. The corpus is read as it is needed."""

    corpus: Path
    queries: dict[str, str]

    def records(self) -> Iterator[Record]:
        """The documents in file order. Raises `CollectionError` naming the line that is wrong."""
        for number, line in _json_lines(self.corpus):
            text = line.get("text") or ""
            title = line.get("title") or ""
            if "_id" not in line or not isinstance(text, str) or not isinstance(title, str):
                raise wrong(self.corpus, number, "needs _id, and text as a string")
            yield Record(str(line["_id"]), title, text)


def read_collection(directory: Path) -> Collection:
    """Read the queries of the collection in `directory`.

    Raises `CollectionError` when there is no corpus, or a file is not as it should be. A collection
    without `queries.jsonl` has no queries.
    """
    corpus = directory / CORPUS_FILE
    if not corpus.is_file():
        raise CollectionError(
            f"{directory} is no BEIR directory: {CORPUS_FILE} is missing.",
            "It needs corpus.jsonl, queries.jsonl and qrels/test.tsv.",
        )
    path = directory / QUERIES_FILE
    return Collection(corpus, read_queries(path) if path.is_file() else {})


def read_queries(path: Path) -> dict[str, str]:
    """Read the texts of queries by id, a JSON object with `_id` and `text` in each line. Raises
    `CollectionError` naming the line that is wrong."""
    queries: dict[str, str] = {}
    for number, line in _json_lines(path):
        if "_id" not in line or not isinstance(line.get("text"), str):
            raise wrong(path, number, "needs _id, and text as a string")
        queries[str(line["_id"])] = line["text"]
    return queries


def write_collection_records(directory: Path, records: Iterable[Record]) -> None:
    """Write the documents of the collection in `directory`, which is made if need be. Raises
    `PlaceNotWritable`."""
    lines = ({"_id": record.id, "title": record.title, "text": record.text} for record in records)
    write_lines(directory / CORPUS_FILE, map(_json_line, lines))


def write_collection_queries(directory: Path, queries: Mapping[str, str]) -> None:
    """Write the queries, text by id, of the collection in `directory`. Raises `PlaceNotWritable`."""
    lines = ({"_id": query, "text": text} for query, text in queries.items())
    write_lines(directory / QUERIES_FILE, map(_json_line, lines))


def _json_line(value: dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            value: object = json.loads(line)
        except ValueError as error:
            raise wrong(path, number, f"is not JSON: {error}") from error
        if not isinstance(value, dict):
            raise wrong(path, number, "is not a JSON object")
        yield number, cast("dict[str, Any]", value)
