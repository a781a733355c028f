"""The pairs of a run as a table, in which their questions can be changed and left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal

from findling_desktop.tables import RowsModel
from findling_desktop.tuning import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling.synthesis.pair import Pair
    from findling.synthesis.pair_set import PairSet
    from findling_desktop.tables import Index

WRITTEN, DOCUMENTS, LEFT_OUT = "written", "documents", "left out"
QUESTION, KIND = range(2)
_EXAMPLE_MARK = "★ "


class ReviewModel(RowsModel["Pair"]):
    """Columns: the question, its kind, and the document that answers it, or why the pair is left out. What a
    person changes is told as a record of the file of pairs, and shown at once."""

    #: A record, as `PairWriter.write` takes it.
    changed = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self._pairs: PairSet | None = None
        self._titles: Mapping[str, str] = {}
        self._which = WRITTEN
        self._words = ""

    def show_pairs(self, pairs: PairSet, titles: Mapping[str, str]) -> None:
        """Show these; `titles` are of documents, by id."""
        self._pairs, self._titles = pairs, titles
        self._filter()

    def show_only(self, which: str, text: str) -> None:
        """Show the kept pairs that somebody WRITTEN, those of the DOCUMENTS, or what is LEFT_OUT; of them
        those that have `text`, in the question or in the title of its document."""
        self._which, self._words = which, text.casefold().strip()
        self._filter()

    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        counts: dict[str, int] = dict.fromkeys((WRITTEN, DOCUMENTS, LEFT_OUT), 0)
        for pair in self._pairs.pairs.values() if self._pairs is not None else ():
            counts[self._which_of(pair)] += 1
        return counts

    def pair(self, row: int) -> Pair | None:
        """The pair in a row; None for no row."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def is_example(self, pair: Pair) -> bool:
        """Whether further questions are to be like it."""
        return self._pairs is not None and pair.id in self._pairs.examples

    def keeps(self, pair: Pair) -> bool:
        """Whether it is learned from."""
        return self._pairs is not None and self._pairs.keeps(pair)

    def title(self, pair: Pair) -> str:
        """Of the document that answers."""
        return self._titles.get(pair.positive.document_id, "")

    def leave_out(self, pair: Pair) -> None:
        """Do not learn from it."""
        self._change({"drop": {"id": pair.id, "reason": ""}})

    def take_back(self, pair: Pair) -> None:
        """Learn from it, whatever was said of it."""
        if self._pairs is not None and pair.id in self._pairs.dropped and not pair.kept:
            self._change({"restore": {"id": pair.id}})  # the drop, and then what the filters said
        self._change({"restore": {"id": pair.id}})

    def mark(self, pair: Pair) -> None:
        """Let further questions be like it, or no longer."""
        self._change({"mark": {"id": pair.id, "example": not self.is_example(pair)}})

    def add(self, beside: Pair, question: str) -> None:
        """Let a person's question be answered by the passage of `beside`. Raises `UserError` for none."""
        from findling.synthesis.pair_file import own_pair

        self._change({"add": own_pair(beside.positive, question, beside.language).to_json()})

    def _change(self, record: dict[str, Any]) -> None:
        if self._pairs is not None:
            self._pairs.fold(record)
            self._filter()
            self.changed.emit(record)

    def _which_of(self, pair: Pair) -> str:
        if not self.keeps(pair):
            return LEFT_OUT
        return DOCUMENTS if pair.provenance.origin == "document" else WRITTEN

    def _filter(self) -> None:
        self.beginResetModel()
        pairs = [] if self._pairs is None else self._pairs.pairs.values()
        shown = [pair for pair in pairs if self._which_of(pair) == self._which and self._has_words(pair)]
        # What a person has added is at the end of the file, and looked for at the top.
        self._rows = sorted(shown, key=lambda pair: pair.provenance.origin != "person")
        self.endResetModel()

    def _has_words(self, pair: Pair) -> bool:
        return not self._words or self._words in f"{pair.query}\n{self.title(pair)}".casefold()

    # -- Qt's questions -----------------------------------------------------------------------------

    def heads(self) -> tuple[str, ...]:
        """The columns' names."""
        last = self.tr("Why it is left out") if self._which == LEFT_OUT else self.tr("Answered by")
        return self.tr("Question"), self.tr("Kind"), last

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's words."""
        pair, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.EditRole and column == QUESTION:
            return pair.query
        if role == Qt.ItemDataRole.ToolTipRole:
            return pair.query if column == QUESTION else pair.positive.text
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == QUESTION:
            return f"{_EXAMPLE_MARK if self.is_example(pair) else ''}{pair.query}"
        if column == KIND:
            return words.kind(pair.provenance.kind)
        if self._which == LEFT_OUT and self._pairs is not None:
            return self._pairs.reason(pair)
        return self.title(pair)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Questions can be changed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == QUESTION else flags

    def setData(  # noqa: N802 — Qt's name
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Give a pair another question; an empty one changes nothing."""
        pair, text = self._rows[index.row()], " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not text or text == pair.query:
            return False
        from findling.synthesis.pair_file import edited

        self._change(edited(pair.id, text))
        return True
