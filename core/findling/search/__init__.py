"""A query to ranked hits: both legs, one score, grouped by document, with snippets."""

from findling.search.hits import Hit, Mode
from findling.search.searcher import Pool, Question, Searcher, best_hits

__all__ = ["Hit", "Mode", "Pool", "Question", "Searcher", "best_hits"]
