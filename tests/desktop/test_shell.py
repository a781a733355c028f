"""Revealing without a file manager opens the folder."""

from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import QUrl

from findling.documents import Anchor
from findling.settings import Home, Settings
from findling_desktop.shell import Shell


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the session bus is of free desktops")
def test_reveal_falls_back_to_the_folder(qapp, monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    shell, opened = Shell(Settings(Home.at(tmp_path))), []
    monkeypatch.setattr(shell, "open", lambda path: opened.append(path) is None)
    assert shell.reveal(tmp_path / "file.txt")
    assert opened == [tmp_path]


def test_copy_fills_the_clipboard(qapp, tmp_path):
    Shell(Settings(Home.at(tmp_path))).copy("/a/b.txt")
    assert qapp.clipboard().text() == "/a/b.txt"


def test_a_place_is_opened_by_the_command_of_the_settings_and_else_left_to_the_desktop(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    command = f"{sys.executable} -c \"import sys; open(sys.argv[1] + '.at', 'w').write('{{page}}')\" {{path}}"
    shell = Shell(Settings(Home.at(tmp_path), pdf_viewer=command))
    assert shell.open_at(tmp_path / "a.pdf", Anchor(page=4))
    for thread in threading.enumerate():
        if thread.name == "viewer":
            thread.join(10)
    assert (tmp_path / "a.pdf.at").read_text() == "4"
    (tmp_path / "a.docx").write_bytes(b"PK")
    assert not shell.open_at(tmp_path / "a.docx", Anchor(headings=("One",)))


def test_of_links_only_those_to_web_pages_and_letters_are_opened(tmp_path):
    shell = Shell(Settings(Home.at(tmp_path)))
    for link in ("file:///etc/hosts", "other.md", "javascript:alert(1)", "#below"):
        assert not shell.follow(QUrl(link))
