"""The quality report in words and plain tables, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from findling.synthesis.quality import Coverage, Example, GroupCoverage, KindCount, Quality
    from findling.synthesis.query_statistics import Diversity, Histogram, Overlap

#: Rows of a table, and names of a list, that are printed of a longer one.
_ROWS = 10
_PASSAGE_CHARACTERS = 100
#: Rarer ways to begin a query say nothing.
_LEAST_BEGINNING = 0.01


def quality_text(quality: Quality) -> str:
    """All parts that have something to say, with a blank line between."""
    parts = (
        [_verdict(quality)],
        _kinds(quality.kinds),
        _overlap(quality.overlap, quality.own_overlap),
        _diversity(quality.diversity),
        _histogram("words", quality.lengths),
        _histogram("language", quality.languages),
        _coverage(quality.coverage),
        _examples("Kept, drawn at random:", quality.kept_examples),
        _examples("Rejected, drawn at random:", quality.rejected_examples),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _verdict(quality: Quality) -> str:
    counts = f"{quality.kept:,} pairs kept, {quality.rejected:,} rejected"
    return f"{counts}: {quality.verdict} to tune with" + (
        f", for {quality.reason}." if quality.reason else "."
    )


def _kinds(kinds: Sequence[KindCount]) -> Iterator[str]:
    filters = list(dict.fromkeys(name for kind in kinds for name in kind.rejected))
    rows = [
        (kind.kind, kind.origin, f"{kind.kept:,}", *(f"{kind.rejected.get(name, 0):,}" for name in filters))
        for kind in kinds
    ]
    yield from _table(("kind", "written by", "kept", *filters), rows, words=2)


def _overlap(kept: Overlap, own: Overlap) -> Iterator[str]:
    for what, overlap in (("Words that stand in the passage", kept), ("Of your own queries", own)):
        if overlap.mean is not None:
            shares = " ".join(f"{100 * count / overlap.queries:.0f}" for count in overlap.tenths)
            yield f"{what}: {_percent(overlap.mean)} on average; in tenths, from none to all: {shares}"


def _diversity(diversity: Diversity) -> Iterator[str]:
    if not diversity.queries:
        return
    yield (
        f"Different words {diversity.distinct_1:.2f}, neighbouring words {diversity.distinct_2:.2f}; "
        f"in common with the query most like it {_percent(diversity.self_overlap)}"
    )
    named = [
        f"{start!r} {_percent(share)}" for start, share in diversity.beginnings if share >= _LEAST_BEGINNING
    ]
    if named:
        yield f"Begin with: {', '.join(named)}"


def _histogram(what: str, histogram: Histogram) -> Iterator[str]:
    if not histogram.kept:
        return
    names = list(histogram.kept)
    rows = [
        (name, *(_percent(shares[name]) for shares in (histogram.kept, histogram.own) if shares))
        for name in names[:_ROWS]
    ]
    yield from _table((what, "kept", *(["your own"] if histogram.own else [])), rows)
    if histogram.distance is not None:
        yield f"So much of them differs: {_percent(histogram.distance)}"


def _coverage(coverage: Coverage) -> Iterator[str]:
    if coverage.clusters:
        yield f"Pairs in {coverage.clusters_with_pairs:,} of {coverage.clusters:,} clusters of passages"
    for what, groups in (
        ("folder", coverage.folders),
        ("format", coverage.formats),
        ("language", coverage.languages),
    ):
        if len(groups) > 1:
            yield from _table((what, "documents", "with pairs", "pairs"), map(_group_row, groups[:_ROWS]))
            if len(groups) > _ROWS:
                yield f"and {len(groups) - _ROWS:,} more"
    left_out = coverage.left_out
    if left_out:
        more = f" and {len(left_out) - _ROWS:,} more" if len(left_out) > _ROWS else ""
        yield f"No pair at all ({len(left_out):,}): {', '.join(left_out[:_ROWS])}{more}"


def _group_row(group: GroupCoverage) -> tuple[str, ...]:
    counts = (group.documents, group.documents_with_pairs, group.pairs)
    return (group.group or "unknown", *(f"{count:,}" for count in counts))


def _examples(title: str, examples: Iterable[Example]) -> Iterator[str]:
    for number, example in enumerate(examples):
        if not number:
            yield title
        passage = " ".join(example.passage.split())
        short = passage[:_PASSAGE_CHARACTERS] + ("…" if len(passage) > _PASSAGE_CHARACTERS else "")
        yield f"  {example.query}  [{example.kind}]" + (f"  ({example.reason})" if example.reason else "")
        yield f"      {short}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> Iterator[str]:
    """The first `words` columns are flush left, the others, figures, right."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        cells = [
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
