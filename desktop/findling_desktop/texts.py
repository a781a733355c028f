"""Numbers and spans of time in words."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale

_MINUTE = 60
_HOUR = 3600


def number(value: int) -> str:
    """A whole number with the locale's separators."""
    return QLocale().toString(value)


def files(count: int) -> str:
    """ "1 file", "32 files"."""
    return _tr("1 file") if count == 1 else _tr("{} files").format(number(count))


def documents(count: int) -> str:
    """ "1 document", "32 documents"."""
    return _tr("1 document") if count == 1 else _tr("{} documents").format(number(count))


def passages(count: int) -> str:
    """ "1 passage", "223 passages"."""
    return _tr("1 passage") if count == 1 else _tr("{} passages").format(number(count))


def results(count: int) -> str:
    """ "1 result", "10 results"."""
    return _tr("1 result") if count == 1 else _tr("{} results").format(number(count))


def searches(count: int) -> str:
    """ "1 search", "10 searches"."""
    return _tr("1 search") if count == 1 else _tr("{} searches").format(number(count))


def size(count: int) -> str:
    """Bytes in words, "87.2 MiB"."""
    return QLocale().formattedDataSize(count, 1)


def time_left(seconds: float) -> str:
    """ "about 3 minutes left": as exact as an estimate deserves."""
    if seconds < 10:
        return _tr("a few seconds left")
    if seconds < _MINUTE * 0.75:
        return _tr("about {} seconds left").format(round(seconds / 10) * 10)
    if seconds < _MINUTE * 1.5:
        return _tr("about a minute left")
    if seconds < _HOUR * 0.75:
        return _tr("about {} minutes left").format(round(seconds / _MINUTE))
    if seconds < _HOUR * 1.5:
        return _tr("about an hour left")
    return _tr("about {} hours left").format(round(seconds / _HOUR))


def short_path(path: str) -> str:
    """A path with the person's home as "~"."""
    try:
        return str(Path("~") / Path(path).relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return path


def shortened(text: str, most: int) -> str:
    """A text in a line of so many characters at most."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def error_texts(error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a person to read."""
    from findling.errors import FindlingError, UserError

    if isinstance(error, UserError):
        return error.message, error.hint
    if isinstance(error, FindlingError):
        return str(error), ""
    return (
        _tr("Something went wrong inside Findling."),
        _tr("{}. Please report this.").format(f"{type(error).__name__}: {error}"),
    )


def tr(text: str) -> str:
    """A text of no class in the window's language. Imported as `_tr`, which lupdate looks for."""
    return QCoreApplication.translate("", text)


_tr = tr
