"""Writes OLE containers (MS-CFB, version 3): streams in storages, and the properties of Office files."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: A storage has names of streams, which are bytes, and of storages in it.
Storage = Mapping[str, "bytes | Storage"]

_SECTOR, _SMALL_SECTOR = 512, 64
#: Shorter streams lie together in one of their own.
_SMALL = 4096
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def write_ole(path: Path, root: Storage) -> Path:
    """A file with these streams and storages."""
    entries: list[tuple[str, int, int, bytes]] = []  # name, kind, first child, data
    siblings: dict[int, int] = {}  # a chain to the right, which is a search tree as far as readers look

    def add(name: str, content: bytes | Storage, kind: int) -> int:
        number = len(entries)
        entries.append((name, kind, _FREE, content if isinstance(content, bytes) else b""))
        if not isinstance(content, bytes):
            children = [
                add(each, inner, _STREAM if isinstance(inner, bytes) else _STORAGE)
                for each, inner in content.items()
            ]
            siblings.update(itertools.pairwise(children))
            entries[number] = (name, kind, children[0] if children else _FREE, b"")
        return number

    add("Root Entry", root, _ROOT)
    small, small_table = b"", list[int]()
    sectors: list[bytes] = []
    table: list[int] = []

    def chain(data: bytes, size: int, table: list[int]) -> int:
        count = -(-len(data) // size)
        first = len(table)
        table.extend([*range(first + 1, first + count), _END])
        return first

    def stored(data: bytes) -> int:
        if not data:
            return _END
        first = chain(data, _SECTOR, table)
        padded = data + bytes(-len(data) % _SECTOR)
        sectors.extend(padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR))
        return first

    places: list[tuple[int, int]] = []
    for _, kind, _, data in entries:
        if kind != _STREAM or not data:
            places.append((_END, 0))
        elif len(data) < _SMALL:
            places.append((chain(data, _SMALL_SECTOR, small_table), len(data)))
            small += data + bytes(-len(data) % _SMALL_SECTOR)
        else:
            places.append((stored(data), len(data)))
    places[0] = (stored(small), len(small))
    directory = b""
    for number, ((name, kind, child, _), (place, size)) in enumerate(zip(entries, places, strict=True)):
        written = name.encode("utf-16-le")
        directory += written.ljust(64, b"\0") + struct.pack("<HBB", len(written) + 2, kind, 1)
        directory += struct.pack("<III36xIQ", _FREE, siblings.get(number, _FREE), child, place, size)
    directory_place = stored(directory)
    small_table_data = struct.pack(f"<{len(small_table)}I", *small_table)
    small_table_place = stored(small_table_data + b"\xff" * (-len(small_table_data) % _SECTOR))
    count = next(count for count in itertools.count(1) if count * 128 >= len(table) + count)
    places_of_table = range(len(table), len(table) + count)
    table += [*[_TABLE] * count, *[_FREE] * (count * 128 - len(table) - count)]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<5I", 0, count, directory_place, 0, _SMALL)
    header += struct.pack("<4I", small_table_place, -(-len(small_table_data) // _SECTOR), _END, 0)
    header += struct.pack(f"<{count}I", *places_of_table)
    header = header.ljust(_SECTOR, b"\xff")
    path.write_bytes(header + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table))
    return path


def summary(*, title: bytes = b"", author: bytes = b"", saved: int = 0, code_page: int = 1252) -> bytes:
    """A stream of properties; `saved` is in seconds since 1601."""
    values = {
        1: struct.pack("<IHxx", 2, code_page),
        2: struct.pack("<II", 30, len(title) + 1) + title + b"\0",
        4: struct.pack("<II", 30, len(author) + 1) + author + b"\0",
        13: struct.pack("<IQ", 64, saved * 10**7),
    }
    places, data = b"", b""
    for number, value in values.items():
        places += struct.pack("<II", number, 8 + 8 * len(values) + len(data))
        data += value + bytes(-len(value) % 4)
    section = struct.pack("<II", 8 + len(places) + len(data), len(values)) + places + data
    return struct.pack("<HHI16xI16xI", 0xFFFE, 0, 0, 1, 48) + section
