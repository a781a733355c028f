"""Mail: headers, which text is read, attachments and their names, mailboxes of any size."""

from __future__ import annotations

import base64
import io
import random
import tracemalloc
from email.message import EmailMessage
from email.mime.base import MIMEBase
from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.documents.parsers import mail
from findling.documents.registry import members_of, parse_as
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from findling.documents.member import Member

HEADERS = "From: Ann Lee <ann@example.org>\nTo: bob@example.org\nDate: Mon, 4 Mar 2024 10:00:00 +0100\n"


def saved(tmp_path: Path, content: str | bytes | EmailMessage, name: str = "made.eml") -> Path:
    path = tmp_path / name
    if isinstance(content, EmailMessage):
        content = content.as_bytes()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(tmp_path: Path, content: str | bytes | EmailMessage) -> list[str]:
    """The blocks below the headers."""
    return [block.text for block in parse_as("eml", saved(tmp_path, content)).blocks[1:]]


def read(members: Iterable[Member]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for member in members:
        target = io.BytesIO()
        member.write(target)
        found[member.name] = target.getvalue()
        assert member.name not in list(found)[:-1]
    return found


def message(text: str = "Hello.", subject: str = "Greetings") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Ann Lee <ann@example.org>"
    made["Subject"] = subject
    made.set_content(text)
    return made


def test_headers_stand_above_the_text(tmp_path: Path) -> None:
    headers = "Message-ID: <1@x>\n" + HEADERS + "Cc: Carl\n <carl@example.org>\nSubject: The\n plan\n"
    document = parse(saved(tmp_path, headers + "\nFirst\nlines.\n\n> quoted\n\n-- \nAnn\n"))
    assert (document.kind, document.title, document.author, document.written) == (
        "eml",
        "The plan",
        "Ann Lee",
        "2024-03-04T10:00:00+01:00",
    )
    assert [block.text for block in document.blocks] == [
        (
            "From: Ann Lee <ann@example.org>\nTo: bob@example.org\nCc: Carl <carl@example.org>\n"
            "Date: Mon, 4 Mar 2024 10:00:00 +0100\nSubject: The plan"
        ),
        "First\nlines.",
        "> quoted",
        "--\nAnn",
    ]


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (b"=?utf-8?q?=C3=9Cbersicht_2024?=", "Übersicht 2024"),
        (b"=?UTF-8?B?w5xi?=\n =?utf-8?B?ZXJzaWNodA==?= plain", "Übersicht plain"),
        (b"=?utf-8?B?4pg=?= =?utf-8?B?uCBzdGFy?=", "☸ star"),  # a character over two words
        (b"=?iso-2022-jp?B?GyRCJF4kXxsoQg==?=", "まみ"),
        (b"=?NONE?B?VEVTVA=?=", "TEST"),
        ("Größe".encode(), "Größe"),
        ("Größe".encode("cp1252"), "Größe"),
        (b"=?utf-8?B?not base64 at all?=", ""),
    ],
)
def test_subjects_are_decoded_however_they_are_written(tmp_path: Path, raw: bytes, title: str) -> None:
    document = parse(saved(tmp_path, HEADERS.encode() + b"Subject: " + raw + b"\n\ntext\n"))
    assert document.title == title if title else document.blocks


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ("ann@example.org", "ann@example.org"),
        ('"Lee, Ann" <ann@example.org>', "Lee, Ann"),
        ("=?utf-8?q?M=C3=BCller=2C_J?= <j@example.org>", "Müller, J"),
    ],
)
def test_the_author_is_a_name_else_an_address(tmp_path: Path, sender: str, author: str) -> None:
    assert parse(saved(tmp_path, f"Message-ID: 1\nFrom: {sender}\n\ntext")).author == author


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("Date: 2024-03-04T10:00:00Z", "2024-03-04T10:00:00+00:00"),
        ("Date: 4 Mar 24 10:00 GMT", "2024-03-04T10:00:00+00:00"),
        ("Date: Pn, 99 paX 2007", ""),
        ("Date: Mon, 30 Jun 3609 15:33:50 +0600", ""),
        ("Received: from x by y;\n Mon, 4 Mar 2024 10:00:00 +0000", "2024-03-04T10:00:00+00:00"),
    ],
)
def test_dates_are_read_where_they_are_some(tmp_path: Path, date: str, written: str) -> None:
    assert parse(saved(tmp_path, f"From: a@b.org\nMessage-ID: 1\n{date}\n\ntext")).written == written


def test_plain_text_is_preferred_unless_it_is_a_stub(tmp_path: Path) -> None:
    made = message("All that is to be said.")
    made.add_alternative("<p>All that <b>is</b> to be said.</p>", subtype="html")
    assert texts(tmp_path, made) == ["All that is to be said."]
    made = message("Your program shows no HTML.")
    made.add_alternative(f"<h1>News</h1><p>{'Much to be said. ' * 20}</p>", subtype="html")
    assert texts(tmp_path, made)[0] == "News"
    made = message(" \n")
    made.add_alternative("<p>Hi.</p>", subtype="html")
    assert texts(tmp_path, made) == ["Hi."]


def test_text_is_read_in_any_encoding(tmp_path: Path) -> None:
    for declared, encoding in (
        ("iso-8859-1", "cp1252"),
        ("us-ascii", "utf-8"),
        ("x-unknown", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("koi8-r", "koi8-r"),
    ):
        text = "Größe „zehn“" if encoding != "koi8-r" else "Договор"
        head = HEADERS + f"Message-ID: 1\nContent-Type: text/plain; charset={declared}\n\n"
        assert texts(tmp_path, head.encode() + text.encode(encoding)) == [text]
    body = base64.encodebytes("Größe".encode()).decode()
    head = HEADERS + 'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64;\n\n'
    assert texts(tmp_path, head + body) == ["Größe"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_message_may_be_saved_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path, (HEADERS + "Subject: Test\n\nGrüße.\n").encode(encoding))
    document = parse_as("eml", path)
    assert (document.title, document.blocks[-1].text) == ("Test", "Grüße.")


def test_apple_mail_writes_the_length_first(tmp_path: Path) -> None:
    body = HEADERS + "Subject: Test\n\nThe text.\n"
    content = f"{len(body)}\n{body}<?xml version='1.0'?><plist></plist>"
    document = parse(saved(tmp_path, content, "1.emlx"))
    assert (document.title, [block.text for block in document.blocks[1:]]) == ("Test", ["The text."])


def test_attachments_are_members(tmp_path: Path) -> None:
    made = message()
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    made.add_attachment(b"%PDF2", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    made.add_attachment(b"%PDF3", maintype="application", subtype="pdf")
    made.add_attachment("some notes", filename="../notes.txt")
    path = saved(tmp_path, made)
    assert read(members_of("eml", path)) == {
        "Übersicht.pdf": b"%PDF",
        "Übersicht (2).pdf": b"%PDF2",
        "part-4.pdf": b"%PDF3",
        "notes.txt": b"some notes\n",
    }
    assert [block.text for block in parse_as("eml", path).blocks[1:]] == ["Hello."]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b"attachment; filename*=utf-8''%C3%9Cber%20uns.pdf", "Über uns.pdf"),
        (b'attachment; filename*0="long "; filename*1="name.pdf"', "long name.pdf"),
        (b'attachment; filename="=?utf-8?B?w5xiZXIucGRm?="', "Über.pdf"),
        ("attachment; filename=Über.pdf".encode(), "Über.pdf"),
        ('attachment; filename="Über.pdf"'.encode("cp1252"), "Über.pdf"),
        (b'attachment; filename="C:\\\\Users\\\\a.pdf"', "a.pdf"),
        (b"attachment; filename*=nonsense''%FF.pdf", "ÿ.pdf"),
    ],
)
def test_file_names_are_decoded_however_they_are_written(
    tmp_path: Path, disposition: bytes, name: str
) -> None:
    content = b"Content-Type: application/pdf\nContent-Disposition: " + disposition + b"\n\n%PDF"
    assert list(read(mail.members(saved(tmp_path, content)))) == [name]


def test_small_pictures_in_the_text_are_left_out(tmp_path: Path) -> None:
    made = message()
    for size, disposition in ((100, "inline"), (100, "attachment"), (20_000, "inline")):
        made.add_attachment(bytes(size), maintype="image", subtype="png", filename=f"{disposition}{size}.png")
        list(made.iter_attachments())[-1].replace_header(
            "Content-Disposition", f'{disposition}; filename="{disposition}{size}.png"'
        )
    assert list(read(mail.members(saved(tmp_path, made)))) == ["attachment100.png", "inline20000.png"]


def test_messages_in_a_message_are_members(tmp_path: Path) -> None:
    made = message()
    made.add_attachment(message("Inner text.", "Re: 1/2"))
    path = saved(tmp_path, made)
    found = read(members_of("eml", path))
    assert list(found) == ["Re: 1-2.eml"]
    assert texts(tmp_path, found["Re: 1-2.eml"]) == ["Inner text."]
    assert texts(tmp_path, made) == ["Hello."]


def test_attachments_beside_the_other_form_of_a_text_are_members(tmp_path: Path) -> None:
    made = message("Everything.")
    made.add_alternative("<p>Everything.</p>", subtype="html")
    made.get_payload()[1].add_attachment(b"x" * 50, maintype="application", subtype="pdf", filename="a.pdf")
    path = saved(tmp_path, made)
    assert list(read(mail.members(path))) == ["a.pdf"]
    assert [block.text for block in parse_as("eml", path).blocks[1:]] == ["Everything."]


def test_encrypted_mail_says_so(tmp_path: Path) -> None:
    made = message()
    made.replace_header("Content-Type", 'multipart/encrypted; protocol="application/pgp-encrypted"')
    with pytest.raises(EncryptedFile, match=r"^encrypted"):
        parse_as("eml", saved(tmp_path, made))
    path = saved(
        tmp_path, HEADERS + "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB"
    )
    with pytest.raises(EncryptedFile, match=r"^encrypted"):
        parse_as("eml", path)
    assert list(mail.members(path)) == []


def test_signatures_of_machines_are_no_attachments(tmp_path: Path) -> None:
    made = message()
    made.add_attachment(b"x", maintype="application", subtype="pgp-signature", filename="signature.asc")
    assert list(mail.members(saved(tmp_path, made))) == []


def test_parts_inside_parts_end_somewhere(tmp_path: Path) -> None:
    deep = "".join(
        f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(1500)
    )
    with pytest.raises(ParseError, match="nested too deeply"):
        parse_as("eml", saved(tmp_path, HEADERS + deep + "\ntext"))


MAILBOX = (
    "From ann@example.org Mon Mar  4 10:00:00 2024\n" + HEADERS + "Subject: One\n\n"
    "First.\n>From the beginning.\n>>From above.\n\nFrom here on it is text.\n\n"
    "From bob@example.org Tue Mar  5 10:00:00 2024\nSubject: Two\nDate: Tue, 5 Mar 2024 10:00:00 +0000\n\n"
    "Second.\n\n"
)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_mailbox_gives_its_messages(tmp_path: Path, ends: str) -> None:
    path = saved(tmp_path, MAILBOX.replace("\n", ends), "mail.mbox")
    found = list(members_of("mbox", path))
    assert [(member.name, member.written) for member in found] == [
        ("1.eml", "2024-03-04T10:00:00+01:00"),
        ("2.eml", "2024-03-05T10:00:00+00:00"),
    ]
    one, two = read(found).values()
    assert one.replace(b"\r", b"").endswith(
        b"First.\nFrom the beginning.\n>From above.\n\nFrom here on it is text.\n\n"
    )
    assert two.startswith(b"Subject: Two")
    assert parse(path).blocks == ()


def test_a_line_before_a_message_may_be_bare(tmp_path: Path) -> None:
    text = (
        "From -\nSubject: One\n\nFirst.\n\nFrom us all\nGreetings: many\n\nFrom x@y\nSubject: Two\n\nNo end"
    )
    found = read(mail.messages(saved(tmp_path, text)))
    assert list(found.values()) == [
        b"Subject: One\n\nFirst.\n\nFrom us all\nGreetings: many\n\n",
        b"Subject: Two\n\nNo end",
    ]
    assert list(read(mail.messages(saved(tmp_path, "Subject: Three\n\ntext")))) == ["1.eml"]


def test_what_thunderbird_keeps_of_deleted_messages_is_left_out(tmp_path: Path) -> None:
    gone = MAILBOX.replace("Subject: One\n", "X-Mozilla-Status: 0009\nSubject: One\n")
    assert [each.name for each in mail.messages(saved(tmp_path, gone))] == ["2.eml"]
    kept = MAILBOX.replace("Subject: One\n", "X-Mozilla-Status: 0001\nSubject: One\n")
    assert [each.name for each in mail.messages(saved(tmp_path, kept))] == ["1.eml", "2.eml"]


def test_messages_are_found_wherever_a_mailbox_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "_OVERLAP_BYTES", 200)
    path = saved(tmp_path, MAILBOX * 20)
    whole = read(mail.messages(path))
    assert len(whole) == 40
    for size in (100, 333, 777):
        monkeypatch.setattr(mail, "_CHUNK_BYTES", size)
        assert read(mail.messages(path)) == whole


def test_a_large_mailbox_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.mbox"
    with path.open("w") as file:
        for _ in range(40):
            file.write(MAILBOX)
            file.write("From x Mon Mar  4 10:00:00 2024\nSubject: Three\n\n" + "x" * 500_000 + "\n\n")
    tracemalloc.start()
    count = sum(1 for member in mail.messages(path) if member.write(io.BytesIO()) is None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 120
    assert peak < 6_000_000


def test_damaged_mail_gives_a_document_or_a_parse_error(tmp_path: Path) -> None:
    made = message("Hello, wörld.", "Übersicht")
    made.add_alternative("<p>Hello</p>", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    made.add_attachment(message())
    odd = MIMEBase("text", "plain")
    odd.set_payload("=?utf-8?Q?=C3?= \udcff")
    made.attach(odd)
    sound = HEADERS.encode() + made.as_bytes()
    chance = random.Random(4)
    path = tmp_path / "mutant.eml"
    for _ in range(80):
        data = bytearray(sound)
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.choice(b"\x00\xff\n;=?\"*'<>:- a")
        path.write_bytes(data[: chance.choice([len(data), chance.randrange(1, len(data))])])
        try:
            parse_as("eml", path)
            read(members_of("eml", path))
        except ParseError:
            pass
        read(members_of("mbox", path))
