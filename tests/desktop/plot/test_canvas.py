"""Points that are zoomed into, pointed at and gone between; and names that keep clear of each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from findling_desktop.plot import Canvas, Label, Points
from findling_desktop.plot.labels import Crowd, placed
from findling_desktop.theme import DARK, LIGHT, Theme

#: A cross: middle, left, right, top, bottom.
PLACES = np.array([[0.5, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0], [0.5, 1.0]])
MIDDLE, LEFT, RIGHT, TOP, BOTTOM = range(5)


@pytest.fixture
def theme(qapp) -> Theme:
    made = Theme("light")
    yield made
    made.choose("system")


@pytest.fixture
def canvas(theme, qtbot) -> Canvas:
    made = Canvas(theme, "Map", "Points.")
    qtbot.addWidget(made)
    made.resize(600, 600)
    told = [(f"Title {point}", f"~/file-{point}.md") for point in range(5)]
    made.show_points(Points(PLACES, np.array([0, 1, 2, 3, 99]), told, (Label("middle", 0.5, 0.5),)))
    made.show()
    qtbot.waitExposed(made)
    return made


def colour_at(canvas: Canvas, point: int) -> str:
    place = canvas.place_of(point).toPoint()
    return canvas.grab().toImage().pixelColor(place).name()


def wheel(canvas: Canvas, place: QPointF, steps: int) -> None:
    down, no = QPoint(0, 120 * steps), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place, place, QPoint(), down, Qt.MouseButton.NoButton, no, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(canvas, event)


def test_all_points_are_in_sight_in_the_colours_of_their_groups(canvas):
    for point in range(5):
        assert canvas.rect().contains(canvas.place_of(point).toPoint())
    assert colour_at(canvas, LEFT) == LIGHT.groups[1]
    assert colour_at(canvas, BOTTOM) == LIGHT.control_border  # a group after those that have a colour


def test_the_wheel_zooms_about_the_cursor(canvas):
    place = canvas.place_of(RIGHT)
    wheel(canvas, place, 5)
    assert canvas.zoom > 2
    assert (canvas.place_of(RIGHT) - place).manhattanLength() < 1
    assert not canvas.rect().contains(canvas.place_of(LEFT).toPoint())
    wheel(canvas, place, -20)
    assert canvas.zoom == 1.0
    assert canvas.rect().contains(canvas.place_of(LEFT).toPoint())


def test_dragging_moves_and_selects_nothing(canvas, qtbot):
    canvas.zoom_by(4)
    before = canvas.place_of(MIDDLE)
    start = QPoint(100, 100)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, start + QPoint(30, 20))
    qtbot.mouseMove(canvas, start + QPoint(60, 40))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 40))
    moved = canvas.place_of(MIDDLE) - before
    assert (moved.x(), moved.y()) == (pytest.approx(60), pytest.approx(40))
    assert canvas.current == -1


def test_a_click_selects_and_a_double_click_opens(canvas, qtbot):
    with qtbot.waitSignal(canvas.selected) as told:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.place_of(TOP).toPoint() + QPoint(3, 3))
    assert told.args == [TOP]
    assert "Title 3, ~/file-3.md" in canvas.accessibleDescription()
    with qtbot.waitSignal(canvas.opened) as told:
        qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.place_of(LEFT).toPoint())
    assert told.args == [LEFT]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert canvas.current == -1
    assert "Title" not in canvas.accessibleDescription()


def test_a_double_click_beside_all_points_shows_all(canvas, qtbot):
    canvas.zoom_by(8)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert canvas.zoom == 1.0


def test_keys_go_from_point_to_point_zoom_and_open(canvas, qtbot):
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.current == MIDDLE  # the first one is that in the middle
    for key, point in (
        (Qt.Key.Key_Right, RIGHT),
        (Qt.Key.Key_Right, RIGHT),
        (Qt.Key.Key_Left, MIDDLE),
        (Qt.Key.Key_Up, TOP),
        (Qt.Key.Key_Down, MIDDLE),
    ):
        qtbot.keyClick(canvas, key)
        assert canvas.current == point
    with qtbot.waitSignal(canvas.opened) as told:
        qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert told.args == [MIDDLE]
    for _ in range(6):
        qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.zoom > 5
    qtbot.keyClick(canvas, Qt.Key.Key_Left)  # out of sight by now
    assert canvas.current == LEFT
    assert canvas.rect().contains(canvas.place_of(LEFT).toPoint())
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.zoom == 1.0


def test_what_stands_out_is_in_colour_and_is_gone_to(canvas, qtbot):
    which = np.array([False, True, True, False, False])
    canvas.emphasise(which, np.array([0.0, 1.0, 0.2, 0.0, 0.0]))
    assert colour_at(canvas, LEFT) == LIGHT.groups[1]
    assert colour_at(canvas, TOP) not in LIGHT.groups
    canvas.select(LEFT)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.current == RIGHT


def test_pointing_at_a_point_tells_of_it_and_nothing_in_it_is_markup(canvas, qtbot):
    from PySide6.QtWidgets import QToolTip

    canvas.show_points(Points(PLACES, np.zeros(5, np.int64), [("<b>R&D</b>", "~/a.md")] * 5))
    qtbot.mouseMove(canvas, canvas.place_of(TOP).toPoint())
    qtbot.waitUntil(lambda: "&lt;b&gt;R&amp;D&lt;/b&gt;" in QToolTip.text(), timeout=5_000)
    qtbot.mouseMove(canvas, QPoint(5, 5))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_points_are_drawn(canvas, qtbot, count):
    canvas.show_points(Points(PLACES[:count], np.zeros(count, np.int64), [("a", "b")] * count))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Return, Qt.Key.Key_0):
        qtbot.keyClick(canvas, key)
    assert not canvas.grab().isNull()
    assert canvas.current == (0 if count else -1)


def test_colours_follow_the_theme(canvas, theme):
    theme.choose("dark")
    assert colour_at(canvas, LEFT) == DARK.groups[1]


def luminance(colour: str) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
    return float(np.dot((0.2126, 0.7152, 0.0722), parts))


def rgb(colour: str) -> tuple[float, float, float]:
    made = QColor(colour)
    return made.redF(), made.greenF(), made.blueF()


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_points_can_be_told_from_the_ground(colours):
    assert len(set(colours.groups)) == 8
    for colour in (*colours.groups, colours.control_border):
        high, low = sorted((luminance(colour), luminance(colours.surface)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3.0


def test_names_keep_clear_of_each_other_and_of_points():
    room, size = QRectF(0, 0, 400, 300), QSizeF(120, 20)
    crowd = Crowd(np.array([[200.0, 150.0], [210.0, 152.0]]), np.ones(2), room.size())
    wanted = [(QPointF(200, 150), size)] * 3 + [(QPointF(900, 900), size), (QPointF(398, 2), size)]
    *near, outside, corner = placed(wanted, room, crowd)
    assert outside is None
    assert room.contains(corner)
    assert all(near)
    assert not near[0].contains(200, 150)
    assert not any(one.intersects(other) for one, other in itertools.combinations(near, 2))


def test_a_name_without_room_is_left_out():
    room, size = QRectF(0, 0, 100, 22), QSizeF(90, 20)
    crowd = Crowd(np.empty((0, 2)), np.empty(0), room.size())
    first, second = placed([(QPointF(50, 11), size)] * 2, room, crowd)
    assert first is not None
    assert second is None
