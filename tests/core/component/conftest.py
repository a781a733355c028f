"""A component that was made up: two modules, and what makes a file of others."""

from __future__ import annotations

import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from findling import __version__
from findling.component.place import FORMAT, FORMAT_VERSION, MANIFEST, this_platform, this_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    MakeComponent = Callable[..., Path]

WORK = b"""
def run(arguments, report, cancel):
    import made_up_torch
    return made_up_torch.VERSION
"""
FILES = {
    "made_up_torch/__init__.py": b"VERSION = '9.9'\n",
    "made_up_torch/large.bin": b"0123456789abcdef" * 200_000,
    "made_up_torch/work.py": WORK,
}


@pytest.fixture
def make_component(tmp_path: Path) -> MakeComponent:
    """Writes a component; `about` changes its manifest, `entries` are members that are added as they are."""

    def make(
        name: str = "training.zip",
        files: dict[str, bytes] | None = None,
        entries: tuple[tuple[zipfile.ZipInfo, bytes], ...] = (),
        **about: Any,
    ) -> Path:
        held = FILES if files is None else files
        size = sum(map(len, held.values())) + sum(len(content) for _, content in entries)
        manifest = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "findling": __version__,
            "python": this_python(),
            "platform": this_platform(),
            "bytes": size,
            "packages": {"torch": "9.9"},
        }
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest | about))
            for each, content in held.items():
                archive.writestr(each, content)
            for entry, content in entries:
                archive.writestr(entry, content)
        return tmp_path / name

    return make


@pytest.fixture(autouse=True)
def own_path() -> Iterator[None]:
    """What is activated counts for one test."""
    before = list(sys.path)
    yield
    sys.path[:] = before
    for name in [name for name in sys.modules if name.startswith("made_up_torch")]:
        del sys.modules[name]
