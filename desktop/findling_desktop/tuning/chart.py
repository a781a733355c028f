"""The charts of a tuning report, drawn in the window's colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from findling_desktop.theme import Theme

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" '
_MOST_WIDTH = 460


class Chart(QWidget):
    """Shows what a function of `findling.adaptation.report_charts` gives; nothing before it has any."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._drawn = ""
        self._renderer = QSvgRenderer(self)
        self._renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMaximumWidth(_MOST_WIDTH)
        theme.changed.connect(self._redraw)
        self.hide()

    def draw(self, svg: str, described: str) -> None:
        """Show this chart, and be called so by a screen reader; "" shows nothing."""
        self._drawn = svg
        self.setAccessibleName(described)
        self.setToolTip(described)
        self.setVisible(bool(svg))
        self._redraw()

    def heightForWidth(self, width: int) -> int:
        """As its figures are wide and high."""
        size = self._renderer.defaultSize()
        return round(width * size.height() / size.width()) if size.width() > 0 else 0

    def sizeHint(self) -> QSize:
        """As wide as it may be."""
        return QSize(_MOST_WIDTH, self.heightForWidth(_MOST_WIDTH))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        self._renderer.render(painter, QRectF(self.rect()))

    def _redraw(self) -> None:
        if not self._drawn:
            return
        colours = self._theme.colours
        family = self.font().family()
        style = (
            f"text {{ font-family: '{family}'; font-size: 11.5px; fill: {colours.muted}; }}"
            f".figure, .label {{ fill: {colours.text}; }} .figure {{ font-weight: 600; }}"
            f".mark {{ fill: {colours.accent}; }}"
            f"rect.base {{ fill: {colours.control_border}; }} rect.tuned {{ fill: {colours.accent}; }}"
            f".whisker {{ stroke: {colours.text}; stroke-width: 1.4; }} .grid {{ stroke: {colours.border}; }}"
            f".rule {{ stroke: {colours.accent}; stroke-dasharray: 3 3; }}"
            f"path.line {{ fill: none; stroke: {colours.accent}; stroke-width: 2.2; }}"
            f".dot {{ fill: {colours.accent}; }}"
        )
        svg = self._drawn.replace("<svg ", _SVG, 1).replace(">", f"><style>{style}</style>", 1)
        self._renderer.load(QByteArray(svg.encode()))
        self.updateGeometry()
        self.update()
