from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tokenizers import Tokenizer, models

from findling.training.losses import (
    false_negatives,
    false_negatives_by_base,
    info_nce,
    listwise_kl,
    matryoshka,
    same,
)

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peer = pytest.importorskip("sentence_transformers.sentence_transformer.losses")

if TYPE_CHECKING:
    from collections.abc import Callable

DIM = 16
BATCH = 6


class Table(torch.nn.Module):
    """What a peer's loss takes for a model: token i stands for the text whose vector is row i."""

    def __init__(self, rows: int, seed: int) -> None:
        super().__init__()
        drawn = torch.randn(rows, DIM, generator=torch.Generator().manual_seed(seed))
        self.table = torch.nn.Parameter(drawn)
        self.tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
        )
        self.max_seq_length = 1

    def forward(self, features: dict[str, Any]) -> dict[str, Any]:
        return {**features, "sentence_embedding": self.vectors[features["input_ids"][:, 0]]}

    @property
    def vectors(self) -> Any:
        return torch.nn.functional.normalize(self.table, dim=1)

    def __getitem__(self, place: int) -> Table:
        return self

    def get_embedding_dimension(self) -> int:
        return DIM

    def batch(self, negatives: int) -> tuple[Any, Any, Any]:
        """Queries (B, D), positives (B, D), negatives (B, N, D) or None."""
        queries, positives, *others = self.vectors.split(BATCH)
        return queries, positives, torch.stack(others[:negatives], 1) if negatives else None


def columns(count: int) -> list[dict[str, Any]]:
    """Features of `count` columns of texts, the first of them queries."""
    ids = torch.arange(count * BATCH).reshape(count, BATCH, 1)
    return [{"input_ids": each, "attention_mask": torch.ones_like(each)} for each in ids]


def both(ours: Any, theirs: Any, model: Table) -> None:
    """Assert that two losses and their gradients are the same."""
    gradients: list[Any] = []
    for loss in (ours, theirs):
        model.table.grad = None
        loss.backward(retain_graph=True)
        gradients.append(model.table.grad)
    assert abs(ours.item() - theirs.item()) <= 1e-5
    assert gradients[0].abs().max() > 1e-3
    assert torch.allclose(gradients[0], gradients[1], rtol=0, atol=1e-5)


@pytest.fixture
def model() -> Table:
    return Table(5 * BATCH, seed=1)


@pytest.fixture
def guide() -> Table:
    return Table(5 * BATCH, seed=2)


@pytest.mark.parametrize("negatives", [0, 1, 3])
def test_info_nce_is_multiple_negatives_ranking_loss(model: Table, negatives: int) -> None:
    theirs = peer.MultipleNegativesRankingLoss(model, scale=20.0)(columns(2 + negatives), None)
    both(info_nce(*model.batch(negatives), temperature=0.05), theirs, model)


def test_listwise_kl_is_distill_kl_div_loss_but_for_the_temperature(model: Table) -> None:
    teacher = 4 * torch.randn(BATCH, 4, generator=torch.Generator().manual_seed(3))
    theirs = peer.DistillKLDivLoss(model, student_temperature=0.1, teacher_temperature=2.0)
    queries, positives, negatives = model.batch(3)
    lists = torch.cat([positives.unsqueeze(1), negatives], 1)
    ours = listwise_kl(
        torch.einsum("bd,bld->bl", queries, lists), teacher, temperature=0.1, teacher_temperature=2.0
    )
    both(ours, theirs(columns(5), teacher) / 0.1**2, model)


def test_matryoshka_is_the_mean_of_what_matryoshka_loss_adds_up(model: Table) -> None:
    dims = [DIM, 8, 4]
    loss = peer.MatryoshkaLoss(model, peer.MultipleNegativesRankingLoss(model), dims)
    theirs = loss(columns(4), None) / len(dims)

    def ours_of(*vectors: Any) -> Any:
        return info_nce(*vectors, temperature=0.05)

    both(matryoshka(ours_of, *model.batch(2), dims=dims), theirs, model)


@pytest.mark.parametrize(("margin", "relative"), [(0.0, False), (0.1, False), (0.05, True)])
def test_masked_by_a_frozen_model_it_is_gist_embed_loss(
    model: Table, guide: Table, margin: float, relative: bool
) -> None:
    settings = {
        "temperature": 0.05,
        "margin": margin,
        "margin_strategy": "relative" if relative else "absolute",
        "contrast_anchors": False,
        "contrast_positives": False,
    }
    for loss, negatives in ((peer.GISTEmbedLoss, 1), (peer.CachedGISTEmbedLoss, 3)):
        theirs = loss(model, guide, **settings)(columns(2 + negatives), None)
        queries, positives, others = guide.batch(negatives)
        scores = queries @ torch.cat([positives, others.flatten(0, 1)]).T
        masked = false_negatives_by_base(scores, margin=margin, relative=relative)
        assert masked.any()
        assert not masked.all()
        both(info_nce(*model.batch(negatives), temperature=0.05, masked=masked), theirs, model)


def test_what_the_model_finds_clearly_better_than_the_positive_is_a_false_negative() -> None:
    scores = torch.tensor([[0.5, 0.59, 0.61, 0.9], [0.8, 0.2, 0.31, 0.25]])
    expected = [[False, False, True, True], [True, False, True, False]]
    assert false_negatives(scores, margin=0.1).tolist() == expected
    first = torch.zeros(2, dtype=torch.int64)
    expected = [[False, False, True, True], [False, False, False, False]]
    assert false_negatives(scores, first, margin=0.1).tolist() == expected
    # Not even where everything but the positive is to go.
    assert false_negatives(scores, margin=-2.0).logical_not().nonzero().tolist() == [[0, 0], [1, 1]]
    assert false_negatives_by_base(scores, first, margin=2.0).sum(1).tolist() == [3, 3]


def test_the_positive_once_more_is_left_out_and_itself_is_not() -> None:
    masked = same(["a", "b", "a"], ["a", "b", "a", "c", "b"])
    assert masked.nonzero().tolist() == [[0, 2], [1, 4], [2, 0]]


def test_a_masked_candidate_counts_for_nothing(model: Table) -> None:
    queries, positives, negatives = model.batch(1)
    two = negatives[:2, 0]  # (M, D), M other than B
    masked = torch.zeros(BATCH, BATCH + 2, dtype=torch.bool)
    masked[:, -1] = True
    with_one = info_nce(queries, positives, two[:1], temperature=0.05)
    both(info_nce(queries, positives, two, temperature=0.05, masked=masked), with_one, model)
    everything = torch.ones_like(masked)
    assert info_nce(queries, positives, two, temperature=0.05, masked=everything).item() == 0.0


def test_weights_say_how_much_a_query_counts(model: Table) -> None:
    def loss(*weights: float) -> Any:
        return info_nce(*model.batch(1), temperature=0.05, weights=torch.tensor(weights))

    first, last = loss(1, 0, 0, 0, 0, 0), loss(0, 0, 0, 0, 0, 1)
    assert abs((first - last).item()) > 1e-2
    both(loss(3, 0, 0, 0, 0, 1), 0.75 * first + 0.25 * last, model)
    assert loss(0, 0, 0, 0, 0, 0).item() == 0.0


def test_bfloat16_around_it_does_not_make_a_loss_coarser(model: Table) -> None:
    exact = info_nce(*model.batch(1), temperature=0.02)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under = info_nce(*model.batch(1), temperature=0.02)
        coarse = (model.vectors @ model.vectors.T).dtype
    assert coarse == torch.bfloat16
    both(under, exact, model)


def test_lists_may_be_of_unequal_length() -> None:
    chance = torch.Generator().manual_seed(4)
    scores = torch.rand(3, 5, generator=chance).requires_grad_()
    teacher = 9 * torch.rand(3, 5, generator=chance)
    listed = torch.tensor([[True] * 5, [True] * 3 + [False] * 2, [False] * 5])
    temperatures = {"temperature": 0.05, "teacher_temperature": 2.0}
    loss = listwise_kl(scores, teacher.masked_fill(~listed, torch.nan), listed=listed, **temperatures)
    loss.backward()
    one = listwise_kl(scores[:1], teacher[:1], **temperatures)
    other = listwise_kl(scores[1:2, :3], teacher[1:2, :3], **temperatures)
    assert loss.item() == pytest.approx((one + other).item() / 3, abs=1e-6)
    assert scores.grad is not None
    assert scores.grad.isfinite().all()
    assert ((scores.grad != 0) == listed).all()


def test_a_model_that_agrees_with_its_teacher_learns_nothing() -> None:
    teacher = torch.tensor([[8.0, 3.0, -2.0]])
    agreeing = (teacher / 40 + 0.3).requires_grad_()
    loss = listwise_kl(agreeing, teacher, temperature=0.05, teacher_temperature=2.0)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert agreeing.grad is not None
    assert agreeing.grad.abs().max() < 1e-5
    assert listwise_kl(-agreeing, teacher, temperature=0.05, teacher_temperature=2.0).item() > 1


@pytest.mark.parametrize("dims", [[], [DIM + 1], [8, 0]])
def test_prefixes_that_vectors_do_not_have(model: Table, dims: list[int]) -> None:
    loss: Callable[..., Any] = info_nce
    with pytest.raises(ValueError, match=f"Vectors of {DIM} dimensions"):
        matryoshka(loss, *model.batch(0), dims=dims)
