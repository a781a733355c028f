"""Test collections in BEIR layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from findling.errors import CollectionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: In a collection's directory.
CORPUS_FILE = "corpus.jsonl"
#: Query id to document id to grade.
Qrels = dict[str, dict[str, int]]


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
                raise _wrong(self.corpus, number, "needs _id, and text as a string")
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
    queries: dict[str, str] = {}
    path = directory / "queries.jsonl"
    if path.is_file():
        for number, line in _json_lines(path):
            if "_id" not in line or not isinstance(line.get("text"), str):
                raise _wrong(path, number, "needs _id, and text as a string")
            queries[str(line["_id"])] = line["text"]
    return Collection(corpus, queries)


def read_qrels(path: Path) -> Qrels:
    """Read judgements: tab-separated query, document, grade below a header, or TREC's four columns.

    Raises `CollectionError` naming the line that is wrong.
    """
    qrels: Qrels = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CollectionError(f"The judgements {path} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        fields = line.split("\t") if "\t" in line else line.split()
        if not line.strip():
            continue
        query, document, grade = (
            (fields[0], fields[2], fields[3]) if len(fields) == 4 else (*fields, "", "", "")[:3]
        )
        try:
            qrels.setdefault(query, {})[document] = int(grade)
        except ValueError:
            if number > 1:
                raise _wrong(path, number, "needs query, document and a whole number") from None
            qrels.clear()  # the header
    return qrels


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    value: object = json.loads(line)
                except ValueError as error:
                    raise _wrong(path, number, f"is not JSON: {error}") from error
                if not isinstance(value, dict):
                    raise _wrong(path, number, "is not a JSON object")
                yield number, cast("dict[str, Any]", value)
    except (OSError, UnicodeDecodeError) as error:
        raise CollectionError(f"{path} cannot be read: {error}.") from error


def _wrong(path: Path, number: int, what: str) -> CollectionError:
    return CollectionError(f"{path}, line {number}: {what}.")
