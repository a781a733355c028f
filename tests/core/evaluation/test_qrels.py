"""Judgements in three forms: what is written is read, and errors name file and line."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from findling.errors import CollectionError, PlaceNotWritable
from findling.evaluation import read_qrels, write_qrels, write_trec_qrels

if TYPE_CHECKING:
    from pathlib import Path

QRELS = {"q1": {"d1": 2, "d2": 0}, "q 2": {"größe": -1, "d1": 1}}


@pytest.mark.parametrize("name", ["test.tsv", "qrels/test.tsv.gz"])
@pytest.mark.parametrize("write", [write_qrels, write_trec_qrels])
def test_what_is_written_is_read(tmp_path: Path, name: str, write: object) -> None:
    write(tmp_path / name, QRELS)
    assert read_qrels(tmp_path / name) == QRELS


def test_both_forms_are_those_that_others_read(tmp_path: Path) -> None:
    write_qrels(tmp_path / "beir.tsv", {"q": {"d": 1}})
    assert (tmp_path / "beir.tsv").read_text() == "query-id\tcorpus-id\tscore\nq\td\t1\n"
    write_trec_qrels(tmp_path / "trec", {"q": {"d": 1}})
    assert (tmp_path / "trec").read_text() == "q 0 d 1\n"


@pytest.mark.parametrize("name", ["", " ", "a\tb", "a\nb"])
def test_a_name_that_no_line_holds_is_refused_and_nothing_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(CollectionError, match="cannot hold the name"):
        write_qrels(tmp_path / "test.tsv", {"q": {name: 1}})
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaceNotWritable, match="cannot be written"):
        write_qrels(tmp_path / "file" / "test.tsv", QRELS)


def test_csv_columns_are_found_by_their_names(tmp_path: Path) -> None:
    path = tmp_path / "judged.csv"
    text = 'note,Grade,query,document\n"two\nlines",2,q1,"d, 1"\n\n,0,q1,d2\n'
    path.write_text(text, encoding="utf-8-sig")  # as spreadsheets do
    assert read_qrels(path) == {"q1": {"d, 1": 2, "d2": 0}}
    (tmp_path / "judged.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert read_qrels(tmp_path / "judged.csv.gz") == {"q1": {"d, 1": 2, "d2": 0}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("query,document\n", "line 1: needs a header with query, document and grade"),
        ("q1,d1,1\n", "line 1: needs a header"),
        ('query,document,grade\n"a\nb",d,1\nq,d,good\n', "line 4: needs query, document and a whole"),
        ("query,document,grade\nq,d\n", "line 2: needs query, document and a whole number"),
        ("query,document,grade\n,d,1\n", "line 2: needs query"),
        ('query,document,grade\nq,"d"e,1\n', "line 2: is not CSV"),
    ],
)
def test_an_error_in_csv_names_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "judged.csv"
    path.write_text(text)
    with pytest.raises(CollectionError) as caught:
        read_qrels(path)
    assert str(caught.value).startswith(f"{path}, {words}")


@pytest.mark.parametrize("line", ["q1 Q0 d1 1 9.5 tag", "q1\t\t1", "\td1\t1"])
def test_other_columns_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "qrels"
    path.write_text(f"q1 0 d1 1\n{line}\n")
    with pytest.raises(CollectionError, match="line 2: needs query, document and a whole number"):
        read_qrels(path)


def test_a_damaged_archive_is_an_error_in_words(tmp_path: Path) -> None:
    write_qrels(tmp_path / "test.tsv.gz", QRELS)
    whole = (tmp_path / "test.tsv.gz").read_bytes()
    for damaged in (b"no gzip", whole[:-12], whole[:12] + bytes(8) + whole[20:]):
        (tmp_path / "test.tsv.gz").write_bytes(damaged)
        with pytest.raises(CollectionError, match=r"The judgements .*test.tsv.gz cannot be read"):
            read_qrels(tmp_path / "test.tsv.gz")
