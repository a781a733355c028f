"""Calendars: events and tasks with what, when, where and who; folded lines, old encodings."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from findling.documents import BlockKind, parse
from findling.documents.registry import parse_as
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
X-WR-CALNAME:Bird club
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTAMP:20240301T080000Z
DTSTART;TZID=Europe/Berlin:20240304T100000
DTEND;TZID=Europe/Berlin:20240304T113000
SUMMARY:Owls\\, and
  how to hear them
LOCATION:Room 4
ORGANIZER;CN="Lee, Ann":mailto:ann@example.org
ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org
ATTENDEE:MAILTO:carl@example.org
RRULE:FREQ=WEEKLY;COUNT=4
DESCRIPTION:Bring a lamp.\\n\\nAnd a friend\\; or two.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
BEGIN:VEVENT
SUMMARY:Winter break
DTSTART;VALUE=DATE:20241224
DTEND;VALUE=DATE:20250102
END:VEVENT
BEGIN:VTODO
SUMMARY:Buy seed
DUE:20240401T120000Z
STATUS:NEEDS-ACTION
END:VTODO
END:VCALENDAR
"""


def saved(tmp_path: Path, text: str | bytes, name: str = "made.ics") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_event_is_a_heading_with_its_facts(tmp_path: Path, ends: str) -> None:
    document = parse(saved(tmp_path, CALENDAR.replace("\n", ends)))
    assert (document.kind, document.title, document.author, document.written) == (
        "ics",
        "Bird club",
        "Lee, Ann",
        "2024-03-01T08:00:00+00:00",
    )
    assert [(block.kind, block.text) for block in document.blocks] == [
        (BlockKind.HEADING, "Owls, and how to hear them"),
        (
            BlockKind.PARAGRAPH,
            (
                "When: 2024-03-04 10:00 (Europe/Berlin) – 11:30 (Europe/Berlin)\n"
                "Repeats: weekly\nWhere: Room 4\nWho: Lee, Ann, Bob, carl@example.org"
            ),
        ),
        (BlockKind.PARAGRAPH, "Bring a lamp."),
        (BlockKind.PARAGRAPH, "And a friend; or two."),
        (BlockKind.HEADING, "Winter break"),
        (BlockKind.PARAGRAPH, "When: 2024-12-24 – 2025-01-02"),
        (BlockKind.HEADING, "Buy seed"),
        (BlockKind.PARAGRAPH, "Due: 2024-04-01 12:00 UTC\nStatus: needs-action"),
    ]


def test_places_are_the_line_and_the_event(tmp_path: Path) -> None:
    blocks = parse(saved(tmp_path, CALENDAR)).blocks
    assert {(block.anchor.line, block.anchor.headings) for block in blocks} == {
        (10, ("Owls, and how to hear them",)),
        (26, ("Winter break",)),
        (31, ("Buy seed",)),
    }


def test_an_event_alone_gives_the_title(tmp_path: Path) -> None:
    path = saved(tmp_path, "BEGIN:VEVENT\nSUMMARY:Alone\nEND:VEVENT")
    assert parse(path).title == "Alone"
    path = saved(tmp_path, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nLOCATION:Here\nEND:VEVENT\nEND:VCALENDAR")
    assert [block.text for block in parse(path).blocks] == ["Where: Here"]


def test_vcalendar_writes_quoted_printable(tmp_path: Path) -> None:
    text = (
        "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\n"
        "SUMMARY;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Gr=FC=DFe an =\nalle\n"
        "DESCRIPTION;QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=9Cber=0D=0Auns\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    document = parse(saved(tmp_path, text, "made.vcs"))
    assert [block.text for block in document.blocks] == ["Grüße an alle", "Über\nuns"]


def test_a_calendar_in_another_encoding_is_read(tmp_path: Path) -> None:
    text = "BEGIN:VEVENT\nSUMMARY:Frühstück für alle\nEND:VEVENT\n"
    for encoding in ("cp1252", "utf-16", "utf-8-sig"):
        assert parse(saved(tmp_path, text.encode(encoding))).title == "Frühstück für alle"


def test_damaged_calendars_give_a_document_or_a_parse_error(tmp_path: Path) -> None:
    chance = random.Random(5)
    for _ in range(60):
        data = bytearray(CALENDAR.encode())
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.choice(b'\x00\xff\n;=:,\\"- TZ')
        path = saved(tmp_path, bytes(data[: chance.randrange(1, len(data))]))
        try:
            parse_as("ics", path)
        except ParseError as error:
            assert "damaged" not in str(error)  # noqa: PT017 (a reason of its own)
