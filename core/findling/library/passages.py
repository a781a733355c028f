"""Passages as rows, and their vectors: known ones by text key, the others embedded, each text once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from findling.chunking import CHUNKER_VERSION, cut
from findling.documents.language import language_of
from findling.library.digest import digest
from findling.store import PassageRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from findling.chunking import Passage
    from findling.documents import Document
    from findling.embedding import Embedder
    from findling.jobs import CancelToken
    from findling.store import StoreWriter


def longest(embedder: Embedder, passage_tokens: int) -> int:
    """The most tokens of a passage: what is wished for (0: no wish), as far as the embedder reads it."""
    room = embedder.max_passage_tokens
    return min(room, passage_tokens) if passage_tokens else room


def rows_of(
    document: Document, document_id: str, embedder: Embedder, passage_tokens: int
) -> list[PassageRow]:
    """The passages of a document, in order, each of at most `passage_tokens` (0: what the embedder reads)."""
    language = language_of(document.text)
    return [
        row_of(passage, document_id, json.dumps(passage.anchor.to_json(), ensure_ascii=False), language)
        for passage in cut(document, embedder.count_tokens, longest(embedder, passage_tokens))
    ]


def row_of(passage: Passage, document_id: str, anchor: str, language: str, offset: int = 0) -> PassageRow:
    """The row of a passage that was cut of the document's text from `offset` on; `anchor` is JSON."""
    start, end = offset + passage.start, offset + passage.end
    return PassageRow(
        passage_id=f"{document_id}-{start}-{end}",
        document_id=document_id,
        text_key=digest(str(CHUNKER_VERSION), passage.content),
        content=passage.content,
        text_offset=len(passage.content) - len(passage.text),
        start=start,
        end=end,
        tokens=passage.tokens,
        anchor=anchor,
        language=language,
    )


def vectors_for(
    passages: Sequence[PassageRow],
    writer: StoreWriter,
    embedder: Callable[[], Embedder],
    cancel: CancelToken,
    *,
    reused: Callable[[int], None],
    embedded: Callable[[int, float], None],
) -> NDArray[np.float32]:
    """Vectors of `passages`, float32 (N, dim): known ones out of the generation that `writer` writes.

    `embedder` is called when a text is to be embedded; `reused` and `embedded` are told of passages as they
    get their vectors, and `embedded` of their share of what is to be embedded. Raises `Cancelled`.
    """
    texts = {passage.text_key: passage.content for passage in passages}
    vectors = writer.vectors_of(texts.keys())
    unknown = [key for key in texts if key not in vectors]
    reused(len(passages) - len(unknown))
    if unknown:
        new = embedder().embed_passages([texts[key] for key in unknown], cancel, embedded)
        vectors.update(zip(unknown, new, strict=True))
    return np.stack([vectors[passage.text_key] for passage in passages])
