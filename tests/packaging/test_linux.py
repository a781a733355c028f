"""What Linux desktops read: desktop entry, metadata, the type of an exported library, icons, manual pages."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import findling
from findling.cli.app import app
from findling.jobs import CancelToken
from findling.library.archive_file import Manifest, Tally, write_archive

ROOT = Path(__file__).resolve().parents[2]
LINUX = ROOT / "packaging" / "linux"
METADATA = ET.parse(LINUX / "findling.metainfo.xml").getroot()


def _run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    command = [program, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8")


def _entry() -> dict[str, str]:
    lines = (LINUX / "findling.desktop").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_the_desktop_entry_is_valid():
    answer = _run("desktop-file-validate", LINUX / "findling.desktop")
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


def test_the_metadata_are_valid_to_the_last_hint():
    answer = _run("appstreamcli", "validate", "--no-net", "--pedantic", LINUX / "findling.metainfo.xml")
    assert answer.returncode == 0, answer.stdout
    assert not re.search(r"^[EW]:", answer.stdout, re.MULTILINE)


def test_the_metadata_say_what_the_project_says():
    assert METADATA.findtext("project_license") == "Apache-2.0"
    assert METADATA.findtext("launchable") == "findling.desktop"
    [newest, *_] = METADATA.findall("releases/release")
    assert newest.get("version") == findling.__version__
    assert METADATA.findtext("summary") == _entry()["Comment"]


def test_everything_is_said_in_german_too():
    entry = _entry()
    assert {"GenericName[de]", "Comment[de]", "Keywords[de]", "Name[de]"} <= entry.keys()
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    texts = [
        each for kind in ("summary", "description/p", "description/ul/li") for each in METADATA.findall(kind)
    ]
    assert [each.get(language) for each in texts] == [None, "de"] * (len(texts) // 2)


def test_the_actions_are_options_of_the_window():
    from findling_desktop.app import _parser

    called = re.findall(
        r"^Exec=findling-desktop *(.*)$", (LINUX / "findling.desktop").read_text("utf-8"), re.MULTILINE
    )
    chosen = [_parser().parse_args(options.split()) for options in called]
    assert [(each.quick, each.hidden) for each in chosen] == [(False, False), (True, False), (False, True)]


def test_an_exported_library_is_known_by_its_first_bytes(tmp_path):
    (tmp_path / "packages").mkdir()
    shutil.copy(LINUX / "findling.mime.xml", tmp_path / "packages")
    answer = _run("update-mime-database", tmp_path)
    assert answer.returncode == 0, answer.stderr
    magic = (tmp_path / "magic").read_bytes()
    assert b"[70:application/x-findling-library]\n" in magic

    archive = tmp_path / "library"
    tally = Tally(lambda _: None, CancelToken(), 0)
    write_archive(archive, Manifest("letters", findling.__version__, {}), {}, tally)
    held = archive.read_bytes()
    for offset, value, reach in _rules(magic):
        assert value in held[offset : offset + len(value) + reach], value


def _rules(magic: bytes) -> list[tuple[int, bytes, int]]:
    """Offset, value and reach of every line in the database's own form."""
    found = []
    for offset, at in [(int(each[1]), each.end()) for each in re.finditer(rb">(\d+)=", magic)]:
        [size] = struct.unpack(">H", magic[at : at + 2])
        value, rest = magic[at + 2 : at + 2 + size], magic[at + 2 + size :]
        reach = re.match(rb"\+(\d+)", rest)
        found.append((offset, value, int(reach[1]) - 1 if reach else 0))
    return found


def test_icons_of_all_sizes_are_drawn(tmp_path):
    subprocess.run([sys.executable, LINUX / "icons.py", "hicolor", tmp_path], check=True)
    from PIL import Image

    sizes = []
    for file in tmp_path.rglob("*.png"):
        with Image.open(file) as drawn:
            assert file.relative_to(tmp_path).parts[1] == f"{drawn.width}x{drawn.height}"
            corner, middle = drawn.getpixel((0, 0)), drawn.getpixel((drawn.width // 2, drawn.height // 2))
            assert (corner[3], middle[3]) == (0, 255)
            sizes.append(drawn.width)
    assert sorted(sizes) == [16, 22, 24, 32, 48, 64, 96, 128, 256, 512]
    assert (tmp_path / "hicolor/scalable/apps/findling.svg").is_file()


@pytest.mark.parametrize("kind", ["ico", "icns"])
def test_windows_and_macos_have_icons_of_many_sizes(tmp_path, kind):
    from PIL import Image

    file = tmp_path / f"findling.{kind}"
    subprocess.run([sys.executable, LINUX / "icons.py", kind, file], check=True)
    with Image.open(file) as icon:
        assert len(icon.info["sizes"]) >= 8


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    out = tmp_path_factory.mktemp("man")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run([sys.executable, LINUX / "man.py", out], check=True, env=environment)
    return out


def test_every_verb_has_a_page_that_formats_without_a_warning(pages):
    verbs = {f"findling-{name}.1" for name in app.commands}
    names = sorted(file.name for file in pages.iterdir())
    assert set(names) == verbs | {"findling.1", "findling-desktop.1"}
    answer = _run("groff", "-man", "-ww", "-Tutf8", *(pages / name for name in names))
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_pages_say_what_help_says(pages):
    answer = _run("groff", "-man", "-Tascii", "-P-cbou", pages / "findling-models.1")
    text = " ".join(answer.stdout.split())
    for part in (
        "findling-models - List, show",
        "findling models add [OPTIONS] SOURCE",
        "--id TEXT",
        "-h, --help",
    ):
        assert part in text
    assert "2023-11-14" in text
    desktop = " ".join(
        _run("groff", "-man", "-Tascii", "-P-cbou", pages / "findling-desktop.1").stdout.split()
    )
    assert "--quick Open the small search box alone" in desktop
    assert "FINDLING_HOME" in desktop
