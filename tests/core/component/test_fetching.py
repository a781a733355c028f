"""A component from an address, on loopback: resumed, verified, refused, cancelled."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from findling.component import State, status
from findling.component.fetching import is_address
from findling.component.installing import install
from findling.component.place import fetched_of
from findling.errors import Cancelled, DownloadError, UserError
from findling.jobs import CancelToken, Progress

if TYPE_CHECKING:
    from conftest import LocalHub, MakeComponent

    from findling.settings import Home

NAME = "training.gguf"  # the hub states the sha256 of what it takes for weights
CUT = 2000


@pytest.fixture
def server(start_hub: Any, make_component: MakeComponent) -> LocalHub:
    return start_hub(files={NAME: make_component().read_bytes()})


def address(server: LocalHub) -> str:
    return f"{server.endpoint}/{server.repo}/resolve/{server.commit}/{NAME}"


def refused(server: LocalHub, home: Home, source: str = "") -> UserError:
    with pytest.raises(UserError) as caught:
        install(source or address(server), home)
    assert len(str(caught.value).splitlines()) == 1
    assert status(home).state is State.ABSENT
    return caught.value


def test_what_is_an_address() -> None:
    assert is_address("https://example.org/a.zip")
    assert not is_address("/home/me/a.zip")
    assert not is_address("C:\\a.zip")


def test_it_is_fetched_and_its_file_is_not_kept(server: LocalHub, home: Home) -> None:
    steps: list[Progress] = []
    checksum = hashlib.sha256(server.files[NAME]).hexdigest()
    assert install(f"{address(server)}#sha256={checksum}", home, report=steps.append).state is State.READY
    phases = list(dict.fromkeys(step.phase for step in steps))
    assert phases[:1] + phases[-1:] == ["connecting", "unpacked"]
    assert not fetched_of(home).exists()
    assert all(seen.headers["User-Agent"].startswith("findling/") for seen in server.seen)


def test_a_cut_connection_is_taken_up(server: LocalHub, home: Home) -> None:
    server.cuts[NAME] = [0, CUT, CUT]
    assert install(address(server), home).state is State.READY
    ranges = [seen.headers.get("Range") for seen in server.of(NAME)]
    assert ranges == [None, None, f"bytes={CUT}-", f"bytes={2 * CUT}-"]


def test_a_server_that_gives_up_is_resumed_by_the_next_call(server: LocalHub, home: Home) -> None:
    server.cuts[NAME] = [0, CUT, 0, 0, 0]
    assert "go on" in refused(server, home).hint
    assert status(home).unfinished_bytes == CUT
    assert install(address(server), home).state is State.READY
    assert server.of(NAME)[-1].headers["Range"] == f"bytes={CUT}-"


def test_a_server_without_ranges_begins_anew(server: LocalHub, home: Home) -> None:
    server.ranges = False
    server.cuts[NAME] = [0, CUT]
    assert install(address(server), home).state is State.READY


def test_bytes_of_another_file_are_not_mixed_in(
    server: LocalHub, home: Home, make_component: MakeComponent
) -> None:
    server.cuts[NAME] = [0, CUT, 0, 0, 0]
    refused(server, home)
    server.files[NAME] = make_component("new.zip", packages={"torch": "10"}).read_bytes()
    found = install(address(server), home)
    assert found.manifest is not None
    assert found.manifest.packages == {"torch": "10"}
    assert server.of(NAME)[-1].headers.get("Range") is None


def test_what_came_whole_is_not_fetched_again(server: LocalHub, home: Home) -> None:
    token = CancelToken()

    def report(progress: Progress) -> None:
        if progress.phase == "unpacking":
            token.cancel()

    with pytest.raises(Cancelled):
        install(address(server), home, report=report, cancel=token)
    sent = len(server.of(NAME))
    assert install(address(server), home).state is State.READY
    assert len(server.of(NAME)) == sent + 1  # asked what is there


def test_a_wrong_checksum_is_refused_and_nothing_kept(server: LocalHub, home: Home) -> None:
    error = refused(server, home, f"{address(server)}#sha256={'0' * 64}")
    assert "checksum" in error.message
    assert status(home).unfinished_bytes == 0
    assert "no checksum" in refused(server, home, f"{address(server)}#md5=1").message


def test_what_is_damaged_is_not_kept_either(server: LocalHub, home: Home) -> None:
    content = bytearray(server.files[NAME])
    content[content.index(b"made_up_torch/large.bin") + 100] ^= 0xFF
    server.files[NAME] = bytes(content)
    assert "is damaged" in refused(server, home).message
    assert not fetched_of(home).exists()


def test_addresses_that_are_not_safe_are_refused_unasked(server: LocalHub, home: Home) -> None:
    assert "not protected" in refused(server, home, "http://example.invalid/training.zip").message
    assert "no address" in refused(server, home, "https:///training.zip").message
    server.answers[NAME] = [(302, {"Location": "http://example.invalid/training.zip"})]


def test_what_is_not_there_is_told(server: LocalHub, home: Home) -> None:
    error = refused(server, home, f"{address(server)}.old")
    assert isinstance(error, DownloadError)
    assert "404" in error.message
    assert "cannot be reached" in refused(server, home, "http://127.0.0.1:9/training.zip").message


def test_too_little_room_is_told_before_it_comes(
    server: LocalHub, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(home.data.parent.parent)._replace(free=1_000_000)
    monkeypatch.setattr("findling.component.fetching.shutil.disk_usage", lambda _: usage)
    assert "1.0 MB are free" in refused(server, home).message
    assert len(server.of(NAME)) == 1


def test_a_cancel_waits_for_no_server(server: LocalHub, home: Home) -> None:
    server.stalls[NAME] = CUT
    token = CancelToken()

    def stop() -> None:
        server.stalled.wait()
        token.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        install(address(server), home, cancel=token)
    stopper.join()
    assert time.monotonic() - began < 5
    server.released.set()
    server.stalls.clear()
    assert install(address(server), home).state is State.READY
