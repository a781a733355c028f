"""The libraries that Findling is made of, as they are installed here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Part:
    """A library, its version, and its licence as it names it, "" where it does not."""

    name: str
    version: str
    licence: str


def parts() -> list[Part]:
    """Those that Findling's own metadata name and that are installed, by name."""
    try:
        wanted = metadata.requires("findling") or []
    except metadata.PackageNotFoundError:
        return []
    names = {found.group().lower(): found.group() for line in wanted if (found := _NAME.match(line))}
    return [part for name in sorted(names) if (part := _part(names[name])) is not None]


def _part(name: str) -> Part | None:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    licences = [each for each in about.get_all("Classifier", []) if each.startswith("License ::")]
    [expression, *_] = about.get_all("License-Expression", [""])
    [text, *_] = about.get_all("License", [""])
    named = licences[0].rpartition(" :: ")[2] if licences else text.partition("\n")[0]
    return Part(about["Name"], about["Version"], (expression or named)[:_LONGEST])
