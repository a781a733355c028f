"""The search box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QInputMethodEvent,
    QKeyEvent,
    QPainter,
    QTextCharFormat,
)
from PySide6.QtWidgets import QLineEdit

from findling_desktop import icons

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from findling_desktop.theme import Theme

#: So many characters at once were not typed: they are a text to find more like it.
PASTED_CHARACTERS = 300


class SearchBox(QLineEdit):
    """Where the query is typed. Down and Enter lead to the results, Escape clears.

    A part can be marked as mistaken, and what would complete the text is shown behind it in pale letters:
    Right and End take it.
    """

    down_wanted = Signal()
    submitted = Signal()
    escaped = Signal()
    #: A long text that was pasted; the box is as it was before.
    pasted = Signal(str)
    #: Text or cursor changed by the person's hand.
    edited = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        #: The text as it was last told, and a long text pasted into it that is taken out again.
        self._known = ""
        self._pasted = ""
        self._replacing = False
        self._mistake = (0, 0)
        self._composing = False
        self._ghost = ""
        self.setObjectName("search")
        self.setAccessibleName(self.tr("Search"))
        self.setAccessibleDescription(
            self.tr("Results appear as you type; Control and Space show completions")
        )
        self.setPlaceholderText(self.tr("Search your documents: a question, a few words…"))
        self._lens = QAction(self)
        self._clear = QAction(self.tr("Clear the search"), self)
        self._clear.setToolTip(self.tr("Clear (Esc)"))
        self._clear.triggered.connect(self.clear)
        self._clear.setVisible(False)
        self.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(self._changed)
        self.textEdited.connect(self._edited)
        self.cursorPositionChanged.connect(lambda *_: self.show_ghost(""))
        theme.changed.connect(self._redraw)
        self._redraw()

    # -- what stands in it --------------------------------------------------------------------------

    def mark_mistake(self, start: int, end: int) -> None:
        """Underline characters [start, end); where those are none, what comes before them."""
        end = min(end, len(self.text()))
        self._mistake = (min(start, max(0, end - 1)), end)
        self._format()

    @property
    def mistaken(self) -> str:
        """The part that is marked."""
        start, end = self._mistake
        return self.text()[start:end]

    def show_ghost(self, text: str) -> None:
        """Offer to go on with `text` behind what was typed."""
        at_end = self.cursorPosition() == len(self.text()) and not self.hasSelectedText()
        text = text if at_end and not self._composing else ""
        if text != self._ghost:
            self._ghost = text
            self.update()

    @property
    def ghost(self) -> str:
        """What is offered to go on with."""
        return self._ghost

    def replace_all(self, text: str, cursor: int) -> None:
        """Put another text in its place, as if it was typed, so that it can be undone."""
        self._replacing = True
        self.selectAll()
        self.insert(text)
        self._replacing = False
        self.setCursorPosition(cursor)
        self.edited.emit()

    # -- keys ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that lead out of the box."""
        match event.key():
            case Qt.Key.Key_Down:
                self.down_wanted.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not event.modifiers():
                self.submitted.emit()
            case Qt.Key.Key_Escape:
                self.clear()
                self.escaped.emit()
            case Qt.Key.Key_Right | Qt.Key.Key_End if self._ghost and not event.modifiers():
                self.replace_all(self.text() + self._ghost, len(self.text()) + len(self._ghost))
            case _:
                super().keyPressEvent(event)

    def type_key(self, event: QKeyEvent) -> None:
        """Take over a key that was pressed elsewhere."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setCursorPosition(len(self.text()))
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Leave Ctrl+D to the window, where it saves the search; a line would delete a character."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_D
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
            return False
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 — Qt's name
        """Note whether letters are being composed."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    # -- drawing ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is offered behind the cursor."""
        super().paintEvent(event)
        if not self._ghost:
            return
        cursor = QRectF(self.cursorRect())
        left = cursor.center().x() + 1
        room = QRectF(left, 0, self.width() - self.textMargins().right() - 34 - left, self.height())
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.colours.muted))
        painter.setFont(self.font())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._ghost)

    def _changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self.show_ghost("")
        if self._mistake != (0, 0):
            self.mark_mistake(0, 0)
        if not self._pasted:
            self._known = text

    def _edited(self, text: str) -> None:
        """Qt tells this before `textChanged`."""
        if self._replacing:
            return
        if len(text) - len(self._known) > PASTED_CHARACTERS:
            self._pasted = _inserted(self._known, text)
            QTimer.singleShot(0, self._give_back)
        else:
            self.edited.emit()

    def _give_back(self) -> None:
        pasted, self._pasted = self._pasted, ""
        self.setText(self._known)
        self.pasted.emit(pasted)

    def _format(self) -> None:
        """Have the line's own layout draw the mark: it knows about scrolling and the direction of letters."""
        if self._composing:
            return
        start, end = self._mistake
        attributes: list[QInputMethodEvent.Attribute] = []
        if end > start:
            look = QTextCharFormat()
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            look.setUnderlineColor(QColor(self._theme.colours.danger))
            look.setBackground(QColor(self._theme.colours.danger_soft))
            attributes.append(
                QInputMethodEvent.Attribute(
                    QInputMethodEvent.AttributeType.TextFormat,
                    start - self.cursorPosition(),
                    end - start,
                    look,
                )
            )
        super().inputMethodEvent(QInputMethodEvent("", attributes))

    def _redraw(self) -> None:
        muted = self._theme.colours.muted
        self._lens.setIcon(icons.icon("search", muted))
        self._clear.setIcon(icons.icon("clear", muted))
        if self._mistake != (0, 0):
            self._format()


def _inserted(before: str, after: str) -> str:
    """What was put into `before`, or in the place of a part of it."""
    start = 0
    while start < len(before) and before[start] == after[start]:
        start += 1
    end = 0
    while end < len(before) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return after[start : len(after) - end]
