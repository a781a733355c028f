"""Where things are kept and the numbers a person may change, as frozen values passed in.

Nothing here is global: the command line, the window and the child processes each build a `Settings`
once and hand it down.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from findling.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Generator

HOME_VARIABLE = "FINDLING_HOME"

#: Switches of libraries that could phone home, or look for a model on a hub. ONNX Runtime knows no other name
#: than this one; without it, 1.31 keeps an id of the device in the person's cache, beside what it would tell.
_QUIET = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}


def switch_telemetry_off() -> None:
    """Set the switches in the environment, for this process and its children; programs begin with it."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


@dataclass(frozen=True, slots=True)
class Home:
    """The directories that Findling owns. All are made user-only (0700) when first needed; what is written
    there is listed in `findling.library.removal`."""

    config: Path
    data: Path
    state: Path

    @classmethod
    def at(cls, directory: Path) -> Self:
        """Keep everything under one directory (`--home`, `FINDLING_HOME`, tests)."""
        root = directory.expanduser().absolute()
        return cls(config=root / "config", data=root / "data", state=root / "state")

    @classmethod
    def default(cls) -> Self:
        """`$FINDLING_HOME` where it is set, else the platform's own directories."""
        if chosen := os.environ.get(HOME_VARIABLE):
            return cls.at(Path(chosen))
        import platformdirs

        dirs = platformdirs.PlatformDirs("findling", appauthor=False)
        return cls(config=dirs.user_config_path, data=dirs.user_data_path, state=dirs.user_state_path)

    @property
    def libraries(self) -> Path:
        """One directory a library."""
        return self.data / "libraries"

    @property
    def models(self) -> Path:
        """One directory an installed model."""
        return self.data / "models"

    @property
    def downloads(self) -> Path:
        """One directory a downloaded model, as the hub has it."""
        return self.data / "downloads"

    @property
    def components(self) -> Path:
        """What was added to the program: `findling.component`."""
        return self.data / "components"

    @property
    def logs(self) -> Path:
        """What child processes print, one file a job kind."""
        return self.state / "logs"

    @property
    def window_lock(self) -> Path:
        """Held by the window as long as it is open."""
        return self.state / "window.lock"

    @property
    def settings_file(self) -> Path:
        """The person's settings, JSON."""
        return self.config / "settings.json"


def private_directory(path: Path) -> Path:
    """Make `path` and those of its parents that are missing, with mode 0700; return it.

    Raises `SettingsError` when the place cannot be written.
    """
    try:
        # `parents=True` would make the parents with the default mode.
        for directory in (*reversed(path.parents), path):
            if not directory.is_dir():
                directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"Cannot create {path}: {error.strerror or error}.",
            f"Choose another place with --home DIR or {HOME_VARIABLE}.",
        ) from error
    return path


def write_atomically(path: Path, text: str) -> None:
    """Replace a file by rename, so that a reader sees the old or the new text and never half of one.

    Mode 0600; flushed to the disk before the rename.
    """
    with replacing(path) as file:
        file.write(text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, as `write_atomically` does."""
    write_atomically(path, json.dumps(value, indent=2) + "\n")


@contextmanager
def replacing(path: Path) -> Generator[BinaryIO]:
    """A file that takes the place of `path` when the block ends, and is gone when it fails; as
    `write_atomically` otherwise."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(temporary, "wb", opener=user_only) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def user_only(path: str, flags: int) -> int:
    """An `opener` for `open`: what it makes has mode 0600."""
    return os.open(path, flags, 0o600)


def tree_bytes(place: Path) -> int:
    """Size of all files below a directory, 0 for one that is not there. Files that go meanwhile do not count:
    whoever writes there makes and removes them."""
    total = 0
    for directory, _, names in os.walk(place):
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(directory, name)).st_size  # noqa: PTH116, PTH118 — thousands of files
    return total


def _setting(
    default: Any, help_text: str, choices: tuple[str, ...] = (), *, least: float = 0, most: float = 1_000_000
) -> Any:
    metadata = {"help": help_text, "choices": choices, "least": least, "most": most}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """The person's settings. The unit is in the name; the help is shown beside the control. Numbers lie
    between the `least` and the `most` of their metadata."""

    home: Home
    model: str = _setting("all-minilm-l6-v2", "Embedder of new libraries")
    reranker: str = _setting("", "Takes a second look at the best of what a search finds; empty: none does")
    parse_limit_seconds: float = _setting(60.0, "Longest time that one file may take to read", least=0.01)
    parse_limit_mebibytes: int = _setting(1024, "Most memory that reading one file may take", least=1)
    file_limit_mebibytes: int = _setting(256, "Larger files are skipped", least=1)
    parser_processes: int = _setting(0, "Processes that read files; 0: by the number of cores", most=256)
    batch_passages: int = _setting(
        512, "Passages embedded and written at once: what a crash may lose", least=1
    )
    recognition: str = _setting(
        "auto",
        "What reads the text of pictures and of scanned pages; auto: the best that is installed",
        ("auto", "off", "rapidocr", "tesseract"),
    )
    recognition_languages: str = _setting(
        "", "Languages of scanned pages, as codes with a space between (en de); empty: those of the reader"
    )
    embedder_threads: int = _setting(0, "Threads of the embedder; 0: by the number of cores", most=1024)
    embedder_provider: str = _setting(
        "auto",
        "What the embedder runs on; auto: the best that works",
        ("auto", "CPU", "CUDA", "TensorRT", "CoreML", "DirectML"),
    )
    generator: str = _setting("smollm2-135m", "Writes queries for tuning")
    generator_threads: int = _setting(0, "Threads of the generator; 0: by the number of cores", most=1024)
    keep_up_to_date: bool = _setting(default=True, help_text="The window reads files again as they change")
    stay_in_tray: bool = _setting(default=False, help_text="Closing the window leaves Findling in the tray")
    search_key: bool = _setting(default=False, help_text="The desktop is asked for a key for the search box")
    keep_history: bool = _setting(default=True, help_text="What is asked is remembered, on this machine")
    pdf_viewer: str = _setting(
        "", "Command that opens a PDF file, with {path} and {page}; empty: the program of the desktop"
    )
    html_viewer: str = _setting(
        "", "Command that opens a web page, with {uri}, which names the heading; empty: the desktop's"
    )
    text_editor: str = _setting(
        "", "Command that opens a text, with {path} and {line}; empty: VISUAL, or the desktop's"
    )
    theme: str = _setting("system", "Colours of the window", ("system", "light", "dark"))
    language: str = _setting("system", "Language of the window", ("system", "en", "de"))
    text_percent: int = _setting(100, "Size of the window's letters", least=60, most=300)

    @classmethod
    def load(cls, home: Home) -> Self:
        """Read `settings.json`; what it does not name has its default.

        Raises `SettingsError` for a file that is no JSON object, an unknown name or a wrong type.
        """
        path = home.settings_file
        try:
            stored: object = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(home)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"Cannot read the settings in {path}: {error}.", "Mend or delete the file."
            ) from error
        if not isinstance(stored, dict):
            raise SettingsError(f"{path} is not a JSON object.", "Mend or delete the file.")
        values = cast("dict[str, object]", stored)
        known = {item.name: item for item in dataclasses.fields(cls) if item.name != "home"}
        for name, value in values.items():
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(known)}."
                raise SettingsError(f"Unknown setting {name!r} in {path}.", hint)
            wanted = type(cast("object", known[name].default))
            accepted: tuple[type, ...] = (int, float) if wanted is float else (wanted,)
            if not isinstance(value, accepted) or isinstance(value, bool) is not (wanted is bool):
                raise SettingsError(f"Setting {name!r} in {path} is {value!r}.", f"Give a {wanted.__name__}.")
            limits: tuple[float, float] = known[name].metadata["least"], known[name].metadata["most"]
            if isinstance(value, int | float) and not limits[0] <= value <= limits[1]:
                raise SettingsError(
                    f"Setting {name!r} in {path} is {value!r}.",
                    f"Give {limits[0]:g} to {limits[1]:,.10g}.",
                )
            choices: tuple[str, ...] = known[name].metadata["choices"]
            if choices and value not in choices:
                raise SettingsError(
                    f"Setting {name!r} in {path} is {value!r}.", f"Give one of: {', '.join(choices)}."
                )
        return cls(home, **cast("dict[str, Any]", values))

    def save(self) -> None:
        """Write what differs from the defaults."""
        private_directory(self.home.config)
        changed = {
            item.name: getattr(self, item.name)
            for item in dataclasses.fields(self)
            if item.name != "home" and getattr(self, item.name) != item.default
        }
        write_json(self.home.settings_file, changed)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads in a child process."""
        values = {
            item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.name != "home"
        }
        home = {name: str(getattr(self.home, name)) for name in ("config", "data", "state")}
        return {"home": home, **values}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`."""
        home = Home(**{name: Path(place) for name, place in stored["home"].items()})
        return cls(home, **{name: value for name, value in stored.items() if name != "home"})
