"""`findling eval`: systems side by side, runs out and in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from findling.evaluation import METRICS, read_run

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

CORPUS = {
    "d1": "Cats purr when content.",
    "d2": "Engines need oil.",
    "d3": "Bread rises in a warm kitchen.",
}
QUERIES = {"q1": "why do cats purr", "q2": "oil for engines", "q3": "[b]loaves[/b] at home"}


@pytest.fixture
def pets(findling: Run, tmp_path: Path) -> Path:
    """A collection that was imported as the library `pets`."""
    place = tmp_path / "beir"
    (place / "qrels").mkdir(parents=True)
    corpus = [{"_id": name, "title": "", "text": text} for name, text in CORPUS.items()]
    queries = [{"_id": name, "text": text} for name, text in QUERIES.items()]
    (place / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (place / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (place / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq3\td3\t1\nlost\td1\t1\n"
    )
    assert findling("import-beir", place, "--library", "pets", "--json").json["embedded"] == 3
    return place


def test_systems_side_by_side_and_runs_out_and_in(findling: Run, pets: Path, tmp_path: Path) -> None:
    saved = tmp_path / "runs"
    measure = ("eval", pets, "--library", "pets")
    found = findling(*measure, "--save-runs", saved, "--json").json
    assert (found["library"], found["queries"], found["queries_without_text"]) == ("pets", 3, 1)
    assert set(found["modes"]) == {"hybrid", "semantic", "keyword"}
    assert found["modes"]["semantic"] == dict.fromkeys(METRICS, 1.0)
    assert found["modes"]["keyword"]["recall@10"] == pytest.approx(2 / 3)
    assert found["systems"][0] == {
        "name": "hybrid",
        "library": "pets",
        "mode": "hybrid",
        "model": "all-minilm-l6-v2",
        "run": None,
        "metrics": found["modes"]["hybrid"],
    }
    assert "per_query" not in found
    assert sorted(file.name for file in saved.iterdir()) == ["hybrid.run", "keyword.run", "semantic.run"]
    assert set(read_run(saved / "keyword.run")) == {"q1", "q2"}

    peer = tmp_path / "peer.txt"
    peer.write_text("q1 Q0 d2 1 2.5 bm25\nq1 Q0 d1 2 1.5 bm25\nq2 Q0 d2 1 9 bm25\n")
    runs = ("--run", saved / "semantic.run", "--run", peer, "--baseline", "peer")
    again = findling(*measure, "--mode", "semantic", *runs, "--worst", 2, "--metric", "mrr@10", "--json").json
    copy = str(saved / "semantic.run")  # its name is that of a mode
    assert [(one["name"], one["run"]) for one in again["systems"]] == [
        ("semantic", None),
        (copy, copy),
        ("peer", str(peer)),
    ]
    assert again["systems"][0]["metrics"] == again["systems"][1]["metrics"]
    [better] = [c for c in again["comparisons"] if (c["system"], c["metric"]) == ("semantic", "mrr@10")]
    assert better["mean"] == pytest.approx((0.5 + 0 + 1) / 3)
    assert (better["wins"], better["ties"], better["losses"]) == (2, 1, 0)
    assert 0 <= better["low"] <= better["mean"] <= better["high"] <= 1
    assert 0 < better["p"] <= 1
    assert [row["query"] for row in again["per_query"]] == ["q2", "q1"]
    assert again["per_query"][1]["differences"] == {"semantic": 0.5, copy: 0.5}
    assert again["per_query"][1]["values"]["peer"]["mrr@10"] == 0.5

    printed = findling(*measure, "--mode", "keyword", "--mode", "semantic", "--all").out
    assert "3 queries, rankings of 100 documents; left out without a text: 1" in printed
    assert "[b]loaves[/b] at home" in printed
    assert "ndcg@10 minus keyword" in printed
    only_runs = findling(*measure, "--mode", "none", "--run", peer).out
    assert "peer" in only_runs
    assert "hybrid" not in only_runs


def test_other_judgements_and_mistakes(findling: Run, pets: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("query,document,grade\nq1,d2,1\n")
    measure = ("eval", pets, "--library", "pets", "--mode", "semantic")
    figures = findling(*measure, "--qrels", other, "--json").json["modes"]["semantic"]
    assert figures["mrr@10"] in (0.5, pytest.approx(1 / 3))
    assert figures["map"] == figures["mrr@10"]
    assert figures["recall@100"] == 1
    for arguments, code, words in (
        ((*measure, "--mode", "fuzzy"), 2, "'fuzzy' is not one of 'all', 'none', 'hybrid'"),
        (("eval", pets, "--mode", "none"), 2, "there must be a --run"),
        ((*measure, "--all", "--worst", 3), 2, "either --worst or --all"),
        ((*measure, "--run", other, "--run", other), 2, "is given twice"),
        ((*measure, "--run", other), 1, f"{other}, line 1: needs query, Q0, document"),
        ((*measure, "--baseline", "bm25"), 1, "No system is called 'bm25'. There are: semantic."),
        (("eval", pets), 1, "There is no library 'default'"),
    ):
        outcome = findling(*arguments)
        assert (outcome.code, outcome.out) == (code, "")
        assert words in outcome.err
