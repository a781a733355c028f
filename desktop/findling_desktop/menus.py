"""The menu bar: its actions, with their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from findling_desktop.help import AboutDialog, GuideDialog, ShortcutsDialog
from findling_desktop.library import LibrariesMenu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QMainWindow

    from findling_desktop.theme import Theme


class Menus(QObject):
    """Actions are public; the window connects them."""

    theme_chosen = Signal(str)

    def __init__(self, window: QMainWindow, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        bar = window.menuBar()
        self.add_folder = self._action(self.tr("&Add Folder…"), "Ctrl+O")
        self.update_index = self._action(self.tr("&Update Index"), "F5")
        self.keep_up_to_date = self._action(self.tr("&Keep Up to Date"))
        self.keep_up_to_date.setCheckable(True)
        self.quit = self._action(self.tr("&Quit"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.open = self._action(self.tr("&Open"))
        self.reveal = self._action(self.tr("&Show in Folder"), "Ctrl+Return")
        self.copy_path = self._action(self.tr("&Copy Path"), "Ctrl+Shift+C")
        self.find = self._action(self.tr("&Search"), "Ctrl+L", "Ctrl+F", "Ctrl+1")
        self.library = self._action(self.tr("&Library"), "Ctrl+2")
        self.tuning = self._action(self.tr("Learn &My Documents"), "Ctrl+3")
        self.models = self._action(self.tr("M&odels"), "Ctrl+4")
        self.settings = self._action(self.tr("S&ettings"), "Ctrl+,", "Ctrl+5")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.map = self._action(self.tr("Ma&p"), "Ctrl+6")
        self.more_like = self._action(self.tr("&More Like This Passage"), "Ctrl+M")
        self.related = self._action(self.tr("&Related Documents"), "Ctrl+Shift+M")
        self.answers = self._action(self.tr("This &Answers It"), "Ctrl+J")
        self.does_not = self._action(self.tr("This Does &Not"), "Ctrl+Shift+J")
        for judgement in (self.answers, self.does_not):
            judgement.setCheckable(True)
        self.save_search = self._action(self.tr("&Save This Search…"), "Ctrl+D")
        self.remove_saved = QMenu(self.tr("&Remove Saved Search"), window)
        self.keep_history = self._action(self.tr("&Keep History"))
        self.keep_history.setCheckable(True)
        self.clear_history = self._action(self.tr("&Clear History…"))
        shortcuts = self._action(self.tr("&Keyboard Shortcuts"), "F1")
        shortcuts.triggered.connect(lambda: self._show(ShortcutsDialog(window, theme)))
        guide = self._action(self.tr("&Guide"), "Shift+F1")
        guide.triggered.connect(lambda: self._show(GuideDialog(window, theme)))
        about = self._action(self.tr("&About Findling"))
        about.setMenuRole(QAction.MenuRole.AboutRole)
        about.triggered.connect(lambda: self._show(AboutDialog(window, theme)))

        self.jobs = self._action(self.tr("Work in the &Background"), "Ctrl+B")
        self.libraries = LibrariesMenu(window)

        file = bar.addMenu(self.tr("&File"))
        file.addActions([self.add_folder, self.update_index, self.keep_up_to_date])
        file.addSeparator()
        file.addMenu(self.libraries)
        file.addSeparator()
        file.addActions([self.open, self.reveal, self.copy_path])
        file.addSeparator()
        file.addAction(self.quit)
        self.search = bar.addMenu(self.tr("&Search"))
        self.search.addActions([self.more_like, self.related])
        self.search.addSeparator()
        self.search.addActions([self.answers, self.does_not])
        self.search.addSeparator()
        self.search.addAction(self.save_search)
        self.search.addMenu(self.remove_saved)
        self.search.addSeparator()
        self.search.addActions([self.keep_history, self.clear_history])
        #: What can be done with the current hit.
        self.hit = QMenu(window)
        self.hit.addActions([self.open, self.reveal, self.copy_path])
        self.hit.addSeparator()
        self.hit.addActions([self.more_like, self.related])
        self.hit.addSeparator()
        self.hit.addActions([self.answers, self.does_not])
        self.hit.addSeparator()
        self.hit.addAction(self.save_search)
        view = bar.addMenu(self.tr("&View"))
        view.addActions([self.find, self.library, self.tuning, self.models, self.settings, self.map])
        view.addSeparator()
        view.addAction(self.jobs)
        view.addSeparator()
        self.themes = QActionGroup(self)
        for choice, text in (
            ("system", self.tr("Colours of the &System")),
            ("light", self.tr("&Light")),
            ("dark", self.tr("&Dark")),
        ):
            action = QAction(text, self)
            action.setCheckable(True)
            action.setChecked(choice == theme.choice)
            action.setData(choice)
            self.themes.addAction(action)
            view.addAction(action)
        self.themes.triggered.connect(lambda action: self.theme_chosen.emit(action.data()))
        self.help = bar.addMenu(self.tr("&Help"))
        self.help.addActions([guide, shortcuts, about])

    def check_theme(self, choice: str) -> None:
        """Mark "system", "light" or "dark", without telling."""
        for action in self.themes.actions():
            action.setChecked(action.data() == choice)

    def _action(self, text: str, *keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return action

    def _show(self, dialog: QDialog) -> None:
        dialog.open()
