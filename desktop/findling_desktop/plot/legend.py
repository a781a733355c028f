"""What the colours of points mean; a press lets a group stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from findling_desktop import texts
from findling_desktop.plot.dots import group_colour
from findling_desktop.widgets import clear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPaintEvent

    from findling_desktop.theme import Theme

_DOT = 12
_SIDE, _GAP = 8, 8


class Entry(QPushButton):
    """A dot, a name and a number. Checked, its group stands out."""

    def __init__(self, theme: Theme, group: int, name: str, count: int, counted: str) -> None:
        super().__init__(name)
        self._theme = theme
        self._group = group
        self._count = texts.number(count)
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setProperty("kind", "quiet")
        self.setToolTip(name)
        self.setAccessibleName(f"{name}, {counted}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """One line, as wide as there is room."""
        return QSize(0, self.fontMetrics().height() + 12)

    def minimumSizeHint(self) -> QSize:
        """As high as a line."""
        return self.sizeHint()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the dot, what fits of the name, and the number."""
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(colours.accent), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        ground = colours.selected if self.isChecked() else colours.raised
        shown = self.isChecked() or self.underMouse()
        painter.setBrush(QColor(ground) if shown else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(room, 6, 6)
        inner = room.adjusted(_SIDE, 0, -_SIDE, 0)
        dot = QRectF(inner.left(), inner.center().y() - _DOT / 2, _DOT, _DOT)
        painter.setPen(QPen(QColor(colours.text), 2) if self.isChecked() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(group_colour(self._theme, self._group)))
        painter.drawEllipse(dot)
        metrics = self.fontMetrics()
        wide = metrics.horizontalAdvance(self._count)
        painter.setPen(QColor(colours.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._count)
        middle = inner.adjusted(_DOT + _GAP, 0, -wide - _GAP, 0)
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, int(middle.width()))
        painter.setPen(QColor(colours.text))
        painter.drawText(middle, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


class Legend(QWidget):
    """The groups, the largest first."""

    #: What stands out from now on, by number: frozenset[int]; empty for all.
    chosen = Signal(object)

    def __init__(self, theme: Theme, columns: int = 1) -> None:
        super().__init__()
        self._theme = theme
        self._columns = columns
        self.entries: list[Entry] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setHorizontalSpacing(16)

    def show_groups(
        self,
        names: Sequence[str],
        counts: Sequence[int],
        counted: Callable[[int], str] = texts.documents,
    ) -> None:
        """Show these, of which none is chosen; `counted` says a number of what the points are."""
        clear(self._grid)
        self.entries = []
        for group, (name, count) in enumerate(zip(names, counts, strict=True)):
            entry = Entry(self._theme, group, name, count, counted(count))
            entry.toggled.connect(lambda _: self.chosen.emit(self.choice))
            self._grid.addWidget(entry, *divmod(group, self._columns))
            self.entries.append(entry)

    @property
    def choice(self) -> frozenset[int]:
        """The groups that stand out; none where all do."""
        return frozenset(group for group, entry in enumerate(self.entries) if entry.isChecked())
