"""The exceptions of Findling, one tree.

::

    FindlingError
    ├── UserError                  a person can act on it: what happened, where, what to do
    │   ├── SettingsError          a setting or a path given by the person is wrong
    │   ├── LibraryNotFound        no library of that name
    │   ├── LibraryBusy            another process is writing to the library
    │   ├── LibraryDamaged         what is on disk is not what was written
    │   ├── LibraryTooNew          written by a newer Findling
    │   ├── DiskFull               no room is left where Findling writes
    │   ├── PlaceNotWritable       a place that Findling writes to is read-only or closed to the person
    │   ├── StoreUnreachable       the bucket that holds a library's tables is not there, or denies access
    │   ├── ModelNotFound          no installed or built-in model of that name
    │   ├── ModelDamaged           a model's files are missing, cut off or altered
    │   ├── DownloadError          a model cannot be downloaded: network, access, space, checksum
    │   ├── ModelRefused           a model cannot be exported, or its graph is not as good as the original
    │   ├── CollectionError        a test collection (BEIR layout) cannot be read
    │   └── QueryMistake           a query that cannot be understood, and where in it
    ├── ParseError                 one file cannot be read; the file is marked, the work goes on
    │   ├── UnsupportedFormat      no parser for this kind of file: the file is `skipped`
    │   ├── EncryptedFile          a password is needed
    │   └── ParserLost             the parsing process crashed, hung or grew too large
    ├── JobFailed                  a child process ended without a result
    └── Cancelled                  the person asked to stop; not a failure

Anything else that surfaces is a bug.
"""

from __future__ import annotations


class FindlingError(Exception):
    """Base of every exception that Findling raises on purpose."""


class UserError(FindlingError):
    """A problem that a person can solve.

    `message` says what happened and to which file or library, in one line; `hint` says what to do.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(UserError):
    """A setting, or a path given by the person, is wrong."""


class LibraryNotFound(UserError):
    """No library has that name."""


class LibraryBusy(UserError):
    """Another process is writing to the library."""


class LibraryDamaged(UserError):
    """A library's files are not as they were written."""


class LibraryTooNew(UserError):
    """The library was written by a newer version of Findling."""


class DiskFull(UserError):
    """No room is left where Findling writes."""


class PlaceNotWritable(UserError):
    """A place that Findling writes to is read-only, or closed to the person."""


class StoreUnreachable(UserError):
    """The object store that holds a library's tables cannot be reached, or denies access."""


class ModelNotFound(UserError):
    """No installed or built-in model has that name."""


class ModelDamaged(UserError):
    """A model's files are missing, cut off or altered."""


class ModelRefused(UserError):
    """A model cannot be exported, or the exported graph does not agree with the original."""


class DownloadError(UserError):
    """A model cannot be downloaded: no network, no access, no space, or not the bytes that were promised."""


class CollectionError(UserError):
    """A test collection cannot be read."""


class QueryMistake(UserError):
    """A query cannot be understood. What is wrong stands at characters [start, end) of it."""

    def __init__(self, message: str, hint: str = "", start: int = 0, end: int = 0) -> None:
        super().__init__(message, hint)
        self.start = start
        self.end = end


class ParseError(FindlingError):
    """One file cannot be read; `str(error)` is the reason that the person sees."""


class UnsupportedFormat(ParseError):
    """No parser reads this kind of file."""


class EncryptedFile(ParseError):
    """The file is protected by a password."""

    def __init__(self, reason: str = "encrypted: a password is needed") -> None:
        super().__init__(reason)


class ParserLost(ParseError):
    """The process that read the file crashed, hung or grew beyond its limit."""


class JobFailed(FindlingError):
    """A child process ended without a result; `str(error)` is the reason."""


class Cancelled(FindlingError):
    """The person asked to stop."""


def one_line(error: BaseException, limit: int = 200) -> str:
    """The first line of what an error says, at most `limit` characters; its type where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0][:limit] if lines else type(error).__name__


def rebuilt(kind: str, reason: str) -> ParseError:
    """The error of a parser that crossed from another process as its class and its reason."""
    found = globals().get(kind)
    return found(reason) if isinstance(found, type) and issubclass(found, ParseError) else ParseError(reason)
