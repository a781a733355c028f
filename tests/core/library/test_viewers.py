"""Which command opens a file at a place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from findling.documents import Anchor
from findling.errors import SettingsError
from findling.library.viewers import Desktop, Place, command_for

PDF = Path("/home/me/-odd name's/a {page} 100%.pdf")
NOTE = Path("/home/me/notes, all/to do.md")
PAGE = "/html/faq.html"


def desktop(*installed: str, platform: str = "linux", **given: Any) -> Desktop:
    def find(program: str) -> str | None:
        return f"/usr/bin/{program}" if program in installed else None

    return Desktop(platform, find, **given)


@pytest.mark.parametrize(
    ("default", "program", "words"),
    [
        ("org.gnome.Evince", "evince", ["--page-index=12", str(PDF)]),
        ("org.gnome.Papers", "papers", ["--page-index=12", str(PDF)]),
        ("okularApplication_pdf", "okular", ["--page", "12", str(PDF)]),
        ("atril", "atril", ["--page-index=12", str(PDF)]),
        ("org.pwmt.zathura", "zathura", ["--page=12", str(PDF)]),
        ("qpdfview", "qpdfview", [f"{PDF}#12"]),
        ("sioyek", "sioyek", ["--page", "12", str(PDF)]),
        ("mupdf", "mupdf", [str(PDF), "12"]),
        ("firefox-esr", "firefox-esr", [PDF.as_uri() + "#page=12"]),
        ("chromium", "chromium", [PDF.as_uri() + "#page=12"]),
    ],
)
def test_the_desktops_viewer_is_told_the_page(default: str, program: str, words: list[str]) -> None:
    here = desktop("evince", "okular", program, default=default)
    assert command_for(PDF, Anchor(page=12), here) == [f"/usr/bin/{program}", *words]


def test_a_viewer_that_is_not_known_is_not_replaced_by_another() -> None:
    for default, installed in (("org.kde.skanpage", "evince"), ("okular", "evince")):
        assert command_for(PDF, Anchor(page=2), desktop(installed, default=default)) is None
    # Where the desktop names none, there is nobody to be replaced.
    command = command_for(PDF, Anchor(page=2), desktop("firefox", "atril"))
    assert command == ["/usr/bin/atril", "--page-index=2", str(PDF)]
    assert command_for(PDF, Anchor(page=2), desktop()) is None


@pytest.mark.parametrize(
    ("default", "program", "words"),
    [
        ("code", "code", ["--goto", f"{NOTE}:40"]),
        ("org.kde.kate", "kate", ["--line", "40", str(NOTE)]),
        ("org.gnome.gedit", "gedit", ["+40", str(NOTE)]),
        ("sublime_text", "subl", [f"{NOTE}:40"]),
        ("org.xfce.mousepad", "mousepad", ["--line=40", str(NOTE)]),
        ("emacsclient", "emacsclient", ["--no-wait", "--alternate-editor=emacs", "+40", str(NOTE)]),
    ],
)
def test_the_desktops_editor_is_told_the_line(default: str, program: str, words: list[str]) -> None:
    anchor = Anchor(line=40, headings=("To do",))
    here = desktop("gedit", "kate", program, default=default)
    assert command_for(NOTE, anchor, here) == [f"/usr/bin/{program}", *words]


def test_the_editor_of_the_person_comes_first_unless_it_lives_in_a_terminal() -> None:
    anchor = Anchor(line=3)
    here = desktop("kate", "code", default="org.kde.kate", editor="code")
    assert command_for(NOTE, anchor, here) == ["/usr/bin/code", "--goto", f"{NOTE}:3"]
    here = desktop("kate", "vim", default="org.kde.kate", editor="vim")
    assert command_for(NOTE, anchor, here) == ["/usr/bin/kate", "--line", "3", str(NOTE)]
    assert command_for(NOTE, anchor, desktop("vim", default="org.gnome.TextEditor")) is None


def test_a_browser_is_led_to_the_heading() -> None:
    anchor = Anchor(headings=("Access", "Who may use well-known data, & how?"))
    command = command_for(Path("/html/f a.html"), anchor, desktop("firefox", default="firefox"))
    assert command == [
        "/usr/bin/firefox",
        "file:///html/f%20a.html#:~:text=Who%20may%20use%20well%2Dknown%20data%2C%20%26%20how%3F",
    ]


def test_what_has_no_place_is_opened_as_any_other_file() -> None:
    here = desktop("evince", "firefox", "code", default="evince")
    assert command_for(PDF, Anchor(line=3), here) is None
    assert command_for(Path("/a.docx"), Anchor(headings=("One",)), here) is None
    assert command_for(NOTE, Anchor(headings=("One",)), here) is None


def test_other_platforms() -> None:
    mac = desktop("open", "code", platform="darwin", default="net.sourceforge.skim-app.skim")
    location = PDF.as_uri().removeprefix("file:")
    assert command_for(PDF, Anchor(page=5), mac) == ["/usr/bin/open", f"skim:{location}#page=5"]
    mac = desktop("open", platform="darwin", default="com.apple.preview")
    assert command_for(PDF, Anchor(page=5), mac) is None
    mac = desktop("open", platform="darwin", default="com.google.chrome")
    assert command_for(PDF, Anchor(page=5), mac) == [
        *("/usr/bin/open", "-b", "com.google.chrome"),
        PDF.as_uri() + "#page=5",
    ]
    windows = desktop("sumatrapdf", platform="win32", default="sumatrapdf")
    assert command_for(PDF, Anchor(page=5), windows) == ["/usr/bin/sumatrapdf", "-page", "5", str(PDF)]
    # Debian has an `open`, too.
    assert command_for(PDF, Anchor(page=5), desktop("open", default="net.sourceforge.skim-app.skim")) is None


def test_the_persons_own_command_goes_before_all() -> None:
    def command(template: str, platform: str = "linux") -> list[str] | None:
        here = desktop("evince", platform=platform, default="evince", commands={Place.PAGE: template})
        return command_for(PDF, Anchor(page=7), here)

    assert command("'my viewer' --at={page} {path}; rm x") == [
        *("my viewer", "--at=7", f"{PDF};", "rm", "x")  # words and no shell
    ]
    assert command("viewer") == ["viewer", str(PDF)]
    assert command(r'"C:\Programs\v.exe" /p {page}', "win32") == [r"C:\Programs\v.exe", "/p", "7", str(PDF)]
    with pytest.raises(SettingsError, match=r"\{pages\} means nothing"):
        command("viewer {pages}")
    with pytest.raises(SettingsError, match="quot"):
        command("'viewer")
