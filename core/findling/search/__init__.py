"""A query to ranked hits: both legs, one score, grouped by document, with snippets and reasons."""

from findling.search.fusion import Balance
from findling.search.hits import Answer, Explanation, Found, Hit, Leg, Mode
from findling.search.searcher import Pool, Question, Searcher, answer_of

__all__ = [
    "Answer",
    "Balance",
    "Explanation",
    "Found",
    "Hit",
    "Leg",
    "Mode",
    "Pool",
    "Question",
    "Searcher",
    "answer_of",
]
