"""The hits of the last answer as a list model."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from findling_desktop.texts import short_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.search import Hit

    Index = QModelIndex | QPersistentModelIndex

HIT_ROLE = int(Qt.ItemDataRole.UserRole)
#: Share of the best hit's score, 0 … 1.
SHARE_ROLE = HIT_ROLE + 1

_NOWHERE = QModelIndex()


class HitsModel(QAbstractListModel):
    """One row a hit."""

    def __init__(self) -> None:
        super().__init__()
        self._hits: Sequence[Hit] = ()

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()

    def hit(self, row: int) -> Hit | None:
        """The hit in a row, if there is such a row."""
        return self._hits[row] if 0 <= row < len(self._hits) else None

    def row_of(self, document_id: str) -> int:
        """The row of a document, or -1."""
        return next((r for r, hit in enumerate(self._hits) if hit.document_id == document_id), -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Number of hits."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The hit itself for the delegate, and words for everyone else."""
        hit = self.hit(index.row())
        if hit is None:
            return None
        if role == HIT_ROLE:
            return hit
        if role == SHARE_ROLE:
            best = self._hits[0].score
            return max(0.0, min(1.0, hit.score / best)) if best > 0 else 0.0
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(hit)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (title_of(hit), hit.anchor.label(), short_path(hit.path), hit.snippet)
            return ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(short_path(path) for path in (hit.path, *hit.copies))
        return None


def title_of(hit: Hit) -> str:
    """The document's title, or the file's name."""
    return hit.title or hit.record or PurePath(hit.path).name
