"""The window's style sheet: shapes, spacing on a 4 px grid, sizes relative to the system's font."""

from __future__ import annotations

from dataclasses import fields
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from findling_desktop.theme import Colours

_SHEET = Template(
    """
* { outline: none; }
QMainWindow, QDialog, QWidget#page { background: $window; color: $text; }
QLabel { background: transparent; color: $text; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="heading"] { font-size: ${heading}pt; font-weight: 600; }
QLabel[role="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[role="display"] { font-size: ${display}pt; font-weight: 600; }
QLabel[role="lead"] { font-size: ${lead}pt; color: $muted; }
QLabel[role="small"] { font-size: ${small}pt; color: $muted; }
QLabel[role="danger"] { color: $danger; font-weight: 600; }
QLabel[role="step"] { color: $muted; padding: 4px 10px; border-radius: 8px; }
QLabel[role="step"][state="now"] { background: $selected; color: $text; font-weight: 600; }
QLabel[role="step"][state="done"] { color: $accent; }
QLabel[role="key"] { background: $raised; border: 1px solid $border; border-radius: 4px;
    padding: 1px 6px; font-size: ${small}pt; }

QFrame#card { background: $surface; border: 1px solid $border; border-radius: 12px; }
QFrame#card[dropping="true"] { border: 2px dashed $accent; background: $selected; }
QFrame#panel { background: $surface; border: none; }
QFrame#strip { background: $surface; border: none; border-top: 1px solid $border; }
QFrame#strip[tone="danger"] { background: $danger_soft; }
QFrame#strip[tone="warning"] { background: $warning_soft; }
QFrame#header { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame#notice { background: transparent; border: none; border-radius: 6px; }
QFrame#notice[tone="warning"] { background: $warning_soft; }
QFrame#popup { background: $surface; border: 1px solid $control_border; border-radius: 10px; }
QListView#completions { background: transparent; border: none; }
QFrame#line { background: $border; border: none; }

QPushButton { background: $surface; color: $text; border: 1px solid $control_border;
    border-radius: 6px; padding: 6px 12px; min-height: 20px; }
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $selected; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 11px; }
QPushButton:disabled { color: $control_border; border-color: $border; }
QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent;
    font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="danger"] { color: $danger; border-color: $danger; font-weight: 600; }
QPushButton[kind="danger"]:hover { background: $danger_soft; }
QPushButton[kind="danger"]:focus { border: 2px solid $danger; }
QPushButton[kind="danger"]:disabled { color: $control_border; border-color: $border; }
QPushButton[size="large"] { padding: 10px 20px; border-radius: 8px; }
QPushButton[size="large"]:focus { padding: 9px 19px; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; }
QPushButton[kind="quiet"]:hover { background: $raised; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent; }
QPushButton[kind="link"] { background: transparent; border: 1px solid transparent; color: $accent;
    padding: 2px 6px; min-height: 16px; text-decoration: underline; }
QPushButton[kind="link"]:hover { color: $accent_hover; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; padding: 1px 5px; border-radius: 4px; }

QPushButton[kind="chip"] { background: $selected; border: 1px solid transparent; border-radius: 12px;
    padding: 1px 8px 1px 10px; min-height: 20px; }
QPushButton[kind="chip"]:hover { border-color: $control_border; }
QPushButton[kind="chip"]:focus { border: 2px solid $accent; padding: 0px 7px 0px 9px; }

QFrame#switch { background: $raised; border: 1px solid $border; border-radius: 8px; }
QFrame#switch QPushButton { background: transparent; border: 1px solid transparent; color: $muted;
    padding: 4px 12px; border-radius: 6px; }
QFrame#switch QPushButton:hover { color: $text; }
QFrame#switch QPushButton:checked { background: $surface; color: $text;
    border-color: $control_border; }
QFrame#switch QPushButton:focus { border: 2px solid $accent; padding: 3px 11px; }

QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget#page { background: $window; }

QLineEdit { background: $surface; color: $text; placeholder-text-color: $muted;
    border: 1px solid $control_border; border-radius: 8px; padding: 6px 8px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus { border: 2px solid $accent; padding: 5px 7px; }
QLineEdit#search { font-size: ${lead}pt; padding: 8px; border-radius: 10px; background: $surface; }
QLineEdit#search:focus { padding: 7px; }

QComboBox, QSpinBox { background: $surface; color: $text; border: 1px solid $control_border;
    border-radius: 6px; padding: 4px 8px; min-height: 20px; selection-background-color: $accent;
    selection-color: $on_accent; }
QComboBox[kind="quiet"] { background: transparent; border-color: transparent; padding: 2px 8px;
    min-height: 16px; }
QComboBox:hover { background: $raised; }
QComboBox:focus, QSpinBox:focus { border: 2px solid $accent; padding: 3px 7px; }
QComboBox:disabled, QSpinBox:disabled { color: $control_border; border-color: $border; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: $surface; color: $text; border: 1px solid $border;
    selection-background-color: $selected; selection-color: $text; padding: 4px; }
QSpinBox::up-button, QSpinBox::down-button { border: none; background: transparent; width: 24px; }
QSpinBox::up-button { subcontrol-position: top right; }
QSpinBox::down-button { subcontrol-position: bottom right; }
QSpinBox::up-arrow, QSpinBox::down-arrow { image: none; width: 0; height: 0; }

QListView, QTableView, QTextEdit { background: $surface; color: $text; border: none;
    selection-background-color: $accent; selection-color: $on_accent; }
QListView#results { background: $window; border: 2px solid transparent; }
QListView#results:focus { border: 2px solid transparent; }
QTableView { border: 1px solid $border; border-radius: 8px; gridline-color: transparent;
    alternate-background-color: $window; selection-background-color: $selected;
    selection-color: $text; }
QTableView:focus { border: 2px solid $accent; }
QTableView::item { padding: 4px 8px; border: none; }
QTableView::item:selected { background: $selected; color: $text; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none;
    border-bottom: 1px solid $border; padding: 8px 8px 8px 11px; font-weight: 600; text-align: left; }
QHeaderView::section:first { border-top-left-radius: 7px; }
QHeaderView::section:last { border-top-right-radius: 7px; }
QTextEdit#document { background: $surface; border: 2px solid transparent; padding: 0px; }
QTextEdit#document:focus { border: 2px solid $accent; border-radius: 8px; }
QPlainTextEdit, QTextBrowser { background: $surface; color: $text; border: 1px solid $border;
    border-radius: 8px; selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit:focus, QTextBrowser:focus { border: 2px solid $accent; }
QListWidget { border: 1px solid $border; border-radius: 8px; padding: 4px; }
QListWidget:focus { border: 2px solid $accent; padding: 3px; }
QListWidget::item { padding: 8px; border-radius: 6px; color: $text; }
QListWidget::item:selected { background: $selected; color: $text; }

QProgressBar { background: $raised; border: none; border-radius: 3px; max-height: 6px;
    min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $control_border; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; margin: 3px; }
QScrollBar::handle:horizontal { min-width: 32px; margin: 3px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenuBar { background: $surface; color: $text; border: none; padding: 2px 8px; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $surface; color: $text; border: 1px solid $border; border-radius: 8px;
    padding: 4px; }
QMenu::item { padding: 6px 28px 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $control_border; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }

QStatusBar { background: $surface; color: $muted; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; font-size: ${small}pt; padding: 2px 4px; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 8px; }
"""
)


def stylesheet(colours: Colours, points: float) -> str:
    """The style sheet in these colours; `points` is the size of the system's font."""
    sizes = {
        "small": points * 0.92,
        "lead": points * 1.12,
        "heading": points * 1.15,
        "title": points * 1.35,
        "display": points * 2.2,
    }
    values = {item.name: getattr(colours, item.name) for item in fields(colours)}
    return _SHEET.substitute(values, **{name: f"{size:.1f}" for name, size in sizes.items()})
