"""The menu of all libraries: to show another, to make one, to delete one that is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


class LibrariesMenu(QMenu):
    """Its entries are made anew whenever names are shown."""

    #: The name of the library that shall be shown.
    chosen = Signal(str)
    new_wanted = Signal()
    #: The name of the library that shall be deleted.
    delete_wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("&Libraries"))
        self.show_names((), "")

    def show_names(self, names: Sequence[str], current: str) -> None:
        """These are all; `current` is shown."""
        self.clear()
        group = QActionGroup(self)
        for name in names:
            action = QAction(_plain(name), self)
            action.setCheckable(True)
            action.setChecked(name == current)
            action.triggered.connect(lambda _=False, name=name: name != current and self.chosen.emit(name))
            group.addAction(action)
            self.addAction(action)
        self.addSeparator()
        self.addAction(self.tr("&New Library…")).triggered.connect(self.new_wanted)
        others = [name for name in names if name != current]
        remove = self.addMenu(self.tr("&Delete"))
        remove.setEnabled(bool(others))
        for name in others:
            action = remove.addAction(_plain(f"{name}…"))
            action.triggered.connect(lambda _=False, name=name: self.delete_wanted.emit(name))


def _plain(name: str) -> str:
    """A name in which "&" marks no key."""
    return name.replace("&", "&&")
