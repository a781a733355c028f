"""Many texts continued at once: prompts that begin alike are evaluated once, and every step computes the next
token of all sequences together with what is new of the prompts that wait.

A step costs little more for some sequences than for one, because it is the weights that have to be read
(tests/bench/generation.py has the figures). Shared beginnings are a tree: each part of a prompt is a node
with a sequence of its own in the key-value cache, and copying a sequence only marks its cells.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from findling.errors import JobFailed
from findling.llama.requests import Completion, End, Markup, Request, pieces
from findling.llama.sampler import Sampler
from findling.llama.threads import Threads
from findling.llama.weights import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from findling.jobs import CancelToken
    from findling.llama.requests import Part
    from findling.llama.weights import Weights

#: Sequences that are written to at once. With more, each looks past more of what belongs to the others.
SEQUENCES = 24
#: Tokens that one step computes at most. Cancel is obeyed between steps.
BATCH_TOKENS = 512
#: Tokens in the cache, for the longest request.
CACHE_TOKENS = 8192
#: Tokens in the cache beyond which requests wait for others to end: each token looks past those of all
#: sequences, which soon costs more than a larger batch gains (tests/bench/RESULTS.md).
CROWDED_TOKENS = 1280
#: Sequences that hold beginnings of prompts, beside those that are written to.
_BEGINNINGS = 40
#: Parts of prompts whose tokens are remembered.
_REMEMBERED_PARTS = 256


@dataclass(slots=True, eq=False)
class _Node:
    """A part of prompts, after those before it: it ends after `end` tokens of the text."""

    parts: tuple[Part, ...]
    parent: _Node | None
    tokens: tuple[int, ...]
    sequence: int
    end: int
    computed: int = 0
    users: int = 0
    last_used: int = 0
    #: The step in which the last of its tokens was computed; they can be shared from the next one on.
    ready_in: int = -1


@dataclass(slots=True, eq=False)
class _Strand:
    """A sequence after a node: `pending` tokens are computed next, at first the prompt's last part. `output`
    is the place in the batch of the one whose successor is to be chosen."""

    node: _Node | None
    sequence: int
    position: int
    pending: list[int]
    cells: int
    output: int = -1
    log_likelihood: float = 0.0


@dataclass(slots=True, eq=False)
class _Written:
    """A request in work: its strand, and the one after the contrasting prompt. They go in step, once both
    have but one token pending."""

    request: Request
    strands: list[_Strand]
    sampler: Sampler
    text: bytearray = field(default_factory=bytearray)
    tokens: int = 0


class Engine:
    """Continues texts with one model. Use as a context manager, or `close()`. Not thread-safe.

    `threads` 0 takes one less than there are cores, or all of them while nobody else needs one.
    `on_step` is called after each batch, which takes seconds on a slow machine.
    """

    def __init__(
        self,
        weights: Weights,
        *,
        threads: int = 0,
        sequences: int = SEQUENCES,
        cells: int = CACHE_TOKENS,
        on_step: Callable[[], None] | None = None,
    ) -> None:
        self._llama = library()
        self._weights = weights
        self._cells = cells
        self._crowded = min(cells, CROWDED_TOKENS)
        self._longest = min(cells, weights.context_tokens)
        self._sequences = sequences
        most = min(sequences + _BEGINNINGS, int(self._llama.llama_max_parallel_sequences()))
        chosen = Threads(os.cpu_count() or 1)
        self._threads = None if threads or weights.on_gpu else chosen
        self._context = weights.context(cells, most, BATCH_TOKENS, threads or chosen.count)
        self._memory = self._llama.llama_get_memory(self._context)
        self._free = list(range(most - 1, -1, -1))
        self._batch = _Batch(self._llama, BATCH_TOKENS)
        self._nodes: dict[tuple[Part, ...], _Node] = {}
        #: Remembered, because a request that waits for room is looked at before every step.
        self._tokens = lru_cache(_REMEMBERED_PARTS)(self._tokenised)
        self._used_cells = 0
        self._step_number = 0
        self._on_step = on_step
        #: What was computed so far.
        self.prompt_tokens = 0
        self.written_tokens = 0

    def close(self) -> None:
        """Give the memory back."""
        if self._context:
            self._batch.close()
            self._llama.llama_free(self._context)
            self._context = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def complete(self, requests: Iterable[Request], cancel: CancelToken) -> Iterator[Completion]:
        """Completions as they end, which is not the order of the requests; those are taken as there is room.

        Raises `Cancelled`, `JobFailed` when llama.cpp fails, and `UserError` for a grammar it does not know.
        """
        source = iter(requests)
        running: list[_Written] = []
        request = next(source, None)
        try:
            while True:
                cancel.check()
                while request is not None:
                    admitted = self._admitted(request, sum(len(each.strands) for each in running))
                    if admitted is None:
                        break
                    if admitted:
                        running.append(self._begun(request))
                    else:
                        yield Completion(request.key, "", 0, 0.0, End.TOO_LONG)
                    request = next(source, None)
                if not running:
                    return
                yield from self._step(running)
        finally:
            for written in running:
                self._release(written)

    def _admitted(self, request: Request, strands: int) -> bool | None:
        """Whether a request fits the context; None while there is no room for it."""
        prompts = request.prompts
        if strands and strands + len(prompts) > self._sequences:
            return None
        lengths = [[self._length(prompt[: place + 1]) for place in range(len(prompt))] for prompt in prompts]
        room = request.sampling.max_tokens
        if any(not own or not own[-1] or sum(own) + room > self._longest for own in lengths):
            return False
        new: dict[tuple[Part, ...], int] = {}
        known: list[_Node] = []
        for prompt, own in zip(prompts, lengths, strict=True):
            for place in range(1, len(prompt)):
                node = self._nodes.get(prompt[:place])
                if node is None:
                    new[prompt[:place]] = own[place - 1]
                else:
                    known.append(node)
        cells = sum(new.values()) + sum(own[-1] + room for own in lengths)
        for node in known:  # nobody may forget them to make room
            node.users += 1
        try:
            while self._used_cells + cells > self._crowded or len(self._free) < len(new) + len(prompts):
                if not self._make_room():
                    break
            if len(self._free) < len(new) + len(prompts) or self._used_cells + cells > self._cells:
                return None if strands else False
            if strands and self._used_cells + cells > self._crowded:
                return None
        finally:
            for node in known:
                node.users -= 1
        return True

    def _length(self, parts: tuple[Part, ...]) -> int:
        """Tokens of the last of these parts; those of a beginning that is there are known."""
        node = self._nodes.get(parts)
        return len(node.tokens if node else self._tokens(parts[-1], first=len(parts) == 1))

    def _tokenised(self, part: Part, *, first: bool) -> tuple[int, ...]:
        found: list[int] = []
        for place, piece in enumerate(pieces(part)):
            special = isinstance(piece, Markup)
            text = piece.text if isinstance(piece, Markup) else piece
            found += self._weights.tokens(text, begin=first and not place, special=special)
        return tuple(found)

    def _begun(self, request: Request) -> _Written:
        sampler = Sampler(request, self._weights)
        strands = [self._strand(prompt, request.sampling.max_tokens) for prompt in request.prompts]
        return _Written(request, strands, sampler)

    def _strand(self, prompt: tuple[Part, ...], max_tokens: int) -> _Strand:
        node: _Node | None = None
        for place in range(1, len(prompt)):
            node = self._nodes.get(prompt[:place]) or self._new_node(prompt[:place], node)
        if node is not None:
            node.users += 1
        tail = list(self._tokens(prompt[-1], first=node is None))
        cells = len(tail) + max_tokens
        self._used_cells += cells
        return _Strand(node, self._free.pop(), node.end if node else 0, tail, cells)

    def _new_node(self, parts: tuple[Part, ...], parent: _Node | None) -> _Node:
        tokens = self._tokens(parts[-1], first=parent is None)
        node = _Node(parts, parent, tokens, self._free.pop(), (parent.end if parent else 0) + len(tokens))
        if parent is not None:
            parent.users += 1
        self._nodes[parts] = node
        self._used_cells += len(tokens)
        return node

    def _make_room(self) -> bool:
        """Forget the beginning that nobody needs, of several the one that was not needed for longest; whether
        there was one."""
        unused = [node for node in self._nodes.values() if not node.users]
        if not unused:
            return False
        node = min(unused, key=lambda each: each.last_used)
        del self._nodes[node.parts]
        self._llama.llama_memory_seq_rm(self._memory, node.sequence, -1, -1)
        self._free.append(node.sequence)
        self._used_cells -= len(node.tokens)
        if node.parent is not None:
            node.parent.users -= 1
        return True

    def _step(self, running: list[_Written]) -> Iterator[Completion]:
        """Compute one batch, and choose the next token where a request has all it needs for that."""
        self._step_number += 1
        self._batch.clear()
        in_step = [written for written in running if written.tokens]
        for written in in_step:
            self._put_last(written)
        for written in running:
            if not written.tokens and self._prepared(written):
                self._put_last(written)
                in_step.append(written)
        self._compute()
        if self._on_step is not None:
            self._on_step()
        for written in in_step:
            if end := self._choose(written):
                running.remove(written)
                self._release(written)
                yield self._completion(written, end)

    def _compute(self) -> None:
        if not self._batch.size:
            return
        started, processor_started = time.perf_counter(), time.process_time()
        if code := self._llama.llama_decode(self._context, self._batch.native):
            raise JobFailed(f"llama.cpp failed to evaluate a batch (code {code}).")
        if self._threads is not None:
            seconds = time.perf_counter() - started
            self._threads.computed(seconds, time.process_time() - processor_started)
            self._llama.llama_set_n_threads(self._context, self._threads.count, self._threads.count)

    def _prepared(self, written: _Written) -> bool:
        """Put of a request's prompts into the batch what can be computed and has room, but for the last token
        of each; whether there is room for those, too."""
        for strand in written.strands:
            if self._is_ready(strand.node):
                if strand.node is not None and strand.position == strand.node.end:
                    self._share(strand.node, strand.sequence)
                while len(strand.pending) > 1 and self._batch.room:
                    self._put(strand)
        ready = all(len(strand.pending) == 1 and self._is_ready(strand.node) for strand in written.strands)
        return ready and self._batch.room >= len(written.strands)

    def _put_last(self, written: _Written) -> None:
        for strand in written.strands:
            strand.output = self._put(strand, logits=True)

    def _put(self, strand: _Strand, *, logits: bool = False) -> int:
        """Put the next pending token of a strand into the batch; its place there."""
        place = self._batch.add(strand.pending.pop(0), strand.position, strand.sequence, logits=logits)
        strand.position += 1
        return place

    def _is_ready(self, node: _Node | None) -> bool:
        """Whether a node was computed before this step; if not, as much of it is put into the batch as is
        possible."""
        if node is None:
            return True
        node.last_used = self._step_number
        if not self._is_ready(node.parent):
            return False
        if 0 <= node.ready_in < self._step_number:
            return True
        if node.computed == 0 and node.parent is not None:
            self._share(node.parent, node.sequence)
        start = node.end - len(node.tokens)
        while node.computed < len(node.tokens) and self._batch.room:
            self._batch.add(node.tokens[node.computed], start + node.computed, node.sequence, logits=False)
            node.computed += 1
            self.prompt_tokens += 1
        if node.computed == len(node.tokens) and node.ready_in < 0:
            node.ready_in = self._step_number
        return False

    def _share(self, node: _Node, sequence: int) -> None:
        self._llama.llama_memory_seq_cp(self._memory, node.sequence, sequence, 0, node.end)

    def _choose(self, written: _Written) -> End | None:
        """Choose the next token of a request; why it ends with that, if it does."""
        logits = [self._logits(strand.output) for strand in written.strands]
        token, *likelihoods = written.sampler.choose(*logits)
        for strand, likelihood in zip(written.strands, likelihoods, strict=True):
            strand.log_likelihood += likelihood
            strand.pending = [token]
        written.tokens += 1
        self.written_tokens += 1
        if self._weights.ends(token):
            return End.STOP
        written.text += self._weights.piece(token)
        if written.request.stop and written.request.stop.encode() in written.text:
            return End.STOP
        return End.LENGTH if written.tokens >= written.request.sampling.max_tokens else None

    def _logits(self, place: int) -> NDArray[np.float32]:
        """Of the batch's token at `place`, float32 (V,); valid until the next step."""
        pointer = self._llama.llama_get_logits_ith(self._context, place)
        return np.ctypeslib.as_array(pointer, shape=(self._weights.vocabulary_tokens,))

    def _completion(self, written: _Written, end: End) -> Completion:
        text = written.text.decode("utf-8", errors="replace")
        if written.request.stop:
            text = text.partition(written.request.stop)[0]
        likelihoods = [strand.log_likelihood for strand in written.strands]
        without = likelihoods[1] if len(likelihoods) > 1 else None
        return Completion(written.request.key, text, written.tokens, likelihoods[0], end, without)

    def _release(self, written: _Written) -> None:
        written.sampler.close()
        if not self._context:  # closed before all were written
            return
        for strand in written.strands:
            self._llama.llama_memory_seq_rm(self._memory, strand.sequence, -1, -1)
            self._free.append(strand.sequence)
            self._used_cells -= strand.cells
            if strand.node is not None:
                strand.node.users -= 1


class _Batch:
    """Tokens for one step."""

    def __init__(self, llama: Any, room: int) -> None:
        self._llama = llama
        self._most = room
        self.native = llama.llama_batch_init(room, 0, 1)

    @property
    def size(self) -> int:
        return int(self.native.n_tokens)

    @property
    def room(self) -> int:
        return self._most - self.size

    def clear(self) -> None:
        self.native.n_tokens = 0

    def add(self, token: int, position: int, sequence: int, *, logits: bool) -> int:
        native, place = self.native, self.native.n_tokens
        native.token[place] = token
        native.pos[place] = position
        native.n_seq_id[place] = 1
        native.seq_id[place][0] = sequence
        native.logits[place] = logits
        native.n_tokens = place + 1
        return place

    def close(self) -> None:
        self._llama.llama_batch_free(self.native)
