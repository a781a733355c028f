"""Opens files with the programs of the person's desktop, at the place of a passage where they can, and shows
them in their folders. A program that was started goes on by itself; nothing is ever run through a shell.
"""

from __future__ import annotations

import mimetypes
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from findling.documents import split
from findling.errors import UserError, one_line
from findling.library.taking_out import taken_out
from findling.library.viewers import Desktop, Place, command_for, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from findling.documents import Anchor
    from findling.settings import Settings

#: The desktop's own small programs answer in a fraction of a second, or not at all.
_ANSWER_SECONDS = 5.0
#: How long it is looked whether the program that opens any file finds one for this.
_OPENED_SECONDS = 1.0
_FILE_MANAGER = "org.freedesktop.FileManager1"
_FILE_MANAGER_OBJECT = "/org/freedesktop/FileManager1"


def open_at(path: Path, anchor: Anchor, settings: Settings) -> list[str]:
    """Open a file at `anchor` with the program that the person has for it; the command that was started,
    empty where nothing is known that leads there, and nothing was started. Takes a fraction of a second. Of a
    file that lies in another one a copy is opened.

    Raises `UserError` for a file that is gone and a program that cannot be started, `SettingsError` for a
    command in the settings that cannot be understood.
    """
    file = taken_out(_existing(path), settings.home)
    place = place_of(file, anchor)
    if place is None:
        return []
    command = command_for(file, anchor, _desktop(file, place, settings))
    if command:
        _start(command)
    return command or []


def open_file(path: Path, anchor: Anchor, settings: Settings) -> list[str]:
    """As `open_at`; where nothing is known that leads there, at its beginning. The command is empty on
    Windows then. Raises `UserError` where no program opens such a file, too."""
    return open_at(path, anchor, settings) or _open_plainly(taken_out(_existing(path), settings.home))


def reveal(path: Path) -> list[str]:
    """Show a file in its folder, selected where the file manager can; the command that did. Of one that lies
    in another one that is shown. Raises `UserError` for one that is gone, and where no program shows folders.
    """
    file, _ = split(_existing(path))
    if sys.platform == "win32":
        # Explorer wants its switch and the quoted path as one word; no file name holds a quote there.
        command = f'explorer.exe /select,"{file}"'
        _start(command)
        return [command]
    if sys.platform == "darwin":
        command = ["open", "-R", str(file)]
        _start(command)
        return command
    for asking in _asking_the_file_manager(file):
        if shutil.which(asking[0]) and _answer(asking) is not None:
            return asking
    return _open_plainly(file.parent)


def environment(variables: Mapping[str, str], bundles: Sequence[str] = ()) -> dict[str, str]:
    """`variables` as other programs are to see them: by them a packaged Findling, unpacked in the directories
    `bundles`, finds its own libraries and plug-ins, and those break the programs of the system."""
    kept = {name: value for name, value in variables.items() if name != "HF_HUB_OFFLINE"}  # ours
    if not bundles:
        return kept
    for name in variables:
        if name.startswith(("_PYI_", "_MEIPASS")):
            kept.pop(name, None)
        elif name.endswith("_ORIG") and (changed := name.removesuffix("_ORIG")) in kept:
            kept[changed] = kept.pop(name)
    for name, value in list(kept.items()):
        parts = [part for part in value.split(os.pathsep) if not part.startswith(tuple(bundles))]
        kept[name] = os.pathsep.join(parts)
        if not parts:
            del kept[name]
    return kept


def _existing(path: Path) -> Path:
    file = path.expanduser().absolute()  # begins with no dash that a program would take for an option
    if not split(file)[0].exists():
        raise UserError(f"{file} is not there any more.", "To update the library run: findling index")
    return file


def _desktop(path: Path, place: Place, settings: Settings) -> Desktop:
    default = _default_program(path, place)
    known = {Path(default).stem.lower(): default} if sys.platform == "win32" and default else {}

    def find(program: str) -> str | None:
        found = known.get(program) or shutil.which(program)
        # Windows runs these through its shell.
        return None if found and found.lower().endswith((".cmd", ".bat")) else found

    return Desktop(
        platform=sys.platform,
        find=find,
        default=next(iter(known), default),
        editor=_program_of(os.environ.get("VISUAL", "")),
        commands={
            Place.PAGE: settings.pdf_viewer,
            Place.HEADING: settings.html_viewer,
            Place.LINE: settings.text_editor,
        },
    )


def _program_of(command: str) -> str:
    """The name of a command's program, "" for one that cannot be read."""
    try:
        words = shlex.split(command, posix=sys.platform != "win32")
    except ValueError:
        return ""
    return Path(words[0].strip('"')).name if words else ""


def _default_program(path: Path, place: Place) -> str:
    """What the desktop calls the program that opens such files, "" where it names none."""
    if sys.platform == "win32":
        return _default_on_windows(path.suffix)
    if sys.platform == "darwin":
        return _default_on_mac(place)
    types = {Place.PAGE: ["application/pdf"], Place.HEADING: ["text/html"]}.get(place)
    if types is None:
        types = list(dict.fromkeys([mimetypes.guess_type(path.name)[0] or "text/plain", "text/plain"]))
    return next((default for mime_type in types if (default := _default_on_linux(mime_type))), "")


def _default_on_linux(mime_type: str) -> str:
    for asking in (["xdg-mime", "query", "default", mime_type], ["gio", "mime", mime_type]):
        if shutil.which(asking[0]) and (answer := _answer(asking)):
            entry = re.search(r"([^\s;:/]+)\.desktop\b", answer)
            if entry:
                return entry[1]
    return ""


def _default_on_mac(place: Place) -> str:
    """By LaunchServices' own list of what the person chose; Apple's programs are not in it."""
    import plistlib

    content, apples = {
        Place.PAGE: ("com.adobe.pdf", "com.apple.preview"),
        Place.HEADING: ("public.html", "com.apple.safari"),
        Place.LINE: ("public.plain-text", "com.apple.textedit"),
    }[place]
    file = Path("~/Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist")
    try:
        stored = plistlib.loads(file.expanduser().read_bytes())
    except (OSError, ValueError):
        return apples
    handlers = cast("list[dict[str, Any]]", stored.get("LSHandlers", []))
    for handler in handlers:
        if handler.get("LSHandlerContentType") == content and "LSHandlerRoleAll" in handler:
            return str(handler["LSHandlerRoleAll"]).lower()
    return apples


def _default_on_windows(suffix: str) -> str:
    """The path of the program that the person chose for files of this suffix."""
    if sys.platform != "win32":
        return ""
    import winreg

    chosen = rf"Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\{suffix}\UserChoice"
    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, chosen) as key:
            program = str(winreg.QueryValueEx(key, "ProgId")[0])
        with winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, rf"{program}\shell\open\command") as key:
            command = str(winreg.QueryValueEx(key, "")[0])
    except OSError:
        return ""
    found = re.match(r'"([^"]+)"|(.+?\.exe)\b', command, re.IGNORECASE)
    return (found[1] or found[2]) if found else ""


def _asking_the_file_manager(file: Path) -> Iterable[list[str]]:
    """Commands that ask it over the session bus to show a file. The address has no quote and no comma."""
    uri = file.as_uri()
    yield [
        *("gdbus", "call", "--session", "--dest", _FILE_MANAGER, "--object-path", _FILE_MANAGER_OBJECT),
        *("--method", f"{_FILE_MANAGER}.ShowItems", f"['{uri}']", ""),
    ]
    yield [
        *("dbus-send", "--session", "--print-reply", f"--dest={_FILE_MANAGER}", _FILE_MANAGER_OBJECT),
        *(f"{_FILE_MANAGER}.ShowItems", f"array:string:{uri}", "string:"),
    ]


def _open_plainly(path: Path) -> list[str]:
    if sys.platform == "win32":
        try:
            os.startfile(path)  # noqa: S606 — without a shell, as it should be
        except OSError as error:
            raise _no_program(path) from error
        return []
    commands = [["open"]] if sys.platform == "darwin" else [["xdg-open"], ["gio", "open"]]
    for words in commands:
        if shutil.which(words[0]):
            command = [*words, str(path)]
            if _start(command, patience_seconds=_OPENED_SECONDS):
                raise _no_program(path)
            return command
    raise UserError(f"Nothing here opens {path}.", "Install xdg-utils, or name a program in the settings.")


def _no_program(path: Path) -> UserError:
    return UserError(f"No program opens {path}.", "Choose one for such files in the settings of the desktop.")


def _start(command: list[str] | str, patience_seconds: float = 0.0) -> int:
    """Start a program that goes on by itself; its exit code if it ends within `patience_seconds`, else 0.
    Raises `UserError`."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        process = subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=flags,
            start_new_session=sys.platform != "win32",
        )
    except OSError as error:
        name = command if isinstance(command, str) else command[0]
        raise UserError(
            f"{name} cannot be started: {one_line(error)}.", "Name another program in the settings."
        ) from error
    # The thread takes the program's exit code when that ends, for else it would stay as a zombie.
    waiting = threading.Thread(target=process.wait, name="viewer", daemon=True)
    waiting.start()
    waiting.join(patience_seconds)
    return process.returncode or 0


def _answer(command: list[str]) -> str | None:
    """What a small program prints; None where it fails."""
    try:
        done = subprocess.run(
            command,
            env=_environment() | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    frozen = str(getattr(sys, "_MEIPASS", ""))
    bundles = [place for place in (frozen, os.environ.get("APPDIR", "") if frozen else "") if place]
    return environment(os.environ, bundles)
