"""Writes OLE containers (MS-CFB): streams in storages, and the properties of Office files."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECTOR = 512
#: Shorter streams would lie elsewhere; they are filled up with zeros here.
_SHORTEST = 4096
_FREE, _END, _TABLE, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def write_ole(path: Path, streams: Mapping[str, bytes]) -> Path:
    """A file with these streams; "/" in a name is between a storage and what lies in it."""
    names: list[str] = [""]
    for name in streams:
        steps = name.split("/")
        names += ["/".join(steps[:end]) for end in range(1, len(steps) + 1)]
    names = list(dict.fromkeys(names))
    contents = [streams[name].ljust(_SHORTEST, b"\0") if name in streams else b"" for name in names]
    lengths = [len(names) * 128, *map(len, contents)]
    sectors = [-(-length // _SECTOR) for length in lengths]
    tables = -(-sum(sectors) // 127)
    chain = [_TABLE] * tables
    starts: list[int] = []
    for count in sectors:
        starts.append(len(chain) if count else _END)
        chain += [*range(len(chain) + 1, len(chain) + count), _END] if count else []
    chain += [_FREE] * (tables * 128 - len(chain))
    directory = b"".join(
        _entry(names, number, name in streams, starts[number + 1], len(contents[number]))
        for number, name in enumerate(names)
    )
    data = (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    )
    data += struct.pack("<8I", tables, starts[0], 0, _SHORTEST, _END, 0, _END, 0)
    data += struct.pack(f"<{tables}I", *range(tables))
    data = data.ljust(_SECTOR, b"\xff") + struct.pack(f"<{len(chain)}I", *chain)
    for content in (directory, *contents):
        data += content + bytes(-len(content) % _SECTOR)
    path.write_bytes(data)
    return path


def _entry(names: list[str], number: int, is_stream: bool, start: int, size: int) -> bytes:
    """Siblings are a chain to the right, which is a search tree as far as readers look."""
    above, _, last = names[number].rpartition("/")

    def is_child(name: str, of: str) -> bool:
        return name != "" and name.rpartition("/")[0] == of

    after = [other for other in range(number + 1, len(names)) if is_child(names[other], above)]
    inside = [other for other in range(len(names)) if is_child(names[other], names[number])]
    kind = _STREAM if is_stream else _STORAGE
    right = after[0] if after and number else _NONE
    child = inside[0] if inside and not is_stream else _NONE
    name = (last if number else "Root Entry").encode("utf-16-le")
    data = name.ljust(64, b"\0") + struct.pack("<HBB", len(name) + 2, kind if number else _ROOT, 1)
    return data + struct.pack("<III36xIQ", _NONE, right, child, start, size)


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
