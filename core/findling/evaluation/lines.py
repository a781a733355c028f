"""Text files of evaluations, read and written line by line; those named `*.gz` are compressed."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from findling.errors import CollectionError, PlaceNotWritable
from findling.settings import replacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def read_lines(path: Path, what: str = "") -> Iterator[str]:
    """The lines of a file in UTF-8, with their ends. Raises `CollectionError`, which calls it `what`."""
    name = f"The {what} {path}" if what else str(path)
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
                yield from file
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from file
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise CollectionError(f"{name} cannot be read: {error}.") from error


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a file, and its directory if need be; it replaces one of that name when all is written. Raises
    `PlaceNotWritable`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as compressed:
                    compressed.writelines(line.encode() for line in lines)
            else:
                file.writelines(line.encode() for line in lines)
    except OSError as error:
        raise PlaceNotWritable(f"{path} cannot be written: {error.strerror or error}.") from error


def joined(fields: Iterable[str], path: Path) -> str:
    """Fields as one line, parted by tabs. Raises `CollectionError` for one that no line can hold."""
    fields = list(fields)
    for field in fields:
        if not field.strip() or any(character in field for character in "\t\r\n"):
            raise CollectionError(
                f"{path} cannot hold the name {field!r}: it is blank, or has a tab or two lines."
            )
    return "\t".join(fields) + "\n"


def joined_for_trec(fields: Iterable[str], path: Path) -> str:
    """Fields as one line of a TREC file: parted by blanks, or by tabs where a field has a blank in it. Raises
    `CollectionError` as `joined`."""
    line = joined(fields, path)
    return line if len(line.split()) > line.count("\t") + 1 else line.replace("\t", " ")


def fields_of(line: str) -> list[str]:
    """The fields of a line, parted by tabs where it has any, else by blanks; none of a blank line."""
    line = line.rstrip("\r\n")
    if not line.strip():
        return []
    return line.split("\t") if "\t" in line else line.split()


def wrong(path: Path, number: int, what: str) -> CollectionError:
    """The error that names file and line."""
    return CollectionError(f"{path}, line {number}: {what}.")
