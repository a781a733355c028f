"""Where the training component lies, whether it fits, and how Python finds it."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import sysconfig
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, cast

from findling import __version__
from findling.errors import PlaceNotWritable, UserError
from findling.settings import private_directory, tree_bytes

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from findling.settings import Home

#: First in the file, and in the directory that it becomes.
MANIFEST = "component.json"
FORMAT, FORMAT_VERSION = "findling training component", 1
_NAME = "training"


class State(StrEnum):
    """What has become of the component."""

    ABSENT = "absent"
    READY = "ready"
    UNFIT = "does not fit"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a component is made for and of: the Findling, the Python ("cp311") and the platform
    ("linux_x86_64") that it fits, the bytes of its files, and the versions of its packages by name."""

    findling: str
    python: str
    platform: str
    bytes: int
    packages: dict[str, str]

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """Read `component.json`. Raises ValueError for what is none."""
        stored = cast("dict[str, Any]", json.loads(text))
        try:
            if (stored["format"], stored["version"]) != (FORMAT, FORMAT_VERSION):
                raise ValueError("it is of another format")
            packages = {str(name): str(version) for name, version in stored["packages"].items()}
            texts = [str(stored[name]) for name in ("findling", "python", "platform")]
            return cls(texts[0], texts[1], texts[2], int(stored["bytes"]), packages)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("its manifest is damaged") from error

    @property
    def misfit(self) -> str:
        """Why it does not fit this Findling; "" where it does."""
        for made_for, here, what in (
            (self.platform, this_platform(), "platform"),
            (self.python, this_python(), "Python"),
            (self.findling, __version__, "Findling"),
        ):
            if made_for != here:
                return f"it is made for the {what} {made_for}, and this is {here}"
        return ""


@dataclass(frozen=True, slots=True)
class Status:
    """`manifest` is that of what is installed, `why` says what does not fit, and `unfinished_bytes` are there
    of an installation that was stopped. `size_bytes` is what all of it takes on the disk."""

    state: State
    directory: str
    manifest: Manifest | None = None
    why: str = ""
    size_bytes: int = 0
    unfinished_bytes: int = 0

    def to_json(self) -> dict[str, Any]:
        """The shape of `findling component status --json`."""
        return asdict(self)


def directory_of(home: Home) -> Path:
    """Where the component is, or would be."""
    return home.components / _NAME


def partial_of(home: Home) -> Path:
    """Where it is unpacked."""
    return home.components / f".{_NAME}.partial"


def fetched_of(home: Home) -> Path:
    """Where its file is put that comes from an address."""
    return home.components / f".{_NAME}.fetched"


def replaced_of(home: Home) -> Path:
    """Where the one goes that is replaced or removed."""
    return home.components / f".{_NAME}.old"


def activate(home: Home) -> bool:
    """Let Python find what is in the component, where there is one that fits; whether that is so.

    It comes last in `sys.path`: what was installed otherwise counts. Children that are spawned inherit it.
    """
    directory = directory_of(home)
    manifest = _manifest_in(directory)
    if manifest is None or manifest.misfit:
        return False
    if str(directory) not in sys.path:
        sys.path.append(str(directory))
        importlib.invalidate_caches()
    return True


def status(home: Home) -> Status:
    """What is there of it."""
    directory = directory_of(home)
    manifest = _manifest_in(directory)
    unfinished = tree_bytes(partial_of(home)) + tree_bytes(fetched_of(home))
    if manifest is None:
        if directory.exists():
            why = f"it has no {MANIFEST} that can be read"
            return Status(State.UNFIT, str(directory), None, why, tree_bytes(directory), unfinished)
        return Status(State.ABSENT, str(directory), unfinished_bytes=unfinished)
    state = State.UNFIT if manifest.misfit else State.READY
    return Status(state, str(directory), manifest, manifest.misfit, tree_bytes(directory), unfinished)


def remove(home: Home) -> int:
    """Delete the component, and what is there of an unfinished one; returns the bytes freed.

    Raises `UserError` while one is being installed, and where the disk does not let it go.
    """
    directory = directory_of(home)
    if not home.components.is_dir():
        return 0
    freed = 0
    with alone(home):
        if directory.exists():
            freed += tree_bytes(directory)
            try:
                directory.rename(cleared(replaced_of(home)))
            except OSError as error:
                raise PlaceNotWritable(
                    f"{directory} cannot be removed: {error.strerror or error}.",
                    "Close what uses it, and try again.",
                ) from error
        for left in (partial_of(home), fetched_of(home)):
            freed += tree_bytes(left)
            cleared(left)
        cleared(replaced_of(home))
    if str(directory) in sys.path:
        sys.path.remove(str(directory))
        importlib.invalidate_caches()
    return freed


def cleared(directory: Path) -> Path:
    """The place, with nothing there; what cannot be deleted now is when the place is needed next."""
    shutil.rmtree(directory, ignore_errors=True)
    return directory


@contextmanager
def alone(home: Home) -> Generator[None]:
    """Be the one that changes the component. Raises `UserError` where another process is."""
    from filelock import FileLock, Timeout

    lock = FileLock(private_directory(home.components) / f".{_NAME}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise UserError("The training component is being installed already.", "Wait for it.") from None
    try:
        yield
    finally:
        lock.release()


def this_python() -> str:
    """The tag of this Python."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def this_platform() -> str:
    """The tag of this platform."""
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")


def tune_command() -> str:
    """The command that brings what tuning needs."""
    return "findling component install FILE" if is_frozen() else "pip install 'findling[tune]'"


def is_frozen() -> bool:
    """Whether this is the frozen application, to which nothing can be added with pip."""
    return bool(getattr(sys, "frozen", False))


def _manifest_in(directory: Path) -> Manifest | None:
    try:
        return Manifest.parse((directory / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
