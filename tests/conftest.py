"""What all tests share: a real installed model, a home of its own for each, and fixtures that fail a test
which leaves something behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

import findling
from findling.embedding import Embedder, calibrate, ensure_installed
from findling.settings import Home, Settings, private_directory, switch_telemetry_off

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from findling.models import InstalledModel

MODEL = "all-minilm-l6-v2"

#: Changed by pytest itself, or set for the life of a program by `switch_telemetry_off`.
_NOT_OURS = {
    "PYTEST_CURRENT_TEST",
    "DO_NOT_TRACK",
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_HUB_OFFLINE",
    "ORT_DISABLE_TELEMETRY",
}
#: What a test started may take this long to end after it; it has been told to by then.
_GRACE_SECONDS = 5.0


def pytest_configure(config: pytest.Config) -> None:
    """Tests run in two processes, each with a screen of its own: windows on one screen take each other's
    focus."""
    switch_telemetry_off()
    program = shutil.which("Xvfb")
    if "PYTEST_XDIST_WORKER" not in os.environ or "DISPLAY" not in os.environ or program is None:
        return
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    if number:
        os.environ["DISPLAY"] = f":{number}"

    def end() -> None:
        screen.terminate()
        screen.wait()

    config.add_cleanup(end)


@pytest.fixture(scope="session")
def installed_model(tmp_path_factory: pytest.TempPathFactory) -> InstalledModel:
    """The built-in MiniLM, built once. Its files are shared: replace them, never write into them."""
    settings = Settings(Home.at(tmp_path_factory.mktemp("session") / "home"))
    return ensure_installed(settings, MODEL)


@pytest.fixture(scope="session")
def calibration_file(installed_model: InstalledModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What this machine measured for the built-in model, once for all tests."""
    home = Home.at(tmp_path_factory.mktemp("calibration"))
    calibrate(Settings(home), installed_model)
    return home.state / "calibration" / f"{MODEL}.json"


@pytest.fixture(scope="session")
def embedder(installed_model: InstalledModel) -> Embedder:
    """The built-in MiniLM in a real session."""
    return Embedder(installed_model)


@pytest.fixture(scope="session")
def sample_library() -> list[Path]:
    """The documents that come with Findling, of all kinds that it reads."""
    root = Path(findling.__file__).parent / "sample_library"
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of its own, below the test's directory."""
    return Home.at(tmp_path / "home")


@pytest.fixture(scope="session")
def furnish(installed_model: InstalledModel, calibration_file: Path) -> Callable[[Home], Settings]:
    """Gives a home the built-in model, by links to the session's copy, calibrated; its settings."""

    def give(home: Home) -> Settings:
        shutil.copy(calibration_file, private_directory(home.state / "calibration"))
        place = private_directory(home.models / MODEL)
        for file in installed_model.directory.iterdir():
            (place / file.name).symlink_to(file)
        return Settings(home)

    return give


@pytest.fixture
def settings(home: Home, furnish: Callable[[Home], Settings]) -> Settings:
    """Settings whose home already has the built-in model, calibrated."""
    return furnish(home)


@pytest.fixture
def home_directory(settings: Settings) -> Path:
    """What `--home` or FINDLING_HOME names to be the home of `settings`."""
    return settings.home.data.parent


@pytest.fixture(autouse=True)
def leaves_no_thread() -> Iterator[None]:
    """Fail a test that leaves a thread which would keep the program from ending."""
    before = set(threading.enumerate())
    yield

    def left() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]

    deadline = time.monotonic() + _GRACE_SECONDS
    for thread in left():
        thread.join(max(0.0, deadline - time.monotonic()))
    if names := [thread.name for thread in left()]:
        pytest.fail(f"the test left threads running: {', '.join(names)}")


@pytest.fixture(autouse=True)
def leaves_no_process() -> Iterator[None]:
    """Fail a test that leaves a child process."""
    before = set(_children())
    yield
    left = [child for child in _children() if child not in before]
    _, left = psutil.wait_procs(left, timeout=_GRACE_SECONDS)
    if names := [" ".join(_command(child)) or str(child) for child in left]:
        for child in left:
            child.kill()
        pytest.fail(f"the test left processes running: {'; '.join(names)}")


@pytest.fixture(autouse=True)
def leaves_the_environment() -> Iterator[None]:
    """Fail a test that changes environment variables for those after it."""
    before = dict(os.environ)
    yield
    after = dict(os.environ)
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - _NOT_OURS
    if names:
        os.environ.clear()
        os.environ.update(before)
        pytest.fail(f"the test changed environment variables: {', '.join(sorted(names))}")


def _children() -> list[psutil.Process]:
    """Child processes; multiprocessing's own resource tracker stays for the life of the program."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if not any("resource_tracker" in part for part in _command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
