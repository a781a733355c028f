"""The preview pane: header with what can be done with the file, and below it what it holds, at the hit."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from findling.documents import FORMATTED
from findling_desktop import texts
from findling_desktop.preview.excerpt import telling_words
from findling_desktop.preview.formatted import FormattedView
from findling_desktop.preview.growing import Sought
from findling_desktop.preview.page_view import PageView
from findling_desktop.preview.text_view import TextView
from findling_desktop.reasons import why
from findling_desktop.widgets import Button, Chip, ElidedLabel, Message, Switch, label, line

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from findling.documents import Page, Part
    from findling.jobs import CancelToken
    from findling.library import DocumentText
    from findling.search import Hit
    from findling_desktop.theme import Theme
    from findling_desktop.workspace import Workspace


#: As it looks, on its page or with its headings and tables; or its text alone.
PAGE, TEXT = "page", "text"
#: After so long the text is shown until what was asked for is there.
_MEANWHILE_MILLISECONDS = 250
#: Who reads on still sees the last lines that were read.
_PAGE_SHARE = 0.85


class PreviewPane(QFrame):
    """Shows one hit at a time; a large document opens with the part around the hit."""

    open_wanted = Signal()
    reveal_wanted = Signal()
    copy_wanted = Signal()
    #: Where a link in a document leads.
    link_wanted = Signal(QUrl)

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace = workspace
        self._hit: Hit | None = None
        self._query = ""
        self._document: DocumentText | None = None
        self._document_id = ""
        self._request: CancelToken | None = None
        self.title = ElidedLabel("title", Qt.TextElideMode.ElideRight)
        self.path = ElidedLabel("small")
        self.copies = ElidedLabel("small")
        self.why = ElidedLabel("small", Qt.TextElideMode.ElideRight)
        self.kind = Chip(theme)
        self.anchor = Chip(theme)
        self.open_button = Button(theme, self.tr("Open"), "open", "primary")
        self.open_button.setToolTip(self.tr("Open the file (Enter)"))
        self.reveal_button = Button(theme, self.tr("Show in folder"), "folder")
        self.reveal_button.setToolTip(self.tr("Show the file in its folder (Ctrl+Enter)"))
        self.copy_button = Button(theme, self.tr("Copy path"), "copy")
        self.copy_button.setToolTip(self.tr("Copy the file's path (Ctrl+Shift+C)"))
        self.more_button = Button(theme, "", "more")
        self.more_button.setFixedWidth(44)
        self.more_button.setAccessibleName(self.tr("More"))
        self.more_button.setToolTip(self.tr("More like this, related documents, judgements"))
        self.text_view = TextView(theme)
        self.text = self.text_view.text
        self.more_above, self.more_below = self.text_view.more_above, self.text_view.more_below
        self.message = Message(theme)
        self.page_problem = label(role="small", wrap=True)
        self.page_problem.setContentsMargins(24, 8, 24, 8)
        self.page_view = PageView(theme)
        self.formatted = FormattedView(theme)
        self._meanwhile = QTimer(self)
        self._meanwhile.setSingleShot(True)
        self._meanwhile.setInterval(_MEANWHILE_MILLISECONDS)
        self.reading = Switch(
            self.tr("How to read it"),
            (
                (PAGE, self.tr("Page"), ""),
                (TEXT, self.tr("Text"), self.tr("The text alone")),
            ),
            self.read_as,
        )
        self._read_as = PAGE
        self._looks_request: CancelToken | None = None
        self._page_number = 0
        #: Whether the page that is on its way is to be shown at the passage.
        self._to_passage = False
        self._arrange()
        self.open_button.clicked.connect(self.open_wanted)
        self.reveal_button.clicked.connect(self.reveal_wanted)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.formatted.wanted.connect(self._format)
        self.formatted.link_wanted.connect(self.link_wanted)
        self._meanwhile.timeout.connect(lambda: self._content.setCurrentWidget(self.text_view))
        self.page_view.wanted.connect(lambda number, wide: self._draw(number, wide, to_passage=False))
        self.show_hit(None, "")

    def _arrange(self) -> None:
        self.setObjectName("panel")
        header = QVBoxLayout()
        header.setContentsMargins(24, 16, 24, 12)
        header.setSpacing(6)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        chips = QHBoxLayout()
        chips.setSpacing(8)
        for chip in (self.kind, self.anchor):
            chips.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        chips.addStretch(1)
        chips.addWidget(self.reading)
        for button in (self.open_button, self.reveal_button, self.copy_button, self.more_button):
            actions.addWidget(button)
        actions.addStretch(1)
        header.addLayout(chips)
        header.addWidget(self.title)
        header.addWidget(self.path)
        header.addWidget(self.copies)
        header.addWidget(self.why)
        header.addSpacing(4)
        header.addLayout(actions)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(line())
        self._content = QStackedWidget()
        self._views = (self.text_view, self.page_view, self.formatted)
        for view in self._views:
            self._content.addWidget(view)
        column.addWidget(self.page_problem)
        column.addWidget(self._content, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.message)
        self._stack.addWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._body = body
        self.setMinimumWidth(320)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where the keyboard's focus stops, in order."""
        return (
            self.open_button,
            self.reveal_button,
            self.copy_button,
            self.more_button,
            self.reading.button(PAGE),
            self.reading.button(TEXT),
            *self.text_view.stops,
            *self.formatted.stops,
            self.page_view.before,
            self.page_view.after,
            self.page_view.smaller,
            self.page_view.larger,
            self.page_view.picture,
        )

    def offer_menu(self, menu: QMenu) -> None:
        """Let a button open this menu."""
        self.more_button.setMenu(menu)

    def read_as(self, how: str) -> None:
        """Show files as they look, "page", or their "text"."""
        self._read_as = how
        self.reading.choose(how)
        self._show_looks()

    @property
    def reads_as(self) -> str:
        """ "page" or "text"."""
        return self._read_as

    def read_on(self, pages: int) -> None:
        """Scroll what is shown by so many pages, back for negative ones."""
        view = next(each for each in self._views if each is self._content.currentWidget())
        view.bar.setValue(view.bar.value() + round(_PAGE_SHARE * pages * view.bar.pageStep()))

    def show_hit(self, hit: Hit | None, query: str) -> None:
        """Show the document of `hit` around its passage, with the words of `query` marked."""
        for request in (self._request, self._looks_request):
            if request is not None:
                request.cancel()
        before = self._hit.passage_id if self._hit and self._document else ""
        self._hit, self._query = hit, query
        self.page_problem.hide()
        if hit is None:
            self._document, self._document_id = None, ""
            self.message.say("document", self.tr("Choose a result to read it here"), "")
            self._stack.setCurrentWidget(self.message)
            return
        self._show_header(hit)
        if hit.document_id != self._document_id:
            self.page_view.show_page(None, to_passage=False)
            self.formatted.empty()
        if hit.passage_id == before:
            self._mark_anew()  # found again, perhaps by other words: the place stays
        elif self._document is not None and self._document_id == hit.document_id:
            self._show_document(self._document)
        else:
            self._request = self._workspace.document(hit.document_id, self._show_document, self._show_error)

    def _show_header(self, hit: Hit) -> None:
        self.title.setText(hit.title or PurePath(hit.path).name)
        self.path.setText(texts.short_path(hit.path))
        others = [
            (self.tr("Also in: {}"), hit.copies),
            (self.tr("Nearly the same: {}"), hit.similar),
        ]
        told = [text.format(", ".join(map(texts.short_path, paths))) for text, paths in others if paths]
        self.copies.setText("  ·  ".join(told))
        self.copies.setVisible(bool(told))
        reason = why(hit)
        self.why.setText(self.tr("Why here? {}").format(reason))
        self.why.setVisible(bool(reason))
        self.kind.show_text(hit.kind.upper(), hit.kind)
        self.anchor.show_text(hit.anchor.label())
        self.reading.setVisible(_has_looks(hit))
        name, tip = self.tr("Page"), self.tr("The page as it looks")
        if not _has_pages(hit):
            name, tip = self.tr("Formatted"), self.tr("With its headings, lists and tables")
        self.reading.rename(PAGE, name, tip)

    def _show_document(self, document: DocumentText) -> None:
        hit = self._hit
        if hit is None:
            return
        self._document, self._document_id = document, hit.document_id
        if not document.text:
            self.message.say(
                "document",
                self.tr("This document has just changed"),
                self.tr("Its new text appears with the next results."),
            )
            self._stack.setCurrentWidget(self.message)
            return
        self.text_view.show_sought(self._sought(document, hit))
        self._stack.setCurrentWidget(self._body)
        self.text.scroll_to_passage()
        self._show_looks()

    def _sought(self, document: DocumentText, hit: Hit) -> Sought:
        """What is to be marked."""
        return Sought(
            document.text,
            document.span_of(hit.passage_id),
            self._words_of(hit),
            tuple(hit.snippet[first:last] for first, last in hit.meaning_highlights),
        )

    def _mark_anew(self) -> None:
        hit, document = self._hit, self._document
        if hit is None or document is None:
            return
        sought = self._sought(document, hit)
        self.text_view.mark(sought)
        if self._content.currentWidget() is not self.formatted or not self.formatted.mark(sought):
            self._show_looks(0 if self._to_passage else self._page_number)

    def _words_of(self, hit: Hit) -> frozenset[str]:
        """Those to mark."""
        return telling_words(self._query, [hit.snippet[first:last] for first, last in hit.highlights])

    # -- as it looks --------------------------------------------------------------------------------

    def _show_looks(self, number: int = 0) -> None:
        """Show the hit's page, or the one of this number that was turned to, or its document formatted, where
        it has that and the person wants it; else its text."""
        hit = self._hit
        self._meanwhile.stop()
        if hit is None or self._read_as == TEXT or not _has_looks(hit):
            self._content.setCurrentWidget(self.text_view)
        elif _has_pages(hit):
            self._content.setCurrentWidget(self.page_view)
            self._draw(number or hit.anchor.page or 1, self.page_view.wide, to_passage=not number)
        elif self._document is not None:
            self._content.setCurrentWidget(self.formatted)
            self._meanwhile.start()
            self.formatted.ask()

    def _format(self, before: int, after: int) -> None:
        hit, document = self._hit, self._document
        if hit is None or document is None:
            return

        def formatted(part: Part) -> None:
            self._meanwhile.stop()
            self.page_problem.hide()
            self._content.setCurrentWidget(self.formatted)
            if not self.formatted.show_part(part, self._sought(document, hit)):
                self._show_only_text(self.tr("The file has changed since it was indexed."))

        self._looks_request = self._workspace.part(
            hit, self._sought(document, hit).passage_text, (before, after), formatted, self._show_no_part
        )

    def _show_no_part(self, error: Exception) -> None:
        self._show_only_text(self.tr("Only the text can be shown: {}").format(texts.error_texts(error)[0]))

    def _draw(self, number: int, wide: int, *, to_passage: bool) -> None:
        hit, document = self._hit, self._document
        if hit is None or document is None:
            return
        start, end = document.span_of(hit.passage_id)
        words = tuple(sorted(self._words_of(hit)))
        self._page_number, self._to_passage = number, to_passage

        def drawn(page: Page) -> None:
            self._to_passage = False
            self.page_problem.hide()
            self.page_view.show_page(page, to_passage=to_passage)

        self._looks_request = self._workspace.page(
            hit.path, number, wide, document.text[start:end], words, drawn, self._show_no_page
        )

    def _show_no_page(self, error: Exception) -> None:
        self._show_only_text(self.tr("The page cannot be shown: {}").format(texts.error_texts(error)[0]))

    def _show_only_text(self, why: str) -> None:
        """It is there in any case."""
        self._meanwhile.stop()
        self.page_problem.setText(why)
        self.page_problem.show()
        self._content.setCurrentWidget(self.text_view)

    def _show_error(self, error: Exception) -> None:
        message, hint = texts.error_texts(error)
        self.message.say("warning", message, hint)
        self._stack.setCurrentWidget(self.message)


def _has_looks(hit: Hit) -> bool:
    """Whether it is more than its text."""
    return _has_pages(hit) or (hit.kind in FORMATTED and not hit.record)


def _has_pages(hit: Hit) -> bool:
    return hit.kind == "image" or (hit.kind == "pdf" and hit.anchor.page is not None)
