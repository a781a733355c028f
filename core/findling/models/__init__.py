"""Models: what is known of them (cards), which come built in, which are installed."""

from findling.models.builtin import BUILTIN_EMBEDDERS, BuiltinEmbedder
from findling.models.card import Kind, ModelCard, Pooling, fingerprint_of
from findling.models.installed import InstalledModel, InstalledModels

__all__ = [
    "BUILTIN_EMBEDDERS",
    "BuiltinEmbedder",
    "InstalledModel",
    "InstalledModels",
    "Kind",
    "ModelCard",
    "Pooling",
    "fingerprint_of",
]
