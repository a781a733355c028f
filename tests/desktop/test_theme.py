"""Contrast of both sets of colours, computed as WCAG 2.2 does, and the choice between them."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QPalette

from findling_desktop.theme import DARK, LIGHT, Theme, palette

SETS = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first, second) -> float:
    light, dark = sorted((_luminance(QColor(first)), _luminance(QColor(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@SETS
def test_text_is_readable_on_every_ground(colours):
    grounds = ("window", "surface", "raised", "selected", "passage", "meaning", "danger_soft", "warning_soft")
    for ground in grounds:
        assert contrast(colours.text, getattr(colours, ground)) >= 7, ground
        assert contrast(colours.muted, getattr(colours, ground)) >= 4.5, ground


@SETS
def test_coloured_text_is_readable(colours):
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_hover) >= 4.5
    assert contrast(colours.on_mark, colours.mark) >= 4.5
    assert contrast(colours.accent, colours.surface) >= 4.5
    assert contrast(colours.danger, colours.danger_soft) >= 4.5
    assert contrast(colours.warning, colours.warning_soft) >= 4.5
    for kind, (ground, ink) in colours.badges.items():
        assert contrast(ink, ground) >= 4.5, kind


@SETS
def test_controls_and_focus_stand_out(colours):
    for ground in ("window", "surface"):
        assert contrast(colours.control_border, getattr(colours, ground)) >= 3, ground
        assert contrast(colours.accent, getattr(colours, ground)) >= 3, ground


@SETS
def test_what_is_near_in_meaning_stands_out_from_words_and_ground(colours):
    for ground in ("surface", "selected", "passage", "meaning"):
        assert contrast(colours.meaning_line, getattr(colours, ground)) >= 3, ground
    assert colours.meaning not in (colours.mark, colours.selected, colours.passage)


@SETS
def test_palette_says_the_same(colours):
    made = palette(colours)
    role = QPalette.ColorRole
    assert contrast(made.color(role.Text), made.color(role.Base)) >= 7
    assert contrast(made.color(role.WindowText), made.color(role.Window)) >= 7
    assert contrast(made.color(role.HighlightedText), made.color(role.Highlight)) >= 4.5
    assert contrast(made.color(role.PlaceholderText), made.color(role.Base)) >= 4.5


def test_choosing_changes_the_application(qapp, qtbot):
    theme = Theme("light")
    with qtbot.waitSignals([theme.changed, theme.chosen]):
        theme.choose("dark")
    assert theme.colours is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    theme.choose("system")
    assert theme.colours is LIGHT  # what the offscreen platform prefers


def test_an_unknown_choice_follows_the_system():
    assert Theme("purple").choice == "system"
