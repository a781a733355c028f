"""Why a hit is where it is, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling_desktop.texts import tr as _tr

if TYPE_CHECKING:
    from findling.search import Hit

#: More words than this are not listed.
_MOST_WORDS = 8


def why(hit: Hit) -> str:
    """A sentence for each of words, name and meaning that speaks for the hit: "Words: best of all passages
    (rope, haul). Meaning: 3rd." It is "" where nothing is known."""
    reasons = hit.explanation
    if reasons is None:
        return ""
    sentences: list[str] = []
    by_words = reasons.words.rank > 0 and bool(reasons.matched)
    if by_words:
        words = _listed(reasons.matched)
        sentences.append(_tr("Words: {} ({}).").format(_place(reasons.words.rank), words))
    if reasons.name:
        sentences.append(_tr("In the file's name: {}.").format(_listed(reasons.name)))
    if reasons.meaning.rank > 0:
        sentences.append(_tr("Meaning: {}.").format(_place(reasons.meaning.rank)))
    elif by_words and reasons.meaning.share:
        sentences.append(_tr("Meaning: not among the nearest."))
    if reasons.reranker is not None:
        sentences.append(_tr("A second look: {}.").format(f"{reasons.reranker:.2f}"))
    if not sentences:
        return _tr("All filters hold; what was changed last comes first.")
    return " ".join(sentences)


def _place(rank: int) -> str:
    if rank == 1:
        return _tr("best of all passages")
    return _tr("{} best passage").format(_ordinal(rank))


def _ordinal(number: int) -> str:
    if _tr("1st") != "1st":  # other languages write a point
        return f"{number}."
    endings = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 <= number % 100 <= 20 else endings.get(number % 10, "th")
    return f"{number}{ending}"


def _listed(words: tuple[str, ...]) -> str:
    listed = ", ".join(words[:_MOST_WORDS])
    return f"{listed}, …" if len(words) > _MOST_WORDS else listed
