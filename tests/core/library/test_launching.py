"""Programs are started with the right words and the right environment, and leave no zombie.

The programs are small scripts that write down what they were given.
"""

from __future__ import annotations

import os
import plistlib
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from findling.documents import Anchor
from findling.errors import UserError
from findling.library.launching import environment, open_at, open_file, reveal
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    Program = Callable[..., None]

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the programs of free desktops")


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """Where programs write down their words, one a line, when they are done."""
    return tmp_path / "noted"


@pytest.fixture
def program(tmp_path: Path, noted: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a program that prints `says` and ends with `code` into a PATH that has no other one."""
    place = tmp_path / "bin"
    place.mkdir()
    shell = shutil.which("sh")
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.delenv("VISUAL", raising=False)

    def add(name: str, says: str = "", code: int = 0, *, notes: bool = True) -> None:
        write = f'printf "%s\\n" "${{0##*/}}" "$@" > "{noted}.part"\n/bin/mv "{noted}.part" "{noted}"\n'
        script = f"#!{shell}\necho '{says}'\n{write if notes else ''}exit {code}\n"
        (place / name).write_text(script)
        (place / name).chmod(0o755)

    return add


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'it\'s a "report", -really.pdf'
    path.write_bytes(b"%PDF-1.4")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(Home.at(tmp_path / "home"))


def words(noted: Path) -> list[str]:
    """What the program that was started last was given, once it has ended."""
    wait_for_programs()
    return noted.read_text().splitlines()


def wait_for_programs() -> None:
    """Each has a thread that waits for its end."""
    for thread in threading.enumerate():
        if thread.name == "viewer":
            thread.join(10)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("asked", "says", "shows"),
    [
        ("xdg-mime", "org.gnome.Evince.desktop", ["evince", "--page-index=3"]),
        (
            "gio",  # where there is no xdg-mime
            "Default application for “application/pdf”: org.kde.okular.desktop",
            ["okular", "--page", "3"],
        ),
    ],
)
def test_the_default_viewer_shows_the_page(
    program: Program, noted: Path, file: Path, settings: Settings, asked: str, says: str, shows: list[str]
) -> None:
    program(asked, says=says, notes=False)
    program("evince")
    program("okular")
    command = open_at(file, Anchor(page=3), settings)
    assert words(noted) == [*shows, str(file)]
    assert Path(command[0]).name == shows[0]


def test_a_name_that_looks_like_an_option_is_a_path(
    program: Program, noted: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("xdg-mime", notes=False)
    program("gedit")
    monkeypatch.chdir(tmp_path)
    Path("--help.py").write_text("pass\n")
    open_file(Path("--help.py"), Anchor(line=9), settings)
    assert words(noted) == ["gedit", "+9", str(tmp_path / "--help.py")]


def test_a_viewer_that_is_not_known_opens_the_file_at_its_beginning(
    program: Program, noted: Path, file: Path, settings: Settings
) -> None:
    program("xdg-mime", says="stranger.desktop", notes=False)
    program("evince")
    program("xdg-open")
    assert open_at(file, Anchor(page=3), settings) == []
    assert not noted.exists()
    assert open_file(file, Anchor(page=3), settings) == ["xdg-open", str(file)]
    assert words(noted) == ["xdg-open", str(file)]


def test_the_command_in_the_settings_is_run(
    program: Program, noted: Path, file: Path, tmp_path: Path
) -> None:
    program("viewer")
    settings = Settings(Home.at(tmp_path / "home"), pdf_viewer="viewer -p {page} --then $HOME")
    open_file(file, Anchor(page=3), settings)
    assert words(noted) == ["viewer", "-p", "3", "--then", "$HOME", str(file)]
    settings = Settings(Home.at(tmp_path / "home"), pdf_viewer="/no/such/viewer")
    with pytest.raises(UserError, match="/no/such/viewer cannot be started"):
        open_file(file, Anchor(page=3), settings)


def test_what_cannot_be_opened_is_said(program: Program, file: Path, settings: Settings) -> None:
    with pytest.raises(UserError, match="Nothing here opens"):
        open_file(file, Anchor(page=3), settings)
    program("xdg-open", code=3)
    with pytest.raises(UserError, match="No program opens"):
        open_file(file, Anchor(page=3), settings)
    file.unlink()
    for do in (lambda: open_file(file, Anchor(), settings), lambda: reveal(file)):
        with pytest.raises(UserError, match="not there any more"):
            do()


def test_a_file_is_shown_in_its_folder(program: Program, noted: Path, file: Path) -> None:
    program("gdbus", code=1, notes=False)
    program("xdg-open")
    assert reveal(file) == ["xdg-open", str(file.parent)]
    assert words(noted) == ["xdg-open", str(file.parent)]
    program("dbus-send")
    reveal(file)
    uri = file.as_uri()
    assert words(noted)[-3:] == ["org.freedesktop.FileManager1.ShowItems", f"array:string:{uri}", "string:"]
    assert "," not in uri  # would be two addresses to dbus-send
    program("gdbus")
    reveal(file)
    assert words(noted)[-2:] == [f"['{uri}']", ""]
    assert "'" not in uri  # would end the address for gdbus


def test_on_a_mac_the_chosen_program_is_led_there(
    program: Program, noted: Path, file: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("open")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("HOME", str(file.parent))
    open_file(file, Anchor(page=3), settings)
    assert words(noted) == ["open", str(file)]  # Preview takes no page
    chosen = [
        {"LSHandlerContentType": "public.html", "LSHandlerRoleAll": "com.apple.safari"},
        {"LSHandlerContentType": "com.adobe.pdf", "LSHandlerRoleAll": "com.google.Chrome"},
    ]
    place = file.parent / "Library/Preferences/com.apple.LaunchServices"
    place.mkdir(parents=True)
    handlers = place / "com.apple.launchservices.secure.plist"
    handlers.write_bytes(plistlib.dumps({"LSHandlers": chosen}))
    open_file(file, Anchor(page=3), settings)
    assert words(noted) == ["open", "-b", "com.google.chrome", f"{file.as_uri()}#page=3"]
    reveal(file)
    assert words(noted) == ["open", "-R", str(file)]


def test_a_program_goes_on_after_the_one_that_started_it(
    program: Program, file: Path, settings: Settings, tmp_path: Path
) -> None:
    """It is in a session of its own, so that a terminal which is closed does not end it."""
    place = tmp_path / "bin" / "evince"
    program("xdg-mime", says="org.gnome.Evince.desktop", notes=False)
    noting = f"import os; open({str(tmp_path / 'id')!r}, 'w').write(str(os.getsid(0)))"
    place.write_text(f"#!{sys.executable}\n{noting}\n")
    place.chmod(0o755)
    open_at(file, Anchor(page=1), settings)
    wait_for_programs()
    assert int((tmp_path / "id").read_text()) != os.getsid(0)


def test_other_programs_do_not_see_what_a_package_needs_for_itself() -> None:
    bundle = "/tmp/_MEIx"
    seen = environment(
        {
            "LD_LIBRARY_PATH": f"{bundle}/lib:/opt/mine",
            "LD_LIBRARY_PATH_ORIG": "/opt/mine",
            "QT_PLUGIN_PATH": f"{bundle}/PySide6/plugins",
            "XDG_DATA_DIRS": f"{bundle}/share:/usr/share",
            "_PYI_ARCHIVE_FILE": f"{bundle}/x",
            "HF_HUB_OFFLINE": "1",
            "HOME": "/home/me",
            "EMPTY": "",
        },
        [bundle],
    )
    assert seen == {
        "LD_LIBRARY_PATH": "/opt/mine",
        "XDG_DATA_DIRS": "/usr/share",
        "HOME": "/home/me",
        "EMPTY": "",
    }
    assert environment({"QT_PLUGIN_PATH": "/nix/qt", "A_ORIG": "1", "A": "2"}) == {
        "QT_PLUGIN_PATH": "/nix/qt",
        "A_ORIG": "1",
        "A": "2",
    }
