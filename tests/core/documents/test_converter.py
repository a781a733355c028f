"""Converters: the quick ones first, what a failing or a hanging one costs, and LibreOffice's way."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import psutil
import pytest

from findling.documents.parsers import converter
from findling.documents.parsers.converter import converted
from findling.errors import UnsupportedFormat

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are scripts")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that alone holds what is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys, time, shutil\n{script}\n")
    path.chmod(0o700)


def test_the_first_that_gives_text_is_taken(tmp_path: Path, install: Path) -> None:
    source = tmp_path / "- odd name.doc"
    source.write_text("Grüße\n\nZwei")
    program(install, "antiword", "sys.exit(1)")
    program(install, "catdoc", "sys.stdout.buffer.write(open(sys.argv[-1], 'rb').read())")
    document = converted(source, "doc", "an old format")
    assert (document.kind, document.text) == ("doc", "Grüße\n\nZwei")


def test_what_is_no_text_is_not_taken(tmp_path: Path, install: Path) -> None:
    source = tmp_path / "a.ppt"
    source.write_bytes(b"x")
    program(install, "catppt", r"sys.stdout.buffer.write(b'\xff\xfe\x00')")
    with pytest.raises(UnsupportedFormat, match=r"an old format: install catppt or LibreOffice.*PPTX"):
        converted(source, "ppt", "an old format")


def test_a_converter_that_hangs_is_ended(
    tmp_path: Path, install: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converter, "_QUICK_SECONDS", 0.2)
    program(install, "antiword", "time.sleep(60)")
    with pytest.raises(UnsupportedFormat):
        converted(tmp_path / "a.doc", "doc", "an old format")


def test_what_ended_by_itself_leaves_the_others_to_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    gone = subprocess.Popen([sys.executable, "-c", ""])
    child = psutil.Process(gone.pid)
    gone.wait()

    def children(_: psutil.Process, *, recursive: bool) -> list[psutil.Process]:
        assert recursive
        return [child]

    monkeypatch.setattr(psutil.Process, "children", children)
    converter._end(parent.pid)
    assert parent.wait(10) != 0


def test_libreoffice_makes_an_open_document(tmp_path: Path, install: Path, sample_odt: Path) -> None:
    source = tmp_path / "a.wps"
    source.write_bytes(b"x")
    program(
        install,
        "soffice",
        "folder = sys.argv[sys.argv.index('--outdir') + 1]\n"
        f"shutil.copy({str(sample_odt)!r}, folder + '/a.' + sys.argv[sys.argv.index('--convert-to') + 1])",
    )
    program(install, "antiword", "print('not asked')")
    document = converted(source, "doc", "Works", quick=False)
    assert (document.kind, document.text) == ("doc", "Two owls.")


def test_libreoffice_that_makes_nothing(tmp_path: Path, install: Path) -> None:
    program(install, "soffice", "sys.exit(0)")
    with pytest.raises(UnsupportedFormat):
        converted(tmp_path / "a.doc", "doc", "an old format")


@pytest.fixture
def sample_odt(tmp_path: Path) -> Path:
    """An ODT file with two words."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<o:document-content xmlns:o="{names}:office:1.0" xmlns:t="{names}:text:1.0"><o:body><o:text>'
        "<t:p>Two owls.</t:p></o:text></o:body></o:document-content>"
    )
    path = tmp_path / "sample.odt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
    return path
