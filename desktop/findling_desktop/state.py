"""What the window remembers between two runs: its place, its splitter, the last library."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from findling.settings import private_directory, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "window.json"
_NOT_STORED = ("directory", "kept")


@dataclass(slots=True)
class WindowState:
    """`geometry` is Qt's own saved geometry in base 64; `results_width` of `splitter_width` pixels are the
    list's; a page is `page_zoom` times as wide as its view. It is remembered where it is `kept`: not when all
    that Findling wrote is being removed."""

    directory: Path
    geometry: str = ""
    results_width: int = 0
    splitter_width: int = 0
    mode: str = "hybrid"
    reading: str = "page"
    page_zoom: float = 1.0
    library: str = ""
    kept: bool = True

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read it; what is missing or damaged has its default, for nobody edits this file."""
        try:
            stored: Any = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            stored = {}
        state = cls(directory)
        for item in fields(cls):
            value = stored.get(item.name) if isinstance(stored, dict) else None
            if item.name not in _NOT_STORED and type(value) is type(getattr(state, item.name)):
                setattr(state, item.name, value)
        return state

    def save(self) -> None:
        """Write it, if it is to be kept. Raises `OSError`, `SettingsError`."""
        if not self.kept:
            return
        values = asdict(self)
        for name in _NOT_STORED:
            del values[name]
        private_directory(self.directory)
        write_atomically(self.directory / _FILE, json.dumps(values, indent=2) + "\n")
