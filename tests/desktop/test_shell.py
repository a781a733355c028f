"""Revealing without a file manager opens the folder."""

from __future__ import annotations

import sys

import pytest

from findling_desktop.shell import Shell


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the session bus is of free desktops")
def test_reveal_falls_back_to_the_folder(qapp, monkeypatch, tmp_path):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    shell, opened = Shell(), []
    monkeypatch.setattr(shell, "open", lambda path: opened.append(path) is None)
    assert shell.reveal(tmp_path / "file.txt")
    assert opened == [tmp_path]


def test_copy_fills_the_clipboard(qapp):
    Shell().copy("/a/b.txt")
    assert qapp.clipboard().text() == "/a/b.txt"
