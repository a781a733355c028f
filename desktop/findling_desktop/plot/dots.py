"""Dots in the theme's colours, of which thousands are drawn in a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling_desktop.theme import Theme


class Dots:
    """Each kind of dot is drawn once, and copied from then on."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, float, str, float], QPixmap] = {}

    def draw(
        self, painter: QPainter, places: NDArray[np.float64], colour: str, radius: float, edge: str
    ) -> None:
        """Draw dots at these pixels, (N, 2), with an edge of a colour, or of none."""
        dot = self._dot(colour, round(radius * 4) / 4, edge, painter.device().devicePixelRatioF())
        corners = (places - dot.deviceIndependentSize().width() / 2).round().astype(np.int64)
        draw = painter.drawPixmap
        for x, y in corners.tolist():
            draw(x, y, dot)

    def _dot(self, colour: str, radius: float, edge: str, ratio: float) -> QPixmap:
        key = (colour, radius, edge, ratio)
        if key not in self._drawn:
            side = 2 * int(radius + 2)
            dot = QPixmap(QSize(round(side * ratio), round(side * ratio)))
            dot.setDevicePixelRatio(ratio)
            dot.fill(Qt.GlobalColor.transparent)
            painter = QPainter(dot)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(edge), 1.0) if edge else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(side / 2, side / 2), radius, radius)
            painter.end()
            self._drawn[key] = dot
        return self._drawn[key]


def group_colour(theme: Theme, group: int) -> str:
    """The colour of a group; those after the last one have that of all others."""
    groups = theme.colours.groups
    return groups[group] if 0 <= group < len(groups) else theme.colours.control_border


def blend(colour: str, ground: str, share: float) -> str:
    """So much, 0 … 1, of a colour on a ground."""
    over, under = QColor(colour), QColor(ground)
    pairs = ((over.red(), under.red()), (over.green(), under.green()), (over.blue(), under.blue()))
    red, green, blue = (round(share * one + (1 - share) * other) for one, other in pairs)
    return QColor(red, green, blue).name()
