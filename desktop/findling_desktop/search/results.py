"""The list of results and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem

from findling_desktop.search.delegate import HitDelegate
from findling_desktop.search.model import GRADE_ROLE, HitsModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from findling.search import Hit
    from findling_desktop.theme import Theme

    Index = QModelIndex | QPersistentModelIndex


class ResultsView(QListView):
    """Enter opens, Ctrl+Enter shows in the folder, Space reads on in the preview, Up at the top and typing
    lead back to the box. Right and Left go through the places of a document that has several."""

    #: Hit, or None when nothing is current.
    current_hit_changed = Signal(object)
    open_wanted = Signal()
    #: The preview shall go on (1) or back (-1) by a page.
    reading_wanted = Signal(int)
    #: The last rows are in sight.
    end_reached = Signal()
    reveal_wanted = Signal()
    box_wanted = Signal()
    #: QKeyEvent of a character that belongs into the box.
    typed = Signal(object)
    #: The place, in the screen's coordinates, where what can be done with the hit is wanted.
    menu_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("results")
        self.setAccessibleName(self.tr("Results"))
        self.setAccessibleDescription(
            self.tr("Enter opens the file, Ctrl+Enter shows it in its folder, Right goes to its next passage")
        )
        self.setModel(HitsModel())
        self._delegate = HitDelegate(theme)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMinimumWidth(320)
        self.verticalScrollBar().setSingleStep(24)
        self.doubleClicked.connect(lambda _: self.open_wanted.emit())
        theme.changed.connect(self.viewport().update)
        self.hits.dataChanged.connect(self._tell_current)
        self.verticalScrollBar().valueChanged.connect(self._tell_end)

    @property
    def hits(self) -> HitsModel:
        """The model behind the list."""
        model = self.model()
        assert isinstance(model, HitsModel)
        return model

    @property
    def current_hit(self) -> Hit | None:
        """The hit that is marked."""
        return self.hits.hit(self.currentIndex().row())

    def dim(self, *, dimmed: bool) -> None:
        """Show the rows as those of what was asked before, or as the answer that they are."""
        if dimmed != self._delegate.dimmed:
            self._delegate.dimmed = dimmed
            self.viewport().update()

    @property
    def dimmed(self) -> bool:
        """Whether the rows belong to what was asked before."""
        return self._delegate.dimmed

    def show_hits(self, hits: Sequence[Hit], *, keep_place: bool) -> None:
        """Show an answer, and mark the document that was marked before (`keep_place`) or the best one. Of the
        same hits with other snippets only those change."""
        self.dim(dimmed=False)
        if keep_place and hits and self.hits.exchange(hits):
            return
        before, place = self.current_hit, self.verticalScrollBar().value()
        self.hits.show_hits(hits)
        row = self.hits.row_of(before.document_id) if keep_place and before else -1
        self.setCurrentIndex(self.hits.index(max(0, row)))
        if row >= 0:
            self.verticalScrollBar().setValue(place)
        else:
            self.scrollToTop()
        if not hits:
            self.current_hit_changed.emit(None)

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 — Qt's name
        """Tell which hit is marked now."""
        super().currentChanged(current, previous)
        if (hit := self.hits.hit(current.row())) is not None:
            self.current_hit_changed.emit(hit)

    def choose_place(self, place: int) -> None:
        """Show the current hit at another of its document's places."""
        self.hits.choose_place(self.currentIndex().row(), place)

    def _tell_end(self, place: int) -> None:
        bar = self.verticalScrollBar()
        if 0 < bar.maximum() <= place + bar.pageStep():
            self.end_reached.emit()

    def _tell_current(self, first: Index, last: Index, roles: Sequence[int]) -> None:
        row = self.currentIndex().row()
        if first.row() <= row <= last.row() and list(roles) != [GRADE_ROLE]:
            self.current_hit_changed.emit(self.hits.hit(row))

    def _place_under(self, point: QPointF) -> tuple[Index, int] | None:
        """The row and the place whose name is at a point of the viewport."""
        index = self.indexAt(point.toPoint())
        if not index.isValid():
            return None
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.rect = self.visualRect(index)  # pyright: ignore[reportAttributeAccessIssue]
        place = self._delegate.place_at(option, index, point)
        return None if place is None else (index, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 — Qt's name
        """Show that the name of a place can be pressed."""
        super().mouseMoveEvent(event)
        hand = self._place_under(event.position()) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the place whose name was pressed."""
        super().mouseReleaseEvent(event)
        found = self._place_under(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.setCurrentIndex(found[0])
            self.choose_place(found[1])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 — Qt's name
        """Ask for the menu of the hit under the mouse, or of the current one."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            below = self.viewport().mapToGlobal(self.visualRect(index).center())
            self.menu_wanted.emit(event.globalPos() if by_mouse else below)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys beyond those that move in a list."""
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and held == Qt.KeyboardModifier.ControlModifier:
            self.reveal_wanted.emit()
        elif enter:
            self.open_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape or (
            event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0
        ):
            self.box_wanted.emit()
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left) and self.current_hit is not None:
            row = self.currentIndex().row()
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self.hits.choose_place(row, self.hits.place(row) + step)
        elif event.key() == Qt.Key.Key_Space:
            self.reading_wanted.emit(-1 if held == Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Backspace or (
            event.text().isprintable()
            and event.text()
            and held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        ):
            self.typed.emit(event)
        else:
            super().keyPressEvent(event)
