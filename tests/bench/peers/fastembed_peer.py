"""fastembed on the graph that Findling built: its default batch, or a small one as measuring advises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

from fastembed import TextEmbedding
from fastembed.common.model_description import ModelSource, PoolingType
from protocol import serve


def load(task: dict[str, Any]) -> Callable[[list[str]], Any]:
    TextEmbedding.add_custom_model(
        model="bench/model",
        pooling=PoolingType.DISABLED,
        normalization=False,
        sources=ModelSource(hf="bench/model"),
        dim=task["dim"],
        model_file=task["graph"],
    )
    model = TextEmbedding("bench/model", specific_model_path=task["directory"], threads=task["threads"])
    return lambda texts: list(model.embed(texts, batch_size=task["batch"]))


if __name__ == "__main__":
    serve(load)
