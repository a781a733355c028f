"""A page as a picture: its passage and words are marked, and its letters can be selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QClipboard,
    QColor,
    QGuiApplication,
    QImage,
    QKeySequence,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import QMenu, QWidget

from findling.documents.letters import Letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import (
        QContextMenuEvent,
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QWheelEvent,
    )

    from findling.documents import Page
    from findling.documents.letters import Rect
    from findling_desktop.theme import Theme

MARGIN = 16
#: On white, in light and dark colours alike, and how strongly, 0 … 255: the letters have to be read through.
_PASSAGE, _WORD, _SELECTION = ("#63b3c9", 70), ("#ffd84d", 190), ("#5b8def", 120)
_KEYS = QKeySequence.StandardKey
#: Keys that move the end of the selection: by what, and which way.
_MOVES = (
    (_KEYS.SelectPreviousChar, "letter", -1),
    (_KEYS.SelectNextChar, "letter", 1),
    (_KEYS.SelectPreviousWord, "word", -1),
    (_KEYS.SelectNextWord, "word", 1),
    (_KEYS.SelectPreviousLine, "line", -1),
    (_KEYS.SelectNextLine, "line", 1),
    (_KEYS.SelectStartOfLine, "edge", -1),
    (_KEYS.SelectEndOfLine, "edge", 1),
    (_KEYS.SelectStartOfDocument, "page", -1),
    (_KEYS.SelectEndOfDocument, "page", 1),
)


class PagePicture(QWidget):
    """Drag over words to select them, click twice for one; Shift and the arrow keys do it too."""

    #: A place of it that is to be in sight.
    reached = Signal(QPoint)
    #: The page is wanted larger (1) or smaller (-1).
    zoom_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._page: Page | None = None
        self._image = QImage()
        #: Where the selection was begun, and where it has got to.
        self._selection = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_page(self, page: Page | None, ratio: float) -> None:
        """Draw this one, `ratio` of its pixels to one of the window's."""
        if page is None or (page.number, page.letters.text) != (self._number, self._letters.text):
            self._selection = (0, 0)
        self._page = page
        self._image = QImage()
        if page is not None:
            seen = QImage(page.pixels, page.width, page.height, page.stride, QImage.Format.Format_RGB888)
            self._image = seen.copy()  # Qt does not keep the bytes alive
            self._image.setDevicePixelRatio(ratio)
        self.resize(self.sizeHint())
        self.update()

    @property
    def selected(self) -> str:
        """The text that is selected."""
        return self._letters.copied(*sorted(self._selection))

    def select(self, start: int, end: int) -> None:
        """Select from one place between letters to another."""
        self._selection = (start, end)
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection() and start != end:
            clipboard.setText(self.selected, QClipboard.Mode.Selection)
        self.update()

    def select_all(self) -> None:
        """Select the page's text."""
        self.select(0, len(self._letters.text))

    def copy(self) -> None:
        """Put what is selected into the clipboard."""
        if selected := self.selected:
            QGuiApplication.clipboard().setText(selected)

    def point_of(self, place: int) -> QPoint:
        """Where a letter stands on this widget: the middle of its left side."""
        boxes = self._letters.boxes
        left, top, right, bottom = boxes[min(place, len(boxes) - 1)]
        room = self._room()
        x = left if place < len(boxes) else right
        return QPointF(
            room.left() + x * room.width(), room.top() + (top + bottom) / 2 * room.height()
        ).toPoint()

    @property
    def _letters(self) -> Letters:
        return self._page.letters if self._page is not None else Letters()

    @property
    def _number(self) -> int:
        return self._page.number if self._page is not None else 0

    # -- mouse and keys -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to select; with Shift go on."""
        if event.button() == Qt.MouseButton.LeftButton:
            place = self._letters.place_at(*self._share(event.position()))
            going_on = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.select(self._selection[0] if going_on else place, place)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 — Qt's name
        """Select up to here; else show that one could."""
        x, y = self._share(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.select(self._selection[0], self._letters.place_at(x, y))
            self.reached.emit(event.position().toPoint())
        elif self._letters.letter_at(x, y) is not None:
            self.setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 — Qt's name
        """Select the word."""
        letter = self._letters.letter_at(*self._share(event.position()))
        if letter is not None:
            self.select(*self._letters.word_at(letter))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 — Qt's name
        """Offer to copy."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(self.tr("&Copy"), QKeySequence(_KEYS.Copy), self.copy)
        copy.setEnabled(bool(self.selected))
        everything = menu.addAction(self.tr("Select &All"), QKeySequence(_KEYS.SelectAll), self.select_all)
        everything.setEnabled(bool(self._letters.text))
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select, copy and enlarge; other keys scroll."""
        move = next(((by, way) for key, by, way in _MOVES if event.matches(key)), None)
        if event.matches(_KEYS.Copy):
            self.copy()
        elif event.matches(_KEYS.SelectAll):
            self.select_all()
        elif event.matches(_KEYS.ZoomIn) or event.matches(_KEYS.ZoomOut):
            self.zoom_wanted.emit(1 if event.matches(_KEYS.ZoomIn) else -1)
        elif move is not None and self._letters.text:
            self._move(*move)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 — Qt's name
        """With Ctrl it enlarges."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_wanted.emit(1 if event.angleDelta().y() > 0 else -1)
        else:
            super().wheelEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are for the page."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 — Qt's name
        """And that they are not."""
        super().focusOutEvent(event)
        self.update()

    def _move(self, by: str, way: int) -> None:
        """Take the selection's end further; where there is none, it begins at the passage."""
        letters, (start, end) = self._letters, self._selection
        if start == end == 0 and self._page is not None and self._page.passage:
            left, top, _, bottom = self._page.passage[0]
            start = end = letters.place_at(left, (top + bottom) / 2)
        if by == "letter":
            end = min(max(end + way, 0), len(letters.text))
        elif by == "word":
            end = letters.word_on(end, way)
        elif by == "line":
            end = letters.line_on(end, way)
        elif by == "edge":
            end = letters.line_of(end)[max(way, 0)]
        else:
            end = len(letters.text) if way > 0 else 0
        self.select(start, end)
        self.reached.emit(self.point_of(end))

    # -- drawing ------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """The page and its margins."""
        size = self._image.deviceIndependentSize().toSize()
        return QSize(size.width() + 2 * MARGIN, size.height() + 2 * MARGIN)

    def paintEvent(self, _: QPaintEvent) -> None:
        """The page is white in dark colours too: it is a picture."""
        page = self._page
        if page is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self._room()
        painter.drawImage(room.topLeft(), self._image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        painter.setPen(Qt.PenStyle.NoPen)
        words = _outline(page.words, room, 1.0)
        for outline, (colour, strength) in (
            (_outline(page.passage, room, 2.0).subtracted(words), _PASSAGE),
            (words, _WORD),
            (_outline(page.letters.rects(*sorted(self._selection)), room, 0.0), _SELECTION),
        ):
            ground = QColor(colour)
            ground.setAlpha(strength)
            painter.setBrush(ground)
            painter.drawPath(outline)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colours = self._theme.colours
        painter.setPen(
            QPen(QColor(colours.accent), 2) if self.hasFocus() else QPen(QColor(colours.border), 1)
        )
        painter.drawRect(room)

    def _room(self) -> QRectF:
        size = self._image.deviceIndependentSize()
        return QRectF(MARGIN, MARGIN, size.width(), size.height())

    def _share(self, point: QPointF) -> tuple[float, float]:
        """A point of this widget as shares of the page's width and height."""
        room = self._room()
        if room.isEmpty():
            return 0.0, 0.0
        return (point.x() - room.left()) / room.width(), (point.y() - room.top()) / room.height()


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
