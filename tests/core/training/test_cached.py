from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from findling.embedding.tokenizer import pad
from findling.training.cached import backward
from findling.training.losses import info_nce, listwise_kl

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Rows = Sequence[Sequence[int]]

BATCH = 5

pytestmark = pytest.mark.usefixtures("one_thread")


class Encoder:
    """A BERT of two layers, and which texts it was given, with a graph and without."""

    def __init__(self, dropout: float) -> None:
        torch.manual_seed(0)
        self.bert = transformers.BertModel(
            transformers.BertConfig(
                vocab_size=100,
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=2,
                max_position_embeddings=64,
                hidden_dropout_prob=dropout,
                attention_probs_dropout_prob=dropout,
            ),
            add_pooling_layer=False,
        ).train()
        self.seen: list[tuple[bool, Rows]] = []

    def __call__(self, rows: Rows) -> Any:
        self.seen.append((torch.is_grad_enabled(), rows))
        ids, mask = (torch.from_numpy(each) for each in pad(rows))
        states = self.bert(input_ids=ids, attention_mask=mask)[0]
        vectors = (states * mask.unsqueeze(2)).sum(1) / mask.sum(1, keepdim=True)
        return torch.nn.functional.normalize(vectors, dim=1)

    def taken_gradients(self) -> dict[str, Any]:
        """The gradients by the weights' names, which have none afterwards."""
        taken = {name: each.grad for name, each in self.bert.named_parameters() if each.grad is not None}
        self.bert.zero_grad()
        return taken


def texts(count: int, longest: int, seed: int) -> list[list[int]]:
    """Rows of token ids of many lengths."""
    chance = torch.Generator().manual_seed(seed)
    lengths = torch.randint(3, longest + 1, (count,), generator=chance).tolist()
    return [torch.randint(1, 100, (length,), generator=chance).tolist() for length in lengths]


def in_batch(queries: Any, positives: Any) -> Any:
    return info_nce(queries, positives, temperature=0.05)


def with_negatives(queries: Any, positives: Any, negatives: Any) -> Any:
    return info_nce(queries, positives, negatives.reshape(BATCH, 2, -1), temperature=0.05)


def taught(queries: Any, positives: Any, negatives: Any) -> Any:
    teacher = torch.arange(3.0 * BATCH).reshape(BATCH, 3).sin()
    passages = torch.cat([positives.unsqueeze(1), negatives.reshape(BATCH, 2, -1)], 1)  # (B, 3, D)
    scores = (queries.unsqueeze(1) * passages).sum(-1)
    divergence = listwise_kl(scores, teacher, temperature=0.05, teacher_temperature=0.3)
    return divergence + 0.1 * info_nce(queries, positives, negatives, temperature=0.05)


COLUMNS = (texts(BATCH, 8, 1), texts(BATCH, 30, 2), texts(2 * BATCH, 30, 3))
LOSSES = [(in_batch, COLUMNS[:2]), (with_negatives, COLUMNS), (taught, COLUMNS)]


def agree(found: dict[str, Any], expected: dict[str, Any], within: float = 1e-5) -> None:
    assert found.keys() == expected.keys()
    assert max(each.abs().max() for each in expected.values()) > 1e-2
    for name, each in expected.items():
        assert (found[name] - each).abs().max() <= within, name


@pytest.mark.parametrize(("loss_of", "columns"), LOSSES)
@pytest.mark.parametrize("micro_batch", [0, 1, 3])
def test_gradients_are_those_of_the_whole_batch(
    loss_of: Callable[..., Any], columns: Sequence[Rows], micro_batch: int
) -> None:
    encode = Encoder(dropout=0.0)
    loss = loss_of(*(encode(column) for column in columns))
    loss.backward()
    expected = encode.taken_gradients()
    assert backward(encode, columns, loss_of, micro_batch) == pytest.approx(loss.item(), abs=1e-5)
    agree(encode.taken_gradients(), expected)


@pytest.mark.parametrize(("loss_of", "columns"), LOSSES)
def test_dropout_draws_the_same_in_both_passes(loss_of: Callable[..., Any], columns: Sequence[Rows]) -> None:
    encode = Encoder(dropout=0.3)
    torch.manual_seed(7)
    value = backward(encode, columns, loss_of, micro_batch=3)
    found, drawn_next = encode.taken_gradients(), torch.rand(3)

    # The same texts together and in the same order, with one graph over all of them.
    together = [rows for graph, rows in encode.seen if not graph]
    torch.manual_seed(7)
    vectors = torch.cat([encode(rows) for rows in together])
    computed = [row for rows in together for row in rows]
    loss = loss_of(*(vectors[[computed.index(row) for row in column]] for column in columns))
    loss.backward()
    assert value == pytest.approx(loss.item(), abs=1e-5)
    agree(found, encode.taken_gradients())
    assert torch.equal(drawn_next, torch.rand(3))

    torch.manual_seed(8)
    assert abs(backward(encode, columns, loss_of, micro_batch=3) - value) > 1e-3


def test_few_texts_have_a_graph_at_a_time_and_each_is_embedded_twice() -> None:
    encode = Encoder(dropout=0.0)
    backward(encode, COLUMNS, with_negatives, micro_batch=2)
    longest = max(len(row) for column in COLUMNS for row in column)
    for graph in (False, True):
        batches = [rows for each, rows in encode.seen if each is graph]
        assert sorted(map(tuple, chain(*batches))) == sorted(map(tuple, chain(*COLUMNS)))
        padded = [len(rows) * max(map(len, rows)) for rows in batches]
        assert max(padded) <= 2 * longest
        assert len(batches) < 2 * BATCH  # of short ones more than two


def test_with_memory_for_all_each_text_is_embedded_once_beside_others_of_its_length() -> None:
    encode = Encoder(dropout=0.0)
    value = backward(encode, COLUMNS, with_negatives, group_tokens=64)
    found = encode.taken_gradients()
    assert all(graph for graph, _ in encode.seen)
    batches = [rows for _, rows in encode.seen]
    assert sorted(map(tuple, chain(*batches))) == sorted(map(tuple, chain(*COLUMNS)))
    assert max(len(rows) * max(map(len, rows)) for rows in batches) <= 64
    tokens = sum(len(row) for rows in batches for row in rows)
    assert sum(len(rows) * max(map(len, rows)) for rows in batches) < 1.15 * tokens
    assert value == pytest.approx(backward(encode, COLUMNS, with_negatives), abs=1e-5)
    agree(found, encode.taken_gradients())


def test_gradients_are_added_to_what_is_there() -> None:
    encode = Encoder(dropout=0.0)
    backward(encode, COLUMNS, with_negatives, micro_batch=4)
    once = encode.taken_gradients()
    backward(encode, COLUMNS, with_negatives, micro_batch=4)
    backward(encode, COLUMNS, with_negatives)
    agree(encode.taken_gradients(), {name: 2 * each for name, each in once.items()}, within=2e-5)


def test_under_autocast_every_weight_has_its_gradient() -> None:
    encode = Encoder(dropout=0.0)
    backward(encode, COLUMNS, with_negatives)
    exact = encode.taken_gradients()
    for micro_batch in (0, 3):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            backward(encode, COLUMNS, with_negatives, micro_batch)
        found = encode.taken_gradients()
        assert found.keys() == exact.keys()
        for name, each in exact.items():
            if each.norm() > 1e-4:  # the bias of keys changes nothing
                near = torch.nn.functional.cosine_similarity(found[name].flatten(), each.flatten(), 0)
                assert near > 0.98, name


def test_layers_may_be_computed_again_to_save_memory() -> None:
    encode = Encoder(dropout=0.3)
    found: list[dict[str, Any]] = []
    for _ in range(2):
        torch.manual_seed(9)
        backward(encode, COLUMNS, taught, micro_batch=3)
        found.append(encode.taken_gradients())
        encode.bert.activation_checkpointing_enable({"use_reentrant": False})
    agree(found[1], found[0])


@pytest.mark.parametrize("micro_batch", [0, 3])
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_loss_that_is_no_number_adds_no_gradients(micro_batch: int, wrong: float) -> None:
    encode = Encoder(dropout=0.0)

    def loss_of(queries: Any, positives: Any) -> Any:
        return in_batch(queries, positives) * wrong

    assert not math.isfinite(backward(encode, COLUMNS[:2], loss_of, micro_batch))
    assert encode.taken_gradients() == {}


def test_a_column_may_be_empty() -> None:
    encode = Encoder(dropout=0.0)

    def loss_of(queries: Any, positives: Any, negatives: Any) -> Any:
        assert negatives.shape == (0, 32)
        return in_batch(queries, positives)

    value = backward(encode, [*COLUMNS[:2], []], loss_of, micro_batch=3)
    found = encode.taken_gradients()
    assert value == pytest.approx(backward(encode, COLUMNS[:2], in_batch), abs=1e-5)
    agree(found, encode.taken_gradients())


def test_after_a_lack_of_memory_a_smaller_micro_batch_gives_the_same() -> None:
    encode = Encoder(dropout=0.0)
    value = backward(encode, COLUMNS, taught)
    expected = encode.taken_gradients()

    def small(rows: Rows) -> Any:
        if len(rows) * max(map(len, rows)) > 64:
            raise MemoryError
        return encode(rows)

    micro_batch = 8
    while True:
        encode.bert.zero_grad()
        try:
            again = backward(small, COLUMNS, taught, micro_batch)
            break
        except MemoryError:
            micro_batch //= 2
    assert micro_batch == 2
    assert again == pytest.approx(value, abs=1e-5)
    agree(encode.taken_gradients(), expected)
