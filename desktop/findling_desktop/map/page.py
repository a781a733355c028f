"""The library as a picture: its documents as points, what their colours mean, and the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QWidget,
)

from findling.errors import Cancelled
from findling_desktop import texts
from findling_desktop.map.groups import Grouping, grouped
from findling_desktop.map.side import Side
from findling_desktop.pages import Page
from findling_desktop.plot import Canvas, Label, Points
from findling_desktop.shell import file_of
from findling_desktop.widgets import Button, Message, Problem, ProgressBar, Switch, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling.jobs import Progress
    from findling.library.mapping import LibraryMap, MapDocument
    from findling_desktop.map_jobs import MapJobs
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import LibraryStatus, Workspace

#: A search by meaning puts nearly all of a small library in order: what has a smaller share of the best one's
#: score is not said to be found.
_FOUND_SHARE = 0.25
#: Of a query that is repeated in words.
_MOST_CHARACTERS = 48


class MapPage(Page):
    """Renders the workspace's map. It is drawn when the view is first opened; later on, when asked for."""

    #: Path of a document's file.
    open_wanted = Signal(object)
    reveal_wanted = Signal(object)
    #: Id and title of a document that others shall be found to.
    related_wanted = Signal(str, str)
    #: What is searched for from now on.
    query_wanted = Signal(str)

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__(theme, self.tr("Back to search"))
        self._jobs: MapJobs = workspace.map
        self._workspace = workspace
        self._map: LibraryMap | None = None
        self._grouping = Grouping((), (), np.empty(0, np.int64))
        self._rows: dict[str, int] = {}
        self._query = ""
        self._hits: dict[str, float] = {}
        self._by = "subject"
        self._read = False
        self._stopped = False
        self.box = QLineEdit()
        self.switch = Switch(self.tr("Colours"), self._choices(), self._colour_by)
        self.fit_button = Button(theme, self.tr("Show all"), "fit")
        self.draw_button = Button(theme, self.tr("Draw again"), "update")
        self.canvas = Canvas(
            theme,
            self.tr("Map of the library"),
            self.tr(
                "Each point is a document, and what is near in meaning lies near. Arrow keys go from point "
                "to point, plus and minus zoom, 0 shows all, Return opens."
            ),
        )
        self.message = Message(theme)
        self.stack = QStackedWidget()
        self.work = QFrame()
        self.doing = label()
        self.progress = ProgressBar(self.tr("Progress"))
        self.stop_button = Button(theme, self.tr("Stop"), "clear", "quiet")
        self.stale = QFrame()
        self.stale_words = label(wrap=True)
        self.again_button = Button(theme, self.tr("Draw again"), "update")
        self.problem = Problem()
        self.side = Side(theme)
        self._arrange()
        self._connect()

    def open(self) -> None:
        """Look at the map that there is, and be ready for the keyboard."""
        self._jobs.read()
        self.canvas.setFocus()

    # -- arranging ----------------------------------------------------------------------------------

    def _choices(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("subject", self.tr("Subject"), self.tr("Colours by what documents are about")),
            ("folder", self.tr("Folder"), self.tr("Colours by the folder that documents are in")),
            ("kind", self.tr("Kind"), self.tr("Colours by the kind of file")),
        )

    def _arrange(self) -> None:
        self.box.setPlaceholderText(self.tr("Search, and see where it lies…"))
        self.box.setAccessibleName(self.tr("Search: what is found lights up on the map"))
        self.box.setClearButtonEnabled(True)
        self.box.setMaximumWidth(420)
        self.strip.insertWidget(1, self.box, 3)
        for part in (label(self.tr("Colours"), "muted"), self.switch, self.fit_button, self.draw_button):
            self.strip.addWidget(part)
        self._arrange_work()
        self._arrange_stale()
        drawn = QWidget()
        row = QHBoxLayout(drawn)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.canvas, 1)
        row.addWidget(self.side)
        self.stack.addWidget(self.message)
        self.stack.addWidget(drawn)
        self.problem.setContentsMargins(20, 8, 20, 8)
        for part in (self.work, self.stale, self.problem):
            self.body.addWidget(part)
            part.hide()
        self.body.addWidget(self.stack, 1)
        self._enable()

    def _arrange_work(self) -> None:
        self.work.setObjectName("strip")
        row = QHBoxLayout(self.work)
        row.setContentsMargins(20, 8, 16, 8)
        row.setSpacing(12)
        row.addWidget(self.doing)
        row.addWidget(self.progress, 1)
        row.addWidget(self.stop_button)

    def _arrange_stale(self) -> None:
        self.stale.setObjectName("strip")
        self.stale.setProperty("tone", "warning")
        row = QHBoxLayout(self.stale)
        row.setContentsMargins(20, 8, 16, 8)
        row.setSpacing(12)
        row.addWidget(self.stale_words, 1)
        row.addWidget(self.again_button)

    def _connect(self) -> None:
        jobs = self._jobs
        self.box.textEdited.connect(self._ask)
        self.box.returnPressed.connect(self._enter)
        self.fit_button.clicked.connect(self.canvas.fit)
        for button in (self.draw_button, self.again_button):
            button.clicked.connect(self.draw)
        self.stop_button.clicked.connect(self._stop)
        self.canvas.selected.connect(self._show_document)
        self.canvas.opened.connect(lambda _: self._open())
        self.side.legend.chosen.connect(lambda _: self._emphasise())
        self.side.open_wanted.connect(self._open)
        self.side.related_wanted.connect(self._find_related)
        self.side.reveal_wanted.connect(self._reveal)
        jobs.read_anew.connect(self._take_map)
        jobs.begun.connect(self._take_begin)
        jobs.progressed.connect(self._take_progress)
        jobs.ended.connect(self._take_end)
        jobs.failed.connect(self._take_error)
        self._workspace.status_changed.connect(self._take_status)

    # -- what a person wants ------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw the map anew."""
        self._stopped = False
        self._jobs.draw()

    def light(self, query: str, shares: Mapping[str, float]) -> None:
        """Let what was found for a query stand out, by the documents' ids and their share, 0 … 1, of the best
        one's score; everything where there is no query."""
        least = _FOUND_SHARE * max(shares.values(), default=0.0)
        self._query = query
        self._hits = {document: share for document, share in shares.items() if share >= least}
        if not self.box.hasFocus():
            self.box.setText(query)
        self._emphasise()

    def _ask(self, text: str) -> None:
        if not text.strip():
            self.light("", {})
        self.query_wanted.emit(text)

    def _enter(self) -> None:
        """Go to the best of what was found."""
        there = {document: share for document, share in self._hits.items() if document in self._rows}
        if there:
            self.canvas.select(self._rows[max(there, key=lambda document: there[document])])
        self.canvas.setFocus()

    def _colour_by(self, by: str) -> None:
        self._by = by
        self._show_points(keep_view=True)

    def _stop(self) -> None:
        self._stopped = True
        self.stop_button.setEnabled(False)
        self.doing.setText(self.tr("Stopping…"))
        self._jobs.cancel()

    @property
    def current(self) -> MapDocument | None:
        """The document that is chosen."""
        point = self.canvas.current
        return self._map.documents[point] if self._map is not None and point >= 0 else None

    def _open(self) -> None:
        if (document := self.current) is not None:
            self.open_wanted.emit(file_of(document.path, document.record))

    def _reveal(self) -> None:
        if (document := self.current) is not None:
            self.reveal_wanted.emit(file_of(document.path, document.record))

    def _find_related(self) -> None:
        if self.current is not None:
            self.related_wanted.emit(self.current.document_id, self.current.title)

    # -- what is so ---------------------------------------------------------------------------------

    def _take_status(self, status: LibraryStatus) -> None:
        self._enable()
        if self._read and self.isVisible() and not self._jobs.working and status.files:
            self._jobs.read()

    def _take_map(self, found: LibraryMap | None) -> None:
        self._read = True
        known, self._map = self._map, found
        if found is not None:
            if known is None or (known.drawn, known.documents) != (found.drawn, found.documents):
                self._rows = {document.document_id: row for row, document in enumerate(found.documents)}
                self._show_points(keep_view=False)
            self._say_stale(found)
        elif self._has_documents and not self._jobs.working and not self._stopped and self.isVisible():
            self.draw()
        self._show_state()

    def _take_begin(self) -> None:
        self.problem.hide()
        self.work.show()
        self.stale.hide()
        self.draw_button.show()
        self.stop_button.setEnabled(True)
        self.doing.setText(self.tr("Drawing the map"))
        self.progress.show_share(None)
        self._show_state()

    def _take_progress(self, progress: Progress) -> None:
        if not self.stop_button.isEnabled():
            return
        self.progress.show_share(progress.fraction)
        phases = {
            "reading": self.tr("Reading what the index holds"),
            "laying out": self.tr("Putting like to like"),
            "naming": self.tr("Finding names for the subjects"),
        }
        self.doing.setText(phases.get(progress.phase, self.tr("Drawing the map")))

    def _take_end(self, error: Exception | None) -> None:
        self.work.hide()
        if isinstance(error, Cancelled):
            self._stopped = True
        elif error is not None:
            self._take_error(error)
        if self._map is not None:
            self._say_stale(self._map)
        self._show_state()

    def _take_error(self, error: Exception) -> None:
        self._stopped = True  # it is not drawn again and again by itself
        self.problem.say(error)
        self._show_state()

    def _say_stale(self, found: LibraryMap) -> None:
        if found.outdated:
            said = self.tr("The library is searched with another model since this was drawn.")
        else:
            said = self.tr("The library has changed since this was drawn: {} new, {} gone.").format(
                texts.number(found.new), texts.number(found.gone)
            )
        self.stale_words.setText(said)
        self.stale.setVisible(found.stale and not self._jobs.working)
        self.draw_button.setVisible(self.stale.isHidden())  # there is one beside these words

    @property
    def _has_documents(self) -> bool:
        status = self._workspace.status
        return status is not None and status.files.get("indexed", 0) > 0

    def _enable(self) -> None:
        drawn = self._map is not None and len(self._map.documents) > 0
        for part in (self.switch, self.fit_button, self.box):
            part.setEnabled(drawn)
        self.draw_button.setEnabled(self._has_documents and not self._jobs.working)

    def _show_state(self) -> None:
        self._enable()
        if self._map is not None and self._map.documents:
            self.stack.setCurrentIndex(1)
            return
        self.stack.setCurrentIndex(0)
        if self._jobs.working:
            self.message.say(
                "map",
                self.tr("The map is being drawn"),
                self.tr("Each document becomes a point, near to those that are like it."),
            )
        elif not self._has_documents:
            self.message.say(
                "map",
                self.tr("There is nothing to draw yet"),
                self.tr("Add a folder with documents, and come back when they are indexed."),
            )
        else:
            self.message.say(
                "map",
                self.tr("There is no map yet"),
                self.tr("It shows each document as a point, near to those that are like it."),
            )
            self.message.offer(self.tr("Draw the map"), "map", self.draw)

    def _show_points(self, *, keep_view: bool) -> None:
        found = self._map
        if found is None:
            return
        self._grouping = grouped(found, self._by)
        labels = [Label(each.name, each.x, each.y) for each in found.subjects if len(found.subjects) > 1]
        labels += [Label(each.name, each.x, each.y, 1) for each in found.parts]
        told = [(document.title, texts.short_path(document.path)) for document in found.documents]
        self.canvas.show_points(
            Points(found.places, self._grouping.of, told, tuple(labels)), keep_view=keep_view
        )
        titles = {value: text for value, text, _ in self._choices()}
        self.side.legend_title.setText(titles[self._by])
        self.side.legend.show_groups(self._grouping.names, self._grouping.counts)
        self._emphasise()
        self._show_document(self.canvas.current)

    def _emphasise(self) -> None:
        if self._map is None:
            return
        count = len(self._map.documents)
        found = np.zeros(count)
        for document, share in self._hits.items():
            if document in self._rows:
                found[self._rows[document]] = share
        which = found > 0 if self._query else np.ones(count, np.bool_)
        if chosen := self.side.legend.choice:
            which &= np.isin(self._grouping.of, list(chosen))
        self.canvas.emphasise(which, found)
        self._say_count(int(which.sum()))

    def _say_count(self, standing_out: int) -> None:
        assert self._map is not None
        every = texts.documents(len(self._map.documents))
        if self._query:
            said = self.tr("{} of {} lit for “{}”").format(
                texts.number(standing_out), every, texts.shortened(self._query, _MOST_CHARACTERS)
            )
        elif self.side.legend.choice:
            said = self.tr("{} of {} stand out").format(texts.number(standing_out), every)
        else:
            said = every
        self.side.count.setText(said)

    def _show_document(self, point: int) -> None:
        subject = ""
        if self._map is not None and point >= 0 and len(self._map.subjects) > 1:
            subject = self._map.subjects[int(self._map.subject_of[point])].name
        self.side.show_document(self.current, subject)
