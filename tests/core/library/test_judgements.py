"""Judgements are found again in what a library holds later, and go to other programs and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from findling.errors import CollectionError, UserError
from findling.evaluation import read_collection, read_qrels
from findling.library.judgement_files import Imported, export_judgements, import_judgements
from findling.library.judgements import (
    find_quote,
    grades,
    judge,
    located,
    overlap,
    own_judgements,
    resolve,
    withdraw,
)

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries, OpenLibrary

QUERY = "how large is the mirror"
LONG = " ".join(f"Sentence number {number} tells of glass and stone." for number in range(60))


def passages_with(library: OpenLibrary, path: Path, words: str) -> list[str]:
    """The ids of a file's passages that hold these words."""
    (document_id,) = {row.document_id for row in library.files() if row.path == str(path)}
    document = library.document(document_id)
    return [name for name, (start, end) in document.spans.items() if words in document.text[start:end]]


def judged_passages(library: OpenLibrary) -> dict[str, list[str]]:
    """The texts of the passages that each judgement is about now, by query."""
    texts: dict[str, list[str]] = {}
    for place in located(library):
        assert place.now is not None, place.reason
        document = library.document(place.now.document_id)
        spans = [document.spans[name] for name in resolve(place.now, document.spans)]
        texts[place.judgement.query] = [document.text[start:end] for start, end in spans]
    return texts


def test_a_judgement_survives_an_edit_before_it_a_rename_and_other_passages(
    libraries: Libraries, folder: Path
) -> None:
    guide = folder / "guide.md"
    guide.write_text(guide.read_text() + f"\n## Stones\n\n{LONG}\n")
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        (mirror,) = passages_with(library, guide, "two metres")
        assert judge(library, QUERY, str(guide), 1, mirror).quote.endswith("two metres.")
        fortieth = passages_with(library, guide, "number 40 tells")[0]
        judge(library, "stone forty", "guide.md", 1, fortieth)
        (before,) = (place.judgement for place in located(library)[:1])

        guide.write_text(guide.read_text().replace("opens on", "opens, unless it rains or snows, on"))
        libraries.index("default")
        (place, stones) = located(library)
        assert place.now is not None
        assert place.now.start > before.start
        assert place.now.document_id != before.document_id
        assert judged_passages(library)[QUERY] == [before.quote]
        assert stones.now is not None

        guide.rename(folder / "renamed.md")
        libraries.index("default")
        # Neither its path nor the document that it was then is there now: it is kept all the same.
        assert [place.reason for place in located(library)] == ["the document is not here any more"] * 2
        (folder / "renamed.md").rename(guide)
        libraries.index("default")
        with libraries.start_rebuild("default", passage_tokens=64) as job:
            job.result()
    with libraries.open("default") as library:
        cut_anew = judged_passages(library)
        assert len(cut_anew["stone forty"]) > 1
        assert any("number 40 tells" in text for text in cut_anew["stone forty"])
        assert any("two metres" in text for text in cut_anew[QUERY])


def test_a_moved_file_is_known_by_its_content_and_a_removed_passage_is_said_to_be(
    libraries: Libraries, folder: Path
) -> None:
    libraries.index("default", [folder])
    guide, note = folder / "guide.md", folder / "sub" / "note.txt"
    with libraries.open("default") as library:
        (mirror,) = passages_with(library, guide, "two metres")
        judge(library, QUERY, str(guide), 1, mirror)
        judge(library, "digging animals", "note.txt", 1)
        note.rename(folder / "badgers.txt")
        guide.write_text(guide.read_text().replace("The main telescope has a mirror of two metres.", "Gone."))
        libraries.index("default")
        first, second = located(library)
        assert (first.now, first.path, first.reason) == (
            None,
            str(guide),
            "the passage is not in it any more",
        )
        assert second.path == str(folder / "badgers.txt")
        own = own_judgements(library)
        assert (own.queries, [place.judgement.query for place in own.unresolved]) == (
            {"q2": "digging animals"},
            [QUERY],
        )
        assert second.now is not None
        assert own.qrels == {"q2": {second.now.document_id: 1}}


def test_judging_again_replaces_what_was_said_of_the_passage(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder])
    guide = folder / "guide.md"
    with libraries.open("default") as library:
        with pytest.raises(UserError, match="no document"):
            judge(library, QUERY, "nowhere.md", 1)
        with pytest.raises(UserError, match="no passage"):
            judge(library, QUERY, "guide.md", 1, "nothing")
        assert grades(library, QUERY) == {}
        (mirror,) = passages_with(library, guide, "two metres")
        (tickets,) = passages_with(library, guide, "four euros")
        judge(library, QUERY, "guide.md", 1, mirror)
        judge(library, QUERY, "guide.md", 0, tickets)
        guide.write_text("# Observatory guide\n\nNew.\n" + guide.read_text())
        libraries.index("default")
        (mirror,) = passages_with(library, guide, "two metres")
        (tickets,) = passages_with(library, guide, "four euros")
        document_id = judge(library, QUERY.upper(), "guide.md", 0, mirror).document_id
        judge(library, QUERY, str(guide), 1)
        assert grades(library, QUERY) == {document_id: {mirror: 0, tickets: 0, "": 1}}
        assert own_judgements(library).qrels == {"q1": {document_id: 1}}
        assert withdraw(library, QUERY, "guide.md", tickets) == 1
        assert grades(library, QUERY) == {document_id: {mirror: 0, "": 1}}
        assert withdraw(library, QUERY, "guide.md") == 2
        assert withdraw(library, QUERY, "guide.md") == 0


def test_by_the_id_of_a_document_the_same_is_said_and_no_other_files_are_read(
    libraries: Libraries, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = folder / "guide.md"
    copy = folder / "sub" / "copy.md"
    copy.write_bytes(guide.read_bytes())
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        (mirror,) = passages_with(library, guide, "two metres")
        (tickets,) = passages_with(library, guide, "four euros")
        by_path = judge(library, QUERY, str(guide), 1, mirror)
        assert by_path.paths == (str(guide), str(copy))
        guide.write_text("# Observatory guide\n\nNew.\n" + guide.read_text())
        libraries.index("default")
        (now,) = {row.document_id for row in library.files() if row.path == str(guide)}
        (moved,) = passages_with(library, guide, "two metres")
        monkeypatch.setattr(type(library), "files", None)
        assert grades(library, QUERY) == {now: {moved: 1}}
        by_id = judge(library, QUERY, by_path.document_id, 0, tickets)
        assert (by_id.document_id, by_id.paths) == (by_path.document_id, (str(copy),))
        assert withdraw(library, QUERY, now) == 1
        assert grades(library, QUERY) == {by_path.document_id: {tickets: 0}}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ((0, 10), (5, 100), True),
        ((0, 10), (6, 100), False),
        ((0, 100), (40, 44), True),
        ((0, 10), (10, 20), False),
        ((5, 5), (0, 10), False),
    ],
)
def test_spans_overlap_by_half_of_the_shorter(
    first: tuple[int, int], second: tuple[int, int], *, same: bool
) -> None:
    assert overlap(first, second) is overlap(second, first) is same


def test_a_quote_is_found_whatever_the_white_space_and_nearest_to_where_it_was() -> None:
    text = "Whales (blue) sing. Then\n\n  whales dive. Whales (blue)   sing."
    assert find_quote(text, "Whales (blue)\nsing.") == (0, 19)
    assert find_quote(text, "Whales (blue) sing.", near=50) == (41, len(text))
    assert find_quote(text, "Whales (blue) sing!") is None
    assert find_quote(text, "  ") is None


def test_judgements_go_to_beir_and_csv_and_come_back(
    libraries: Libraries, folder: Path, tmp_path: Path
) -> None:
    libraries.index("default", [folder])
    guide, out = folder / "guide.md", tmp_path / "out"
    with libraries.open("default") as library:
        with pytest.raises(UserError, match="Nothing has been judged"):
            export_judgements(library, out)
        (mirror,) = passages_with(library, guide, "two metres")
        judge(library, QUERY, str(guide), 1, mirror)
        judge(library, QUERY, "note.txt", 0)
        assert export_judgements(library, out).documents == 2
        with pytest.raises(UserError, match="--force"):
            export_judgements(library, out)
        collection = read_collection(out)
        assert collection.queries == {"q1": QUERY}
        texts = {record.id: record.text for record in collection.records()}
        qrels = read_qrels(out / "qrels" / "test.tsv")
        assert {grade: texts[name][:12] for name, grade in qrels["q1"].items()} == {
            1: "Observatory ",
            0: "Badgers dig ",
        }
        guide.write_text(guide.read_text() + "\nMore.\n")
        libraries.index("default")
    libraries.index("again", [folder])
    with libraries.open("again") as library:
        assert import_judgements(library, out / "judgements.csv", "csv") == Imported(2)
        (about_guide, about_note) = located(library)
        assert about_guide.now is not None
        assert (about_guide.now.quote.split()[-2:], about_note.judgement.whole) == (["two", "metres."], True)
        # Its text has changed, and with it the id that it was exported under.
        (gone,) = import_judgements(library, out, "beir").documents_missing
        assert texts[gone].startswith("Observatory")
        assert [place.judgement.grade for place in located(library)] == [1, 0]


def test_records_are_judged_by_id_and_other_corpora_by_text(libraries: Libraries, tmp_path: Path) -> None:
    corpus = {"a1": "Blue whales sing in deep water.", "a2": "Tax is due in July.", "a3": "Oak trees."}
    place = tmp_path / "collection"
    write_collection(place, corpus, {"1": "whale song", "2": "when to pay"}, "1 0 a1 2\n2 0 a2 1\n")
    with libraries.start_import("records", place) as job:
        job.result()
    with libraries.open("records") as library:
        assert import_judgements(library, place, "beir") == Imported(2)
        trec = tmp_path / "judged.qrels"
        trec.write_text("1 0 a1 0\n1 0 a3 -1\n1 0 a9 1\n7 0 a1 1\n")
        queries = tmp_path / "queries.tsv"
        queries.write_text("1\twhale song\n")
        with pytest.raises(UserError, match="--queries"):
            import_judgements(library, trec, "trec")
        assert import_judgements(library, trec, "trec", queries) == Imported(2, ("a9",), ("7",))
        own = own_judgements(library)
        by_text = {library.document(name).text: name for grades in own.qrels.values() for name in grades}
        assert sorted(by_text) == sorted(corpus.values())
        assert own.qrels["q1"] == {by_text[corpus["a2"]]: 1}
        assert own.qrels["q2"] == {by_text[corpus["a1"]]: 0, by_text[corpus["a3"]]: 0}
        export_judgements(library, tmp_path / "out")
        assert read_qrels(tmp_path / "out" / "qrels" / "test.tsv")["q2"] == {"a1": 0, "a3": 0}

        other = tmp_path / "other"
        texts = {"x1": "Blue  whales sing\nin deep water.", "x2": "Blue whales sing OR NOT."}
        write_collection(other, texts, {"9": "who sings"}, "9\tx1\t3\n9\tx2\t1\n")
        assert import_judgements(library, other, "beir") == Imported(1, ("x2",))
        assert own_judgements(library).qrels["q3"] == {by_text[corpus["a1"]]: 3}


def test_a_bad_line_is_named_and_nothing_is_stored(
    libraries: Libraries, folder: Path, tmp_path: Path
) -> None:
    libraries.index("default", [folder])
    file = tmp_path / "judged.csv"
    good = f"{QUERY},guide.md,3,a mirror of  two metres\n"
    with libraries.open("default") as library:
        for text, what in (
            (f"query,path,grade,quote\n{good}{QUERY},guide.md,4,\n", "line 3: needs query, path and a grade"),
            (f"query;path;grade\n{QUERY};;1\n", "line 2: needs query"),
            ("query,document,grade\n", "line 1: needs the columns query, path, grade"),
        ):
            file.write_text(text)
            with pytest.raises(CollectionError, match=rf"judged\.csv, {what}"):
                import_judgements(library, file, "csv")
        bad = tmp_path / "bad.qrels"
        bad.write_text("1 0 guide.md 7\n")
        queries = tmp_path / "queries.jsonl"
        queries.write_text(json.dumps({"_id": 1, "text": QUERY}))
        with pytest.raises(CollectionError, match=r"bad\.qrels.*grade 7 of query 1, document guide\.md"):
            import_judgements(library, bad, "trec", queries)
        (tmp_path / "queries.tsv").write_text("1\tone\n\nno tab\n")
        with pytest.raises(CollectionError, match=r"queries\.tsv, line 3"):
            import_judgements(library, bad, "trec", tmp_path / "queries.tsv")
        assert library.personal.judgements() == []

        file.write_text(f"query,path,grade,quote\n{good}{QUERY},note.txt,1,not in it\n{QUERY},gone.md,1,\n")
        assert import_judgements(library, file, "csv") == Imported(2, ("gone.md",), (), ("note.txt",))
        found, lost = located(library)
        assert found.now is not None
        document = library.document(found.now.document_id)
        assert document.text[found.now.start : found.now.end] == "a mirror of two metres"
        assert (lost.now, lost.reason) == (None, "the passage is not in it any more")


def write_collection(place: Path, corpus: dict[str, str], queries: dict[str, str], qrels: str) -> None:
    (place / "qrels").mkdir(parents=True)
    for name, texts in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        lines = (json.dumps({"_id": key, "title": "", "text": text}) for key, text in texts.items())
        (place / name).write_text("\n".join(lines))
    (place / "qrels" / "test.tsv").write_text(qrels)
