"""Draws a hit: badge, title, score; folder and anchor; a few lines of text with the query's words marked."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from findling_desktop.search.model import HIT_ROLE, SHARE_ROLE, title_of
from findling_desktop.texts import short_path

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


class HitDelegate(QStyledItemDelegate):
    """All rows are equally high, so that a long list costs no more than what is seen of it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _: Index) -> QSize:
        """Room for title, place and the snippet's lines."""
        title, plain, small = _fonts(option.font)
        height = (
            QFontMetricsF(title).height()
            + QFontMetricsF(small).height()
            + _SNIPPET_LINES * QFontMetricsF(plain).height() * _LINE_SPACING
        )
        return QSize(280, round(height + 3 * _GAP + 2 * _PADDING + _MARGIN))

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
        card = rect.adjusted(_MARGIN, _MARGIN / 2, -_MARGIN, -_MARGIN / 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = colours.selected if selected else colours.raised if hovered else colours.surface
        edge = colours.accent if focused else colours.border
        painter.setPen(QPen(QColor(edge), 2.0 if focused else 1.0))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        inner = card.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        title, plain, small = _fonts(option.font)
        top = self._draw_head(painter, inner, title, small, hit, index.data(SHARE_ROLE))
        top = self._draw_place(painter, inner, top + _GAP, small, hit)
        self._draw_snippet(painter, inner, top + _GAP + 2, plain, hit)
        painter.restore()

    def _draw_head(
        self, painter: QPainter, inner: QRectF, title: QFont, small: QFont, hit: Hit, share: float
    ) -> float:
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
        room = QRectF(left, line.top(), bar.left() - 12 - left, line.height())
        painter.setFont(title)
        painter.setPen(QColor(colours.text))
        text = metrics.elidedText(title_of(hit), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        return line.bottom()

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
        mark = QTextCharFormat()
        mark.setBackground(QColor(self._theme.colours.mark))
        mark.setForeground(QColor(self._theme.colours.on_mark))
        ranges: list[QTextLayout.FormatRange] = []
        for start, end in hit.highlights:
            if start < shown:
                span = QTextLayout.FormatRange()
                span.start, span.length, span.format = start, min(end, shown) - start, mark  # pyright: ignore[reportAttributeAccessIssue]
                ranges.append(span)
        painter.setPen(QColor(self._theme.colours.text))
        layout.draw(painter, QPointF(inner.left(), top), ranges)


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
