"""The list under the box: completions, or what was asked before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from findling_desktop import icons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling_desktop.theme import Theme

    Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
_MOST_ROWS = 9
_PADDING = 10
_ICON = 16
_LEAST_WIDTH, _MOST_WIDTH = 260, 560
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: taking it puts `text` into the box with the cursor at `cursor`, and searches by `mode` where one
    is named. `icon` is one of the window's."""

    label: str
    text: str
    cursor: int
    explanation: str = ""
    icon: str = ""
    mode: str = ""


class _Entries(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: Sequence[Entry] = ()

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (entry.label, entry.explanation)))
        return None


class _EntryDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: Entry = index.data(ENTRY_ROLE)
        metrics = option.fontMetrics
        words = metrics.horizontalAdvance(entry.label) + metrics.horizontalAdvance(entry.explanation)
        icon = _ICON + 8 if entry.icon else 0
        return QSize(words + icon + 24 + 2 * _PADDING, metrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(ENTRY_ROLE)
        colours, metrics = self._theme.colours, option.fontMetrics
        # PySide's stubs leave out the fields that QStyleOptionViewItem inherits.
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected if selected else colours.raised))
            painter.drawRoundedRect(rect, 6, 6)
        if selected:
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(rect.left(), rect.top() + 6, 3, rect.height() - 12), 1.5, 1.5)
        room = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        if entry.icon:
            ratio = painter.device().devicePixelRatioF()
            drawn = icons.pixmap(entry.icon, colours.accent if entry.mode else colours.muted, _ICON, ratio)
            painter.drawPixmap(QPoint(round(room.left()), round(room.center().y() - _ICON / 2)), drawn)
            room.setLeft(room.left() + _ICON + 8)
        align = Qt.AlignmentFlag.AlignVCenter
        label = metrics.elidedText(entry.label, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.setPen(QColor(colours.text))
        painter.drawText(room, align | Qt.AlignmentFlag.AlignLeft, label)
        room.setLeft(room.left() + metrics.horizontalAdvance(label) + 16)
        painter.setPen(QColor(colours.muted))
        explanation = metrics.elidedText(
            entry.explanation, Qt.TextElideMode.ElideRight, round(max(0, room.width()))
        )
        painter.drawText(room, align | Qt.AlignmentFlag.AlignRight, explanation)
        painter.restore()


class Popup(QFrame):
    """A list below `anchor`, in its window; the keyboard stays with the anchor. At first no row is chosen."""

    taken = Signal(object)

    def __init__(self, theme: Theme, anchor: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._anchor = anchor
        self._page = parent
        self._model = _Entries()
        self._delegate = _EntryDelegate(theme)
        self.setObjectName("popup")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list = QListView()
        self.list.setObjectName("completions")
        self.list.setAccessibleName(self.tr("Completions"))
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(False)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(lambda index: self.taken.emit(index.data(ENTRY_ROLE)))
        column = QVBoxLayout(self)
        column.setContentsMargins(5, 5, 5, 5)
        column.addWidget(self.list)
        theme.changed.connect(self.list.viewport().update)
        self.hide()

    @property
    def entries(self) -> Sequence[Entry]:
        """What it offers."""
        return self._model.entries if self.isVisible() else ()

    @property
    def chosen(self) -> Entry | None:
        """The row that is marked, if one is."""
        index = self.list.currentIndex()
        return index.data(ENTRY_ROLE) if self.isVisible() and index.isValid() else None

    def offer(self, entries: Sequence[Entry], x: int) -> None:
        """Show these rows, `x` pixels to the right of the anchor's left edge; nothing for none."""
        self._model.show(entries)
        self.list.setCurrentIndex(QModelIndex())
        if not entries:
            self.hide()
            return
        self.list.ensurePolished()
        hints = [self.list.sizeHintForIndex(self._model.index(row)) for row in range(len(entries))]
        wanted = max(hint.width() for hint in hints) + 32
        width = max(_LEAST_WIDTH, min(_MOST_WIDTH, wanted, self._anchor.width()))
        height = sum(hint.height() for hint in hints[:_MOST_ROWS]) + 12
        place = self._anchor.mapTo(self._page, QPoint(0, self._anchor.height() + 4))
        x = max(0, min(x, self._anchor.width() - width))
        self.setGeometry(place.x() + x, place.y(), width, height)
        self.list.scrollToTop()
        self.raise_()
        self.show()

    def move_choice(self, step: int) -> None:
        """Mark the next or the previous row; before the first and behind the last none is."""
        count = self._model.rowCount()
        row = self.list.currentIndex().row()
        row = (row + 1 + step) % (count + 1) - 1
        self.list.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())
        if row >= 0:  # the focus is the box's: have the row read out all the same
            event = QAccessibleEvent(self.list, QAccessible.Event.Focus)
            event.setChild(row)
            QAccessible.updateAccessibility(event)
