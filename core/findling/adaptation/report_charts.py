"""The charts of a report as SVG: plain functions from figures to text, in which everything is escaped.

Colours come from the classes of the page's style sheet, so that a chart is light or dark with it.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Units of a chart's width: about as many pixels, so that its letters have the size of the page's.
_WIDTH = 340
_LABELS, _FIGURES = 100, 42
_ROW = 30
_HEIGHT = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 34
_INTERVAL_WIDTH, _INTERVAL_HEIGHT = 120, 18
_MAP = 340
_MAP_EDGE = 8
_TICKS = 4
#: Steps between the lines of a grid, times a power of ten.
_ROUND = (1, 2, 2.5, 5, 10)


def bars(title: str, rows: Sequence[tuple[str, float, float, float, str]]) -> str:
    """A bar from 0 for each (label, mean, low, high, class), in points of 0 … 100, with its interval."""
    most = max((high for _, _, _, high, _ in rows), default=0.0)
    top = min(100.0, most * 1.04) or 1.0
    room = _WIDTH - _LABELS - _FIGURES

    def at(value: float) -> float:
        return _LABELS + room * min(value, top) / top

    parts: list[str] = []
    for place, (label, mean, low, high, kind) in enumerate(rows):
        middle = place * _ROW + _ROW / 2 + 2
        parts += [
            _tag("text", label, x=_LABELS - 8, y=middle + 4, text_anchor="end", class_="label"),
            _tag("rect", x=_LABELS, y=middle - 9, width=at(mean) - _LABELS, height=18, rx=3, class_=kind),
            _line(at(low), middle, at(high), middle, "whisker"),
            _line(at(low), middle - 4, at(low), middle + 4, "whisker"),
            _line(at(high), middle - 4, at(high), middle + 4, "whisker"),
            _tag("text", f"{mean:.1f}", x=_WIDTH - 2, y=middle + 4, text_anchor="end", class_="figure"),
        ]
    return _svg(title, _WIDTH, len(rows) * _ROW + 4, parts)


def curve(
    title: str,
    points: Sequence[tuple[float, float]],
    *,
    below: str,
    kind: str,
    marked: float | None = None,
    mark: str = "",
    unit: str = "",
    digits: int = 2,
) -> str:
    """A line through (x, y), with what the x are written `below`; at x `marked` a rule that says `mark`."""
    if not points:
        return ""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    grid = _grid(min(ys), max(ys))
    low, high = min(grid[0], *ys), max(grid[-1], *ys)
    first, last = min(xs), max(xs)

    def across(x: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * ((x - first) / (last - first) if last > first else 0.5)

    def up(y: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * ((y - low) / (high - low))

    parts: list[str] = []
    for tick in grid:
        parts += [
            _line(_LEFT, up(tick), _WIDTH - _RIGHT, up(tick), "grid"),
            _tag("text", f"{tick:.{digits}f}", x=_LEFT - 6, y=up(tick) + 4, text_anchor="end", class_="tick"),
        ]
    bottom = _HEIGHT - _BOTTOM + 16
    ends = [(first, "start"), (last, "end")] if last > first else [(first, "middle")]
    parts += [
        _tag("text", f"{x:g}{unit}", x=across(x), y=bottom, text_anchor=anchor, class_="tick")
        for x, anchor in ends
    ]
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(_tag("text", below, x=middle, y=bottom, text_anchor="middle", class_="tick"))
    if marked is not None:
        side = "end" if across(marked) > middle else "start"
        shift = -5 if side == "end" else 5
        parts += [
            _line(across(marked), _TOP, across(marked), _HEIGHT - _BOTTOM, "rule"),
            _tag("text", mark, x=across(marked) + shift, y=_TOP + 10, text_anchor=side, class_="mark"),
        ]
    path = " ".join(f"{'L' if at else 'M'}{across(x):.1f} {up(y):.1f}" for at, (x, y) in enumerate(points))
    parts.append(_tag("path", d=path, class_=f"line {kind}"))
    parts += [
        _tag("circle", cx=across(x), cy=up(y), r=4.5 if x == marked else 2.5, class_=f"dot {kind}")
        for x, y in points
    ]
    return _svg(title, _WIDTH, _HEIGHT, parts)


def interval(mean: float, low: float, high: float, reach: float, kind: str) -> str:
    """A mean and its interval on a line from -`reach` to `reach`, with a rule at 0. The figures are to stand
    beside it: it says nothing to those who cannot see it."""

    def at(value: float) -> float:
        share = max(-1.0, min(1.0, value / reach if reach else 0.0))
        return _INTERVAL_WIDTH / 2 + share * (_INTERVAL_WIDTH / 2 - 5)

    middle = _INTERVAL_HEIGHT / 2
    parts = [
        _line(_INTERVAL_WIDTH / 2, 0, _INTERVAL_WIDTH / 2, _INTERVAL_HEIGHT, "zero"),
        _line(at(low), middle, at(high), middle, f"span {kind}"),
        _tag("circle", cx=at(mean), cy=middle, r=4, class_=f"dot {kind}"),
    ]
    return _tag(
        "svg",
        inner="".join(parts),
        viewBox=f"0 0 {_INTERVAL_WIDTH} {_INTERVAL_HEIGHT}",
        class_="interval",
        aria_hidden="true",
    )


def scatter(title: str, points: Iterable[Mapping[str, Any]], side: str) -> str:
    """The points of a map: each has a `group` and a `title`, and at `side` its place in 0 … 1."""
    room = _MAP - 2 * _MAP_EDGE
    dots: list[str] = []
    for point in points:
        x, y = point[side]
        dots.append(
            _tag(
                "circle",
                inner=_tag("title", point["title"]),
                cx=_MAP_EDGE + room * x,
                cy=_MAP_EDGE + room * (1 - y),
                r=2.6,
                class_=f"c{point['group']}",
            )
        )
    return _svg(title, _MAP, _MAP, dots, "map")


def _grid(low: float, high: float) -> list[float]:
    """Round values, about `_TICKS`, that reach from `low` to `high`."""
    wide = (high - low) or abs(high) or 1.0
    power = 10 ** math.floor(math.log10(wide / _TICKS))
    step = next(each * power for each in _ROUND if each * power >= wide / _TICKS * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _svg(title: str, width: float, height: float, parts: Iterable[str], kind: str = "") -> str:
    return _tag(
        "svg",
        inner=_tag("title", title) + "".join(parts),
        viewBox=f"0 0 {width} {height}",
        class_=f"chart {kind}".strip(),
        role="img",
        aria_label=title,
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return _tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def _tag(name: str, text: str = "", *, inner: str = "", **attributes: object) -> str:
    """An element with a text, or with `inner` elements; `text_anchor` stands for text-anchor, `class_` for
    class."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"' for key, value in attributes.items()
    )
    return f"<{name}{said}>{inner or escape(text)}</{name}>"


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
