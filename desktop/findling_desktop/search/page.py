"""The search page: asks as the person types, and shows results, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from findling_desktop import texts
from findling_desktop.icons import logo
from findling_desktop.search.box import SearchBox
from findling_desktop.search.results import ResultsView
from findling_desktop.widgets import Button, Message, Switch, label

if TYPE_CHECKING:
    from findling.search import Hit
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Answer, LibraryStatus, Workspace

#: A pause in typing of this length sends the query: two keys of a quick typist lie closer.
DEBOUNCE_MILLISECONDS = 120


class SearchPage(QWidget):
    """Box and mode above, results at the left, `preview` at the right."""

    current_hit_changed = Signal(object)
    open_wanted = Signal()
    reveal_wanted = Signal()
    library_wanted = Signal()

    def __init__(self, workspace: Workspace, theme: Theme, preview: QWidget) -> None:
        super().__init__()
        self._workspace = workspace
        self._status: LibraryStatus | None = None
        #: The query that the results, or the words in their place, belong to.
        self.answered_query = ""
        self._answered_mode = ""
        self.mode = "hybrid"
        self.setObjectName("page")
        self.box = SearchBox(theme)
        self.results = ResultsView(theme)
        self.message = Message(theme)
        self.switch = Switch(
            self.tr("How to search"),
            (
                ("hybrid", self.tr("Best of both"), self.tr("By meaning and by words at once")),
                ("semantic", self.tr("Meaning"), self.tr("What is meant, in whatever words")),
                ("keyword", self.tr("Words"), self.tr("Documents with the words themselves")),
            ),
            self.choose_mode,
        )
        self.library_button = Button(theme, self.tr("Library"), "library", "quiet")
        self.library_button.setToolTip(self.tr("Folders and files of this library (Ctrl+2)"))
        self.count = label(role="small")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._arrange(preview)
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(DEBOUNCE_MILLISECONDS)
        self._connect()
        self.show_tips()

    def _arrange(self, preview: QWidget) -> None:
        mark = QLabel()
        mark.setPixmap(logo().pixmap(QSize(32, 32), self.devicePixelRatioF()))
        header = QFrame()
        header.setObjectName("header")
        row = QHBoxLayout(header)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        row.addWidget(mark)
        row.addWidget(self.box, 1)
        row.addWidget(self.switch)
        row.addWidget(self.library_button)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.count.setContentsMargins(20, 10, 16, 6)
        column.addWidget(self.count)
        column.addWidget(self.results, 1)
        self.splitter.addWidget(left)
        self.splitter.addWidget(preview)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.setSizes([540, 740])
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(self.splitter)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(header)
        page.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self._debounce.timeout.connect(self.search_now)
        self.box.textChanged.connect(self._typed)
        self.box.down_wanted.connect(self._enter_results)
        self.box.results_wanted.connect(self._enter_results)
        self.results.current_hit_changed.connect(self.current_hit_changed)
        self.results.open_wanted.connect(self.open_wanted)
        self.results.reveal_wanted.connect(self.reveal_wanted)
        self.results.box_wanted.connect(self.focus_box)
        self.results.typed.connect(self.box.type_key)
        self.library_button.clicked.connect(self.library_wanted)
        self._workspace.status_changed.connect(self._take_status)
        self._workspace.content_changed.connect(self._search_again)

    @property
    def current_hit(self) -> Hit | None:
        """The hit that is marked, if results are shown."""
        return self.results.current_hit if self.stack.currentWidget() is self.splitter else None

    def focus_box(self) -> None:
        """Go to the box, with its text marked so that typing replaces it."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    def choose_mode(self, mode: str) -> None:
        """Search by "hybrid", "semantic" or "keyword" from now on."""
        self.mode = mode
        self.switch.choose(mode)
        self.search_now()

    def search_now(self) -> None:
        """Ask for what the box says."""
        self._debounce.stop()
        query = self.box.text().strip()
        if not query:
            self._workspace.drop_search()
            self.show_tips()
            return
        self._workspace.search(query, self.mode, self._take_answer, self._take_error)

    def show_tips(self) -> None:
        """Nothing was asked for: say what can be."""
        self.answered_query = ""
        status = self._status
        title = self.tr("What are you looking for?")
        if status is not None and status.files.get("indexed"):
            title = self.tr("Search in {}").format(texts.documents(status.files["indexed"]))
        self.message.say(
            "search",
            title,
            self.tr("Ask in your own words, or type the words themselves. Results appear as you type."),
        )
        self.message.explain(
            (
                ("Down", self.tr("to the results")),
                ("Return", self.tr("open the file")),
                ("Ctrl+Return", self.tr("show it in its folder")),
                ("Esc", self.tr("start anew")),
            )
        )
        self._show_message()

    def _typed(self, text: str) -> None:
        if text.strip():
            self._debounce.start()
        else:
            self.search_now()

    def _search_again(self) -> None:
        if self.box.text().strip() and not self._debounce.isActive():
            self.search_now()

    def _take_status(self, status: LibraryStatus) -> None:
        self._status = status
        if not self.box.text().strip():
            self.show_tips()

    def _take_answer(self, answer: Answer) -> None:
        same = (self.answered_query, self._answered_mode) == (answer.query, answer.mode)
        self.answered_query, self._answered_mode = answer.query, answer.mode
        if not answer.hits:
            self._say_none(answer)
            return
        self.results.show_hits(answer.hits, keep_place=same)
        self.count.setText(
            self.tr("{} in {} ms").format(
                texts.results(len(answer.hits)), texts.number(max(1, round(answer.seconds * 1000)))
            )
        )
        self.stack.setCurrentWidget(self.splitter)

    def _say_none(self, answer: Answer) -> None:
        title = self.tr("Nothing found for “{}”").format(_shortened(answer.query))
        if self._workspace.busy:
            title = self.tr("Nothing found for “{}” so far").format(_shortened(answer.query))
            text = self.tr("Your documents are still being indexed. Results appear here by themselves.")
        elif answer.mode == "keyword":
            text = self.tr(
                "No document has these words.\nSearching by meaning finds other words for the same thing."
            )
        else:
            text = self.tr("Try other words, or add the folder that holds what you look for.")
        self.message.say("search", title, text)
        if answer.mode == "keyword":
            self.message.offer(self.tr("Search by meaning"), "search", lambda: self.choose_mode("semantic"))
        self.message.offer(self.tr("Show the library"), "library", self.library_wanted.emit)
        self._show_message()

    def _take_error(self, error: Exception) -> None:
        self.answered_query = ""
        message, hint = texts.error_texts(error)
        self.message.say("warning", message, hint)
        self.message.offer(self.tr("Try again"), "update", self.search_now)
        self._show_message()

    def _show_message(self) -> None:
        self.results.show_hits((), keep_place=False)
        self.stack.setCurrentWidget(self.message)

    def _enter_results(self) -> None:
        if self._debounce.isActive():
            self.search_now()
        if self.current_hit is not None:
            self.results.setFocus(Qt.FocusReason.TabFocusReason)


def _shortened(query: str) -> str:
    return query if len(query) <= 60 else query[:59] + "…"
