"""Tells of a bug, with a report that can be copied and holds nothing of the person's documents."""

from __future__ import annotations

import platform
import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from findling import __version__
from findling_desktop.dialogs import Dialog
from findling_desktop.parts import parts
from findling_desktop.widgets import Button, label

if TYPE_CHECKING:
    from findling_desktop.theme import Theme

_WIDTH = 720
_LOG_LINES = 40
#: What of a log tells where something happened, and nothing of what was in hand.
_TRACE = re.compile(r'^(Traceback |  File "|Fatal Python error|Thread 0x|[A-Za-z_.]+(Error|Exception)\b)')


def report(error: BaseException, logs: Path) -> str:
    """Versions, the places in the code, and those in the last lines of the logs. An error's own words are
    left out: they may quote a document or a path."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        f"Findling {__version__}, Python {platform.python_version()}, Qt {qVersion()}",
        platform.platform(),
        ", ".join(f"{part.name} {part.version}" for part in parts()),
        "",
        type(error).__name__,
        *(f"  {_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames),
    ]
    for log in sorted(logs.glob("*.log")) if logs.is_dir() else ():
        if told := _told(log):
            lines += ["", f"{log.name.partition('-')[0].removesuffix('.log')}:", *told]
    return "\n".join(lines)


def _told(log: Path) -> list[str]:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    kept: list[str] = []
    for line in text.splitlines():
        if (found := _TRACE.match(line)) is None:
            continue
        if line.startswith("  File"):
            _, file, rest = line.split('"', 2)
            kept.append(f"  {_place(file)}{rest}")
        else:
            kept.append(line[: found.end()].rstrip())
    return kept[-_LOG_LINES:]


def _place(file: str) -> str:
    """The end of a path in the code, from the package on."""
    parts_of = Path(file).parts
    for package in ("site-packages", "findling_desktop", "findling"):
        if package in parts_of:
            at = parts_of.index(package)
            return "/".join(parts_of[at + 1 if package == "site-packages" else at :])
    return Path(file).name


class BugDialog(Dialog):
    """A report to read and to copy."""

    def __init__(self, parent: QWidget, theme: Theme, error: BaseException, logs: Path) -> None:
        super().__init__(
            parent,
            theme,
            QCoreApplication.translate("BugDialog", "Something went wrong inside Findling"),
            _WIDTH,
        )
        about = self.tr(
            "This is a fault of Findling and not yours. Your documents and your index are as they were. "
            "A report helps to mend it: it names versions and places in the program, and nothing of your "
            "documents. It is sent nowhere unless you send it."
        )
        self.report = QPlainTextEdit(report(error, logs))
        self.report.setReadOnly(True)
        self.report.setAccessibleName(self.tr("Report"))
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.report.setMinimumHeight(280)
        self.copy_button = Button(theme, self.tr("Copy the report"), "copy", "primary")
        self.copy_button.clicked.connect(self._copy)
        self.body.addWidget(label(about, wrap=True))
        self.body.addWidget(self.report, 1)
        self.buttons.addWidget(self.copy_button)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self.copy_button.setText(self.tr("Copied"))
        self.copy_button.show_icon("check")
