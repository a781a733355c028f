"""A BEIR collection as a library, and its figures."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from findling.documents import Anchor
from findling.errors import Cancelled, CollectionError, LibraryNotFound, SettingsError, UserError
from findling.evaluation import read_collection, read_qrels
from findling.jobs import CancelToken
from findling.library.evaluating import Measuring, evaluate_libraries, evaluate_systems, record_ids
from findling.search import Hit, Mode

if TYPE_CHECKING:
    from pathlib import Path

    from findling.jobs import Progress
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


def imported(libraries: Libraries, collection: Path, name: str = "beir", model: str = "") -> dict[str, Any]:
    with libraries.start_import(name, collection, model=model) as job:
        return job.result()


def test_collection_is_imported_once_and_evaluated(libraries: Libraries, collection: Path) -> None:
    first = imported(libraries, collection)
    assert first["files"] == {"indexed": 5, "skipped": 0, "failed": 0}
    assert first["embedded"] == 4  # two records are equal
    again = imported(libraries, collection)
    assert (again["new_or_changed"], again["embedded"]) == (0, 0)
    qrels = read_qrels(collection / "qrels" / "test.tsv") | {"9": {"a": 1}}
    told: list[Progress] = []
    found = evaluate_libraries(
        libraries,
        ["beir"],
        read_collection(collection),
        qrels,
        list(Mode),
        Measuring({"perfect": {"1": ["a", "d"], "2": ["c"]}}, "keyword", report=told.append),
    )
    assert [system.name for system in found.evaluation.systems] == [*map(str, Mode), "perfect"]
    assert found.queries == {"1": QUERIES["1"], "2": QUERIES["2"]}
    assert found.without_text == ("9",)
    assert found.evaluation.system("perfect").means["ndcg@10"] == 1
    assert found.runs["keyword"]["1"][:2] == ["a", "d"]  # records of one text share a rank
    assert found.evaluation.system("semantic").means["recall@100"] == 1
    assert {one.system for one in found.evaluation.comparisons} == {"hybrid", "semantic", "perfect"}
    assert [(step.done, step.total) for step in told] == [(n, 6) for n in range(1, 7)]
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        evaluate_libraries(
            libraries,
            ["beir"],
            read_collection(collection),
            qrels,
            [Mode.HYBRID],
            Measuring(cancel=cancel),
        )


def test_libraries_of_several_models_side_by_side(libraries: Libraries, collection: Path, other: str) -> None:
    imported(libraries, collection, "plain")
    imported(libraries, collection, "prices", model=other)
    found = evaluate_libraries(
        libraries,
        ["plain", "prices"],
        read_collection(collection),
        read_qrels(collection / "qrels" / "test.tsv"),
        [Mode.SEMANTIC, Mode.KEYWORD],
    )
    assert [system.name for system in found.evaluation.systems] == [
        "plain.semantic",
        "plain.keyword",
        "prices.semantic",
        "prices.keyword",
    ]
    assert found.evaluation.baseline == "plain.semantic"
    assert found.runs["plain.keyword"] == found.runs["prices.keyword"]


def test_ids_with_the_mark_of_a_record_are_whole() -> None:
    hit = Hit(
        "/a#b/corpus.jsonl#dev/mail_29#ann0", "", 1.0, "", (), Anchor(), "p", "d", "record", "x", 0, 1,
        ("/a#b/corpus.jsonl#dev/mail_30", "/a#b/corpus.jsonl#dev/mail_29#ann0"),
    )  # fmt: skip
    assert record_ids([hit]) == ["dev/mail_29#ann0", "dev/mail_30"]


def test_own_rankings_are_evaluated_by_mode() -> None:
    answers = {("who", Mode.HYBRID): ["d1", "d1", "d2"], ("who", Mode.KEYWORD): ["d2", "d1"]}
    found = evaluate_systems(
        {"1": "who", "2": "", "3": "unjudged"},
        {"1": {"d1": 1}, "2": {"d1": 1}, "4": {"d1": 0}},
        lambda text, mode: answers[text, mode],
        [Mode.HYBRID, Mode.KEYWORD],
    )
    assert found.runs == {"hybrid": {"1": ["d1", "d2"]}, "keyword": {"1": ["d2", "d1"]}}
    assert [system.means["mrr@10"] for system in found.evaluation.systems] == [1, 0.5]
    assert found.without_text == ("2",)


def test_queries_of_a_collection_are_asked_as_they_stand(libraries: Libraries, collection: Path) -> None:
    """They know nothing of operators: each of these would be a mistake, or leave out its answer."""
    imported(libraries, collection)
    queries = {"1": 'who -makes "honey', "2": "NOT baking) OR bread", "3": "name:zzz -hang cables OR"}
    qrels = {"1": {"a": 1, "d": 1}, "2": {"c": 1}, "3": {"b": 1}}
    known = replace(read_collection(collection), queries=queries)
    found = evaluate_libraries(libraries, ["beir"], known, qrels, list(Mode))
    assert {name: run["3"][0] for name, run in found.runs.items()} == dict.fromkeys(map(str, Mode), "b")
    assert all(set(run["1"][:2]) == {"a", "d"} and run["2"][0] == "c" for run in found.runs.values())


def test_mistakes_are_said_before_the_first_search() -> None:
    def never(text: str, mode: Mode) -> list[str]:
        raise AssertionError(text)

    queries, qrels = {"1": "who"}, {"1": {"d1": 1}}
    with pytest.raises(CollectionError, match="No query that has a text"):
        evaluate_systems({}, qrels, never, [Mode.HYBRID])
    with pytest.raises(UserError, match=r"No system is called 'fast'\. There are: hybrid, peer"):
        evaluate_systems(queries, qrels, never, [Mode.HYBRID], Measuring({"peer": {"1": ["x"]}}, "fast"))
    with pytest.raises(CollectionError, match="The run 'peer' ranks documents for none of the judged"):
        evaluate_systems(queries, qrels, never, [Mode.HYBRID], Measuring({"peer": {"7": ["d1"]}}))


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
    known = read_collection(collection)
    with pytest.raises(CollectionError, match="import-beir"):
        evaluate_libraries(libraries, ["default"], known, qrels, [Mode.HYBRID])
    with pytest.raises(CollectionError, match=r"No query with a relevant document has its text in .*jsonl"):
        evaluate_libraries(libraries, ["default"], known, {"8": {"a": 1}}, [Mode.HYBRID])
    with pytest.raises(LibraryNotFound):
        evaluate_libraries(libraries, ["none"], known, qrels, [Mode.HYBRID])


def test_directory_that_is_no_collection(libraries: Libraries, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"corpus\.jsonl is missing"):
        libraries.start_import("beir", folder)
