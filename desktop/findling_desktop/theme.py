"""Colours of the window, light and dark, and the object that says which of them holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette, QTextCharFormat
from PySide6.QtWidgets import QApplication

from findling_desktop.stylesheet import stylesheet

CHOICES = ("system", "light", "dark")
#: Kinds of file whose badges look alike.
_WORDS = ("docx", "doc", "odt", "rtf")
_SHEETS = ("xlsx", "xls", "ods", "csv")
_SLIDES = ("pptx", "ppt", "odp", "html", "mhtml")
_MAIL = ("eml", "msg", "mbox", "ics")
_PAGES = ("epub", "fb2", "image")
_MARKED = ("md", "rst", "adoc", "org", "tex", "ipynb", "code")


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours, as "#rrggbb". Text on its background reaches 4.5 : 1, borders of controls 3 : 1
    (WCAG 2.2 AA, 1.4.3 and 1.4.11)."""

    dark: bool
    window: str
    surface: str
    raised: str
    border: str
    control_border: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    selected: str
    mark: str
    on_mark: str
    meaning: str
    meaning_line: str
    passage: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    #: Of points on `surface`, 3 : 1 and more; far apart in OKLab (0.11 and more) also for those who lack red,
    #: green or blue (simulated after Machado et al. 2009, doi:10.1109/TVCG.2009.113).
    groups: tuple[str, ...]
    #: (background, text) of the badge of each kind of file; "" is for kinds not named.
    badges: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def badge(self, kind: str) -> tuple[str, str]:
        """Background and text of a kind's badge."""
        return self.badges.get(kind, self.badges[""])


LIGHT = Colours(
    dark=False,
    window="#f3f5f7",
    surface="#ffffff",
    raised="#eaeff2",
    border="#dbe2e7",
    control_border="#7f8d99",
    text="#17212b",
    muted="#556370",
    accent="#0d6780",
    accent_hover="#0a5468",
    on_accent="#ffffff",
    selected="#e2f0f4",
    mark="#ffe38a",
    on_mark="#2a2000",
    meaning="#dcefe3",
    meaning_line="#2f7d57",
    passage="#edf6f8",
    danger="#ad2219",
    danger_soft="#fdeeec",
    warning="#7c5000",
    warning_soft="#fff5df",
    groups=("#508cff", "#e16e28", "#28286e", "#c80028", "#aa6eaa", "#5028ff", "#6e0000", "#8c28aa"),
    badges={
        "": ("#e8ecf0", "#46535f"),
        "pdf": ("#fbe7e4", "#9c2a1d"),
        **dict.fromkeys(_WORDS, ("#e3ecfb", "#1f4f9c")),
        **dict.fromkeys(_SHEETS, ("#e1f2e4", "#1c6130")),
        **dict.fromkeys(_SLIDES, ("#fdeedd", "#86480b")),
        **dict.fromkeys(_MAIL, ("#efe6fa", "#61339c")),
        **dict.fromkeys(_PAGES, ("#fbf0d4", "#6f5200")),
        **dict.fromkeys(_MARKED, ("#e0f1ee", "#14625a")),
    },
)

DARK = Colours(
    dark=True,
    window="#11161b",
    surface="#181f26",
    raised="#232c35",
    border="#2b3540",
    control_border="#6c7a88",
    text="#e6ebf0",
    muted="#9dabb8",
    accent="#6cc4dd",
    accent_hover="#8ed3e6",
    on_accent="#06212a",
    selected="#1b3540",
    mark="#6b5310",
    on_mark="#fff2c6",
    meaning="#1f4034",
    meaning_line="#74c79f",
    passage="#1a2b33",
    danger="#ff9c92",
    danger_soft="#3a201e",
    warning="#f1c56f",
    warning_soft="#352b15",
    groups=("#6effff", "#ff8c00", "#aa8cff", "#ffe128", "#008c8c", "#8c28ff", "#28c8aa", "#aa5000"),
    badges={
        "": ("#2b3540", "#c3cdd6"),
        "pdf": ("#43231f", "#ffb3a9"),
        **dict.fromkeys(_WORDS, ("#1f3152", "#b4cefb")),
        **dict.fromkeys(_SHEETS, ("#1b3a24", "#a4dcb3")),
        **dict.fromkeys(_SLIDES, ("#42301b", "#f5c896")),
        **dict.fromkeys(_MAIL, ("#35244d", "#d3bcf5")),
        **dict.fromkeys(_PAGES, ("#3a3115", "#ecd58f")),
        **dict.fromkeys(_MARKED, ("#173a36", "#9fded4")),
    },
)


class Theme(QObject):
    """Which colours hold: the system's preference, or what the person chose."""

    changed = Signal()
    #: The person chose one of `CHOICES`.
    chosen = Signal(str)

    def __init__(self, choice: str = "system", percent: int = 100) -> None:
        """`percent` is the size of letters, of the system's."""
        super().__init__()
        self.choice = choice if choice in CHOICES else "system"
        self._percent = percent
        self._points = QGuiApplication.font().pointSizeF()
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def colours(self) -> Colours:
        """The colours that hold now."""
        return self._colours

    def choose(self, choice: str) -> None:
        """Take "system", "light" or "dark"."""
        if choice != self.choice:
            self.choice = choice
            self._apply()
            self.chosen.emit(choice)

    def enlarge(self, percent: int) -> None:
        """Show letters of so many percent of the system's size."""
        if percent != self._percent:
            self._percent = percent
            self._apply()

    def _follow(self) -> None:
        if self.choice == "system":
            self._apply()

    def _apply(self) -> None:
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        hints = QGuiApplication.styleHints()
        if self.choice in schemes:
            hints.setColorScheme(schemes[self.choice])  # title bars and file dialogs follow
            dark = self.choice == "dark"
        else:
            hints.unsetColorScheme()
            dark = hints.colorScheme() == Qt.ColorScheme.Dark
        self._colours = DARK if dark else LIGHT
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.setPalette(palette(self._colours))
        font = application.font()
        font.setPointSizeF(self._points * self._percent / 100)
        application.setFont(font)
        sheet = stylesheet(self._colours, font.pointSizeF())
        if application.styleSheet() != sheet:  # all widgets of all windows would be styled anew
            application.setStyleSheet(sheet)
        self.changed.emit()


def mark_looks(colours: Colours) -> tuple[QTextCharFormat, QTextCharFormat]:
    """How the query's words are marked in a text, and the sentence that is nearest in meaning."""
    word, near = QTextCharFormat(), QTextCharFormat()
    word.setBackground(QColor(colours.mark))
    word.setForeground(QColor(colours.on_mark))
    near.setBackground(QColor(colours.meaning))
    near.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    near.setUnderlineColor(QColor(colours.meaning_line))
    return word, near


def palette(colours: Colours) -> QPalette:
    """The palette for what the style sheet does not draw."""
    role = QPalette.ColorRole
    made = QPalette(QColor(colours.surface), QColor(colours.window))
    for which, colour in {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.surface,
        role.AlternateBase: colours.raised,
        role.Text: colours.text,
        role.PlaceholderText: colours.muted,
        role.Button: colours.surface,
        role.ButtonText: colours.text,
        role.BrightText: colours.danger,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Accent: colours.accent,
        role.Link: colours.accent,
        role.LinkVisited: colours.accent,
        role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text,
        role.Mid: colours.border,
        role.Light: colours.surface,
        role.Dark: colours.control_border,
    }.items():
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.control_border))
    return made
