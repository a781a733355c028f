"""The map view: the library as a picture, in which what is near in meaning lies near."""

from findling_desktop.map.page import MapPage

__all__ = ["MapPage"]
