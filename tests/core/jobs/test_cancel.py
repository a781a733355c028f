"""The token by which one thread stops another."""

from __future__ import annotations

import threading

import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken


def test_check_passes_until_cancelled() -> None:
    token = CancelToken()
    token.check()
    token.cancel()
    assert token.cancelled
    with pytest.raises(Cancelled):
        token.check()


def test_a_paused_check_waits_for_resume() -> None:
    token = CancelToken()
    token.pause()
    assert token.paused
    passed = threading.Event()

    def work() -> None:
        token.check()
        passed.set()

    worker = threading.Thread(target=work)
    worker.start()
    assert not passed.wait(0.05)
    token.resume()
    assert passed.wait(10)
    worker.join()
    assert not token.paused


def test_cancel_wakes_a_paused_check_and_outlasts_pause() -> None:
    token = CancelToken()
    token.pause()
    raised: list[bool] = []

    def work() -> None:
        with pytest.raises(Cancelled):
            token.check()
        raised.append(True)

    worker = threading.Thread(target=work)
    worker.start()
    token.cancel()
    worker.join(10)
    assert raised == [True]
    token.pause()  # nothing would ever resume it
    assert not token.paused
    with pytest.raises(Cancelled):
        token.check()


def test_callbacks_run_once_and_at_once_when_it_is_too_late() -> None:
    token = CancelToken()
    calls: list[str] = []
    token.on_cancel(lambda: calls.append("early"))
    assert calls == []
    token.cancel()
    token.cancel()
    assert calls == ["early"]
    token.on_cancel(lambda: calls.append("late"))
    assert calls == ["early", "late"]
