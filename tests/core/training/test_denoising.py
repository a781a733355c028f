from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from findling.embedding.tokenizer import pad
from findling.training.cached import backward
from findling.training.denoising import DenoisingLoss, noised

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

if TYPE_CHECKING:
    from collections.abc import Sequence

SENTENCE: str = "The boulder lies where the glacier left it, far from its own kind of rock."


def test_most_words_go_and_the_others_keep_their_order() -> None:
    words = SENTENCE.split()
    left = noised(SENTENCE, np.random.default_rng(1)).split()
    assert len(left) == 6  # of 15
    places = [words.index(word) for word in left]  # no word is there twice
    assert places == sorted(places)
    assert left != noised(SENTENCE, np.random.default_rng(2)).split()
    assert left == noised(SENTENCE, np.random.default_rng(1)).split()
    assert noised(SENTENCE, np.random.default_rng(1), 0.0) == SENTENCE


@pytest.mark.parametrize(("text", "left"), [("alone", "alone"), ("", ""), ("  ", "  ")])
def test_something_stays_of_every_text(text: str, left: str) -> None:
    assert noised(text, np.random.default_rng(0), 0.9) == left


def test_text_without_spaces_loses_characters() -> None:
    text = "漂石は氷河が運んだ岩である"
    left = noised(text, np.random.default_rng(0))
    assert len(left) == 5  # of 13
    assert set(left) <= set(text)


class Encoder:
    """A BERT of two layers."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.bert = transformers.BertModel(
            transformers.BertConfig(
                vocab_size=100,
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=2,
                max_position_embeddings=32,
            ),
            add_pooling_layer=False,
        ).eval()

    def __call__(self, rows: Sequence[Sequence[int]]) -> Any:
        ids, mask = (torch.from_numpy(each) for each in pad(rows))
        states = self.bert(input_ids=ids, attention_mask=mask)[0]
        return torch.nn.functional.normalize((states * mask.unsqueeze(2)).sum(1), dim=1)


def sentences() -> list[list[int]]:
    """Eight rows of 6 to 13 token ids, all with the same first and last one."""
    chance = np.random.default_rng(0)
    return [[1, *chance.integers(3, 20, 4 + place).tolist(), 2] for place in range(8)]


def without_most(rows: list[list[int]], chance: np.random.Generator) -> list[list[int]]:
    return [[1, *map(int, noised(" ".join(map(str, row[1:-1])), chance).split()), 2] for row in rows]


@pytest.mark.usefixtures("one_thread")
def test_words_are_found_again_from_the_vector() -> None:
    encode = Encoder()
    loss = DenoisingLoss(encode.bert)
    rows, chance = sentences(), np.random.default_rng(1)
    optimiser = torch.optim.AdamW(
        [
            {"params": list(encode.bert.parameters()), "lr": 1e-3},
            {"params": loss.parameters, "lr": 5e-3},
        ]
    )
    first = encode.bert.encoder.layer[0].output.dense.weight.detach().clone()
    curve: list[float] = []
    for _ in range(60):
        optimiser.zero_grad()
        left = without_most(rows, chance)
        curve.append(backward(encode, [left], lambda vectors: loss(vectors, rows), micro_batch=4))
        optimiser.step()
    assert curve[0] == pytest.approx(np.log(len({token for row in rows for token in row[1:]})), abs=1.0)
    assert np.mean(curve[15:20]) < 0.9 * np.mean(curve[:5])
    assert not torch.equal(first, encode.bert.encoder.layer[0].output.dense.weight)
    with torch.no_grad():
        vectors = encode(without_most(rows, chance))
        # The decoder knows of a sentence what comes before a word, and the rest from its vector.
        assert loss(vectors, rows) < 0.85 * loss(vectors.flip(0), rows)


def surprise(loss: DenoisingLoss, rows: list[list[int]]) -> float:
    """-log p of all tokens but the first ones, with the same vector for all."""
    vectors = torch.ones(len(rows), 12) / 12**0.5
    return loss(vectors, rows).item() * sum(len(row) - 1 for row in rows)


def test_what_comes_after_a_word_does_not_tell_it() -> None:
    loss = DenoisingLoss(Encoder().bert, dim=12)
    row = [5, 10, 11, 12, 13, 10, 12]
    following = [surprise(loss, [[*row, token]]) - surprise(loss, [row]) for token in set(row[1:])]
    # Each is that of the last token alone, as long as those before do not see it: they make 1.
    assert sum(np.exp(-np.array(following))) == pytest.approx(1, abs=1e-4)


def test_how_much_longer_the_others_are_makes_no_difference() -> None:
    loss = DenoisingLoss(Encoder().bert, dim=12)
    long, short = [5, 10, 11, 12, 13, 2], [5, 12, 10, 2]
    longer = [*long, 10, 11, 12, 13, 10, 2]
    beside = [surprise(loss, [each, short]) - surprise(loss, [each]) for each in (long, longer)]
    assert beside[0] == pytest.approx(beside[1], abs=1e-4)
    assert beside[0] > 0.1
