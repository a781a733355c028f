"""The writing of pairs: as many as are wanted, none twice, and each with what every filter said."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken, Progress
from findling.llama import Completion, End, Request
from findling.synthesis.augmentation import Augmentation
from findling.synthesis.kinds import LANGUAGES, kinds
from findling.synthesis.pair import Origin, Pair
from findling.synthesis.pair_file import PairWriter, read_pairs
from findling.synthesis.plan import SynthesisPlan
from findling.synthesis.prompts import Completing
from findling.synthesis.rewriting import Rewriting
from findling.synthesis.writing import MOST_TURNS, Writing, tasks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROMPTS = Completing(list(kinds().values()))


def good(request: Request) -> str:
    """A query of words of the passage at hand."""
    words = str(request.parts[1]).replace(".", "").split()[3:15]
    one, two = random.Random(request.seed).sample(sorted(words), 2)
    return f"{one} near {two}"


def plan_of(**values: Any) -> SynthesisPlan:
    return SynthesisPlan("l", 1, "f", generator="g", **{"sources": (), "pairs": 20} | values)


class Work:
    """A writing into a file, opened as the job opens it."""

    def __init__(self, corpus: Any, path: Path, plan: SynthesisPlan, report: Any = None) -> None:
        self.writer = PairWriter(path, plan.to_json())
        self.writer.__enter__()
        self.known = read_pairs(path)
        self.reports: list[Progress] = []
        self.writing = Writing(
            plan,
            corpus.passages,
            corpus.search,
            self.writer,
            self.known,
            report or self.reports.append,
            CancelToken(),
        )


@pytest.fixture
def work(tmp_path: Path, a_corpus: Any) -> Iterator[Callable[..., Work]]:
    """Begins work on a corpus of 60 passages, or goes on with it."""
    opened: list[Work] = []

    def begun(plan: SynthesisPlan, corpus: Any = None, report: Any = None) -> Work:
        while opened:
            opened.pop().writer.close()
        opened.append(Work(corpus or a_corpus(60), tmp_path / "pairs.jsonl", plan, report))
        return opened[-1]

    yield begun
    while opened:
        opened.pop().writer.close()


def stored_ids(path: Path) -> list[str]:
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return [record["pair"]["id"] for record in records if "pair" in record]


def test_it_writes_as_many_as_are_wanted_and_counts_them(work: Any, scripted: Any, tmp_path: Path) -> None:
    begun = work(plan_of())
    begun.writing.generate(scripted(good), PROMPTS, ("en",))
    tally, stored = begun.writing.tally, read_pairs(tmp_path / "pairs.jsonl")
    assert 20 <= tally.kept < 20 + 24  # those that were in work when it was enough are not thrown away
    assert tally.kept == len(list(stored.kept))
    assert tally.generated == len(stored.pairs) == tally.kept + tally.rejected.total()
    last = begun.reports[-1]
    assert (last.phase, last.total, last.unit) == ("writing", 20, "pairs")
    assert last.counts["generated"] <= tally.generated


def test_every_pair_has_what_the_filters_said_of_it(work: Any, scripted: Any) -> None:
    def answer(request: Request) -> str | Completion:
        match request.seed % 5:
            case 0:
                return Completion(request.key, "how the", 4, -4.0, End.LENGTH, -20.0)
            case 1:
                return Completion(
                    request.key, good(request), 5, -5.0, End.STOP, -5.5
                )  # it could be anybody's
            case 2:
                return "weather of tomorrow evening"
            case 3:
                return "Question: what is it"
            case _:
                return good(request)

    begun = work(plan_of())
    begun.writing.generate(scripted(answer), PROMPTS, ("en",))
    by_first_failure: dict[str, list[Pair]] = {}
    for pair in begun.known.pairs.values():
        failed = [verdict for verdict in pair.verdicts if not verdict.passed]
        assert len(failed) <= 1
        assert pair.kept == (not failed)
        if failed:
            assert pair.verdicts[-1] == failed[0]
            assert failed[0].reason
            by_first_failure.setdefault(failed[0].filter, []).append(pair)
        else:
            names = [verdict.filter for verdict in pair.verdicts]
            assert names == ["rules", "information", "round trip", "discrimination"]
            assert pair.positive.passage_id in {score.passage_id for score in pair.teacher[:3]}
            assert pair.provenance.origin is Origin.GENERATED
            assert pair.provenance.kind in kinds()
            assert pair.provenance.prompt == PROMPTS.version
    assert {"cut off", "information", "round trip", "echo"} <= by_first_failure.keys()
    assert {name: len(pairs) for name, pairs in by_first_failure.items()} == dict(
        begun.writing.tally.rejected
    )


def test_a_generator_that_writes_only_noise_is_stopped(work: Any, scripted: Any) -> None:
    engine = scripted(lambda request: f"nothing about number {request.seed}")
    begun = work(plan_of(pairs=5000))
    begun.writing.generate(engine, PROMPTS, ("en",))
    assert begun.writing.tally.hopeless
    assert begun.writing.tally.kept < 0.25 * begun.writing.tally.generated
    assert 400 <= len(engine.asked) < 450


def test_work_that_was_cut_short_goes_on_without_doubling(
    work: Any, scripted: Any, tmp_path: Path, a_corpus: Any
) -> None:
    path = tmp_path / "pairs.jsonl"
    whole = work(plan_of(pairs=60))
    whole.writing.generate(scripted(good), PROMPTS, ("en",))
    unbroken = stored_ids(path)
    path.unlink()

    class Full(Exception):
        pass

    def report(progress: Progress) -> None:
        if progress.counts["generated"] >= 32:
            raise Full

    with pytest.raises(Full):
        work(plan_of(pairs=60), report=report).writing.generate(scripted(good), PROMPTS, ("en",))
    before = stored_ids(path)
    assert before == unbroken[: len(before)]
    again = scripted(good)
    resumed = work(plan_of(pairs=60))
    assert resumed.writing.tally.generated == len(before)
    resumed.writing.generate(again, PROMPTS, ("en",))
    assert not {request.key.id for request in again.asked} & set(before)
    after = stored_ids(path)
    assert len(after) == len(set(after))
    assert resumed.writing.tally.kept >= 60
    length = min(len(after), len(unbroken))
    assert after[:length] == unbroken[:length]
    finished = scripted(good)
    work(plan_of(pairs=60)).writing.generate(finished, PROMPTS, ("en",))
    assert not finished.asked


def test_a_cancel_keeps_what_was_written(work: Any, scripted: Any, tmp_path: Path) -> None:
    begun = work(plan_of(pairs=60))
    cancel: CancelToken = begun.writing._cancel

    def answer(request: Request) -> str:
        if len(begun.known.pairs) >= 16:
            cancel.cancel()
        return good(request)

    with pytest.raises(Cancelled):
        begun.writing.generate(scripted(answer), PROMPTS, ("en",))
    assert len(stored_ids(tmp_path / "pairs.jsonl")) >= 16


def test_only_languages_that_the_generator_knows_are_written(a_corpus: Any, a_row: Any) -> None:
    rows = [a_row(n, language=("en", "de", "ja", "")[n % 4]) for n in range(40)]
    passages = a_corpus(rows).passages

    def written(*languages: str) -> set[str]:
        tasks = list(tasks_of(plan_of(), passages, languages))
        assert all(rows[task.place].language in (task.wanted.language, "") for task in tasks)
        return {task.wanted.language for task in tasks}

    assert written("en") == {"en"}
    assert written("de") == {"de"}
    assert written("mul") == {"en", "de"}  # nothing demonstrates Japanese
    assert written() == {"en", "de"}
    assert written("ja") == set()


def test_tasks_follow_from_the_plan_alone(a_corpus: Any) -> None:
    passages = a_corpus(20).passages
    plan = plan_of()
    first = list(tasks_of(plan, passages, ("en",)))
    assert first == list(tasks_of(plan, passages, ("en",)))
    assert len({task.id for task in first}) == len(first) == 20 * plan.per_passage * MOST_TURNS
    other = {task.id for task in tasks_of(plan_of(seed=1), passages, ("en",))}
    assert not other & {task.id for task in first}
    one_turn = first[: 20 * plan.per_passage]
    for start in range(0, len(one_turn), plan.per_passage):
        some = one_turn[start : start + plan.per_passage]
        assert len({task.place for task in some}) == 1
        assert len({task.wanted.kind.name for task in some}) == plan.per_passage
    assert [task.place for task in one_turn[:: plan.per_passage]] == list(passages.spread.order)
    shares = {kind.name: kind.share for kind in kinds().values() if kind.share}
    counts = dict.fromkeys(shares, 0)
    for seed in range(30):
        for task in tasks_of(plan_of(per_passage=1, seed=seed), passages, ("en",)):
            counts[task.wanted.kind.name] += 1
    for name, share in shares.items():
        expected = share / sum(shares.values())
        assert counts[name] / sum(counts.values()) == pytest.approx(expected, abs=0.04)


def test_queries_in_another_language_are_judged_in_it(work: Any, scripted: Any, a_corpus: Any) -> None:
    begun = work(plan_of(kinds=("cross-language",), pairs=5))
    begun.writing.generate(scripted(good), Completing([kinds()["cross-language"]]), ("en", "de"))
    assert {pair.language for pair in begun.known.pairs.values()} == {"de"}
    assert not list(tasks_of(plan_of(kinds=("cross-language",)), a_corpus(5).passages, ("en",)))


def own_sentences(a_row: Any, number: int) -> str:
    """Of words that the passage of that number has alone."""
    sentences = "The {} of every {} was moved to {} and {}. Nobody saw {} in the old {} of the {} again. "
    words = a_row(number).text.replace(".", "").split()[3:17]
    return sentences.format(*words[:7]) + sentences.format(*words[7:])


def test_documents_give_pairs_of_their_own_words(work: Any, a_corpus: Any, a_row: Any) -> None:
    rows = [a_row(n, own_sentences(a_row, n)) for n in range(30)]
    begun = work(SynthesisPlan("l", 1, "f", pairs=3), a_corpus(rows))
    begun.writing.from_documents()
    tally = begun.writing.tally
    assert 12 <= tally.documents < 12 + 16
    assert {pair.provenance.origin for pair in begun.known.pairs.values()} == {Origin.DOCUMENT}
    assert len({pair.positive.document_id for pair in begun.known.kept}) > 4
    again = work(SynthesisPlan("l", 1, "f", pairs=3), a_corpus(rows))
    again.writing.from_documents()
    assert again.writing.tally.documents == tally.documents


@pytest.mark.parametrize(("documents", "others"), [((), True), (("d4", "d9"), False)])
def test_documents_that_nothing_is_asked_of_have_words_too(
    work: Any, a_corpus: Any, a_row: Any, documents: tuple[str, ...], *, others: bool
) -> None:
    corpus = a_corpus([a_row(n, own_sentences(a_row, n)) for n in range(30)])
    corpus.passages = replace(corpus.passages, spread=replace(corpus.passages.spread, order=(4, 9)))
    begun = work(SynthesisPlan("l", 1, "f", pairs=6, documents=documents), corpus)
    begun.writing.from_documents()
    found = {pair.positive.document_id for pair in begun.known.pairs.values()}
    assert {"d4", "d9"} <= found
    assert (len(found) > 10) == others


def test_a_part_of_the_pairs_is_varied_once(work: Any, scripted: Any, tmp_path: Path) -> None:
    plan = plan_of(augmentations=("typos", "case"))
    begun = work(plan)
    begun.writing.generate(scripted(good), PROMPTS, ("en",))
    kept = begun.writing.tally.kept
    begun.writing.augment()
    varied = [p for p in begun.known.pairs.values() if p.provenance.origin is Origin.AUGMENTED]
    assert 0 < len(varied) == begun.writing.tally.augmented <= round(0.3 * kept)
    assert {pair.provenance.kind for pair in varied} <= {"typos", "case"}
    assert all(begun.known.keeps(begun.known.pairs[pair.provenance.parent]) for pair in varied)
    again = work(plan)
    again.writing.augment()
    assert len(stored_ids(tmp_path / "pairs.jsonl")) == len(set(stored_ids(tmp_path / "pairs.jsonl")))
    assert again.writing.tally.augmented == len(varied)


def test_what_a_generator_rewrites_is_judged_like_any_other_query(work: Any, scripted: Any) -> None:
    plan = plan_of(pairs=60, augmentations=("synonyms",))
    begun = work(plan)
    begun.writing.generate(scripted(good), PROMPTS, ("en",))
    turn = iter(range(1000))

    def other_words(request: Request) -> str:
        query = str(request.parts[1]).splitlines()[0].removeprefix("Query: ")
        one, _, two = query.split()
        return ("something else entirely", f"whereabouts of {two} beside {one}", query)[next(turn) % 3]

    engine = scripted(other_words)
    begun.writing.augment(Rewriting(engine, ("en",), CancelToken()))
    made = [p for p in begun.known.pairs.values() if p.provenance.origin is Origin.AUGMENTED]
    assert {pair.provenance.kind for pair in made} == {Augmentation.SYNONYMS.value}
    lost = [pair for pair in made if not pair.kept]
    kept = [pair for pair in made if pair.kept]
    assert len(made) == pytest.approx(len(engine.asked) * 2 / 3, abs=1)  # an unchanged query is no pair
    assert {pair.verdicts[-1].filter for pair in lost} <= {"round trip", "duplicate"}
    assert lost
    assert kept
    assert [v.filter for v in kept[0].verdicts] == ["rules", "round trip", "discrimination"]
    asked = len(engine.asked)
    again = work(plan)
    again.writing.augment(Rewriting(engine, ("en",), CancelToken()))
    assert len(engine.asked) - asked == asked - len(made)  # those alone that gave no pair


def test_every_language_that_queries_are_written_in_has_a_name() -> None:
    assert set(LANGUAGES) == {language for each in kinds().values() for language in each.label}
