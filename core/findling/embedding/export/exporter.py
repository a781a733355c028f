"""Make an installed model of a source: load, trace, convert, verify, and only then install."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from findling.component import tune_command
from findling.embedding.export.source import find_source
from findling.embedding.export.work import FROM_SAMPLE, GRAPHS, Work
from findling.errors import ModelNotFound, SettingsError, UserError
from findling.jobs import CancelToken, Progress, ignore_progress
from findling.models import InstalledModel, InstalledModels, ModelCard, Pooling
from findling.models.builtin import BUILTIN_EMBEDDERS, BUILTIN_LANGUAGE_MODELS, BuiltinEmbedder
from findling.models.catalogue import downloadable
from findling.models.download import Downloaded
from findling.models.installed import id_from

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from findling.embedding.export.centring import Centre
    from findling.embedding.export.source import Source
    from findling.settings import Settings

PRECISIONS = tuple(GRAPHS)
#: Disk space that an export takes at its height, in bytes for each byte of the source's weights in fp32:
#: the trace and the folded graph, then each variant.
_TRACE_SHARE = 2.1
_VARIANT_SHARE = {"fp32": 1.0, "fp16": 0.5, "int8": 0.4}
_SPARE_BYTES = 64 * 1024 * 1024


def export_model(
    source: str,
    settings: Settings,
    *,
    model_id: str = "",
    name: str = "",
    pooling: Pooling | None = None,
    precisions: Sequence[str] = ("fp32",),
    query_prefix: str | None = None,
    document_prefix: str | None = None,
    instruction: str | None = None,
    eos: str | None = None,
    max_tokens: int = 0,
    centre: Centre | str | None = None,
    cancel: CancelToken | None = None,
    report: Callable[[Progress], None] = ignore_progress,
) -> InstalledModel:
    """Export a model to ONNX and install it, once its graphs have been shown to agree with it.

    `source` is a directory in Hugging Face or sentence-transformers layout, one of a LoRA adapter (merged
    into its base), a GGUF file of the llama and qwen families, the id of a built-in or a downloaded model, or
    a hub id that is in the local cache; nothing connects. What is None comes from the catalogue, then from
    the source's own files, then from what is known of its family (`templates`), then: mean pooling for
    encoders, the last token for decoders.
    fp32 is always among `precisions`. `centre` is a `Centre`, or "sample" for one made of texts that come
    with Findling: what a decoder that was not tuned needs. A decoder whose files and family say nothing of
    pooling is marked `needs_tuning`.

    Raises `UserError` (no tune extra, unusable id, disk too small), `ModelNotFound`, `ModelDamaged` (files
    missing, cut off or not fitting), `ModelRefused` (a kind of model that cannot be exported, or graphs that
    do not agree with it: the figures are in the message), `Cancelled`.
    """
    if not can_export():
        raise UserError("Exporting a model needs torch and transformers.", f"Run: {tune_command()}")
    if unknown := [name for name in precisions if name not in PRECISIONS]:
        raise UserError(f"{unknown[0]!r} is no precision.", f"Known: {', '.join(PRECISIONS)}.")
    found = known_source(source, settings)
    chosen = model_id or found.id or id_from(found.name)
    template = found.template
    card = ModelCard(
        id=chosen,
        name=name or found.name,
        base=found.base,
        dim=0,
        max_tokens=max_tokens or found.max_tokens,
        pooling=pooling or found.pooling or Pooling.MEAN,
        weights="",
        query_prefix=_first(query_prefix, found.query_prefix),
        document_prefix=_first(document_prefix, found.document_prefix),
        instruction=_first(instruction, template.instruction),
        eos=_first(eos, template.eos),
        licence=found.licence,
        languages=found.languages,
        provenance={"source": found.provenance or str(found.adapter or found.path)},
    )
    guessed = pooling is None and found.pooling is None
    work = Work(found, card, centre, guessed=guessed, cancel=cancel or CancelToken(), report=report)
    wanted = tuple(name for name in PRECISIONS if name == "fp32" or name in precisions)
    _check_disk(found, wanted, settings.home.models)
    models = InstalledModels(settings.home.models)
    with models.installing(chosen) as place:
        work.run(place, wanted)
    return models.get(chosen)


def build_builtin(
    settings: Settings,
    model_id: str,
    *,
    cancel: CancelToken | None = None,
    report: Callable[[Progress], None] = ignore_progress,
) -> InstalledModel:
    """Export a built-in language model (`BUILTIN_LANGUAGE_MODELS`) with the settings that measured best.

    Raises like `export_model`; `UserError` naming the extra to install where torch is missing.
    """
    if model_id not in BUILTIN_LANGUAGE_MODELS:
        raise UserError(f"{model_id!r} is no built-in language model.")
    # An untuned decoder finds nothing behind an instruction, which outweighs the query in its pooled vector:
    # tests/bench/export.py. The instruction's template is for what is tuned from it.
    return export_model(
        model_id,
        settings,
        precisions=("fp32", "int8"),
        query_prefix="",
        centre=FROM_SAMPLE,
        cancel=cancel,
        report=report,
    )


def known_source(source: str, settings: Settings) -> Source:
    """The source, with what Findling knows of built-in models and the catalogue of downloaded ones. Raises
    `ModelNotFound`, `ModelDamaged`, `ModelRefused`."""
    builtin = BUILTIN_LANGUAGE_MODELS.get(source) or BUILTIN_EMBEDDERS.get(source)
    if Path(source).expanduser().exists():
        return find_source(source)
    if builtin is not None:
        found = find_source(source)
        return replace(
            found,
            id=builtin.id,
            name=builtin.name,
            base=builtin.base,
            licence=builtin.licence,
            languages=builtin.languages,
            said_pooling=builtin.pooling if isinstance(builtin, BuiltinEmbedder) else found.said_pooling,
            provenance=builtin.distribution,
        )
    try:
        entry = downloadable(source)
    except ModelNotFound:
        return find_source(source)
    there = Downloaded.load(settings.home.downloads / entry.id)
    if there is None:
        return find_source(source)
    found = find_source(str(settings.home.downloads / entry.id))
    known = {
        "id": entry.id,
        "name": entry.name,
        "base": entry.repo,
        "provenance": f"{entry.repo}@{there.commit}",
    }
    if entry.pooling is None:  # not of the catalogue: its own files must say how it is used
        return replace(found, **known)
    return replace(
        found,
        **known,
        licence=entry.licence,
        languages=entry.languages,
        said_pooling=entry.pooling,
        said_query_prefix=entry.query_prefix,
        said_document_prefix=entry.document_prefix,
        template=replace(found.template, instruction=entry.instruction, eos=entry.eos),
    )


def can_export() -> bool:
    """Whether torch and transformers are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("torch", "transformers"))


def _check_disk(source: Source, precisions: Sequence[str], models: Path) -> None:
    """Raises `SettingsError` when the disk cannot hold what the export writes at its height."""
    from findling.embedding.export.graph import free_bytes
    from findling.embedding.export.load import fp32_bytes

    weights = fp32_bytes(source)
    needed = int(weights * (_TRACE_SHARE + sum(_VARIANT_SHARE[name] for name in precisions))) + _SPARE_BYTES
    free = free_bytes(models)
    if free < needed:
        raise SettingsError(
            f"Exporting {source.name} needs about {needed // 2**20} MiB on the disk of {models}; "
            f"{free // 2**20} MiB are free.",
            "Free some space, or choose another place with --home.",
        )


def _first(given: str | None, known: str) -> str:
    return known if given is None else given
