"""A BEIR collection as a library, and its figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from findling.errors import CollectionError, SettingsError
from findling.evaluation import read_collection, read_qrels
from findling.jobs import CancelToken, ignore_progress
from findling.library.evaluating import evaluate_library
from findling.search import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries

CORPUS = {
    "a": ("Bees", "Bees collect nectar and make honey in their hives."),
    "b": ("Bridges", "Suspension bridges hang from steel cables."),
    "c": ("Bread", "Sourdough bread rises slowly in a warm kitchen."),
    "d": ("Bees", "Bees collect nectar and make honey in their hives."),
    "e": ("Only a title", ""),
}
QUERIES = {"1": "who makes honey", "2": "baking loaves at home", "3": "nobody judged this"}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    place = tmp_path / "beir"
    (place / "qrels").mkdir(parents=True)
    records = [{"_id": i, "title": t, "text": x} for i, (t, x) in CORPUS.items()]
    (place / "corpus.jsonl").write_text("\n".join(map(json.dumps, records)))
    queries = [{"_id": i, "text": text} for i, text in QUERIES.items()]
    (place / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (place / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\n1\ta\t1\n1\td\t1\n2\tc\t2\n2\tb\t0\n"
    )
    return place


def test_collection_is_imported_once_and_evaluated(libraries: Libraries, collection: Path) -> None:
    with libraries.start_import("beir", collection) as job:
        first = job.result()
    assert first["files"] == {"indexed": 5, "skipped": 0, "failed": 0}
    assert first["embedded"] == 4  # two records are equal
    with libraries.start_import("beir", collection) as job:
        again = job.result()
    assert (again["new_or_changed"], again["embedded"]) == (0, 0)
    qrels = read_qrels(collection / "qrels" / "test.tsv")
    with libraries.open("beir") as library:
        figures = evaluate_library(
            library, read_collection(collection), qrels, list(Mode), ignore_progress, CancelToken()
        )
    assert set(figures) == {"hybrid", "semantic", "keyword"}
    assert figures["semantic"] == {"ndcg@10": 1.0, "mrr@10": 1.0, "recall@100": 1.0}
    assert 0 < figures["keyword"]["ndcg@10"] <= 1


def test_changed_and_removed_records(libraries: Libraries, collection: Path) -> None:
    with libraries.start_import("beir", collection) as job:
        job.result()
    lines = (collection / "corpus.jsonl").read_text().splitlines()
    lines[1] = json.dumps({"_id": "b", "title": "Bridges", "text": "Stone bridges stand on arches."})
    (collection / "corpus.jsonl").write_text("\n".join(lines[:3]))
    run = libraries.index("beir")
    assert (run.new_or_changed, run.embedded, run.removed, run.passages) == (1, 1, 2, 3)


def test_evaluation_of_the_wrong_library_says_what_to_do(
    libraries: Libraries, collection: Path, folder: Path
) -> None:
    libraries.index("default", [folder])
    qrels = read_qrels(collection / "qrels" / "test.tsv")
    with libraries.open("default") as library, pytest.raises(CollectionError, match="import-beir"):
        evaluate_library(
            library, read_collection(collection), qrels, [Mode.HYBRID], ignore_progress, CancelToken()
        )


def test_directory_that_is_no_collection(libraries: Libraries, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"corpus\.jsonl is missing"):
        libraries.start_import("beir", folder)
