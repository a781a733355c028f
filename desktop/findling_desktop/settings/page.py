"""The settings as a page: a control for each, by its type. What is changed counts, and is kept, at once."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLineEdit,
    QWidget,
)

from findling.settings import Settings
from findling_desktop.pages import ScrolledPage
from findling_desktop.settings import words
from findling_desktop.settings.removal_dialog import RemovalDialog
from findling_desktop.widgets import Button, Choice, Number, Toggle, confirm, label

if TYPE_CHECKING:
    from dataclasses import Field

    from findling_desktop.model_jobs import Shelf
    from findling_desktop.preferences import Preferences
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Workspace

_CONTROL_WIDTH, _NUMBER_WIDTH = 300, 140


class SettingsPage(ScrolledPage):
    """A control for each field of `Settings` but the home."""

    def __init__(self, workspace: Workspace, theme: Theme, preferences: Preferences) -> None:
        super().__init__(theme)
        self._models = workspace.models
        self._removal = workspace.removal
        self._theme = theme
        self._preferences = preferences
        self._fields: dict[str, Field[Any]] = {
            item.name: item for item in fields(Settings) if item.name != "home"
        }
        #: By the name of the setting.
        self.controls: dict[str, QWidget] = {}
        self.defaults_button = Button(theme, self.tr("Back to defaults"), "history")
        self.remove_button = Button(theme, self.tr("Remove all my data…"))
        self.told = label(role="small")
        self._arrange()
        self.defaults_button.clicked.connect(self._ask_for_defaults)
        self.remove_button.clicked.connect(self.ask_to_remove)
        preferences.changed.connect(self._show)
        self._models.read_anew.connect(self._take_models)

    def open(self) -> None:
        """Look for models, and be ready for the keyboard."""
        self._models.read()
        self.told.setText("")
        next(iter(self.controls.values())).setFocus()

    # -- arranging ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.strip.addWidget(self.told)
        self.strip.addWidget(self.defaults_button)
        column = self.column
        column.addWidget(label(self.tr("Settings"), "display"))
        grouped = {name for _, names in words.groups() for name in names}
        others = tuple(name for name in self._fields if name not in grouped)
        for title, names in (*words.groups(), (self.tr("Others"), others)):
            if names:
                column.addSpacing(8)
                column.addWidget(label(title, "title"))
                column.addWidget(self._card(names))
        column.addSpacing(8)
        column.addWidget(label(self.tr("My data"), "title"))
        column.addWidget(self._removing())

    def _card(self, names: tuple[str, ...]) -> QFrame:
        card, grid = _empty_card()
        for place, name in enumerate(names):
            field = self._fields[name]
            title = words.title(name, field.metadata["help"])
            explained = words.explained(name)
            control = self._control(field)
            control.setAccessibleName(title)
            control.setAccessibleDescription(explained or field.metadata["help"])
            control.setToolTip(field.metadata["help"])
            self.controls[name] = control
            named = label(title)
            named.setBuddy(control)
            row = 3 * place
            grid.addWidget(named, row, 0)
            grid.addWidget(
                control,
                row,
                1,
                2 if explained else 1,
                1,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
            )
            if explained:
                grid.addWidget(label(explained, "small", wrap=True), row + 1, 0)
            if name != names[-1]:
                grid.setRowMinimumHeight(row + 2, 8)
            self._show(name, self._preferences[name])
        return card

    def _removing(self) -> QFrame:
        card, grid = _empty_card()
        grid.addWidget(label(self.tr("All that Findling has written on this computer")), 0, 0)
        about = self.tr("Libraries, models, settings, history and logs. Your documents are not among it.")
        grid.addWidget(label(about, "small", wrap=True), 1, 0)
        grid.addWidget(self.remove_button, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        return card

    def _control(self, field: Field[Any]) -> QWidget:
        """By the type of the setting's default."""
        name, default = field.name, field.default
        if isinstance(default, bool):
            toggle = Toggle(self._theme, "")
            toggle.toggled.connect(lambda on: self._chosen(name, on))
            return toggle
        if isinstance(default, int | float):
            number = Number(self._theme)
            least, most = field.metadata["least"], field.metadata["most"]
            number.setRange(math.ceil(least), math.floor(most))
            number.setSuffix(words.unit(name))
            number.setSpecialValueText(words.automatic() if default == 0 == least else "")
            number.setSingleStep(10 if default >= 60 else 1)
            number.setFixedWidth(_NUMBER_WIDTH)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(lambda value: self._chosen(name, type(default)(value)))
            return number
        if field.metadata["choices"] or name in words.MODELS:
            choice = Choice(self._theme)
            choice.setFixedWidth(_CONTROL_WIDTH)
            for value in field.metadata["choices"] or (self._preferences[name],):
                choice.addItem(words.choice(name, value), value)
            choice.activated.connect(lambda place: self._chosen(name, choice.itemData(place)))
            return choice
        line = QLineEdit()
        line.setFixedWidth(_CONTROL_WIDTH)
        automatic = name in words.AUTOMATIC_IF_EMPTY
        line.setPlaceholderText(words.automatic() if automatic else self.tr("the desktop's own"))
        line.editingFinished.connect(lambda: self._chosen(name, line.text().strip()))
        return line

    # -- what a person wants ------------------------------------------------------------------------

    def _chosen(self, name: str, value: Any) -> None:
        if value == self._preferences[name]:
            return
        self._preferences.choose(name, value)
        told = {
            words.AT_ONCE: self.tr("Kept."),
            words.NEXT_RUN: self.tr("Kept. It counts from the next job on."),
            words.NEXT_START: self.tr("Kept. It counts when Findling is started again."),
        }
        self.told.setText(told[words.when(name)])

    def ask_to_remove(self) -> None:
        """Say what Findling has written, and whether it is to go."""
        RemovalDialog(self.window(), self._theme, self._removal).open()

    def _ask_for_defaults(self) -> None:
        confirm(
            self.window(),
            self.tr("Back to defaults"),
            self.tr("Give all settings their defaults?"),
            self.tr("Libraries, models and what was asked stay as they are."),
            self.tr("Back to Defaults"),
            self._restore_defaults,
        )

    def _restore_defaults(self) -> None:
        for name, field in self._fields.items():
            self._chosen(name, field.default)
        self.told.setText(self.tr("All settings have their defaults."))

    # -- what is so ---------------------------------------------------------------------------------

    def _show(self, name: str, value: Any) -> None:
        """Show a value, without telling."""
        control = self.controls.get(name)
        if control is None:
            return
        before = control.blockSignals(True)  # noqa: FBT003 — Qt's
        if isinstance(control, Toggle):
            control.setChecked(value)
        elif isinstance(control, Number):
            control.setValue(round(value))
        elif isinstance(control, Choice):
            if control.findData(value) < 0:
                control.addItem(words.choice(name, value), value)
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QLineEdit):
            control.setText(value)
        control.blockSignals(before)
        control.update()

    def _take_models(self, shelf: Shelf) -> None:
        for name, kind in words.MODELS.items():
            control = self.controls[name]
            assert isinstance(control, Choice)
            control.clear()
            if self._fields[name].default == "":
                control.addItem(words.choice(name, ""), "")
            for model_id, called in sorted(shelf.names(kind).items(), key=lambda each: each[1].casefold()):
                control.addItem(called, model_id)
            self._show(name, self._preferences[name])


def _empty_card() -> tuple[QFrame, QGridLayout]:
    """With what is said on the left, and its control on the right."""
    card = QFrame()
    card.setObjectName("card")
    grid = QGridLayout(card)
    grid.setContentsMargins(24, 16, 24, 16)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    return card, grid
