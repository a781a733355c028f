"""Says what Findling has written and what stays, and removes it once a person has said so twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from findling_desktop import icons, texts
from findling_desktop.dialogs import Dialog
from findling_desktop.widgets import Button, ProgressBar, Toggle, clear, label, line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QCloseEvent

    from findling.jobs import Progress
    from findling.library.removal import Stay, Stock
    from findling_desktop.removal import Removal
    from findling_desktop.theme import Theme

_WIDTH = 620
_MOST_NAMES, _MOST_STAYS = 90, 3


class RemovalDialog(Dialog):
    """What goes with its sizes, what stays, a switch that must be turned first, and how it went."""

    def __init__(self, parent: QWidget, theme: Theme, removal: Removal) -> None:
        super().__init__(
            parent, theme, QCoreApplication.translate("RemovalDialog", "Remove all my data"), _WIDTH
        )
        self._removal = removal
        self._working = False
        self._over: bool | None = None
        self._marks: list[QLabel] = []
        self.keep_models = Toggle(theme, self.tr("Keep the models, but none that learned from my documents"))
        self.sure = Toggle(theme, self.tr("I understand that this cannot be brought back"))
        self.remove_button = Button(theme, self.tr("Remove Everything"), "", "danger")
        self.remove_button.setEnabled(False)
        self.progress = ProgressBar(self.tr("Removing"))
        self.doing = label(role="muted")
        self.close_button.setText(self.tr("Cancel"))
        self.close_button.setDefault(True)
        self.buttons.addWidget(self.remove_button)
        self._arrange()
        self.keep_models.toggled.connect(self._look)
        self.sure.toggled.connect(self._follow)
        self.remove_button.clicked.connect(self._begin)
        theme.changed.connect(self._redraw)
        removal.progressed.connect(self._show_progress)
        removal.ended.connect(self._show_end)
        removal.failed.connect(self._show_failure)
        self.finished.connect(self._leave)
        self._stock: Stock | None = None
        self._look()

    def _arrange(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        self.rows = QGridLayout(card)
        self.rows.setContentsMargins(20, 16, 20, 16)
        self.rows.setHorizontalSpacing(24)
        self.rows.setVerticalSpacing(2)
        self.rows.setColumnStretch(0, 1)
        self.stays = label(role="small", wrap=True)
        self.asking = QWidget()
        column = QVBoxLayout(self.asking)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        about = self.tr("All that Findling has written on this computer goes, and Findling ends.")
        column.addWidget(label(about, "muted", wrap=True))
        column.addWidget(card)
        column.addLayout(self._reassuring(self.tr("Your documents stay as they are, all of them.")))
        column.addWidget(self.stays)
        column.addWidget(line())
        column.addWidget(self.keep_models)
        column.addWidget(self.sure)
        self.working = QWidget()
        column = QVBoxLayout(self.working)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(12)
        column.addWidget(self.doing)
        column.addWidget(self.progress)
        self.working.hide()
        self.body.addWidget(self.asking)
        self.body.addWidget(self.working)

    def _reassuring(self, text: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        mark = QLabel()
        self._marks.append(mark)
        self._redraw()
        row.addWidget(mark)
        row.addWidget(label(text, "heading", wrap=True), 1)
        return row

    def _redraw(self) -> None:
        for mark in self._marks:
            colour = self._theme.colours.meaning_line
            mark.setPixmap(icons.pixmap("check", colour, 20, self.devicePixelRatioF()))

    # -- asking -------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._stock = None
        self._follow()
        looked = self._removal.look(self._show, self.problem.say, keep_models=self.keep_models.isChecked())
        self.destroyed.connect(looked.cancel)  # with its parent, while that is on its way

    def _show(self, stock: Stock) -> None:
        self._stock = stock
        clear(self.rows)
        row = 0
        for title, names, size in _lines(stock):
            self.rows.addWidget(label(title), row, 0)
            self.rows.addWidget(label(texts.size(size)), row, 1, Qt.AlignmentFlag.AlignRight)
            if names:
                self.rows.addWidget(label(names, "small", wrap=True), row + 1, 0)
            self.rows.setRowMinimumHeight(row + 2, 6)
            row += 3
        self.rows.addWidget(line(), row, 0, 1, 2)
        self.rows.setRowMinimumHeight(row + 1, 4)
        self.rows.addWidget(label(self.tr("Together"), "heading"), row + 2, 0)
        total = label(texts.size(stock.total_bytes), "heading")
        self.rows.addWidget(total, row + 2, 1, Qt.AlignmentFlag.AlignRight)
        self._tell_stays(stock.stays)
        self._follow()
        self._fit()

    def _tell_stays(self, stays: Iterable[Stay]) -> None:
        from findling.library.removal import Why

        told = [_stays(stay) for stay in stays if stay.why is not Why.KEPT]
        if len(told) > _MOST_STAYS:
            told[_MOST_STAYS:] = [self.tr("And {} more.").format(texts.number(len(told) - _MOST_STAYS))]
        self.stays.setText("\n".join(told))
        self.stays.setVisible(bool(told))

    def _follow(self) -> None:
        self.remove_button.setEnabled(self.sure.isChecked() and self._stock is not None)

    # -- removing -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._working = True
        self.problem.hide()
        self.asking.hide()
        self.working.show()
        self.doing.setText(self.tr("Stopping what is at work …"))
        self.progress.show_share(None)
        self.remove_button.setEnabled(False)
        self.close_button.setEnabled(False)
        self._fit()
        self._removal.begin(keep_models=self.keep_models.isChecked())

    def _show_progress(self, progress: Progress) -> None:
        if progress.phase == "removing":
            self.doing.setText(self.tr("Removing …"))
            self.progress.show_share(progress.fraction)

    def _show_end(self, gone: Stock) -> None:
        from findling.library.removal import Why

        refused = any(stay.why is Why.REFUSED for stay in gone.stays)
        freed = self.tr("{} are free again.").format(texts.size(gone.total_bytes))
        if refused:
            self._finish(self.tr("Not everything could be removed."), good=False)
        else:
            self._finish(self.tr("All of it is gone. {}").format(freed), good=True)
        self.close_button.setText(self.tr("Quit Findling"))
        self.body.addWidget(label(self.tr("Your documents are as they were."), "muted"))
        self._tell_stays(gone.stays)
        self.body.addWidget(self.stays)
        self._over = True
        self._fit()

    def _show_failure(self, error: Exception) -> None:
        self._finish(self.tr("Nothing was removed."), good=False)
        self.close_button.setText(self.tr("Close"))
        self.problem.say(error)
        self._over = False
        self._fit()

    def _finish(self, text: str, *, good: bool) -> None:
        self._working = False
        self.working.hide()
        self.remove_button.hide()
        self.close_button.setEnabled(True)
        self.close_button.setFocus()
        if good:
            self.body.addLayout(self._reassuring(text))
        else:
            self.body.addWidget(label(text, "heading", wrap=True))

    def _fit(self) -> None:
        """Be as high as what is shown, once it has been laid out."""
        QTimer.singleShot(0, self, self._grow)

    def _grow(self) -> None:
        layout = self.layout()
        assert layout is not None
        self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def reject(self) -> None:
        """Escape closes it, but not while everything is being removed."""
        if not self._working:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """It stays while everything is being removed."""
        if self._working:
            event.ignore()
        else:
            super().closeEvent(event)

    def _leave(self) -> None:
        if self._over is not None:
            self._removal.left.emit(self._over)


def _lines(stock: Stock) -> list[tuple[str, str, int]]:
    """What goes: a title, the names of what it is, and bytes."""
    from findling.library.removal import Kind

    titles = {
        Kind.LIBRARY: _tr("Libraries with their index, history, saved searches and judgements"),
        Kind.MODEL: _tr("Models"),
        Kind.DOWNLOAD: _tr("Downloads of models"),
        Kind.COMPONENT: _tr("What is needed to learn my documents"),
        Kind.RECOGNISED: _tr("Text of pictures and scanned pages"),
    }
    found: list[tuple[str, str, int]] = []
    for kind, title in titles.items():
        if parts := stock.of(kind):
            names = ", ".join(part.name for part in parts if part.name)
            found.append((title, texts.shortened(names, _MOST_NAMES), sum(part.bytes for part in parts)))
    if small := [part for part in stock.parts if part.kind not in titles]:
        found.append((_tr("Settings, logs and copies"), "", sum(part.bytes for part in small)))
    return found


def _stays(stay: Stay) -> str:
    from findling.library.removal import Why

    place = texts.short_path(stay.place)
    told = {
        Why.STRANGE: _tr("Stays, for it is not Findling's: {}"),
        Why.LINK: _tr("Stays, for it is a link: {}"),
        Why.DOCUMENTS: _tr("Stays, for a folder that you search lies in it: {}"),
        Why.REFUSED: _tr("Could not be removed: {}"),
    }.get(stay.why, _tr("Stays, for it lies elsewhere; to remove it, delete its library first: {}"))
    return told.format(place)


_tr = texts.tr
