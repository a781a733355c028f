"""What is asked of a language model, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen: of the `top_k` likeliest that have at least `min_p` times the likeliest
    one's probability those that make up `top_p` of it, at this temperature (0: always the likeliest).

    `contrast` counts what a prompt adds over the contrasting one of its request that much more (context-aware
    decoding, Shi et al. 2024, arXiv 2305.14739; that only tokens are looked at which are likely anyway is
    the plausibility constraint of Li et al. 2023, arXiv 2210.15097). `repetition` > 1 makes tokens so many
    times less likely that were written already, `avoidance` by the exponential of it those that a request
    wants avoided. The text does not end before `least_tokens`. `grammar` is GBNF with the rule `root`; what
    does not fit it is never written.
    """

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    contrast: float = 0.0
    repetition: float = 1.0
    avoidance: float = 0.0
    least_tokens: int = 0
    max_tokens: int = 64
    grammar: str = ""


class End(StrEnum):
    """Why a completion ended."""

    STOP = "stop"  # the model ended it, or wrote the stop text
    LENGTH = "length"  # as many tokens as were asked for
    TOO_LONG = "too long"  # the prompt does not fit the context; nothing was written


@dataclass(frozen=True, slots=True)
class Markup:
    """What a chat template wrote: names of special tokens in it stand for those tokens. In all other text, as
    in documents that are about language models, they are but letters."""

    text: str


Part = str | tuple[str | Markup, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A text to be continued until `stop` is written. The prompt is given in `parts`: beginnings that
    requests have in common are evaluated once, if those come one after the other. `contrast` is a prompt that
    lacks what the text shall be about; `avoid` are words that shall rather not be written. `key` is handed
    through. With the same `seed`, and the same requests beside it, the same is written."""

    key: Any
    parts: tuple[Part, ...]
    seed: int
    sampling: Sampling = Sampling()
    stop: str = "\n"
    contrast: tuple[Part, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def prompts(self) -> list[tuple[Part, ...]]:
        """Its own, and the contrasting one if there is one."""
        return [self.parts, self.contrast] if self.contrast else [self.parts]

    @property
    def prompt(self) -> str:
        """The whole prompt, for people to read."""
        return "".join(
            piece.text if isinstance(piece, Markup) else piece
            for part in self.parts
            for piece in pieces(part)
        )


def pieces(part: Part) -> tuple[str | Markup, ...]:
    """What a part consists of."""
    return (part,) if isinstance(part, str) else part


@dataclass(frozen=True, slots=True)
class Completion:
    """What was written for a request, without the stop text. `log_likelihood` is the sum of the natural
    logarithms of its tokens' probabilities at temperature 1, over `tokens` of them, the stop's included;
    `log_likelihood_without` the same after the contrasting prompt, if there was one."""

    key: Any
    text: str
    tokens: int
    log_likelihood: float
    end: End
    log_likelihood_without: float | None = None
