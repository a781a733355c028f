"""Queries for a library's passages, written in a process of its own: what `findling synth` does.

The child holds the generator, the embedder and the library opened for reading, and is the one writer of the
file of pairs. When it dies, everything that was written is there, and the same call goes on.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.errors import JobFailed, UserError
from findling.jobs import Progress
from findling.library.opened import OpenLibrary
from findling.library.rerankers import SharedReranker
from findling.models.generator_card import Style
from findling.models.generators import generator
from findling.search import Mode, Question
from findling.settings import Settings, private_directory
from findling.synthesis.checks import Ranked, Searched
from findling.synthesis.pair_file import PairWriter, read_pairs
from findling.synthesis.plan import SynthesisPlan
from findling.synthesis.prompts import Chatting, Completing, Example
from findling.synthesis.quality import Corpus, OwnQuery, Place, Quality, quality_of
from findling.synthesis.rewriting import Rewriting
from findling.synthesis.sampling import spread
from findling.synthesis.writing import Passages, Writing

if TYPE_CHECKING:
    from collections.abc import Generator

    from findling.jobs import CancelToken, Report
    from findling.llama import Engine, Weights
    from findling.models.generators import InstalledGenerator
    from findling.search import Searcher
    from findling.store import FileRow, StoreReader
    from findling.synthesis.checks import Search, Teacher
    from findling.synthesis.pair_set import PairSet

#: Passages of a library that are looked at: their vectors are in memory.
MOST_PASSAGES = 20_000
#: Candidates of a search: a round trip is through the best of them, a teacher scores some.
_CANDIDATES = 20


def synthesize(arguments: dict[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process: write the pairs of `arguments["plan"]` of the library in `directory`
    into `file`. Returns the shape of `findling synth --json`. Raises what opening the library and the
    generator raises, and `Cancelled`; what was written by then is in the file."""
    started = time.monotonic()
    report = Heard(report)
    settings = Settings.from_json(arguments["settings"])
    file = Path(arguments["file"])
    plan = SynthesisPlan.from_json(arguments["plan"])
    plan.check()
    report(Progress("opening"))
    with ExitStack() as opened:
        found = loadable(settings, plan.generator) if plan.generator else None
        library = opened.enter_context(OpenLibrary(settings, Path(arguments["directory"])))
        searcher = opened.enter_context(library.searcher())
        passages = passages_of(searcher.store, plan, cancel)
        if not (passages.spread.order or plan.passages):
            raise UserError(
                f"The library {plan.library!r} has no passage that anything could be asked of.",
                "Index documents with some text first.",
            )
        writer = opened.enter_context(PairWriter(file, plan.to_json()))
        known = read_pairs(file)
        writing = Writing(
            plan,
            passages,
            _search(searcher, cancel),
            writer,
            known,
            report,
            cancel,
            _teacher(settings),
        )
        if plan.sources:
            writing.from_documents()
        if found is None:
            writing.augment()
        else:
            threads = arguments.get("threads", 0)
            engine, weights = opened.enter_context(engine_of(found, settings, threads, report))
            card = found.card
            writing.generate(engine, prompts_of(plan, card.style, weights.chat), card.languages)
            template = weights.chat if card.style is Style.CHAT else None
            writing.augment(Rewriting(engine, card.languages, cancel, plan.seed, template))
        quality = quality_report(known, plan, passages)
        tally = writing.tally
        outcome = {
            "library": plan.library,
            "file": str(file),
            "generated": tally.generated,
            "kept": tally.kept,
            "own_words": tally.documents,
            "augmented": tally.augmented,
            "rejected": dict(tally.rejected),
            "passed_over": passages.spread.passed_over,
            "verdict": quality.verdict,
            "reason": quality.reason,
            "seconds": round(time.monotonic() - started, 1),
        }
        writer.done(outcome)
        return outcome | {"quality": quality.to_json(), "report": quality.text()}


def prompts_of(plan: SynthesisPlan, style: Style, template: Any = None) -> Completing | Chatting:
    """What a generator of that style is asked with; `template` writes messages for one that chats."""
    from findling.synthesis.kinds import chosen_kinds, kinds

    examples = [Example(query, passage) for query, passage in plan.examples]
    if style is Style.CHAT:
        return Chatting(template, examples, plan.purpose)
    shown = [kind for kind in kinds().values() if kind.share or kind in chosen_kinds(plan.kinds)]
    return Completing(shown, examples, plan.purpose)


def passages_of(store: StoreReader, plan: SynthesisPlan, cancel: CancelToken) -> Passages:
    """The passages that a plan is about, and the order in which they get queries."""
    rows, vectors = store.sample(MOST_PASSAGES)
    files: dict[str, FileRow] = {row.document_id: row for row in store.files() if row.document_id}
    there = [place for place, row in enumerate(rows) if row.document_id in files]
    rows, vectors = [rows[place] for place in there], vectors[np.array(there, np.int64)]
    documents, passages = set(plan.documents), set(plan.passages)
    only = [
        place
        for place, row in enumerate(rows)
        if (not documents or row.document_id in documents) and (not passages or row.passage_id in passages)
    ]
    found = spread(rows, vectors, min(len(rows), 2 * plan.pairs), plan.seed, cancel, only)
    main = next(iter(store.languages()), "en")
    return Passages(rows, vectors, files, found, store.count_passages(), main)


def quality_report(
    pairs: PairSet, plan: SynthesisPlan, passages: Passages, seed: int | None = None
) -> Quality:
    """What is to be said of the pairs, beside the library and the person's own queries. Examples are drawn
    under `seed` (None: the plan's)."""
    documents = {
        document: Place(
            str(Path(row.path).parent) if not row.record else row.path.rpartition("#")[0],
            row.kind,
            row.language,
        )
        for document, row in passages.files.items()
    }
    clusters = {
        row.passage_id: int(cluster)
        for row, cluster in zip(passages.rows, passages.spread.clusters.tolist(), strict=True)
    }
    own = [OwnQuery(query, passages.language, passage) for query, passage in plan.examples]
    corpus = Corpus(documents, clusters, passages.spread.count)
    return quality_of(pairs, own, corpus, plan.seed if seed is None else seed)


class Heard:
    """A report that can be said again: who computes for long without a result is alive all the same."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._last = Progress("opening")

    def __call__(self, progress: Progress) -> None:
        """Report it."""
        self._last = progress
        self._report(progress)

    def again(self) -> None:
        """Report what was said last."""
        self._report(self._last)


def loadable(settings: Settings, name: str) -> InstalledGenerator:
    """The generator. Raises what `generator` raises, and `UserError` where memory has no room for it."""
    from findling.llama.engine import CACHE_TOKENS
    from findling.llama.memory import check_memory
    from findling.llama.weights import on_gpu

    found = generator(settings, name)
    if not on_gpu():
        check_memory(found.path, CACHE_TOKENS)
    return found


@contextmanager
def engine_of(
    found: InstalledGenerator, settings: Settings, threads: int, report: Heard
) -> Generator[tuple[Engine, Weights]]:
    """A generator made ready to write; with `threads` 0 as many as the settings say."""
    from findling.llama import Engine, Weights
    from findling.llama.amx import amx_works
    from findling.llama.requantise import MOST_PARAMETERS
    from findling.llama.weights import on_gpu

    report(Progress("loading", detail=found.card.name))
    path = found.path
    by_processor = not on_gpu()
    with_amx = by_processor and amx_works(path)
    if by_processor and not with_amx and found.card.parameters < MOST_PARAMETERS:
        path = _fastest(found, settings)
    threads = threads or settings.generator_threads
    with (
        Weights(path, with_amx=with_amx) as weights,
        Engine(weights, threads=threads, on_step=report.again) as engine,
    ):
        yield engine, weights


def _fastest(found: InstalledGenerator, settings: Settings) -> Path:
    """The file of a small generator, or of the same with 8-bit weights where it has fewer."""
    from findling.llama import Weights
    from findling.llama.requantise import requantised

    with Weights(found.path) as weights:
        if not weights.has_few_bits:
            return found.path
    place = private_directory(settings.home.models / ".requantised")
    size = found.path.stat()
    try:
        return requantised(found.path, place / f"{found.card.id}-{size.st_size}-{size.st_mtime_ns}.gguf")
    except (JobFailed, OSError) as error:  # a full disk: it is slower as it is, and works
        sys.stderr.write(f"{error}\n")
        return found.path


def _search(searcher: Searcher, cancel: CancelToken) -> Search:
    def search(query: str) -> Searched:
        question = Question(query, Mode.HYBRID, _CANDIDATES, cancel, literal=True)
        candidates, scores, vector = searcher.ranking(question)
        ranking = [
            Ranked(
                each.passage.passage_id,
                score,
                each.passage.content,
                each.passage.document_id,
                each.passage.start,
                each.passage.end,
            )
            for each, score in zip(candidates, scores, strict=True)
        ]
        assert vector is not None
        return Searched(ranking, vector)

    return search


def _teacher(settings: Settings) -> Teacher | None:
    """The cross-encoder of the settings, if one is chosen."""
    reranker = SharedReranker().open(settings)
    return reranker.scores if reranker else None
