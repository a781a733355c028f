"""What a parser of a format that holds other files gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO


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
