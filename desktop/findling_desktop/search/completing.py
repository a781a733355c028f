"""Completions of the query, and what was asked before, offered under the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from findling_desktop.search.popup import Entry, Popup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from findling.search.completion import Completion
    from findling_desktop.remembering import Offer
    from findling_desktop.search.box import SearchBox
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Workspace

#: A pause of this length asks for completions.
PAUSE_MILLISECONDS = 80
#: From so many letters on a word may be meant to be a filter's name; before, nearly every word would.
_LEAST_OF_A_FIELD = 2


class Completing(QObject):
    """Filters and their values are offered by themselves; words as pale letters in the box. Ctrl+Space lists
    all, Down in the empty box what was saved and asked. Down and Up choose, Enter takes what is chosen, Tab
    the first too, Escape leaves it."""

    #: Entry that was taken out of the list; the box has its text.
    taken = Signal(object)

    def __init__(self, workspace: Workspace, theme: Theme, box: SearchBox, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._box = box
        self._wants_all = False
        self.popup = Popup(theme, box, parent)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._ask)
        self.popup.taken.connect(self._take)
        box.edited.connect(self._edited)
        box.textChanged.connect(lambda _: self._hide())
        box.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the box that belong to the list."""
        if event.type() == QEvent.Type.FocusOut:
            self._leave()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        """Whether the key was meant for the list."""
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key == Qt.Key.Key_Space and held == Qt.KeyboardModifier.ControlModifier:
            self.list_all()
            return True
        if key == Qt.Key.Key_Down and not self._box.text() and not self.popup.isVisible():
            self.list_all()
            return True
        if held or not self.popup.isVisible():
            return False
        chosen = self.popup.chosen
        match key:
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self.popup.move_choice(1 if key == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Escape:
                self._leave()
            case Qt.Key.Key_Tab:
                self._take(chosen or self.popup.entries[0])
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if chosen is not None:
                self._take(chosen)
            case _:
                return False
        return True

    def list_all(self) -> None:
        """List what fits at the cursor, or, in the empty box, what was saved and asked."""
        if self._box.text().strip():
            self._wants_all = True
            self._ask()
        else:
            self._workspace.remembering.offers(self._offer_queries)

    def _edited(self) -> None:
        self._wants_all = False
        self._pause.start()

    def _leave(self) -> None:
        self._pause.stop()
        self._hide()

    def _hide(self) -> None:
        self._workspace.asking.drop_completions()
        self.popup.hide()

    def _ask(self) -> None:
        self._pause.stop()
        text, cursor = self._box.text(), self._box.cursorPosition()
        if text.strip():
            self._workspace.asking.complete(text, cursor, lambda found: self._offer(text, cursor, found))

    def _offer(self, text: str, cursor: int, found: Sequence[Completion]) -> None:
        if (self._box.text(), self._box.cursorPosition()) != (text, cursor) or not self._box.hasFocus():
            return
        filters = [one for one in found if _is_filter(text, one, cursor)]
        if not (filters or self._wants_all):
            words = [one for one in found if not one.text.endswith(":")]
            self._box.show_ghost(_rest(text, words[0], cursor) if words else "")
            self.popup.hide()
            return
        shown = found if self._wants_all else filters
        begun = min((one.start for one in shown), default=0)
        before = self._box.fontMetrics().horizontalAdvance(text[:begun])
        self.popup.offer([_entry(text, one) for one in shown], 28 + before)

    def _offer_queries(self, offers: Sequence[Offer]) -> None:
        if self._box.text().strip() or not self._box.hasFocus():
            return
        entries = [
            Entry(
                offer.name or offer.query,
                offer.query,
                len(offer.query),
                offer.query if offer.name else "",
                "star" if offer.name else "history",
                offer.mode,
            )
            for offer in offers
        ]
        self.popup.offer(entries, 0)

    def _take(self, entry: Entry) -> None:
        self._leave()
        self._box.replace_all(entry.text, entry.cursor)
        self.taken.emit(entry)


def _is_filter(text: str, completion: Completion, cursor: int) -> bool:
    """Whether it is a filter's name of which enough was typed, or a filter's value."""
    if completion.text.endswith(":"):
        return cursor - completion.start >= _LEAST_OF_A_FIELD
    return text[: completion.start].endswith(":")


def _rest(text: str, completion: Completion, cursor: int) -> str:
    """What is missing to the completion, "" where it does not go on as typed."""
    typed = text[completion.start : cursor]
    goes_on = completion.end == cursor and completion.text.lower().startswith(typed.lower())
    return completion.text[len(typed) :] if goes_on else ""


def _entry(text: str, completion: Completion) -> Entry:
    before, after = text[: completion.start] + completion.text, text[completion.end :]
    if not (completion.text.endswith(":") or after):
        before += " "  # it is whole: go on with what comes next
    return Entry(completion.label, before + after, len(before), completion.explanation)
