"""The generations of a library's index, and the way back to an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from findling_desktop import texts
from findling_desktop.dialogs import Dialog
from findling_desktop.widgets import Button, clear, confirm, label

if TYPE_CHECKING:
    from findling.library.info import Generation
    from findling_desktop.keeping import IndexFacts, Keeping
    from findling_desktop.model_jobs import ModelJobs, Shelf
    from findling_desktop.theme import Theme

_WIDTH = 680


class IndexDialog(Dialog):
    """Which model each generation is of, which of them answers, and the way back."""

    def __init__(self, parent: QWidget, theme: Theme, keeping: Keeping, models: ModelJobs) -> None:
        super().__init__(
            parent, theme, QCoreApplication.translate("IndexDialog", "The index of this library"), _WIDTH
        )
        self._keeping = keeping
        self._facts: IndexFacts | None = None
        self._names: dict[str, str] = {}
        self.figures = label(role="muted", wrap=True)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(24)
        self.grid.setVerticalSpacing(8)
        self.grid.setColumnStretch(0, 1)
        about = self.tr(
            "A generation is all documents as one model sees them. The one that answered before is kept, "
            "so that there is a way back."
        )
        self.body.addWidget(label(about, "muted", wrap=True))
        self.body.addLayout(self.grid)
        self.body.addWidget(self.figures)
        keeping.facts_read.connect(self._take)
        keeping.failed.connect(self.problem.say)
        models.read_anew.connect(self._take_models)
        models.read()
        keeping.read_facts()

    def _take_models(self, shelf: Shelf) -> None:
        self._names = shelf.names("embedder")
        if self._facts is not None:
            self._take(self._facts)

    def _take(self, facts: IndexFacts) -> None:
        self._facts = facts
        info = facts.info
        clear(self.grid)
        self._row(0, info.active, self.tr("answers searches"))
        rows = 1
        if info.shadow is not None:
            self._row(rows, info.shadow, self.tr("is being built"))
            rows += 1
        for place, generation in enumerate(info.retired):
            told = self.tr("answered before")
            back = self._button(self.tr("Go back to it"), "history", generation) if place == 0 else None
            if back is not None:
                back.clicked.connect(lambda: self._ask_back(generation=info.retired[0]))
            drop = self._button(self.tr("Delete"), "clear", generation)
            drop.clicked.connect(lambda _=False, each=generation: self._ask_forget(each))
            self._row(rows, generation, told, *filter(None, (back, drop)))
            rows += 1
        where = info.store or self.tr("on this computer")
        self.figures.setText(self.tr("{} in all, {}").format(texts.size(facts.disk_bytes), where))
        self.adjustSize()

    def _row(self, row: int, generation: Generation, told: str, *buttons: Button) -> None:
        self.grid.addWidget(label(self._name(generation), "heading"), row, 0)
        self.grid.addWidget(label(told, "muted"), row, 1)
        for place, button in enumerate(reversed(buttons)):
            self.grid.addWidget(button, row, 3 - place)

    def _button(self, text: str, icon: str, generation: Generation) -> Button:
        made = Button(self._theme, text, icon, "quiet")
        made.setAccessibleDescription(self._name(generation))
        return made

    def _name(self, generation: Generation) -> str:
        name = self._names.get(generation.model, generation.model)
        return self.tr("{}: {}").format(generation.number, name)

    def _ask_back(self, generation: Generation) -> None:
        assert self._facts is not None
        name = self._facts.info.name
        confirm(
            self,
            self.tr("Go back"),
            self.tr("Let {} answer searches again?").format(self._name(generation)),
            self.tr("At once. What has changed since is read by the next update."),
            self.tr("Go Back"),
            lambda: self._keeping.roll_back(name),
        )

    def _ask_forget(self, generation: Generation) -> None:
        assert self._facts is not None
        name = self._facts.info.name
        confirm(
            self,
            self.tr("Delete a generation"),
            self.tr("Delete {}?").format(self._name(generation)),
            self.tr("Its room on the disk comes back. There is no way back to it then."),
            self.tr("Delete It"),
            lambda: self._keeping.forget(name, generation.number),
        )
