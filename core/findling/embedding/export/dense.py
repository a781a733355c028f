"""Layers of the sentence-transformers kind "Dense", between pooling and normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from findling.embedding.export.source import read_json
from findling.errors import ModelDamaged, ModelRefused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def dense_layers(directories: Sequence[Path]) -> list[Any]:
    """torch modules, in order. Raises `ModelDamaged`, or `ModelRefused` for an unknown activation."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # pyright: ignore[reportUnknownVariableType]

    layers: list[Any] = []
    activations = {"Identity": torch.nn.Identity, "Tanh": torch.nn.Tanh, "ReLU": torch.nn.ReLU}
    for directory in directories:
        config = read_json(directory / "config.json", needed=True)
        name = str(config.get("activation_function", "Tanh")).rsplit(".", 1)[-1]
        if name not in activations:
            raise ModelRefused(f"{directory} has an activation {name!r} that is not known.")
        linear = torch.nn.Linear(
            int(config["in_features"]), int(config["out_features"]), bias=bool(config.get("bias", True))
        )
        try:
            stored = load_file(str(directory / "model.safetensors"))
            linear.load_state_dict({key.removeprefix("linear."): value for key, value in stored.items()})
        except (OSError, SafetensorError, RuntimeError) as error:
            raise ModelDamaged(f"{directory / 'model.safetensors'} cannot be read: {error}.") from error
        layers += [linear, activations[name]()]
    return layers
