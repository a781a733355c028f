"""What can be done with a hit or a search beyond opening: more like it, judgements, saving, forgetting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog

from findling_desktop import texts
from findling_desktop.asking import Like
from findling_desktop.search.model import title_of
from findling_desktop.widgets import confirm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from findling_desktop.asking import Answer
    from findling_desktop.menus import Menus
    from findling_desktop.remembering import Grades, Offer
    from findling_desktop.search import SearchPage
    from findling_desktop.workspace import Workspace


class HitActions(QObject):
    """Connects the menus with the search page and with what is remembered."""

    #: A few words for the status bar.
    told = Signal(str)

    def __init__(self, window: QWidget, menus: Menus, page: SearchPage, workspace: Workspace) -> None:
        super().__init__(window)
        self._window = window
        self._menus = menus
        self._page = page
        self._remembering = workspace.remembering
        menus.more_like.triggered.connect(self.more_like)
        menus.related.triggered.connect(self.related)
        menus.answers.triggered.connect(lambda: self._judge(1))
        menus.does_not.triggered.connect(lambda: self._judge(0))
        menus.save_search.triggered.connect(self.save_search)
        menus.keep_history.setChecked(self._remembering.keep)
        menus.keep_history.toggled.connect(self._remembering.set_keep)
        self._remembering.keep_changed.connect(menus.keep_history.setChecked)
        menus.clear_history.triggered.connect(self.clear_history)
        menus.search.aboutToShow.connect(self._list_saved)
        page.menu_wanted.connect(menus.hit.popup)
        page.answered.connect(self._read_grades)
        page.current_hit_changed.connect(lambda _: self.enable())
        page.results.hits.dataChanged.connect(lambda *_: self.enable())
        self.enable()

    def enable(self) -> None:
        """Leave those actions that make sense now."""
        menus, page = self._menus, self._page
        hit = page.current_hit
        for action in (menus.more_like, menus.related):
            action.setEnabled(hit is not None)
        grade = page.results.hits.grade(hit) if hit is not None else None
        for action, own in ((menus.answers, 1), (menus.does_not, 0)):
            action.setEnabled(hit is not None and bool(page.judged_query))
            action.setChecked(grade is not None and min(grade, 1) == own)

    # -- more like this -----------------------------------------------------------------------------

    def more_like(self) -> None:
        """Search for what is near to the current hit's passage."""
        if (hit := self._page.current_hit) is not None:
            place = hit.anchor.label()
            title = f"{title_of(hit)}, {place}" if place else title_of(hit)
            self._page.search_like(Like(title, passage_id=hit.passage_id))

    def related(self) -> None:
        """Search for what is near to the current hit's document."""
        if (hit := self._page.current_hit) is not None:
            self._page.search_like(Like(title_of(hit), document_id=hit.document_id))

    # -- judgements ---------------------------------------------------------------------------------

    def _read_grades(self, answer: Answer) -> None:
        self.enable()
        if answer.hits and not answer.request.illustrate and answer.request.like is None:
            self._remembering.grades(answer.query, lambda grades: self._show_grades(answer.query, grades))

    def _judge(self, grade: int) -> None:
        hit, query = self._page.current_hit, self._page.judged_query
        if hit is None or not query:
            return
        said = None if self._page.results.hits.grade(hit) == grade else grade

        def judged(grades: Grades) -> None:
            self._show_grades(query, grades)
            self.told.emit(
                {
                    1: self.tr("Noted: this answers “{}”"),
                    0: self.tr("Noted: this does not answer “{}”"),
                    None: self.tr("Taken back what was said for “{}”"),
                }[said].format(query)
            )

        self._remembering.judge(query, hit, said, judged)

    def _show_grades(self, query: str, grades: Grades) -> None:
        if query == self._page.judged_query:
            self._page.results.hits.show_grades(grades)
            self.enable()

    # -- saved searches and history -----------------------------------------------------------------

    def save_search(self) -> None:
        """Ask for a name, and save what the box says under it."""
        query, mode = self._page.box.text().strip(), self._page.mode
        if not query:
            self.told.emit(self.tr("Type a search first, then save it"))
            return
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(self.tr("Save this search"))
        dialog.setLabelText(self.tr("Name of the search “{}”:").format(query[:60]))
        dialog.setTextValue(query[:60])
        dialog.setOkButtonText(self.tr("Save"))

        def named(name: str) -> None:
            self._remembering.save(
                name, query, mode, lambda: self.told.emit(self.tr("Saved as “{}”").format(name.strip()))
            )

        dialog.textValueSelected.connect(named)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def clear_history(self) -> None:
        """Ask whether, and forget all that was asked."""

        def cleared(count: int) -> None:
            self.told.emit(self.tr("Forgotten: {}").format(texts.searches(count)))

        confirm(
            self._window,
            self.tr("Clear history"),
            self.tr("Forget all that was asked in this library?"),
            self.tr("Saved searches and judgements stay."),
            self.tr("Clear History"),
            lambda: self._remembering.clear_history(cleared),
        )

    def _list_saved(self) -> None:
        self._menus.remove_saved.clear()
        self._menus.remove_saved.setEnabled(False)
        self._remembering.offers(self._show_saved)

    def _show_saved(self, offers: list[Offer]) -> None:
        menu = self._menus.remove_saved
        menu.clear()
        for name in (offer.name for offer in offers if offer.name):
            action = menu.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, name=name: self._remove_saved(name))
        menu.setEnabled(not menu.isEmpty())

    def _remove_saved(self, name: str) -> None:
        self._remembering.remove_saved(
            name, lambda: self.told.emit(self.tr("The saved search “{}” is removed").format(name))
        )
