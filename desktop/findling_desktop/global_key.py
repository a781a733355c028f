"""A key that opens the small search box from wherever the person is.

The desktop gives it, through the GlobalShortcuts portal of freedesktop.org (KDE Plasma, GNOME from 48 on,
Hyprland): it asks the person which key it is to be, and says when that is pressed. Nothing is grabbed, so
that it works under Wayland too. Where there is no such portal the desktop's own settings bind a key to
`findling-desktop --quick`.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from jeepney.io.blocking import DBusConnection
    from jeepney.low_level import Message

_BUS_NAME = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
_REQUEST = "org.freedesktop.portal.Request"
_SESSION = "org.freedesktop.portal.Session"
#: Tells the portal which desktop entry a program outside of a sandbox belongs to.
_REGISTRY = "org.freedesktop.host.portal.Registry"
_KEY = "search"
#: What the person is offered, as the shortcuts specification of freedesktop.org writes it.
_OFFERED = "CTRL+ALT+space"


class GlobalKey(QObject):
    """Asked for once, it is listened to until it is given back or the desktop takes it."""

    pressed = Signal()
    #: What the desktop calls the key; "" where it gives one as soon as the person chooses it there.
    given = Signal(str)
    #: There is none: no portal, or the person or the desktop refused.
    refused = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._bus: DBusConnection | None = None
        self._listening: QSocketNotifier | None = None
        self._tokens = count(1)
        #: Of the calls whose failure is the end of it.
        self._serials: set[int] = set()
        #: What is done with the answers that are waited for, by the path of the request.
        self._answers: dict[str, Callable[[dict[str, Any]], None]] = {}
        self._session = ""

    def ask(self, application: str, description: str) -> None:
        """Ask for a key for `application`, the name of its desktop entry, in words that the person is shown.
        One that is there stays."""
        if self._bus is not None:
            return
        if not sys.platform.startswith("linux"):
            self.refused.emit()
            return
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import open_dbus_connection

        try:
            self._bus = open_dbus_connection("SESSION")
            for interface in (_REQUEST, _SHORTCUTS, _SESSION):
                rule = MatchRule(type="signal", sender=_BUS_NAME, interface=interface)
                self._bus.send(message_bus.AddMatch(rule))
            self._call(_REGISTRY, "Register", "sa{sv}", (application, {}))
            options = {
                "handle_token": ("s", self._answered_by(partial(self._begun, description))),
                "session_handle_token": ("s", self._token()),
            }
            self._serials.add(self._call(_SHORTCUTS, "CreateSession", "a{sv}", (options,)))
        except (OSError, RuntimeError, KeyError, ValueError):  # no bus, or one that does not speak with us
            self._refuse()
            return
        self._listening = QSocketNotifier(self._bus.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._listening.activated.connect(self._hear)

    def give_back(self) -> None:
        """Do without it from now on."""
        if self._listening is not None:
            self._listening.setEnabled(False)
            self._listening.deleteLater()
        if self._bus is not None:
            self._bus.close()  # which ends the session
        self._bus = self._listening = None
        self._session = ""
        self._serials.clear()
        self._answers.clear()

    def _refuse(self) -> None:
        self.give_back()
        self.refused.emit()

    def _call(self, interface: str, method: str, signature: str, body: tuple[Any, ...]) -> int:
        """Its serial number."""
        from jeepney import DBusAddress, new_method_call

        assert self._bus is not None
        address = DBusAddress(_PATH, _BUS_NAME, interface)
        serial = next(self._bus.outgoing_serial)
        self._bus.send(new_method_call(address, method, signature, body), serial=serial)
        return serial

    def _token(self) -> str:
        return f"findling{next(self._tokens)}"

    def _answered_by(self, then: Callable[[dict[str, Any]], None]) -> str:
        """A token for a request; what it results in goes to `then`."""
        assert self._bus is not None
        token = self._token()
        sender = self._bus.unique_name[1:].replace(".", "_")
        self._answers[f"{_PATH}/request/{sender}/{token}"] = then
        return token

    def _hear(self) -> None:
        """Take all messages that have come."""
        while self._bus is not None:
            try:
                message = self._bus.receive(timeout=0)
            except TimeoutError:
                return
            except OSError:  # the session ends
                self._refuse()
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        from jeepney import HeaderFields, MessageType

        fields, body = message.header.fields, message.body
        path, member = fields.get(HeaderFields.path), fields.get(HeaderFields.member)
        kind = message.header.message_type
        if kind is MessageType.error and fields.get(HeaderFields.reply_serial) in self._serials:
            self._refuse()
        elif kind is not MessageType.signal:
            return
        elif member == "Response" and path in self._answers:
            self._answered(self._answers.pop(path), *body)
        elif member == "Activated" and body[:2] == (self._session, _KEY):
            if token := body[3].get("activation_token"):
                os.environ["XDG_ACTIVATION_TOKEN"] = token[1]  # Qt shows it to Wayland, once
            self.pressed.emit()
        elif member == "Closed" and path == self._session:
            self._refuse()

    def _answered(self, then: Callable[[dict[str, Any]], None], code: int, results: dict[str, Any]) -> None:
        try:
            if code == 0:
                then(results)
            else:
                self._refuse()
        except (OSError, KeyError, TypeError, ValueError):  # not answered as is agreed
            self._refuse()

    def _begun(self, description: str, results: dict[str, Any]) -> None:
        self._session = results["session_handle"][1]
        key = (_KEY, {"description": ("s", description), "preferred_trigger": ("s", _OFFERED)})
        options = {"handle_token": ("s", self._answered_by(self._bound))}
        body = (self._session, [key], "", options)
        self._serials.add(self._call(_SHORTCUTS, "BindShortcuts", "oa(sa{sv})sa{sv}", body))

    def _bound(self, results: dict[str, Any]) -> None:
        described = dict(results["shortcuts"][1])[_KEY]
        self.given.emit(described.get("trigger_description", ("s", ""))[1])
