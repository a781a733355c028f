"""The library's files as a table, filtered by state and by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt

from findling_desktop.tables import RowsModel
from findling_desktop.texts import passages, short_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.store import FileRow
    from findling_desktop.tables import Index


class FilesModel(RowsModel["FileRow"]):
    """Columns: file, kind, what became of it."""

    def __init__(self) -> None:
        super().__init__()
        self._all: list[tuple[str, FileRow]] = []
        self._states: frozenset[str] = frozenset()
        self._words = ""

    def show_files(self, files: Sequence[FileRow]) -> None:
        """Replace all rows."""
        self._all = [(f"{row.path}\n{row.reason}".casefold(), row) for row in files]
        self._filter()

    def show_only(self, states: Sequence[str], words: str) -> None:
        """Show the files of these states (of any, if none is named) whose path or reason has `words`."""
        self._states = frozenset(states)
        self._words = words.casefold().strip()
        self._filter()

    def path(self, row: int) -> str:
        """The path in a row."""
        return self._rows[row].path

    def _filter(self) -> None:
        self.beginResetModel()
        self._rows = [
            row
            for text, row in self._all
            if (not self._states or row.state in self._states) and self._words in text
        ]
        self.endResetModel()

    def heads(self) -> tuple[str, ...]:
        """The columns' names."""
        return self.tr("File"), self.tr("Kind"), self.tr("State")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's words."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (short_path(row.path), row.kind.upper(), self._outcome(row))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.path}\n{self._outcome(row)}"
        return None

    def _outcome(self, row: FileRow) -> str:
        if row.state == "failed":
            return self.tr("failed: {}").format(row.reason)
        if row.state == "skipped":
            return self.tr("skipped: {}").format(row.reason)
        return self.tr("indexed: {}").format(passages(row.passages))
