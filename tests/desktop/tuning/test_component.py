"""The training component in the window: offered where nothing can be tuned without it, then used at once."""

from __future__ import annotations

import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from findling import __version__
from findling.component.place import FORMAT, FORMAT_VERSION, MANIFEST, this_platform, this_python
from findling.embedding.export import exporter
from findling.jobs import Progress
from findling_desktop.tuning.component_card import AddressDialog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def no_torch(monkeypatch) -> None:
    """What tuning needs is there only as `made_up_torch`."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    find = exporter.importlib.util.find_spec
    monkeypatch.setattr(
        exporter.importlib.util,
        "find_spec",
        lambda name: find(f"made_up_{name}" if name == "torch" else name),
    )


@pytest.fixture
def file(tmp_path) -> Path:
    """A component."""
    content = b"VERSION = 1\n"
    about: dict[str, Any] = {"format": FORMAT, "version": FORMAT_VERSION, "findling": __version__}
    about |= {"python": this_python(), "platform": this_platform(), "bytes": len(content)}
    with zipfile.ZipFile(tmp_path / "training.zip", "w") as archive:
        archive.writestr(MANIFEST, json.dumps({**about, "packages": {}}))
        archive.writestr("made_up_torch.py", content)
    return tmp_path / "training.zip"


@pytest.fixture
def window(open_window, own_home, qtbot):
    window = open_window(own_home)
    qtbot.waitUntil(lambda: window.workspace.status is not None, timeout=30_000)
    with qtbot.waitSignal(window.workspace.component.read_anew, timeout=30_000):
        window.show_tuning()
    return window


def test_with_torch_nothing_is_offered(window) -> None:
    assert not window.tuning.component.isVisible()
    assert window.tuning.plan.isVisible()


@pytest.mark.usefixtures("no_torch")
def test_a_file_is_installed_and_tuning_is_there_without_a_restart(window, file, qtbot) -> None:
    card, workspace = window.tuning.component, window.workspace
    assert card.isVisible()
    assert not window.tuning.plan.isVisible()
    card.file_button.click()
    dialog = card.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(workspace.component.begun):
        dialog.fileSelected.emit(str(file))
    dialog.close()
    assert (card.work.isVisible(), card.file_button.isVisible()) == (True, False)
    assert window.jobs_panel.component.working
    qtbot.waitUntil(window.tuning.plan.isVisible, timeout=30_000)
    assert not card.isVisible()
    assert not window.jobs_panel.component.working
    assert any(place.endswith("components/training") for place in sys.path)


@pytest.mark.usefixtures("no_torch")
def test_what_is_no_component_is_told(window, tmp_path, qtbot) -> None:
    card, workspace = window.tuning.component, window.workspace
    (tmp_path / "torn.zip").write_bytes(b"PK")
    with qtbot.waitSignal(workspace.component.ended, timeout=30_000):
        workspace.component.install(str(tmp_path / "torn.zip"))
    assert "is no training component" in card.problem.text()
    assert card.file_button.isVisible()


@pytest.mark.usefixtures("no_torch")
def test_an_address_is_asked_for_and_fetched_until_it_is_stopped(window, qtbot, a_job, monkeypatch) -> None:
    card, workspace = window.tuning.component, window.workspace
    jobs: list[Any] = []
    asked: list[str] = []

    def start(_: Any, source: str) -> Any:
        asked.append(source)
        jobs.append(a_job(Progress("downloading", 40_000_000, 160_000_000, "bytes")))
        return jobs[-1]

    monkeypatch.setattr("findling.component.installing.start_install", start)
    card.address_button.click()
    dialog = window.findChild(AddressDialog)
    dialog.address.setText("ftp://example.org/training.zip")
    assert not dialog.fetch_button.isEnabled()
    dialog.address.setText(" https://example.org/training.zip ")
    dialog.fetch_button.click()
    qtbot.waitUntil(lambda: "38.1 MiB" in card.figures.text(), timeout=30_000)
    assert asked == ["https://example.org/training.zip"]
    assert card.progress.value() == 250
    with qtbot.waitSignal(workspace.component.ended, timeout=30_000):
        card.stop_button.click()
    assert (card.work.isVisible(), card.problem.isVisible()) == (False, False)


@pytest.mark.usefixtures("no_torch")
def test_what_is_left_of_before_is_told(window, own_home, qtbot) -> None:
    card, component = window.tuning.component, window.workspace.component
    partial = own_home.components / ".training.partial"
    partial.mkdir(parents=True)
    (partial / "rest").write_bytes(bytes(2_000_000))
    with qtbot.waitSignal(component.read_anew, timeout=30_000):
        component.read()
    assert "1.9 MiB are here" in card.state.text()
    training = own_home.components / "training"
    training.mkdir()
    (training / MANIFEST).write_text("{")
    with qtbot.waitSignal(component.read_anew, timeout=30_000):
        component.read()
    assert "does not fit this Findling" in card.state.text()


@pytest.mark.usefixtures("no_torch")
def test_a_screen_reader_can_name_all_of_it(window) -> None:
    card = window.tuning.component
    assert all(button.accessibleName() for button in card.findChildren(QPushButton))
    assert card.progress.accessibleName() == "Progress of: Learning needs one more part"
