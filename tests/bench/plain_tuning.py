"""One plain way to tune MiniLM on pairs, the same for whatever pairs: what a bench of pairs is measured by.

InfoNCE with in-batch negatives (cosine, temperature 0.05 as the model was trained with), batches of 32 in
which no document stands twice, AdamW at 2e-5 with 10 % warm-up and linear decay, as many steps for few pairs
as for many, bfloat16 autocast where the processor gains by it, without dropout.
With teacher scores: listwise KL divergence to them over the positive and three further candidates, and a
tenth of the InfoNCE (Tamber et al. 2025, arXiv 2505.19274). No checkpoint is chosen and no hard negative
mined: that is the tuning's business. Weights half-way to the untuned model are measured, too.
"""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.models import BUILTIN_EMBEDDERS
from findling.training.model import gains_by_bf16

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from findling.synthesis.pair import Pair

BATCH = 32
STEPS = int(os.environ.get("FINDLING_BENCH_STEPS", "30"))
RATE = 2e-5
TEMPERATURE = 0.05
#: Candidates beside the positive that a teacher's scores are learned of, and how sharply.
CANDIDATES = 3
TEACHER_TEMPERATURE = 0.5
PASSAGE_TOKENS, QUERY_TOKENS = 256, 64


@dataclass(frozen=True, slots=True)
class Tuned:
    """Weights, by name, and how long it took."""

    weights: dict[str, Any]
    seconds: float


class PlainModel:
    """MiniLM in torch: mean pooling, vectors of length 1."""

    def __init__(self) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        place = BUILTIN_EMBEDDERS["all-minilm-l6-v2"].weights()
        self.torch = torch
        self._bf16 = gains_by_bf16(torch, "cpu")
        self.model = AutoModel.from_pretrained(place, dtype=torch.float32)
        self.tokenizer = AutoTokenizer.from_pretrained(place)
        self.base = {name: value.clone() for name, value in self.model.state_dict().items()}

    def embedded(self, texts: Sequence[str], most: int) -> Any:
        """Vectors, (N, dim), of a batch."""
        batch = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=most, return_tensors="pt"
        )
        with self.torch.autocast("cpu", dtype=self.torch.bfloat16, enabled=self._bf16):
            states = self.model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1).float()
        pooled = (states.float() * mask).sum(1) / mask.sum(1)
        return self.torch.nn.functional.normalize(pooled, dim=-1)

    def vectors(self, texts: Sequence[str], most: int) -> NDArray[np.float32]:
        """Of many texts, float32 (N, dim)."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found = np.empty((len(texts), 384), np.float32)
        self.model.eval()
        with self.torch.inference_mode():
            for start in range(0, len(order), 64):
                some = order[start : start + 64]
                found[some] = self.embedded([texts[place] for place in some], most).numpy()
        return found

    def load(self, weights: Mapping[str, Any], share: float = 1.0) -> None:
        """Take weights, or those that lie at `share` of the way from the untuned ones to them."""
        mixed = {
            name: value if not value.is_floating_point() else self.base[name].lerp(value, share)
            for name, value in weights.items()
        }
        self.model.load_state_dict(mixed)

    def tune(self, pairs: Sequence[Pair], passages: Mapping[str, str], seed: int, *, teacher: bool) -> Tuned:
        """Tune the untuned model on pairs; `passages` has the texts of candidates. Raises ValueError where a
        `teacher` has scored none of them."""
        if teacher and not any(_candidates(pair, passages, random.Random(seed))[0] for pair in pairs):
            raise ValueError("What the teacher scored is not there: pairs of an earlier make of the library?")
        torch = self.torch
        started = time.monotonic()
        torch.manual_seed(seed)
        self.load(self.base)
        batches = list(islice(_batches(pairs, seed), STEPS))
        optimiser = torch.optim.AdamW(self.model.parameters(), lr=RATE, weight_decay=0.01)
        warm = max(1, len(batches) // 10)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser,
            lambda step: min(
                (step + 1) / warm, max(0.0, (len(batches) - step) / max(1, len(batches) - warm))
            ),
        )
        choose = random.Random(seed)
        for batch in batches:
            loss = self._loss(batch, passages, choose, teacher=teacher)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        weights = {name: value.clone() for name, value in self.model.state_dict().items()}
        return Tuned(weights, time.monotonic() - started)

    def _loss(
        self, batch: Sequence[Pair], passages: Mapping[str, str], choose: random.Random, *, teacher: bool
    ) -> Any:
        torch = self.torch
        queries = self.embedded([pair.query for pair in batch], QUERY_TOKENS)  # (B, D)
        positives = self.embedded([pair.positive.text for pair in batch], PASSAGE_TOKENS)  # (B, D)
        scores = queries @ positives.T / TEMPERATURE  # (B, B)
        contrastive = torch.nn.functional.cross_entropy(scores, torch.arange(len(batch)))
        taught = [
            (row, *_candidates(pair, passages, choose)) for row, pair in enumerate(batch) if pair.teacher
        ]
        taught = [each for each in taught if len(each[1]) == CANDIDATES]
        if not teacher or not taught:
            return contrastive
        others = self.embedded([text for _, texts, _ in taught for text in texts], PASSAGE_TOKENS)
        others = others.reshape(len(taught), CANDIDATES, -1)  # (T, C, D)
        rows = [row for row, _, _ in taught]
        lists = torch.cat(
            [
                (queries[rows] * positives[rows]).sum(-1, keepdim=True),
                (queries[rows].unsqueeze(1) * others).sum(-1),
            ],
            dim=1,
        )  # (T, 1 + C)
        wanted = torch.tensor([known for _, _, known in taught]) / TEACHER_TEMPERATURE
        divergence = torch.nn.functional.kl_div(
            torch.log_softmax(lists / TEMPERATURE, -1),
            torch.log_softmax(wanted, -1),
            log_target=True,
            reduction="batchmean",
        )
        return divergence + 0.1 * contrastive


def _candidates(
    pair: Pair, passages: Mapping[str, str], choose: random.Random
) -> tuple[list[str], list[float]]:
    """Texts of some candidates beside the positive, and the teacher's scores: the positive's first."""
    scores = {each.passage_id: each.score for each in pair.teacher}
    own = scores.pop(pair.positive.passage_id, None)
    known = [each for each in scores if each in passages]
    if own is None or len(known) < CANDIDATES:
        return [], []
    chosen = choose.sample(known, CANDIDATES)
    return [passages[each] for each in chosen], [own, *(scores[each] for each in chosen)]


def _batches(pairs: Sequence[Pair], seed: int) -> Iterator[list[Pair]]:
    """Batches in which no document stands twice, of one pass after another."""
    for turn in count():
        yield from _batches_of_a_pass(pairs, 1000 * seed + turn)


def _batches_of_a_pass(pairs: Sequence[Pair], seed: int) -> list[list[Pair]]:
    waiting = list(pairs)
    random.Random(seed).shuffle(waiting)
    batches: list[list[Pair]] = []
    while waiting:
        batch: list[Pair] = []
        seen: set[str] = set()
        left: list[Pair] = []
        for pair in waiting:
            if len(batch) < BATCH and pair.positive.document_id not in seen:
                batch.append(pair)
                seen.add(pair.positive.document_id)
            else:
                left.append(pair)
        waiting = left
        if len(batch) > 1:
            batches.append(batch)
    random.Random(seed).shuffle(batches)
    return batches
