"""The window, and the one that takes its place when another library is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling_desktop.main_window import MainWindow


class Windows(QObject):
    """One window at a time. Whoever wants to see another library gets another window in the same place, while
    the one before gives back what it holds."""

    #: MainWindow that takes the place of the one before.
    changed = Signal(object)
    #: All is given back: the process may end.
    ended = Signal()

    def __init__(self, make: Callable[[str, str], MainWindow], library: str = "") -> None:
        """`make` builds a window on a library ("": the one shown last), which is made with the model of this
        id ("": the settings'). It begins with `library`."""
        super().__init__()
        self._make = make
        self._open: list[MainWindow] = []
        self.current = self._built(library, "")

    def switch(self, library: str, model: str = "") -> None:
        """Show this library in place of the one that is shown."""
        before = self.current
        before.remember(library)
        self.current = self._built(library, model)
        self.current.show()
        self.changed.emit(self.current)
        before.leave()

    def come(self, question: str = "") -> None:
        """Bring the window to the front, and search for `question` where there is one."""
        self.current.come(question)

    def close(self) -> None:
        """Wait until everything is given back."""
        for window in self._open:
            window.workspace.close()

    def _built(self, library: str, model: str) -> MainWindow:
        window = self._make(library, model)
        self._open.append(window)
        window.switch_wanted.connect(self.switch)
        window.closed.connect(lambda: self._gone(window))
        return window

    def _gone(self, window: MainWindow) -> None:
        self._open.remove(window)
        if window is not self.current:
            window.deleteLater()
        if not self._open:
            self.ended.emit()
