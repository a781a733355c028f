"""Calendars (iCalendar, RFC 5545, and vCalendar 1.0): lines of names and values, read by hand. The libraries
for them check a calendar before they give it, and refuse what people have."""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow, made
from findling.documents.model import Anchor, Block, BlockKind
from findling.documents.parsers.mail import in_charset
from findling.documents.parsers.plain import decode, has_byte_order_mark, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

_COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL")
_CALENDAR_NAMES = ("X-WR-CALNAME", "NAME")
_DATE = re.compile(r"^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?)?(Z?)")
_PARAMETER = re.compile(r';([^=:;"]+)(?:=("[^"]*"|[^;:]*))?')
_ESCAPED = re.compile(r"\\([\\;,nN])")
_REPEATS = re.compile(r"FREQ=(\w+)", re.IGNORECASE)


@dataclass
class _Field:
    """One line: parameters and value, as they are written."""

    parameters: dict[str, str]
    value: str


@dataclass
class _Component:
    """An event, a task or an entry in a journal."""

    line: int
    fields: dict[str, list[_Field]] = field(default_factory=dict[str, list[_Field]])

    def text(self, name: str) -> str:
        """The first value of that name, or ""."""
        return next(iter(self.texts(name)), "")

    def texts(self, name: str) -> list[str]:
        """All values of that name that say something."""
        return [text for each in self.fields.get(name, ()) if (text := _value(each).strip())]


def parse(path: Path) -> Document:
    """Read a calendar: each event, task or entry is a heading with what, when, where and who below it."""
    data = path.read_bytes()
    text = decode(data) if has_byte_order_mark(data) else in_charset(data, "us-ascii")
    calendar, found = _components(text)
    blocks = [block for component in found for block in _blocks(component)]
    title = next((text for name in _CALENDAR_NAMES if (text := calendar.text(name))), "")
    stamps = ("LAST-MODIFIED", "DTSTAMP", "CREATED", "DCREATED")
    dates = [_iso(component.text(stamp)) for component in found for stamp in stamps]
    authors = {_person(each) for component in found for each in component.fields.get("ORGANIZER", ())}
    return made("ics", title, blocks, authors.pop() if len(authors) == 1 else "", max(dates, default=""))


def _components(text: str) -> tuple[_Component, list[_Component]]:
    """What is said of the calendar, and what is in it. Alarms and time zones are left out."""
    calendar = _Component(1)
    found: list[_Component] = []
    opened: list[_Component | None] = []
    for number, line in _unfolded(text):
        name, parameters, value = _split(line)
        if name == "BEGIN":
            kind = value.strip().upper()
            component = _Component(number) if kind in _COMPONENTS else None
            if component:
                found.append(component)
            opened.append(calendar if kind == "VCALENDAR" else component)
        elif name == "END":
            del opened[-1:]
        elif opened and (current := opened[-1]):
            current.fields.setdefault(name, []).append(_Field(parameters, value))
    return calendar, found


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them, and where they begin. In vCalendar, a line of quoted-printable
    text goes on after a "=" at its end."""
    begins, parts = 1, list[str]()
    is_quoted = soft = False
    for number, line in enumerate(clean(text).split("\n"), 1):
        if soft:
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        elif line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
        else:
            yield begins, "".join(parts)
            begins, parts = number, [line]
            is_quoted = "QUOTED-PRINTABLE" in line.upper()
        soft = is_quoted and line.endswith("=")
    yield begins, "".join(parts)


def _split(line: str) -> tuple[str, dict[str, str], str]:
    """NAME;PARAMETER=value;…:value. A group before the name ("item1.NAME") is dropped."""
    end = re.search(r"[;:]", line)
    if end is None:
        return "", {}, ""
    name = line[: end.start()].rpartition(".")[2].strip().upper()
    parameters: dict[str, str] = {}
    position = end.start()
    while match := _PARAMETER.match(line, position):
        parameters[match[1].strip().upper()] = (match[2] or "").strip('"')
        position = match.end()
    return name, parameters, line[position:].removeprefix(":")


def _value(each: _Field) -> str:
    value = each.value
    quoted = each.parameters.get("ENCODING", "").upper() == "QUOTED-PRINTABLE"
    if quoted or "QUOTED-PRINTABLE" in each.parameters:
        charset = each.parameters.get("CHARSET", "us-ascii")
        value = in_charset(quopri.decodestring(value.encode("utf-8", "replace")), charset)
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def _blocks(component: _Component) -> Iterator[Block]:
    summary = flow(component.text("SUMMARY"))
    anchor = Anchor(line=component.line, headings=(summary,) if summary else ())
    if summary:
        yield Block(BlockKind.HEADING, summary, anchor)
    facts = "\n".join(f"{label}: {value}" for label, value in _facts(component) if value)
    if facts:
        yield Block(BlockKind.PARAGRAPH, facts, anchor)
    for name in ("DESCRIPTION", "COMMENT"):
        for text in component.texts(name):
            for block in paragraphs(text):
                yield Block(block.kind, block.text, anchor)


def _facts(component: _Component) -> list[tuple[str, str]]:
    people = [*component.fields.get("ORGANIZER", ()), *component.fields.get("ATTENDEE", ())]
    repeats = _REPEATS.search(component.text("RRULE"))
    return [
        ("When", _when(component)),
        ("Due", _shown(component, "DUE")),
        ("Repeats", repeats[1].lower() if repeats else ""),
        ("Where", flow(component.text("LOCATION"))),
        ("Who", ", ".join(dict.fromkeys(who for each in people if (who := _person(each))))),
        ("Status", component.text("STATUS").lower() if "DUE" in component.fields else ""),
        ("Categories", ", ".join(flow(text) for text in component.texts("CATEGORIES"))),
        ("Link", component.text("URL")),
    ]


def _when(component: _Component) -> str:
    """Begin and end; the day of the end only where it is another."""
    begin, end = _shown(component, "DTSTART"), _shown(component, "DTEND")
    if not end or end == begin:
        return begin
    day, _, time = end.partition(" ")
    return f"{begin} – {time if time and begin.startswith(day) else end}"


def _shown(component: _Component, name: str) -> str:
    """A date for a person: "2024-03-01 10:00 UTC", "2024-03-01 10:00 (Europe/Berlin)", "2024-03-01"."""
    each = next(iter(component.fields.get(name, ())), None)
    match = _DATE.match(each.value.strip()) if each else None
    if each is None or match is None:
        return ""
    shown = "-".join(match.group(1, 2, 3))
    if match[4]:
        zone = each.parameters.get("TZID", "")
        shown += f" {match[4]}:{match[5]}" + (" UTC" if match[7] else f" ({zone})" if zone else "")
    return shown


def _iso(text: str) -> str:
    match = _DATE.match(text)
    if match is None:
        return ""
    date = "-".join(match.group(1, 2, 3))
    return (
        f"{date}T{match[4]}:{match[5]}:{match[6] or '00'}{'+00:00' if match[7] else ''}" if match[4] else date
    )


def _person(each: _Field) -> str:
    """A name, else an address."""
    name = flow(each.parameters.get("CN", ""))
    return name or flow(re.sub(r"(?i)^(?:mailto|invalid):", "", _value(each))).removeprefix("nomail")
