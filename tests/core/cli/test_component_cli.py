"""`findling component`: what a script sees of it, and what other verbs say where tuning is not possible."""

from __future__ import annotations

import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from findling import __version__
from findling.component.place import FORMAT, FORMAT_VERSION, MANIFEST, this_platform, this_python
from findling.embedding.export import exporter

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A component of one module."""
    content = b"VERSION = 1\n"
    about = {"format": FORMAT, "version": FORMAT_VERSION, "findling": __version__, "bytes": len(content)}
    about |= {"python": this_python(), "platform": this_platform(), "packages": {"torch": "9.9"}}
    with zipfile.ZipFile(tmp_path / "training.zip", "w") as archive:
        archive.writestr(MANIFEST, json.dumps(about))
        archive.writestr("made_up_part.py", content)
    return tmp_path / "training.zip"


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_it_is_installed_shown_used_and_removed(findling: Run, file: Path, home_directory: Path) -> None:
    absent = findling("component", "status", "--json")
    assert (absent.code, absent.json["state"]) == (0, "absent")
    assert "not installed" in findling("component", "status").out
    installed = findling("component", "install", file, "--json")
    assert (installed.code, installed.json["state"]) == (0, "ready")
    assert installed.json["manifest"]["packages"] == {"torch": "9.9"}
    assert "torch 9.9" in findling("component").out + findling("component", "status").out
    place = str(home_directory / "data" / "components" / "training")
    assert installed.json["directory"] == place
    sys.path.remove(place)
    assert findling("models", "list").code == 0
    assert place in sys.path
    removed = findling("component", "remove", "--json")
    assert (removed.json["removed"], removed.json["freed_bytes"] > 0) == (True, True)
    assert findling("component", "remove").out == "There is no component.\n"


def test_what_is_no_component_is_one_line(findling: Run, tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(b"PK")
    ended = findling("component", "install", tmp_path / "torn.zip", "--json")
    assert (ended.code, ended.out) == (1, "")
    assert "is no training component" in json.loads(ended.err)["error"]


def test_the_frozen_application_names_the_component(
    findling: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    find = exporter.importlib.util.find_spec

    def without(name: str) -> Any:
        return None if name == "torch" else find(name)

    monkeypatch.setattr(exporter.importlib.util, "find_spec", without)
    assert "pip install 'findling[tune]'" in findling("models", "export", tmp_path).err
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    ended = findling("tune")
    assert ended.code == 1
    assert "findling component install FILE" in ended.err
