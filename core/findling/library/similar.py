"""More like this: what is near in meaning to a passage, a document or any text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from findling.documents import Block, BlockKind, Document
from findling.errors import UserError
from findling.library.passages import rows_of
from findling.search import Mode, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling.embedding import Embedder
    from findling.jobs import CancelToken
    from findling.search import Answer, Searcher

#: Passages of a document, or of a text, that speak for it.
_MOST_PASSAGES = 200


def similar(
    searcher: Searcher,
    embedder: Embedder,
    passage_id: str,
    document_id: str,
    text: str,
    limit: int,
    cancel: CancelToken | None,
) -> Answer:
    """Hits near to the one of the three that is given; see `OpenLibrary.similar`."""
    own = document_id or passage_id.rsplit("-", 2)[0]
    if text.strip():
        vectors = _vectors_of(text, embedder, cancel)
    elif own:
        column, value = ("passage_id", passage_id) if passage_id else ("document_id", document_id)
        vectors = searcher.store.vectors_of({column: value}, _MOST_PASSAGES)
    else:
        vectors = np.empty((0, searcher.store.dim), np.float32)
    if not len(vectors):
        hint = "Name a document that is indexed, or give a text."
        raise UserError("There is nothing to compare with.", hint)
    middle = vectors.mean(axis=0)  # (dim,)
    length = float(np.linalg.norm(middle))
    like = middle / length if length else vectors[0]
    without = frozenset({own} - {""})
    question = Question(
        "", Mode.SEMANTIC, limit, cancel, literal=True, illustrate=True, like=like, without=without
    )
    return searcher.answer(question)


def _vectors_of(text: str, embedder: Embedder, cancel: CancelToken | None) -> NDArray[np.float32]:
    """Of the passages that the text would have as a document, float32 (N, dim)."""
    document = Document("text", "", (Block(BlockKind.PARAGRAPH, text),))
    rows = rows_of(document, "", embedder, 0)[:_MOST_PASSAGES]
    return embedder.embed_passages([row.content for row in rows], cancel)
