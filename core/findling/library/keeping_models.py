"""Models as a person keeps them: what is here and what uses it, brought from elsewhere, and removed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findling.embedding import add_model, calibrate, ensure_installed, is_reranker, stored_calibration
from findling.errors import ModelDamaged, UserError
from findling.jobs import ChildJob, Progress
from findling.models import BUILTIN_EMBEDDERS, InstalledModels, Kind
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
from findling.models.catalogue import downloadable
from findling.models.download import download
from findling.models.generators import add_generator, generators, is_generator, remove_generator
from findling.models.installed import InstalledGenerator
from findling.settings import Settings, private_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from findling.jobs import CancelToken, Report
    from findling.library.libraries import Libraries
    from findling.models import BuiltinEmbedder, GeneratorCard, InstalledModel, ModelCard

    Described = ModelCard | GeneratorCard | BuiltinEmbedder

#: The export of a graph takes minutes without a word.
_SILENCE_SECONDS = 1800.0
#: Of a setting that names a model: why it cannot go.
_USES = {
    "reranker": "takes the second look at what searches find",
    "generator": "writes the queries that models are tuned with",
    "model": "is that of new libraries",
}


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model that is here: `size_bytes` on the disk, 0 for what came with Findling. `libraries` have vectors
    of it, and `settings` are the names of those that name it. `precision` is the one that it runs in here, at
    so many `passages_per_second`; "" and 0 where that was not measured yet."""

    id: str
    name: str
    kind: Kind
    licence: str
    size_bytes: int
    built_in: bool
    libraries: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    precision: str = ""
    passages_per_second: float = 0.0

    @property
    def measurable(self) -> bool:
        """Whether it can be found out how fast it is here."""
        return self.kind is not Kind.GENERATOR

    @property
    def removable(self) -> bool:
        """Whether it may go."""
        return not (self.built_in and not self.size_bytes) and not self.libraries and not self.settings


def kept_models(libraries: Libraries) -> list[KeptModel]:
    """All models that can be used now, embedders first."""
    settings = libraries.settings
    users = _users(libraries)

    def kept(card: Described, kind: Kind, size: int, *, built_in: bool) -> KeptModel:
        named = tuple(name for name in _USES if getattr(settings, name) == card.id)
        used = tuple(users.get(card.id, ()))
        return KeptModel(card.id, card.name, kind, card.licence, size, built_in, used, named)

    def measured(model: InstalledModel) -> KeptModel:
        row = kept(
            model.card, model.card.kind, model.size_bytes(), built_in=model.card.id in BUILTIN_EMBEDDERS
        )
        found = stored_calibration(settings, model)
        if found is None:
            return row
        speed = max(each.passages_per_second for each in found.figures if each.precision == found.precision)
        return replace(row, precision=found.precision, passages_per_second=speed)

    found = [
        measured(model)
        for model in InstalledModels(settings.home.models).list()
        if not isinstance(model, InstalledGenerator)
    ]
    found += [
        kept(model.card, Kind.GENERATOR, 0 if built_in else model.size_bytes(), built_in=built_in)
        for model in generators(settings)
        for built_in in (model.card.id in BUILTIN_LANGUAGE_MODELS,)
    ]
    there = {model.id for model in found}
    found += [
        kept(each, Kind.EMBEDDER, 0, built_in=True)
        for each in BUILTIN_EMBEDDERS.values()
        if each.id not in there  # it is installed when it is used first
    ]
    order = list(Kind)
    return sorted(found, key=lambda each: (order.index(each.kind), not each.built_in, each.name.casefold()))


def _users(libraries: Libraries) -> dict[str, list[str]]:
    """Names of the libraries that have vectors of a model, by its id."""
    users: dict[str, list[str]] = {}
    for name in libraries.names():
        for model in {generation.model for generation in libraries.info(name).generations}:
            users.setdefault(model, []).append(name)
    return users


def remove_model(libraries: Libraries, model_id: str) -> None:
    """Delete a model's files, a generator's download too. Raises `ModelNotFound`, and `UserError` for one
    that a library has vectors of, or that a setting names."""
    if users := _users(libraries).get(model_id):
        raise UserError(
            f"The model {model_id} is in use by: {', '.join(users)}.",
            "Delete those libraries first.",
        )
    settings = libraries.settings
    for name in ("reranker", "generator"):
        if model_id == getattr(settings, name):
            raise UserError(
                f"The model {model_id} {_USES[name]}.", f'Take "{name}" out of the settings first.'
            )
    models = InstalledModels(settings.home.models)
    kind = None
    with suppress(ModelDamaged):
        kind = models.kind(model_id)
    if kind is Kind.GENERATOR:
        remove_generator(settings, model_id)
    else:
        models.remove(model_id)


def start_bringing(settings: Settings, source: str, *, fetched: bool, ready: bool = True) -> ChildJob:
    """Bring a model here: download it by its id in the catalogue or as PUBLISHER/NAME (`fetched`), or install
    it from the file or directory `source`. Without `ready` a download is not made ready for use. The job's
    result is `{id, kind, directory, installed}`, of which the last is missing for what is not ready. Raises
    `ModelNotFound` for what cannot be downloaded."""
    name = downloadable(source).id if fetched else Path(source).name
    return ChildJob(
        "findling.library.keeping_models:bring",
        {"settings": settings.to_json(), "source": source, "fetched": fetched, "ready": ready},
        log=private_directory(settings.home.logs) / f"model-{name}.log",
        silence_seconds=_SILENCE_SECONDS,
    )


def bring(arguments: Mapping[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process of `start_bringing`. Raises `DownloadError`, what installing raises,
    and `Cancelled`; what has come of a download stays."""
    settings = Settings.from_json(arguments["settings"])
    source: str = arguments["source"]
    if not arguments["fetched"]:
        return _installed(settings, source, "", report, cancel)
    entry = downloadable(source)
    target = private_directory(settings.home.downloads) / entry.id
    directory = str(download(entry, target, report=report, cancel=cancel))
    found: dict[str, Any] = {"id": entry.id, "kind": entry.kind, "directory": directory}
    if not arguments["ready"]:
        return found
    report(Progress("installing", detail=entry.name))
    if entry.kind is Kind.GENERATOR or is_reranker(Path(directory)):
        return found | {"installed": _installed(settings, directory, entry.id, report, cancel)["directory"]}
    from findling.embedding.export import can_export, export_model

    if not can_export():
        return found
    model = export_model(source, settings, precisions=("fp32", "int8"), report=report, cancel=cancel)
    return found | {"id": model.card.id, "installed": str(model.directory)}


def start_measuring(settings: Settings, model_id: str) -> ChildJob:
    """Find out in which precision this machine runs a model fastest; the job's result is the shape of
    `findling models calibrate --json`."""
    return ChildJob(
        "findling.library.keeping_models:measure",
        {"settings": settings.to_json(), "model": model_id},
        log=private_directory(settings.home.logs) / f"measure-{model_id}.log",
        silence_seconds=_SILENCE_SECONDS,
    )


def measure(arguments: Mapping[str, Any], report: Report, cancel: CancelToken) -> dict[str, Any]:
    """Entry point of the child process of `start_measuring`. Raises `ModelNotFound`, `ModelDamaged`."""
    settings = Settings.from_json(arguments["settings"])
    report(Progress("measuring", detail=arguments["model"]))
    model = ensure_installed(settings, arguments["model"])
    cancel.check()
    return asdict(calibrate(settings, model))


def _installed(
    settings: Settings, source: str, model_id: str, report: Report, cancel: CancelToken
) -> dict[str, Any]:
    if is_generator(Path(source).expanduser()):
        model = add_generator(settings, source, model_id, report=report, cancel=cancel)
    else:
        report(Progress("installing", detail=Path(source).name))
        model = add_model(settings, source, model_id)
    directory = str(model.directory)
    return {"id": model.card.id, "kind": model.card.kind, "directory": directory, "installed": directory}
