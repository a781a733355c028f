"""Points on a plane that one looks around in, as several views draw them."""

from findling_desktop.plot.canvas import Canvas, Points
from findling_desktop.plot.labels import Label
from findling_desktop.plot.legend import Legend

__all__ = ["Canvas", "Label", "Legend", "Points"]
