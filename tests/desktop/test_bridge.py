"""Lanes and the way back to the GUI thread."""

from __future__ import annotations

import threading

import pytest

from findling.errors import Cancelled, FindlingError
from findling_desktop.bridge import Bridge


@pytest.fixture
def bridge(qapp):
    made = Bridge()
    yield made
    made.close()


def test_answers_come_to_the_gui_thread(bridge, qtbot):
    answers = []
    bridge.io(threading.current_thread, lambda t: answers.append((t, threading.current_thread())), print)
    qtbot.waitUntil(lambda: len(answers) == 1)
    worker, receiver = answers[0]
    assert worker.name.startswith("io lane")
    assert receiver is threading.main_thread()


def test_the_latest_query_wins(bridge, qtbot):
    answers, begun = [], threading.Event()

    def slow(token):
        begun.set()
        stopped = threading.Event()
        token.on_cancel(stopped.set)
        assert stopped.wait(10)
        return "slow"

    first = bridge.query(slow, answers.append, print)
    assert begun.wait(5)
    second = bridge.query(lambda _: "second", answers.append, print)
    bridge.query(lambda _: "third", answers.append, print)
    qtbot.waitUntil(lambda: answers == ["third"])
    assert first.cancelled
    assert second.cancelled


def test_a_dropped_query_has_no_answer(bridge, qtbot):
    answers = []
    bridge.query(lambda _: "dropped", answers.append, print)
    bridge.drop_query()
    bridge.io(lambda: "later", answers.append, print)
    qtbot.waitUntil(lambda: answers == ["later"])


def test_failures_are_told_and_cancelling_is_none(bridge, qtbot):
    heard = []

    def cancelled():
        raise Cancelled

    def failing():
        raise FindlingError("why")

    bridge.io(cancelled, heard.append, heard.append)
    bridge.io(failing, heard.append, lambda error: heard.append(str(error)))
    qtbot.waitUntil(lambda: heard == ["why"])


def test_a_bug_is_told_and_reaches_the_excepthook(bridge, qtbot):
    heard = []
    with qtbot.captureExceptions() as bugs:
        bridge.io(lambda: 1 // 0, print, heard.append)
        qtbot.waitUntil(lambda: len(bugs) == 1)
    assert bugs[0][0] is ZeroDivisionError
    assert len(heard) == 1


def test_nothing_is_answered_after_close(bridge, qtbot):
    answers = []
    bridge.io(lambda: 1, answers.append, print)
    bridge.close()
    bridge.io(lambda: 2, answers.append, print)
    bridge.post(lambda: answers.append("last"))
    qtbot.waitUntil(lambda: answers == ["last"])
