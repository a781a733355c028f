"""The search page: asks as the person types, and shows results, or why there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from findling.errors import QueryMistake
from findling_desktop import texts
from findling_desktop.asking import Answer, Like, Request
from findling_desktop.search.completing import Completing
from findling_desktop.search.header import SearchHeader
from findling_desktop.search.order import Order, in_order
from findling_desktop.search.results import ResultsView
from findling_desktop.search.silence import LONGEST, say_none, say_tips
from findling_desktop.widgets import Choice, Message, label

if TYPE_CHECKING:
    from findling.search import Hit
    from findling_desktop.search.popup import Entry
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import LibraryStatus, Workspace

#: A pause in typing of this length sends the query: two keys of a quick typist lie closer.
DEBOUNCE_MILLISECONDS = 120
#: So long after an answer the same is asked again, now for the sentences that are nearest in meaning.
ILLUSTRATE_MILLISECONDS = 300
#: An answer that was looked at for so long is remembered.
STAY_MILLISECONDS = 2000


class SearchPage(QWidget):
    """Box, mode and filters above, results at the left, `preview` at the right."""

    current_hit_changed = Signal(object)
    open_wanted = Signal()
    reveal_wanted = Signal()
    library_wanted = Signal()
    #: QPoint on the screen, for the menu of the current hit.
    menu_wanted = Signal(object)
    #: Answer that is shown now.
    answered = Signal(object)

    def __init__(self, workspace: Workspace, theme: Theme, preview: QWidget) -> None:
        super().__init__()
        self._workspace = workspace
        self._status: LibraryStatus | None = None
        #: What the results, or the words in their place, answer; None where nothing is asked.
        self._answer: Answer | None = None
        self._asked: Request | None = None
        self._seconds = 0.0
        self._entering = False
        self._remembered: Request | None = None
        self.mode = "hybrid"
        self.setObjectName("page")
        self.header = SearchHeader(theme, self.choose_mode)
        self.box, self.switch = self.header.box, self.header.switch
        self.library_button = self.header.library_button
        self.notice, self.chips = self.header.notice, self.header.chips
        self.results = ResultsView(theme)
        self.message = Message(theme)
        self.count = label(role="small")
        self.order = Choice(theme)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self._fill_order()
        self._arrange(preview)
        self.completing = Completing(workspace, theme, self.box, self)
        self._debounce = self._timer(DEBOUNCE_MILLISECONDS, self.search_now)
        self._illustrate = self._timer(ILLUSTRATE_MILLISECONDS, self._ask_illustrated)
        self._stay = self._timer(STAY_MILLISECONDS, self._remember)
        self._connect()
        self.show_tips()

    def _arrange(self, preview: QWidget) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above = QHBoxLayout()
        above.setContentsMargins(20, 8, 12, 4)
        above.addWidget(self.count, 1)
        above.addWidget(self.order)
        column.addLayout(above)
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
        page.addWidget(self.header)
        page.addWidget(self.stack, 1)

    def _fill_order(self) -> None:
        for order, text in (
            (Order.BEST, self.tr("Best first")),
            (Order.NEWEST, self.tr("Newest first")),
            (Order.NAME, self.tr("By name")),
        ):
            self.order.addItem(text, order)
        self.order.setProperty("kind", "quiet")
        self.order.setAccessibleName(self.tr("Order of the results"))
        self.order.setToolTip(self.tr("In which order the best results are shown"))

    def _connect(self) -> None:
        self.order.currentIndexChanged.connect(lambda _: self._show_order())
        self.box.textChanged.connect(self._typed)
        self.box.down_wanted.connect(self._enter_results)
        self.box.submitted.connect(self.submit)
        self.box.escaped.connect(self._leave_like)
        self.box.pasted.connect(self._search_like_text)
        self.completing.taken.connect(self._take_entry)
        self.chips.removed.connect(self._remove_chip)
        self.results.current_hit_changed.connect(self.current_hit_changed)
        self.results.open_wanted.connect(self.open_wanted)
        self.results.reveal_wanted.connect(self.reveal_wanted)
        self.results.menu_wanted.connect(self.menu_wanted)
        self.results.box_wanted.connect(self.focus_box)
        self.results.end_reached.connect(self._ask_more)
        self.results.typed.connect(self.box.type_key)
        self.library_button.clicked.connect(self.library_wanted)
        self._workspace.status_changed.connect(self._take_status)
        self._workspace.content_changed.connect(self._search_again)

    def _timer(self, milliseconds: int, call: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def current_hit(self) -> Hit | None:
        """The hit that is marked, if results are shown."""
        return self.results.current_hit if self.stack.currentWidget() is self.splitter else None

    @property
    def answer(self) -> Answer | None:
        """What is shown; None where nothing is asked."""
        return self._answer

    @property
    def answered_query(self) -> str:
        """The query that the results, or the words in their place, belong to."""
        return self._answer.query if self._answer is not None else ""

    @property
    def judged_query(self) -> str:
        """The query that hits can be judged by: as typed, and answered."""
        shown = self._answer is not None and self._answer.request.like is None and not self.results.dimmed
        return self.answered_query if shown else ""

    @property
    def like(self) -> Like | None:
        """What the results are like, where that was asked for."""
        return self._asked.like if self._asked is not None else None

    @property
    def asked_words(self) -> str:
        """The query without its filters."""
        if self._answer is None or self._answer.request.like is not None:
            return ""
        text = self._answer.request.text
        for chip in reversed(self._answer.chips):
            text = f"{text[: chip.start]} {text[chip.end :]}"
        return text.strip()

    def focus_box(self) -> None:
        """Go to the box, with its text marked so that typing replaces it."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    # -- asking -------------------------------------------------------------------------------------

    def choose_mode(self, mode: str) -> None:
        """Search by "hybrid", "semantic" or "keyword" from now on."""
        self.mode = mode
        self.switch.choose(mode)
        if self.like is None:
            self.search_now()

    def search_now(self) -> None:
        """Ask for what the box says, which may still be going on."""
        self._debounce.stop()
        text = self.box.text()
        if text.strip():
            self._ask(Request(text, self.mode, typing=True))
        else:
            self.show_tips()

    def submit(self) -> None:
        """Ask for what the box says, which has come to its end, and go to the results."""
        self._debounce.stop()
        if not self.box.text().strip():
            return
        request = Request(self.box.text(), self.mode)
        known = self._answer is not None and self._answer.request.asks_same(request)
        if known and self.current_hit is not None and not self.results.dimmed:
            self._enter_results()
            self._ask(request)
        else:
            self._ask(request, entering=True)

    def search_like(self, like: Like) -> None:
        """Ask for more like this; what the box says is taken out."""
        self._asked = Request(like=like)
        self.box.clear()
        self._debounce.stop()
        self._show_chips((self.tr("Like: {}").format(like.title),))
        self._ask(self._asked, entering=True)

    def _ask(self, request: Request, *, entering: bool = False) -> None:
        self._illustrate.stop()
        self._stay.stop()
        self._entering = entering
        self._asked = request
        self._workspace.asking.search(request, self._take_answer, self._take_error)

    def _ask_more(self) -> None:
        more = self._answer.more if self._answer is not None and not self._debounce.isActive() else None
        if more is not None and self._asked is not None and self._asked.limit < more.limit:
            self._ask(more)

    def _ask_illustrated(self) -> None:
        if self._asked is not None:
            request = replace(self._asked, illustrate=True)
            self._workspace.asking.search(request, self._take_answer, self._take_error)

    def _typed(self, text: str) -> None:
        self._illustrate.stop()
        if text.strip():
            self._debounce.start()
        elif self.like is None:
            self.search_now()

    def _search_again(self) -> None:
        request = self._asked
        if request is None or self._debounce.isActive():
            return
        if self._answer is not None and self._answer.request.asks_same(request):
            request = self._answer.request  # with the sentences that are shown already
        self._workspace.asking.search(request, self._take_answer, self._take_error)

    def _search_like_text(self, text: str) -> None:
        self.search_like(Like(f"“{texts.shortened(text, LONGEST)}”", text=text))

    def _take_entry(self, entry: Entry) -> None:
        if entry.mode:
            self.mode = entry.mode
            self.switch.choose(entry.mode)
        self.search_now()

    # -- filters ------------------------------------------------------------------------------------

    def _show_chips(self, labels: tuple[str, ...]) -> None:
        self.chips.show_labels(labels, self.tr("Remove {}"))

    def _remove_chip(self, place: int) -> None:
        from findling.search.query import removed

        if self.like is not None:
            self._leave_like()
        elif self._answer is not None and place < len(self._answer.chips):
            chip = self._answer.chips[place]
            self._replace_query(removed(self._answer.request.text, chip.start, chip.end))

    def _leave_like(self) -> None:
        if self.like is not None:
            self._show_chips(())
            self.search_now()
            self.focus_box()

    def _remove_filters(self) -> None:
        if self._answer is not None:
            self._replace_query(self.asked_words)

    def _replace_query(self, text: str) -> None:
        self.box.setText(text)
        self.search_now()
        if not self.chips.isVisible() or not text:
            self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- answers ------------------------------------------------------------------------------------

    def _take_status(self, status: LibraryStatus) -> None:
        self._status = status
        if self._asked is None and not self.box.text().strip():
            self.show_tips()

    def show_tips(self) -> None:
        """Nothing was asked for: say what can be."""
        self._workspace.asking.drop_search()
        self._illustrate.stop()
        self._stay.stop()
        self._answer = self._asked = None
        self.notice.say("")
        self._show_chips(())
        say_tips(self.message, self._status.files.get("indexed", 0) if self._status is not None else 0)
        self._show_message()

    def _take_answer(self, answer: Answer) -> None:
        before = self._answer
        same = before is not None and before.request.asks_same(answer.request)
        if before is not None and same:
            answer = answer.after(before)
        self._answer = answer
        entering, self._entering = self._entering, False
        if answer.request.like is None:
            self._show_chips(tuple(chip.label for chip in answer.chips))
        self.notice.say("", " ".join(answer.notes) if answer.hits else "")
        self.box.mark_mistake(0, 0)
        if answer.hits:
            self._show_hits(answer, keep_place=same)
        else:
            self._say_none(answer)
        if not answer.request.illustrate:
            self._seconds = answer.seconds
            if answer.may_be_illustrated:
                self._illustrate.start()
            if self._remembered is None or not self._remembered.asks_same(answer.request):
                self._stay.start()
        self._show_time(answer)
        if entering:
            self._enter_results()
        self.answered.emit(answer)

    def _show_hits(self, answer: Answer, *, keep_place: bool) -> None:
        if not keep_place:
            self.results.hits.show_grades({})
        self.results.show_hits(in_order(answer.hits, self.order.currentData()), keep_place=keep_place)
        self.stack.setCurrentWidget(self.splitter)

    def _show_order(self) -> None:
        if self._answer is not None and self._answer.hits:
            self._show_hits(self._answer, keep_place=True)

    def _show_time(self, answer: Answer) -> None:
        milliseconds = texts.number(max(1, round(self._seconds * 1000)))
        self.count.setText(self.tr("{} in {} ms").format(texts.results(len(answer.hits)), milliseconds))

    def _say_none(self, answer: Answer) -> None:
        say_none(self.message, answer, indexing=self._workspace.busy)
        if answer.chips and self.asked_words:
            self.message.offer(self.tr("Search without filters"), "search", self._remove_filters)
        elif answer.mode == "keyword" and not answer.chips:
            self.message.offer(self.tr("Search by meaning"), "search", lambda: self.choose_mode("semantic"))
        self.message.offer(self.tr("Show the library"), "library", self.library_wanted.emit)
        self._show_message()

    def _take_error(self, error: Exception) -> None:
        self._entering = False
        message, hint = texts.error_texts(error)
        if isinstance(error, QueryMistake):
            self._take_mistake(error, message, hint)
            return
        self._answer = None
        self.notice.say("")
        self.message.say("warning", message, hint)
        self.message.offer(self.tr("Try again"), "update", self._search_again)
        self._show_message()

    def _take_mistake(self, mistake: QueryMistake, message: str, hint: str) -> None:
        """Explain it where it was made; what was found before stays."""
        self.notice.say(message, hint, mistake=True)
        if self._asked is not None and self.box.text() == self._asked.text:
            self.box.mark_mistake(mistake.start, mistake.end)
        self.results.dim(dimmed=True)
        if self.results.hasFocus():
            self.box.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_message(self) -> None:
        self.results.show_hits((), keep_place=False)
        self.stack.setCurrentWidget(self.message)

    def _enter_results(self) -> None:
        if self._debounce.isActive():
            self.search_now()
        if self.current_hit is not None:
            self.results.setFocus(Qt.FocusReason.TabFocusReason)

    # -- remembering --------------------------------------------------------------------------------

    def remember_opened(self, hit: Hit) -> None:
        """Remember that the person opened a hit of what was asked."""
        self._remember(str(PurePath(hit.path)))

    def _remember(self, opened: str = "") -> None:
        answer = self._answer
        self._stay.stop()
        if answer is not None and answer.request.like is None and not self.results.dimmed:
            self._remembered = answer.request
            self._workspace.remembering.remember(answer.query, answer.mode, len(answer.hits), opened)
