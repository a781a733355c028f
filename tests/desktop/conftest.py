"""A home indexed once a session, and windows on it that are closed and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget

import findling
from findling.jobs import JobState, Progress
from findling.library import Libraries
from findling.library.info import INFO_FILE
from findling.settings import Home, Settings
from findling_desktop.app import build, dress
from findling_desktop.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findling.documents import Anchor
    from findling.errors import FindlingError
    from findling_desktop.main_window import MainWindow

# Texts are compared in English, whatever the person who runs this speaks.
os.environ["LC_ALL"] = "C.UTF-8"
SAMPLE = Path(findling.__file__).parent / "sample_library"
#: Starts after 53,000 of 106,000 characters.
NEEDLE = "The violet heliograph was hidden behind the third beehive."


def pytest_collection_modifyitems(items):
    for item in items:
        # The offscreen platform warns that it has no window manager to tell of sizes.
        item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@dataclass
class RecordingShell(Shell):
    """Notes what the desktop would have been asked for."""

    opened: list[Path] = field(default_factory=list)
    opened_at: list[tuple[Path, Anchor]] = field(default_factory=list)
    knows_places: bool = True
    revealed: list[Path] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)

    def open_at(self, path, anchor):
        if self.knows_places:
            self.opened_at.append((path, anchor))
        return self.knows_places

    def open(self, path):
        self.opened.append(path)
        return True

    def reveal(self, path):
        self.revealed.append(path)
        return True

    def follow(self, link):
        self.followed.append(link.toString())
        return True

    def copy(self, text):
        self.copied.append(text)


@dataclass
class StandIn:
    """A job without a process: it stays as it is until the test, or the window, says otherwise."""

    progress: Progress = field(default_factory=Progress)
    state: JobState = JobState.RUNNING
    error: FindlingError | None = None
    value: Any = None
    paused: bool = False
    closed: bool = False
    process_id: int = 0

    def pause(self):
        self.paused = True

    def resume(self):
        self.paused = False

    def cancel(self):
        if self.state is JobState.RUNNING:
            self.state = JobState.CANCELLED

    def close(self):
        self.cancel()
        self.closed = True

    def result(self):
        return self.value

    def end(self, value: Any = None):
        self.value = value or {}
        self.state = JobState.DONE


@pytest.fixture
def a_job() -> type[StandIn]:
    """Makes jobs in states that real ones come to seldom, or late."""
    return StandIn


@pytest.fixture(scope="session", autouse=True)
def _dressed(qapp):
    dress(qapp)


@pytest.fixture(scope="session")
def documents(tmp_path_factory) -> Path:
    """A few sample documents, a large one, and files that cannot be read."""
    folder = tmp_path_factory.mktemp("documents")
    for name in (
        "minutes/board-2024-02-12.md",
        "minutes/general-assembly-2024-11-23.pdf",
        "letters/rope-supplier-complaint.pdf",
        "notes/barley-soup-for-24.md",
        "policies/visitor-policy.html",
    ):
        (folder / Path(name).name).write_bytes((SAMPLE / name).read_bytes())
    line = "Nothing of note was seen on the ridge, and the evening was quiet.\n"
    (folder / "logbook.txt").write_text(line * 800 + NEEDLE + "\n" + line * 800)
    (folder / "torn.pdf").write_text("this is no PDF")
    (folder / "song.mp3").write_bytes(b"ID3\x04" + bytes(20))
    return folder


@pytest.fixture(scope="session")
def indexed(tmp_path_factory, documents, furnish) -> Home:
    """The home of a library of `documents`. Tests only read it."""
    home = Home.at(tmp_path_factory.mktemp("indexed"))
    with Libraries(furnish(home)).start_index("default", [documents]) as job:
        assert job.result()["files"] == {"indexed": 6, "skipped": 1, "failed": 1}
    return home


@pytest.fixture
def home(indexed, tmp_path) -> Iterator[Home]:
    """The indexed library, with settings and window state of the test's own; it is not watched."""
    info = indexed.libraries / "default" / INFO_FILE
    before = info.read_bytes()
    yield unwatched(Home(config=tmp_path / "config", data=indexed.data, state=tmp_path / "state"))
    assert info.read_bytes() == before, "What other tests read, too, was written to: use own_home."


@pytest.fixture
def fresh_home(indexed, tmp_path) -> Home:
    """A home without a library; the model is installed. What is indexed there is not watched."""
    home = Home.at(tmp_path / "home")
    shutil.copytree(indexed.state / "calibration", home.state / "calibration")
    home.data.mkdir(parents=True)
    home.models.symlink_to(indexed.models)
    return unwatched(home)


@pytest.fixture
def own_home(indexed, fresh_home) -> Home:
    """A copy of the indexed library, to be written to."""
    shutil.copytree(indexed.data / "libraries", fresh_home.data / "libraries")
    return fresh_home


@pytest.fixture
def press():
    """Presses a button of the question that a window asks."""

    def press_it(window: QWidget, text: str) -> None:
        box = window.findChildren(QMessageBox)[-1]
        next(button for button in box.buttons() if button.text() == text).click()

    return press_it


def unwatched(home: Home) -> Home:
    Settings(home, keep_up_to_date=False).save()
    return home


@pytest.fixture
def stores_reports(tmp_path) -> Path:
    """Sixty different texts, of so many words that a run can be stopped before it is over."""
    return write_reports(tmp_path / "reports", lines=15)


@pytest.fixture
def short_reports(tmp_path) -> Path:
    """Sixty different texts that are soon indexed."""
    return write_reports(tmp_path / "reports", lines=1)


def write_reports(folder: Path, lines: int) -> Path:
    folder.mkdir()
    for number in range(60):
        text = (
            f"In report {number} the jars numbered {number * 7 + line} and the ropes {line * 3}."
            for line in range(lines)
        )
        (folder / f"report-{number}.txt").write_text("\n".join(text))
    return folder


@pytest.fixture
def open_window(qtbot):
    """Opens windows on a home, and closes them again."""
    before = set(threading.enumerate())
    opened: list[MainWindow] = []

    def open_one(home: Home, library: str | None = None) -> MainWindow:
        window = build(home, library, RecordingShell())
        opened.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.pages.currentIndex() != 0, timeout=10_000)
        return window

    yield open_one
    for window in opened:
        close(window, qtbot)
        window.deleteLater()
    qtbot.waitUntil(lambda: not _left(before), timeout=5_000)


@pytest.fixture
def window(open_window, home) -> MainWindow:
    """A window on the indexed library."""
    return open_window(home)


def close(window: MainWindow, qtbot) -> None:
    if not window.workspace.closed:
        with qtbot.waitSignal(window.closed, timeout=20_000):
            window.close()


def _left(before):
    """Threads that a window left behind; native libraries' pools are theirs."""
    ours = ("query lane", "io lane", "page lane", "load", "store", "job", "closing")
    return [t for t in set(threading.enumerate()) - before if t.name.startswith(ours)]


@pytest.fixture
def needle() -> str:
    """A sentence from the middle of the large document."""
    return NEEDLE


@pytest.fixture
def search(window, qtbot):
    """Types a query and waits for its answer."""

    def ask(query: str) -> None:
        window.search.box.setText(query)
        qtbot.waitUntil(lambda: window.search.answered_query == query.strip(), timeout=10_000)

    return ask
