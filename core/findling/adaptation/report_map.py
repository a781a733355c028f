"""The maps of a report: what they show of a library, and in which colours."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.adaptation.map import NEIGHBOURS, POINTS, centres, maps_of
from findling.adaptation.report_groups import OTHERS
from findling.library.layout import LEAST_POINTS, clusters_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from findling.adaptation.map import Maps
    from findling.store import PassageRow

    Vectors = NDArray[np.float32]
    #: Names of groups, the largest first, and the group of each point.
    Colours = tuple[list[str], NDArray[np.int64]]

#: A library of fewer documents has its passages on the map.
_LEAST_DOCUMENTS = 50
_MOST_COLOURS = 8
#: Points that a subject has at least in the mean.
_LEAST_SUBJECT = 5
#: More names than so many are not told apart by the few that get a colour.
_MOST_NAMES = 12
#: Nor is a map coloured by names where nearly all have one.
_LARGEST_SHARE = 0.9


def map_of(
    before: tuple[Sequence[PassageRow], Vectors],
    after: tuple[Sequence[PassageRow], Vectors],
    folders: Mapping[str, str],
    titles: Mapping[str, str],
    seed: int,
) -> dict[str, Any] | None:
    """Both maps as a JSON object: of documents, or of the passages where these are few; in the same colours,
    by folder, by document, or else by subject. None of a library too small for a map.

    `before` and `after` are passages with their vectors, float32 (N, dim), in any order; `folders` and
    `titles` are those of documents, by id.
    """
    (rows, vectors), (others, tuned) = before, after
    places = {row.passage_id: place for place, row in enumerate(others)}
    both = [place for place, row in enumerate(rows) if row.passage_id in places]
    first, second = vectors[both], tuned[[places[rows[place].passage_id] for place in both]]
    ids = [rows[place].document_id for place in both]
    by_documents = len(set(ids)) >= _LEAST_DOCUMENTS
    if by_documents:
        (ids, first), (_, second) = centres(first, ids), centres(second, ids)
    if len(ids) < LEAST_POINTS:
        return None
    drawn: list[int] = sorted(np.random.default_rng(seed).permutation(len(ids))[:POINTS].tolist())
    ids, first, second = [ids[place] for place in drawn], first[drawn], second[drawn]
    coloured_by = "folder"
    chosen = _by_name([folders.get(name, OTHERS) for name in ids])
    if chosen is None and not by_documents:
        coloured_by, chosen = "document", _by_name(ids)
    if chosen is None:
        coloured_by = "subject"
        labels, middles = clusters_of(first, min(_MOST_COLOURS, len(ids) // _LEAST_SUBJECT), seed)
        chosen = [f"like “{titles.get(ids[middle], ids[middle])}”" for middle in middles], labels
    names, colours = chosen
    if coloured_by == "document":
        names = [titles.get(name, name) for name in names]
    maps = maps_of(first, second, seed)
    return {
        "of": "documents" if by_documents else "passages",
        "coloured_by": coloured_by,
        "neighbours": NEIGHBOURS,
        "kept": float(maps.kept.mean()),
        "groups": _groups(maps, names, colours),
        "points": _points(maps, [titles.get(name, name) for name in ids], colours),
    }


def _by_name(found: Sequence[str]) -> Colours | None:
    """The most common names, and all others; None where they are too few or too many."""
    counts = Counter(found)
    if not 1 < len(counts) <= _MOST_NAMES or max(counts.values()) > _LARGEST_SHARE * len(found):
        return None
    names = [name for name, _ in counts.most_common() if name != OTHERS]
    if len(names) < len(counts) or len(counts) > _MOST_COLOURS:
        names = [*names[: _MOST_COLOURS - 1], OTHERS]
    places = {name: place for place, name in enumerate(names)}
    return names, np.array([places.get(name, len(names) - 1) for name in found], np.int64)


def _groups(maps: Maps, names: Sequence[str], colours: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Of the nearest neighbours: the share that is kept, and that is of the same group, in the mean."""
    before, after = maps.alike(colours)
    kept = maps.kept
    return [
        {
            "name": name,
            "points": int(own.sum()),
            "kept": float(kept[own].mean()),
            "alike_before": float(before[own].mean()),
            "alike_after": float(after[own].mean()),
        }
        for place, name in enumerate(names)
        for own in [colours == place]
    ]


def _points(maps: Maps, titles: Sequence[str], colours: NDArray[np.int64]) -> list[dict[str, Any]]:
    befores: list[list[float]] = maps.before.round(4).tolist()
    afters: list[list[float]] = maps.after.round(4).tolist()
    groups: list[int] = colours.tolist()
    return [
        {"title": title, "group": group, "before": before, "after": after}
        for title, group, before, after in zip(titles, groups, befores, afters, strict=True)
    ]
