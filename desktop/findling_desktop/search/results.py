"""The list of results and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView

from findling_desktop.search.delegate import HitDelegate
from findling_desktop.search.model import HitsModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from findling.search import Hit
    from findling_desktop.theme import Theme

    Index = QModelIndex | QPersistentModelIndex


class ResultsView(QListView):
    """Enter opens, Ctrl+Enter shows in the folder, Up at the top and typing lead back to the box."""

    #: Hit, or None when nothing is current.
    current_hit_changed = Signal(object)
    open_wanted = Signal()
    reveal_wanted = Signal()
    box_wanted = Signal()
    #: QKeyEvent of a character that belongs into the box.
    typed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("results")
        self.setAccessibleName(self.tr("Results"))
        self.setAccessibleDescription(self.tr("Enter opens the file, Ctrl+Enter shows it in its folder"))
        self.setModel(HitsModel())
        self._delegate = HitDelegate(theme)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMinimumWidth(320)
        self.verticalScrollBar().setSingleStep(24)
        self.doubleClicked.connect(lambda _: self.open_wanted.emit())
        theme.changed.connect(self.viewport().update)

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

    def show_hits(self, hits: Sequence[Hit], *, keep_place: bool) -> None:
        """Show an answer, and mark the document that was marked before (`keep_place`) or the best one."""
        before, place = self.current_hit, self.verticalScrollBar().value()
        self.hits.show_hits(hits)
        row = self.hits.row_of(before.document_id) if keep_place and before else -1
        if row >= 0:
            self.verticalScrollBar().setValue(place)
        else:
            self.scrollToTop()
        self.setCurrentIndex(self.hits.index(max(0, row)))
        if not hits:
            self.current_hit_changed.emit(None)

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802 — Qt's name
        """Tell which hit is marked now."""
        super().currentChanged(current, previous)
        if (hit := self.hits.hit(current.row())) is not None:
            self.current_hit_changed.emit(hit)

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
        elif event.key() == Qt.Key.Key_Backspace or (
            event.text().isprintable()
            and event.text()
            and held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        ):
            self.typed.emit(event)
        else:
            super().keyPressEvent(event)
