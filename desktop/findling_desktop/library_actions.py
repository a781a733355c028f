"""What can be done with the libraries as such: show another, make one, delete one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from findling_desktop.library import NewLibrary
from findling_desktop.widgets import confirm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from findling_desktop.library import LibrariesMenu
    from findling_desktop.preferences import Preferences
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import LibraryStatus, Workspace


class LibraryActions(QObject):
    """Connects the menu of libraries with the libraries that there are."""

    #: The name of a library that shall be shown instead, and the model that it is made with, or "".
    switch_wanted = Signal(str, str)

    def __init__(
        self,
        window: QWidget,
        menu: LibrariesMenu,
        workspace: Workspace,
        theme: Theme,
        preferences: Preferences,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._menu = menu
        self._workspace = workspace
        self._theme = theme
        self._preferences = preferences
        self._names: tuple[str, ...] = ()
        keeping = workspace.keeping
        keeping.names_read.connect(self._take_names)
        workspace.status_changed.connect(self._take_status)
        workspace.absent.connect(keeping.read_names)
        menu.aboutToShow.connect(keeping.read_names)
        menu.chosen.connect(self.switch)
        menu.new_wanted.connect(self.make)
        menu.delete_wanted.connect(self._ask_to_delete)

    def switch(self, name: str, model: str = "") -> None:
        """Show another library in place of this one; what is being done here stops, and goes on when this
        one is shown again."""
        workspace = self._workspace
        jobs = (workspace.tuning, workspace.models, workspace.map)
        if not (workspace.busy or any(job.working for job in jobs)):
            self.switch_wanted.emit(name, model)
            return
        confirm(
            self._window,
            self.tr("Show another library"),
            self.tr("Findling is at work on this library. Show {} now?").format(name),
            self.tr("The work stops, and goes on when you come back to this library."),
            self.tr("Show It"),
            lambda: self.switch_wanted.emit(name, model),
        )

    def make(self) -> None:
        """Ask how a new library is called, and show it."""
        workspace, usual = self._workspace, self._preferences["model"]
        dialog = NewLibrary(self._window, self._theme, workspace.keeping, workspace.models, usual)
        dialog.wanted.connect(self.switch)
        dialog.open()

    def _ask_to_delete(self, name: str) -> None:
        confirm(
            self._window,
            self.tr("Delete a library"),
            self.tr("Delete the library {}?").format(name),
            self.tr("Its index, its history and its judgements go. Your files stay as they are."),
            self.tr("Delete It"),
            lambda: self._workspace.keeping.delete(name),
        )

    def _take_names(self, names: tuple[str, ...]) -> None:
        if names != self._names:
            self._names = names
            self._menu.show_names(names, self._workspace.name)

    def _take_status(self, status: LibraryStatus) -> None:
        if status.name not in self._names:
            self._workspace.keeping.read_names()
