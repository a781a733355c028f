"""Which part of a plane a widget shows, and how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float64]

#: Pixels around what is fitted in, and what they are of a small widget's side at most.
_MARGIN = 36.0
_MARGIN_SHARE = 0.07
MOST_ZOOM = 60.0
_LEAST_EXTENT = 1e-3


class Camera:
    """Turns places on the plane into pixels and back. A `zoom` of 1 shows all points."""

    def __init__(self) -> None:
        self.zoom = 1.0
        self._size = np.array([1.0, 1.0])
        self._low = np.zeros(2)
        self._high = np.ones(2)
        self._centre = np.array([0.5, 0.5])

    def frame(self, places: Places) -> None:
        """Let these, float64 (N, 2), be all that there is, and show it."""
        self._low, self._high = np.zeros(2), np.ones(2)
        if len(places):
            self._low, self._high = places.min(axis=0), places.max(axis=0)
        self.fit()

    def resize(self, width: int, height: int) -> None:
        """The widget is so many pixels large."""
        self._size = np.array([max(1.0, width), max(1.0, height)])

    def fit(self) -> None:
        """Show everything."""
        self.zoom = 1.0
        self._centre = (self._low + self._high) / 2

    @property
    def scale(self) -> float:
        """Pixels of a plane's unit."""
        room = np.maximum(self._size - 2 * self._margin, 16.0)
        extent = np.maximum(self._high - self._low, _LEAST_EXTENT)
        return float((room / extent).min()) * self.zoom if extent.max() > _LEAST_EXTENT else 1.0

    def pixels(self, places: Places) -> Places:
        """Where these places stand in the widget, (N, 2)."""
        return (places - self._centre) * self.scale + self._size / 2

    def zoom_about(self, x: float, y: float, factor: float) -> None:
        """Show it larger by `factor`; what is at this pixel stays there."""
        offset = np.array([x, y]) - self._size / 2
        before = self.scale
        self.zoom = min(MOST_ZOOM, max(1.0, self.zoom * factor))
        self._centre = self._centre + offset / before - offset / self.scale
        self._keep_in()

    def pan(self, x: float, y: float) -> None:
        """Move what is shown by so many pixels."""
        self._centre = self._centre - np.array([x, y]) / self.scale
        self._keep_in()

    def look_at(self, place: Places) -> None:
        """Bring a place, (2,), into view, if it is not."""
        pixel = self.pixels(place[None])[0]
        margin = self._margin / 2
        wanted = np.clip(pixel, margin, self._size - margin)
        if not np.array_equal(wanted, pixel):
            self.pan(*(wanted - pixel))

    @property
    def _margin(self) -> float:
        return min(_MARGIN, _MARGIN_SHARE * float(self._size.min()))

    def _keep_in(self) -> None:
        if self.zoom == 1.0:
            self.fit()
        else:
            self._centre = np.clip(self._centre, self._low, self._high)
