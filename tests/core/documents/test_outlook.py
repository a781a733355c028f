"""Outlook's messages: properties, the three forms of their text, attachments, messages in messages."""

from __future__ import annotations

import io
import itertools
import random
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.documents.parsers.outlook import unpacked_rtf
from findling.documents.registry import members_of, parse_as
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from pathlib import Path

#: A storage is a dictionary, a stream is bytes.
Storage = dict[str, "bytes | Storage"]

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR, _SMALL_SECTOR, _SMALL = 512, 64, 4096


def compound_file(root: Storage) -> bytes:
    """An OLE container (MS-CFB, version 3)."""
    entries: list[tuple[str, int, int, bytes]] = []  # name, kind, first child, data
    siblings: dict[int, int] = {}

    def add(name: str, content: bytes | Storage, kind: int) -> int:
        number = len(entries)
        entries.append((name, kind, _FREE, content if isinstance(content, bytes) else b""))
        if isinstance(content, dict):
            children = [
                add(each, inner, 2 if isinstance(inner, bytes) else 1) for each, inner in content.items()
            ]
            siblings.update(itertools.pairwise(children))
            entries[number] = (name, kind, children[0] if children else _FREE, b"")
        return number

    add("Root Entry", root, 5)
    small, small_fat = b"", list[int]()
    sectors: list[bytes] = []
    fat: list[int] = []

    def chain(data: bytes, size: int, table: list[int]) -> int:
        count = -(-len(data) // size)
        first = len(table)
        table.extend([*range(first + 1, first + count), _END])
        return first

    def stored(data: bytes) -> int:
        if not data:
            return _END
        first = chain(data, _SECTOR, fat)
        padded = data + bytes(-len(data) % _SECTOR)
        sectors.extend(padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR))
        return first

    places: list[tuple[int, int]] = []
    for _, kind, _, data in entries:
        if kind != 2 or not data:
            places.append((_END, 0))
        elif len(data) < _SMALL:
            places.append((chain(data, _SMALL_SECTOR, small_fat), len(data)))
            small += data + bytes(-len(data) % _SMALL_SECTOR)
        else:
            places.append((stored(data), len(data)))
    places[0] = (stored(small), len(small))
    directory = b""
    for number, ((name, kind, child, _), (place, size)) in enumerate(zip(entries, places, strict=True)):
        written = name.encode("utf-16-le")
        directory += written.ljust(64, b"\0") + struct.pack(
            "<HBBIII36xIQ", len(written) + 2, kind, 1, _FREE, siblings.get(number, _FREE), child, place, size
        )
    directory_place = stored(directory)
    small_fat_place = stored(struct.pack(f"<{len(small_fat)}I", *small_fat) + b"\xff" * 16)
    count = next(count for count in range(1, 100) if count * 128 >= len(fat) + count)
    places_of_fat = list(range(len(fat), len(fat) + count))
    table = [*fat, *[_FAT] * count]
    sectors.append(struct.pack(f"<{count * 128}I", *table, *[_FREE] * (count * 128 - len(table))))
    small_sectors = -(-(len(small_fat) * 4 + 16) // _SECTOR)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, count, directory_place, 0, _SMALL,
        small_fat_place, small_sectors, _END, 0, places_of_fat[0],
    )  # fmt: skip
    header += struct.pack(f"<{count - 1}I", *places_of_fat[1:]) + b"\xff" * (4 * (109 - count))
    return header + b"".join(sectors)


def fixed(begin: int, numbers: dict[int, int], times: dict[int, datetime] | None = None) -> bytes:
    """The stream of properties that are no streams."""
    data = bytes(begin)
    for tag, number in numbers.items():
        data += struct.pack("<HHIII", 3, tag, 6, number, 0)
    for tag, time in (times or {}).items():
        ticks = int((time - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        data += struct.pack("<HHIQ", 0x40, tag, 6, ticks)
    return data


def wide(**texts: str) -> Storage:
    """Streams of text in Unicode: p0037 is the subject."""
    return {f"__substg1.0_{name[1:].upper()}001F": text.encode("utf-16-le") for name, text in texts.items()}


SENT = datetime(2024, 3, 4, 10, 0, tzinfo=UTC)


def message(begin: int = 32, **texts: str) -> Storage:
    told = {"p0037": "The plan", "p0c1a": "Ann Lee", "p5d01": "ann@example.org", "p1000": "Hello.", **texts}
    return {"__properties_version1.0": fixed(begin, {}, {0x0E06: SENT}), **wide(**told)}


def recipient(kind: int, name: str, address: str) -> Storage:
    return {"__properties_version1.0": fixed(8, {0x0C15: kind}), **wide(p3001=name, p39fe=address)}


def attachment(name: str, data: bytes | Storage, **texts: str) -> Storage:
    content: Storage = (
        {"__substg1.0_37010102": data} if isinstance(data, bytes) else {"__substg1.0_3701000D": data}
    )
    return {"__properties_version1.0": fixed(8, {}), **wide(p3707=name, **texts), **content}


def saved(tmp_path: Path, storage: Storage, name: str = "made.msg") -> Path:
    path = tmp_path / name
    path.write_bytes(compound_file(storage))
    return path


def read(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for member in members_of("msg", path):
        target = io.BytesIO()
        member.write(target)
        found[member.name] = target.getvalue()
    return found


def test_headers_stand_above_the_text(tmp_path: Path) -> None:
    storage = message(p1000="First.\r\n\r\nSecond.")
    storage["__recip_version1.0_#00000000"] = recipient(1, "Bob", "bob@example.org")
    storage["__recip_version1.0_#00000001"] = recipient(2, "carl@example.org", "carl@example.org")
    document = parse(saved(tmp_path, storage))
    assert (document.kind, document.title, document.author, document.written) == (
        "msg",
        "The plan",
        "Ann Lee",
        "2024-03-04T10:00:00+00:00",
    )
    assert [block.text for block in document.blocks] == [
        (
            "From: Ann Lee <ann@example.org>\nTo: Bob <bob@example.org>\nCc: carl@example.org\n"
            "Date: 2024-03-04 10:00 UTC\nSubject: The plan"
        ),
        "First.",
        "Second.",
    ]


def test_text_in_a_code_page_is_read(tmp_path: Path) -> None:
    storage: Storage = {
        "__properties_version1.0": fixed(32, {0x3FFD: 1251}),
        "__substg1.0_0037001E": "Договор".encode("cp1251"),
        "__substg1.0_1000001E": "Текст договора".encode("cp1251"),
    }
    document = parse(saved(tmp_path, storage))
    assert (document.title, document.blocks[-1].text) == ("Договор", "Текст договора")


@pytest.mark.parametrize(
    ("page", "code_page"),
    [
        (b"<html><meta charset=utf-8><body><p>Gr\xc3\xbc\xc3\x9fe</p>", 1252),
        ("<p>Grüße</p>".encode("cp1252"), 1252),
        ("<p>Grüße</p>".encode(), 65001),
    ],
)
def test_html_is_read_where_there_is_no_plain_text(tmp_path: Path, page: bytes, code_page: int) -> None:
    storage = message(p1000="")
    storage["__properties_version1.0"] = fixed(32, {0x3FDE: code_page})
    storage["__substg1.0_10130102"] = page
    assert parse(saved(tmp_path, storage)).blocks[-1].text == "Grüße"


#: MS-OXRTFCP, section 3.1: "{\rtf1\ansi\ansicpg1252\pard hello world}\r\n".
PACKED_RTF = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def test_rtf_is_unpacked_as_its_specification_shows() -> None:
    assert unpacked_rtf(PACKED_RTF) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    # Section 3.2: references to what has just been written.
    crossing = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    assert unpacked_rtf(bytes.fromhex(crossing)) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert unpacked_rtf(struct.pack("<II4sI", 19, 7, b"MELA", 0) + b"{\\rtf1}") == b"{\\rtf1}"
    for broken in (b"", b"x" * 20):
        with pytest.raises(ParseError):
            unpacked_rtf(broken)


def test_rtf_is_read_where_there_is_nothing_else(tmp_path: Path) -> None:
    storage = message(p1000="")
    storage["__substg1.0_10090102"] = PACKED_RTF
    assert parse(saved(tmp_path, storage)).blocks[-1].text == "hello world"
    storage["__substg1.0_10090102"] = b"broken"
    assert len(parse(saved(tmp_path, storage)).blocks) == 1


def test_attachments_are_members(tmp_path: Path) -> None:
    storage = message()
    storage["__attach_version1.0_#00000000"] = attachment("a.pdf", b"%PDF" * 2000)
    storage["__attach_version1.0_#00000001"] = attachment("a.pdf", b"%PDF2")
    storage["__attach_version1.0_#00000002"] = attachment("", b"%PDF3", p370e="application/pdf")
    storage["__attach_version1.0_#00000003"] = attachment("i.png", b"x", p370e="image/png", p3712="cid")
    assert read(saved(tmp_path, storage)) == {
        "a.pdf": b"%PDF" * 2000,
        "a (2).pdf": b"%PDF2",
        "part-3.pdf": b"%PDF3",
    }


def test_a_message_in_a_message_comes_as_mail(tmp_path: Path) -> None:
    inner = message(24, p0037="Grüße", p0c1a="Jörg", p1000="Inner text.")
    inner["__recip_version1.0_#00000000"] = recipient(1, "Bob", "bob@example.org")
    inner["__attach_version1.0_#00000000"] = attachment("Übersicht.pdf", b"%PDF")
    inner["__attach_version1.0_#00000001"] = attachment("Deep", message(24, p1000="Deepest."))
    storage = message()
    storage["__attach_version1.0_#00000000"] = attachment("Grüße", inner)
    found = read(saved(tmp_path, storage))
    assert list(found) == ["Grüße.eml"]
    path = tmp_path / "inner.eml"
    path.write_bytes(found["Grüße.eml"])
    document = parse_as("eml", path)
    assert (document.title, document.author, document.written) == (
        "Grüße",
        "Jörg",
        "2024-03-04T10:00:00+00:00",
    )
    assert document.blocks[0].text.startswith("From: Jörg <ann@example.org>\nTo: Bob <bob@example.org>\n")
    assert document.blocks[1].text == "Inner text."
    assert [member.name for member in members_of("eml", path)] == ["Übersicht.pdf", "Deep.eml"]


def test_what_persons_and_appointments_have_is_read(tmp_path: Path) -> None:
    storage = message(p3a16="Fence Co", p8000="Room 4")
    storage["__properties_version1.0"] = fixed(32, {}, {0x8001: SENT})
    storage["__nameid_version1.0"] = {
        "__substg1.0_00030102": struct.pack("<IHHIHH", 0x8208, 6, 0, 0x820D, 6, 1)
    }
    assert parse(saved(tmp_path, storage)).blocks[1].text == (
        "Company: Fence Co\nWhere: Room 4\nBegins: 2024-03-04 10:00 UTC"
    )


def test_encrypted_messages_say_so(tmp_path: Path) -> None:
    storage = message(p001a="IPM.Note.SMIME")
    with pytest.raises(EncryptedFile, match=r"^encrypted"):
        parse(saved(tmp_path, storage))
    storage = message(p1000="")
    storage["__attach_version1.0_#00000000"] = attachment("message.rpmsg", b"x")
    with pytest.raises(EncryptedFile, match=r"^encrypted"):
        parse(saved(tmp_path, storage))


def test_damaged_messages_give_a_document_or_a_parse_error(tmp_path: Path) -> None:
    storage = message(p1000="")
    storage["__substg1.0_10090102"] = PACKED_RTF
    storage["__recip_version1.0_#00000000"] = recipient(1, "Bob", "bob@example.org")
    storage["__attach_version1.0_#00000000"] = attachment("Inner", message(24))
    sound = compound_file(storage)
    chance = random.Random(6)
    path = tmp_path / "mutant.msg"
    for _ in range(60):
        data = bytearray(sound)
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
        try:
            parse_as("msg", path)
            read(path)
        except ParseError:
            pass
