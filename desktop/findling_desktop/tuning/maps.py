"""The library as a map before and after tuning, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from findling_desktop import texts
from findling_desktop.plot import Canvas, Legend, Points
from findling_desktop.widgets import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling_desktop.theme import Theme

_HEIGHT = 340


class Maps(QWidget):
    """Hidden without a map. What is selected in one of the two is selected in the other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.words = label(role="muted", wrap=True)
        described = self.tr("Points that are near are near in meaning. Arrow keys go from point to point.")
        self.before = Canvas(theme, self.tr("Map before tuning"), described, in_page=True)
        self.after = Canvas(theme, self.tr("Map after tuning"), described, in_page=True)
        self.chosen = label(role="muted", wrap=True)
        self.legend = Legend(theme, columns=2)
        self._told: list[tuple[str, str]] = []
        self._groups = np.empty(0, np.int64)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for column, (title, canvas) in enumerate(
            ((self.tr("Before"), self.before), (self.tr("Tuned"), self.after))
        ):
            canvas.setFixedHeight(_HEIGHT)
            grid.addWidget(label(title, "heading"), 0, column)
            grid.addWidget(canvas, 1, column)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addLayout(grid)
        column.addWidget(self.chosen)
        column.addWidget(self.legend)
        for canvas, other in ((self.before, self.after), (self.after, self.before)):
            canvas.selected.connect(other.select)
        self.before.selected.connect(self._choose)
        self.legend.chosen.connect(self._emphasise)
        self.hide()

    def show_maps(self, told: Mapping[str, Any] | None) -> None:
        """Show those of a report (see `findling.adaptation.report_map`); None for none."""
        self.setVisible(told is not None)
        if told is None:
            return
        points, groups = told["points"], told["groups"]
        self._told = [(each["title"], groups[each["group"]]["name"]) for each in points]
        self._groups = np.array([each["group"] for each in points], np.int64)
        for canvas, side in ((self.before, "before"), (self.after, "after")):
            places = np.array([each[side] for each in points], np.float64).reshape(-1, 2)
            canvas.show_points(Points(places, self._groups, self._told))
        counted = texts.documents if told["of"] == "documents" else texts.passages
        self.legend.show_groups(
            [each["name"] for each in groups], [each["points"] for each in groups], counted
        )
        said = self.tr("{} as points: what is near in meaning lies near. {} % of the neighbours have stayed.")
        self.words.setText(said.format(counted(len(points)), round(100 * told["kept"])))
        self._choose(-1)

    def _choose(self, point: int) -> None:
        self.chosen.setText("  ·  ".join(self._told[point]) if point >= 0 else self.tr("No point is chosen."))

    def _emphasise(self, chosen: frozenset[int]) -> None:
        which = np.isin(self._groups, list(chosen)) if chosen else np.ones(len(self._groups), np.bool_)
        for canvas in (self.before, self.after):
            canvas.emphasise(which, np.zeros(len(which)))
