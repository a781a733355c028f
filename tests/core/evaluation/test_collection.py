"""BEIR collections: what is read, and errors that name file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import CollectionError
from findling.evaluation import (
    read_collection,
    read_qrels,
    write_collection_queries,
    write_collection_records,
)
from findling.evaluation.collection import Record

if TYPE_CHECKING:
    from pathlib import Path


def write(directory: Path, corpus: str, queries: str | None = None) -> Path:
    (directory / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    if queries is not None:
        (directory / "queries.jsonl").write_text(queries, encoding="utf-8")
    return directory


def test_records_and_queries_are_read(tmp_path: Path) -> None:
    first = '{"_id": "a", "title": "Ice", "text": "Größe"}'
    corpus = f'{first}\n\n{{"_id": 7, "text": null}}\n{{"_id": "c", "text": "x"}}\n'
    collection = read_collection(write(tmp_path, corpus, '{"_id": 1, "text": "how big?"}\n'))
    assert list(collection.records()) == [
        Record("a", "Ice", "Größe"),
        Record("7", "", ""),
        Record("c", "", "x"),
    ]
    assert list(collection.records()) == list(collection.records())
    assert collection.queries == {"1": "how big?"}


def test_a_collection_may_have_no_queries(tmp_path: Path) -> None:
    assert read_collection(write(tmp_path, "")).queries == {}


def test_a_directory_without_a_corpus_is_none(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"corpus\.jsonl is missing"):
        read_collection(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{broken", "line 3: is not JSON"),
        ("[1]", "line 3: is not a JSON object"),
        ('{"text": "x"}', "line 3: needs _id"),
        ('{"_id": "x", "text": 5}', "line 3: needs _id, and text as a string"),
        ('{"_id": "x", "title": ["t"], "text": "x"}', "line 3: needs"),
    ],
)
def test_an_error_in_the_corpus_names_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    collection = read_collection(write(tmp_path, f'{{"_id": "a", "text": "x"}}\n\n{line}\n'))
    with pytest.raises(CollectionError) as caught:
        list(collection.records())
    assert str(caught.value).startswith(f"{tmp_path / 'corpus.jsonl'}, {words}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"), [('{"_id": 1}', "line 2: needs _id"), ("{", "line 2: is not JSON")]
)
def test_an_error_in_the_queries_names_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(CollectionError) as caught:
        read_collection(write(tmp_path, "", f'{{"_id": 1, "text": "q"}}\n{line}\n'))
    assert str(caught.value).startswith(f"{tmp_path / 'queries.jsonl'}, {words}")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "")
    (tmp_path / "queries.jsonl").write_bytes(b'{"_id": 1, "text": "\xff"}')
    with pytest.raises(CollectionError, match=r"queries\.jsonl cannot be read"):
        read_collection(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "query-id\tcorpus-id\tscore\nq1\td 1\t2\nq1\td2\t0\n\nq2\td1\t1\n",
        "q1\td 1\t2\nq1\td2\t0\nq2\td1\t1\n",
        "q1\t0\td 1\t2\nq1\t0\td2\t0\nq2\t0\td1\t1\n",
    ],
)
def test_judgements_with_a_header_without_one_and_in_four_columns(tmp_path: Path, text: str) -> None:
    path = tmp_path / "test.tsv"
    path.write_text(text)
    assert read_qrels(path) == {"q1": {"d 1": 2, "d2": 0}, "q2": {"d1": 1}}


def test_judgements_of_trec_are_parted_by_blanks(tmp_path: Path) -> None:
    path = tmp_path / "qrels.txt"
    path.write_text("1 0 d7   3\n1 Q0 d8 -1\n")
    assert read_qrels(path) == {"1": {"d7": 3, "d8": -1}}


@pytest.mark.parametrize("line", ["q1\td2\tgood", "q1\td2", "q1", "q1\td2\t1.5"])
def test_an_error_in_the_judgements_names_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "test.tsv"
    path.write_text(f"query-id\tcorpus-id\tscore\nq1\td1\t1\n{line}\n")
    with pytest.raises(CollectionError) as caught:
        read_qrels(path)
    assert str(caught.value).startswith(f"{path}, line 3: needs query, document")


def test_judgements_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="cannot be read"):
        read_qrels(tmp_path / "none.tsv")
    (tmp_path / "bytes.tsv").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(CollectionError, match="cannot be read"):
        read_qrels(tmp_path / "bytes.tsv")


def test_a_written_collection_is_read(tmp_path: Path) -> None:
    records = [Record("a", "Ice", 'Größe "x"\nand more'), Record("b\t1", "", "")]
    queries = {"1": "how big?", "q 2": "wie groß?\n"}
    write_collection_records(tmp_path / "beir", records)
    assert read_collection(tmp_path / "beir").queries == {}
    write_collection_queries(tmp_path / "beir", queries)
    collection = read_collection(tmp_path / "beir")
    assert (list(collection.records()), collection.queries) == (records, queries)
