"""The quality report in words and plain tables, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from findling.synthesis.quality import Coverage, Example, GroupCoverage, KindCount, Quality
    from findling.synthesis.query_statistics import Diversity, Histogram, Overlap

#: Rows of a table, and names of a list, that are printed of a longer one.
_ROWS = 10
#: Of what was drawn.
_EXAMPLES = 6
_EXAMPLE_CHARACTERS = 90
#: Reasons that are named of those for which queries of a kind were left out.
_REASONS = 3
#: Rarer ways to begin a query say nothing.
_LEAST_BEGINNING = 0.02


def quality_text(quality: Quality) -> str:
    """All parts that have something to say, with a blank line between."""
    figures = (
        *_overlap(quality.overlap, quality.own_overlap),
        *_diversity(quality.diversity),
    )
    parts = (
        [_verdict(quality)],
        _kinds(quality.kinds),
        figures,
        _histogram("words in a query", quality.lengths),
        _histogram("language", quality.languages) if _several(quality.languages) else (),
        *_coverage(quality.coverage),
        _examples("Kept, for example:", quality.kept_examples),
        _examples("Left out, for example:", quality.rejected_examples),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _verdict(quality: Quality) -> str:
    counts = f"{quality.kept:,} pairs kept, {quality.rejected:,} rejected"
    return f"{counts}: {quality.verdict} to tune with" + (
        f", for {quality.reason}." if quality.reason else "."
    )


def _kinds(kinds: Sequence[KindCount]) -> Iterator[str]:
    if not kinds:
        return
    rows = [
        (kind.kind, kind.origin, f"{kind.kept:,}", _percent(_share(kind)), _reasons(kind.rejected))
        for kind in sorted(kinds, key=lambda kind: (kind.origin != "generated", kind.origin, -kind.kept))
    ]
    yield from _table(("kind", "written by", "kept", "of all", "left out for"), rows, "<<>><")


def _share(kind: KindCount) -> float:
    return kind.kept / max(1, kind.kept + sum(kind.rejected.values()))


def _reasons(rejected: dict[str, int]) -> str:
    """The most common ones."""
    named = sorted(rejected.items(), key=lambda item: -item[1])
    others = sum(count for _, count in named[_REASONS:])
    shown = [f"{name} {count:,}" for name, count in named[:_REASONS]]
    return ", ".join([*shown, *([f"other {others:,}"] if others else [])])


def _overlap(kept: Overlap, own: Overlap) -> Iterator[str]:
    for what, overlap in (("Words that stand in the passage", kept), ("The same of your own queries", own)):
        if overlap.mean is not None:
            all_of_them, few = (
                sum(tenths) / overlap.queries for tenths in (overlap.tenths[-1:], overlap.tenths[:5])
            )
            yield (
                f"{what}: {_percent(overlap.mean)}"
                f" (nearly all in {_percent(all_of_them)} of queries, less than half in {_percent(few)})"
            )


def _diversity(diversity: Diversity) -> Iterator[str]:
    if not diversity.queries:
        return
    yield f"Words in common with the query most like it: {_percent(diversity.self_overlap)}"
    yield (
        f"Variety: {_percent(diversity.distinct_1)} of all words are different ones, "
        f"{_percent(diversity.distinct_2)} of all neighbours"
    )
    named = [
        f"{start!r} {_percent(share)}" for start, share in diversity.beginnings if share >= _LEAST_BEGINNING
    ]
    if named:
        yield f"Most common beginnings: {', '.join(named)}"


def _several(histogram: Histogram) -> bool:
    return len(histogram.kept) > 1 or bool(histogram.own)


def _histogram(what: str, histogram: Histogram) -> Iterator[str]:
    if not histogram.kept:
        return
    names = list(histogram.kept)[:_ROWS]
    rows = [
        (whose, *(_percent(shares[name]) for name in names))
        for whose, shares in (("kept", histogram.kept), ("your own", histogram.own))
        if shares
    ]
    yield from _table((what, *names), rows, "<")
    if histogram.distance is not None:
        yield f"These differ by {_percent(histogram.distance)}."


def _coverage(coverage: Coverage) -> Iterator[Iterable[str]]:
    if coverage.clusters:
        share = f"{coverage.clusters_with_pairs:,} of {coverage.clusters:,}"
        yield [f"Subjects (clusters of passages) with pairs: {share}"]
    for what, groups in (
        ("folder", coverage.folders),
        ("format", coverage.formats),
        ("language", coverage.languages),
    ):
        if len(groups) > 1:
            table = _table((what, "documents", "with pairs", "pairs"), map(_group_row, groups[:_ROWS]), "<")
            more = [f"and {len(groups) - _ROWS:,} more"] if len(groups) > _ROWS else []
            yield [*table, *more]
    if coverage.left_out:
        yield _left_out(coverage)


def _left_out(coverage: Coverage) -> Iterator[str]:
    """Which documents nothing was asked of, a line for each way to group them."""
    yield "Nothing was asked of documents"
    for before, groups in (
        ("in the folder", coverage.folders),
        ("of the format", coverage.formats),
        ("in the language", coverage.languages),
    ):
        without = [group for group in groups if not group.pairs]
        named = ", ".join(f"{group.group} ({group.documents:,})" for group in without[:_ROWS] if group.group)
        if named:
            more = f" and {len(without) - _ROWS:,} more" if len(without) > _ROWS else ""
            yield f"  {before} {named}{more}"
        unknown = sum(group.documents for group in without if not group.group)
        if unknown:
            yield f"  whose {before.rpartition(' ')[2]} is not known ({unknown:,})"


def _group_row(group: GroupCoverage) -> tuple[str, ...]:
    counts = (group.documents, group.documents_with_pairs, group.pairs)
    return (group.group or "not known", *(f"{count:,}" for count in counts))


def _examples(title: str, examples: Sequence[Example]) -> Iterator[str]:
    if not examples:
        return
    yield title
    shown = examples[:_EXAMPLES]
    width = max(len(example.kind) for example in shown)
    indent = " " * (width + 4)
    for example in shown:
        yield f"  {example.kind.ljust(width)}  {_short(example.query)}"
        yield f"{indent}– {example.reason}" if example.reason else f"{indent}{_short(example.passage)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXAMPLE_CHARACTERS else line[: _EXAMPLE_CHARACTERS - 1].rstrip() + "…"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> Iterator[str]:
    """Columns flush left or right as `sides` says, "<" or ">"; further ones, figures, right."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        cells = [
            cell.ljust(width) if sides[column : column + 1] == "<" else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
