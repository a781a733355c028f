"""The person's settings as the window has them: one place that every control follows."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from findling.settings import Settings


class Preferences(QObject):
    """Values by their names in `Settings`."""

    #: Name and value: to be kept, and to be acted on.
    changed = Signal(str, object)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._values = {
            item.name: getattr(settings, item.name) for item in fields(settings) if item.name != "home"
        }

    def __getitem__(self, name: str) -> Any:
        """Raises KeyError for what is no setting."""
        return self._values[name]

    def choose(self, name: str, value: Any) -> None:
        """Take a value, which is of the setting's type and within its limits."""
        if value != self._values[name]:
            self._values[name] = value
            self.changed.emit(name, value)
