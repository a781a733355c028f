"""A server that was told which libraries to show, shows no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import LibraryNotFound
from findling.jobs import CancelToken
from findling.library import Libraries
from findling.library.info import Generation, LibraryInfo
from findling.mcp.shelf import Shelf
from findling.search import Mode
from findling.settings import Home, Settings, private_directory

if TYPE_CHECKING:
    from pathlib import Path


def test_libraries_that_are_not_named_are_not_shown(tmp_path: Path) -> None:
    libraries = Libraries(Settings(Home.at(tmp_path)))
    for name in ("open", "private"):
        info = LibraryInfo(name, Generation(1, "all-minilm-l6-v2", "", 384, 1))
        info.save(private_directory(libraries.settings.home.libraries / name))
    shelf = Shelf(libraries, ["open"])
    assert [row["library"] for row in shelf.list()] == ["open"]
    assert shelf.status("")["library"] == "open"
    for ask in (
        lambda: shelf.status("private"),
        lambda: shelf.read("x", "", 1, 1, "private"),
        lambda: shelf.search("x", Mode.KEYWORD, 10, ["open", "private"], CancelToken()),
    ):
        with pytest.raises(LibraryNotFound) as error:
            ask()
        assert str(error.value) == "There is no library 'private' here. Libraries: open."
    shelf.close()
    everything = Shelf(libraries)
    assert [row["library"] for row in everything.list()] == ["open", "private"]
    assert everything.usual == ("default",)
    everything.close()
