"""The strip that shows which step of a tuning run is being done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout

from findling_desktop.widgets import label, restyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QLabel


class Steps(QFrame):
    """Names in a row; those before the current one are done."""

    def __init__(self, name: str, steps: Sequence[tuple[str, str]]) -> None:
        """`steps` are (value, text)."""
        super().__init__()
        self._name = name
        self._steps = dict(steps)
        self._labels: dict[str, QLabel] = {}
        self._arrows: dict[str, QLabel] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for value in self._steps:
            self._arrows[value] = label("›", "muted")
            self._labels[value] = label(role="step")
            row.addWidget(self._arrows[value])
            row.addWidget(self._labels[value])
        row.addStretch(1)
        self.show_only(list(self._steps))

    def show_only(self, values: Sequence[str]) -> None:
        """The run has these steps."""
        for value, text in self._steps.items():
            there = value in values
            self._labels[value].setVisible(there)
            self._arrows[value].setVisible(there and value != values[0])
            if there:
                self._labels[value].setText(f"{values.index(value) + 1}  {text}")

    def show_step(self, value: str) -> None:
        """This one is being done; a value that is none of them says that all are."""
        order = list(self._labels)
        now = order.index(value) if value in order else len(order)
        for place, each in enumerate(self._labels.values()):
            restyle(each, "state", "done" if place < now else "now" if place == now else "")
        current = self._labels.get(value)
        self.setAccessibleName(f"{self._name}: {current.text() if current else ''}")
