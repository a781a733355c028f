"""The library page: its folders, and all its files with what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QTableView,
    QVBoxLayout,
)

from findling_desktop import texts
from findling_desktop.indexing import Watching, WatchState
from findling_desktop.library.files_model import FilesModel
from findling_desktop.library.index_dialog import IndexDialog
from findling_desktop.library.rules_dialog import RulesDialog
from findling_desktop.library.why_dialog import WhyDialog
from findling_desktop.pages import Page
from findling_desktop.tables import dress
from findling_desktop.widgets import Button, Switch, Toggle, confirm, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.store import FileRow
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import LibraryStatus, Workspace

_STATES = {"all": (), "indexed": ("indexed",), "skipped": ("skipped",), "failed": ("failed",)}
_FOLDER_ROWS = 4


class LibraryPage(Page):
    """Folders above, files below."""

    add_wanted = Signal()

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__(theme, QCoreApplication.translate("LibraryPage", "Search"))
        self._theme = theme
        self._workspace = workspace
        self._state = "all"
        self.back_button.setToolTip(self.tr("Back to the search (Esc)"))
        self.add_button = Button(theme, self.tr("Add a folder…"), "add", "primary")
        self.update_button = Button(theme, self.tr("Update index"), "update")
        self.update_button.setToolTip(self.tr("Read new and changed files (F5)"))
        self.keep_switch = Toggle(theme, self.tr("Keep up to date"))
        self.keep_switch.setToolTip(
            self.tr("Read files again as soon as they are changed, while this window is open")
        )
        self.keep_switch.setChecked(workspace.keep_up_to_date)
        self.watching = label(role="small", wrap=True)
        self.watching.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.watching.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.figures = label(role="muted")
        self.folders = QListWidget()
        self.remove_button = Button(theme, self.tr("Leave out"), "clear")
        self.remove_button.setToolTip(self.tr("Search the chosen folder no more; its files stay as they are"))
        self.rules_button = Button(theme, self.tr("Which files…"), "document", "quiet")
        self.rules_button.setToolTip(self.tr("Which files below these folders are looked at"))
        self.index_button = Button(theme, self.tr("Index…"), "library", "quiet")
        self.index_button.setToolTip(self.tr("The model of the index, its size, and the way back"))
        self.why_button = Button(theme, self.tr("Why is a file not found?"), "info", "quiet")
        self.folders.setAccessibleName(self.tr("Folders of the library"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by name, folder or reason"))
        self.filter.setAccessibleName(self.tr("Filter the files"))
        self.filter.setClearButtonEnabled(False)
        self.switch = Switch(
            self.tr("Which files"),
            (
                ("all", self.tr("All"), self.tr("All files that were looked at")),
                ("indexed", self.tr("Indexed"), self.tr("Files that can be found")),
                ("skipped", self.tr("Skipped"), self.tr("Files of kinds that are not read")),
                ("failed", self.tr("Failed"), self.tr("Files that could not be read")),
            ),
            self.show_state,
        )
        self.files = FilesModel()
        self.table = QTableView()
        self._dress_table()
        self.shown = label(role="small")
        self.again_button = Button(theme, self.tr("Try failed files again"), "update", "quiet")
        self.again_button.hide()
        self._arrange()
        self._connect()

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.files)
        dress(table, self.tr("Files of the library"))
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(1, 88)
        header.resizeSection(2, 520)

    def _arrange(self) -> None:
        self.strip.addWidget(self.update_button)
        self.strip.addWidget(self.add_button)
        column = QVBoxLayout()
        column.setContentsMargins(32, 24, 32, 16)
        column.setSpacing(8)
        title = QHBoxLayout()
        title.addWidget(label(self.tr("Folders"), "title"))
        title.addStretch(1)
        title.addWidget(self.rules_button)
        title.addWidget(self.remove_button)
        title.addSpacing(12)
        title.addWidget(self.keep_switch)
        column.addLayout(title)
        state = QHBoxLayout()
        state.setSpacing(24)
        state.addWidget(self.figures, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self.watching, 1)
        column.addLayout(state)
        column.addSpacing(4)
        column.addWidget(self.folders)
        column.addSpacing(16)
        below = QHBoxLayout()
        below.addWidget(label(self.tr("Files"), "title"))
        below.addStretch(1)
        below.addWidget(self.index_button)
        below.addWidget(self.why_button)
        column.addLayout(below)
        choice = QHBoxLayout()
        choice.setSpacing(12)
        choice.addWidget(self.filter, 1)
        choice.addWidget(self.switch)
        column.addLayout(choice)
        column.addWidget(self.table, 1)
        last = QHBoxLayout()
        last.addWidget(self.shown)
        last.addStretch(1)
        last.addWidget(self.again_button)
        column.addLayout(last)
        self.body.addLayout(column, 1)

    def _connect(self) -> None:
        self.add_button.clicked.connect(self.add_wanted)
        self.update_button.clicked.connect(self._workspace.update)
        self.remove_button.clicked.connect(self._ask_to_leave_out)
        self.again_button.clicked.connect(self._workspace.try_again)
        self.rules_button.clicked.connect(self._ask_for_rules)
        self.index_button.clicked.connect(self._show_index)
        self.why_button.clicked.connect(self._ask_why)
        self.folders.currentRowChanged.connect(lambda _: self._offer())
        self.filter.textChanged.connect(lambda _: self._filter())
        self.keep_switch.toggled.connect(self._workspace.set_keep_up_to_date)
        self._workspace.keep_changed.connect(self.keep_switch.setChecked)
        self._workspace.watching_changed.connect(self._show_watching)
        self._workspace.status_changed.connect(self._take_status)
        self._workspace.job_started.connect(self._offer)
        self._workspace.job_ended.connect(lambda _: self._offer())
        self._offer()

    def open(self) -> None:
        """Read the list of files, and be ready for the keyboard."""
        self.read_files()
        self.filter.setFocus()

    def read_files(self) -> None:
        """Read the list of files anew."""
        self._workspace.files(self._take_files, lambda error: self._say(texts.error_texts(error)[0]))

    def show_state(self, state: str) -> None:
        """Show "all" files, or those "indexed", "skipped" or "failed"."""
        self._state = state
        self.again_button.setVisible(state == "failed")
        self.switch.choose(state)
        self._filter()

    def _offer(self) -> None:
        """What can be done now."""
        self.update_button.setEnabled(not self._workspace.busy)
        self.rules_button.setEnabled(not self._workspace.busy)
        self.again_button.setEnabled(not self._workspace.busy)
        self.remove_button.setEnabled(not self._workspace.busy and self.folders.currentRow() >= 0)

    def _ask_to_leave_out(self) -> None:
        place, status = self.folders.currentRow(), self._workspace.status
        if status is None or not 0 <= place < len(status.folders):
            return
        folder = status.folders[place]
        confirm(
            self.window(),
            self.tr("Leave a folder out"),
            self.tr("Search {} no more?").format(texts.short_path(folder)),
            self.tr("Its files stay as they are. It can be added again at any time."),
            self.tr("Leave It Out"),
            lambda: self._workspace.leave_out(Path(folder)),
        )

    def _ask_for_rules(self) -> None:
        dialog = RulesDialog(self.window(), self._theme, self._workspace.keeping)
        dialog.wanted.connect(self._workspace.follow_rules)
        dialog.open()

    def _show_index(self) -> None:
        IndexDialog(self.window(), self._theme, self._workspace.keeping, self._workspace.models).open()

    def _ask_why(self) -> None:
        WhyDialog(self.window(), self._theme, self._workspace.keeping).open()

    def _take_status(self, status: LibraryStatus) -> None:
        self.figures.setText(f"{texts.files(status.all_files)}  ·  {texts.passages(status.passages)}")
        shown = [self.folders.item(row).text() for row in range(self.folders.count())]
        folders = [texts.short_path(folder) for folder in status.folders]
        if shown != folders:
            self.folders.clear()
            self.folders.addItems(folders)
            rows = max(1, min(_FOLDER_ROWS, len(folders)))
            row_height = max(self.folders.sizeHintForRow(0), self.fontMetrics().height() + 16)
            self.folders.setFixedHeight(rows * row_height + 10)
        for state, text in (
            ("indexed", self.tr("Indexed")),
            ("skipped", self.tr("Skipped")),
            ("failed", self.tr("Failed")),
        ):
            self.switch.rename(state, f"{text} {texts.number(status.files.get(state, 0))}")
        if self.isVisible():
            self.read_files()

    def _show_watching(self, watching: Watching) -> None:
        states = {
            WatchState.OFF: "",
            WatchState.STARTING: self.tr("Looking for changes…"),
            WatchState.WATCHING: self.tr("Watching for changes"),
            WatchState.BUSY_ELSEWHERE: self.tr(
                "Another Findling is updating this library. Watching goes on when it has finished."
            ),
            WatchState.STOPPED: self.tr("Changes are not watched until the next update"),
        }
        self.watching.setText(watching.problem or states[watching.state])

    def _take_files(self, files: Sequence[FileRow]) -> None:
        place = self.table.verticalScrollBar().value()
        self.files.show_files(files)
        self.table.verticalScrollBar().setValue(place)
        self._say_count()

    def _filter(self) -> None:
        self.files.show_only(_STATES[self._state], self.filter.text())
        self._say_count()

    def _say_count(self) -> None:
        self._say(self.tr("{} shown").format(texts.files(self.files.rowCount())))

    def _say(self, text: str) -> None:
        self.shown.setText(text)
