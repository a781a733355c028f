"""Read what a GGUF file says of itself, and how long it must be; the layout is that of ggml's docs/gguf.md.

Only the beginning of the file is read, in a tenth of a second where there are 150,000 tokens in a vocabulary.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from findling.errors import ModelDamaged, UserError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_FETCH_AGAIN = "Fetch the file again."

_TEXT, _ARRAY = 8, 9
#: Formats of `struct` for the types of metadata values.
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
#: Longer arrays (vocabularies) are passed over unless they are asked for by name.
_SHORT_ARRAY = 64
_DEEPEST_ARRAY = 4
_DEFAULT_ALIGNMENT = 32
_MOST_DIMENSIONS = 4

#: Elements of a block and its bytes, by the number of ggml's type.
_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
    40: (64, 36),
    41: (128, 18),
    42: (64, 18),
}


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """Where a tensor lies: `offset` in bytes from the beginning of the data, `shape` in the file's order, the
    fastest dimension first; `type` is ggml's number of its quantisation."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Its bytes in the file; 1, which is too few, for a type that is newer than this module."""
        per_block, block_bytes = _BLOCKS.get(self.type, (max(1, self.elements), 1))
        return -(-self.elements // per_block) * block_bytes


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The beginning of a file. `metadata` has no arrays of more than 64 elements but those asked for; the
    tensors' data begin at byte `data_start`."""

    metadata: dict[str, Any]
    tensors: tuple[GgufTensor, ...]
    data_start: int

    @property
    def architecture(self) -> str:
        """The name of the family, "llama"; "" where it is not said."""
        return str(self.metadata.get("general.architecture", ""))

    @property
    def parameters(self) -> int:
        """How many numbers its tensors have, as llama.cpp counts."""
        return sum(tensor.elements for tensor in self.tensors)

    @property
    def needed_bytes(self) -> int:
        """How long the file must be at least."""
        return max(
            (self.data_start + tensor.offset + tensor.size_bytes for tensor in self.tensors),
            default=self.data_start,
        )

    def of_architecture(self, name: str) -> Any:
        """The value of `ARCHITECTURE.name`, None where there is none."""
        return self.metadata.get(f"{self.architecture}.{name}")


def read_header(path: Path, arrays: tuple[str, ...] = ()) -> GgufHeader:
    """What the file says before its data, with the long `arrays` of these names.

    Raises `ModelDamaged` for what is no GGUF file, is altered or is shorter than its tensors need,
    `UserError` for a version or a byte order that llama.cpp does not read either, or a file that cannot be
    opened.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            header = _Reader(file, path, size).header(arrays)
    except (struct.error, OverflowError) as error:
        raise ModelDamaged(f"{path} cannot be read as GGUF: {error}.", _FETCH_AGAIN) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error
    if size < header.needed_bytes:
        raise ModelDamaged(f"{path} is cut off: {size:,} of {header.needed_bytes:,} bytes.", _FETCH_AGAIN)
    return header


class _Reader:
    """Reads values one after the other, and never beyond the file's end."""

    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self._file = file
        self._path = path
        self._left = size

    def header(self, arrays: tuple[str, ...]) -> GgufHeader:
        size = self._left
        if size < len(_MAGIC) or self._take(len(_MAGIC)) != _MAGIC:
            raise ModelDamaged(f"{self._path} is no GGUF file.", _FETCH_AGAIN)
        version = self._number("I")
        if version not in _VERSIONS:
            what = "big-endian" if version & 0xFFFF == 0 else f"of version {version}"
            raise UserError(f"{self._path} is a GGUF file that is {what}.", "Convert it with llama.cpp anew.")
        tensor_count, value_count = self._number("Q"), self._number("Q")
        metadata: dict[str, Any] = {}
        for _ in range(value_count):
            name = self._text()
            value = self._value(self._number("I"), long=name in arrays)
            if value is not None:
                metadata[name] = value
        tensors = tuple(self._tensor() for _ in range(tensor_count))
        alignment = metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1:
            raise self._altered(f"an alignment of {alignment}")
        return GgufHeader(metadata, tensors, -(-(size - self._left) // alignment) * alignment)

    def _tensor(self) -> GgufTensor:
        name = self._text()
        dimensions = self._number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise self._altered(f"a tensor of {dimensions} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))
        return GgufTensor(name, shape, self._number("I"), self._number("Q"))

    def _value(self, kind: int, *, long: bool = False, depth: int = 0) -> Any:
        """A value; None for an array that is passed over."""
        if kind == _TEXT:
            return self._text()
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind != _ARRAY or depth == _DEEPEST_ARRAY:
            raise self._altered(f"a value of type {kind}")
        inner, count = self._number("I"), self._number("Q")
        if not long and count > _SHORT_ARRAY:
            self._pass_over(inner, count, depth)
            return None
        return [self._value(inner, depth=depth + 1) for _ in range(count)]

    def _pass_over(self, kind: int, count: int, depth: int) -> None:
        if kind in _NUMBERS:
            self._skip(count * struct.calcsize(_NUMBERS[kind]))
        elif kind == _TEXT:
            for _ in range(count):
                self._take(int.from_bytes(self._take(8), "little"))
        else:
            for _ in range(count):
                self._value(kind, depth=depth + 1)

    def _text(self) -> str:
        return self._take(self._number("Q")).decode("utf-8", errors="replace")

    def _number(self, format_: str) -> Any:
        return struct.unpack(f"<{format_}", self._take(struct.calcsize(format_)))[0]

    def _take(self, count: int) -> bytes:
        self._count(count)
        return self._file.read(count)

    def _skip(self, count: int) -> None:
        self._count(count)
        self._file.seek(count, os.SEEK_CUR)

    def _count(self, count: int) -> None:
        if count > self._left:
            raise ModelDamaged(f"{self._path} is cut off, or altered, in its header.", _FETCH_AGAIN)
        self._left -= count

    def _altered(self, what: str) -> ModelDamaged:
        return ModelDamaged(f"{self._path} cannot be read as GGUF: it has {what}.", _FETCH_AGAIN)
