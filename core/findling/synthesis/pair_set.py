"""What a file of pairs says: the pairs, and what a person made of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from findling.errors import UserError
from findling.synthesis.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, KeysView

VERSION = 1
#: Stands for the name of a filter where a person left the pair out.
REVIEW = "review"


@dataclass(slots=True)
class PairSet:
    """Pairs by id, in the order in which they were first written, with the queries that a person gave them.

    `dropped` has the reasons by id, `edited` the queries as they were before, `examples` the ids of those
    that serve further generation. `outcome` is what the work said when it ended; None while it goes on, and
    when further pairs were written since. `damaged_lines` are those of the file that cannot be read, from 1.
    """

    path: Path = field(default_factory=Path)
    plan: dict[str, Any] = field(default_factory=dict[str, Any])
    pairs: dict[str, Pair] = field(default_factory=dict[str, Pair])
    edited: dict[str, str] = field(default_factory=dict[str, str])
    dropped: dict[str, str] = field(default_factory=dict[str, str])
    examples: set[str] = field(default_factory=set[str])
    outcome: dict[str, Any] | None = None
    damaged_lines: list[int] = field(default_factory=list[int])
    # What a person said, also of pairs whose line is damaged and may be written again.
    _queries: dict[str, str] = field(default_factory=dict[str, str])
    _approved: set[str] = field(default_factory=set[str])

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Self:
        """Pairs that are in no file."""
        return cls(pairs={pair.id: pair for pair in pairs})

    @property
    def ids(self) -> KeysView[str]:
        """All that were ever written: what need not be made again."""
        return self.pairs.keys()

    @property
    def finished(self) -> bool:
        """Whether the work on it has ended."""
        return self.outcome is not None

    @property
    def kept(self) -> Iterator[Pair]:
        """Those to learn from."""
        return (pair for pair in self.pairs.values() if self.keeps(pair))

    @property
    def rejected(self) -> Iterator[Pair]:
        """Those that a filter or a person left out."""
        return (pair for pair in self.pairs.values() if not self.keeps(pair))

    def keeps(self, pair: Pair) -> bool:
        """Whether a pair is one to learn from: what a person said of it counts before its filters."""
        if pair.id in self.dropped:
            return False
        return pair.kept or pair.id in self.edited or pair.id in self._approved

    def rejected_by(self, pair: Pair) -> str:
        """The first filter that did not let a pair pass, `REVIEW` for a person; "" where it is kept."""
        if self.keeps(pair):
            return ""
        if pair.id in self.dropped or pair.refusal is None:
            return REVIEW
        return pair.refusal.filter

    def reason(self, pair: Pair) -> str:
        """Why it is left out; "" where it is kept."""
        if self.keeps(pair):
            return ""
        return (self.dropped[pair.id] or "dropped in a review") if pair.id in self.dropped else pair.reason

    def fold(self, record: dict[str, Any] | None) -> bool:
        """Take in a record of the file; False for one that is not as it should be, which changes nothing.
        Raises `UserError` for the first line of a newer Findling's file."""
        if not record:
            return False
        kind, value = next(iter(record.items()))
        if not isinstance(value, dict):
            return False
        value = cast("dict[str, Any]", value)
        try:
            return self._take(kind, value, record)
        except (KeyError, TypeError, ValueError, AttributeError):
            return False

    def _take(self, kind: str, value: dict[str, Any], record: dict[str, Any]) -> bool:
        match kind:
            case "plan":
                if int(record["version"]) > VERSION:
                    raise UserError(f"{self.path} was written by a newer Findling.", "Update Findling.")
                self.plan = value
            case "pair" | "add":
                self._put(Pair.from_json(value), own=kind == "add")
            case "edit":
                query = _text(value["query"])
                self._edit(_text(value["id"]), query)
            case "drop":
                self.dropped[_text(value["id"])] = _text(value.get("reason", ""))
            case "restore":
                if self.dropped.pop(_text(value["id"]), None) is None:
                    self._approved.add(value["id"])
            case "mark":
                (self.examples.add if value["example"] else self.examples.discard)(_text(value["id"]))
            case "done":
                self.outcome = value
            case _:
                return False
        return True

    def _put(self, pair: Pair, *, own: bool) -> None:
        for text in (pair.id, pair.query, pair.positive.passage_id, pair.positive.text, pair.provenance.kind):
            _text(text)
        if pair.id in self._queries:
            self.edited[pair.id] = pair.query
            pair = replace(pair, query=self._queries[pair.id])
        self.pairs[pair.id] = pair
        if own:
            self.dropped.pop(pair.id, None)
        else:
            self.outcome = None

    def _edit(self, pair_id: str, query: str) -> None:
        self._queries[pair_id] = query
        self.dropped.pop(pair_id, None)
        if pair_id in self.pairs:
            pair = self.pairs[pair_id]
            self.edited.setdefault(pair_id, pair.query)
            self.pairs[pair_id] = replace(pair, query=query)


def passages_of(pairs: PairSet) -> dict[str, Pair]:
    """Of every passage the pair that has most of its text: a self-supervised one leaves a part of it out."""
    found: dict[str, Pair] = {}
    for pair in chain(pairs.kept, pairs.rejected):
        before = found.get(pair.positive.passage_id)
        if before is None or len(pair.positive.text) > len(before.positive.text):
            found[pair.positive.passage_id] = pair
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
