"""Pages of a document as pictures, with the passage and the words marked on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from findling_desktop import texts
from findling_desktop.widgets import Button, label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QPaintEvent, QResizeEvent, QWheelEvent

    from findling.documents import Page
    from findling.documents.pages import Rect
    from findling_desktop.theme import Theme

_MARGIN = 16
_LEAST_ZOOM, _MOST_ZOOM, _ZOOM_STEP = 0.5, 4.0, 1.25
#: While a splitter is dragged, pages are not drawn anew for every pixel.
_SETTLE_MILLISECONDS = 150
#: On white, in light and dark colours alike.
_PASSAGE_COLOUR, _WORD_COLOUR = "#63b3c9", "#ffd84d"
#: Of these grounds, 0 … 255: the letters have to be read through them.
_PASSAGE_STRENGTH, _WORD_STRENGTH = 70, 190


class PageView(QWidget):
    """Shows one page; asks for another one, or the same larger or smaller."""

    #: Number of a page, and the width in pixels that it shall have.
    wanted = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._page: Page | None = None
        self._zoom = 1.0
        self.before = Button(theme, "", "up", "quiet")
        self.after = Button(theme, "", "down", "quiet")
        self.place = label(role="small")
        self.smaller = Button(theme, "−", kind="quiet")  # noqa: RUF001 — the sign
        self.larger = Button(theme, "+", kind="quiet")
        self.picture = _Picture(theme)
        self._area = QScrollArea()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._ask_again)
        self._arrange()
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after.clicked.connect(lambda: self.turn(1))
        self.smaller.clicked.connect(lambda: self.zoom(1 / _ZOOM_STEP))
        self.larger.clicked.connect(lambda: self.zoom(_ZOOM_STEP))

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self._page

    @property
    def wide(self) -> int:
        """Pixels that a page shall be wide."""
        room = max(160, self._area.viewport().width() - 2 * _MARGIN)
        return round(room * self._zoom * self.devicePixelRatioF())

    def show_page(self, page: Page | None, *, to_passage: bool) -> None:
        """Show this one; None while another document's is on its way. With `to_passage` its passage is
        brought into view."""
        self._page = page
        self.picture.show_page(page, self.devicePixelRatioF())
        for part in (self.before, self.after, self.smaller, self.larger):
            part.setEnabled(page is not None)
        if page is None:
            self.place.setText("")
            return
        self.place.setText(
            self.tr("Page {} of {}").format(texts.number(page.number), texts.number(page.pages))
        )
        self.before.setEnabled(page.number > 1)
        self.after.setEnabled(page.number < page.pages)
        self.smaller.setEnabled(self._zoom > _LEAST_ZOOM)
        self.larger.setEnabled(self._zoom < _MOST_ZOOM)
        if to_passage:
            self._scroll_to(page)

    def turn(self, by: int) -> None:
        """Ask for a page further on, or back."""
        if self._page is not None and 1 <= self._page.number + by <= self._page.pages:
            self._area.verticalScrollBar().setValue(0)
            self.wanted.emit(self._page.number + by, self.wide)

    def zoom(self, by: float) -> None:
        """Ask for the page larger or smaller."""
        self._zoom = min(_MOST_ZOOM, max(_LEAST_ZOOM, self._zoom * by))
        if abs(self._zoom - 1) < 0.01:
            self._zoom = 1.0
        self._ask_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The page is as wide as the view."""
        super().resizeEvent(event)
        self._settle.start()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 — Qt's name
        """With Ctrl it enlarges."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM_STEP if event.angleDelta().y() > 0 else 1 / _ZOOM_STEP)
        else:
            super().wheelEvent(event)

    def _arrange(self) -> None:
        for button, name, tip in (
            (self.before, self.tr("Page before"), self.tr("Show the page before")),
            (self.after, self.tr("Next page"), self.tr("Show the next page")),
            (self.smaller, self.tr("Smaller"), self.tr("Show the page smaller (Ctrl+wheel)")),
            (self.larger, self.tr("Larger"), self.tr("Show the page larger (Ctrl+wheel)")),
        ):
            button.setAccessibleName(name)
            button.setToolTip(tip)
            button.setFixedWidth(40)
        row = QHBoxLayout()
        row.setContentsMargins(20, 4, 20, 4)
        row.setSpacing(4)
        row.addWidget(self.before)
        row.addWidget(self.after)
        row.addSpacing(8)
        row.addWidget(self.place)
        row.addStretch(1)
        row.addWidget(self.smaller)
        row.addWidget(self.larger)
        self._area.setWidget(self.picture)
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        # As wide before the first page as with it: else that would be drawn for the wrong width.
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._area.setAccessibleName(self.tr("Page of the document"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._area, 1)

    def _ask_again(self) -> None:
        if self._page is not None and self._page.width != self.wide:
            self.wanted.emit(self._page.number, self.wide)

    def _scroll_to(self, page: Page) -> None:
        """Its passage into the upper third, or the page's beginning."""
        top = page.passage[0][1] if page.passage else 0.0
        at = top * page.height / self.devicePixelRatioF() - self._area.viewport().height() / 5
        self._area.verticalScrollBar().setValue(max(0, round(at)))


class _Picture(QWidget):
    """A page on its ground."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._page: Page | None = None
        self._image = QImage()
        theme.changed.connect(self.update)

    def show_page(self, page: Page | None, ratio: float) -> None:
        """Draw this one, `ratio` of its pixels to one of the window's."""
        self._page = page
        self._image = QImage()
        if page is not None:
            seen = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB888)
            self._image = seen.copy()  # Qt does not keep the bytes alive
            self._image.setDevicePixelRatio(ratio)
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """The page and its margins."""
        size = self._image.deviceIndependentSize().toSize()
        return QSize(size.width() + 2 * _MARGIN, size.height() + 2 * _MARGIN)

    def paintEvent(self, _: QPaintEvent) -> None:
        """The page is white in dark colours too: it is a picture."""
        if self._page is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self._image.deviceIndependentSize()
        room = QRectF(_MARGIN, _MARGIN, size.width(), size.height())
        painter.drawImage(room.topLeft(), self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.setPen(Qt.PenStyle.NoPen)
        passage = _outline(self._page.passage, room, 2.0)
        words = _outline(self._page.words, room, 1.0)
        for outline, colour, strength in (
            (passage.subtracted(words), _PASSAGE_COLOUR, _PASSAGE_STRENGTH),
            (words, _WORD_COLOUR, _WORD_STRENGTH),
        ):
            ground = QColor(colour)
            ground.setAlpha(strength)
            painter.setBrush(ground)
            painter.drawPath(outline)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.colours.border), 1))
        painter.drawRect(room)


def _outline(rects: Iterable[Rect], room: QRectF, beyond: float) -> QPainterPath:
    """Of all of them together, on a page that fills `room`; a little larger."""
    outline = QPainterPath()
    outline.setFillRule(Qt.FillRule.WindingFill)
    for left, top, right, bottom in rects:
        mark = QRectF(
            room.left() + left * room.width(),
            room.top() + top * room.height(),
            (right - left) * room.width(),
            (bottom - top) * room.height(),
        )
        outline.addRoundedRect(mark.adjusted(-beyond, -beyond, beyond, beyond), 2, 2)
    return outline
