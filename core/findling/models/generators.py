"""Generators: language models in GGUF files, found by name wherever they lie, and installed."""

from __future__ import annotations

import difflib
import errno
import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from findling.errors import DiskFull, ModelDamaged, ModelNotFound, PlaceNotWritable, UserError
from findling.jobs import CancelToken, ignore_progress
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
from findling.models.card import CARD_FILE, Kind, kind_in
from findling.models.catalogue import CATALOGUE
from findling.models.download import DOWNLOAD_FILE, SPARE_BYTES, Downloaded
from findling.models.generator_card import GeneratorCard, Style
from findling.models.gguf import read_header
from findling.models.gguf_card import card_of, gguf_in, is_generator
from findling.models.installed import InstalledGenerator, InstalledModels, State
from findling.models.partial import Meter, in_words
from findling.settings import user_only

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from findling.jobs import Report
    from findling.settings import Settings

__all__ = [
    "GeneratorCard",
    "InstalledGenerator",
    "State",
    "Style",
    "add_generator",
    "built_in",
    "card_of",
    "generator",
    "generators",
    "is_generator",
    "remove_generator",
]

_COPY_BLOCK_BYTES = 2**20
_MAKE_ROOM = "Make room, or use the file where it lies: name its path as the generator."


def generator(settings: Settings, name: str) -> InstalledGenerator:
    """The generator of that id (installed, built in or downloaded), or in the .gguf file of that path, which
    is used where it lies.

    Raises `ModelNotFound`, with the nearest and what there is, `ModelDamaged` for a file that is cut off, and
    `UserError` for a model that is no generator.
    """
    if name.lower().endswith(".gguf"):
        path = Path(name).expanduser().absolute()
        if not path.is_file():
            raise ModelNotFound(f"There is no file {path}.", "Name a .gguf file, or a generator's id.")
        return InstalledGenerator(card_of(path), path, State.FILE)
    if name in BUILTIN_LANGUAGE_MODELS:
        return built_in(name)
    models = InstalledModels(settings.home.models)
    kind = models.kind(name)
    if kind is Kind.GENERATOR:
        found = models.generator(name)
        read_header(found.path)
        return found
    for found in _downloaded(settings):
        if found.card.id == name:
            return found
    if kind is not None:
        raise UserError(f"{name} is no generator but a model of the kind {kind}.", _known(settings))
    raise _unknown(settings, name)


def generators(settings: Settings) -> list[InstalledGenerator]:
    """All that `generator` finds by an id: installed ones, built-in ones whose weights are there, and
    downloads that nothing was installed from. What is damaged is left out."""
    installed = InstalledModels(settings.home.models).list()
    found = [model for model in installed if isinstance(model, InstalledGenerator)]
    for model_id in BUILTIN_LANGUAGE_MODELS:
        try:
            found.append(built_in(model_id))
        except UserError:
            continue
    known = {model.card.id for model in found}
    return found + [model for model in _downloaded(settings) if model.card.id not in known]


def built_in(model_id: str) -> InstalledGenerator:
    """A generator of `BUILTIN_LANGUAGE_MODELS`, used where its package has it. Raises `ModelNotFound`, saying
    which package to install, and `ModelDamaged`."""
    model = BUILTIN_LANGUAGE_MODELS[model_id]
    path = model.weights()
    card = replace(
        card_of(path),
        id=model.id,
        name=model.name,
        base=model.base,
        licence=model.licence,
        languages=model.languages,
        sha256=model.sha256,
        provenance={"package": model.distribution},
    )
    return InstalledGenerator(card, path, State.BUILT_IN)


def add_generator(
    settings: Settings,
    source: str,
    model_id: str = "",
    *,
    report: Report = ignore_progress,
    cancel: CancelToken | None = None,
) -> InstalledGenerator:
    """Install the generator in a .gguf file, or in a directory with one: as a hard link, which takes no
    space, or where that cannot be as a copy. What has been installed under the id is replaced.

    Raises `ModelNotFound` where there is no such file, `ModelDamaged`, `UserError` (no generator, a part of
    one, an unusable id), `DiskFull`, `PlaceNotWritable`, and `Cancelled`; then nothing is left behind.
    """
    cancel = cancel or CancelToken()
    path = gguf_in(Path(source).expanduser())
    card = _stored_card(path) or card_of(path)
    chosen = model_id or card.id
    if chosen in BUILTIN_LANGUAGE_MODELS:
        raise UserError(f"{chosen} is the id of a built-in model.", "Install under another, with --id.")
    models = InstalledModels(settings.home.models)
    with _disk_errors(settings.home.models), models.installing(chosen, generator=True) as place:
        sha256 = _put(path, place / card.file, card.sha256, report, cancel)
        replace(card, id=chosen, sha256=sha256).save(place)
    return models.generator(chosen)


def remove_generator(settings: Settings, model_id: str) -> None:
    """Delete an installed generator, and the download that it was installed from, so that the space is free.
    Raises `ModelNotFound`."""
    models = InstalledModels(settings.home.models)
    provenance: dict[str, str] = {}
    with suppress(ModelDamaged):
        provenance = models.generator(model_id).card.provenance
    models.remove(model_id)
    download = settings.home.downloads / model_id
    there = Downloaded.load(download)
    if there is not None and there.known()["provenance"] == provenance:
        shutil.rmtree(download)


def _known(settings: Settings) -> str:
    return f"There is: {', '.join(model.card.id for model in generators(settings)) or 'none'}."


def _unknown(settings: Settings, name: str) -> ModelNotFound:
    """Why there is no generator of that name, and what to do."""
    wanted = name.strip().lower()
    entries = [entry.id for entry in CATALOGUE.values() if entry.kind is Kind.GENERATOR]
    message = f"There is no generator {name!r}."
    if wanted in entries:
        return ModelNotFound(message, f"Fetch it: findling models download {wanted}")
    here = [model.card.id for model in generators(settings)]
    close = difflib.get_close_matches(wanted, [*here, *entries], n=1)
    nearest = f"Did you mean {close[0]!r}? " if close else ""
    return ModelNotFound(message, nearest + _known(settings))


def _downloaded(settings: Settings) -> Iterator[InstalledGenerator]:
    """The generators among the downloads, by the names of their directories."""
    for stated in sorted(settings.home.downloads.glob(f"[!.]*/{DOWNLOAD_FILE}")):
        if not is_generator(stated.parent):
            continue
        try:
            path = gguf_in(stated.parent)
            card = replace(card_of(path), id=stated.parent.name)
        except UserError:
            continue
        yield InstalledGenerator(card, path, State.DOWNLOADED)


def _stored_card(path: Path) -> GeneratorCard | None:
    """The card beside the file, where that is a generator of Findling's. Raises `ModelDamaged` for a file
    that is cut off."""
    if not (path.parent / CARD_FILE).is_file() or kind_in(path.parent) is not Kind.GENERATOR:
        return None
    card = GeneratorCard.load(path.parent)
    if card.file != path.name:
        return None
    read_header(path)
    return card


def _put(source: Path, target: Path, sha256: str, report: Report, cancel: CancelToken) -> str:
    """Bring a file to `target`, and return its sha256. Raises `ModelDamaged` where that is not `sha256`,
    unless that is "", `DiskFull`, `Cancelled`, OSError."""
    cancel.check()
    size = source.stat().st_size
    meter = Meter(size, report)
    try:
        os.link(source.resolve(), target)
    except OSError:  # on another disk, somebody else's, or on a disk that knows no links
        free = shutil.disk_usage(target.parent).free
        if free < size + SPARE_BYTES:
            raise DiskFull(
                f"A copy of {source.name} needs {in_words(size + SPARE_BYTES)}; {in_words(free)} are free.",
                _MAKE_ROOM,
            ) from None
        found = _copy(source, target, meter, cancel)
    else:
        found = _sha256(source, meter, cancel)
    if sha256 and found != sha256:
        raise ModelDamaged(
            f"{source} is damaged: its sha256 is not what was stated.", "Fetch the file again."
        )
    return found


def _copy(source: Path, target: Path, meter: Meter, cancel: CancelToken) -> str:
    digest = hashlib.sha256()
    with open(target, "xb", opener=user_only) as writing:
        for block in _blocks(source, "copying", meter, cancel):
            digest.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def _sha256(path: Path, meter: Meter, cancel: CancelToken) -> str:
    digest = hashlib.sha256()
    for block in _blocks(path, "checking", meter, cancel):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path, phase: str, meter: Meter, cancel: CancelToken) -> Iterator[bytes]:
    with path.open("rb") as reading:
        while block := reading.read(_COPY_BLOCK_BYTES):
            cancel.check()
            yield block
            meter.add(len(block), path.name, phase)


@contextmanager
def _disk_errors(place: Path) -> Generator[None]:
    """What the system denies, as a `UserError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"The disk of {place} is full.", _MAKE_ROOM) from error
        what = f"{error.filename or place}: {error.strerror or error}."
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise PlaceNotWritable(what, "See that you may write there, and read the file.") from error
        raise UserError(what, "Check the disk.") from error
