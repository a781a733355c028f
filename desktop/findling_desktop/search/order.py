"""The order in which the best results are shown."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCollator

from findling_desktop.search.model import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.search import Hit


class Order(StrEnum):
    """By how well they answer, by when they were changed, by what they are called."""

    BEST = "best"
    NEWEST = "newest"
    NAME = "name"


def in_order(hits: Sequence[Hit], order: Order) -> Sequence[Hit]:
    """`hits`, which come best first; of equals the better one is first."""
    if order == Order.NEWEST:
        return sorted(hits, key=lambda hit: -hit.modified_ns)
    if order == Order.NAME:
        collator = QCollator()
        collator.setNumericMode(True)
        return sorted(hits, key=lambda hit: collator.sortKey(title_of(hit).casefold()))
    return hits
