"""Draws a hit: badge, title, score; folder and anchor; a few lines of text with the query's words and the
nearest sentence marked; the document's further places."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from findling_desktop import icons
from findling_desktop.search.model import (
    GRADE_ROLE,
    HIT_ROLE,
    PLACES_ROLE,
    SHARE_ROLE,
    similar_text,
    title_of,
)
from findling_desktop.texts import short_path
from findling_desktop.theme import mark_looks

if TYPE_CHECKING:
    from findling.search import Hit
    from findling_desktop.theme import Theme

    Index = QModelIndex | QPersistentModelIndex

_MARGIN = 8  # between two cards, and to the list's border
_PADDING = 12
_GAP = 6
_SNIPPET_LINES = 3
_BAR_WIDTH = 40
_RADIUS = 8
_LINE_SPACING = 1.25
#: Of results that belong to what was asked before.
_DIMMED = 0.45
_MARK_SIZE = 16


class HitDelegate(QStyledItemDelegate):
    """A row that names further places is a line higher than one that does not."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        #: Whether the rows belong to what was asked before.
        self.dimmed = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for title, place, the snippet's lines, and further places."""
        title, plain, small = _fonts(option.font)
        height = (
            QFontMetricsF(title).height()
            + QFontMetricsF(small).height()
            + _SNIPPET_LINES * QFontMetricsF(plain).height() * _LINE_SPACING
        )
        if _has_foot(index):
            height += QFontMetricsF(small).height() + _GAP
        return QSize(280, round(height + 3 * _GAP + 2 * _PADDING + _MARGIN))

    def place_at(self, option: QStyleOptionViewItem, index: Index, point: QPointF) -> int | None:
        """The number of the further place whose name is drawn at `point`, if one is."""
        _, _, small = _fonts(option.font)
        links, _ = self._foot(_inner(QRectF(option.rect)), small, index)  # pyright: ignore[reportAttributeAccessIssue]
        return next((place for place, _, box in links if box.contains(point)), None)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one hit as a card."""
        hit: Hit = index.data(HIT_ROLE)
        colours = self._theme.colours
        # PySide's stubs leave out the fields that QStyleOptionViewItem inherits.
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        rect = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        card = _card(rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(_DIMMED if self.dimmed else 1.0)
        ground = colours.selected if selected else colours.raised if hovered else colours.surface
        edge = colours.accent if focused else colours.border
        painter.setPen(QPen(QColor(edge), 2.0 if focused else 1.0))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        inner = _inner(rect)
        title, plain, small = _fonts(option.font)
        top = self._draw_head(painter, inner, (title, small), hit, index)
        top = self._draw_place(painter, inner, top + _GAP, small, hit)
        self._draw_snippet(painter, inner, top + _GAP + 2, plain, hit)
        self._draw_foot(painter, inner, small, index)
        painter.restore()

    def _draw_head(
        self, painter: QPainter, inner: QRectF, fonts: tuple[QFont, QFont], hit: Hit, index: Index
    ) -> float:
        title, small = fonts
        share: float = index.data(SHARE_ROLE)
        colours = self._theme.colours
        metrics = QFontMetricsF(title)
        line = QRectF(inner.left(), inner.top(), inner.width(), metrics.height())
        badge = hit.kind.upper()
        badge_width = self._draw_chip(painter, line, line.left(), badge, hit.kind, small)
        score = f"{hit.score:.2f}" if hit.score < 10 else f"{hit.score:.1f}"
        numbers = QFontMetricsF(small)
        score_width = max(numbers.horizontalAdvance(score), numbers.horizontalAdvance("0.00"))
        painter.setFont(small)
        painter.setPen(QColor(colours.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, right, score)
        bar = QRectF(line.right() - score_width - 8 - _BAR_WIDTH, line.center().y() - 2, _BAR_WIDTH, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.border))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(
            QRectF(bar.topLeft(), QPointF(bar.left() + bar.width() * share, bar.bottom())), 2, 2
        )
        left = line.left() + badge_width + 8
        end = self._draw_grade(painter, bar.left() - 12, line, index.data(GRADE_ROLE))
        room = QRectF(left, line.top(), end - left, line.height())
        painter.setFont(title)
        painter.setPen(QColor(colours.text))
        text = metrics.elidedText(title_of(hit), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        return line.bottom()

    def _draw_grade(self, painter: QPainter, right: float, line: QRectF, grade: int | None) -> float:
        """Draw what the person said of the passage before `right`; where the title must end."""
        if grade is None:
            return right
        colours = self._theme.colours
        name, colour = ("check", colours.accent) if grade else ("clear", colours.danger)
        drawn = icons.pixmap(name, colour, _MARK_SIZE, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(right - _MARK_SIZE, line.center().y() - _MARK_SIZE / 2), drawn)
        return right - _MARK_SIZE - 6

    def _draw_place(self, painter: QPainter, inner: QRectF, top: float, small: QFont, hit: Hit) -> float:
        colours = self._theme.colours
        metrics = QFontMetricsF(small)
        line = QRectF(inner.left(), top, inner.width(), metrics.height())
        left = line.left()
        if anchor := hit.anchor.label():
            anchor = metrics.elidedText(anchor, Qt.TextElideMode.ElideRight, line.width() * 0.5)
            left += self._draw_chip(painter, line, left, anchor, "", small) + 8
        folder = short_path(str(PurePath(hit.path).parent))
        painter.setFont(small)
        painter.setPen(QColor(colours.muted))
        room = QRectF(left, line.top(), line.right() - left, line.height())
        text = metrics.elidedText(folder, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        return line.bottom()

    def _draw_chip(
        self, painter: QPainter, line: QRectF, left: float, text: str, kind: str, font: QFont
    ) -> float:
        """Draw a tinted word at `left`; its width."""
        ground, ink = self._theme.colours.badge(kind)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(bold)
        width = metrics.horizontalAdvance(text) + 12
        box = QRectF(left, line.center().y() - metrics.height() / 2 - 1, width, metrics.height() + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(bold)
        painter.setPen(QColor(ink))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return width

    def _draw_snippet(self, painter: QPainter, inner: QRectF, top: float, plain: QFont, hit: Hit) -> None:
        layout, shown = _layout(hit.snippet, plain, inner.width())
        colours = self._theme.colours
        word, near = mark_looks(colours)
        ranges: list[QTextLayout.FormatRange] = []
        for spans, look in ((hit.meaning_highlights, near), (hit.highlights, word)):
            for start, end in spans:
                if start < shown:
                    span = QTextLayout.FormatRange()
                    span.start, span.length, span.format = start, min(end, shown) - start, look  # pyright: ignore[reportAttributeAccessIssue]
                    ranges.append(span)
        painter.setPen(QColor(colours.text))
        layout.draw(painter, QPointF(inner.left(), top), ranges)

    def _foot(self, inner: QRectF, small: QFont, index: Index) -> tuple[list[tuple[int, str, QRectF]], str]:
        """The further places with their names and where these are drawn, and what is said behind them."""
        metrics = QFontMetricsF(small)
        line = QRectF(inner.left(), inner.bottom() - metrics.height(), inner.width(), metrics.height())
        similar = len(index.data(HIT_ROLE).similar)
        told = similar_text(similar) if similar else ""
        end = line.right() - (metrics.horizontalAdvance(told) + 16 if told else 0)
        left = line.left() + metrics.horizontalAdvance(_also_at())
        links: list[tuple[int, str, QRectF]] = []
        for place, label in index.data(PLACES_ROLE):
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, line.width() * 0.4)
            width = metrics.horizontalAdvance(text)
            if left + width > end:
                break
            links.append((place, text, QRectF(left, line.top(), width, line.height())))
            left += width + 16
        return links, told

    def _draw_foot(self, painter: QPainter, inner: QRectF, small: QFont, index: Index) -> None:
        if not _has_foot(index):
            return
        colours = self._theme.colours
        links, told = self._foot(inner, small, index)
        height = QFontMetricsF(small).height()
        line = QRectF(inner.left(), inner.bottom() - height, inner.width(), height)
        painter.setFont(small)
        painter.setPen(QColor(colours.muted))
        align = Qt.AlignmentFlag.AlignVCenter
        if links:
            painter.drawText(line, align, _also_at())
        painter.drawText(line, align | Qt.AlignmentFlag.AlignRight if links else align, told)
        painter.setPen(QColor(colours.accent))
        linked = QFont(small)
        linked.setUnderline(True)
        painter.setFont(linked)
        for _, text, box in links:
            painter.drawText(box, align, text)


def _card(rect: QRectF) -> QRectF:
    return rect.adjusted(_MARGIN, _MARGIN / 2, -_MARGIN, -_MARGIN / 2)


def _inner(rect: QRectF) -> QRectF:
    return _card(rect).adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)


def _has_foot(index: Index) -> bool:
    return bool(index.data(PLACES_ROLE) or index.data(HIT_ROLE).similar)


def _also_at() -> str:
    return QCoreApplication.translate("HitDelegate", "Also at ")


def _fonts(base: QFont) -> tuple[QFont, QFont, QFont]:
    """For title, snippet and small print."""
    title, small = QFont(base), QFont(base)
    title.setWeight(QFont.Weight.DemiBold)
    title.setPointSizeF(base.pointSizeF() * 1.05)
    small.setPointSizeF(base.pointSizeF() * 0.9)
    return title, QFont(base), small


def _layout(text: str, font: QFont, width: float) -> tuple[QTextLayout, int]:
    """`text` in the snippet's lines, and how many of its characters are shown unchanged."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    metrics = QFontMetricsF(font)
    shown = len(text)
    layout = _broken(text, font, option, width)
    if layout.lineCount() > _SNIPPET_LINES:
        last = layout.lineAt(_SNIPPET_LINES - 1).textStart()
        tail = metrics.elidedText(text[last:], Qt.TextElideMode.ElideRight, width)
        shown = last + len(tail) - 1
        layout = _broken(text[:last] + tail, font, option, width)
    return layout, shown


def _broken(text: str, font: QFont, option: QTextOption, width: float) -> QTextLayout:
    layout = QTextLayout(text, font)
    layout.setTextOption(option)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height() * _LINE_SPACING
    layout.endLayout()
    return layout
