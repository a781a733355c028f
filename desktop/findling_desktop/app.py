"""Composition root: reads the arguments, builds every long-lived part once, and hands them down.

Qt is imported inside functions: multiprocessing imports the main module anew in every indexer and parser
process, and none of these has use for a window toolkit.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from PySide6.QtWidgets import QApplication

    from findling.library import Libraries
    from findling.settings import Home, Settings
    from findling_desktop.instance import Instance
    from findling_desktop.main_window import MainWindow
    from findling_desktop.shell import Shell
    from findling_desktop.windows import Windows


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed. Returns the process's exit code."""
    multiprocessing.freeze_support()
    chosen = _parser().parse_args(arguments)

    import signal

    from PySide6.QtWidgets import QApplication

    from findling.settings import Home, switch_telemetry_off
    from findling_desktop.instance import Instance
    from findling_desktop.presence import Presence
    from findling_desktop.windows import Windows

    switch_telemetry_off()
    home = Home.at(chosen.home) if chosen.home else Home.default()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    dress(application)
    # Qt's loop never returns to Python for a handler; the indexer sees its pipe close and ends itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    question = " ".join(chosen.question)
    instance = Instance.claim(home, question, quick=chosen.quick)
    if instance is None:
        return 0  # the window that is there has heard the question
    windows = Windows(
        lambda library, model: build(home, library, model=model, instance=instance), chosen.library or ""
    )
    presence = Presence(application, windows)
    windows.ended.connect(application.quit)
    windows.ended.connect(instance.close)
    instance.asked.connect(windows.come)
    instance.quick_wanted.connect(presence.quick.come)
    sys.excepthook = _excepthook(windows, home)
    if chosen.hidden or chosen.quick:
        windows.current.begin()
    else:
        windows.current.show()
    if chosen.quick:
        presence.quick.come()
    if question:
        windows.current.ask_when_ready(question)
    code = application.exec()
    windows.close()
    return code


def _excepthook(windows: Windows, home: Home) -> Callable[..., None]:
    """Tells the person of a bug, and keeps its traceback where a report can be made from it."""
    import traceback

    from findling.settings import private_directory

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.__excepthook__(kind, error, trace)
        with contextlib.suppress(Exception):
            (private_directory(home.logs) / "window.log").write_text(text, encoding="utf-8")
            if isinstance(error, Exception):
                windows.current.show_bug(error, home.logs)

    return hook


def dress(application: QApplication) -> None:
    """Give the application its name, its icon, and the base style that the theme colours."""
    from findling_desktop.icons import logo

    application.setStyle("Fusion")  # the one style that takes all colours from the theme
    application.setApplicationName("findling")
    application.setApplicationDisplayName("Findling")
    # A sandbox renames the desktop entry, by which Wayland finds a window's icon.
    application.setDesktopFileName(os.environ.get("FLATPAK_ID") or "findling")
    application.setWindowIcon(logo())
    # Closing hides the window while the indexer ends; the window says when the process may end.
    application.setQuitOnLastWindowClosed(False)


def build(
    home: Home,
    library: str | None = None,
    shell: Shell | None = None,
    *,
    model: str = "",
    instance: Instance | None = None,
) -> MainWindow:
    """The window on everything under `home`, not shown yet. `shell` stands in for the desktop; `model` is the
    embedder that `library` is made with, "" for the settings'; `instance` holds the home for this start."""
    from PySide6.QtCore import QCoreApplication

    from findling.component import activate
    from findling.errors import SettingsError
    from findling.settings import Settings
    from findling_desktop.bridge import Bridge
    from findling_desktop.language import speak
    from findling_desktop.main_window import MainWindow
    from findling_desktop.preferences import Preferences
    from findling_desktop.shell import Shell
    from findling_desktop.state import WindowState
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Workspace

    activate(home)
    problem: SettingsError | None = None
    try:
        settings = Settings.load(home)
    except SettingsError as error:
        settings, problem = Settings(home), error
    application = QCoreApplication.instance()
    assert application is not None
    speak(application, settings.language)
    state = WindowState.load(home.config)
    bridge = Bridge()
    workspace = Workspace(
        bridge,
        lambda: _libraries(settings),
        library or "",
        state.library,
        model,
        keep_up_to_date=settings.keep_up_to_date,
        keep_history=settings.keep_history,
    )
    theme = Theme(settings.theme, settings.text_percent)
    shell = shell or Shell(settings)
    preferences = Preferences(settings)
    window = MainWindow(workspace, bridge, theme, shell, state, preferences)

    def saved(now: Settings) -> None:
        shell.use(now)
        workspace.use(lambda: _libraries(now))

    def save(name: str, value: object) -> None:
        bridge.io(lambda: _save_settings(home, **{name: value}), saved, window.show_problem)

    def left(gone: bool) -> None:  # noqa: FBT001 — a slot
        if gone:
            window.leave()
        else:  # its work has ended: another window goes on with it
            state.kept = True
            window.switch_wanted.emit(workspace.name, "")

    def begun() -> None:
        state.kept = False

    preferences.changed.connect(save)
    workspace.removal.begun.connect(begun)
    workspace.removal.left.connect(left)
    if instance is not None:
        workspace.removal.begun.connect(instance.let_go)
        workspace.removal.failed.connect(instance.hold)
    if problem is not None:
        window.show_problem(problem)
    return window


def _libraries(settings: Settings) -> Libraries:
    """Called in a worker thread: this import takes longer than drawing the window."""
    from findling.library import Libraries

    return Libraries(settings)


def _save_settings(home: Home, **chosen: Any) -> Settings:
    from dataclasses import replace

    from findling.settings import Settings

    settings = replace(Settings.load(home), **chosen)
    settings.save()
    return settings


def _parser() -> argparse.ArgumentParser:
    from findling import __version__

    parser = argparse.ArgumentParser(
        prog="findling-desktop", description="Search your own documents by meaning and by words."
    )
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="keep everything under DIR (or FINDLING_HOME)"
    )
    parser.add_argument("--library", metavar="NAME", help="open this library instead of the last one")
    parser.add_argument(
        "--quick", action="store_true", help="open the small search box alone, as from a key of the desktop"
    )
    parser.add_argument("--hidden", action="store_true", help="start without a window")
    parser.add_argument("question", nargs="*", help="search for this; a window that is open already does")
    parser.add_argument("--version", action="version", version=f"findling {__version__}")
    return parser
