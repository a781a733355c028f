"""The menu bar: its actions, with their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from findling_desktop.help import AboutDialog, ShortcutsDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog, QMainWindow


class Menus(QObject):
    """Actions are public; the window connects them."""

    theme_chosen = Signal(str)

    def __init__(self, window: QMainWindow, theme: str) -> None:
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
        shortcuts = self._action(self.tr("&Keyboard Shortcuts"), "F1")
        shortcuts.triggered.connect(lambda: self._show(ShortcutsDialog(window)))
        about = self._action(self.tr("&About Findling"))
        about.setMenuRole(QAction.MenuRole.AboutRole)
        about.triggered.connect(lambda: self._show(AboutDialog(window)))

        file = bar.addMenu(self.tr("&File"))
        file.addActions([self.add_folder, self.update_index, self.keep_up_to_date])
        file.addSeparator()
        file.addActions([self.open, self.reveal, self.copy_path])
        file.addSeparator()
        file.addAction(self.quit)
        view = bar.addMenu(self.tr("&View"))
        view.addActions([self.find, self.library])
        view.addSeparator()
        self.themes = QActionGroup(self)
        for choice, text in (
            ("system", self.tr("Colours of the &System")),
            ("light", self.tr("&Light")),
            ("dark", self.tr("&Dark")),
        ):
            action = QAction(text, self)
            action.setCheckable(True)
            action.setChecked(choice == theme)
            action.setData(choice)
            self.themes.addAction(action)
            view.addAction(action)
        self.themes.triggered.connect(lambda action: self.theme_chosen.emit(action.data()))
        self.help = bar.addMenu(self.tr("&Help"))
        self.help.addActions([shortcuts, about])

    def _action(self, text: str, *keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return action

    def _show(self, dialog: QDialog) -> None:
        dialog.open()
