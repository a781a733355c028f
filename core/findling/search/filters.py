"""The fields of the query language: what is written behind `type:`, `after:`, `size:` …, as filters."""

from __future__ import annotations

import calendar
import difflib
import math
import os
import re
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from findling.analysis import bare, fold
from findling.documents.formats import FAMILIES, family_of_name
from findling.errors import QueryMistake
from findling.search.language_names import LANGUAGES
from findling.search.query import (
    AuthorFilter,
    Filter,
    FolderFilter,
    LanguageFilter,
    NameFilter,
    PeriodFilter,
    SizeFilter,
    TypeFilter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

#: The fields, and what each is for.
FIELDS = {
    "type": "the type of file, as type:pdf",
    "in": "the folder, as in:contracts/2024",
    "name": "the file's name, as name:*.md",
    "after": "changed then or later, as after:2024-05",
    "before": "changed earlier, as before:2024",
    "date": "changed within, as date:2024-05",
    "lang": "the language, as lang:de",
    "author": 'the author, as author:"Jane Doe"',
    "size": "the file's size, as size:>1mb",
}
#: Fields of which every one holds; of the others one of several is enough.
BOUNDS = frozenset({"after", "before", "size"})
#: What other programs call them.
_ALIASES = {
    "kind": "type", "filetype": "type", "ext": "type", "folder": "in", "dir": "in", "filename": "name",
    "language": "lang",
}  # fmt: skip
#: What people call kinds of file that have several families.
_SHEETS = ("xlsx", "xls", "ods", "csv")
_SLIDES = ("pptx", "ppt", "odp")
_WEB = ("html", "mhtml")
_MAIL = ("eml", "msg")
_BOOKS = ("epub", "fb2")
_FAMILY_NAMES = {
    "text": ("txt",), "plain": ("txt",), "markdown": ("md",), "web": _WEB, "webpage": _WEB,
    "word": ("docx", "doc"), "writer": ("odt",), "excel": ("xlsx", "xls"), "calc": ("ods",),
    "spreadsheet": _SHEETS, "sheet": _SHEETS, "table": _SHEETS, "powerpoint": ("pptx", "ppt"),
    "presentation": _SLIDES, "slide": _SLIDES, "impress": ("odp",), "mail": _MAIL, "email": _MAIL,
    "message": _MAIL, "outlook": ("msg",), "book": _BOOKS, "ebook": _BOOKS, "calendar": ("ics",),
    "notebook": ("ipynb",), "latex": ("tex",), "asciidoc": ("adoc",), "source": ("code",),
    "subtitle": ("srt",), "picture": ("image",), "photo": ("image",), "archive": ("zip", "tar", "7z", "gz"),
}  # fmt: skip
#: Languages that are also written about under the codes of their forms.
_FORMS = {"no": ("no", "nb", "nn")}

_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,5})([dwmy])", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d{1,15}(?:[.,]\d{1,6})?)(?:([kmgt])i?)?b?", re.IGNORECASE)
_COMPARISON = re.compile(r"(<=|>=|<|>|≤|≥)(.+)", re.DOTALL)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_DATE_HINT = "Write a year, month or day (2024, 2024-05, 2024-05-17), today, yesterday, 7d, 3w, 6m or 1y."
_SIZE_HINT = "Write size:>1mb, size:<=200kb or size:1mb..5mb."

_Instants = tuple[datetime | None, datetime | None]


def field_of(name: str) -> str:
    """The field that goes by `name`, whatever its case; "" when there is none."""
    name = name.lower()
    return name if name in FIELDS else _ALIASES.get(name, "")


def field_meant_by(name: str) -> str:
    """The field whose name was mistyped by one letter, "" for any other word."""
    lowered = name.lower()
    if name.isupper() or field_of(lowered):
        return ""
    return next((field for field in FIELDS if len(field) > 3 and _is_one_slip(lowered, field)), "")


def filter_of(name: str, value: str, start: int, end: int, now: datetime | None = None) -> Filter:
    """The filter that stands at [start, end) of a query as `name`:`value` (without quotes).

    Sizes count by 1024, as most file managers show them. Dates are days of the zone of `now` (default: the
    machine's clock and zone). Raises `QueryMistake` where the value is none that the field knows.
    """
    field = field_of(name)
    now = now or datetime.now(UTC).astimezone().replace(tzinfo=None)
    try:
        if not value.strip():
            raise _no_value(field)
        return _READERS[field](field, value.strip(), start, end, now)
    except QueryMistake as mistake:
        raise QueryMistake(mistake.message, mistake.hint, start, end) from None


def _type(field: str, value: str, start: int, end: int, _now: datetime) -> Filter:
    families = [family for one in _several(field, value) for family in _families(one)]
    return TypeFilter(field, value, start, end, tuple(dict.fromkeys(families)))


def _families(value: str) -> tuple[str, ...]:
    bare = value.lower().lstrip("*").lstrip(".")
    called = bare if bare in _FAMILY_NAMES else bare.removesuffix("s")
    if called in _FAMILY_NAMES:
        return _FAMILY_NAMES[called]
    family = bare if bare in FAMILIES else family_of_name(f"x.{bare}")
    if family not in FAMILIES:
        raise QueryMistake(f"There is no type {value!r}.", f"Types are {', '.join(FAMILIES)}.")
    return (family,)


def _folder(field: str, value: str, start: int, end: int, _now: datetime) -> Filter:
    home = str(Path.home()) if value == "~" or value.startswith("~/") else ""
    folder = home + value[1:] if home else value
    return FolderFilter(field, value, start, end, folder.rstrip("/" + os.sep) or folder[:1])


def _name(field: str, value: str, start: int, end: int, _now: datetime) -> Filter:
    pattern = value.lower()
    if "*" not in pattern and "?" not in pattern:
        pattern = f"*{pattern}*"
    return NameFilter(field, value, start, end, pattern)


def _author(field: str, value: str, start: int, end: int, _now: datetime) -> Filter:
    part = bare(value)
    if not part:
        raise _no_value(field)
    return AuthorFilter(field, value, start, end, part)


def _language(field: str, value: str, start: int, end: int, _now: datetime) -> Filter:
    codes = [code for one in _several(field, value) for code in _codes(one)]
    return LanguageFilter(field, value, start, end, tuple(dict.fromkeys(codes)))


def _codes(value: str) -> tuple[str, ...]:
    folded = fold(value)
    names = {fold(name): code for code, name in LANGUAGES.items()}
    code = names.get(folded) or re.split("[-_]", folded)[0]
    if code not in LANGUAGES:
        close = difflib.get_close_matches(folded, names, 1)
        meant = f"Did you mean {LANGUAGES[names[close[0]]]}? " if close else ""
        raise QueryMistake(
            f"There is no language {value!r}.", f"{meant}Write its code or English name, as de or German."
        )
    return _FORMS.get(code, (code,))


def _several(field: str, value: str) -> list[str]:
    found = [one.strip() for one in value.split(",") if one.strip()]
    if not found:
        raise _no_value(field)
    return found


def _no_value(field: str) -> QueryMistake:
    return QueryMistake(f"Nothing stands behind {field}:.", f"It tells {FIELDS[field]}.")


def _date(field: str, value: str, start: int, end: int, now: datetime) -> Filter:
    first, separator, last = value.partition("..")
    if separator and (field != "date" or first == last):
        raise QueryMistake(f"{value!r} is no date.", "Write a range as date:2024-01..2024-03.")
    begin, stop = _period(first, now) if first or not separator else (None, None)
    if separator:
        stop = _period(last, now)[1] if last else None
    if field == "after":
        stop = None
    elif field == "before":
        begin, stop = None, begin
    start_ns, end_ns = _nanoseconds(begin, value), _nanoseconds(stop, value)
    if start_ns is not None and end_ns is not None and start_ns >= end_ns:
        raise QueryMistake(f"{first} is later than {last}.", f"Write date:{last}..{first}.")
    return PeriodFilter(field, value, start, end, start_ns, end_ns)


def _period(text: str, now: datetime) -> _Instants:
    """The first instant of what is named, and the first one after it; None: it is still going on."""
    today, word = now.date(), text.lower()
    try:
        if word in ("today", "yesterday"):
            day = today if word == "today" else today - timedelta(days=1)
            return _midnight(day, now), _midnight(day + timedelta(days=1), now)
        if ago := _AGO.fullmatch(word):
            return _midnight(_days_ago(today, int(ago[1]), ago[2]), now), None
        if not (match := _DATE.fullmatch(word)):
            raise QueryMistake(f"{text!r} is no date.", _DATE_HINT)
        year, month, day = (int(part) if part else 0 for part in match.groups())
        first = date(year, month or (0 if match[2] else 1), day or (0 if match[3] else 1))
        after = first + timedelta(days=1) if day else _month_after(first, 1 if month else 12)
        return _midnight(first, now), _midnight(after, now)
    except (ValueError, OverflowError):
        raise QueryMistake(f"{text!r} is no date of the calendar.", _DATE_HINT) from None


def _days_ago(today: date, count: int, unit: str) -> date:
    """Months and years ago it was the same day of the month, or the last one where that month is shorter."""
    if unit in "dw":
        return today - timedelta(days=count * (7 if unit == "w" else 1))
    first = _month_after(today.replace(day=1), -count * (12 if unit == "y" else 1))
    return first.replace(day=min(today.day, calendar.monthrange(first.year, first.month)[1]))


def _month_after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo)


def _nanoseconds(instant: datetime | None, value: str) -> int | None:
    if instant is None:
        return None
    try:
        return round(instant.timestamp()) * 10**9
    except (ValueError, OverflowError, OSError):
        raise QueryMistake(f"{value!r} is out of the calendar of files.", _DATE_HINT) from None


def _size(field: str, value: str, start: int, end: int, _now: datetime) -> Filter:
    text = "".join(value.split())
    least: int | None = None
    most: int | None = None
    if ".." in text:
        low, _, high = text.partition("..")
        least = math.ceil(_bytes(low)) if low else None
        most = math.floor(_bytes(high)) if high else None
        if low == high == "":
            raise QueryMistake(f"{value!r} is no size.", _SIZE_HINT)
    elif comparison := _COMPARISON.fullmatch(text):
        amount = _bytes(comparison[2])
        if comparison[1] in (">", ">=", "≥"):
            least = math.floor(amount) + 1 if comparison[1] == ">" else math.ceil(amount)
        else:
            most = math.ceil(amount) - 1 if comparison[1] == "<" else math.floor(amount)
    else:
        _bytes(text)
        raise QueryMistake(f"Is {value} the least or the most?", f"Write size:>{value} or size:<{value}.")
    if most is not None and most < (least or 0):
        raise QueryMistake(f"No file has a size of {value}.", _SIZE_HINT)
    return SizeFilter(field, value, start, end, least, most)


def _bytes(text: str) -> Fraction:
    if not (match := _AMOUNT.fullmatch(text)):
        raise QueryMistake(f"{text!r} is no size.", _SIZE_HINT)
    return Fraction(match[1].replace(",", ".")) * 1024 ** _POWERS[(match[2] or "").lower()]


def _is_one_slip(word: str, field: str) -> bool:
    """One letter too many or too few, two swapped, or in a long name one wrong."""
    if len(word) == len(field):
        wrong = [at for at, letter in enumerate(field) if word[at] != letter]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(word) == sorted(field)
        return swapped or (len(wrong) == 1 and len(field) > 5)
    longer, shorter = sorted((word, field), key=len, reverse=True)
    if len(longer) != len(shorter) + 1:
        return False
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


_READERS: dict[str, Callable[[str, str, int, int, datetime], Filter]] = {
    "type": _type,
    "in": _folder,
    "name": _name,
    "after": _date,
    "before": _date,
    "date": _date,
    "lang": _language,
    "author": _author,
    "size": _size,
}
