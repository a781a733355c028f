"""The file of pairs: nothing that was reported is lost, whatever kills, fills or damages it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findling.errors import DiskFull, LibraryBusy, PlaceNotWritable, UserError
from findling.synthesis import pair_file
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, TeacherScore, Verdict, pair_id
from findling.synthesis.pair_export import Form, export_pairs
from findling.synthesis.pair_file import PairWriter, own_pair, read_pairs
from findling.synthesis.pair_set import REVIEW, PairSet, passages_of

if TYPE_CHECKING:
    from pathlib import Path

PLAN = {"library": "papers", "pairs": 100}
#: Appends batches of pairs from the first that the file does not have, and says what is on the disk.
WRITER = """
import sys
from pathlib import Path
from findling.synthesis.pair import Origin, Pair, Positive, Provenance
from findling.synthesis.pair_file import PairWriter, read_pairs

path = Path(sys.argv[1])
text = "whales sing " * 900
source = Provenance(Origin.GENERATED, "question")
with PairWriter(path, {"library": "papers", "pairs": 100}) as writer:
    number = len(read_pairs(path).ids)
    while True:
        batch = [
            Pair(str(n), f"query {n}", Positive(f"p{n}", "d", 0, len(text), text), source)
            for n in range(number, number + 7)
        ]
        writer.append(batch)
        number += len(batch)
        print(number, flush=True)
"""


def made(
    name: str, query: str = "who sings", text: str = "Blue whales sing.", *, passed: bool = True
) -> Pair:
    positive = Positive(f"p-{name}", "d", 0, len(text), text)
    verdict = Verdict("copied", passed, 0.7, "" if passed else "mostly copied")
    return Pair(name, query, positive, Provenance(Origin.GENERATED, "question"), "en", (verdict,))


def write(path: Path, *pairs: Pair) -> None:
    with PairWriter(path, PLAN) as writer:
        writer.append(pairs)


text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
number = st.floats(allow_nan=False, allow_infinity=False)
verdict = st.builds(Verdict, text, st.booleans(), st.none() | number, text)
pairs = st.builds(
    Pair,
    id=text,
    query=text,
    positive=st.builds(Positive, text, text, st.integers(), st.integers(), text),
    provenance=st.builds(
        Provenance,
        st.sampled_from(Origin),
        text,
        text,
        text,
        st.integers(),
        st.dictionaries(text, text),
        text,
    ),
    language=text,
    verdicts=st.lists(verdict, max_size=3).map(tuple),
    teacher=st.lists(st.builds(TeacherScore, text, number), max_size=3).map(tuple),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(pairs, unique_by=lambda pair: pair.id, max_size=4))
def test_what_is_read_is_what_was_written(written: list[Pair], tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.unlink(missing_ok=True)
    write(path, *written)
    found = read_pairs(path)
    assert list(found.pairs.values()) == written
    assert (found.plan, found.damaged_lines, found.finished) == (PLAN, [], False)


def test_text_that_is_no_unicode_is_kept_and_the_file_is_the_persons_alone(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    pair = made("a", "half a character \ud83d", "line\u2028break\nand \x00")
    write(path, pair)
    assert read_pairs(path).pairs == {"a": pair}
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes().splitlines()) == 2


def test_a_writer_killed_at_any_time_loses_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    reported = 0
    for acknowledgements in (1, 2, 3, 1, 5, 8, 4, 2, 1, 6):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(acknowledgements):
                reported = int(writer.stdout.readline())
            writer.kill()
            for line in writer.stdout:  # reported before it died
                reported = int(line) if line.endswith("\n") else reported
        found = read_pairs(path)
        assert len(found.ids) >= reported
        assert list(found.ids) == [str(number) for number in range(len(found.ids))]
        assert found.damaged_lines == []
    write(path)  # which takes off what the last one left
    lines = path.read_bytes().splitlines()
    assert [json.loads(line)["pair"]["id"] for line in lines[1:]] == list(found.ids)


def test_a_file_cut_off_anywhere_reads_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    write(path, made("a"), made("b", "wer singt — und wo?"))
    whole = path.read_bytes()
    header, first = whole.splitlines(keepends=True)[:2]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        complete = [
            name
            for name, end in (("a", len(header + first)), ("b", len(whole)))
            if length >= end - 1  # all but the end of the line is there
        ]
        if length >= len(header) - 1:
            assert list(read_pairs(path).ids) == complete
        else:
            with pytest.raises(UserError, match="not a file of pairs"):
                read_pairs(path)
        write(path, made("c"))
        assert list(read_pairs(path).ids) == [*complete, "c"]
        assert read_pairs(path).damaged_lines == []


def test_damage_in_the_middle_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    write(path, made("a"), made("b"), made("c"))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:40] + b"\xff\n"
    lines += [b'{"pair": {"id": "d"}}\n', b"[1]\n", b'{"later": {}}\n', b"\n", b'{"drop": {"id": 3}}\n']
    path.write_bytes(b"".join(lines))
    found = read_pairs(path)
    assert (list(found.ids), found.damaged_lines) == (["a", "c"], [3, 5, 6, 7, 9])
    write(path, made("b"))  # made again by a resume, as its id is not known
    assert list(read_pairs(path).ids) == ["a", "c", "b"]


def test_changes_are_folded_and_a_person_has_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    with PairWriter(path, PLAN) as writer:
        writer.append([made("good"), made("bad", passed=False), made("worse", passed=False), made("other")])
        writer.done({"kept": 2})
        assert read_pairs(path).outcome == {"kept": 2}
        writer.edit("bad", "  which animals\nsing ")
        writer.drop("good", "trivial")
        writer.drop("other")
        writer.restore("other")
        writer.mark("bad", example=True)
        writer.mark("other", example=True)
        writer.mark("other", example=False)
        own = own_pair(made("good").positive, "what do whales do", "en")
        writer.add(own)
        with pytest.raises(UserError, match="empty"):
            writer.edit("good", " \n")
    found = read_pairs(path)
    assert {pair.id: pair.query for pair in found.kept} == {
        "bad": "which animals sing",
        "other": "who sings",
        own.id: "what do whales do",
    }
    assert [(found.rejected_by(pair), found.reason(pair)) for pair in found.rejected] == [
        (REVIEW, "trivial"),
        ("copied", "mostly copied"),
    ]
    assert (found.edited, found.examples, found.finished) == ({"bad": "who sings"}, {"bad"}, True)
    assert found.pairs["bad"].provenance.origin is Origin.GENERATED
    assert own.provenance.origin is Origin.PERSON
    with PairWriter(path) as writer:
        writer.restore("worse")  # in spite of its filter
        writer.restore("good")
        writer.drop("other")
        writer.edit("other", "a better one")  # takes the drop back, too
        writer.drop("bad", "after all")
        writer.append([made("bad", "made again", passed=False)])  # by a work that was begun again
    found = read_pairs(path)
    assert [pair.id for pair in found.kept] == ["good", "worse", "other", own.id]
    assert found.pairs["bad"].query == "which animals sing"
    assert (found.edited["bad"], found.finished) == ("made again", False)


def test_only_one_writes_at_a_time_and_others_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    with PairWriter(path, PLAN) as writer:
        with pytest.raises(LibraryBusy, match=r"pairs\.jsonl"), PairWriter(path, PLAN):
            pass
        writer.append([made("a")])
        assert list(read_pairs(path).ids) == ["a"]
    with PairWriter(path, {"another": "plan"}) as writer:
        writer.append([made("b")])
    assert (list(read_pairs(path).ids), read_pairs(path).plan) == (["a", "b"], PLAN)


@pytest.mark.parametrize(("code", "kind"), [(errno.ENOSPC, DiskFull), (errno.EROFS, PlaceNotWritable)])
def test_what_a_full_disk_took_in_part_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[UserError]
) -> None:
    path = tmp_path / "pairs.jsonl"

    def refuse(file: int, data: bytes) -> int:
        os.write(file, data[: len(data) // 2])
        raise OSError(code, os.strerror(code))

    with PairWriter(path, PLAN) as writer:
        writer.append([made("a")])
        with monkeypatch.context() as full:
            full.setattr(pair_file, "_write_all", refuse)
            with pytest.raises(kind, match=str(tmp_path)):
                writer.append([made("b"), made("c")])
        assert path.read_bytes().endswith(b"\n")
        writer.append([made("d")])
    found = read_pairs(path)
    assert (list(found.ids), found.damaged_lines) == (["a", "d"], [])


def test_files_of_others_are_refused_and_left_as_they_are(tmp_path: Path) -> None:
    for content, said in (
        (b"Dear diary,\nI", "not a file of pairs"),
        (b'{"name": "x"}', "not a file of pairs"),
        (b'{"plan": {}, "version": 2}\n', "newer Findling"),
    ):
        path = tmp_path / "other.jsonl"
        path.write_bytes(content)
        for attempt in (read_pairs, lambda place: PairWriter(place, PLAN).__enter__()):
            with pytest.raises(UserError, match=said):
                attempt(path)
        assert path.read_bytes() == content
    for attempt in (read_pairs, lambda place: PairWriter(place).__enter__()):
        with pytest.raises(UserError, match="no file"):
            attempt(tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="no directory"), PairWriter(tmp_path / "no" / "p.jsonl", PLAN):
        pass


def test_pairs_are_exported_for_other_programs(tmp_path: Path) -> None:
    whole = made("a", text="Blue whales sing in deep water.")
    part = Pair(
        pair_id("cloze"),
        "Blue whales sing",
        Positive(whole.positive.passage_id, "d", 0, 31, "in deep water."),
        Provenance(Origin.DOCUMENT, "cloze"),
    )
    assert passages_of_pairs([part, whole]) == {"p-a": "Blue whales sing in deep water."}
    path = tmp_path / "train.jsonl"
    assert export_pairs([whole, part], path) == 2
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["query"], row["positive"], row["kind"]) for row in rows] == [
        ("who sings", "Blue whales sing in deep water.", "question"),
        ("Blue whales sing", "in deep water.", "cloze"),
    ]

    from findling.evaluation import QRELS_FILE, read_collection, read_qrels

    directory = tmp_path / "collection"
    assert export_pairs([whole, part], directory, Form.BEIR) == 2
    collection = read_collection(directory)
    texts = {record.id: record.text for record in collection.records()}
    qrels = read_qrels(directory / QRELS_FILE)
    answers = {collection.queries[query]: [texts[name] for name in found] for query, found in qrels.items()}
    assert answers == {row["query"]: [row["positive"]] for row in rows}


def passages_of_pairs(of: list[Pair]) -> dict[str, Any]:
    return {name: pair.positive.text for name, pair in passages_of(PairSet.of(of)).items()}
