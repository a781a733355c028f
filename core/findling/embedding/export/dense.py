"""Layers of the sentence-transformers kind "Dense", between pooling and normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from findling.embedding.export.source import read_json
from findling.errors import ModelDamaged, ModelRefused
from findling.settings import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from findling.embedding.export.centring import Centre


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


def write_dense(layer: Any, activation: Any, directory: Path) -> None:
    """Write a `torch.nn.Linear` and what follows it as one such layer."""
    from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]

    directory.mkdir(exist_ok=True)
    config = {
        "in_features": layer.in_features,
        "out_features": layer.out_features,
        "bias": layer.bias is not None,
        "activation_function": f"{type(activation).__module__}.{type(activation).__name__}",
    }
    write_json(directory / "config.json", config)
    stored = {f"linear.{name}": each.detach().cpu().contiguous() for name, each in layer.named_parameters()}
    save_file(stored, str(directory / "model.safetensors"))


def as_dense(centre: Centre) -> list[Any]:
    """A layer that centres and scales, as torch modules: what other programs know no other form of."""
    import torch

    dim = len(centre.vector)
    vector = torch.from_numpy(centre.vector)
    scale = torch.ones_like(vector) if centre.scale is None else torch.from_numpy(centre.scale)
    linear = torch.nn.Linear(dim, dim)
    with torch.no_grad():
        linear.weight.copy_(torch.diag(scale))
        linear.bias.copy_(-vector * scale)
    return [linear, torch.nn.Identity()]
