"""A small store in a directory, one writer, one reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.analysis import query_terms_of, tokens
from findling.store import FileRow, FileState, PassageRow, StoreReader, StoreWriter, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DIM = 8


class Shelf:
    """Puts documents on it, each a file of one or more passages, and looks for them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.writer = StoreWriter(directory, 1, DIM)
        self.reader = StoreReader(directory, 1)

    def put(self, document: str, *texts: str, angle: float = 0.0, path: str = "", **columns: object) -> None:
        """`angle`, in radians, is where its passages lie; 0 is where `by_meaning` looks from."""
        language = str(columns.get("language", ""))
        rows = [
            PassageRow(f"{document}-{at}", document, f"k{text}", text, 0, at, at + 1, 1, "{}", language)
            for at, text in enumerate(texts)
        ]
        vector = np.zeros(DIM, np.float32)
        vector[:2] = np.cos(angle), np.sin(angle)
        self.writer.add_passages(rows, np.tile(vector, (len(rows), 1)))
        row = FileRow(
            path or f"/{document}.txt", "txt", FileState.INDEXED, document_id=document, passages=len(rows)
        )
        self.writer.put_files([FileRow(**{**_fields(row), **columns})])  # type: ignore[arg-type]

    def found(self, words: Words, limit: int = 10, **given: object) -> list[str]:
        """Passages that are found by words, best first."""
        best = self.reader.candidates(words, None, limit, **given)  # type: ignore[arg-type]
        return [each.passage.passage_id for each in sorted(best, key=lambda each: -each.words)]

    def by_meaning(self, limit: int = 10, **given: object) -> list[str]:
        """Passages that lie nearest, nearest first."""
        here = np.zeros(DIM, np.float32)
        here[0] = 1
        best = self.reader.candidates(Words(), here, limit, **given)  # type: ignore[arg-type]
        return [each.passage.passage_id for each in sorted(best, key=lambda each: -each.meaning)]


def _fields(row: FileRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in FileRow.__dataclass_fields__}


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    opened = Shelf(tmp_path / "lance")
    yield opened
    opened.reader.close()


@pytest.fixture
def terms() -> Callable[..., Words]:
    """The words of a query as their terms."""

    def made(query: str, *languages: str) -> Words:
        found = [term for token in tokens(query) for term in query_terms_of(token.text, languages)]
        return Words(tuple(dict.fromkeys(found)))

    return made
