"""Points that one zooms into, moves, points at and chooses, with the mouse and with keys."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QToolTip, QWidget

from findling_desktop.plot.camera import Camera
from findling_desktop.plot.dots import Dots, blend, group_colour
from findling_desktop.plot.labels import Crowd, Label, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent

    from findling_desktop.theme import Theme

#: A step of the wheel, and of a key.
_WHEEL, _KEY = 1.25, 1.5
#: Angle of a step of the wheel, in Qt's eighths of a degree.
_STEP = 120.0
#: A press that moves less is a click; how near to a point one has to point.
_CLICK, _REACH = 4, 9.0
#: Names of smaller groups are written from this zoom on.
_CLOSER = 1.7
#: How much steeper than its distance a point's aside counts, when an arrow looks for it.
_ASIDE = 2.0
_LEAST_RADIUS, _MOST_RADIUS = 2.2, 7.0
#: Points are as large as usual where there are so many pixels.
_USUAL_SIDE = 600
_DIMMED = 0.3
#: What was found has one of so many sizes, each by so many pixels larger than the one before.
_SIZES, _LARGER = 3, 1.25
#: How bad it is that a name hides a point that stands back, or was found, beside another one.
_HIDING_DIMMED, _HIDING_FOUND = 0.1, 8.0
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


@dataclass(frozen=True, eq=False, slots=True)
class Points:
    """`places`, float64 (N, 2); `groups`, int64 (N,), say which of the theme's colours each has, and one that
    it has not is that of all others; `told` are the lines that tell of each."""

    places: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    groups: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    told: Sequence[tuple[str, str]] = ()
    labels: tuple[Label, ...] = ()


class Canvas(QWidget):
    """Wheel and keys zoom, dragging moves, a click selects, a double click opens, or fits everything in."""

    #: The point that is selected from now on, or -1.
    selected = Signal(int)
    opened = Signal(int)

    def __init__(self, theme: Theme, name: str, description: str, *, in_page: bool = False) -> None:
        """`name` and `description` are what a screen reader says. The wheel scrolls the page that it is
        `in_page` of, unless the keyboard is here."""
        super().__init__()
        self._theme = theme
        self._description = description
        self._in_page = in_page
        self._points = Points()
        self._stands_out = np.empty(0, np.bool_)
        self._found = np.empty(0, np.float64)
        self._camera = Camera()
        self._current = -1
        self._hovered = -1
        self._pressed: QPointF | None = None
        self._moved = False
        self._layer: QPixmap | None = None
        self._dots = Dots()
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(160, 120))
        theme.changed.connect(self._redraw)

    # -- what is shown ------------------------------------------------------------------------------

    def show_points(self, points: Points, *, keep_view: bool = False) -> None:
        """Show these points; all of them, or what is looked at now."""
        count, before = len(points.places), len(self._points.places)
        self._points = points
        if not (keep_view and count == before):
            self._stands_out = np.ones(count, np.bool_)
            self._found = np.zeros(count, np.float64)
            self._camera.frame(points.places)
            self._hovered = -1
            self.select(-1)
        self._redraw()

    def emphasise(self, which: NDArray[np.bool_], found: NDArray[np.float64]) -> None:
        """Let these, bool (N,), stand out, and the others stand back. Those that were `found`, which have
        more than 0 there, up to 1, have an edge, and are the larger."""
        self._stands_out, self._found = which, found
        self._redraw()

    @property
    def current(self) -> int:
        """The point that is selected, or -1."""
        return self._current

    @property
    def zoom(self) -> float:
        """How many times larger than when all is shown."""
        return self._camera.zoom

    def select(self, point: int) -> None:
        """Select a point and bring it into view; -1 for none."""
        if point == self._current:
            return
        self._current = point
        told = ""
        if point >= 0:
            self._camera.look_at(self._points.places[point])
            told = ", ".join(filter(None, self._points.told[point]))
        self.setAccessibleDescription(f"{told}. {self._description}" if told else self._description)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self._redraw()
        self.selected.emit(point)

    def fit(self) -> None:
        """Show all points."""
        self._camera.fit()
        self._redraw()

    def zoom_by(self, factor: float) -> None:
        """Show it larger, about what is selected or the middle."""
        at = self.place_of(self._current) if self._current >= 0 else QRectF(self.rect()).center()
        self._zoom(at, factor)

    def place_of(self, point: int) -> QPointF:
        """Where a point is, in pixels."""
        x, y = self._camera.pixels(self._points.places[point : point + 1])[0].tolist()
        return QPointF(x, y)

    def point_at(self, place: QPointF) -> int:
        """The point at a pixel, or near it; those that stand out before the others; -1 for none."""
        if not len(self._points.places):
            return -1
        away = np.linalg.norm(
            self._camera.pixels(self._points.places) - np.array([place.x(), place.y()]), axis=1
        )
        near = away <= max(_REACH, self._radius + 2)
        if not near.any():
            return -1
        if (near & self._stands_out).any():
            near &= self._stands_out
        return int(np.where(near, away, np.inf).argmin())

    def neighbour(self, point: int, x: float, y: float) -> int:
        """The nearest point in a direction of those that stand out; the same where there is none."""
        pixels = self._camera.pixels(self._points.places)
        offset = pixels - pixels[point]
        along = offset @ np.array([x, y])
        aside = np.abs(offset @ np.array([-y, x]))
        ahead = (along > 0) & (aside <= _ASIDE * along) & self._stands_out
        ahead[point] = False
        if not ahead.any():
            return point
        return int(np.where(ahead, along + _ASIDE * aside, np.inf).argmin())

    def sizeHint(self) -> QSize:
        """Wider than high, as windows are."""
        return QSize(640, 480)

    # -- mouse and keys -----------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 — Qt's name
        """Zoom about the cursor."""
        if self._in_page and not self.hasFocus():
            event.ignore()
            return
        self._zoom(event.position(), _WHEEL ** (event.angleDelta().y() / _STEP))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The beginning of a click or of a move."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 — Qt's name
        """Move what is shown, or tell what is pointed at."""
        place = event.position()
        if self._pressed is None:
            self._hover(self.point_at(place), event.globalPosition().toPoint())
            return
        offset = place - self._pressed
        if self._moved or offset.manhattanLength() > _CLICK:
            self._moved = True
            self._pressed = place
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._camera.pan(offset.x(), offset.y())
            self._redraw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click selects."""
        if self._pressed is not None and not self._moved:
            self.select(self.point_at(event.position()))
        self._pressed = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 — Qt's name
        """Open a point; beside all points, show everything."""
        point = self.point_at(event.position())
        if point < 0:
            self.fit()
        else:
            self.select(point)
            self.opened.emit(point)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Nothing is pointed at yet."""
        super().enterEvent(event)
        self._hover(-1, QPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from point to point, + and - zoom, 0 shows everything, Return opens."""
        key = event.key()
        if key in _ARROWS and len(self._points.places):
            self._go(*_ARROWS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_KEY)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _KEY)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def _go(self, x: float, y: float) -> None:
        if self._current >= 0:
            self.select(self.neighbour(self._current, x, y))
            return
        middle = np.array([self.width() / 2, self.height() / 2])
        away = np.linalg.norm(self._camera.pixels(self._points.places) - middle, axis=1)
        wanted = self._stands_out if self._stands_out.any() else np.ones(len(away), np.bool_)
        self.select(int(np.where(wanted, away, np.inf).argmin()))

    def _zoom(self, place: QPointF, factor: float) -> None:
        self._camera.zoom_about(place.x(), place.y(), factor)
        self._redraw()

    def _hover(self, point: int, screen: QPoint) -> None:
        if point == self._hovered:
            return
        self._hovered = point
        self.setCursor(Qt.CursorShape.PointingHandCursor if point >= 0 else Qt.CursorShape.ArrowCursor)
        if point >= 0:
            lines = [html.escape(line) for line in self._points.told[point] if line]
            QToolTip.showText(screen, f"<qt><b>{lines[0]}</b><br>{'<br>'.join(lines[1:])}</qt>", self)
        else:
            QToolTip.hideText()
        self.update()

    # -- drawing ------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the same in another size."""
        super().resizeEvent(event)
        self._camera.resize(self.width(), self.height())
        self._redraw()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the points, and around those that are pointed at and selected."""
        if self._layer is None:
            self._layer = self._drawn()
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._layer)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hovered >= 0:
            reach = self._radius + 3
            painter.setPen(QPen(QColor(colours.text), 1.5))
            painter.drawEllipse(self.place_of(self._hovered), reach, reach)
        if self._current >= 0:
            self._draw_selection(painter, self.place_of(self._current))
        if self._in_page:
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def _draw_selection(self, painter: QPainter, place: QPointF) -> None:
        """A ring, and four strokes that lead to it."""
        reach = self._radius + 5
        for colour, width in ((self._theme.colours.surface, 5.0), (self._theme.colours.text, 2.0)):
            painter.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawEllipse(place, reach, reach)
            for x, y in _ARROWS.values():
                way = QPointF(x, y)
                painter.drawLine(place + way * (reach + 3), place + way * (reach + 9))

    @property
    def _radius(self) -> float:
        """Of a point, in pixels: smaller where there are many or little room, larger where one looks
        closer."""
        room = min(1.0, min(self.width(), self.height()) / _USUAL_SIDE) ** 0.5
        usual = room * 22.0 / max(1.0, len(self._points.places)) ** 0.22
        return min(_MOST_RADIUS, max(_LEAST_RADIUS, usual) * self._camera.zoom**0.3)

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        layer = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        layer.setDevicePixelRatio(ratio)
        layer.fill(QColor(self._theme.colours.surface))
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_points(painter)
        self._draw_labels(painter)
        painter.end()
        return layer

    def _draw_points(self, painter: QPainter) -> None:
        pixels = self._camera.pixels(self._points.places)
        widget = np.array([self.width(), self.height()])
        seen = ((pixels > -_MOST_RADIUS) & (pixels < widget + _MOST_RADIUS)).all(axis=1)
        colours, radius = self._theme.colours, self._radius
        back = blend(colours.control_border, colours.surface, _DIMMED)
        self._dots.draw(painter, pixels[seen & ~self._stands_out], back, radius * 0.8, "")
        sizes = np.ceil(self._found * _SIZES).astype(np.int64)
        for size in range(_SIZES + 1):
            which = seen & self._stands_out & (sizes == size)
            edge = colours.text if size else colours.surface
            for group in np.unique(self._points.groups[which]).tolist():
                dots = pixels[which & (self._points.groups == group)]
                colour = group_colour(self._theme, group)
                self._dots.draw(painter, dots, colour, radius + _LARGER * size, edge)

    def _draw_labels(self, painter: QPainter) -> None:
        shown = [each for each in self._points.labels if not each.level or self.zoom >= _CLOSER]
        shown.sort(key=lambda each: each.level)
        fonts = [self._label_font(level) for level in range(2)]
        metrics = [QFontMetricsF(font) for font in fonts]
        places = self._camera.pixels(np.array([(each.x, each.y) for each in shown]).reshape(-1, 2)).tolist()
        wanted = [
            (QPointF(x, y), metrics[min(1, each.level)].size(0, each.text) + QSizeF(12, 4))
            for each, (x, y) in zip(shown, places, strict=True)
        ]
        room = QRectF(self.rect()).adjusted(6, 6, -6, -6)
        ground = QColor(self._theme.colours.surface)
        ground.setAlphaF(0.86)
        weights = np.full(len(self._found), _HIDING_DIMMED, np.float64)
        weights[self._stands_out] = 1.0
        weights[self._found > 0] = _HIDING_FOUND
        crowd = Crowd(self._camera.pixels(self._points.places), weights, QSizeF(self.size()))
        for each, rect in zip(shown, placed(wanted, room, crowd), strict=True):
            if rect is None:
                continue
            painter.setFont(fonts[min(1, each.level)])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(rect, 6, 6)
            painter.setPen(QColor(self._theme.colours.muted if each.level else self._theme.colours.text))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, each.text)

    def _label_font(self, level: int) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Normal if level else QFont.Weight.DemiBold)
        return font

    def _redraw(self) -> None:
        self._layer = None
        self.update()
