"""The hits of the last answer as a list model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt

from findling_desktop.reasons import why
from findling_desktop.texts import number, short_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.search import Hit

    Index = QModelIndex | QPersistentModelIndex

HIT_ROLE = int(Qt.ItemDataRole.UserRole)
#: Share of the best hit's score, 0 … 1.
SHARE_ROLE = HIT_ROLE + 1
#: What the person said of the passage: 1 answers, 0 does not; None for nothing.
GRADE_ROLE = HIT_ROLE + 2
#: The further places of the document that have a name, as (number of the place, its name).
PLACES_ROLE = HIT_ROLE + 3

_NOWHERE = QModelIndex()


class HitsModel(QAbstractListModel):
    """One row a hit, at the best of its places or at the one that the person chose."""

    def __init__(self) -> None:
        super().__init__()
        self._hits: Sequence[Hit] = ()
        self._best = 0.0
        self._grades: dict[str, dict[str, int]] = {}
        #: Which place of a document is shown, where it is not the best: 1 is the first of `Hit.others`.
        self._places: dict[str, int] = {}

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._hits, self._places = hits, {}
        self._best = max((hit.score for hit in hits), default=0.0)
        self.endResetModel()

    def exchange(self, hits: Sequence[Hit]) -> bool:
        """Take the same documents' hits, in the same order and at the same places, with other snippets, and
        perhaps further ones after them; whether that is what these are."""
        known = [(hit.document_id, hit.passage_id, len(hit.others)) for hit in self._hits]
        first, more = hits[: len(known)], hits[len(known) :]
        if not known or known != [(hit.document_id, hit.passage_id, len(hit.others)) for hit in first]:
            return False
        self._hits = first
        self.dataChanged.emit(self.index(0), self.index(len(first) - 1))
        if more:
            self.beginInsertRows(_NOWHERE, len(first), len(hits) - 1)
            self._hits = hits
            self.endInsertRows()
        return True

    def show_grades(self, grades: dict[str, dict[str, int]]) -> None:
        """Show what was said of passages: grades by document id and passage id."""
        if grades != self._grades:
            self._grades = grades
            if self._hits:
                self.dataChanged.emit(self.index(0), self.index(len(self._hits) - 1), [GRADE_ROLE])

    def choose_place(self, row: int, place: int) -> None:
        """Show a hit at another of its document's places: 0 is the best."""
        hit = self._hits[row]
        self._places[hit.document_id] = place % (1 + len(hit.others))
        self.dataChanged.emit(self.index(row), self.index(row))

    def place(self, row: int) -> int:
        """The number of the place at which a hit is shown."""
        return self._places.get(self._hits[row].document_id, 0)

    def hit(self, row: int) -> Hit | None:
        """The hit in a row, if there is such a row, at the place that is shown."""
        if not 0 <= row < len(self._hits):
            return None
        hit, place = self._hits[row], self.place(row)
        if not place:
            return hit
        other = hit.others[place - 1]
        return replace(
            hit,
            passage_id=other.passage_id,
            snippet=other.snippet,
            highlights=other.highlights,
            meaning_highlights=other.meaning_highlights,
            anchor=other.anchor,
            start=other.start,
            end=other.end,
        )

    def grade(self, hit: Hit) -> int | None:
        """What was said of a hit's passage, or else of its document as a whole."""
        said = self._grades.get(hit.document_id, {})
        return said.get(hit.passage_id, said.get(""))

    def row_of(self, document_id: str) -> int:
        """The row of a document, or -1."""
        return next((r for r, hit in enumerate(self._hits) if hit.document_id == document_id), -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Number of hits."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The hit itself for the delegate, and words for everyone else."""
        hit = self.hit(index.row())
        if hit is None:
            return None
        if role == HIT_ROLE:
            return hit
        if role == SHARE_ROLE:
            return max(0.0, min(1.0, hit.score / self._best)) if self._best > 0 else 0.0
        if role == GRADE_ROLE:
            return self.grade(hit)
        if role == PLACES_ROLE:
            return self._other_places(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(hit)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(hit, index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(hit)
        return None

    def _other_places(self, row: int) -> list[tuple[int, str]]:
        """Those with a name of their own: of two passages of a page the better one."""
        hit = self._hits[row]
        labels = [hit.anchor.label(), *(other.anchor.label() for other in hit.others)]
        first = {label: place for place, label in reversed(list(enumerate(labels))) if label}
        first.pop(labels[self.place(row)], None)
        return sorted((place, label) for label, place in first.items())

    def _spoken(self, hit: Hit, row: int) -> str:
        said = {1: self.tr("answers"), 0: self.tr("does not answer")}
        places = [label for _, label in self._other_places(row)]
        parts = [title_of(hit), hit.anchor.label(), short_path(hit.path), hit.snippet]
        if (grade := self.grade(hit)) is not None:
            parts.append(said[min(grade, 1)])
        if places:
            parts.append(self.tr("also at {}").format(", ".join(places)))
        if hit.similar:
            parts.append(similar_text(len(hit.similar)))
        return ", ".join(part for part in parts if part)

    def _tip(self, hit: Hit) -> str:
        lines = [short_path(path) for path in (hit.path, *hit.copies)]
        if hit.similar:
            lines += [self.tr("Nearly the same:"), *(f"    {short_path(path)}" for path in hit.similar)]
        if reason := why(hit):
            lines.insert(0, reason)
        return "\n".join(lines)


def title_of(hit: Hit) -> str:
    """The document's title, or the file's name."""
    return hit.title or hit.record or PurePath(hit.path).name


def similar_text(count: int) -> str:
    """ "3 more nearly the same"."""
    return QCoreApplication.translate("HitsModel", "{} more nearly the same").format(number(count))
