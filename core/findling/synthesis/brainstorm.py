"""What a person might want to find in a corpus: tasks that queries are then written for.

The first of the two steps of Wang et al. 2024 (arXiv 2401.00368), whose generators were asked for tasks out
of thin air; here they are shown passages from all corners of the corpus. Only those that follow instructions
can do it.
"""

from __future__ import annotations

import json
import re
from itertools import chain, zip_longest
from random import Random
from typing import TYPE_CHECKING, cast

from findling.analysis import fold, tokens
from findling.errors import UserError
from findling.jobs import Progress
from findling.llama import Request, Sampling
from findling.synthesis.overlap import content_terms, word_count
from findling.synthesis.prompts import frame_of, shortened
from findling.synthesis.rules import longest_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from findling.jobs import CancelToken, Report
    from findling.llama import Engine
    from findling.synthesis.prompts import Template
    from findling.synthesis.writing import Passages

#: Tasks that are wanted, at least and at most.
TASKS = (10, 20)
#: Tasks that one call shall name, at least and at most.
_OF_A_CALL = (10, 20)
#: Passages of as many clusters that one call shows, and characters of each.
_PASSAGES, _CHARACTERS = 10, 320
#: Calls that are made together, and in all where those bring too few tasks.
_CALLS, _MOST_CALLS = 3, 6
#: Words of a task.
_WORDS = (3, 40)
#: Tasks of which so much is the same are one: Jaccard index of the terms that are not the instructions'.
_THE_SAME = 0.6
#: A run of so many words of a passage is no task.
_COPIED_WORDS = 8

#: A list of texts: no quotes inside, so that nothing need be unescaped.
GRAMMAR = (
    f'root ::= "[" task (", " task){{{_OF_A_CALL[0] - 1},{_OF_A_CALL[1] - 1}}} "]"\n'
    'task ::= "\\"" [A-Z] [^"\\\\\\x00-\\x1f]{12,240} "\\""'
)
_SAMPLING = Sampling(temperature=1.0, top_p=1.0, min_p=0.05, max_tokens=1200, grammar=GRAMMAR)
_SYSTEM = (
    "You plan how a person's own collection of documents will be searched. You are shown passages from "
    "different corners of it. Name retrieval tasks that whoever owns such documents could really have: for "
    "each say in one sentence what is given (a question, a symptom, a name, a claim, a fragment of text …) "
    "and what is to be found. Tasks differ from each other in subject, in purpose and in what is given; each "
    "covers many possible queries, and none asks about a single passage. "
    f"Answer with a JSON list of about {_OF_A_CALL[1]} texts and nothing else."
)
_ASKED = "Name the retrieval tasks, in English."


def brainstorm(
    engine: Engine, template: Template, passages: Passages, seed: int, report: Report, cancel: CancelToken
) -> list[str]:
    """10 to 20 tasks about `passages`, of which some must be fit to ask about; fewer where a generator has no
    more ideas. Raises `UserError` where it has none, and what the engine raises."""
    frame = frame_of(template)
    groups = _groups(passages)
    random = Random(seed)  # noqa: S311 - nothing is secret here
    lists: list[list[str]] = []
    found: list[str] = []
    for first in range(0, _MOST_CALLS, _CALLS):
        requests = [
            Request(
                call,
                (
                    (frame[0], _SYSTEM, frame[1]),
                    (f"{_shown(groups[call % len(groups)])}\n\n{_ASKED}", frame[2]),
                ),
                random.getrandbits(32),
                _SAMPLING,
                stop="",
            )
            for call in range(first, first + _CALLS)
        ]
        answers: dict[int, str] = {}
        for answer in engine.complete(requests, cancel):
            answers[answer.key] = answer.text
            report(Progress("thinking", first + len(answers), first + _CALLS, "calls"))
        lists += [tasks_in(text) for _, text in sorted(answers.items())]
        found = merged(lists, chain.from_iterable(groups))
        if len(found) >= TASKS[0]:
            break
    if not found:
        raise UserError(
            "The generator named no task that could be used.",
            "Try another --seed or a larger generator, or write the tasks yourself, one a line.",
        )
    return found


def tasks_in(written: str) -> list[str]:
    """The texts in a JSON list; of one that was cut off those that are whole."""
    try:
        stored: object = json.loads(written)
    except ValueError:
        stored = [whole[1] for whole in re.finditer(r'"([^"\\\x00-\x1f]*)"(?=\s*[,\]])', written)]
    if not isinstance(stored, list):
        return []
    texts = (text for text in cast("list[object]", stored) if isinstance(text, str))
    return [_tidy(text) for text in texts]


def merged(lists: Sequence[Sequence[str]], passages: Iterable[str]) -> list[str]:
    """Tasks of several lists, one of each in turn, without those that say the same as one before, repeat
    instructions or passages, or are no sentence; 20 at most."""
    instructions = content_terms(_SYSTEM, "en")
    inside = [[fold(token.text) for token in tokens(text)] for text in passages]
    found: list[str] = []
    known: list[frozenset[str]] = []
    for task in chain.from_iterable(zip_longest(*lists)):
        if task is None or len(found) >= TASKS[1]:
            continue
        terms = frozenset(term for term in content_terms(task, "en") if not term.isdecimal()) - instructions
        if not terms or not _WORDS[0] <= word_count(task) <= _WORDS[1]:
            continue
        words = [fold(token.text) for token in tokens(task)]
        if any(longest_run(words, each) >= _COPIED_WORDS for each in [_INSTRUCTION_WORDS, *inside]):
            continue
        if any(len(terms & other) >= _THE_SAME * len(terms | other) for other in known):
            continue
        found.append(task)
        known.append(terms)
    return found


_INSTRUCTION_WORDS = [fold(token.text) for token in tokens(_SYSTEM)]


def _groups(passages: Passages) -> list[list[str]]:
    """Texts for each call: of as many clusters as there are, none twice."""
    waiting = list(passages.spread.order)
    clusters = passages.spread.clusters
    groups: list[list[str]] = []
    while waiting and len(groups) < _MOST_CALLS:
        of_cluster: dict[int, int] = {}
        for place in waiting:
            of_cluster.setdefault(int(clusters[place]), place)
        chosen = list(of_cluster.values())[:_PASSAGES]
        chosen += [place for place in waiting if place not in chosen][: _PASSAGES - len(chosen)]
        waiting = [place for place in waiting if place not in chosen]
        groups.append([shortened(passages.rows[place].content, _CHARACTERS) for place in chosen])
    return groups


def _shown(texts: Sequence[str]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def _tidy(text: str) -> str:
    """On one line, without a number before it."""
    return re.sub(r"^\s*(?:\d+[.)]|[-*•])\s+", "", " ".join(text.split()))
