"""The quality report: figures that can be worked out by hand, and the floor under them."""

from __future__ import annotations

import json

import pytest

from findling.synthesis.pair import Origin, Pair, Positive, Provenance, Verdict
from findling.synthesis.pair_set import PairSet
from findling.synthesis.quality import Corpus, OwnQuery, Place, quality_of

WHALES = "Blue whales sing in deep water, and can be heard from far away."


def made(
    name: object,
    query: str = "who sings",
    *,
    rejected_by: str = "",
    origin: Origin = Origin.GENERATED,
    kind: str = "question",
    text: str = WHALES,
    document: str = "d",
    language: str = "en",
) -> Pair:
    verdicts = [Verdict("length", True, 3.0)]
    if rejected_by:
        verdicts += [Verdict(rejected_by, False, 0.0, f"because of {rejected_by}"), Verdict("last", False)]
    positive = Positive(f"p{name}", document, 0, len(text), text)
    return Pair(str(name), query, positive, Provenance(origin, kind), language, tuple(verdicts))


@pytest.mark.parametrize(
    ("generated", "kept", "free", "reasons"),
    [
        (400, 300, 0, []),
        (400, 299, 0, ["299 pairs are kept, and at least 300"]),
        (400, 100, 200, []),
        (401, 100, 200, ["of 401 generated queries 100 are kept, and at least 25 %"]),
        (10, 0, 100, ["100 pairs are kept", "of 10 generated queries 0 are kept"]),
        (0, 0, 300, []),
        (0, 0, 0, ["0 pairs are kept"]),
    ],
)
def test_too_few_pairs_or_too_poor_a_generator_are_not_enough(
    generated: int, kept: int, free: int, reasons: list[str]
) -> None:
    pairs = [made(n, rejected_by="" if n < kept else "copied") for n in range(generated)]
    pairs += [made(f"free {n}", origin=Origin.DOCUMENT, kind="heading") for n in range(free)]
    quality = quality_of(pairs)
    assert (quality.enough, quality.verdict) == ((False, "not enough") if reasons else (True, "enough"))
    for reason in reasons:
        assert reason in quality.reason
        assert reason in quality.text().splitlines()[0]
    assert quality.reason.count(";") == max(0, len(reasons) - 1)


def test_what_a_person_rejects_or_keeps_counts() -> None:
    pairs = PairSet.of([made(n, rejected_by="" if n < 300 else "copied") for n in range(302)])
    assert quality_of(pairs).enough
    pairs.fold({"drop": {"id": "0", "reason": ""}})
    quality = quality_of(pairs)
    assert (quality.enough, quality.kept, quality.generated_kept) == (False, 299, 299)
    assert quality.kinds[0].rejected == {"copied": 2, "review": 1}
    pairs.fold({"edit": {"id": "301", "query": "whose song is heard from far away"}})
    assert quality_of(pairs).enough


def test_queries_are_counted_by_kind_and_by_the_first_filter_that_said_no() -> None:
    pairs = [
        made(1),
        made(2, rejected_by="copied"),
        made(3, rejected_by="round trip"),
        made(4, rejected_by="copied"),
        made(5, kind="heading", origin=Origin.DOCUMENT),
    ]
    quality = quality_of(pairs)
    assert [(kind.kind, kind.origin, kind.kept, kind.rejected) for kind in quality.kinds] == [
        ("heading", "document", 1, {}),
        ("question", "generated", 1, {"copied": 2, "round trip": 1}),
    ]
    rows = [line.split() for line in quality.text().splitlines()]
    assert ["question", "generated", "1", "25", "%", "copied", "2,", "round", "trip", "1"] in rows
    assert {example.reason for example in quality.rejected_examples} == {
        "because of copied",
        "because of round trip",
    }


def test_overlap_is_of_stems_without_stop_words_in_any_script() -> None:
    quality = quality_of(
        [
            made(1, "Which whale is singing?"),
            made(2, "Which animal is singing?"),
            made(3, "who is it"),  # of nothing else: all of them count, and none is there
            made(4, "鲸鱼在哪里唱歌", text="鲸鱼在深水里唱歌", language="zh"),
        ],
        [OwnQuery("heard water", "en", WHALES), OwnQuery("no passage is known")],
    )
    shares = [1.0, 0.5, 0.0, 4 / 6]
    assert quality.overlap.mean == pytest.approx(sum(shares) / 4)
    assert quality.overlap.tenths == (1, 0, 0, 0, 0, 1, 1, 0, 0, 1)
    assert (quality.own_overlap.queries, quality.own_overlap.mean) == (1, 1.0)


def test_sameness_is_seen() -> None:
    same = quality_of([made(1, "what is a whale"), made(2, "What is a whale?")]).diversity
    assert (same.distinct_1, same.distinct_2, same.self_overlap) == (4 / 8, 3 / 6, 1.0)
    assert same.beginnings == (("what is", 1.0),)
    unlike = quality_of([made(1, "what is a whale"), made(2, "income tax due in July")]).diversity
    assert (unlike.distinct_1, unlike.distinct_2, unlike.self_overlap) == (1.0, 1.0, 0.0)
    assert dict(unlike.beginnings) == {"what is": 0.5, "income tax": 0.5}
    assert quality_of([made(1, "whale")]).diversity.self_overlap == 0.0


def test_languages_and_lengths_are_held_against_the_persons_own() -> None:
    pairs = [made(n, "one two three", language="de" if n else "en") for n in range(4)]
    pairs.append(made("unknown", "one two three four five six", language=""))
    own = [OwnQuery("tax", "en"), OwnQuery("one two three", "de"), OwnQuery("eins zwei drei", "de")]
    quality = quality_of(pairs, own)
    assert quality.languages.kept == {"de": 0.75, "en": 0.25}
    assert quality.languages.own == pytest.approx({"de": 2 / 3, "en": 1 / 3})
    assert quality.languages.distance == pytest.approx(1 / 12)
    assert {name: share for name, share in quality.lengths.kept.items() if share} == {"3–4": 0.8, "5–7": 0.2}
    assert quality.lengths.own["1–2"] == pytest.approx(1 / 3)
    assert quality.lengths.distance == pytest.approx(1 / 3)
    alone = quality_of(pairs)
    assert (alone.lengths.own, alone.lengths.distance) == ({}, None)


def test_a_part_of_the_library_that_is_left_out_is_named() -> None:
    documents = {
        "a": Place("/work/letters", "pdf", "en"),
        "b": Place("/work/letters", "md", "de"),
        "c": Place("/work/manuals", "pdf", ""),
    }
    pairs = [made(1, document="a"), made(2, document="a"), made(3, document="c", rejected_by="copied")]
    quality = quality_of(pairs, corpus=Corpus(documents, {"p1": 4, "p2": 4, "p3": 7}, 9))
    coverage = quality.coverage
    assert (coverage.clusters, coverage.clusters_with_pairs) == (9, 1)
    assert [(g.group, g.documents, g.documents_with_pairs, g.pairs) for g in coverage.folders] == [
        ("/work/letters", 2, 1, 2),
        ("/work/manuals", 1, 0, 0),
    ]
    left_out = ("folder /work/manuals", "format md", "language de", "language unknown")
    assert coverage.left_out == left_out
    said = quality.text().partition("Nothing was asked of documents\n")[2].splitlines()
    assert [line.strip() for line in said[:4]] == [
        "in the folder /work/manuals (1)",
        "of the format md (1)",
        "in the language de (1)",
        "whose language is not known (1)",
    ]
    assert quality.to_json()["coverage"]["left_out"] == list(left_out)


def test_examples_are_drawn_by_the_seed_and_the_report_is_json() -> None:
    pairs = [made(n, f"query {n}", rejected_by="copied" if n % 2 else "") for n in range(200)]
    one, again, other = quality_of(pairs, seed=1), quality_of(pairs, seed=1), quality_of(pairs, seed=2)
    assert one == again
    assert one.kept_examples != other.kept_examples
    assert len(one.kept_examples) == len(one.rejected_examples) == 20
    assert all(int(example.id) % 2 == 0 and not example.reason for example in one.kept_examples)
    stored = json.loads(json.dumps(one.to_json(), allow_nan=False))
    assert (stored["verdict"], stored["kinds"][0]["rejected"]) == ("not enough", {"copied": 100})
    for example in (*one.kept_examples[:3], *one.rejected_examples[:3]):
        assert example.query in one.text()
    assert len(one.text().splitlines()) < 50
    nothing = quality_of([])
    assert json.loads(json.dumps(nothing.to_json(), allow_nan=False))["kept"] == 0
    assert nothing.text().startswith("0 pairs kept")
