"""The main window: puts the views in their places and connects them; what they do is theirs."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

import findling
from findling.documents import split
from findling.errors import SettingsError, UserError
from findling_desktop import texts
from findling_desktop.asking import Like
from findling_desktop.bug_report import BugDialog
from findling_desktop.hit_actions import HitActions
from findling_desktop.jobs_panel import JobsButton, JobsPanel
from findling_desktop.library import FirstRunPage, IndexBar, LibraryPage
from findling_desktop.library_actions import LibraryActions
from findling_desktop.menus import Menus
from findling_desktop.models import ModelsPage
from findling_desktop.preview import PreviewPane
from findling_desktop.search import SearchPage
from findling_desktop.settings import SettingsPage
from findling_desktop.shell import file_of
from findling_desktop.tuning import TuningPage
from findling_desktop.widgets import Message, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent

    from findling.embedding import ProviderReport
    from findling.search import Hit
    from findling_desktop.bridge import Bridge
    from findling_desktop.map import MapPage
    from findling_desktop.preferences import Preferences
    from findling_desktop.shell import Shell
    from findling_desktop.state import WindowState
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import LibraryStatus, Workspace

_MESSAGE_MILLISECONDS = 5000


class MainWindow(QMainWindow):
    """First-run page, search page or library page; below them the index bar and the status bar."""

    #: Everything is given back: the process may end.
    closed = Signal()
    #: The name of a library that shall be shown instead, and the model that it is made with, or "".
    switch_wanted = Signal(str, str)

    def __init__(
        self,
        workspace: Workspace,
        bridge: Bridge,
        theme: Theme,
        shell: Shell,
        state: WindowState,
        preferences: Preferences,
    ) -> None:
        super().__init__()
        self.preferences = preferences
        #: Whether closing the window leaves Findling where it can be called back.
        self.stays: Callable[[], bool] = lambda: False
        self.workspace = workspace
        self._bridge = bridge
        self.theme = theme
        self._shell = shell
        self._state = state
        self._started = False
        self._question = ""
        self._provider: ProviderReport | None = None
        self._closing = False
        self._leaving = False
        self._dialog: QFileDialog | None = None
        self.preview = PreviewPane(workspace, theme)
        self.search = SearchPage(workspace, theme, self.preview)
        self.first_run = FirstRunPage(theme)
        self.library = LibraryPage(workspace, theme)
        self.tuning = TuningPage(workspace, theme)
        self.models = ModelsPage(workspace.models, theme)
        self.settings = SettingsPage(workspace, theme, preferences)
        self._map: MapPage | None = None
        self.index_bar = IndexBar(workspace, theme)
        self.notice = Message(theme)
        self.menus = Menus(self, theme)
        self.jobs_button = JobsButton(theme)
        self.jobs_panel = JobsPanel(workspace, theme, self)
        self.hit_actions = HitActions(self, self.menus, self.search, workspace)
        self.library_actions = LibraryActions(self, self.menus.libraries, workspace, theme, preferences)
        self._arrange()
        self._connect()
        self._restore()

    # -- arranging ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.setWindowTitle("Findling")
        self.setAcceptDrops(True)
        self._blank = QWidget()
        self._blank.setObjectName("page")
        self.pages = QStackedWidget()
        self._views: list[QWidget] = [self.search, self.library, self.tuning, self.models, self.settings]
        for page in (self._blank, self.notice, self.first_run, *self._views):
            self.pages.addWidget(page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.index_bar)
        self.setCentralWidget(centre)
        # The preview is made before the page that holds it: say in which order one reads.
        reading = [self.search.order, self.search.results, *self.preview.stops]
        for before, after in pairwise(reading):
            self.setTabOrder(before, after)
        self.model_label = label()
        self.content_label = label()
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(12, 0, 12, 0)
        bar.addPermanentWidget(self.jobs_button)
        bar.addPermanentWidget(self.content_label)
        bar.addPermanentWidget(self.model_label)

    def _connect(self) -> None:
        menus, workspace = self.menus, self.workspace
        menus.add_folder.triggered.connect(self.add_folder)
        menus.update_index.triggered.connect(workspace.update)
        menus.keep_up_to_date.setChecked(workspace.keep_up_to_date)
        menus.keep_up_to_date.toggled.connect(workspace.set_keep_up_to_date)
        workspace.keep_changed.connect(menus.keep_up_to_date.setChecked)
        menus.quit.triggered.connect(self.leave)
        menus.find.triggered.connect(self.show_search)
        menus.library.triggered.connect(self.show_library)
        menus.tuning.triggered.connect(self.show_tuning)
        menus.open.triggered.connect(self.open_hit)
        menus.reveal.triggered.connect(self.reveal_hit)
        menus.copy_path.triggered.connect(self.copy_path)
        menus.models.triggered.connect(self.show_models)
        menus.settings.triggered.connect(self.show_settings)
        menus.theme_chosen.connect(self.theme.choose)
        menus.map.triggered.connect(self.show_map)
        self._connect_jobs()
        self._follow_preferences()
        self.preview.offer_menu(menus.hit)
        self.hit_actions.told.connect(self.tell)
        self.library_actions.switch_wanted.connect(self.switch_wanted)
        workspace.keeping.failed.connect(self.show_problem)
        workspace.remembering.failed.connect(self.show_problem)
        self.first_run.add_wanted.connect(self.add_folder)
        self.first_run.sample_wanted.connect(self.add_sample)
        self.search.current_hit_changed.connect(self._preview)
        self.search.open_wanted.connect(self.open_hit)
        self.search.reveal_wanted.connect(self.reveal_hit)
        self.search.library_wanted.connect(self.show_library)
        self.search.results.reading_wanted.connect(self.preview.read_on)
        self.preview.open_wanted.connect(self.open_hit)
        self.preview.reveal_wanted.connect(self.reveal_hit)
        self.preview.copy_wanted.connect(self.copy_path)
        self.preview.link_wanted.connect(self._shell.follow)
        self.library.add_wanted.connect(self.add_folder)
        for view in (self.library, self.tuning, self.models, self.settings):
            view.back_wanted.connect(self.show_search)
        self.tuning.report_wanted.connect(self._open_file)
        self.index_bar.problems_wanted.connect(self.show_problems)
        workspace.absent.connect(self._show_first_run)
        workspace.broken.connect(self._show_broken)
        workspace.status_changed.connect(self._show_status)
        workspace.provider_known.connect(self._show_provider)

    @property
    def map(self) -> MapPage:
        """The map, made when it is first asked for: it brings numpy, which the window does not wait for."""
        if self._map is None:
            from findling_desktop.map import MapPage

            self._map = made = MapPage(self.workspace, self.theme)
            self.pages.addWidget(made)
            self._views.append(made)
            made.back_wanted.connect(self.show_search)
            made.open_wanted.connect(self._open_if_there)
            made.reveal_wanted.connect(self._reveal_file)
            made.related_wanted.connect(self._search_related)
            made.query_wanted.connect(self.search.box.setText)
            self.search.answered.connect(lambda answer: made.light(answer.title, answer.shares))
        return self._map

    def _connect_jobs(self) -> None:
        panel = self.jobs_panel
        panel.counted.connect(self.jobs_button.show_count)
        panel.index_wanted.connect(self.show_library)
        panel.tuning_wanted.connect(self.show_tuning)
        panel.models_wanted.connect(self.show_models)
        panel.map_wanted.connect(self.show_map)
        self.jobs_button.clicked.connect(self.show_jobs)
        self.menus.jobs.triggered.connect(self.show_jobs)

    def _follow_preferences(self) -> None:
        """A setting may be changed in several places, and is the same in all."""
        choose, workspace = self.preferences.choose, self.workspace
        self.theme.chosen.connect(lambda choice: choose("theme", choice))
        workspace.keep_changed.connect(lambda keep: choose("keep_up_to_date", keep))
        workspace.remembering.keep_changed.connect(lambda keep: choose("keep_history", keep))
        followers: dict[str, Callable[[Any], None]] = {
            "theme": self._show_theme,
            "text_percent": self.theme.enlarge,
            "keep_up_to_date": workspace.set_keep_up_to_date,
            "keep_history": workspace.remembering.set_keep,
        }
        self.preferences.changed.connect(lambda name, value: followers.get(name, _ignore)(value))

    def _show_theme(self, choice: str) -> None:
        self.theme.choose(choice)
        self.menus.check_theme(choice)

    def _restore(self) -> None:
        self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize()))
        if self._state.geometry:
            self.restoreGeometry(QByteArray.fromBase64(self._state.geometry.encode()))
        width, total = self._state.results_width, self._state.splitter_width
        if 0 < width < total:
            self.search.splitter.setSizes([width, total - width])
        if self._state.mode in ("hybrid", "semantic", "keyword"):
            self.search.mode = self._state.mode
            self.search.switch.choose(self._state.mode)
        if self._state.reading in ("page", "text"):
            self.preview.read_as(self._state.reading)
        self.preview.page_view.zoom(self._state.page_zoom)

    # -- pages --------------------------------------------------------------------------------------

    def show_search(self) -> None:
        """Go to the search box."""
        if self._has_library:
            self.pages.setCurrentWidget(self.search)
            self.search.focus_box()

    def come(self, question: str = "") -> None:
        """Come to the front, and search for `question` where there is one."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if question:
            self.ask_when_ready(question)

    def ask_when_ready(self, question: str) -> None:
        """Search for this, once there is a library."""
        if self._has_library:
            self.show_search()
            self.search.box.setText(question)
        else:
            self._question = question

    def show_library(self) -> None:
        """Show folders and files."""
        self._show_view(self.library)

    def show_tuning(self) -> None:
        """Show how the documents are learned."""
        self._show_view(self.tuning)

    def show_models(self) -> None:
        """Show which models there are."""
        self._show_view(self.models)

    def show_settings(self) -> None:
        """Show what can be changed."""
        self._show_view(self.settings)

    def show_map(self) -> None:
        """Show the library as a picture, in which what was found stands out."""
        answer = self.search.answer
        self.map.light(answer.title if answer else "", answer.shares if answer else {})
        self._show_view(self.map)

    def _search_related(self, document_id: str, title: str) -> None:
        self.show_search()
        self.search.search_like(Like(title, document_id=document_id))

    def _show_view(self, view: LibraryPage | TuningPage | ModelsPage | SettingsPage | MapPage) -> None:
        if self._has_library:
            self.pages.setCurrentWidget(view)
            view.open()

    @property
    def _has_library(self) -> bool:
        return self.pages.currentWidget() in self._views

    def _open_file(self, file: Path) -> None:
        try:
            if not self._shell.open(file):
                self.tell(self.tr("No program opens {}").format(file.name))
        except UserError as error:
            self.show_problem(error)

    def _open_if_there(self, file: Path) -> None:
        if self._is_there(file):
            self._open_file(file)

    def _reveal_file(self, file: Path) -> None:
        if self._is_there(file) and not self._shell.reveal(file):
            self.tell(self.tr("The folder cannot be shown"))

    def show_problems(self) -> None:
        """Show the files that were left out, failed ones first."""
        failed = self.workspace.status is not None and self.workspace.status.files.get("failed", 0)
        self.library.show_state("failed" if failed else "skipped")
        self.show_library()

    def show_problem(self, error: Exception) -> None:
        """Show an error that stops nothing."""
        message, hint = texts.error_texts(error)
        self.statusBar().showMessage(f"{message} {hint}")

    def show_bug(self, error: Exception, logs: Path) -> None:
        """Show that Findling itself is at fault, with a report; one at a time."""
        self.show_problem(error)
        if self.findChild(BugDialog) is None:
            BugDialog(self, self.theme, error, logs).open()

    def show_jobs(self) -> None:
        """Show what is being done in the background."""
        self.jobs_panel.open_above(self.jobs_button if self.jobs_button.isVisible() else self.model_label)

    # -- folders ------------------------------------------------------------------------------------

    def add_folder(self) -> None:
        """Ask for a folder, and index it."""
        dialog = QFileDialog(self, self.tr("Add a folder to search"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Add"))
        dialog.fileSelected.connect(lambda folder: self.workspace.index([Path(folder)]))
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()

    def add_sample(self) -> None:
        """Index the documents that come with Findling."""
        self.workspace.index([Path(findling.__file__).parent / "sample_library"])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Folders may be dropped anywhere."""
        if _folders(event):
            event.acceptProposedAction()
            self.first_run.show_dropping(dropping=True)

    def dragLeaveEvent(self, _: QDragLeaveEvent) -> None:  # noqa: N802 — Qt's name
        """The folder was taken away again."""
        self.first_run.show_dropping(dropping=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Index the folders that were dropped."""
        self.first_run.show_dropping(dropping=False)
        event.acceptProposedAction()
        self.workspace.index(_folders(event))

    # -- the current hit ----------------------------------------------------------------------------

    def open_hit(self) -> None:
        """Open the current hit's file where its passage stands."""
        hit = self.search.current_hit
        if hit is None or not self._is_there(file := file_of(hit.path, hit.record)):
            return
        self.search.remember_opened(hit)

        def opened(there: bool) -> None:  # noqa: FBT001 — a callback
            if not there:
                self._open_file(file)

        self._bridge.io(lambda: self._shell.open_at(file, hit.anchor), opened, self.show_problem)

    def reveal_hit(self) -> None:
        """Show the current hit's file in its folder."""
        hit = self.search.current_hit
        if hit is not None:
            self._reveal_file(file_of(hit.path, hit.record))

    def copy_path(self) -> None:
        """Copy the path of the current hit's file."""
        hit = self.search.current_hit
        if hit is not None:
            file = file_of(hit.path, hit.record)
            self._shell.copy(str(file))
            self.tell(self.tr("Path copied: {}").format(file))

    def _is_there(self, file: Path) -> bool:
        there = split(file)[0].exists()
        if not there:
            self.tell(self.tr("{} is not there any more. F5 updates the index.").format(file))
        return there

    def _preview(self, hit: Hit | None) -> None:
        self.preview.show_hit(hit, self.search.asked_words)

    def tell(self, text: str) -> None:
        """Say something for some seconds."""
        self.statusBar().showMessage(text, _MESSAGE_MILLISECONDS)

    # -- the library's state ------------------------------------------------------------------------

    def _show_status(self, status: LibraryStatus) -> None:
        self._state.library = status.name
        if self.pages.currentWidget() in (self._blank, self.first_run, self.notice):
            self.pages.setCurrentWidget(self.search)
            self.search.focus_box()
            if self._question:
                self.search.box.setText(self._question)
                self._question = ""
        self._show_title(status.name)
        self.content_label.setText(f"{texts.files(status.all_files)}  ·  {texts.passages(status.passages)}")
        self._show_provider(None)

    def _show_provider(self, report: ProviderReport | None) -> None:
        """Name the model and what it runs on: the last run did, or else queries do, as `report` says."""
        self._provider = report or self._provider
        status = self.workspace.status
        if status is None:
            return
        queries = self._provider.actual if self._provider else ""
        where = status.indexed_on or queries
        self.model_label.setText(self.tr("{} on {}").format(status.model, where) if where else status.model)
        lines = [self.tr("Indexing: {}").format(status.indexed_on)] if status.indexed_on else []
        lines += [self.tr("Questions: {}").format(queries)] if queries else []
        problems = dict.fromkeys((*status.problems, *(self._provider.problems if self._provider else ())))
        self.model_label.setToolTip("\n".join((*lines, *problems)))

    def _show_first_run(self) -> None:
        self._show_title(self.workspace.name)
        self.pages.setCurrentWidget(self.first_run)

    def _show_title(self, name: str) -> None:
        self.setWindowTitle("Findling" if name in ("", "default") else f"{name} – Findling")

    def _show_broken(self, error: Exception) -> None:
        message, hint = texts.error_texts(error)
        self.notice.say("warning", message, hint)
        self.notice.offer(self.tr("Try again"), "update", self.workspace.start)
        self.pages.setCurrentWidget(self.notice)

    # -- beginning and end --------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to load what lies behind the window once it is there."""
        super().showEvent(event)
        self.begin()

    def begin(self) -> None:
        """Begin to work, seen or not."""
        if not self._started:
            self._started = True
            self.workspace.start()

    def leave(self) -> None:
        """Close, also where closing the window would leave Findling in the tray."""
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Disappear at once; the process ends when the indexer has ended."""
        stays = self.stays() and not self._leaving
        event.setAccepted(not stays)
        if self._closing:
            return
        self._closing = not stays
        self.remember()
        self.hide()
        if self._closing:
            self.workspace.shutdown(self.closed.emit)

    def remember(self, library: str = "") -> None:
        """Keep what the window shall be like when it is opened again, perhaps on another library."""
        self._state.library = library or self._state.library
        self._state.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        sizes = self.search.splitter.sizes()
        self._state.results_width, self._state.splitter_width = sizes[0], sum(sizes)
        self._state.mode = self.search.mode
        self._state.reading = self.preview.reads_as
        self._state.page_zoom = self.preview.page_view.zoomed
        try:
            self._state.save()
        except (OSError, SettingsError):
            return  # a window that cannot be remembered can still be closed


def _ignore(_: object) -> None:
    return


def _folders(event: QDropEvent) -> list[Path]:
    urls = event.mimeData().urls()
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [path for path in paths if path.is_dir()]
