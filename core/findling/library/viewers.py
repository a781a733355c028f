"""Which program opens a file at the place of a passage, and by which command: pure functions.

The person's own command comes first, then the program that the desktop opens such files with. One that is
not known to take a place is left to open the file at its beginning: another one that knows the page is not
what the person chose. Only where the desktop names no program is the first one taken that is installed.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from findling.documents import family_of_name
from findling.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path, PurePath

    from findling.documents import Anchor

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Place(StrEnum):
    """What a place in a file is told by."""

    PAGE = "page"
    HEADING = "heading"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A program that opens files at a place. `words` follow the executable, with {path}, {page}, {line} and
    {uri}, which names the place too, or {location}, the same without its scheme.

    `names` are what a desktop calls it besides `program`, in lower case: by its desktop entries, its bundle
    on macOS, its executable on Windows. `platform` is as `sys.platform`, "" for all but macOS.
    """

    program: str
    words: tuple[str, ...]
    names: tuple[str, ...] = ()
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Desktop:
    """What there is to open a file with. `find` gives the path of an installed program, or None; `default`
    is what the desktop calls the program for the file, "" where it names none; `editor` the name of the
    program that the person edits text with (VISUAL); `commands` are the person's own."""

    platform: str
    find: Callable[[str], str | None]
    default: str = ""
    editor: str = ""
    commands: Mapping[Place, str] = field(default_factory=dict[Place, str])


def _browsers() -> tuple[Viewer, ...]:
    names = {
        "firefox": ("firefox_firefox", "firefox-esr", "org.mozilla.firefox"),
        "firefox-esr": (),
        "chromium": ("chromium-browser", "chromium_chromium", "org.chromium.chromium"),
        "google-chrome": ("google-chrome-stable", "com.google.chrome", "chrome"),
        "brave-browser": ("com.brave.browser", "brave"),
        "microsoft-edge": ("microsoft-edge-stable", "com.microsoft.edge", "msedge"),
        "vivaldi": ("vivaldi-stable",),
    }
    everywhere = [Viewer(program, ("{uri}",), known) for program, known in names.items()]
    # Programs of Windows are found by the name of their file.
    windows = [Viewer(name, ("{uri}",)) for name in ("chrome", "msedge", "brave")]
    bundles = (
        "com.apple.safari",
        "org.mozilla.firefox",
        "com.google.chrome",
        "com.brave.browser",
        "com.microsoft.edgemac",
    )
    mac = [Viewer("open", ("-b", bundle, "{uri}"), (bundle,), "darwin") for bundle in bundles]
    return (*everywhere, *windows, *mac)


_GNOME = ("--page-index={page}", "{path}")  # counted from 1, whatever is printed on the pages
_ADOBE = ("/A", "page={page}", "{path}")
_PLUS = ("+{line}", "{path}")
_COLON = ("{path}:{line}",)

#: By preference, where the desktop names none.
_VIEWERS: dict[Place, tuple[Viewer, ...]] = {
    Place.PAGE: (
        Viewer("evince", _GNOME, ("org.gnome.evince",)),
        Viewer("papers", _GNOME, ("org.gnome.papers",)),
        Viewer("okular", ("--page", "{page}", "{path}"), ("org.kde.okular", "okularapplication_pdf")),
        Viewer("atril", _GNOME),
        Viewer("xreader", _GNOME),
        Viewer("zathura", ("--page={page}", "{path}"), ("org.pwmt.zathura", "org.pwmt.zathura-pdf-mupdf")),
        Viewer("qpdfview", ("{path}#{page}",)),
        Viewer("sioyek", ("--page", "{page}", "{path}")),
        Viewer("mupdf", ("{path}", "{page}")),
        Viewer("sumatrapdf", ("-page", "{page}", "{path}")),
        Viewer("acrobat", _ADOBE),
        Viewer("acrord32", _ADOBE),
        Viewer("foxitpdfreader", _ADOBE),
        Viewer("open", ("skim:{location}",), ("net.sourceforge.skim-app.skim",), "darwin"),
        *_browsers(),
    ),
    Place.HEADING: _browsers(),
    Place.LINE: (
        Viewer(
            "code",
            ("--goto", *_COLON),
            ("visual-studio-code", "code-oss", "code_code", "com.visualstudio.code", "com.microsoft.vscode"),
        ),
        Viewer("codium", ("--goto", *_COLON), ("com.vscodium.codium", "com.vscodium")),
        Viewer("kate", ("--line", "{line}", "{path}"), ("org.kde.kate",)),
        Viewer("kwrite", ("--line", "{line}", "{path}"), ("org.kde.kwrite",)),
        Viewer("gedit", _PLUS, ("org.gnome.gedit",)),
        Viewer("pluma", _PLUS),
        Viewer("xed", _PLUS, ("org.x.editor",)),
        Viewer("geany", _PLUS),
        Viewer("mousepad", ("--line={line}", "{path}"), ("org.xfce.mousepad",)),
        Viewer("subl", _COLON, ("sublime_text", "sublime-text", "com.sublimetext.4")),
        Viewer("zed", _COLON, ("dev.zed.zed",)),
        Viewer("gvim", _PLUS),
        Viewer("emacsclient", ("--no-wait", "--alternate-editor=emacs", *_PLUS)),
        Viewer("emacs", _PLUS, ("emacs-gtk", "org.gnu.emacs")),
        Viewer("notepad++", ("-n{line}", "{path}")),
    ),
}


def place_of(path: PurePath, anchor: Anchor) -> Place | None:
    """What leads to `anchor` in a program that shows such a file; None where nothing does."""
    family = family_of_name(path.name)
    if family == "pdf":
        return Place.PAGE if anchor.page is not None else None
    if family == "html" and anchor.headings:
        return Place.HEADING
    return Place.LINE if anchor.line is not None else None


def command_for(path: Path, anchor: Anchor, desktop: Desktop) -> list[str] | None:
    """The words of the command that opens the file at an absolute `path` there; None where nothing is known
    that does, and it is to be opened as any other. Raises `SettingsError` for a command of the person's that
    cannot be understood."""
    place = place_of(path, anchor)
    if place is None:
        return None
    if own := desktop.commands.get(place):
        return _own_command(own, path, anchor, windows=desktop.platform == "win32")
    for viewer in _candidates(place, desktop):
        if executable := desktop.find(viewer.program):
            return [executable, *_filled(viewer.words, path, anchor)]
    return None


def _candidates(place: Place, desktop: Desktop) -> list[Viewer]:
    here = "darwin" if desktop.platform == "darwin" else ""
    viewers = [viewer for viewer in _VIEWERS[place] if viewer.platform in ("", here)]
    if place is Place.LINE:
        edited_with = [viewer for viewer in viewers if _is(viewer, desktop.editor)]
        if edited_with:
            return edited_with
    if desktop.default:
        return [viewer for viewer in viewers if _is(viewer, desktop.default)]
    return viewers


def _is(viewer: Viewer, name: str) -> bool:
    return name.lower() in (viewer.program, *viewer.names)


def _own_command(template: str, path: Path, anchor: Anchor, *, windows: bool) -> list[str]:
    try:
        # Backslashes lead through the folders of Windows, elsewhere they quote.
        words = shlex.split(template, posix=not windows)
    except ValueError as error:
        raise SettingsError(
            f"The command {template!r} cannot be read: {error}.", "Close its quotes."
        ) from None
    if windows:
        words = [word.strip('"') for word in words]
    if not any(name in template for name in ("{path}", "{uri}", "{location}")):
        words.append("{path}")
    return _filled(words, path, anchor)


def _filled(words: tuple[str, ...] | list[str], path: Path, anchor: Anchor) -> list[str]:
    """The words with what their placeholders stand for. What is put in is not looked at again."""
    location = path.as_uri().removeprefix("file:") + _fragment(path, anchor)
    values = {
        "path": str(path),
        "page": str(anchor.page or 1),
        "line": str(anchor.line or 1),
        "uri": f"file:{location}",
        "location": location,
    }

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise SettingsError(
                f"{found[0]} means nothing in a command that opens a file.",
                f"Known: {', '.join(f'{{{name}}}' for name in values)}.",
            )
        return values[found[1]]

    return [_PLACEHOLDER.sub(value, word) for word in words]


def _fragment(path: Path, anchor: Anchor) -> str:
    """What leads a browser to the place: a page of a PDF file, else a heading by its text."""
    place = place_of(path, anchor)
    if place is Place.PAGE:
        return f"#page={anchor.page}"
    if place is Place.HEADING:  # a dash has a meaning of its own there
        return f"#:~:text={quote(anchor.headings[-1], safe='').replace('-', '%2D')}"
    return ""
