"""A torch encoder with pooling and normalisation around it, and its export to ONNX.

input_ids, attention_mask   int64    (B, T)
sentence_embedding          float32  (B, D), each row of length 1
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import torch

from findling.models import Pooling

if TYPE_CHECKING:
    from pathlib import Path

    from findling.embedding.export.load import Loaded

#: Decoders whose layers all attend to everything before them: their mask is made here, so that the graph
#: does not depend on how a version of transformers makes it.
CAUSAL = frozenset({"llama", "mistral", "qwen2", "qwen3", "phi3", "gemma", "olmo2", "granite", "smollm3"})
#: Encoders that count positions from the padding token's id + 1.
OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet", "xlm-roberta-xl"})
#: What a token must not see. Far below any score, and a number in fp16 too: rows that see nothing, as those
#: of left padding, stay finite.
_HIDDEN_SCORE = -30000.0
#: Smallest length that a vector is divided by, as in torch.nn.functional.normalize.
_NORM_FLOOR = 1e-12
_OPSET = 17


def is_causal(config: Any) -> bool:
    """Whether each token of the model sees what is before it and nothing else."""
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) if config.model_type == "mistral" else None
    return config.model_type in CAUSAL and kinds == {"full_attention"} and window is None


def is_decoder(config: Any) -> bool:
    """Whether transformers knows the architecture as a causal language model and not as a masked one."""
    from transformers.models.auto import modeling_auto as auto

    causal, masked = auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    return config.model_type in causal and config.model_type not in masked


class PooledEncoder(torch.nn.Module):
    """Token ids in, unit vectors out. `dense` are layers after the pooling. Before normalisation `centre`,
    (D,), is taken from the vector, and the rest multiplied with `scale`, (D,); see `centring`."""

    def __init__(
        self,
        loaded: Loaded,
        pooling: Pooling,
        dense: list[Any] | None = None,
    ) -> None:
        super().__init__()
        self.model: Any = loaded.model
        self.pooling = pooling
        self.dense = torch.nn.Sequential(*(dense or []))
        self.centre: Any = None
        self.scale: Any = None
        accepted = inspect.signature(loaded.model.forward).parameters
        self.places = "position_ids" in accepted
        self.first = loaded.pad_id + 1 if loaded.model_type in OFFSET_POSITIONS else 0
        self.causal = is_causal(loaded.model.config)
        self.cached = "use_cache" in accepted

    @property
    def either_side(self) -> bool:
        """Whether padding may stand on the left too: positions are counted by the mask."""
        return self.places

    def states(self, input_ids: Any, attention_mask: Any) -> Any:
        """Token states, float32 (B, T, D)."""
        extra: dict[str, Any] = {"use_cache": False} if self.cached else {}
        if self.places:
            places = (attention_mask.cumsum(1) - 1).clamp(min=0)  # (B, T)
            if self.first:
                places = (places + self.first) * attention_mask + (self.first - 1) * (1 - attention_mask)
            extra["position_ids"] = places
        mask = self._causal_mask(attention_mask) if self.causal else attention_mask
        return self.model(input_ids=input_ids, attention_mask=mask, **extra)[0]

    def pooled(self, states: Any, attention_mask: Any) -> Any:
        """One vector a text, neither centred nor normalised: (B, D)."""
        mask = attention_mask.to(states.dtype).unsqueeze(2)  # (B, T, 1)
        order = attention_mask.cumsum(1) * attention_mask  # (B, T): 1 … n at attended tokens, else 0
        if self.pooling is Pooling.MEAN:
            vectors = (states * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        elif self.pooling is Pooling.WEIGHTED_MEAN:
            weights = order.to(states.dtype).unsqueeze(2)  # (B, T, 1)
            vectors = (states * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        else:
            # The first attended token has the order 1, the last one the highest.
            first = self.pooling is Pooling.CLS
            score = attention_mask * (order.shape[1] + 1 - order) if first else order
            index = score.to(torch.float32).argmax(1)  # (B)
            vectors = states.gather(1, index[:, None, None].expand(-1, 1, states.shape[2]))[:, 0]
        return self.dense(vectors)

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """`sentence_embedding`, float32 (B, D)."""
        vectors = self.pooled(self.states(input_ids, attention_mask), attention_mask)
        if self.centre is not None:
            vectors = (vectors - self.centre) * self.scale
        return vectors / vectors.norm(dim=1, keepdim=True).clamp(min=_NORM_FLOOR)

    def _causal_mask(self, attention_mask: Any) -> Any:
        """What is added to scores: float32 (B, 1, T, T)."""
        place = torch.arange(attention_mask.shape[1], device=attention_mask.device)
        before = place[None, :] <= place[:, None]  # (T, T)
        seen = before[None, None] & attention_mask.to(torch.bool)[:, None, None, :]  # (B, 1, T, T)
        return torch.where(seen, 0.0, _HIDDEN_SCORE)


def trace(module: PooledEncoder, target: Path) -> None:
    """Write the graph by torch's tracing exporter; above 2 GB torch puts the weights in files beside it.

    On SmolLM2 it takes a fifth of the dynamo exporter's time at equal parity, and of encoders it keeps the
    patterns that ONNX Runtime's optimizer fuses (dynamo's it does not recognise).
    """
    axes = {0: "batch", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            module.eval(),
            _example(),
            str(target),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "sentence_embedding": {0: "batch"}},
        )


def capture(module: PooledEncoder, target: Path) -> None:
    """Write the graph by torch's newer exporter, for models whose masks cannot be traced (Gemma 3)."""
    axes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with torch.no_grad():
        program: Any = torch.onnx.export(
            module.eval(),
            _example(),
            dynamo=True,
            opset_version=_OPSET + 1,
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes},
            verbose=False,
        )
    program.save(str(target), external_data=True)


def _example() -> tuple[Any, Any]:
    """Two texts of 7 and 4 tokens."""
    ids = torch.arange(14).remainder(11).reshape(2, 7)  # (2, 7)
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    return ids, mask
