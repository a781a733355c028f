"""The filters of a query under the box, each with a way to take it out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from findling_desktop import icons
from findling_desktop.search.flow import FlowLayout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent

    from findling_desktop.theme import Theme

_LONGEST_PIXELS = 360


class FilterChip(QPushButton):
    """A filter; pressing it, Delete and Backspace remove it."""

    def __init__(self, theme: Theme, text: str, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.label = text
        self.setProperty("kind", "chip")
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the text
        self.setIconSize(QSize(14, 14))
        self.setIcon(icons.icon("clear", theme.colours.muted))
        self.ensurePolished()
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, _LONGEST_PIXELS)
        self.setText(shown.replace("&", "&&"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that remove things."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def recolour(self) -> None:
        """Take the theme's colours."""
        self.setIcon(icons.icon("clear", self._theme.colours.muted))


class Chips(QWidget):
    """A row of chips; hidden while there is none."""

    #: The place of the chip to take out.
    removed = Signal(int)

    def __init__(self, theme: Theme, before: QWidget) -> None:
        """The keyboard comes here from `before`."""
        super().__init__()
        self._theme = theme
        self._before = before
        self._chips: list[FilterChip] = []
        self._row = FlowLayout(self)
        self.setAccessibleName(self.tr("Filters"))
        theme.changed.connect(self._recolour)
        self.hide()

    @property
    def shown(self) -> list[FilterChip]:
        """The chips, in order."""
        return list(self._chips)

    def show_labels(self, labels: Sequence[str], name: str) -> None:
        """Show these; `name` says what pressing one does, with "{}" for its label."""
        if [(chip.label, chip.accessibleName()) for chip in self._chips] == [
            (label, name.format(label)) for label in labels
        ]:
            return
        focused = next((place for place, chip in enumerate(self._chips) if chip.hasFocus()), -1)
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for place, label in enumerate(labels):
            chip = FilterChip(self._theme, label, name.format(label))
            chip.clicked.connect(lambda _=False, place=place: self.removed.emit(place))
            self._chips.append(chip)
            self._row.addWidget(chip)
        self.setVisible(bool(labels))
        for first, second in pairwise([self._before, *self._chips]):
            QWidget.setTabOrder(first, second)
        if focused >= 0 and self._chips:
            self._chips[min(focused, len(self._chips) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)

    def _recolour(self) -> None:
        for chip in self._chips:
            chip.recolour()
