"""Rerankers that come as an ONNX graph: of architectures that no graph is built of here."""

from __future__ import annotations

import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from findling.errors import ModelDamaged, ModelRefused, one_line
from findling.models import fingerprint_of
from findling.models.card import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

#: Where publishers put it.
_PLACES = ("model.onnx", "onnx/model.onnx")
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


def graph_in(directory: Path) -> Path | None:
    """The graph in full precision, where there is one."""
    return next((directory / place for place in _PLACES if (directory / place).is_file()), None)


def copy_reranker(graph: Path, target: Path) -> str:
    """Copy a reranker's graph to `target`, and the files beside it that hold its weights; returns their
    digest, the `weights` of a card.

    It must take token ids and a mask, int64, and give one number a pair first of all. Raises `ModelRefused`
    for another graph, `ModelDamaged` for what is none or has weights missing.
    """
    import onnx

    library: Any = onnx
    try:
        model = library.load(str(graph), load_external_data=False)
    except Exception as error:  # protobuf's own, of many kinds
        raise ModelDamaged(f"The graph {graph} cannot be read: {one_line(error)}.") from error
    inputs = {each.name for each in model.graph.input}
    outputs = list(model.graph.output)
    shape = [each.dim_value for each in outputs[0].type.tensor_type.shape.dim] if outputs else []
    if not {"input_ids", "attention_mask"} <= inputs <= _INPUTS or len(shape) != 2 or shape[1] > 1:
        given = ", ".join(each.name for each in outputs)
        raise ModelRefused(
            f"{graph} is no reranker's: it makes {given or 'nothing'} of {', '.join(sorted(inputs))}.",
            "A reranker gives one number for the token ids and the mask of a query and a passage. Embedders "
            "are added from their safetensors, or exported.",
        )
    shutil.copyfile(graph, target)
    digests = [sha256_of(target)]
    for name in sorted(_weight_files(model)):
        beside = graph.parent / name
        if PurePosixPath(name).name != name or not beside.is_file():
            raise ModelDamaged(f"The weights of {graph} are missing: {name!r}.")
        shutil.copyfile(beside, target.with_name(name))
        digests.append(sha256_of(target.with_name(name)))
    return digests[0] if len(digests) == 1 else fingerprint_of(*digests)


def _weight_files(model: Any) -> set[str]:
    """Names of the files that hold weights of the graph."""
    return {
        entry.value
        for tensor in model.graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
