"""What a parser of a format that holds other files gives: those files, each under a name of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

_DRIVE = re.compile(r"^[A-Za-z]:(?=/)")
#: In a path, "!/" leads into a file (`findling.documents.container`).
_INSIDE = re.compile(r"!+(?=/)")


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside another file: a member of an archive, a message of a mailbox, an attachment.

    `name` is its path in there, with "/" between. `size` is in bytes as far as the container says, else 0.
    `write` puts its bytes into a file that is open for writing; it raises `ParseError` for what cannot be
    had, and may raise whatever the format's library raises. It may be called until the next member is asked
    for.
    """

    name: str
    size: int
    write: Callable[[BinaryIO], None]
    written: str = ""  # its date, in ISO 8601


class Names:
    """Makes names safe to show and keeps them apart: no two members of a container are called the same."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def give(self, name: str) -> str:
        """`name` as a path with "/" between that begins at no root and leads upwards or inwards nowhere."""
        path = _INSIDE.sub("", _DRIVE.sub("", clean(name).replace("\n", " ").replace("\\", "/")))
        label = "/".join(part for part in path.split("/") if part not in ("", ".", "..")) or "unnamed"
        folder, slash, last = label.rpartition("/")
        stem, dot, suffix = last.rpartition(".")
        if not stem:
            stem, dot, suffix = last, "", ""
        given = label
        while given in self._given:
            number = self._next.get(label, 2)
            self._next[label] = number + 1
            given = f"{folder}{slash}{stem} ({number}){dot}{suffix}"
        self._given.add(given)
        return given
