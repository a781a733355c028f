"""The directory of installed models: one subdirectory each, complete as soon as its card is there."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from findling.errors import ModelDamaged, ModelNotFound, UserError
from findling.models.card import CARD_FILE, INSTALL_AGAIN, Kind, ModelCard, kind_in, sha256_of
from findling.models.generator_card import GeneratorCard
from findling.models.gguf import read_header
from findling.settings import private_directory, tree_bytes

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,79}$")


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """An embedder or a reranker on disk."""

    card: ModelCard
    directory: Path

    @property
    def graph(self) -> Path:
        """The ONNX graph of the highest precision."""
        return self.directory / self.card.graph

    def variant(self, precision: str) -> Path:
        """The ONNX graph of a precision. Raises KeyError when there is none."""
        return self.directory / self.card.variants[precision]

    @property
    def tokenizer(self) -> Path:
        """`tokenizer.json` of the `tokenizers` library."""
        return self.directory / self.card.tokenizer

    def size_bytes(self) -> int:
        """Disk space of all its files."""
        return tree_bytes(self.directory)

    def verify(self) -> None:
        """Compare every file with its sha256. Raises `ModelDamaged` naming the first that differs."""
        for name, digest in self.card.files.items():
            path = self.directory / name
            if not path.is_file():
                raise _damaged(self.card.id, f"{path} is missing")
            if sha256_of(path) != digest:
                raise _damaged(self.card.id, f"{path} is not as it was installed")


class State(StrEnum):
    """Where a generator's file lies."""

    INSTALLED = "installed"
    BUILT_IN = "built in"  # in a package
    DOWNLOADED = "downloaded"  # as the hub has it
    FILE = "file"  # wherever the person has it


@dataclass(frozen=True, slots=True)
class InstalledGenerator:
    """A generator on disk: `path` is its GGUF file."""

    card: GeneratorCard
    path: Path
    state: State = State.INSTALLED

    @property
    def directory(self) -> Path:
        """Where the file lies."""
        return self.path.parent

    def size_bytes(self) -> int:
        """Disk space of the file."""
        return self.path.stat().st_size

    def verify(self) -> None:
        """Compare the file with its sha256; where none is known, with the length that it states. Raises
        `ModelDamaged`."""
        if not self.path.is_file():
            raise _damaged(self.card.id, f"{self.path} is missing")
        if not self.card.sha256:
            read_header(self.path)
        elif sha256_of(self.path) != self.card.sha256:
            raise _damaged(self.card.id, f"{self.path} is not as it was installed")


class InstalledModels:
    """The models below one directory (`Home.models`)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def list(self) -> list[InstalledModel | InstalledGenerator]:
        """All complete models, by id; one with an unreadable card is left out."""
        models: list[InstalledModel | InstalledGenerator] = []
        for card in sorted(self._directory.glob(f"*/{CARD_FILE}")):
            with suppress(ModelDamaged):
                generates = kind_in(card.parent) is Kind.GENERATOR
                models.append((_generator_in if generates else _model_in)(card.parent))
        return models

    def kind(self, model_id: str) -> Kind | None:
        """The kind of the model of that id, None where there is none. Raises `ModelDamaged`."""
        directory = self._directory / model_id
        if not _ID.match(model_id) or not (directory / CARD_FILE).is_file():
            return None
        return kind_in(directory)

    def get(self, model_id: str) -> InstalledModel:
        """The embedder or reranker of that id.

        Raises `ModelNotFound` (also for a generator), `ModelDamaged` (unreadable, file missing).
        """
        kind = self.kind(model_id)
        if kind is Kind.GENERATOR:
            raise ModelNotFound(
                f"{model_id} is a generator: it writes texts, and neither embeds nor ranks them.",
                "See what there is: findling models list",
            )
        if kind is None:
            known = ", ".join(model.card.id for model in self.list()) or "none"
            raise ModelNotFound(f"No model {model_id!r} is installed.", f"Installed: {known}.")
        model = _model_in(self._directory / model_id)
        for name in model.card.files:
            if not (model.directory / name).is_file():
                raise _damaged(model_id, f"{model.directory / name} is missing")
        return model

    def generator(self, model_id: str) -> InstalledGenerator:
        """The generator of that id. Raises `ModelNotFound` (also for a model of another kind),
        `ModelDamaged` (unreadable card, file missing)."""
        if self.kind(model_id) is not Kind.GENERATOR:
            raise ModelNotFound(f"No generator {model_id!r} is installed.")
        found = _generator_in(self._directory / model_id)
        if not found.path.is_file():
            raise _damaged(model_id, f"{found.path} is missing")
        return found

    @contextmanager
    def installing(self, model_id: str, *, generator: bool = False) -> Generator[Path]:
        """A directory to put a model's files in; it takes its place when the block ends without error.

        The caller writes the files; `seal`, or a generator's `save`, writes the card. Raises `UserError` for
        an id that makes no directory name, or that a model has which is a generator where this one is none,
        or the other way round.
        """
        if not _ID.match(model_id):
            raise UserError(
                f"{model_id!r} cannot be a model id.", "Use a-z, 0-9, '.', '_' and '-', at most 80."
            )
        with suppress(ModelDamaged):
            kind = self.kind(model_id)
            if kind is not None and generator is not (kind is Kind.GENERATOR):
                raise UserError(
                    f"The id {model_id} is taken by a model of the kind {kind}.",
                    "Install under another id, or remove that one first.",
                )
        private_directory(self._directory)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self._directory) as temporary:
            place = private_directory(self._directory / temporary / model_id)
            yield place
            target = self._directory / model_id
            if target.exists():
                target.rename(place.with_name(f"{model_id}.before"))
            place.rename(target)

    def remove(self, model_id: str) -> None:
        """Delete a model's files. Raises `ModelNotFound`."""
        directory = self._directory / model_id
        if not _ID.match(model_id) or not directory.is_dir():
            raise ModelNotFound(f"No model {model_id!r} is installed.")
        shutil.rmtree(directory)


def seal(card: ModelCard, directory: Path) -> ModelCard:
    """Note the sha256 of the files that are there, and write the card; returns the complete card."""
    files = {
        path.relative_to(directory).as_posix(): sha256_of(path)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != CARD_FILE
    }
    complete = replace(card, files=files)
    complete.save(directory)
    return complete


def id_from(name: str) -> str:
    """A model id that is like the name of a file, a directory or a model."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:80]


def _model_in(directory: Path) -> InstalledModel:
    return InstalledModel(ModelCard.load(directory), directory)


def _generator_in(directory: Path) -> InstalledGenerator:
    card = GeneratorCard.load(directory)
    return InstalledGenerator(card, directory / card.file)


def _damaged(model_id: str, what: str) -> ModelDamaged:
    return ModelDamaged(
        f"The model {model_id} is damaged: {what}.",
        INSTALL_AGAIN,
    )
