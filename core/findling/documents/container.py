"""Files that hold other files: archives, mailboxes, messages with attachments.

A file inside another one has a path, too: that of the file, "!/", and its name in there, as deep as it goes
("papers.zip!/2024/a.eml!/figures.pdf"). It is read from a temporary copy, as if it lay there by itself.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from findling.documents.model import Document
from findling.documents.registry import CONTAINERS, members_of, parse_as
from findling.documents.sniffing import family_of
from findling.errors import FindlingError, ParseError, UnsupportedFormat, rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import Self

    from findling.documents.member import Member

#: Between a file and the name of one inside it.
INSIDE = "!/"
#: A file inside a file inside a file …: deeper than this is a trap.
_MOST_DEEP = 5
#: Of one file, all that lies in it together.
_MOST_MEMBERS = 100_000
_MOST_BYTES = 8 * 1024**3
#: Of the name of a copy, in which a character may take four bytes.
_NAME_CHARACTERS = 60
_SUFFIX_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Inner:
    """A file inside a file, read. `name` is its path in there; `size` is in bytes; `content` are 32
    hexadecimal digits over its bytes, "" where they could not be had; `written` is its date, in ISO 8601."""

    name: str
    size: int
    content: str
    written: str
    outcome: Document | ParseError

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        told = {name: getattr(self, name) for name in ("name", "size", "content", "written")}
        if isinstance(self.outcome, Document):
            return {**told, "document": self.outcome.to_json()}
        return {**told, "error": type(self.outcome).__name__, "because": str(self.outcome)}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Inverse of `to_json`."""
        if "document" in told:
            outcome = Document.from_json(told.pop("document"))
        else:
            outcome = rebuilt(told.pop("error"), told.pop("because"))
        return cls(**told, outcome=outcome)


class Unpacking:
    """Reads what lies in a file, as deep as it goes. `begin` is told the name of each before it is read;
    those up to and with `after` are passed over."""

    def __init__(self, begin: Callable[[str], None], after: str = "") -> None:
        self._begin = begin
        self._after = after
        self._members = 0
        self._bytes = 0

    def inners(self, path: Path, family: str, above: str = "", depth: int = 1) -> Iterator[Inner]:
        """Every file inside that one, each followed by those that lie in it. Raises `ParseError` where the
        container is broken; what was given before stands."""
        if depth > _MOST_DEEP:
            raise ParseError("files inside files inside files, too deep to read")
        for member in members_of(family, path):
            name = above + member.name
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise _TooMuch(f"holds more than {_MOST_MEMBERS:,} files: the rest is not read")
            passed = bool(self._after)
            if passed and not self._after.startswith(name + INSIDE):
                if name == self._after:
                    self._after = ""
                continue
            with _temporary(member.name) as place:
                yield from self._inner(member, name, place, depth, passed=passed)

    def _inner(self, member: Member, name: str, place: Path, depth: int, *, passed: bool) -> Iterator[Inner]:
        if not passed:
            self._begin(name)
        size, content, family, written = 0, "", "", member.written
        outcome: Document | ParseError
        try:
            _write(member, place)
            content = content_of(place)
            size = place.stat().st_size
            self._bytes += size
            if not size:
                raise UnsupportedFormat("empty file")
            family = family_of(place)
            outcome = Document(family, "", ()) if passed else parse_as(family, place)
            written = outcome.written or written
        except ParseError as error:
            outcome = error
        if not passed:
            yield Inner(name, size, content, written, outcome)
        if self._bytes > _MOST_BYTES:
            raise _TooMuch("holds more than 8 GB: the rest is not read")
        if family in CONTAINERS:
            try:
                yield from self.inners(place, family, name + INSIDE, depth + 1)
            except _TooMuch:
                raise
            except ParseError as error:  # after those in it that were read
                if isinstance(outcome, Document) and not outcome.blocks:
                    yield Inner(name, size, "", written, error)


def read_whole(path: Path, unpacking: Unpacking, tell: Callable[[Inner], None]) -> Document:
    """The document of a file; `tell` is given those that lie in it, before. Raises `ParseError`."""
    family = family_of(path)
    document = parse_as(family, path)
    try:
        for inner in unpacking.inners(path, family):
            tell(inner)
    except ParseError:
        if not document.blocks:
            raise
    return document


class _TooMuch(ParseError):
    """The rest of a file is not read."""


@contextmanager
def unpacked(path: Path) -> Generator[Path]:
    """The file itself, or for a path that leads into one a copy of what lies there, for as long as it is
    needed. Raises `ParseError` for what is not there, or cannot be unpacked."""
    outside, inside = split(path)
    with ExitStack() as copies:
        place = outside
        for name in inside.split(INSIDE) if inside else ():
            copy = copies.enter_context(_temporary(name))
            for member in members_of(family_of(place), place):
                if member.name == name:
                    _write(member, copy)
                    break
            else:
                raise ParseError("is not in there any more")
            place = copy
        yield place


def split(path: Path) -> tuple[Path, str]:
    """The file on the disk that a path leads to, and the name inside it, "" where the path ends there."""
    whole = str(path)
    for outside in outsides(whole):
        if Path(outside).is_file():
            return Path(outside), whole[len(outside) + len(INSIDE) :]
    return path, ""


def outsides(path: str) -> Iterator[str]:
    """The paths of the files that a path may lead into, the one that it ends in first."""
    at = path.rfind(INSIDE)
    while at >= 0:
        yield path[:at]
        at = path.rfind(INSIDE, 0, at)


def content_of(path: Path) -> str:
    """32 hexadecimal digits over a file's bytes. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _write(member: Member, place: Path) -> None:
    """Raises `ParseError`."""
    try:
        with place.open("wb") as file:
            member.write(file)
    except FindlingError:
        raise
    except OSError as error:
        raise ParseError(f"cannot be unpacked: {error.strerror or error}") from error
    except Exception as error:
        raise ParseError("damaged: cannot be unpacked") from error


@contextmanager
def _temporary(name: str) -> Generator[Path]:
    """A place for the copy of a file of that name."""
    last = "".join(each if each.isprintable() else "_" for each in PurePosixPath(name).name)
    suffix = PurePosixPath(last).suffix[:_SUFFIX_CHARACTERS]
    with tempfile.TemporaryDirectory(prefix="findling-") as place:
        yield Path(place) / (last[: _NAME_CHARACTERS - len(suffix)].removesuffix(suffix) + suffix)
