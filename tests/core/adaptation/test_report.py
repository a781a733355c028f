"""The report of a run that was made up, and its parts; that a real run has one is tested with the flow."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.adaptation.map import maps_of
from findling.adaptation.report import JSON_FILE, maps_in, report_of, write_report
from findling.adaptation.report_groups import (
    LEAST_QUESTIONS,
    MOST_GROUPS,
    OTHERS,
    described,
    groups_of,
    losing,
)
from findling.adaptation.report_html import html_of
from findling.adaptation.report_map import map_of
from findling.adaptation.runs import HTML_FILE, Run, Stage
from findling.evaluation.significance import differences_of
from findling.store import FileRow, FileState, PassageRow
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, Verdict
from findling.synthesis.pair_file import PairWriter

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("jinja2")
pytest.importorskip("sklearn")

BAD = "<script>alert('x')</script><img src=x onerror=alert(1)>"
ARMS = ("keyword", "base", "tuned", "base hybrid", "tuned hybrid")
TRAINING = {
    "recipe": {"steps": 20, "batch": 8, "false_negative_margin": 0.1},
    "examples": 640,
    "dev": 48,
    "test": 60,
    "points": [
        {"step": 0, "loss": 0.0, "measure": 0.41},
        {"step": 10, "loss": 1.25, "measure": 0.437},
        {"step": 20, "loss": 0.75, "measure": 0.43},
    ],
    "best_step": 10,
    "steps": 20,
    "ended": "finished",
    "interpolation": [{"share": 0.0, "measure": 0.41}, {"share": 0.5, "measure": 0.437}],
    "share": 0.5,
}


def difference(mean: float, spread: float = 0.02, count: int = 60) -> dict[str, Any]:
    drawn = np.random.default_rng(0).normal(mean, spread, (count, 1))
    return asdict(differences_of(drawn - drawn.mean() + mean)[0])


def asked(gain: float, query: str = "what is asked", document: str = "d1") -> dict[str, Any]:
    return {
        "query": query,
        "gain": gain,
        "hybrid_gain": gain / 2,
        "base": ["d9", document],
        "tuned": [document, "d9"],
        "base_rank": 2,
        "tuned_rank": 1,
        "answers": [document],
    }


def judgement(**others: Any) -> dict[str, Any]:
    gain = difference(0.0321)
    arms = {arm: {"mean": 0.5 + place / 50, "low": 0.45, "high": 0.62} for place, arm in enumerate(ARMS)}
    metric = {"arms": arms, "gains": {"tuned": gain, "tuned hybrid": difference(0.01)}}
    return {
        "verdict": "better",
        "reason": "Finds the right document more often: nDCG@10 0.520 → 0.552.",
        "queries": 60,
        "real": True,
        "answering": "document",
        "metrics": dict.fromkeys(("ndcg@10", "mrr@10", "recall@100"), metric),
        "forgetting": {
            "base": 83.9,
            "tuned": 83.6,
            "difference": difference(-0.3, count=523),
            "drift_cosine": 0.987,
            "rank_overlap": 0.91,
            "passed": True,
        },
        "questions": [asked(-0.2, "lost one"), *(asked(0.0) for _ in range(20)), asked(0.37, "won one")],
    } | others


def pair(query: str, *verdicts: Verdict) -> Pair:
    positive = Positive("p1", "d1", 0, 20, "A passage about telescopes.")
    return Pair(query, query, positive, Provenance(Origin.GENERATED, "question"), "en", verdicts)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    directory = tmp_path / "20260101-000000-000001"
    directory.mkdir()
    with PairWriter(directory / "pairs.jsonl", {"library": "notes", "seed": 1}) as writer:
        writer.append([pair("what is a telescope"), pair(BAD, Verdict("copy", passed=False, reason=BAD))])
        writer.done({"seconds": 125.0})
    plan = {"library": "notes", "base": "all-minilm-l6-v2", "seed": 1, "pairs_file": ""}
    return Run(directory, "notes", plan, Stage.JUDGED, "tuned", TRAINING, judgement(), {"train": 61.0})


class Page(HTMLParser):
    """The words of a page, and what could fetch or run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.addresses: list[str | None] = []
        self.handlers: list[str] = []
        self.feed(text)
        self.words = re.sub(r"\s+", " ", self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "xlink:href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words += data + " "


def test_the_page_says_what_the_figures_say(run: Run) -> None:
    page = write_report(run)
    told = json.loads((run.directory / JSON_FILE).read_text("utf-8"))
    assert page == run.directory / HTML_FILE
    assert page.stat().st_mode & 0o077 == 0
    text = Page(page.read_text("utf-8")).words
    assert text.index("Better") < text.index(told["reason"]) < text.index("Before and after")
    gain = told["judgement"]["metrics"]["ndcg@10"]["gains"]["tuned"]
    for said in (
        f"{100 * gain['mean']:+.1f}",
        f"{100 * gain['low']:+.1f} … {100 * gain['high']:+.1f}",
        f"{100 * gain['smallest']:.1f}",
        "54.0 (45.0 … 62.0)",  # tuned
        "83.9 → 83.6",
        "0.987",
        "91 %",
        "640 pairs",
        "0.750",
        "43.7",
        "findling runs promote 20260101-000000-000001",
        "2 min 05 s",  # what the pairs took
        "all-minilm-l6-v2",
        told["versions"]["numpy"],
    ):
        assert said in text, said
    assert told["pairs"]["kept"] == 1
    assert told["pairs"]["rejected_by"] == {"copy": 1}


def test_wins_and_losses_are_the_most_extreme_ones(run: Run) -> None:
    questions = [asked(place / 100 - 0.2, f"question {place}") for place in range(60)]
    run = run.at(Stage.JUDGED, judgement=judgement(questions=questions))
    told = report_of(run)["questions"]
    assert (told["wins"], told["ties"], told["losses"]) == (39, 1, 20)
    assert [each["query"] for each in told["won"]] == [f"question {place}" for place in range(59, 49, -1)]
    assert [each["query"] for each in told["lost"]] == [f"question {place}" for place in range(10)]
    assert told["won"][0]["base"]["rank"] == 2
    assert [hit["answers"] for hit in told["won"][0]["base"]["hits"]] == [False, True]


def test_nothing_of_a_document_runs_or_is_fetched(run: Run) -> None:
    told = report_of(run.at(Stage.JUDGED, judgement=judgement(reason=BAD, questions=[asked(0.4, BAD, BAD)])))
    told["library"] = told["model"] = BAD
    hit = {"title": BAD, "snippet": BAD, "highlights": [[1, 7]], "answers": True}
    told["questions"]["won"][0]["tuned"]["hits"] = [hit]
    group = {"name": BAD, "documents": 1, "documents_with_pairs": 1, "pairs": 1, "questions": 25}
    leg = {"mean": -0.1, "low": -0.2, "high": -0.05, "p": 0.001}
    told["groups"]["folder"] = [group | {"meaning": leg, "both": leg, "said": "loses"}] * 2
    told["losing"] = losing(told["groups"])
    told["map"] = {
        "of": "documents",
        "coloured_by": "folder",
        "neighbours": 10,
        "kept": 0.9,
        "groups": [{"name": BAD, "points": 1, "kept": 1.0, "alike_before": 1.0, "alike_after": 1.0}],
        "points": [{"title": BAD, "group": 0, "before": [0.1, 0.2], "after": [0.3, 0.4]}],
    }
    told["plan"] = {"pairs_file": BAD}
    told["versions"] = {"numpy": f"odd \udce9 {BAD}"}
    text = html_of(told)
    page = Page(text)
    assert not {"script", "img", "iframe", "link", "object", "base"} & set(page.tags)
    assert not page.addresses
    assert not page.handlers
    assert not re.search(r"url\(|@import|javascript:|https?:", text)
    assert page.words.count("alert('x')") >= 8


def test_groups_that_lose_are_named_and_small_ones_marked() -> None:
    files = [
        FileRow(f"/home/me/{folder}/{place}.txt", kind, FileState.INDEXED, document_id=f"{folder}{place}")
        for folder, kind, count in (("letters", "txt", 30), ("reports", "pdf", 30), ("few", "txt", 5))
        for place in range(count)
    ]
    chance = np.random.default_rng(0)
    gains = {"letters": 0.1, "reports": -0.1, "few": -0.5}
    questions: list[dict[str, Any]] = []
    for row in files:
        gain = gains[row.path.split("/")[3]] + chance.normal(0, 0.05)
        questions.append({"documents": [row.document_id], "gain": gain, "hybrid_gain": 0.0})
    groups = groups_of(described(files, {}), ["letters1", "letters1", "few2"], questions)
    said = {group["name"]: group for group in groups["folder"]}
    assert {name: group["said"] for name, group in said.items()} == {
        "letters": "gains",
        "reports": "loses",
        "few": "too few to tell",
    }
    assert said["reports"]["meaning"]["high"] < 0
    assert said["few"]["questions"] < LEAST_QUESTIONS <= said["reports"]["questions"]
    letters = said["letters"]
    assert (letters["documents"], letters["documents_with_pairs"], letters["pairs"]) == (30, 1, 2)
    named = losing(groups)
    assert {(each["by"], each["name"], each["leg"]) for each in named} == {
        ("folder", "reports", "meaning"),
        ("format", "pdf", "meaning"),
    }


def test_the_page_names_who_loses(run: Run) -> None:
    told = report_of(run)
    leg = {"mean": -0.1, "low": -0.2, "high": -0.05, "p": 0.001}
    group = {"documents": 30, "documents_with_pairs": 3, "pairs": 4, "questions": 25, "meaning": leg}
    told["groups"]["format"] = [group | {"name": "pdf", "both": leg | {"high": 0.1}, "said": "loses"}]
    told["losing"] = []
    told["groups"]["folder"] = [group | {"name": "here", "both": leg, "said": "no difference"}]
    assert "No loss is shown" in Page(html_of(told)).words
    told["losing"] = losing(told["groups"])
    text = Page(html_of(told)).words
    said = "The format “pdf” loses by meaning: -10.0 points (95 %: -20.0 … -5.0) over 25 questions"
    assert said in text.replace("\N{MINUS SIGN}", "-")
    assert "No loss is shown" not in text
    assert "by words and meaning:" not in text


def test_many_folders_are_few_groups_and_lengths_are_in_order() -> None:
    files = [
        FileRow(f"/data/{place % 40}/{place}.txt", "txt", FileState.INDEXED, document_id=f"d{place}")
        for place in range(120)
    ]
    sizes = (500, 3_000, 9_000, 50_000, 500_000)
    lengths = {f"d{place}": sizes[place % 5] for place in range(120)}
    groups = groups_of(described(files, lengths), [], [])
    assert len(groups["folder"]) == MOST_GROUPS
    assert groups["folder"][-1]["name"] == OTHERS
    assert sum(group["documents"] for group in groups["folder"]) == 120
    assert [group["name"].split()[0] for group in groups["length"]] == [
        "under",
        "1,000",
        "5,000",
        "20,000",
        "over",
    ]
    assert groups["folder"][0]["said"] == "nothing asked"


def test_maps_are_read_from_a_report_that_has_them(run: Run) -> None:
    assert maps_in(run) is None
    write_report(run)
    assert maps_in(run) is None
    file = run.directory / JSON_FILE
    file.write_text(json.dumps({"version": 1, "map": {"points": []}}))
    assert maps_in(run) == {"points": []}
    for text in ("", "[]", '{"version": 99, "map": {}}', '{"version": 1}'):
        file.write_text(text)
        assert maps_in(run) is None


def test_a_run_that_ended_early_has_its_curves_and_its_reason(run: Run) -> None:
    reason = "No step of the training made the model better."
    ended = {"verdict": "keep base", "reason": reason}
    text = Page(write_report(run.at(Stage.JUDGED, model="", judgement=ended)).read_text("utf-8")).words
    for said in ("Keep base", reason, "Loss", "43.7", "The pairs", "Nothing was changed"):
        assert said in text, said
    for absent in ("Before and after", "Won and lost", "The library as a map"):
        assert absent not in text, absent


def test_a_run_without_any_figures_has_a_page(tmp_path: Path) -> None:
    text = Page(write_report(Run(tmp_path, "notes", {"seed": 0})).read_text("utf-8")).words
    assert "Not judged" in text


def rows_of(count: int, passages: int) -> list[PassageRow]:
    return [
        PassageRow(f"p{place}", f"d{place // passages}", "", "text", 0, 0, 4, 1, "{}")
        for place in range(count)
    ]


def vectors_of(count: int, seed: int = 0) -> Any:
    """Three clusters."""
    chance = np.random.default_rng(seed)
    middles = np.random.default_rng(7).normal(size=(3, 24))
    found = middles[np.arange(count) % 3] + 0.3 * chance.normal(size=(count, 24))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def test_a_map_keeps_what_has_not_moved_in_its_place() -> None:
    before = vectors_of(90)
    moved = before + 0.01 * np.random.default_rng(3).normal(size=before.shape)
    after = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    maps = maps_of(before, after, seed=1)
    assert np.array_equal(maps.before, maps_of(before, after, seed=1).before)
    apart = np.linalg.norm(maps.before[:, None] - maps.before[None], axis=2)
    clusters = np.arange(90) % 3
    same = clusters[:, None] == clusters[None]
    assert apart[same].mean() < apart[~same].mean() / 2
    assert np.median(np.linalg.norm(maps.before - maps.after, axis=1)) < 0.1
    assert maps.kept.mean() > 0.7
    assert maps.alike(clusters)[1].mean() > 0.9


def test_a_map_has_the_same_points_whatever_their_order() -> None:
    rows, before = rows_of(60, 1), vectors_of(60)
    order = np.random.default_rng(5).permutation(60)
    folders = {f"d{place}": "even" if place % 2 else "odd" for place in range(60)}
    found = map_of((rows, before), ([rows[place] for place in order], before[order]), folders, {}, 0)
    assert found is not None
    assert (found["of"], found["coloured_by"]) == ("documents", "folder")
    assert found["kept"] == 1.0
    assert {group["name"] for group in found["groups"]} == {"even", "odd"}
    for point in found["points"]:
        assert found["groups"][point["group"]]["name"] == folders[point["title"]]


def test_few_documents_are_shown_by_their_passages() -> None:
    rows, vectors = rows_of(40, 10), vectors_of(40)
    found = map_of(
        (rows, vectors), (rows, vectors), {}, {f"d{place}": f"Book {place}" for place in range(4)}, 0
    )
    assert found is not None
    assert (found["of"], found["coloured_by"]) == ("passages", "document")
    assert {group["name"] for group in found["groups"]} == {f"Book {place}" for place in range(4)}
    assert map_of((rows[:5], vectors[:5]), (rows[:5], vectors[:5]), {}, {}, 0) is None
