"""What became of single questions: which the tuned model answers better, and which worse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from findling_desktop import texts
from findling_desktop.tables import dress
from findling_desktop.widgets import Switch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BETTER, _WORSE = "better", "worse"
_SHOWN = 50
_ROWS = 6


class Changes(QWidget):
    """A table of questions with the rank of the first document that answers, before and after."""

    def __init__(self) -> None:
        super().__init__()
        self.switch = Switch(
            self.tr("Which questions"),
            (
                (_BETTER, self.tr("Better"), self.tr("The tuned model puts the answer higher")),
                (_WORSE, self.tr("Worse"), self.tr("The tuned model puts the answer lower")),
            ),
            self._show,
        )
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels([self.tr("Question"), self.tr("Before"), self.tr("Tuned")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        dress(self.table, self.tr("Questions that are answered otherwise"))
        self.table.setFixedHeight((_ROWS + 1) * self.table.verticalHeader().defaultSectionSize() + 8)
        header = self.table.horizontalHeader()
        for column in (1, 2):
            header.resizeSection(column, 110)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.table)
        self._questions: dict[str, list[Mapping[str, Any]]] = {_BETTER: [], _WORSE: []}
        self.hide()

    def show_questions(self, questions: Sequence[Mapping[str, Any]]) -> None:
        """Those of a judgement; hide where none has changed."""
        gained = [each for each in questions if each["gain"] > 0]
        lost = [each for each in questions if each["gain"] < 0]
        self._questions = {
            _BETTER: sorted(gained, key=lambda each: -each["gain"]),
            _WORSE: sorted(lost, key=lambda each: each["gain"]),
        }
        self.switch.rename(_BETTER, self.tr("Better: {}").format(texts.number(len(gained))))
        self.switch.rename(_WORSE, self.tr("Worse: {}").format(texts.number(len(lost))))
        self.setVisible(bool(gained or lost))
        self._show(_BETTER if gained else _WORSE)

    def _show(self, which: str) -> None:
        self.switch.choose(which)
        shown = self._questions[which][:_SHOWN]
        self.table.setRowCount(len(shown))
        for row, each in enumerate(shown):
            for column, text in enumerate(
                (each["query"], self._rank(each["base_rank"]), self._rank(each["tuned_rank"]))
            ):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text)
                self.table.setItem(row, column, cell)

    def _rank(self, rank: int | None) -> str:
        return self.tr("not found") if rank is None else self.tr("result {}").format(texts.number(rank))
