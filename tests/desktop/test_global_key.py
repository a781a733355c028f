"""The key for the search box, given by a portal that stands in for the desktop's on a bus of its own."""

from __future__ import annotations

import subprocess
import threading

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

from findling_desktop.global_key import GlobalKey
from findling_desktop.presence import Presence
from findling_desktop.windows import Windows

PORTAL = "org.freedesktop.portal"
PATH = "/org/freedesktop/portal/desktop"


@pytest.fixture
def bus(monkeypatch):
    """A session bus that nobody is on."""
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
        yield
        daemon.terminate()


class Portal(threading.Thread):
    """Notes what it is asked, and answers with `code` (0: granted, 1: the person said no)."""

    def __init__(self, code: int = 0, *, knows_shortcuts: bool = True) -> None:
        super().__init__(daemon=True)
        self.code, self.knows_shortcuts = code, knows_shortcuts
        self.asked: dict[str, tuple] = {}
        self.session = ""
        self._over = threading.Event()
        self._bus = open_dbus_connection("SESSION")
        self._bus.send_and_get_reply(message_bus.RequestName(f"{PORTAL}.Desktop"))
        self.start()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                message = self._bus.receive(timeout=0.05)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, message) -> None:
        fields = message.header.fields
        member, caller = fields[HeaderFields.member], fields[HeaderFields.sender]
        self.asked[member] = message.body
        if member == "Register" or not self.knows_shortcuts:
            self._bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))
            return
        options = message.body[-1]
        own = caller[1:].replace(".", "_")
        handle = f"{PATH}/request/{own}/{options['handle_token'][1]}"
        self._bus.send(new_method_return(message, "o", (handle,)))
        if member == "CreateSession":
            self.session = f"{PATH}/session/{own}/{options['session_handle_token'][1]}"
            code, results = 0, {"session_handle": ("s", self.session)}
        else:
            bound = [("search", {"trigger_description": ("s", "Ctrl+Alt+Space")})]
            code, results = self.code, {"shortcuts": ("a(sa{sv})", bound)}
        self._tell(handle, f"{PORTAL}.Request", "Response", "ua{sv}", (code, results))

    def press(self, shortcut: str = "search", session: str = "") -> None:
        body = (session or self.session, shortcut, 1, {})
        self._tell(PATH, f"{PORTAL}.GlobalShortcuts", "Activated", "osta{sv}", body)

    def end_session(self) -> None:
        self._tell(self.session, f"{PORTAL}.Session", "Closed", "a{sv}", ({},))

    def _tell(self, path, interface, member, signature, body) -> None:
        self._bus.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    def close(self) -> None:
        self._over.set()
        self.join(5)
        self._bus.close()


@pytest.fixture
def portal(bus):
    made = []

    def build(*arguments, **options) -> Portal:
        made.append(Portal(*arguments, **options))
        return made[-1]

    yield build
    for each in made:
        each.close()


@pytest.fixture
def key(qapp):
    made = GlobalKey()
    yield made
    made.give_back()


def test_a_key_is_asked_for_and_its_presses_are_heard(portal, key, qtbot):
    desktop = portal()
    with qtbot.waitSignal(key.given, timeout=10_000) as given:
        key.ask("findling", "Search with Findling")
    assert given.args == ["Ctrl+Alt+Space"]
    assert desktop.asked["Register"][0] == "findling"
    session, keys, _, _ = desktop.asked["BindShortcuts"]
    assert session == desktop.session
    [(_, described)] = keys
    assert described["description"] == ("s", "Search with Findling")
    pressed = []
    key.pressed.connect(lambda: pressed.append(1))
    desktop.press("another")
    desktop.press(session=f"{PATH}/session/other")
    desktop.press()
    desktop.press()
    qtbot.waitUntil(lambda: len(pressed) == 2, timeout=10_000)
    with qtbot.waitSignal(key.refused, timeout=10_000):
        desktop.end_session()
    with qtbot.waitSignal(key.given, timeout=10_000):
        key.ask("findling", "Search with Findling")


@pytest.mark.parametrize("answers", [{"code": 1}, {"knows_shortcuts": False}], ids=["no", "old portal"])
def test_a_desktop_that_refuses(portal, key, qtbot, answers):
    portal(**answers)
    with qtbot.waitSignal(key.refused, timeout=10_000):
        key.ask("findling", "Search with Findling")


def test_without_a_portal_or_a_bus(bus, key, qtbot, monkeypatch):
    with qtbot.waitSignal(key.refused, timeout=10_000):
        key.ask("findling", "Search with Findling")
    for address in ("unix:path=/nowhere/bus", "tcp:host=127.0.0.1,port=1", "nonsense"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with qtbot.waitSignal(key.refused, timeout=10_000):
            key.ask("findling", "Search with Findling")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    with qtbot.waitSignal(key.refused, timeout=10_000):
        key.ask("findling", "Search with Findling")


@pytest.fixture
def presence(qapp, open_window, home, bus):
    made = Presence(qapp, Windows(lambda *_: open_window(home)))
    yield made
    made._close()


def test_the_setting_brings_the_key_and_takes_it_away(portal, presence, qtbot):
    desktop, window = portal(), presence._windows.current
    window.preferences.choose("search_key", value=True)
    qtbot.waitUntil(lambda: "Ctrl+Alt+Space" in window.statusBar().currentMessage(), timeout=10_000)
    desktop.press()
    qtbot.waitUntil(presence.quick.isVisible, timeout=10_000)
    presence.quick.hide()
    window.preferences.choose("search_key", value=False)
    with qtbot.assertNotEmitted(presence.key.pressed, wait=200):
        desktop.press()


def test_where_there_is_none_the_setting_says_what_to_do(presence, qtbot):
    window = presence._windows.current
    window.preferences.choose("search_key", value=True)
    qtbot.waitUntil(lambda: "--quick" in window.statusBar().currentMessage(), timeout=10_000)
    assert not window.preferences["search_key"]
