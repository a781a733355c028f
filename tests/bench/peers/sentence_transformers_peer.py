"""sentence-transformers (torch): its defaults, or in bfloat16, as a user who knows would set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

import torch
from protocol import serve
from sentence_transformers import SentenceTransformer


def load(task: dict[str, Any]) -> Callable[[list[str]], Any]:
    torch.set_num_threads(task["threads"])
    options = {"dtype": getattr(torch, task["dtype"])} if task["dtype"] else {}
    model = SentenceTransformer(task["directory"], device=task.get("device", "cpu"), model_kwargs=options)
    batch = {"batch_size": task["batch"]} if task["batch"] else {}
    return lambda texts: model.encode(texts, show_progress_bar=False, **batch)


if __name__ == "__main__":
    serve(load)
