"""Writes pairs: first those that the documents give by themselves, then a generator's, then variations.

Each pair is judged as soon as it is there and written down with all verdicts, so that a kill loses at most
the few that were not yet. What is to be written next follows from the plan alone: work that goes on skips
what is in the file.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from findling.jobs import Progress, Rate
from findling.llama import End
from findling.synthesis import kinds as data
from findling.synthesis.augmentation import FREE, Augmentation, augmented
from findling.synthesis.checks import (
    better_positive,
    discrimination,
    information,
    round_trip,
    teacher_scores,
)
from findling.synthesis.pair import Origin, Pair, Positive, Provenance, Verdict, pair_id
from findling.synthesis.prompts import Wanted
from findling.synthesis.quality import LEAST_SHARE
from findling.synthesis.rules import Rules
from findling.synthesis.self_supervised import document_pairs
from findling.synthesis.slots import drawn
from findling.synthesis.titles import recurring

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from findling.jobs import CancelToken, Report
    from findling.llama import Completion, Engine, Request
    from findling.store import FileRow, PassageRow
    from findling.synthesis.checks import Search, Searched, Teacher
    from findling.synthesis.kinds import QueryKind
    from findling.synthesis.pair_file import PairWriter
    from findling.synthesis.pair_set import PairSet
    from findling.synthesis.plan import SynthesisPlan
    from findling.synthesis.prompts import Prompts
    from findling.synthesis.rewriting import Rewriting
    from findling.synthesis.sampling import Spread

#: Pairs that are judged and written down at once.
_AT_ONCE = 16
#: Passages of the corpus that a query is compared with.
_SAMPLE = 1000
#: Pairs of a document's own words, of one document, before others had their turn.
_OF_A_DOCUMENT = 3
#: How often a passage's turn comes: what a small model has to say of one is soon said.
MOST_TURNS = 3
#: Queries after which it can be told that a generator does not do.
_ENOUGH_TO_TELL = 400
#: Queries that a generator rewrites before they are judged.
_REWRITTEN_AT_ONCE = 32
#: A part of the pairs is varied, so that there are more real ones than others.
_AUGMENTED_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages of a library, or a sample, their vectors, float32 (N, dim) of length 1, the files that their
    documents are in, which of them get queries and in which order, how many the library has in all, and the
    language of most, which those are taken to be in whose own cannot be told."""

    rows: Sequence[PassageRow]
    vectors: NDArray[np.float32]
    files: Mapping[str, FileRow]
    spread: Spread
    total: int
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Task:
    """A query to be written, for the passage at `place`."""

    id: str
    place: int
    wanted: Wanted


@dataclass(slots=True)
class Tally:
    """What came of it so far: `generated` counts the generator's queries, `kept` those of them that passed,
    `documents` the documents' own that did, `augmented` the variations; `rejected` counts by filter."""

    generated: int = 0
    kept: int = 0
    documents: int = 0
    augmented: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])

    def add(self, pair: Pair) -> None:
        """Count a pair."""
        origin = pair.provenance.origin
        self.generated += origin is Origin.GENERATED
        if refusal := pair.refusal:
            self.rejected[refusal.filter] += 1
        elif origin is Origin.GENERATED:
            self.kept += 1
        elif origin is Origin.DOCUMENT:
            self.documents += 1
        elif origin is Origin.AUGMENTED:
            self.augmented += 1

    @property
    def hopeless(self) -> bool:
        """Whether so few of the generator's queries pass that there is no sense in going on."""
        return self.generated >= _ENOUGH_TO_TELL and self.kept < LEAST_SHARE * self.generated


class Writing:
    """Writes the pairs of a plan into a file. `known` are those that are in it."""

    def __init__(
        self,
        plan: SynthesisPlan,
        passages: Passages,
        search: Search,
        writer: PairWriter,
        known: PairSet,
        report: Report,
        cancel: CancelToken,
        teacher: Teacher | None = None,
    ) -> None:
        self._plan = plan
        self._passages = passages
        self._search = search
        self._writer = writer
        self._known = known
        self._report = report
        self._cancel = cancel
        self._teacher = teacher
        self._place_of = {row.passage_id: place for place, row in enumerate(passages.rows)}
        step = max(1, -(-len(passages.rows) // _SAMPLE))
        self._sample = passages.vectors[::step]
        shown = data.demonstrations(plan.purpose)
        self._rules = Rules([*shown, *(query for query, _ in plan.examples)], data.telltale(plan.purpose))
        self.tally = Tally()
        for pair in known.pairs.values():
            self.tally.add(pair)
            if known.keeps(pair) and pair.provenance.origin is not Origin.AUGMENTED:
                self._rules.remember(pair.query, pair.language)

    def from_documents(self) -> None:
        """Write pairs of the documents' own words, until there are as many as the plan wants."""
        wanted = self._plan.pairs_of_documents
        candidates = (pair for pair in self._document_pairs() if pair.id not in self._known.ids)
        while self.tally.documents < wanted and (some := list(islice(candidates, _AT_ONCE))):
            self._cancel.check()
            found = [self._judged(pair, Verdict("rules", passed=True)) for pair in some]
            self._write(found)
            self._report(
                Progress(
                    "own words", self.tally.documents, wanted, "pairs", some[-1].query, counts=self._counts()
                )
            )

    def generate(self, engine: Engine, prompts: Prompts, languages: Sequence[str]) -> None:
        """Let a generator, which knows these languages (all: "mul"), write until so many pairs are kept as
        the plan wants, or until it shows that it cannot. Raises what the engine raises."""
        rate = Rate(max(0, self._plan.pairs - self.tally.kept))
        done: list[tuple[Task, Completion]] = []

        def requests() -> Iterator[Request]:
            for task in tasks_of(self._plan, self._passages, languages):
                if self.tally.kept >= self._plan.pairs or self.tally.hopeless:
                    return
                if task.id not in self._known.ids:
                    yield prompts.request(task, task.wanted)

        def take() -> None:
            before = self.tally.kept
            self._write([self._drafted(task, each, prompts) for task, each in done])
            rate.add(self.tally.kept - before, len(done))
            done.clear()

        for completion in engine.complete(requests(), self._cancel):
            done.append((completion.key, completion))
            if len(done) >= _AT_ONCE:
                take()
            self._report(
                Progress(
                    "writing",
                    self.tally.kept,
                    self._plan.pairs,
                    "pairs",
                    prompts.query(completion.text),
                    rate.per_second(),
                    rate.remaining_seconds(),
                    self._counts(),
                )
            )
        take()

    def augment(self, rewriting: Rewriting | None = None) -> None:
        """Vary a part of the pairs that are kept, as the plan says, with `rewriting` also by a generator:
        what that writes is judged like any other query. Raises what the generator raises."""
        wanted = {Augmentation(each) for each in self._plan.augmentations}
        if not wanted:
            return
        choose = random.Random(f"{self._plan.seed} augment")  # noqa: S311
        kept = [pair for pair in self._known.kept if pair.provenance.origin is not Origin.AUGMENTED]
        varied: list[Pair] = []
        to_rewrite: dict[Augmentation, list[Pair]] = {}
        for pair in choose.sample(kept, round(_AUGMENTED_SHARE * len(kept))):
            choices: list[Pair | Augmentation] = list(
                augmented(pair, choose, augmentations=wanted.intersection(FREE))
            )
            if rewriting:
                choices += [each for each in rewriting.offered(pair.language) if each in wanted]
            if not choices:
                continue
            chosen = choose.choice(choices)
            if isinstance(chosen, Pair):
                varied.append(replace(chosen, verdicts=(Verdict("varied", passed=True),)))
            else:
                to_rewrite.setdefault(chosen, []).append(pair)
        self._write([pair for pair in varied if pair.id not in self._known.ids])
        if rewriting:
            for augmentation, pairs in to_rewrite.items():
                self._rewrite(rewriting, augmentation, pairs)

    def _rewrite(self, rewriting: Rewriting, augmentation: Augmentation, pairs: Sequence[Pair]) -> None:
        done = {
            pair.provenance.parent
            for pair in self._known.pairs.values()
            if pair.provenance.origin is Origin.AUGMENTED and pair.provenance.kind == augmentation
        }
        left = [pair for pair in pairs if pair.id not in done and pair.positive.passage_id in self._place_of]
        for start in range(0, len(left), _REWRITTEN_AT_ONCE):
            some = left[start : start + _REWRITTEN_AT_ONCE]
            self._report(Progress("rewriting", start, len(left), "queries", some[0].query))
            self._write(
                [
                    self._judged(pair, *self._rules.verdicts(pair.query, pair.positive.text, pair.language))
                    for pair in rewriting.pairs(augmentation, some)
                ]
            )

    def _document_pairs(self) -> Iterator[Pair]:
        """In turn of every document, few at a time, those first whose passages are to be asked about; where
        the plan is not about some of them alone, then of the others."""
        rows = self._passages.rows
        of_document: dict[str, list[PassageRow]] = {}
        for row in rows:
            of_document.setdefault(row.document_id, []).append(row)
        order = list(dict.fromkeys(rows[place].document_id for place in self._passages.spread.order))
        if not self._plan.documents and not self._plan.passages:
            others = sorted(of_document.keys() - set(order))
            random.Random(f"{self._plan.seed} others").shuffle(others)  # noqa: S311
            order += others
        titles = recurring(file.title for file in self._passages.files.values())
        waiting: list[list[Pair]] = []
        for document in order:
            file = self._passages.files.get(document)
            if file is None:
                continue
            passages = sorted(of_document[document], key=lambda row: (row.start, row.end))
            choose = random.Random(f"{self._plan.seed} {document}")  # noqa: S311
            pairs = list(
                document_pairs(passages, file, choose, kinds=self._plan.sources, recurring_titles=titles)
            )
            choose.shuffle(pairs)
            yield from pairs[:_OF_A_DOCUMENT]
            if pairs[_OF_A_DOCUMENT:]:
                waiting.append(pairs[_OF_A_DOCUMENT:])
        while waiting:
            for pairs in waiting:
                yield pairs.pop(0)
            waiting = [pairs for pairs in waiting if pairs]

    def _drafted(self, task: Task, completion: Completion, prompts: Prompts) -> Pair:
        """A judged pair of what the generator wrote."""
        row = self._passages.rows[task.place]
        wanted = task.wanted
        query = prompts.query(completion.text)
        cut_off = completion.end is not End.STOP
        if cut_off and wanted.kind.may_end_anywhere:
            query, _, _ = query.rpartition(" ")  # the last word may be a part of one
            cut_off = False
        pair = Pair(
            task.id,
            query,
            Positive(row.passage_id, row.document_id, row.start, row.end, row.content),
            Provenance(
                Origin.GENERATED,
                wanted.kind.name,
                self._plan.generator,
                prompts.version,
                wanted.seed,
                wanted.slots | ({"task": wanted.task} if wanted.task else {}),
            ),
            wanted.other or wanted.language,
        )
        verdicts = self._rules.verdicts(
            pair.query,
            row.content,
            pair.language,
            cut_off=cut_off or not pair.query,
        )
        if all(verdict.passed for verdict in verdicts) and completion.log_likelihood_without is not None:
            verdicts.append(
                information(
                    completion.log_likelihood,
                    completion.log_likelihood_without,
                    completion.tokens,
                    prompts.least_information,
                )
            )
        return self._judged(pair, *verdicts)

    def _judged(self, pair: Pair, *verdicts: Verdict) -> Pair:
        """A pair with what a search says of it, if all before it let it pass; and with the teacher's scores,
        if it is kept."""
        pair = pair.judged(*verdicts)
        if not pair.kept:
            return pair
        searched = self._search(pair.query)
        own = self._passages.vectors[self._place_of[pair.positive.passage_id]]
        pair = pair.judged(round_trip(pair.positive.passage_id, searched, self._passages.total))
        if pair.kept:
            pair = pair.judged(discrimination(searched.vector, own, self._sample))
        if not pair.kept:
            return pair
        self._rules.remember(pair.query, pair.language)
        return self._taught(pair, searched)

    def _taught(self, pair: Pair, searched: Searched) -> Pair:
        """A kept pair with the scores of its teacher. A cross-encoder's word counts for more than where the
        query came from; the search's own does not, which would learn of itself."""
        pair = replace(pair, teacher=teacher_scores(pair.query, searched, self._teacher))
        better = better_positive(pair, searched) if self._teacher else None
        if better is None:
            return pair
        moved = Positive(better.passage_id, better.document_id, better.start, better.end, better.text)
        reason = f"another passage answers it better than {pair.positive.passage_id}"
        return replace(pair, positive=moved).judged(Verdict("relabelled", passed=True, reason=reason))

    def _write(self, pairs: Iterable[Pair]) -> None:
        pairs = list(pairs)
        self._writer.append(pairs)
        for pair in pairs:
            self._known.pairs[pair.id] = pair
            self.tally.add(pair)

    def _counts(self) -> dict[str, int]:
        return {
            "generated": self.tally.generated,
            "kept": self.tally.kept,
            "documents": self.tally.documents,
            "rejected": self.tally.rejected.total(),
        }


def tasks_of(plan: SynthesisPlan, passages: Passages, languages: Sequence[str]) -> Iterator[Task]:
    """All that could be written, in order: passages in turn, several kinds for each; then all anew, a few
    times. The generator knows `languages` (all: "mul")."""
    kinds = data.chosen_kinds(plan.kinds)
    for turn in range(MOST_TURNS):
        for place in passages.spread.order:
            row = passages.rows[place]
            language = _language(row.language or passages.language, languages)
            choose = random.Random(f"{plan.seed} {turn} {row.passage_id}")  # noqa: S311
            for kind in _some_kinds(kinds, plan.per_passage, choose) if language else ():
                other = _other_language(kind, language, languages, choose)
                if kind.crosses_languages and not other:
                    continue
                wanted = Wanted(
                    text=row.content,
                    kind=kind,
                    slots=drawn(choose, plan.purpose),
                    seed=choose.getrandbits(32),
                    language=language,
                    other=other,
                    task=choose.choice(plan.tasks) if plan.tasks else "",
                )
                yield Task(pair_id(plan.seed, turn, row.passage_id, kind.name), place, wanted)


def _language(language: str, languages: Sequence[str]) -> str:
    """The language to write in about a passage in `language`; "" where the generator does not know it, or
    nothing demonstrates it."""
    known = "mul" in languages or language in languages or not languages
    return language if known and language in data.LANGUAGES else ""


def _some_kinds(kinds: Sequence[QueryKind], number: int, choose: random.Random) -> list[QueryKind]:
    """So many kinds, or all if there are fewer, each by its share; none twice."""
    found: list[QueryKind] = []
    for _ in range(min(number, len(kinds))):
        left = [kind for kind in kinds if kind not in found]
        found.append(choose.choices(left, [max(1, kind.share) for kind in left])[0])
    return found


def _other_language(kind: QueryKind, language: str, languages: Sequence[str], choose: random.Random) -> str:
    """The language of a query that shall be in another one; "" where the generator knows none."""
    if not kind.crosses_languages:
        return ""
    others = [
        each for each in data.LANGUAGES if each != language and ("mul" in languages or each in languages)
    ]
    return choose.choice(others) if others else ""
