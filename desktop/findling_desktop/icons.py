"""Icons drawn from paths in the theme's colours, and the logo."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

#: Strokes on a grid of 24 by 24.
_PATHS = {
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM15.3 15.3L20 20",
    "clear": "M7 7L17 17M17 7L7 17",
    "open": "M13 5H19V11M19 5L11 13M17 14V19H5V7H10",
    "folder": "M3.5 7V18.5H20.5V8.5H12L10 5.5H3.5Z",
    "add": "M3.5 7V18.5H20.5V8.5H12L10 5.5H3.5ZM12 11V16M9.5 13.5H14.5",
    "copy": "M9 9H19V20H9ZM15 9V4H5V15H9",
    "pause": "M9 6V18M15 6V18",
    "resume": "M8 5.5L18.5 12L8 18.5Z",
    "update": "M19 12a7 7 0 1 1-2.2-5.1M19 4V8H15",
    "back": "M19 12H5M11 6L5 12L11 18",
    "library": "M5 4.5V19.5M9.5 4.5V19.5M13.5 5.5L18.5 19",
    "lock": "M6 11H18V20H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0V11",
    "warning": "M12 4L21 19.5H3ZM12 10V14M12 16.6V17",
    "info": "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 11V16M12 8V8.2",
    "history": "M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4 7V11.5H8.5M12 8V12.3L15 14",
    "star": "M12 4L14.4 9.2L20 9.9L15.9 13.7L17 19.3L12 16.5L7 19.3L8.1 13.7L4 9.9L9.6 9.2Z",
    "more": "M5 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0zM11.3 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0z"
    "M17.6 12a.7.7 0 1 0 1.4 0a.7.7 0 1 0-1.4 0z",
    "check": "M5 12.5L10 17.5L19 7",
    "document": "M6 3.5H14L18.5 8V20.5H6ZM14 3.5V8H18.5M9 12.5H15.5M9 16H15.5",
    "map": "M6 8a2 2 0 1 0 .1 0M17 5.5a2 2 0 1 0 .1 0M12.5 12a2 2 0 1 0 .1 0M18.5 16a2 2 0 1 0 .1 0"
    "M7 16.5a2 2 0 1 0 .1 0",
    "fit": "M4.5 9V4.5H9M15 4.5H19.5V9M19.5 15V19.5H15M9 19.5H4.5V15",
    "up": "M6 14.5L12 8.5L18 14.5",
    "down": "M6 9.5L12 15.5L18 9.5",
}


def icon(name: str, colour: str) -> QIcon:
    """The icon `name` in `colour`, sharp up to 48 px."""
    made = QIcon()
    for size in (16, 20, 24, 32, 48):
        made.addPixmap(pixmap(name, colour, size))
    return made


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon `name` in `colour`, `size` logical pixels wide."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="none" '
        f'stroke="{colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" '
        f'd="{_PATHS[name]}"/></svg>'
    )
    return _rendered(svg.encode(), size, ratio)


def logo_pixmap(size: int, ratio: float = 1.0) -> QPixmap:
    """The boulder, `size` logical pixels wide."""
    return _rendered((files("findling_desktop") / "logo.svg").read_bytes(), size, ratio)


def logo() -> QIcon:
    """The boulder as the window's icon."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(logo_pixmap(size))
    return made


def _rendered(svg: bytes, size: int, ratio: float) -> QPixmap:
    """Drawn once for all that show it: a window has some hundreds."""
    key = f"{size} {ratio} {svg.decode()}"
    drawn = QPixmap()
    if QPixmapCache.find(key, drawn):
        return drawn
    drawn = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(drawn.rect()))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, drawn)
    return drawn
