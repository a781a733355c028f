"""What a run is to do: which models, how many questions, how long; and what that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout

from findling.adaptation.budget import MINUTES, PAIRS, expected_minutes
from findling_desktop.tuning import words
from findling_desktop.widgets import Button, Choice, Number, Toggle, label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from findling_desktop.theme import Theme
    from findling_desktop.tuning_runs import Choices

#: Stands for a generator: nothing is written.
NOBODY = "none"
_FIELD_WIDTH, _FIELD_HEIGHT = 360, 30


class PlanCard(QFrame):
    """`choices` come later, from the disk: until then there is the library's own embedder and the default
    generator."""

    #: Arguments of `TuningWishes`.
    wanted = Signal(dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self.base = Choice(theme)
        self.generator = Choice(theme)
        self.pairs = Number(theme)
        self.minutes = Number(theme)
        self.review = Toggle(theme, self.tr("Let me look at the questions before it learns"))
        self.estimate = label(role="muted", wrap=True)
        self.start_button = Button(theme, self.tr("Start"), "resume", "primary")
        self._default_generator = ""
        self._arrange()
        self.start_button.clicked.connect(lambda: self.wanted.emit(self.wishes))
        self.pairs.valueChanged.connect(lambda _: self._estimate())
        self.minutes.valueChanged.connect(lambda _: self._estimate())
        self.generator.currentIndexChanged.connect(lambda _: self._take_generator())
        self._estimate()

    @property
    def wishes(self) -> dict[str, Any]:
        """What is chosen now."""
        return {
            "base": self.base.currentData() or "",
            "generator": self.generator.currentData() or None,
            "pairs": self.pairs.value(),
            "minutes": self.minutes.value(),
            "review": self.review.isChecked(),
        }

    def offer(self, choices: Choices) -> None:
        """Let these models be chosen; what was chosen stays, where it is still there."""
        self._fill(self.base, [(base, words.base(base, choices)) for base in choices.bases])
        written = [(each, words.generator(each, choices)) for each in choices.generators]
        self._fill(self.generator, [*written, (NOBODY, self.tr("Nobody: only what the documents say"))])

    def allow(self, *, something: bool) -> None:
        """Whether there is anything to learn from."""
        self.start_button.setEnabled(something)
        why = self.tr("Add a folder first: there is nothing to learn from yet.")
        self.start_button.setToolTip("" if something else why)

    def _fill(self, box: QComboBox, entries: list[tuple[str, str]]) -> None:
        if [box.itemData(place) for place in range(box.count())] == [value for value, _ in entries]:
            return
        before = box.currentData()
        box.clear()
        for value, text in entries:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(before)))

    def _arrange(self) -> None:
        for box, least, most, step, value in (
            (self.pairs, 100, 10_000, 100, PAIRS),
            (self.minutes, 1, 600, 5, round(MINUTES)),
        ):
            box.setRange(least, most)
            box.setSingleStep(step)
            box.setValue(value)
            box.setMinimumSize(110, _FIELD_HEIGHT)
        for box in (self.base, self.generator):
            box.setMinimumSize(_FIELD_WIDTH, _FIELD_HEIGHT)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.generator.setToolTip(
            self.tr("Titles, headings and sentences of the documents are learned from in any case.")
        )
        self.review.setToolTip(self.tr("You can change and leave out questions, and add your own."))
        self.start_button.setProperty("size", "large")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        for text, box in (
            (self.tr("Search model that learns"), self.base),
            (self.tr("Questions are written by"), self.generator),
            (self.tr("How many questions"), self.pairs),
            (self.tr("Minutes of training, at most"), self.minutes),
        ):
            form.addRow(_named(text, box), box)
        last = QHBoxLayout()
        last.setSpacing(16)
        last.addWidget(self.start_button)
        last.addWidget(self.estimate, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(self.review, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(last)

    def _take_generator(self) -> None:
        self.pairs.setEnabled(self.generator.currentData() != NOBODY)
        self._estimate()

    def _estimate(self) -> None:
        pairs = self.pairs.value() if self.pairs.isEnabled() else 0
        whole = words.minutes(expected_minutes(pairs, self.minutes.value()))
        told = self.tr("This takes {} on a computer with two cores, and some hundred megabytes of disk.")
        self.estimate.setText(told.format(whole))


def _named(text: str, box: QWidget) -> QLabel:
    made = label(text)
    made.setBuddy(box)
    made.setMinimumHeight(_FIELD_HEIGHT)
    box.setAccessibleName(text)
    return made
