"""Pages of a document as pictures, with the passage and the words marked on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from findling_desktop import texts
from findling_desktop.preview.picture import MARGIN, PagePicture
from findling_desktop.widgets import Button, label

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from findling.documents import Page
    from findling_desktop.theme import Theme

_LEAST_ZOOM, _MOST_ZOOM, _ZOOM_STEP = 0.5, 4.0, 1.25
#: While a splitter is dragged, pages are not drawn anew for every pixel.
_SETTLE_MILLISECONDS = 150
#: What is selected and goes on beyond the view is so far in sight.
_IN_SIGHT = 24


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
        self.picture = PagePicture(theme)
        self._area = QScrollArea()
        self.bar = self._area.verticalScrollBar()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MILLISECONDS)
        self._settle.timeout.connect(self._ask_again)
        self._arrange()
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after.clicked.connect(lambda: self.turn(1))
        self.smaller.clicked.connect(lambda: self.zoom(1 / _ZOOM_STEP))
        self.larger.clicked.connect(lambda: self.zoom(_ZOOM_STEP))
        self.picture.zoom_wanted.connect(lambda way: self.zoom(_ZOOM_STEP**way))
        self.picture.reached.connect(
            lambda place: self._area.ensureVisible(place.x(), place.y(), _IN_SIGHT, _IN_SIGHT)
        )

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self._page

    @property
    def zoomed(self) -> float:
        """How many times as wide as the view a page is."""
        return self._zoom

    @property
    def wide(self) -> int:
        """Pixels that a page shall be wide."""
        room = max(160, self._area.viewport().width() - 2 * MARGIN)
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
        place = self.tr("Page {} of {}").format(texts.number(page.number), texts.number(page.pages))
        self.place.setText(place)
        self.picture.setAccessibleDescription(place)
        self.before.setEnabled(page.number > 1)
        self.after.setEnabled(page.number < page.pages)
        self.smaller.setEnabled(self._zoom > _LEAST_ZOOM)
        self.larger.setEnabled(self._zoom < _MOST_ZOOM)
        if to_passage:
            self._scroll_to(page)

    def turn(self, by: int) -> None:
        """Ask for a page further on, or back."""
        if self._page is not None and 1 <= self._page.number + by <= self._page.pages:
            self.bar.setValue(0)
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
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the page itself has it, and hands on what scrolls
        self.picture.setAccessibleName(self.tr("Page of the document"))
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
        self.bar.setValue(max(0, round(at)))
