"""One window for each home, which a second start speaks to."""

from __future__ import annotations

import pytest
from filelock import FileLock, Timeout
from PySide6.QtNetwork import QLocalSocket

from findling.settings import Home
from findling_desktop.instance import Instance


@pytest.fixture
def first(tmp_path, qapp):
    instance = Instance.claim(Home.at(tmp_path / "home"))
    assert instance is not None
    yield instance
    instance.close()


def test_a_second_start_hands_its_question_over(first, tmp_path, qtbot):
    home = Home.at(tmp_path / "home")
    with qtbot.waitSignal(first.asked, timeout=5_000) as heard:
        assert Instance.claim(home, "who feeds the goats") is None
    assert heard.args == ["who feeds the goats"]
    with qtbot.waitSignal(first.quick_wanted, timeout=5_000):
        assert Instance.claim(home, quick=True) is None
    other = Instance.claim(Home.at(tmp_path / "other"))
    assert other is not None
    other.close()
    first.close()
    again = Instance.claim(home)
    assert again is not None
    again.close()


def test_others_see_by_a_lock_that_the_window_is_open(first, tmp_path, qtbot):
    home = Home.at(tmp_path / "home")
    qtbot.waitUntil(home.window_lock.exists, timeout=5_000)

    def taken() -> bool:
        try:
            with FileLock(home.window_lock, timeout=0):
                return False
        except Timeout:
            return True

    assert taken()
    first.let_go()
    assert not taken()
    with FileLock(home.window_lock):
        first.hold()  # another program holds it: the window opens all the same
    assert not taken()
    first.hold()
    first.hold()
    assert taken()
    first.close()
    assert not taken()
    first.hold()
    assert not taken()


def test_what_is_no_question_is_not_heard(first, qtbot):
    heard: list[str] = []
    first.asked.connect(heard.append)
    for said in (b"", b"{", b'["question"]', b'{"question": 5}', b"x" * 200_000):
        socket = QLocalSocket()
        socket.connectToServer(first._server.serverName())
        assert socket.waitForConnected(2_000)
        socket.write(said)
        socket.waitForBytesWritten(2_000)
        socket.disconnectFromServer()
    qtbot.waitUntil(lambda: not first._heard, timeout=5_000)
    qtbot.wait(100)
    assert heard == []


def test_the_window_comes_and_searches(window, qtbot):
    window.show_library()
    window.showMinimized()
    window.come("barley soup")
    assert not window.isMinimized()
    assert window.pages.currentWidget() is window.search
    qtbot.waitUntil(lambda: window.search.answered_query == "barley soup", timeout=10_000)


def test_a_question_waits_for_the_library(open_window, home, qtbot, monkeypatch):
    from findling_desktop.main_window import MainWindow

    shown = MainWindow.showEvent

    def show(window, event):
        window.ask_when_ready("barley soup")
        shown(window, event)

    monkeypatch.setattr(MainWindow, "showEvent", show)
    window = open_window(home)
    qtbot.waitUntil(lambda: window.search.answered_query == "barley soup", timeout=10_000)
