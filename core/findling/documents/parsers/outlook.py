"""Outlook's messages (MSG) through olefile, after MS-OXMSG: readers of MSG that do more are under the GPL.

A message is a storage of properties; recipients and attachments are storages in it, and an attached message
is a storage in one of those. Compressed RTF is unpacked here (MS-OXRTFCP), and read as RTF files are.
"""

from __future__ import annotations

import email.utils
import struct
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow, made
from findling.documents.member import Member, Names
from findling.documents.parsers import rtf
from findling.documents.parsers.code_pages import codec_of
from findling.documents.parsers.html import blocks_of
from findling.documents.parsers.mail import (
    SMALL_IMAGE_BYTES,
    headers_block,
    in_charset,
    suffix_of,
    text_blocks,
    writer,
)
from findling.documents.parsers.ole import moment_of, opened
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from email.message import Message
    from pathlib import Path
    from typing import BinaryIO

    from findling.documents.model import Block, Document

# Properties (MS-OXPROPS), by the upper half of their tags.
_CLASS, _SUBJECT, _NORMAL_SUBJECT = 0x001A, 0x0037, 0x0E1D
_SENDER = (0x0C1A, (0x5D01, 0x0C1F))  # a name, and where its address may be
_SENT_FOR = (0x0042, (0x5D02, 0x0065))
_DISPLAY_TO, _DISPLAY_CC = 0x0E04, 0x0E03
_RECIPIENT, _RECIPIENT_KIND = (0x3001, (0x39FE, 0x3003)), 0x0C15
_TO, _CC = 1, 2
_DATES = (0x0E06, 0x0039, 0x3007)  # delivered, sent, created
_BODY, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_INTERNET_CODE_PAGE, _CODE_PAGE = 0x3FDE, 0x3FFD
_DATA, _FILE_NAMES, _MIME_TYPE, _CONTENT_ID = 0x3701, (0x3707, 0x3704, 0x3001), 0x370E, 0x3712
#: Of persons: a label for each.
_CARD = (
    ("Company", 0x3A16),
    ("Position", 0x3A17),
    ("Department", 0x3A18),
    ("Phone", 0x3A08),
    ("Phone at home", 0x3A09),
    ("Mobile", 0x3A1C),
    ("Address", 0x3A15),
)
#: Of persons and appointments: properties that every message gives a tag of its own (MS-OXPROPS, "LID").
_NAMED = (("E-mail", 0x8083), ("E-mail", 0x8093), ("E-mail", 0x80A3), ("Where", 0x8208))
_NAMED_TIMES = (("Begins", 0x820D), ("Ends", 0x820E), ("Due", 0x8105))

_NUMBER, _TIME = 0x0003, 0x0040
_ATTACHMENT_BYTES = 256 * 1024 * 1024
#: Of an attached message: what is in it twice over is in memory, too.
_INNER_ATTACHMENT_BYTES = 32 * 1024 * 1024
_MOST_DEEP = 5
_ENCRYPTED_NAMES = ("message.rpmsg", "smime.p7m")
_ENCRYPTED_SUFFIX = ".pgp-encrypted"

#: What every compressed RTF refers back to at its beginning (MS-OXRTFCP, section 2.1.3.1.5).
_RTF_PREFIX = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_RTF_BYTES = 64 * 1024 * 1024


def parse(path: Path) -> Document:
    """Read a message, a contact or an appointment. Raises `EncryptedFile` where its text needs a key."""
    with opened(path) as container:
        message = _Storage(container)
        body = _body(message)
        kind = message.text(_CLASS).upper()
        if kind.startswith("IPM.NOTE.SMIME") and not kind.endswith("MULTIPARTSIGNED"):
            raise EncryptedFile("encrypted: the key of its recipient is needed")
        if not body and any(_is_encrypted(attached) for attached in message.attachments()):
            raise EncryptedFile("encrypted: the key of its recipient is needed")
        date = _date(message)
        blocks = [*headers_block(_fields(message)), *headers_block(_details(message)), *body]
        written = date.isoformat(timespec="seconds") if date else ""
        return made("msg", _subject(message), blocks, _author(message)[0], written)


def members(path: Path) -> Iterator[Member]:
    """The files attached to a message; a message attached to it comes as EML. Each is written as long as
    the next one has not been asked for."""
    with opened(path) as container:
        message = _Storage(container)
        names = Names()
        for number, attached in enumerate(message.attachments(), 1):
            name = _file_name(attached, number)
            if inner := attached.message():
                data = _as_mail(inner, 1).as_bytes()
                name = name if name.lower().endswith(".eml") else f"{name}.eml"
                yield Member(names.give(name), len(data), writer(data))
            elif size := attached.size(_DATA):
                image = attached.text(_MIME_TYPE).startswith("image/") and attached.text(_CONTENT_ID)
                if not (image and size < SMALL_IMAGE_BYTES):
                    yield Member(names.give(name), size, _attachment_writer(attached, size))


def _attachment_writer(attached: _Storage, size: int) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        if size > _ATTACHMENT_BYTES:
            raise ParseError("an attachment of more than 256 MB")
        target.write(attached.data(_DATA))

    return write


class _Storage:
    """A message, a recipient or an attachment: its properties, and the storages in it."""

    def __init__(self, container: Any, place: tuple[str, ...] = (), codec: str = "") -> None:
        self._container = container
        self._place = place
        self._fixed = self._fixed_properties()
        self.codec = codec or codec_of(self.number(_CODE_PAGE) or self.number(_INTERNET_CODE_PAGE))

    def _fixed_properties(self) -> dict[int, tuple[int, bytes]]:
        """Tag to type and value of those that are no streams: 16 bytes each, after a header whose length
        tells what the storage is."""
        data = self._stream("__properties_version1.0")
        attached = bool(self._place) and self._place[-1].startswith("__substg1.0_3701")
        begin = 24 if attached else 8 if self._place else 32
        found: dict[int, tuple[int, bytes]] = {}
        for position in range(begin, len(data) - 15, 16):
            kind, tag = struct.unpack_from("<HH", data, position)
            found[tag] = (kind, data[position + 8 : position + 16])
        return found

    def _stream(self, name: str) -> bytes:
        return _read(self._container, [*self._place, name])

    def number(self, tag: int) -> int:
        """A number, or 0."""
        kind, value = self._fixed.get(tag, (0, b""))
        return int.from_bytes(value[:4], "little") if kind == _NUMBER else 0

    def time(self, tag: int) -> datetime | None:
        """A time, where it is one."""
        kind, value = self._fixed.get(tag, (0, b""))
        try:
            date = moment_of(value)
        except OverflowError:
            return None
        return date if kind == _TIME and 1960 < date.year < 2100 else None

    def text(self, tag: int) -> str:
        """A text, in Unicode or in the code page of the message; or ""."""
        if data := self._stream(f"__substg1.0_{tag:04X}001F"):
            return data.decode("utf-16-le", "replace").rstrip("\0")
        return in_charset(self._stream(f"__substg1.0_{tag:04X}001E").rstrip(b"\0"), self.codec)

    def data(self, tag: int) -> bytes:
        """Bytes, or b""."""
        return self._stream(f"__substg1.0_{tag:04X}0102")

    def size(self, tag: int) -> int:
        """How many bytes `data` has."""
        where = [*self._place, f"__substg1.0_{tag:04X}0102"]
        return self._container.get_size(where) if self._container.exists(where) else 0

    def named(self) -> dict[int, int]:
        """Numbers that stand for named properties to their tags in this file."""
        data = _read(self._container, ["__nameid_version1.0", "__substg1.0_00030102"])
        entries = struct.iter_unpack("<IHH", data[: len(data) // 8 * 8])
        return {number: 0x8000 + index for number, kind, index in entries if not kind & 1}

    def attachments(self) -> list[_Storage]:
        """The attachments of a message, in order."""
        return self._inside("__attach_version1.0_#")

    def recipients(self) -> list[_Storage]:
        """The recipients of a message, in order."""
        return self._inside("__recip_version1.0_#")

    def _inside(self, prefix: str) -> list[_Storage]:
        depth = len(self._place)
        found = (tuple(each) for each in self._container.listdir(streams=False, storages=True))
        return [
            _Storage(self._container, each, self.codec)
            for each in sorted(found)
            if len(each) == depth + 1 and each[:depth] == self._place and each[-1].startswith(prefix)
        ]

    def message(self) -> _Storage | None:
        """The message that an attachment is, where it is one and no object of another program."""
        place = (*self._place, "__substg1.0_3701000D")
        inner = [*place, "__properties_version1.0"]
        return _Storage(self._container, place) if self._container.exists(inner) else None


def _read(container: Any, where: list[str]) -> bytes:
    """A stream's bytes; b"" where there is none, or it is broken."""
    try:
        return container.openstream(where).read() if container.exists(where) else b""
    except OSError:
        return b""


def _subject(message: _Storage) -> str:
    return flow(message.text(_SUBJECT) or message.text(_NORMAL_SUBJECT))


def _names(storage: _Storage, name: int, addresses: tuple[int, ...]) -> tuple[str, str]:
    """Somebody's name, and the address where that is one of the Internet's."""
    found = (flow(storage.text(address)) for address in addresses)
    address = next((each for each in found if "@" in each), "")
    shown = flow(storage.text(name)).replace(f"<{address}>", "").strip(" '\"")
    return shown or address, address


def _author(message: _Storage) -> tuple[str, str]:
    """Who wrote a message, though somebody else may have sent it."""
    name, address = _names(message, *_SENT_FOR)
    return (name, address) if name else _names(message, *_SENDER)


def _shown_name(name: str, address: str) -> str:
    return name if not address or address == name else f"{name} <{address}>"


def _fields(message: _Storage) -> list[tuple[str, str]]:
    """What stands above a message."""
    recipients = [
        (each.number(_RECIPIENT_KIND), _shown_name(*_names(each, *_RECIPIENT)))
        for each in message.recipients()
    ]
    to, copies = (", ".join(who for kind, who in recipients if kind == each and who) for each in (_TO, _CC))
    date = _date(message)
    return [
        ("From", _shown_name(*_author(message))),
        ("To", to or flow(message.text(_DISPLAY_TO))),
        ("Cc", copies or flow(message.text(_DISPLAY_CC))),
        ("Date", _shown(date)),
        ("Subject", _subject(message)),
    ]


def _details(message: _Storage) -> list[tuple[str, str]]:
    """What contacts and appointments have beside their text."""
    named = message.named()
    return [
        *((label, flow(message.text(tag))) for label, tag in _CARD),
        *((label, flow(message.text(named[number]))) for label, number in _NAMED if number in named),
        *((label, _shown(message.time(named[number]))) for label, number in _NAMED_TIMES if number in named),
    ]


def _date(message: _Storage) -> datetime | None:
    return next(filter(None, (message.time(tag) for tag in _DATES)), None)


def _shown(date: datetime | None) -> str:
    return f"{date:%Y-%m-%d %H:%M} UTC" if date else ""


def _body(message: _Storage) -> list[Block]:
    """The text: plain, else HTML, else RTF."""
    if text := message.text(_BODY).strip():
        return text_blocks(text)
    if page := message.data(_HTML):
        declared = b"charset" in page[:4096].lower()
        code_page = message.number(_INTERNET_CODE_PAGE)
        found = blocks_of(page if declared else in_charset(page, codec_of(code_page)))
    else:
        found = blocks_of(message.text(_HTML))
    if found or not (packed := message.data(_RTF)):
        return found
    try:
        return list(rtf.read(unpacked_rtf(packed)).blocks)
    except (ParseError, ValueError, LookupError):  # which leaves what stands above it
        return []


def unpacked_rtf(packed: bytes) -> bytes:
    """RTF as it was before Outlook packed it, as far as it goes. Raises `ParseError` for what is none."""
    if len(packed) < 16:
        raise ParseError("damaged MSG file: its text breaks off")
    _, size, kind = struct.unpack_from("<II4s", packed)
    if kind == b"MELA":
        return packed[16 : 16 + size]
    if kind != b"LZFu":
        raise ParseError("damaged MSG file: its text is packed in no known way")
    text = bytearray(_RTF_PREFIX)
    wanted = len(text) + min(size, _RTF_BYTES)
    position = 16
    while position < len(packed) and len(text) < wanted:
        control = packed[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                text += packed[position : position + 1]
                position += 1
                continue
            reference = int.from_bytes(packed[position : position + 2], "big")
            position += 2
            # Places are counted in a ring of 4,096 bytes, to which all that is known has been written.
            back = (len(text) - (reference >> 4)) % 4096
            if not back or position > len(packed):
                wanted = min(wanted, len(text))
                break
            for _ in range((reference & 15) + 2):
                text.append(text[-back] if back <= len(text) else 0)
    return bytes(text[len(_RTF_PREFIX) : wanted])


def _is_encrypted(attached: _Storage) -> bool:
    name = _file_name(attached, 1).lower()
    return name in _ENCRYPTED_NAMES or name.endswith(_ENCRYPTED_SUFFIX)


def _file_name(attached: _Storage, number: int) -> str:
    """The name of an attachment."""
    names = (flow(attached.text(tag)) for tag in _FILE_NAMES)
    if name := next(filter(None, names), ""):
        return name.replace("/", "-")
    return f"part-{number}{suffix_of(attached.text(_MIME_TYPE))}"


def _as_mail(message: _Storage, depth: int) -> Message:
    """An attached message as one of the Internet's: it has no bytes of its own."""
    text = MIMEText("\n\n".join(block.text for block in _body(message)), "plain", "utf-8")
    attachments = message.attachments() if depth < _MOST_DEEP else []
    mail: Message = MIMEMultipart() if attachments else text
    for name, value in _fields(message):
        if value and name not in ("From", "Date"):
            mail[name] = value if value.isascii() else Header(value, "utf-8").encode()
    name, address = _author(message)
    shown = Header(name, "utf-8").encode()
    mail["From"] = email.utils.formataddr((name, address)) if address and address.isascii() else shown
    if date := _date(message):
        mail["Date"] = email.utils.format_datetime(date)
    if attachments:
        mail.attach(text)
    for number, attached in enumerate(attachments, 1):
        name = _file_name(attached, number)
        if inner := attached.message():
            part: Message = MIMEMessage(_as_mail(inner, depth + 1))
        elif 0 < attached.size(_DATA) <= _INNER_ATTACHMENT_BYTES:
            part = MIMEApplication(attached.data(_DATA))
        else:
            continue
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
        mail.attach(part)
    return mail
