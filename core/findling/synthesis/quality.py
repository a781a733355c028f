"""What is known of how good a set of pairs is, without training on it; and whether it is enough to do so."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from findling.synthesis.overlap import content_terms
from findling.synthesis.pair import Origin
from findling.synthesis.pair_set import PairSet
from findling.synthesis.query_statistics import (
    Diversity,
    Histogram,
    Overlap,
    diversity_of,
    histogram_of,
    languages_of,
    lengths_of,
    overlap_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from findling.synthesis.pair import Pair

#: With fewer pairs tuning has not been seen to help: 292 filtered ones gained 1.0 point of nDCG@10 on
#: Cranfield (95 % interval 0.0 … 2.0), and of those that a filter leaves of a small corpus models learn too
#: much by heart (Dai et al. 2022, arXiv 2209.11755, on NFCorpus and SciFact).
LEAST_KEPT = 300
#: A generator of which filters leave less does not understand the passages; what they let pass by mistake is
#: then a large part of what is left. A judgement: nothing is published on generators this small.
LEAST_SHARE = 0.25
ENOUGH, NOT_ENOUGH = "enough", "not enough"

_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class OwnQuery:
    """A query of the person's; `passage` is the text that answers it, "" where none is known. `language` is
    an ISO 639-1 code or ""."""

    text: str
    language: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document of the library belongs."""

    folder: str
    format: str
    language: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the pairs were made of: the place of every document by id, the cluster of passages by id (those
    that pairs were made of at least), and how many clusters there are."""

    documents: Mapping[str, Place] = field(default_factory=dict[str, Place])
    clusters: Mapping[str, int] = field(default_factory=dict[str, int])
    cluster_count: int = 0


@dataclass(frozen=True, slots=True)
class KindCount:
    """What became of the queries of a kind: `rejected` counts them by the first filter that said no."""

    kind: str
    origin: str
    kept: int
    rejected: dict[str, int]


@dataclass(frozen=True, slots=True)
class GroupCoverage:
    """A part of the library: its documents, those of them that have a kept pair, and its kept pairs."""

    group: str
    documents: int
    documents_with_pairs: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How pairs are spread; groups are ordered by their documents, the largest first. `clusters` of 0 means
    that they are not known."""

    clusters: int
    clusters_with_pairs: int
    folders: tuple[GroupCoverage, ...]
    formats: tuple[GroupCoverage, ...]
    languages: tuple[GroupCoverage, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The folders, formats and languages that have documents and no pair: "folder /a/b"."""
        named = (("folder", self.folders), ("format", self.formats), ("language", self.languages))
        return tuple(
            f"{what} {group.group or 'unknown'}"
            for what, groups in named
            for group in groups
            if not group.pairs
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A pair to look at; `reason` is "" for a kept one."""

    id: str
    kind: str
    query: str
    passage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quality:
    """The report. `verdict` is `ENOUGH` or `NOT_ENOUGH` to tune with, `reason` says why in words.

    `generated` counts the queries that a language model wrote, `generated_kept` those of them that are kept.
    """

    verdict: str
    reason: str
    kept: int
    rejected: int
    generated: int
    generated_kept: int
    kinds: tuple[KindCount, ...]
    overlap: Overlap
    own_overlap: Overlap
    diversity: Diversity
    languages: Histogram
    lengths: Histogram
    coverage: Coverage
    kept_examples: tuple[Example, ...]
    rejected_examples: tuple[Example, ...]

    @property
    def enough(self) -> bool:
        """Whether it is enough to tune with."""
        return self.verdict == ENOUGH

    def to_json(self) -> dict[str, Any]:
        """A JSON object, of the fields by their names."""
        value = asdict(self)
        value["coverage"]["left_out"] = list(self.coverage.left_out)
        return value

    def text(self) -> str:
        """For a terminal."""
        from findling.synthesis.quality_text import quality_text

        return quality_text(self)


def quality_of(
    pairs: PairSet | Iterable[Pair],
    own_queries: Sequence[OwnQuery] = (),
    corpus: Corpus | None = None,
    seed: int = 0,
) -> Quality:
    """Judge pairs. The same pairs, in the same order, and `seed` give the same report."""
    found = pairs if isinstance(pairs, PairSet) else PairSet.of(pairs)
    kept, rejected = list(found.kept), list(found.rejected)
    generated = [pair for pair in found.pairs.values() if pair.provenance.origin is Origin.GENERATED]
    generated_kept = sum(map(found.keeps, generated))
    reason = _shortfall(len(kept), len(generated), generated_kept)
    drawn = random.Random(seed)  # noqa: S311
    terms = [content_terms(pair.query, pair.language) for pair in kept]
    known = [query for query in own_queries if query.passage]
    return Quality(
        verdict=NOT_ENOUGH if reason else ENOUGH,
        reason=reason,
        kept=len(kept),
        rejected=len(rejected),
        generated=len(generated),
        generated_kept=generated_kept,
        kinds=_kinds(found),
        overlap=overlap_of(terms, ((pair.positive.text, pair.language) for pair in kept)),
        own_overlap=overlap_of(
            [content_terms(query.text, query.language) for query in known],
            ((query.passage, query.language) for query in known),
        ),
        diversity=diversity_of([pair.query for pair in kept], terms, drawn),
        languages=histogram_of(
            languages_of(pair.language for pair in kept),
            languages_of(query.language for query in own_queries),
        ),
        lengths=histogram_of(
            lengths_of(pair.query for pair in kept), lengths_of(query.text for query in own_queries)
        ),
        coverage=_coverage(kept, corpus or Corpus()),
        kept_examples=_examples(found, kept, drawn),
        rejected_examples=_examples(found, rejected, drawn),
    )


def _shortfall(kept: int, generated: int, generated_kept: int) -> str:
    """Why pairs are not enough; "" where they are."""
    reasons: list[str] = []
    if kept < LEAST_KEPT:
        reasons.append(f"{kept:,} pairs are kept, and at least {LEAST_KEPT:,} are needed")
    if generated and generated_kept < LEAST_SHARE * generated:
        reasons.append(
            f"of {generated:,} generated queries {generated_kept:,} are kept, and at least"
            f" {100 * LEAST_SHARE:.0f} % should be"
        )
    return "; ".join(reasons)


def _kinds(pairs: PairSet) -> tuple[KindCount, ...]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for pair in pairs.pairs.values():
        kind = (pair.provenance.kind, pair.provenance.origin.value)
        counts.setdefault(kind, Counter())[pairs.rejected_by(pair)] += 1
    return tuple(
        KindCount(*kind, count.pop("", 0), dict(count.most_common()))
        for kind, count in sorted(counts.items())
    )


def _coverage(kept: Sequence[Pair], corpus: Corpus) -> Coverage:
    clusters = {corpus.clusters.get(pair.positive.passage_id) for pair in kept} - {None}
    by_document = Counter(pair.positive.document_id for pair in kept)

    def groups(name: Callable[[Place], str]) -> tuple[GroupCoverage, ...]:
        rows: dict[str, list[int]] = {}
        for document_id, place in corpus.documents.items():
            row = rows.setdefault(name(place), [0, 0, 0])
            count = by_document[document_id]
            row[0] += 1
            row[1] += count > 0
            row[2] += count
        return tuple(
            GroupCoverage(group, *row) for group, row in sorted(rows.items(), key=lambda item: -item[1][0])
        )

    return Coverage(
        corpus.cluster_count,
        len(clusters),
        groups(lambda place: place.folder),
        groups(lambda place: place.format),
        groups(lambda place: place.language),
    )


def _examples(found: PairSet, pairs: Sequence[Pair], drawn: random.Random) -> tuple[Example, ...]:
    chosen = drawn.sample(pairs, min(_EXAMPLES, len(pairs)))
    return tuple(
        Example(pair.id, pair.provenance.kind, pair.query, pair.positive.text, found.reason(pair))
        for pair in chosen
    )
