"""The strip that tells how far an indexing job is, and afterwards how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from findling.errors import LibraryBusy
from findling.jobs import JobState, Progress
from findling_desktop import texts
from findling_desktop.widgets import Button, ElidedLabel, ProgressBar, label, restyle

if TYPE_CHECKING:
    from findling_desktop.indexing import JobEnd
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Workspace

#: The outcome of a run that nobody asked for stays so long.
_LEAVE_MILLISECONDS = 4000


class IndexBar(QFrame):
    """Hidden until a run is shown; then progress with pause and cancel; then the outcome until dismissed, or
    for some seconds when nobody had asked for the run."""

    #: The person wants to see the files that were left out.
    problems_wanted = Signal()

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace = workspace
        self._stopping = False
        self.setObjectName("strip")
        self.setAccessibleName(self.tr("Indexing"))
        self.title = label(role="heading")
        self.detail = ElidedLabel("muted")
        self.file = ElidedLabel("small")
        self.progress = ProgressBar(self.tr("Progress of the index"))
        self.pause_button = Button(theme, self.tr("Pause"), "pause")
        self.cancel_button = Button(theme, self.tr("Cancel"), "clear")
        self.again_button = Button(theme, self.tr("Continue"), "update")
        self.problems_button = Button(theme, self.tr("Show files left out"), "", "link")
        self.dismiss_button = Button(theme, self.tr("Dismiss"), "clear", "quiet")
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(_LEAVE_MILLISECONDS)
        self._leave.timeout.connect(self.hide)
        self._arrange()
        self.pause_button.clicked.connect(self._pause)
        self.cancel_button.clicked.connect(self._cancel)
        self.again_button.clicked.connect(workspace.update)
        self.problems_button.clicked.connect(self.problems_wanted)
        self.dismiss_button.clicked.connect(self.hide)
        workspace.job_started.connect(self._begin)
        workspace.job_progressed.connect(self._show_progress)
        workspace.job_ended.connect(self._show_end)
        self.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.title)
        row.addWidget(self.detail, 1)
        for button in (
            self.problems_button,
            self.pause_button,
            self.cancel_button,
            self.again_button,
            self.dismiss_button,
        ):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.progress)
        column.addWidget(self.file)

    def _begin(self) -> None:
        self._stopping = False
        self._leave.stop()
        self._show_buttons(self.pause_button, self.cancel_button)
        self.pause_button.setEnabled(True)
        self.cancel_button.setEnabled(True)
        self._show_pause(paused=False)
        restyle(self, "tone", "")
        self.progress.show()
        self.file.show()
        self.show()

    def _show_progress(self, progress: Progress) -> None:
        if not self._stopping:
            self.title.setText(self._phase(progress))
        self.detail.setText(self._figures(progress))
        self.file.setText(texts.short_path(progress.detail) or " ")
        begun = progress.phase not in ("starting", "scanning")
        self.progress.show_share(progress.fraction if begun else None)

    def _phase(self, progress: Progress) -> str:
        if self._workspace.paused:
            return self.tr("Paused")
        return {
            "starting": self.tr("Preparing…"),
            "scanning": self.tr("Looking for files…"),
            "indexing": self.tr("Indexing"),
            "recognizing": self.tr("Reading scanned pages"),
            "finishing": self.tr("Finishing…"),
        }.get(progress.phase, progress.phase)

    def _figures(self, progress: Progress) -> str:
        parts: list[str] = []
        if progress.total is not None:
            parts.append(self.tr("{} of {}").format(texts.number(progress.done), texts.files(progress.total)))
        elif progress.done:
            parts.append(texts.files(progress.done))
        if embedded := progress.counts.get("embedded"):
            parts.append(texts.passages(embedded))
        if progress.per_second and progress.phase == "indexing":
            parts.append(self.tr("{} files/s").format(f"{progress.per_second:.1f}"))
        if (
            progress.remaining_seconds is not None
            and progress.phase == "indexing"
            and not self._workspace.paused
        ):
            parts.append(texts.time_left(progress.remaining_seconds))
        return "  ·  ".join(parts)

    def _show_end(self, end: JobEnd) -> None:
        self.progress.hide()
        self.file.hide()
        tone = ""
        if end.state is JobState.DONE:
            self._show_summary(end.summary or {})
            if not end.asked:
                self._leave.start()
        elif end.state is JobState.CANCELLED:
            self.title.setText(self.tr("Stopped"))
            self.detail.setText(self.tr("What has been indexed so far can be searched."))
            self._offer_again(self.tr("Continue"))
        elif isinstance(end.error, LibraryBusy):
            self.title.setText(self.tr("Being updated elsewhere"))
            self.detail.setText(
                self.tr("Another Findling is updating this library. Search goes on working here.")
            )
            self._offer_again(self.tr("Try again"))
        else:
            tone = "danger"
            message, hint = texts.error_texts(end.error or RuntimeError())
            self.title.setText(self.tr("Indexing failed"))
            self.detail.setText(f"{message} {hint}".strip())
            self._offer_again(self.tr("Try again"))
        restyle(self, "tone", tone)

    def _show_summary(self, summary: dict[str, Any]) -> None:
        counts: dict[str, int] = summary.get("files", {})
        failed, skipped = counts.get("failed", 0), counts.get("skipped", 0)
        changed = summary.get("new_or_changed", 0) or summary.get("removed", 0)
        self.title.setText(self.tr("Done") if changed else self.tr("Nothing had changed"))
        parts = [
            texts.files(sum(counts.values())),
            texts.passages(summary.get("passages", 0)),
            self.tr("{} failed").format(texts.number(failed)),
        ]
        if skipped:
            parts.append(self.tr("{} skipped").format(texts.number(skipped)))
        text = ", ".join(parts)
        if missing := summary.get("missing_folders"):
            text += self.tr(" · not found: {}").format(", ".join(missing))
        self.detail.setText(text)
        shown = [self.problems_button] if failed or skipped else []
        self._show_buttons(*shown, self.dismiss_button)

    def _offer_again(self, text: str) -> None:
        self.again_button.setText(text)
        self._show_buttons(self.again_button, self.dismiss_button)

    def _pause(self) -> None:
        paused = not self._workspace.paused
        if paused:
            self._workspace.pause()
        else:
            self._workspace.resume()
        self._show_pause(paused=self._workspace.paused)

    def _show_pause(self, *, paused: bool) -> None:
        text = self.tr("Resume") if paused else self.tr("Pause")
        self.pause_button.setText(text)
        self.pause_button.show_icon("resume" if paused else "pause")

    def _cancel(self) -> None:
        self._stopping = True
        self.title.setText(self.tr("Stopping…"))
        self.pause_button.setEnabled(False)
        self.cancel_button.setEnabled(False)
        self._workspace.cancel()

    def _show_buttons(self, *shown: Button) -> None:
        for button in (
            self.problems_button,
            self.pause_button,
            self.cancel_button,
            self.again_button,
            self.dismiss_button,
        ):
            button.setVisible(button in shown)
