"""The verb that looks at the installation: doctor."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from typing import TYPE_CHECKING, Any

import click

from findling import __version__
from findling.cli.common import Session, common_options, pass_session, size_in_words
from findling.errors import ModelDamaged, ModelNotFound, UserError

if TYPE_CHECKING:
    from pathlib import Path

#: Shown with their versions; None where a part is not installed.
_LIBRARIES = (
    "lancedb",
    "onnxruntime-gpu",
    "onnxruntime",
    "onnx",
    "openvino",
    "tokenizers",
    "pypdfium2",
    "PySide6-Essentials",
    "torch",
    "transformers",
    "llama-cpp-python",
)


@click.command()
@common_options
@pass_session
def doctor(session: Session) -> None:
    """Show versions, what the models run on and why not on more, models, disk."""
    from findling.embedding import bf16_hint, probe_providers

    settings = session.settings()
    providers = probe_providers(settings.embedder_provider)
    report: dict[str, Any] = {
        "findling": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in _LIBRARIES},
        "provider": providers.actual,
        "provider_problems": list(providers.problems),
        "hints": [hint] if (hint := bf16_hint()) else [],
        "models": _models(session),
        "home": {name: str(getattr(settings.home, name)) for name in ("config", "data", "state")},
        "disk_free_bytes": shutil.disk_usage(_existing(settings.home.data)).free,
        "libraries": session.libraries().names(),
    }
    session.put(report, _text(report))


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _models(session: Session) -> list[dict[str, str]]:
    """Every model and whether its files are whole; built-in ones without their weights are named, and a
    generator of the settings that is not to be had."""
    from findling.models import BUILTIN_EMBEDDERS, InstalledModels
    from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
    from findling.models.generators import built_in, generator

    settings = session.settings()
    found: list[dict[str, str]] = []
    for model in InstalledModels(settings.home.models).list():
        try:
            model.verify()
            state = "whole"
        except ModelDamaged as error:
            state = str(error)
        found.append({"id": model.card.id, "kind": model.card.kind, "state": state})
    known = {entry["id"] for entry in found}
    for builtin in BUILTIN_EMBEDDERS.values():
        if builtin.id in known:
            continue
        try:
            builtin.weights()
            state = "built in, made on first use"
        except ModelNotFound as error:
            state = str(error)
        found.append({"id": builtin.id, "kind": "embedder", "state": state})
    for model_id in BUILTIN_LANGUAGE_MODELS:
        try:
            built_in(model_id).verify()
            state = "built in"
        except UserError as error:
            state = str(error)
        found.append({"id": model_id, "kind": "generator", "state": state})
    if settings.generator not in {entry["id"] for entry in found}:
        try:
            generator(settings, settings.generator)
        except UserError as error:
            found.append({"id": settings.generator, "kind": "generator", "state": str(error)})
    return found


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _text(report: dict[str, Any]) -> str:
    lines = [
        f"Findling   {report['findling']}  (Python {report['python']}, {report['platform']})",
        f"Runs on    {report['provider']}",
    ]
    lines += [f"           {line}" for line in (*report["provider_problems"], *report["hints"])]
    lines += [f"Model      {model['id']} ({model['kind']}): {model['state']}" for model in report["models"]]
    lines += [f"{name.capitalize():10} {place}" for name, place in report["home"].items()]
    lines.append(f"Free disk  {size_in_words(report['disk_free_bytes'])}")
    lines.append(f"Libraries  {', '.join(report['libraries']) or 'none yet'}")
    lines += [
        f"           {name} {version or 'not installed'}" for name, version in report["versions"].items()
    ]
    return "\n".join(lines)
