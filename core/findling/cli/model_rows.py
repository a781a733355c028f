"""Models as rows of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from findling.cli.common import size_in_words

if TYPE_CHECKING:
    from findling.models import InstalledGenerator, InstalledModel
    from findling.settings import Settings


def all_models(settings: Settings) -> list[dict[str, Any]]:
    """A row for each model that is installed, built in, or downloaded as a generator."""
    from findling.models import BUILTIN_EMBEDDERS, InstalledGenerator, InstalledModels
    from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
    from findling.models.generators import generators

    installed = InstalledModels(settings.home.models).list()
    models = [model for model in installed if not isinstance(model, InstalledGenerator)]
    rows = [described(model) for model in models]
    known = {row["id"] for row in rows}
    rows += [
        {"id": builtin.id, "name": builtin.name, "kind": "embedder", "state": "built in"}
        for builtin in BUILTIN_EMBEDDERS.values()
        if builtin.id not in known
    ]
    found = [described(model) for model in generators(settings)]
    known = {row["id"] for row in found}
    return [*rows, *found] + [
        {"id": model.id, "name": model.name, "kind": "generator", "state": "built in"}
        for model in BUILTIN_LANGUAGE_MODELS.values()
        if model.id not in known  # its weights are missing: doctor says how to get them
    ]


def described(model: InstalledModel | InstalledGenerator) -> dict[str, Any]:
    """A row for a model."""
    from findling.models import InstalledGenerator

    card = model.card
    row = {"id": card.id, "name": card.name, "kind": card.kind, "licence": card.licence}
    if isinstance(model, InstalledGenerator):
        row |= {
            "state": model.state,
            "parameters": model.card.parameters,
            "context_tokens": model.card.context_tokens,
            "style": model.card.style,
        }
    else:
        row |= {"state": "installed", "dim": model.card.dim, "max_tokens": model.card.max_tokens}
    return {**row, "size_bytes": model.size_bytes(), "directory": str(model.directory)}


def line(row: dict[str, Any]) -> str:
    """A row as text."""
    size = size_in_words(row["size_bytes"]) if "size_bytes" in row else ""
    text = f"{row['id']:28} {row['kind']:14} {row['state']:10} {size}"
    if "parameters" in row:
        text = f"{text:64} {row['parameters'] / 1e6:,.0f}M parameters, {row['style']}"
    return text.rstrip()


def table(facts: dict[str, Any]) -> str:
    """Facts as text, one a line."""
    return "\n".join(f"{name:17} {value}" for name, value in facts.items())


def catalogue() -> tuple[list[dict[str, Any]], str]:
    """The models that can be downloaded, as rows and as text."""
    from findling.models.catalogue import CATALOGUE

    rows = [
        {
            "id": entry.id,
            "name": entry.name,
            "kind": str(entry.kind),
            "licence": entry.licence,
            "size_bytes": entry.size_bytes,
            "memory_mebibytes": entry.memory_mebibytes,
            "languages": list(entry.languages),
            "gated": entry.gated,
        }
        for entry in CATALOGUE.values()
    ]
    lines = [
        f"{entry.id:28} {entry.kind:10} {size_in_words(entry.size_bytes):>9}  {entry.licence}"
        for entry in CATALOGUE.values()
    ]
    return rows, "\n".join(lines)
