"""Cut a document into passages that the embedder can read whole. Pure functions.

Passages follow block borders and begin anew at every heading, so that an insert moves only the passages
of its own section. A section that is too long is cut into pieces of about equal length: no passage is cut
off by the model and none is a crumb. A single block longer than a passage is cut between sentences, then
between words, and there the pieces overlap. Title and headings above go before the text as context, and so
do the column names of a table that began before.

Every character of every block that is not white space lies in at least one passage, and
`passage.text == document.text[passage.start : passage.end]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from findling.documents import Anchor, Block, BlockKind, Document

#: Part of every text key: raise it when passages are cut otherwise than before.
CHUNKER_VERSION = 1

#: Tokens of each text, without the special ones that a model adds.
CountTokens = Callable[[Sequence[str]], list[int]]

_SENTENCE = re.compile(r"(?<=[.!?…])(?P<closing>[\"'”’»)\]]*)\s+|(?<=[。！？])|\n+")
_WORD = re.compile(r"\S{1,60}")
#: Between title, headings and column names of a context.
_MARK = " › "
#: Context (title and headings) may take this share of a passage at most.
_CONTEXT_SHARE = 0.25
#: Pieces of one cut block share this much of a passage.
_OVERLAP_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of a document: `text` stands at characters [start, end) of the document's text.

    `context` is the title and the headings above it, embedded before the text and not part of it;
    `tokens` counts both.
    """

    text: str
    context: str
    start: int
    end: int
    anchor: Anchor
    tokens: int

    @property
    def content(self) -> str:
        """The exact input of the embedder, its prefix aside."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class _Unit:
    """A span that is never cut further, and the block that it is from."""

    start: int
    end: int
    tokens: int
    block: int


def cut(document: Document, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """Passages of `document` in order, each of at most `max_tokens` tokens with its context."""
    text = document.text
    spans = document.spans()
    passages: list[Passage] = []
    for section in _sections(document.blocks):
        contexts = {
            index: _context(document, document.blocks[index], count_tokens, max_tokens)
            for index in {section[0], section[-1]}
        }
        columns = _Columns(document.blocks, section, count_tokens, max_tokens)
        budget = max_tokens - max(tokens for _, tokens in contexts.values()) - columns.most
        units = _units(text, [(index, spans[index]) for index in section], count_tokens, budget)
        for group in _groups(units, budget):
            first = group[0].block
            context, context_tokens = contexts[first if first == section[0] else section[-1]]
            names, name_tokens = columns.above(first)
            passages.append(
                Passage(
                    text=text[group[0].start : group[-1].end],
                    context=_MARK.join(filter(None, (context, names))),
                    start=group[0].start,
                    end=group[-1].end,
                    anchor=_anchor(document.blocks[first : group[-1].block + 1]),
                    tokens=context_tokens + name_tokens + _tokens_of(group),
                )
            )
    return passages


def _anchor(blocks: Sequence[Block]) -> Anchor:
    """Where a passage of these blocks stands: where it begins, and of a sheet all its rows."""
    first = blocks[0].anchor
    cells = [
        block.anchor.cells for block in blocks if block.anchor.cells and block.anchor.sheet == first.sheet
    ]
    if len(cells) < 2 and first.cells == next(iter(cells), None):
        return first
    begins, ends = cells[0].split(":"), cells[-1].split(":")
    return replace(first, cells=f"{begins[0]}:{ends[-1]}")


class _Columns:
    """The column names that the rows of a section's tables belong to."""

    def __init__(
        self, blocks: Sequence[Block], section: list[int], count_tokens: CountTokens, max_tokens: int
    ) -> None:
        self._above: dict[int, int] = {}
        named: int | None = None
        for index in section:
            kind = blocks[index].kind
            if kind is BlockKind.TABLE_HEADER:
                named = index
            elif kind is not BlockKind.TABLE_ROW:
                named = None
            elif named is not None:
                self._above[index] = named
        headers = sorted(set(self._above.values()))
        counts = count_tokens([blocks[index].text for index in headers])
        limit = int(max_tokens * _CONTEXT_SHARE)
        self._names = {
            index: (blocks[index].text, tokens + 1)
            for index, tokens in zip(headers, counts, strict=True)
            if tokens < limit
        }
        #: Tokens of the longest.
        self.most = max((tokens for _, tokens in self._names.values()), default=0)

    def above(self, index: int) -> tuple[str, int]:
        """The column names above a row, and their tokens; "" for what is no row, or has none."""
        return self._names.get(self._above.get(index, -1), ("", 0))


def _sections(blocks: Sequence[Block]) -> list[list[int]]:
    """Indices of the blocks from one heading to the next; a heading that leads straight to a deeper one
    stays with it."""
    sections: list[list[int]] = []
    for index, block in enumerate(blocks):
        above = blocks[sections[-1][-1]] if sections else None
        if above is None or (block.kind is BlockKind.HEADING and not _leads_to(above, block)):
            sections.append([index])
        else:
            sections[-1].append(index)
    return sections


def _leads_to(above: Block, heading: Block) -> bool:
    path = above.anchor.headings
    return above.kind is BlockKind.HEADING and heading.anchor.headings[:-1] == path


def _context(document: Document, block: Block, count_tokens: CountTokens, max_tokens: int) -> tuple[str, int]:
    """Title and the headings above a block on one line, and its tokens; the outermost go first where
    they take too much."""
    above = list(block.anchor.headings)
    if block.kind is BlockKind.HEADING:
        above = above[:-1]
    parts = above if document.title in (*above, block.text, "") else [document.title, *above]
    limit = int(max_tokens * _CONTEXT_SHARE)
    while parts:
        context = _MARK.join(parts)
        tokens = count_tokens([context])[0] + 1
        if tokens <= limit:
            return context, tokens
        parts = parts[1:]
    return "", 0


def _units(
    text: str, blocks: list[tuple[int, tuple[int, int]]], count_tokens: CountTokens, budget: int
) -> list[_Unit]:
    """Whole blocks where they fit; sentences of those that do not; words of sentences that do not."""
    blocks = [(index, (start, end)) for index, (start, end) in blocks if text[start:end].strip()]
    counts = count_tokens([text[start:end] for _, (start, end) in blocks])
    units: list[_Unit] = []
    for (index, (start, end)), tokens in zip(blocks, counts, strict=True):
        if tokens <= budget // 2:
            units.append(_Unit(start, end, tokens, index))
            continue
        sentences = sentence_spans(text, start, end)
        for (begin, stop), size in zip(
            sentences, count_tokens([text[a:b] for a, b in sentences]), strict=True
        ):
            if size <= budget // 2:
                units.append(_Unit(begin, stop, size, index))
            else:
                units.extend(_words(text, begin, stop, index, count_tokens, budget))
    return units


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """[start, end) of the sentences that stand in that part of `text`; lines end them, too."""
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    position = start
    for match in _SENTENCE.finditer(text, start, end):
        stop = match.end("closing") if match["closing"] else match.start()
        if text[position:stop].strip():
            spans.append((position, stop))
            position = match.end()
    if text[position:end].strip():
        spans.append((position, end))
    return spans


def _words(
    text: str, start: int, end: int, index: int, count_tokens: CountTokens, budget: int
) -> list[_Unit]:
    """Runs of words of about an eighth of a passage each."""
    limit = max(1, budget // 8)
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    units: list[_Unit] = []
    for begin, stop, tokens in _halved(text, words, count_tokens, limit):
        last = units[-1] if units else None
        if last is not None and last.tokens + tokens <= limit:
            units[-1] = _Unit(last.start, stop, last.tokens + tokens, index)
        else:
            units.append(_Unit(begin, stop, tokens, index))
    return units


def _halved(
    text: str, spans: list[tuple[int, int]], count_tokens: CountTokens, limit: int
) -> Iterator[tuple[int, int, int]]:
    """Spans with their tokens, halved until none has more than `limit`: a run of CJK or of symbols has a
    token or more for each character."""
    for (start, end), tokens in zip(spans, count_tokens([text[a:b] for a, b in spans]), strict=True):
        if tokens <= limit or end - start == 1:
            yield start, end, tokens
        else:
            middle = (start + end) // 2
            yield from _halved(text, [(start, middle), (middle, end)], count_tokens, limit)


def _groups(units: list[_Unit], budget: int) -> list[list[_Unit]]:
    """Join units to passages of about equal length, at most `budget` tokens each."""
    total = _tokens_of(units)
    if total <= budget:
        return [units] if units else []
    pieces = -(-total // budget)
    groups: list[list[_Unit]] = [[]]
    left = total
    for unit in units:
        group = groups[-1]
        size = _tokens_of(group)
        target = left / max(1, pieces - len(groups) + 1)
        overfull = size + unit.tokens + 1 > budget
        if group and (overfull or size + unit.tokens / 2 > target):
            left -= size
            groups.append([*_overlap(group, unit, budget), unit])
        else:
            group.append(unit)
    return groups


def _overlap(group: list[_Unit], following: _Unit, budget: int) -> list[_Unit]:
    """The end of a group that the next one repeats: only inside one block that had to be cut."""
    kept: list[_Unit] = []
    allowed = min(int(budget * _OVERLAP_SHARE), budget - following.tokens - 2)
    for unit in reversed(group[1:]):
        if unit.block != following.block or _tokens_of([unit, *kept]) > allowed:
            break
        kept.insert(0, unit)
    return kept


def _tokens_of(units: Sequence[_Unit]) -> int:
    """Tokens of a run of units; separators add none in the tokenizers in use, one a join is safe."""
    return sum(unit.tokens for unit in units) + max(0, len(units) - 1)
