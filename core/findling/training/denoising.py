"""Warm-up on passages alone: their vector must let most of their words be found again.

TSDAE (Wang, Reimers and Gurevych 2021, arXiv 2104.06979) with a decoder of one layer in place of a second
model: what it cannot know by itself the vector has to tell it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from findling.analysis import unspaced
from findling.embedding.tokenizer import pad
from findling.errors import JobFailed
from findling.jobs import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.jobs import CancelToken, Report
    from findling.training.model import TrainableModel
    from findling.training.recipe import Recipe

#: Of a batch without a second thought for negatives, of which there are none.
_BATCH = 8
#: The decoder begins at nothing and wants to learn faster than the encoder.
_DECODER_RATE = 10.0
#: Of a passage's words, those that are deleted: the best of the paper's.
DELETED = 0.6
_WORD = re.compile(r"\s*\S+")
_CHARACTER = re.compile(r"\s*\S")


def noised(text: str, chance: np.random.Generator, deleted: float = DELETED) -> str:
    """`text` without a share of its words, drawn by `chance`; one word stays at least. Of scripts without
    spaces characters count as words."""
    words: list[str] = []
    for word in _WORD.findall(text):
        words.extend(_CHARACTER.findall(word) if unspaced(word) else [word])
    if not words:
        return text
    count = max(1, round(len(words) * (1 - deleted)))
    kept: list[int] = sorted(chance.choice(len(words), count, replace=False).tolist())
    return "".join(words[place] for place in kept).strip()


def denoise(
    model: TrainableModel, passages: Sequence[str], recipe: Recipe, report: Report, cancel: CancelToken
) -> None:
    """Tune `model` on `passages` for `recipe.denoising` steps, at a constant rate, seeded. Raises
    `Cancelled`, and `JobFailed` for a loss that is no number: the model is then of no use."""
    torch = model.torch
    chance = np.random.default_rng(recipe.seed)
    torch.manual_seed(recipe.seed)
    loss_of = DenoisingLoss(model.encoder.model, model.dim)
    groups = [
        {"params": model.parameters, "lr": recipe.rate},
        {"params": loss_of.parameters, "lr": _DECODER_RATE * recipe.rate},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)
    for step in range(recipe.denoising):
        cancel.check()
        drawn: list[int] = chance.permutation(len(passages))[:_BATCH].tolist()
        texts = [passages[place] for place in drawn]
        vectors = model.encode(list(model.passage_rows([noised(text, chance) for text in texts])))
        loss = loss_of(vectors, [row.tolist() for row in model.passage_rows(texts)])
        if not torch.isfinite(loss):
            raise JobFailed("The warm-up on passages came to a loss that is no number: leave it out.")
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters, recipe.longest_gradient)
        optimiser.step()
        report(
            Progress("warming up", step + 1, recipe.denoising, "steps", f"loss {float(loss.detach()):.3f}")
        )


class DenoisingLoss:
    """How badly passages are found again from the vectors of what was left of them.

    `decoder` is a torch module of one transformer layer that attends to the words before and to the vector.
    It reads and writes by the word embeddings of `encoder`, a model of transformers, which learn with it. Its
    own weights begin as torch's generator draws them and want a higher rate than those of the encoder;
    nothing of it is kept afterwards. `dim` is that of the vectors where it is not the model's.
    """

    def __init__(self, encoder: Any, dim: int | None = None) -> None:
        import torch

        hidden = int(encoder.config.hidden_size)
        heads = int(encoder.config.num_attention_heads)
        self._encoder = encoder
        self._word_size = float(encoder.get_input_embeddings().weight.detach().float().std())
        self.decoder: Any = torch.nn.ModuleDict(
            {
                "vector": torch.nn.Linear(dim or hidden, hidden),
                "vector_norm": torch.nn.LayerNorm(hidden),
                "word_norm": torch.nn.LayerNorm(hidden),
                "layer": torch.nn.TransformerDecoderLayer(
                    hidden,
                    heads if hidden % heads == 0 else 1,
                    4 * hidden,
                    dropout=0.0,
                    activation="gelu",
                    batch_first=True,
                    norm_first=True,
                ),
                "last_norm": torch.nn.LayerNorm(hidden),
            }
        ).to(encoder.get_input_embeddings().weight.device)

    @property
    def parameters(self) -> list[Any]:
        """The decoder's own."""
        return list(self.decoder.parameters())

    def __call__(self, vectors: Any, rows: Sequence[Sequence[int]]) -> Any:
        """The mean of -log p of every token but the first, float32 (); of `vectors` (B, D), float32, from
        noised texts, and the token ids of the whole ones.

        The softmax is over the tokens that the batch has, not over the vocabulary, whose product alone would
        take several times as long as the encoder.
        """
        import torch

        words = self._encoder.get_input_embeddings().weight  # (V, H)
        ids, mask = (torch.from_numpy(each).to(words.device) for each in pad(rows))  # (B, T)
        before, after = ids[:, :-1], ids[:, 1:]  # (B, T - 1)
        width = before.shape[1]
        part = self.decoder
        states = part["word_norm"](words[before].float() + self._word_size * _positions(width, words))
        vector = part["vector_norm"](part["vector"](vectors)).unsqueeze(1)  # (B, 1, H)
        causal = torch.nn.Transformer.generate_square_subsequent_mask(width, device=words.device)
        states = part["layer"](states, vector, tgt_mask=causal, tgt_is_causal=True)
        there = mask[:, 1:].bool()
        states = part["last_norm"](states[there])  # (M, H)
        vocabulary, wanted = torch.unique(after[there], return_inverse=True)  # (K), (M)
        return torch.nn.functional.cross_entropy(states @ words[vocabulary].float().T, wanted)


def _positions(count: int, words: Any) -> Any:
    """Sines and cosines of positions (Vaswani et al. 2017, arXiv 1706.03762): (count, H)."""
    import torch

    hidden = words.shape[1]
    place = torch.arange(count, device=words.device)[:, None]  # (count, 1)
    dimension = torch.arange(0, hidden, 2, device=words.device)  # (H / 2)
    angle = place * 10_000.0 ** (-dimension / hidden)  # (count, H / 2)
    return torch.cat([angle.sin(), angle.cos()], 1)[:, :hidden]
