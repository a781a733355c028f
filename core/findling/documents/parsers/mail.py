"""Mail (RFC 5322, MIME) through the standard library's `email`; mailboxes are read piece by piece here.

Headers are taken raw and decoded here: the library's own reading of them fails on what spam filters and old
programs write. A mailbox is never read as a whole, which `mailbox.mbox` does before its first message.
"""

from __future__ import annotations

import binascii
import email
import email.utils
import mimetypes
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from typing import TYPE_CHECKING, cast

from findling.documents.cleaning import flow, made
from findling.documents.member import Member, Names
from findling.documents.model import Block, BlockKind
from findling.documents.parsers.html import blocks_of
from findling.documents.parsers.plain import decode, decode_as, has_byte_order_mark, paragraphs
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from findling.documents.model import Document

#: A message is read as a whole, in ten times its memory; what is larger loses its last attachments.
_MESSAGE_BYTES = 64 * 1024 * 1024
#: Smaller pictures in the text are logos, dots and smileys.
SMALL_IMAGE_BYTES = 10_000
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
#: Text types without a name of a file that are the text of the message.
_BODY_TYPES = frozenset(
    """
    text/plain text/html text/enriched text/richtext text/markdown text/rfc822-headers
    message/delivery-status message/disposition-notification message/feedback-report
    """.split()
)
_MARKED_UP = frozenset({"text/html", "text/enriched", "text/richtext"})
_SIGNATURES = frozenset(
    "application/pgp-signature application/pkcs7-signature application/x-pkcs7-signature".split()
)
_ENCRYPTED = frozenset("application/pkcs7-mime application/x-pkcs7-mime".split())
#: A plain text that is this much shorter than the HTML beside it only says that there is HTML.
_STUB_CHARACTERS = 1000
_STUB_SHARE = 4

_ENCODED_WORD = re.compile(r"=\?([\w.:+-]+)(?:\*[\w-]*)?\?([bBqQ])\?(.{0,500}?)\?=", re.DOTALL)
_ENCODED_WORDS = re.compile(rf"{_ENCODED_WORD.pattern}(?:\s*{_ENCODED_WORD.pattern})*", re.DOTALL)
_HEADER_CHARACTERS = 100_000
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_TOKEN = re.compile(r"[\w-]+")
#: Other dates are mistakes.
_FIRST_YEAR, _LAST_YEAR = 1960, 2100
_DATE = re.compile(rb"^Date:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_MOZILLA_STATUS = re.compile(rb"^X-Mozilla-Status: *([0-9a-f]{4})", re.IGNORECASE | re.MULTILINE)
_MOZILLA_DELETED = 0x0008
_FROM = re.compile(rb"From ")
_BARE_FROM = re.compile(rb"From \S*\s*\Z")
_TIME = re.compile(rb"\d\d:\d\d")
_HEADER_NAME = re.compile(rb"[!-9;-~]+:")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_QUOTED_FROM = re.compile(rb"^>(>*From )")
_CHUNK_BYTES = 1024 * 1024
#: No "From " line and no header's name is longer.
_OVERLAP_BYTES = 4096
_HEAD_BYTES = 16 * 1024
_LINE_BYTES = 64 * 1024


def parse(path: Path) -> Document:
    """Read a message: its headers, then its text. Raises `EncryptedFile` where that needs a key."""
    message = _message(path)
    parts = _parts(message)
    if parts.encrypted and not parts.body:
        raise EncryptedFile("encrypted: the key of its recipient is needed")
    subject = header(message, "Subject")
    blocks = [*headers_block([(name, header(message, name)) for name in _SHOWN]), *_body(parts.body)]
    written = iso_date(header(message, "Date")) or iso_date(header(message, "Received").rpartition(";")[2])
    return made("eml", subject, blocks, _author(message), written)


def headers_block(fields: list[tuple[str, str]]) -> list[Block]:
    """One paragraph with a line for every field that says something."""
    text = "\n".join(f"{name}: {value}" for name, value in fields if value)
    return [Block(BlockKind.PARAGRAPH, text)] if text else []


def text_blocks(text: str) -> list[Block]:
    """The paragraphs of a message's text; lines are counted in files, not in there."""
    return [Block(block.kind, block.text) for block in paragraphs(text)]


def members(path: Path) -> Iterator[Member]:
    """The files attached to a message, and the messages in it."""
    names = Names()
    for number, part in _parts(_message(path)).attached:
        name, data = _attachment(part, number)
        inline = part.get_content_disposition() != "attachment" or "Content-ID" in part
        tiny = part.get_content_maintype() == "image" and len(data) < SMALL_IMAGE_BYTES
        if data and not (tiny and inline):
            yield Member(names.give(name), len(data), writer(data))
    if path.stat().st_size > _MESSAGE_BYTES:
        raise ParseError("a message of more than 64 MB: its last attachments are not read")


def writer(data: bytes) -> Callable[[BinaryIO], None]:
    """What writes these bytes into a file."""

    def write(target: BinaryIO) -> None:
        target.write(data)

    return write


def _message(path: Path) -> Message:
    with path.open("rb") as file:
        data = file.read(_MESSAGE_BYTES)
    if has_byte_order_mark(data) or b"\0" in data[:2]:
        data = decode(data).encode()
    data = data.lstrip()
    first, _, rest = data.partition(b"\n")
    if first.strip().isdigit():  # Apple Mail: its length, the message, a property list
        data = rest[: int(first)]
    return email.message_from_bytes(data)


@dataclass
class _Parts:
    """What a message consists of. Attached parts have their number among all parts."""

    body: list[Message] = field(default_factory=list[Message])
    attached: list[tuple[int, Message]] = field(default_factory=list[tuple[int, Message]])
    encrypted: bool = False


def _parts(message: Message) -> _Parts:
    parts = _Parts()
    number = 0
    waiting: list[tuple[Message, bool]] = [(message, True)]  # and whether its text is wanted
    while waiting:
        part, wanted = waiting.pop()
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or (kind in _ENCRYPTED and not _is_signed(part)):
            parts.encrypted = True
        elif kind == "multipart/alternative" and part.is_multipart():
            waiting.extend(reversed(_alternatives(_children(part), wanted=wanted)))
        elif part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting.extend((child, wanted) for child in reversed(_children(part)))
        else:
            number += 1
            if _is_body(part) or (part is message and part.get_content_maintype() == "text"):
                if wanted:
                    parts.body.append(part)
            elif kind not in _SIGNATURES:
                parts.attached.append((number, part))
    return parts


def _is_signed(part: Message) -> bool:
    return "signed" in str(part.get("Content-Type", "")).lower()


def _children(part: Message) -> list[Message]:
    return cast("list[Message]", part.get_payload())


def _is_body(part: Message) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_filename():
        return False
    kind = part.get_content_type()
    return kind in _BODY_TYPES or (kind.startswith("multipart/") and not part.is_multipart())


def _alternatives(children: list[Message], *, wanted: bool) -> list[tuple[Message, bool]]:
    """The same text in several forms, and whether it is wanted of each: plain text, unless it is a stub."""
    plain = [child for child in children if child.get_content_type() == "text/plain"]
    others = [child for child in children if child.get_content_type() != "text/plain"]
    text = "\n".join(filter(None, (text_in(child).strip() for child in plain)))
    forms = ((child, _html_in(child)) for child in reversed(others))
    rich, pages = next((form for form in forms if form[1]), (None, list[Message]()))
    if rich is not None and len(text) < _STUB_CHARACTERS:
        length = sum(len(block.text) for page in pages for block in blocks_of(text_in(page)))
        if length > _STUB_SHARE * len(text):
            return [(child, wanted and child is rich) for child in children]
    if not text:
        chosen = rich if rich is not None else next(iter(others), None)
        return [(child, wanted and child is chosen) for child in children]
    return [(child, wanted and child.get_content_type() == "text/plain") for child in children]


def _html_in(part: Message) -> list[Message]:
    """The parts of HTML in a part, itself included, but not those in messages attached to it."""
    found: list[Message] = []
    waiting = [part]
    while waiting:
        each = waiting.pop()
        if each.get_content_type() == "text/html" and _is_body(each):
            found.append(each)
        elif each.get_content_maintype() == "multipart" and each.is_multipart():
            waiting.extend(reversed(_children(each)))
    return found


def _body(parts: list[Message]) -> Iterator[Block]:
    for part in parts:
        if part.get_content_type() in _MARKED_UP:
            yield from blocks_of(text_in(part))
        else:
            yield from text_blocks(text_in(part))


def text_in(part: Message) -> str:
    """The text of a part, as it is written."""
    if part.is_multipart():  # the fields of a report on delivery
        return "\n\n".join(
            "\n".join(f"{name}: {decoded(str(value))}" for name, value in child.raw_items())
            for child in _children(part)
        )
    return in_charset(bytes_in(part), part.get_content_charset(""))


def bytes_in(part: Message) -> bytes:
    """The content of a part. What is written around the name of its encoding is passed over."""
    declared = str(part.get("Content-Transfer-Encoding", ""))
    encoding = _TOKEN.search(declared)
    if encoding and encoding[0] != declared:
        part.replace_header("Content-Transfer-Encoding", encoding[0])
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def in_charset(data: bytes, charset: str) -> str:
    """Text in its declared character set, as `decode_as`; "" for what is none."""
    try:
        return decode_as(data, charset)
    except ParseError:
        return ""


def header(message: Message, name: str) -> str:
    """The first header of that name in text, on one line, or ""."""
    return decoded(_raw(message, name))


def _raw(message: Message, name: str) -> str:
    return next((str(value) for each, value in message.raw_items() if each.lower() == name.lower()), "")


def decoded(raw: str) -> str:
    """A header's value in text, on one line: RFC 2047, and bytes that no standard allows."""
    return flow(_ENCODED_WORDS.sub(_words, _repaired(raw[:_HEADER_CHARACTERS])))


def _repaired(raw: str) -> str:
    return raw if raw.isascii() else in_charset(raw.encode("utf-8", "surrogateescape"), "us-ascii")


def _words(match: re.Match[str]) -> str:
    """Encoded words that follow each other; a character may begin in one and end in the next."""
    runs: list[tuple[str, bytes]] = []
    for charset, encoding, text in _ENCODED_WORD.findall(match[0]):
        data = _base64(text) if encoding in "bB" else binascii.a2b_qp(_ascii(text), header=True)
        if runs and runs[-1][0] == charset.lower():
            runs[-1] = (runs[-1][0], runs[-1][1] + data)
        else:
            runs.append((charset.lower(), data))
    return "".join(in_charset(data, charset) for charset, data in runs)


def _ascii(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _base64(text: str) -> bytes:
    """As much as can be decoded."""
    digits = _NOT_BASE64.sub("", text)
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))


def _author(message: Message) -> str:
    raw = _raw(message, "From")
    name, address = email.utils.parseaddr(raw[:_HEADER_CHARACTERS])
    return decoded(name) or decoded(address) or decoded(raw)


def iso_date(text: str) -> str:
    """A date in ISO 8601, or "" for what is none."""
    for read in (datetime.fromisoformat, email.utils.parsedate_to_datetime):
        try:
            date = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return date.isoformat() if _FIRST_YEAR < date.year < _LAST_YEAR else ""
    return ""


def _attachment(part: Message, number: int) -> tuple[str, bytes]:
    """The name of an attached part, and its bytes."""
    name = _file_name(part)
    if not part.is_multipart():
        return name or f"part-{number}{suffix_of(part.get_content_type())}", bytes_in(part)
    inner = _children(part)[0]
    if not inner.keys() and "base64" in str(part.get("Content-Transfer-Encoding", "")).lower():
        data = _base64(str(inner.get_payload()))  # which the standard forbids
    else:
        data = _message_bytes(inner)
    name = name or header(inner, "Subject").replace("/", "-") or f"part-{number}"
    return name if name.lower().endswith(".eml") else f"{name}.eml", data


def suffix_of(content_type: str) -> str:
    """The suffix of files of that type."""
    if content_type == "text/calendar":
        return ".ics"
    otherwise = ".txt" if content_type.startswith("text/") else ".bin"
    return mimetypes.MimeTypes().guess_extension(content_type) or otherwise


def _message_bytes(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except UnicodeError:  # bytes that no standard allows, in the line between its parts
        return message.as_string().encode("utf-8", "replace")


def _file_name(part: Message) -> str:
    """The name of the file that a part was, or "". In names, too, stand bytes that no standard allows."""
    for name in ("Content-Type", "Content-Disposition"):
        if not (value := _raw(part, name)).isascii():
            part.replace_header(name, _repaired(value))
    return decoded(str(part.get_filename() or "")).replace("\\", "/").rpartition("/")[2]


def messages(path: Path) -> Iterator[Member]:
    """The messages of a mailbox (mbox), but those that Thunderbird keeps although they were deleted."""
    with path.open("rb") as file:
        for number, (begin, end) in enumerate(_ranges(file, path.stat().st_size), 1):
            file.seek(begin)
            head = _END_OF_HEADERS.split(file.read(min(_HEAD_BYTES, end - begin)), maxsplit=1)[0]
            status = _MOZILLA_STATUS.search(head)
            if status and int(status[1], 16) & _MOZILLA_DELETED:
                continue
            date = _DATE.search(head)
            written = iso_date(date[1].decode("ascii", "replace").strip()) if date else ""
            yield Member(f"{number}.eml", end - begin, _message_writer(path, begin, end), written)


def _message_writer(path: Path, begin: int, end: int) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        with path.open("rb") as file:
            file.seek(begin)
            left = end - begin
            begins_line = True
            while left and (line := file.readline(min(left, _LINE_BYTES))):
                left -= len(line)
                target.write(_QUOTED_FROM.sub(rb"\1", line) if begins_line else line)
                begins_line = line.endswith(b"\n")

    return write


def _ranges(file: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Where each message begins and ends."""
    begin = 0
    for start, end in _from_lines(file):
        if start > begin:
            yield begin, start
        begin = end
    if size > begin:
        yield begin, size


def _from_lines(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where each line before a message begins and ends: "From ", at the beginning or after an empty line,
    with a time in it, or with one word and a header below."""
    buffer, place, searched = b"", 0, 0
    while True:
        file.seek(place + len(buffer))
        data = file.read(_CHUNK_BYTES)
        buffer += data
        until = len(buffer) - _OVERLAP_BYTES if data else len(buffer)
        for match in _FROM.finditer(buffer):
            start = match.start()
            if start >= until:
                break
            first = place + start == 0
            follows = first or buffer[max(start - 3, 0) : start].endswith((b"\n\n", b"\n\r\n"))
            if place + start >= searched and follows and (end := _end_of_from_line(buffer, start)):
                yield place + start, place + end
        if not data:
            return
        searched = max(place + until, searched)
        cut = max(until - 3, 0)
        buffer, place = buffer[cut:], place + cut


def _end_of_from_line(buffer: bytes, start: int) -> int:
    """0 where it is a line of the text."""
    end = buffer.find(b"\n", start, start + _OVERLAP_BYTES // 2) + 1
    line = buffer[start:end]
    bare = _BARE_FROM.match(line) and _HEADER_NAME.match(buffer, end)
    return end if _TIME.search(line) or bare else 0
