"""Outlook's messages: properties, the three forms of their text, attachments, messages in messages."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from findling.documents import Document, parse
from findling.documents.parsers.outlook import unpacked_rtf
from findling.documents.registry import members_of, parse_as
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[["Storage"], Path]
    CheckMutants = Callable[..., None]

#: A storage is a dictionary, a stream is bytes.
Storage = dict[str, "bytes | Storage"]


@pytest.fixture
def saved(tmp_path: Path, ole_writer: Any) -> Save:
    """Writes a message."""

    def save(storage: Storage) -> Path:
        return ole_writer.write_ole(tmp_path / "made.msg", storage)

    return save


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


def read(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for member in members_of("msg", path):
        target = io.BytesIO()
        member.write(target)
        found[member.name] = target.getvalue()
    return found


def test_headers_stand_above_the_text(saved: Save) -> None:
    storage = message(p1000="First.\r\n\r\nSecond.")
    storage["__recip_version1.0_#00000000"] = recipient(1, "Bob", "bob@example.org")
    storage["__recip_version1.0_#00000001"] = recipient(2, "carl@example.org", "carl@example.org")
    document = parse(saved(storage))
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


def test_text_in_a_code_page_is_read(saved: Save) -> None:
    storage: Storage = {
        "__properties_version1.0": fixed(32, {0x3FFD: 1251}),
        "__substg1.0_0037001E": "Договор".encode("cp1251"),
        "__substg1.0_1000001E": "Текст договора".encode("cp1251"),
    }
    document = parse(saved(storage))
    assert (document.title, document.blocks[-1].text) == ("Договор", "Текст договора")


@pytest.mark.parametrize(
    ("page", "code_page"),
    [
        (b"<html><meta charset=utf-8><body><p>Gr\xc3\xbc\xc3\x9fe</p>", 1252),
        ("<p>Grüße</p>".encode("cp1252"), 1252),
        ("<p>Grüße</p>".encode(), 65001),
    ],
)
def test_html_is_read_where_there_is_no_plain_text(saved: Save, page: bytes, code_page: int) -> None:
    storage = message(p1000="")
    storage["__properties_version1.0"] = fixed(32, {0x3FDE: code_page})
    storage["__substg1.0_10130102"] = page
    assert parse(saved(storage)).blocks[-1].text == "Grüße"


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


def test_rtf_is_read_where_there_is_nothing_else(saved: Save) -> None:
    storage = message(p1000="")
    storage["__substg1.0_10090102"] = PACKED_RTF
    assert parse(saved(storage)).blocks[-1].text == "hello world"
    storage["__substg1.0_10090102"] = b"broken"
    assert len(parse(saved(storage)).blocks) == 1


def test_attachments_are_members(saved: Save) -> None:
    storage = message()
    storage["__attach_version1.0_#00000000"] = attachment("a.pdf", b"%PDF" * 2000)
    storage["__attach_version1.0_#00000001"] = attachment("a.pdf", b"%PDF2")
    storage["__attach_version1.0_#00000002"] = attachment("", b"%PDF3", p370e="application/pdf")
    storage["__attach_version1.0_#00000003"] = attachment("i.png", b"x", p370e="image/png", p3712="cid")
    assert read(saved(storage)) == {
        "a.pdf": b"%PDF" * 2000,
        "a (2).pdf": b"%PDF2",
        "part-3.pdf": b"%PDF3",
    }


def test_a_message_in_a_message_comes_as_mail(tmp_path: Path, saved: Save) -> None:
    inner = message(24, p0037="Grüße", p0c1a="Jörg", p1000="Inner text.")
    inner["__recip_version1.0_#00000000"] = recipient(1, "Bob", "bob@example.org")
    inner["__attach_version1.0_#00000000"] = attachment("Übersicht.pdf", b"%PDF")
    inner["__attach_version1.0_#00000001"] = attachment("Deep", message(24, p1000="Deepest."))
    storage = message()
    storage["__attach_version1.0_#00000000"] = attachment("Grüße", inner)
    found = read(saved(storage))
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


def test_what_persons_and_appointments_have_is_read(saved: Save) -> None:
    storage = message(p3a16="Fence Co", p8000="Room 4")
    storage["__properties_version1.0"] = fixed(32, {}, {0x8001: SENT})
    storage["__nameid_version1.0"] = {
        "__substg1.0_00030102": struct.pack("<IHHIHH", 0x8208, 6, 0, 0x820D, 6, 1)
    }
    assert parse(saved(storage)).blocks[1].text == (
        "Company: Fence Co\nWhere: Room 4\nBegins: 2024-03-04 10:00 UTC"
    )


def test_encrypted_messages_say_so(saved: Save) -> None:
    storage = message(p001a="IPM.Note.SMIME")
    with pytest.raises(EncryptedFile, match=r"^encrypted"):
        parse(saved(storage))
    storage = message(p1000="")
    storage["__attach_version1.0_#00000000"] = attachment("message.rpmsg", b"x")
    with pytest.raises(EncryptedFile, match=r"^encrypted"):
        parse(saved(storage))


def test_damaged_messages_give_a_document_or_a_parse_error(saved: Save, check_mutants: CheckMutants) -> None:
    storage = message(p1000="")
    storage["__substg1.0_10090102"] = PACKED_RTF
    storage["__recip_version1.0_#00000000"] = recipient(1, "Bob", "bob@example.org")
    storage["__attach_version1.0_#00000000"] = attachment("Inner", message(24))

    def parsed(path: Path) -> Document:
        document = parse_as("msg", path)
        read(path)
        return document

    check_mutants(saved(storage), 120, parsed)
