"""TREC runs: what is written is read, and read in the order in which trec_eval ranks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import ir_measures
import pytest
from ir_measures import AP, RR, R, nDCG

from findling.errors import CollectionError
from findling.evaluation import evaluate, read_run, write_run

if TYPE_CHECKING:
    from pathlib import Path

PEERS = {"ndcg@10": nDCG @ 10, "recall@10": R @ 10, "recall@100": R @ 100, "map": AP}


@pytest.mark.parametrize("name", ["hybrid.run", "hybrid.run.gz"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    run = {"q1": ["b", "a", "größe"], "q 2": ["part one", "z"]}
    write_run(tmp_path / "runs" / name, run, "my system")
    assert read_run(tmp_path / "runs" / name) == run
    assert read_run(tmp_path / "runs" / name, depth=1) == {"q1": ["b"], "q 2": ["part one"]}


def test_others_read_the_same_ranking(tmp_path: Path) -> None:
    write_run(tmp_path / "hybrid.run", {"q": ["b", "a", "c"]}, "my system")
    assert (tmp_path / "hybrid.run").read_text().splitlines()[0] == "q Q0 b 1 3 my_system"
    lines = list(ir_measures.read_trec_run(str(tmp_path / "hybrid.run")))
    assert [line.doc_id for line in sorted(lines, key=lambda line: -line.score)] == ["b", "a", "c"]


@pytest.mark.parametrize("seed", range(8))
def test_ties_rank_as_in_trec_eval(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    documents = [f"d{number}" for number in range(60)]
    qrels = {
        f"q{number}": {"d1": 1} | {d: chance.randrange(-1, 4) for d in chance.sample(documents, 25)}
        for number in range(20)
    }
    qrels = {query: grades | {"d7": 2} for query, grades in qrels.items()}
    lines = [
        f"{query} Q0 {document} {chance.randrange(99)} {chance.choice((1, 2.5, -3, 1e-9, 1 + 1e-10))} tag"
        for query in [*list(qrels)[:-2], "unjudged"]
        for document in chance.sample(documents, chance.randrange(1, 60))
    ]
    chance.shuffle(lines)
    path = tmp_path / "other.run"
    path.write_text("\n".join(lines) + "\n")
    run = list(ir_measures.read_trec_run(str(path)))
    expected = ir_measures.calc_aggregate(PEERS.values(), qrels, run)
    # RR @ 10 is MS MARCO's there, which ranks ties the other way; RR is trec_eval's and has no depth.
    ranks = [found.value for found in ir_measures.iter_calc([RR], qrels, run)]
    assert evaluate(read_run(path), qrels) == pytest.approx(
        {
            **{name: expected[peer] for name, peer in PEERS.items()},
            "mrr@10": sum(value for value in ranks if value > 1 / 10.5) / len(qrels),
        },
        abs=1e-9,
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("q1 Q0 d2 2 0.5", "needs query, Q0, document, rank, score and tag"),
        ("q1 Q0 d2 2 high tag", "has no score: high"),
        ("q1 Q0 d2 2 nan tag", "has no score: nan"),
        ("q1 Q0 d1 2 0.5 tag", "ranks d1 a second time for q1"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "other.run"
    path.write_text(f"q1 Q0 d1 1 9.5 tag\n\n{line}\n")
    with pytest.raises(CollectionError) as caught:
        read_run(path)
    assert str(caught.value) == f"{path}, line 3: {words}."


def test_a_run_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"The run .*none.run cannot be read"):
        read_run(tmp_path / "none.run")
