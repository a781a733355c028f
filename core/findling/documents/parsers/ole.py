"""OLE containers of older Office files through olefile (BSD; finds its way in damaged ones too): streams and
properties. The properties are read here, after MS-OLEPS: olefile leaves their code page to its callers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from findling.documents.parsers.code_pages import codec_of
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from pathlib import Path

#: What a container begins with.
MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_SUMMARY = "\x05SummaryInformation"
_CODE_PAGE, _TITLE, _AUTHOR, _CREATED, _SAVED = 1, 2, 4, 12, 13
_STRING, _WIDE_STRING, _TIME = 30, 31, 64
_STREAM_TYPE = 2
_PROPERTIES_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Properties:
    """What a file says of itself; what it does not say is empty. `written` is in ISO 8601."""

    title: str = ""
    author: str = ""
    written: str = ""
    codec: str = "cp1252"  # of the computer that wrote it


def opened(path: Path) -> Any:
    """The container in a file. Raises `EncryptedFile` where rights management protects it."""
    import olefile

    container: Any = olefile.OleFileIO(str(path))
    if has(container, "\tDRMContent"):
        container.close()
        raise EncryptedFile("encrypted: protected by rights management")
    return container


def has(container: Any, name: str) -> bool:
    """Whether there is a stream of that name."""
    return container.get_type(name) == _STREAM_TYPE


def stream(container: Any, name: str) -> bytes:
    """A stream's bytes. Raises `ParseError` where there is none."""
    if not has(container, name):
        raise ParseError(f"damaged file: its part {name!r} is missing")
    return container.openstream(name).read()


def uint(data: bytes, offset: int, size: int = 4) -> int:
    """The number that stands there, little-endian; past the end there are zeros."""
    return int.from_bytes(data[offset : offset + size], "little")


def moment_of(data: bytes) -> datetime:
    """A time as Windows keeps it: steps of 100 ns since 1601, little-endian. Raises `OverflowError`."""
    return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=int.from_bytes(data, "little") // 10)


def properties(container: Any) -> Properties:
    """Title, author, and when it was last saved, else created; empty where they are missing or damaged."""
    try:
        return _properties(stream(container, _SUMMARY))
    except (ParseError, struct.error, ValueError, OverflowError):
        return Properties()


def _properties(data: bytes) -> Properties:
    (start,) = struct.unpack_from("<I", data, 44)
    (count,) = struct.unpack_from("<I", data, start + 4)
    count = min(count, _PROPERTIES_LIMIT)
    places = dict(struct.iter_unpack("<II", data[start + 8 : start + 8 + 8 * count]))
    codec = "cp1252"
    if _CODE_PAGE in places:
        codec = codec_of(struct.unpack_from("<H", data, start + places[_CODE_PAGE] + 4)[0])
    found = {
        identifier: _value(data, start + places[identifier], codec)
        for identifier in (_TITLE, _AUTHOR, _CREATED, _SAVED)
        if identifier in places
    }
    written = found.get(_SAVED) or found.get(_CREATED, "")
    return Properties(found.get(_TITLE, ""), found.get(_AUTHOR, ""), written, codec)


def _value(data: bytes, offset: int, codec: str) -> str:
    kind, size = struct.unpack_from("<II", data, offset)
    offset += 8
    if kind == _STRING:
        return data[offset : offset + size].decode(codec, "replace").partition("\0")[0]
    if kind == _WIDE_STRING:
        return data[offset : offset + 2 * size].decode("utf-16-le", "replace").partition("\0")[0]
    if kind == _TIME:
        moment = moment_of(data[offset - 4 : offset + 4])
        # Times before there were computers are none.
        return moment.replace(microsecond=0).isoformat() if moment.year > 1980 else ""
    return ""
