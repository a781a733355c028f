"""Models: what is known of them (cards), which come built in, which are installed."""

from findling.models.builtin import BUILTIN_EMBEDDERS, BuiltinEmbedder
from findling.models.card import Kind, ModelCard, Pooling, fingerprint_of
from findling.models.generator_card import GeneratorCard, Style
from findling.models.installed import InstalledGenerator, InstalledModel, InstalledModels

__all__ = [
    "BUILTIN_EMBEDDERS",
    "BuiltinEmbedder",
    "GeneratorCard",
    "InstalledGenerator",
    "InstalledModel",
    "InstalledModels",
    "Kind",
    "ModelCard",
    "Pooling",
    "Style",
    "fingerprint_of",
]
