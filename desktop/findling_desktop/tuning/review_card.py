"""The questions of a run before it learns from them: to be read, changed, left out, and added to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QTextEdit,
    QVBoxLayout,
)

from findling_desktop import texts
from findling_desktop.tables import dress
from findling_desktop.tuning.review_model import DOCUMENTS, KIND, LEFT_OUT, WRITTEN, ReviewModel
from findling_desktop.widgets import Button, Switch, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QKeyEvent

    from findling.synthesis.pair import Pair
    from findling.synthesis.pair_set import PairSet
    from findling_desktop.theme import Theme

_TABLE_HEIGHT, _PASSAGE_HEIGHT = 270, 110


class _Table(QTableView):
    deleted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Delete):
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


class ReviewCard(QFrame):
    """Shows the pairs that it is given; `pairs.changed` tells what is changed in them."""

    #: Learn from these.
    done = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.pairs = ReviewModel()
        self.table = _Table()
        self.filter = QLineEdit()
        self.switch = Switch(
            self.tr("Which questions"),
            (
                (WRITTEN, self.tr("Written"), self.tr("By the language model, and by you")),
                (DOCUMENTS, self.tr("From the documents"), self.tr("Titles, headings and sentences")),
                (LEFT_OUT, self.tr("Left out"), self.tr("What was not good enough, and what you left out")),
            ),
            self.show_only,
        )
        self.passage = QTextEdit()
        self.own = QLineEdit()
        self.add_button = Button(theme, self.tr("Add"), "check")
        self.drop_button = Button(theme, self.tr("Leave out"), "clear")
        self.mark_button = Button(theme, self.tr("More like this one"), "star")
        self.go_button = Button(theme, self.tr("Learn from these"), "resume", "primary")
        self._which = WRITTEN
        self._arrange()
        self._connect()

    def show_pairs(self, pairs: PairSet, titles: Mapping[str, str]) -> None:
        """Show these; `titles` are of documents, by id."""
        self.pairs.show_pairs(pairs, titles)
        self._say_counts()
        self.table.selectRow(0)

    def show_only(self, which: str) -> None:
        """Show those that were `WRITTEN`, those of the `DOCUMENTS`, or what is `LEFT_OUT`."""
        self._which = which
        self.switch.choose(which)
        self._filter()

    def _arrange(self) -> None:
        self._dress_table()
        self.filter.setPlaceholderText(self.tr("Filter by words"))
        self.filter.setAccessibleName(self.tr("Filter the questions"))
        self.passage.setReadOnly(True)
        self.passage.setTabChangesFocus(True)
        self.passage.setObjectName("document")
        self.passage.setFixedHeight(_PASSAGE_HEIGHT)
        self.passage.setAccessibleName(self.tr("The passage that answers"))
        self.own.setPlaceholderText(self.tr("Ask a question of your own that this passage answers"))
        self.own.setAccessibleName(self.tr("Your own question"))
        self.drop_button.setToolTip(self.tr("Do not learn from the chosen question (Delete)"))
        self.mark_button.setToolTip(self.tr("Questions that are written in later runs will be like it"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.addWidget(label(self.tr("Look at the questions"), "title"), 1)
        row.addWidget(self.go_button)
        column.addLayout(row)
        told = self.tr(
            "Double-click a question to change it, and leave out what its passage does not answer. The "
            "passage of the chosen question stands below. Every change is kept at once."
        )
        column.addWidget(label(told, "muted", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.filter, 1)
        row.addWidget(self.switch)
        column.addLayout(row)
        column.addWidget(self.table)
        column.addWidget(self.passage)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.own, 1)
        row.addWidget(self.add_button)
        row.addSpacing(8)
        row.addWidget(self.mark_button)
        row.addWidget(self.drop_button)
        column.addLayout(row)

    def _dress_table(self) -> None:
        table = self.table
        table.setModel(self.pairs)
        dress(table, self.tr("Questions to learn from"))
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setFixedHeight(_TABLE_HEIGHT)
        header = table.horizontalHeader()
        header.setSectionResizeMode(KIND, QHeaderView.ResizeMode.ResizeToContents)
        header.resizeSection(2, 240)

    def _connect(self) -> None:
        self.filter.textChanged.connect(lambda _: self._filter())
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_chosen())
        self.pairs.modelAboutToBeReset.connect(self._remember_place)
        self.pairs.modelReset.connect(self._return_to_place)
        self.pairs.changed.connect(lambda _: self._say_counts())
        self.drop_button.clicked.connect(self._drop)
        self.mark_button.clicked.connect(self._mark)
        self.add_button.clicked.connect(self._add)
        self.own.returnPressed.connect(self._add)
        self.own.textChanged.connect(lambda _: self._show_chosen())
        self.go_button.clicked.connect(self.done)
        self.table.deleted.connect(self._drop)

    def _chosen(self) -> Pair | None:
        return self.pairs.pair(self.table.currentIndex().row())

    def _filter(self) -> None:
        self.pairs.show_only(self._which, self.filter.text())
        self.table.selectRow(0)
        self._show_chosen()

    def _remember_place(self) -> None:
        self._place = (self.table.currentIndex().row(), self.table.verticalScrollBar().value())

    def _return_to_place(self) -> None:
        row, scrolled = self._place
        self.table.selectRow(min(max(row, 0), self.pairs.rowCount() - 1))
        self.table.verticalScrollBar().setValue(scrolled)
        self._show_chosen()

    def _say_counts(self) -> None:
        names = {
            WRITTEN: self.tr("Written"),
            DOCUMENTS: self.tr("From the documents"),
            LEFT_OUT: self.tr("Left out"),
        }
        for which, count in self.pairs.counts().items():
            self.switch.rename(which, f"{names[which]} {texts.number(count)}")

    def _show_chosen(self) -> None:
        pair = self._chosen()
        for part in (self.drop_button, self.mark_button, self.own):
            part.setEnabled(pair is not None)
        self.add_button.setEnabled(pair is not None and bool(self.own.text().strip()))
        self.passage.setPlainText("" if pair is None else pair.positive.text)
        kept = pair is None or self.pairs.keeps(pair)
        self.drop_button.setText(self.tr("Leave out") if kept else self.tr("Learn from it"))
        self.drop_button.show_icon("clear" if kept else "check")
        marked = pair is not None and self.pairs.is_example(pair)
        self.mark_button.setText(self.tr("No longer like this") if marked else self.tr("More like this one"))

    def _drop(self) -> None:
        if (pair := self._chosen()) is not None:
            (self.pairs.leave_out if self.pairs.keeps(pair) else self.pairs.take_back)(pair)

    def _mark(self) -> None:
        if (pair := self._chosen()) is not None:
            self.pairs.mark(pair)

    def _add(self) -> None:
        pair = self._chosen()
        if pair is not None and self.own.text().strip():
            self.pairs.add(pair, self.own.text())
            self.own.clear()
            self.show_only(WRITTEN)
