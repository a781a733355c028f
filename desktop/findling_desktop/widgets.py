"""Small widgets that several views use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionSpinBox,
    QVBoxLayout,
    QWidget,
)

from findling_desktop import icons, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QPaintEvent, QWheelEvent
    from PySide6.QtWidgets import QLayout

    from findling_desktop.theme import Theme


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Button(QPushButton):
    """A push button with an icon in the theme's colours. `kind`: "", "primary", "quiet",
    "link" or "danger"."""

    def __init__(self, theme: Theme, text: str, icon: str = "", kind: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = icon
        self.setText(text)
        self.setProperty("kind", kind)
        self.setIconSize(QSize(18, 18))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        theme.changed.connect(self._redraw)
        self._redraw()

    def setText(self, text: str) -> None:  # noqa: N802 — Qt's name
        """Show `text`, and be called so by a screen reader."""
        # Styles put icon and text 4 px apart, which is too near for these sizes.
        super().setText(f" {text}" if self._icon_name and text else text)
        self.setAccessibleName(text)

    def show_icon(self, icon: str) -> None:
        """Take another icon."""
        self._icon_name = icon
        self._redraw()

    def _redraw(self) -> None:
        if self._icon_name:
            colours = self._theme.colours
            primary = self.property("kind") == "primary"
            colour = colours.on_accent if primary else colours.text
            self.setIcon(icons.icon(self._icon_name, colour))


class ElidedLabel(QLabel):
    """One line that gives up its middle (or its end) rather than the window's width."""

    def __init__(self, role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:  # noqa: N802 — Qt's name
        """Show `text`; a tool tip has all of it."""
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._mode, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class Chip(QLabel):
    """A short word on a tinted ground: a kind of file, a place in it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._kind = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()
        theme.changed.connect(self._redraw)

    def show_text(self, text: str, kind: str = "") -> None:
        """Show `text` in the colours of a file's `kind`; hide for no text."""
        self._kind = kind
        self.setText(text)
        self.setVisible(bool(text))
        self._redraw()

    def _redraw(self) -> None:
        ground, ink = self._theme.colours.badge(self._kind)
        self.setStyleSheet(
            f"background: {ground}; color: {ink}; border-radius: 4px; padding: 1px 6px; font-weight: 600;"
        )


class Switch(QFrame):
    """A row of choices of which one holds; arrow keys move between them."""

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str, str]], chosen: Callable[[str], None]
    ) -> None:
        """`choices` are (value, text, tool tip); `chosen` hears the value that a person takes."""
        super().__init__()
        self.setObjectName("switch")
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        for value, text, tip in choices:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setAccessibleDescription(f"{name}. {tip}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, value=value: chosen(value))
            self._group.addButton(button)
            self._buttons[value] = button
            row.addWidget(button)
        next(iter(self._buttons.values())).setChecked(True)

    def choose(self, value: str) -> None:
        """Show `value` as chosen, without telling."""
        self._buttons[value].setChecked(True)

    def rename(self, value: str, text: str, tip: str = "") -> None:
        """Give a choice another text, and perhaps another tool tip."""
        button = self._buttons[value]
        button.setText(text)
        button.setAccessibleName(text)
        if tip:
            button.setToolTip(tip)
            button.setAccessibleDescription(f"{self.accessibleName()}. {tip}")

    def button(self, value: str) -> QPushButton:
        """The button of a choice."""
        return self._buttons[value]


class Toggle(QCheckBox):
    """A name and a switch that is on or off at once."""

    _TRACK = QSize(34, 18)
    _GAP = 10

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """The name, a gap and the switch."""
        width = self.fontMetrics().horizontalAdvance(self.text()) + self._GAP + self._TRACK.width()
        return QSize(width, max(self.fontMetrics().height(), self._TRACK.height()) + 8)

    def minimumSizeHint(self) -> QSize:
        """Nothing of it can be left out."""
        return self.sizeHint()

    def hitButton(self, place: QPoint) -> bool:  # noqa: N802 — Qt's name
        """All of it can be clicked."""
        return self.rect().contains(place)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw the name on the left and the switch on the right."""
        colours, on = self._theme.colours, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
        width, height = self._TRACK.width(), self._TRACK.height()
        track = QRectF(self.width() - width + 1, (self.height() - height) / 2 + 1, width - 2, height - 2)
        edge = colours.accent if on else colours.control_border
        if self.hasFocus():
            edge = colours.text if on else colours.accent
        painter.setPen(QPen(QColor(edge), 2))
        painter.setBrush(QColor(colours.accent if on else colours.surface))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        inset = track.height() / 2
        knob = QRectF(0, 0, 10, 10)
        knob.moveCenter(QPointF(track.right() - inset if on else track.left() + inset, track.center().y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.on_accent if on else colours.control_border))
        painter.drawEllipse(knob)


class Choice(QComboBox):
    """A list of which one entry holds. The wheel scrolls the page, unless the keyboard is here."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.update)

    def setAccessibleName(self, name: str) -> None:  # noqa: N802 — Qt's name
        """Of the control, and of the list that it opens."""
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 — Qt's name
        """Only with the keyboard's focus."""
        _wheel(self, event, super().wheelEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow, which style sheets have from files alone."""
        super().paintEvent(event)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxArrow
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self)
        _draw_arrows(self, self._theme, (("down", room),))


class Number(QSpinBox):
    """A whole number, with steps. The wheel scrolls the page, unless the keyboard is here."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(6, 0, 0, 0)
        theme.changed.connect(self.update)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 — Qt's name
        """Only with the keyboard's focus."""
        _wheel(self, event, super().wheelEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrows, which style sheets have from files alone."""
        super().paintEvent(event)
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_SpinBox
        parts = (("up", QStyle.SubControl.SC_SpinBoxUp), ("down", QStyle.SubControl.SC_SpinBoxDown))
        rooms = [(name, self.style().subControlRect(control, option, part, self)) for name, part in parts]
        _draw_arrows(self, self._theme, rooms)


def _wheel(widget: QWidget, event: QWheelEvent, turned: Callable[[QWheelEvent], None]) -> None:
    if widget.hasFocus():
        turned(event)
    else:
        event.ignore()


def _draw_arrows(widget: QWidget, theme: Theme, arrows: Sequence[tuple[str, QRect]]) -> None:
    painter = QPainter(widget)
    colours = theme.colours
    for name, room in arrows:
        drawn = icons.pixmap(
            name, colours.muted if widget.isEnabled() else colours.border, 14, widget.devicePixelRatioF()
        )
        size = drawn.deviceIndependentSize()
        at = room.center() - QPointF(size.width() / 2, size.height() / 2).toPoint()
        painter.drawPixmap(at, drawn)


class ProgressBar(QProgressBar):
    """How far something is, without words."""

    _PARTS = 1000

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.show_share(None)

    def show_share(self, share: float | None) -> None:
        """0 … 1 of the work; None for what is not known."""
        self.setRange(0, 0 if share is None else self._PARTS)
        self.setValue(round((share or 0.0) * self._PARTS))


class Problem(QLabel):
    """What went wrong, and what to do; hidden until then."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", "danger")
        self.hide()

    def say(self, error: Exception) -> None:
        """Show an error."""
        self.setText(" ".join(filter(None, texts.error_texts(error))))
        self.show()


class Message(QWidget):
    """An icon, a title and a few lines in the middle of an empty place, perhaps with a button."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._icon_name = "search"
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title = label(role="title", wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text = label(role="lead", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QHBoxLayout()
        self._buttons.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons.setSpacing(8)
        inner = QVBoxLayout()
        inner.setSpacing(8)
        for part in (self._icon, self._title, self._text):
            inner.addWidget(part)
        inner.addSpacing(8)
        inner.addLayout(self._buttons)
        column = QWidget()
        column.setLayout(inner)
        column.setMaximumWidth(760)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(2)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(column, 8)
        centred.addStretch(1)
        outer.addLayout(centred)
        outer.addStretch(3)
        theme.changed.connect(self._redraw)

    @property
    def words(self) -> str:
        """Title and text as shown."""
        return f"{self._title.text()}\n{self._text.text()}"

    def say(self, icon: str, title: str, text: str) -> None:
        """Show this message, without buttons."""
        self._icon_name = icon
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        clear(self._buttons)
        self._redraw()

    def offer(self, text: str, icon: str, act: Callable[[], object]) -> None:
        """Add a button under the message."""
        button = Button(self._theme, text, icon)
        button.clicked.connect(lambda _=False: act())
        self._buttons.addWidget(button)

    def explain(self, keys: Sequence[tuple[str, str]]) -> None:
        """Add a row of keys and what they do."""
        for key, what in keys:
            shown = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            self._buttons.addWidget(label(shown, "key"))
            self._buttons.addWidget(label(what, "small"))
            self._buttons.addSpacing(8)

    def _redraw(self) -> None:
        colour = self._theme.colours.control_border
        self._icon.setPixmap(icons.pixmap(self._icon_name, colour, 40, self.devicePixelRatioF()))


def clear(layout: QLayout) -> None:
    """Take all widgets out of a layout, and let them go."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def confirm(parent: QWidget, title: str, text: str, more: str, deed: str, act: Callable[[], object]) -> None:
    """Ask whether; `act` where the button that says `deed` is pressed."""
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(more)
    button = box.addButton(deed, QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    button.clicked.connect(lambda _=False: act())
    box.finished.connect(box.deleteLater)
    box.open()


def line() -> QFrame:
    """A horizontal hairline."""
    made = QFrame()
    made.setObjectName("line")
    made.setFixedHeight(1)
    return made
