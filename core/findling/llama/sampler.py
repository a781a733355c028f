"""The choice of a sequence's next token."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from findling.llama.requests import Request
    from findling.llama.weights import Weights

    Logits = NDArray[np.float32]

#: Tokens that a grammar is asked about first; all, where it admits none of them.
_GRAMMAR_CANDIDATES = 256


class Sampler:
    """Chooses tokens for a request. `close()` it. Raises `UserError` for a grammar that is none."""

    def __init__(self, request: Request, weights: Weights) -> None:
        self._sampling = sampling = request.sampling
        self._random = np.random.default_rng(request.seed)
        self._grammar = _Grammar(sampling.grammar, weights) if sampling.grammar else None
        self._written: list[int] = []
        self._ends = weights.ends_with(request.stop) if sampling.least_tokens else None
        avoided = {
            weights.tokens(f"{space}{word}")[0] for word in request.avoid for space in ("", " ") if word
        }
        self._avoided = np.array(sorted(avoided), np.int64)

    def choose(self, logits: Logits, without: Logits | None = None) -> tuple[int, *tuple[float, ...]]:
        """A token and the natural logarithm of its probability at temperature 1, of logits, float32 (V,), and
        of those after the contrasting prompt, if given."""
        sampling = self._sampling
        likelihoods = logits - _normaliser(logits)  # (V,)
        scores = likelihoods
        if self._grammar is not None:
            scores = self._grammar.admitted(scores)
        if self._ends is not None and len(self._written) < sampling.least_tokens:
            scores = np.where(self._ends, -np.inf, scores)
        tokens = np.flatnonzero(scores >= scores.max() + np.log(max(sampling.min_p, 1e-9)))
        if len(tokens) > sampling.top_k:
            tokens = tokens[np.argpartition(-scores[tokens], sampling.top_k - 1)[: sampling.top_k]]
        chosen = scores[tokens].astype(np.float64)  # (K,)
        if without is not None:
            without = without - _normaliser(without)
            chosen += sampling.contrast * (chosen - without[tokens])
        if sampling.repetition > 1 and self._written:
            chosen -= np.log(sampling.repetition) * np.isin(tokens, self._written)
        if len(self._avoided):
            chosen -= sampling.avoidance * np.isin(tokens, self._avoided)
        token = int(tokens[self._place(chosen)])
        if self._grammar is not None:
            self._grammar.accept(token)
        self._written.append(token)
        return token, *(float(each[token]) for each in (likelihoods, without) if each is not None)

    def _place(self, scores: NDArray[np.float64]) -> int:
        """Which of these unnormalised log probabilities."""
        order = np.argsort(-scores, kind="stable")
        if self._sampling.temperature <= 0:
            return int(order[0])
        shares = np.exp((scores[order] - scores[order[0]]) / self._sampling.temperature)
        shares /= shares.sum()
        kept = int(np.searchsorted(np.cumsum(shares), self._sampling.top_p)) + 1
        shares = shares[:kept] / shares[:kept].sum()
        return int(order[self._random.choice(len(shares), p=shares)])

    def close(self) -> None:
        """Give the memory back."""
        if self._grammar is not None:
            self._grammar.close()


class _Grammar:
    """Which tokens a GBNF grammar admits next."""

    def __init__(self, text: str, weights: Weights) -> None:
        from findling.llama.weights import library

        self._llama = library()
        self._native: Any = self._llama.llama_sampler_init_grammar(weights.vocabulary, text.encode(), b"root")
        if not self._native:
            raise UserError("llama.cpp does not understand the grammar of what shall be written.")

    def admitted(self, scores: Logits) -> Logits:
        """The scores (V,) with -inf for tokens that the grammar does not admit, or that were not looked at
        because likelier ones are admitted."""
        likely = np.argpartition(-scores, _GRAMMAR_CANDIDATES)[:_GRAMMAR_CANDIDATES]
        for tokens in (likely, np.arange(len(scores))):
            admitted = self._asked(tokens, scores)
            if len(admitted):
                found = np.full_like(scores, -np.inf)
                found[admitted] = scores[admitted]
                return found
        raise UserError("The grammar admits no further token.")

    def _asked(self, tokens: NDArray[np.int64], scores: Logits) -> NDArray[np.int64]:
        llama = self._llama
        data = (llama.llama_token_data * len(tokens))()
        for place, token in enumerate(tokens.tolist()):
            data[place].id, data[place].logit = token, float(scores[token])
        candidates = llama.llama_token_data_array(data, len(tokens), -1, sorted=False)
        llama.llama_sampler_apply(self._native, ctypes.byref(candidates))
        kept = [data[place].id for place in range(candidates.size) if data[place].logit > -np.inf]
        return np.array(kept, np.int64)

    def accept(self, token: int) -> None:
        self._llama.llama_sampler_accept(self._native, token)

    def close(self) -> None:
        if self._native:
            self._llama.llama_sampler_free(self._native)
            self._native = None


def _normaliser(logits: Logits) -> float:
    """The logarithm of the sum of exponentials."""
    highest = float(logits.max())
    return highest + float(np.log(np.exp(logits - highest).sum()))
