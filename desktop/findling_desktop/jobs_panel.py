"""What Findling is doing in the background: a button in the status bar, and the list that it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from findling_desktop import texts
from findling_desktop.widgets import Button, ProgressBar, label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from findling.jobs import Progress
    from findling_desktop.held_job import HeldJob
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Workspace

_WIDTH = 420


class JobRow(QFrame):
    """A job with its progress, to be paused, stopped or looked at. Hidden while there is none."""

    #: It is shown from now on, or is not.
    changed = Signal()
    show_wanted = Signal()

    def __init__(self, theme: Theme, title: str, job: HeldJob) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.working = False
        self._job = job
        self.figures = label(role="small")
        self.progress = ProgressBar(self.tr("Progress of: {}").format(title))
        self.pause_button = Button(theme, self.tr("Pause"), "pause", "quiet")
        self.stop_button = Button(theme, self.tr("Stop"), "clear", "quiet")
        self.show_button = Button(theme, self.tr("Show"), "open", "quiet")
        for button in (self.pause_button, self.stop_button, self.show_button):
            button.setAccessibleDescription(title)
        self.pause_button.clicked.connect(self._pause)
        self.stop_button.clicked.connect(self._end)
        self.show_button.clicked.connect(self.show_wanted)
        first = QHBoxLayout()
        first.addWidget(label(title, "heading"), 1)
        first.addWidget(self.figures)
        last = QHBoxLayout()
        last.setSpacing(4)
        last.addStretch(1)
        for button in (self.show_button, self.pause_button, self.stop_button):
            last.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(6)
        column.addLayout(first)
        column.addWidget(self.progress)
        column.addLayout(last)
        job.progressed.connect(self.take)
        job.ended.connect(lambda _: self.end())
        self.hide()

    def begin(self) -> None:
        """The job works from now on."""
        if not self.working:
            self.working = True
            self.figures.setText("")
            self.progress.show_share(None)
            self.stop_button.setEnabled(True)
            self._show_pause()
            self.show()
            self.changed.emit()

    def take(self, progress: Progress) -> None:
        """How far the job is."""
        self.begin()
        self.progress.show_share(progress.fraction)
        left = progress.remaining_seconds
        if self._job.paused:
            self.figures.setText(self.tr("Paused"))
        else:
            self.figures.setText("" if left is None else texts.time_left(left))
        self._show_pause()

    def end(self) -> None:
        """The job is over."""
        if self.working:
            self.working = False
            self.hide()
            self.changed.emit()

    def _pause(self) -> None:
        if self._job.paused:
            self._job.resume()
        else:
            self._job.pause()
        self._show_pause()

    def _show_pause(self) -> None:
        paused = self._job.paused
        self.pause_button.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.pause_button.show_icon("resume" if paused else "pause")

    def _end(self) -> None:
        self.stop_button.setEnabled(False)
        self._job.cancel()


class JobsPanel(QFrame):
    """All jobs of a window, above the button that opens it. Escape closes it."""

    #: How many jobs work now.
    counted = Signal(int)
    index_wanted = Signal()
    tuning_wanted = Signal()
    models_wanted = Signal()
    map_wanted = Signal()

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAccessibleName(self.tr("Work in the background"))
        self.setFixedWidth(_WIDTH)
        self.index = JobRow(theme, self.tr("Updating the index"), workspace.jobs)
        self.tuning = JobRow(theme, self.tr("Learning your documents"), workspace.tuning)
        self.models = JobRow(theme, self.tr("Preparing a model"), workspace.models)
        self.map = JobRow(theme, self.tr("Drawing the map"), workspace.map)
        self.component = JobRow(theme, self.tr("Installing a component"), workspace.component)
        self._rows = (self.index, self.tuning, self.models, self.map, self.component)
        self._nothing = label(self.tr("Nothing is being done."), "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label(self.tr("Work in the background"), "title"))
        column.addWidget(self._nothing)
        for row, begun, wanted in (
            (self.index, workspace.job_started, self.index_wanted),
            (self.tuning, workspace.tuning.advanced, self.tuning_wanted),
            (self.models, workspace.models.begun, self.models_wanted),
            (self.map, workspace.map.begun, self.map_wanted),
            (self.component, workspace.component.begun, self.tuning_wanted),
        ):
            column.addWidget(row)
            begun.connect(lambda *_, row=row: row.begin())
            row.changed.connect(self._count)
            row.show_wanted.connect(self.hide)
            row.show_wanted.connect(wanted)

    @property
    def working(self) -> int:
        """How many jobs work now."""
        return sum(row.working for row in self._rows)

    def open_above(self, widget: QWidget) -> None:
        """Be there, with its lower right corner at the upper right one of `widget`."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width(), -8))
        self.move(corner.x() - self.width(), corner.y() - self.height())
        self.show()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _count(self) -> None:
        self._nothing.setVisible(not self.working)
        self.adjustSize()
        self.counted.emit(self.working)


class JobsButton(Button):
    """Says how many jobs work, and is hidden while none does."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "", "update", "quiet")
        self.setToolTip(self.tr("Work in the background (Ctrl+B)"))
        self.show_count(0)

    def show_count(self, working: int) -> None:
        """So many work now."""
        one, more = self.tr("1 job"), self.tr("{} jobs")
        self.setText(one if working == 1 else more.format(texts.number(working)))
        self.setVisible(working > 0)
