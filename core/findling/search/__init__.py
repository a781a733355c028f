"""A query to ranked hits: both legs, one score, grouped by document, with snippets."""

from findling.search.hits import Hit, Mode
from findling.search.searcher import Searcher

__all__ = ["Hit", "Mode", "Searcher"]
