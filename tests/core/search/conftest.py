"""A library of few documents with all that a search looks at, embedded by the real model."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

import pytest

from findling.resemblance import signature_of
from findling.search import Balance, Searcher
from findling.store import FileRow, FileState, PassageRow, StoreReader, StoreWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findling.embedding import Embedder

LEASE = (
    "The tenant pays the rent on the first day of each month to the account of the landlord. "
    "Pets are allowed in the garden but never in the lift, and bicycles belong in the cellar. "
    "Either side may end this contract at three months' notice, in writing and without a reason."
)


class Written(NamedTuple):
    """A file, and the passages of its document."""

    path: str
    texts: tuple[str, ...]
    changed: int
    language: str = "en"
    author: str = ""
    size: int = 100


DOCUMENTS = {
    "owls": Written(
        "/docs/birds/owls.txt",
        (
            "The snowy owl hunts lemmings at dusk.",
            "Owls sleep by day in hollow trees.",
            "An owl sees in the dark.",
            "Young owls leave the nest in June.",
            "The owl of the north is white.",
        ),
        50,
        author="Ana Müller",
    ),
    "swans": Written("/docs/birds/swans.md", ("Swans mate for life.", "The swan song is the last one."), 40),
    "lease": Written("/docs/home/lease 2024.pdf", (LEASE,), 30, size=5000),
    "lease old": Written("/docs/home/old/lease 2023.pdf", (LEASE.replace("three", "two"),), 20, size=5000),
    "boots": Written(
        "/docs/home/hut rules.txt",
        ("Welcome to the hut. No shoes may be worn inside. Breakfast is at eight o'clock in the morning.",),
        60,
    ),
    "haus": Written("/docs/home/notiz.txt", ("Die Häuser der Nachbarn stehen weit entfernt.",), 10, "de"),
    "budget": Written("/docs/zephyr-plan.txt", ("The treasurer approved the spending for next year.",), 5),
    "gone": Written("", ("The snowy owl of a file that was just replaced.",), 0),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[StoreReader]:
    """`DOCUMENTS`; the file of `gone` is missing."""
    directory = tmp_path_factory.mktemp("library") / "lance"
    writer = StoreWriter(directory, 1, embedder.card.dim)
    for name, written in DOCUMENTS.items():
        rows = [
            PassageRow(
                f"{name}-{at}",
                name,
                f"{name}{at}",
                text,
                0,
                at,
                at + 1,
                9,
                f'{{"line": {at + 1}}}',
                written.language,
            )
            for at, text in enumerate(written.texts)
        ]
        writer.add_passages(rows, embedder.embed_passages([row.content for row in rows]))
        if written.path:
            writer.put_files([_file(name, written)])
    reader = StoreReader(directory, 1)
    yield reader
    reader.close()


@pytest.fixture
def library(store: StoreReader, embedder: Embedder) -> Searcher:
    return Searcher(
        store, embedder.embed_query, "docs", embed_texts=embedder.embed_passages, balance=Balance(passages=12)
    )


def _file(name: str, written: Written) -> FileRow:
    return FileRow(
        written.path,
        PurePath(written.path).suffix[1:],
        FileState.INDEXED,
        size=written.size,
        mtime_ns=written.changed,
        document_id=name,
        title=name.title(),
        author=written.author,
        language=written.language,
        signature=signature_of(" ".join(written.texts)),
    )
