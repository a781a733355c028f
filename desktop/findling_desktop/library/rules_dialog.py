"""Which files below the library's folders are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from findling.errors import SettingsError
from findling_desktop.dialogs import Dialog
from findling_desktop.widgets import Button, Number, Toggle, label

if TYPE_CHECKING:
    from findling.library import Rules
    from findling_desktop.keeping import IndexFacts, Keeping
    from findling_desktop.theme import Theme

_WIDTH = 680
_COLUMNS = 4
_PATTERN_LINES = 4


class RulesDialog(Dialog):
    """Shows the rules that hold, and tells those that are wanted instead."""

    #: Rules.
    wanted = Signal(object)

    def __init__(self, parent: QWidget, theme: Theme, keeping: Keeping) -> None:
        super().__init__(
            parent, theme, QCoreApplication.translate("RulesDialog", "Which files are looked at"), _WIDTH
        )
        self._rules: Rules | None = None
        self.include = self._patterns(self.tr("Only files like these"))
        self.exclude = self._patterns(self.tr("No files or folders like these"))
        self.toggles = {
            "hidden": Toggle(theme, self.tr("Hidden files and folders, too")),
            "links": Toggle(theme, self.tr("Follow links to folders")),
            "ignore_files": Toggle(theme, self.tr("Obey .gitignore and .findlingignore files")),
        }
        self.largest = Number(theme)
        self.largest.setRange(0, 100_000)
        self.largest.setSuffix(self.tr(" MiB"))
        self.largest.setSpecialValueText(self.tr("as the settings say"))
        self.largest.setAccessibleName(self.tr("Largest file that is read"))
        #: By the name of the family, on for those that are read.
        self.families: dict[str, Toggle] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(32)
        self.apply_button = Button(theme, self.tr("Apply and update"), "update", "primary")
        self.apply_button.setEnabled(False)
        self.close_button.setText(self.tr("Cancel"))
        self.buttons.addWidget(self.apply_button)
        self._arrange()
        self.apply_button.clicked.connect(self._apply)
        keeping.facts_read.connect(self._take)
        keeping.failed.connect(self.problem.say)
        keeping.read_facts()

    def _patterns(self, name: str) -> QPlainTextEdit:
        made = QPlainTextEdit()
        made.setAccessibleName(name)
        made.setTabChangesFocus(True)
        made.setFixedHeight(_PATTERN_LINES * made.fontMetrics().lineSpacing() + 16)
        made.setPlaceholderText(self.tr("One pattern a line, as in .gitignore: *.tmp, /drafts/"))
        return made

    def _arrange(self) -> None:
        for text, control in (
            (self.tr("Only files like these (empty: all)"), self.include),
            (self.tr("No files or folders like these"), self.exclude),
        ):
            self.body.addWidget(label(text))
            self.body.addWidget(control)
        for toggle in self.toggles.values():
            self.body.addWidget(toggle)
        size = QGridLayout()
        size.setColumnStretch(0, 1)
        size.addWidget(label(self.tr("Largest file that is read")), 0, 0)
        size.addWidget(self.largest, 0, 1)
        self.body.addLayout(size)
        self.body.addWidget(label(self.tr("Kinds of files that are read")))
        self.body.addLayout(self._grid)

    def _take(self, facts: IndexFacts) -> None:
        if self._rules is not None:  # what the person has changed stays
            return
        from findling.documents import FAMILIES

        self._rules = rules = facts.info.rules
        self.include.setPlainText("\n".join(rules.include))
        self.exclude.setPlainText("\n".join(rules.exclude))
        for name, toggle in self.toggles.items():
            toggle.setChecked(getattr(rules, name))
        self.largest.setValue(rules.largest_mebibytes)
        for place, family in enumerate(FAMILIES):
            box = Toggle(self._theme, family)
            box.setChecked(family not in rules.families_off)
            self.families[family] = box
            self._grid.addWidget(box, place // _COLUMNS, place % _COLUMNS)
        self.apply_button.setEnabled(True)
        self.adjustSize()

    def _apply(self) -> None:
        from findling.library import Rules

        chosen: dict[str, Any] = {name: toggle.isChecked() for name, toggle in self.toggles.items()}
        try:
            rules = Rules(
                include=_lines(self.include),
                exclude=_lines(self.exclude),
                largest_mebibytes=self.largest.value(),
                families_off=tuple(name for name, box in self.families.items() if not box.isChecked()),
                **chosen,
            )
        except SettingsError as error:
            self.problem.say(error)
            return
        if rules != self._rules:
            self.wanted.emit(rules)
        self.close()


def _lines(edit: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(line.strip() for line in edit.toPlainText().splitlines() if line.strip())
