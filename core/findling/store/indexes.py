"""The indexes of a generation's passages, vectors aside (see `StoreWriter`).

Of `terms` and of `content` one for words each, because an index cuts and folds all texts alike: that of
`terms` takes what `findling.analysis` made of each text in its own language; that of `content` cuts by
Unicode's rules and dictionaries, keeps positions and neither stems nor leaves out, for phrases and for
scripts without spaces. That of `document_id` finds the passages of documents that a filter lets in.
"""

from __future__ import annotations

from typing import Any

from findling.analysis import MAX_TERM_CHARACTERS

#: Columns that are found by their index.
INDEXED_COLUMNS = ("terms", "content", "document_id")
#: A term's length is limited in characters, the index's tokens are in bytes.
_BYTES_A_CHARACTER = 4


def missing_indexes(table: Any) -> list[str]:
    """Columns of a table of passages whose index is not there."""
    there = {column for index in table.list_indices() for column in index.columns}
    return [column for column in INDEXED_COLUMNS if column in table.schema.names and column not in there]


def ensure_indexes(table: Any) -> None:
    """Make the indexes that are missing."""
    from lancedb.index import FTS, BTree

    configs: dict[str, Any] = {
        "terms": FTS(
            base_tokenizer="whitespace",
            max_token_length=_BYTES_A_CHARACTER * MAX_TERM_CHARACTERS,
            lower_case=False,
            stem=False,
            remove_stop_words=False,
            ascii_folding=False,
        ),
        "content": FTS(
            base_tokenizer="icu",
            with_position=True,
            max_token_length=_BYTES_A_CHARACTER * MAX_TERM_CHARACTERS,
            stem=False,
            remove_stop_words=False,
        ),
        "document_id": BTree(),
    }
    for column in missing_indexes(table):
        table.create_index(column, config=configs[column])
