"""The search page: box, mode, results."""

from findling_desktop.search.page import SearchPage

__all__ = ["SearchPage"]
