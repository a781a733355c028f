"""The directory of installed models: one subdirectory each, complete as soon as its card is there."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from findling.errors import ModelDamaged, ModelNotFound, UserError
from findling.models.card import CARD_FILE, INSTALL_AGAIN, ModelCard, sha256_of
from findling.settings import private_directory, tree_bytes

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,79}$")


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model on disk."""

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


class InstalledModels:
    """The models below one directory (`Home.models`)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def list(self) -> list[InstalledModel]:
        """All complete models, by id; one with an unreadable card is left out."""
        models: list[InstalledModel] = []
        for card in sorted(self._directory.glob(f"*/{CARD_FILE}")):
            try:
                models.append(InstalledModel(ModelCard.load(card.parent), card.parent))
            except ModelDamaged:
                continue
        return models

    def get(self, model_id: str) -> InstalledModel:
        """The model of that id. Raises `ModelNotFound` or `ModelDamaged` (unreadable, file missing)."""
        directory = self._directory / model_id
        if not _ID.match(model_id) or not (directory / CARD_FILE).is_file():
            known = ", ".join(model.card.id for model in self.list()) or "none"
            raise ModelNotFound(f"No model {model_id!r} is installed.", f"Installed: {known}.")
        model = InstalledModel(ModelCard.load(directory), directory)
        for name in model.card.files:
            if not (directory / name).is_file():
                raise _damaged(model_id, f"{directory / name} is missing")
        return model

    @contextmanager
    def installing(self, model_id: str) -> Generator[Path]:
        """A directory to put a model's files in; it takes its place when the block ends without error.

        The caller writes the files; `seal` writes the card. Raises `UserError` for an id that makes no
        directory name.
        """
        if not _ID.match(model_id):
            raise UserError(
                f"{model_id!r} cannot be a model id.", "Use a-z, 0-9, '.', '_' and '-', at most 80."
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


def _damaged(model_id: str, what: str) -> ModelDamaged:
    return ModelDamaged(
        f"The model {model_id} is damaged: {what}.",
        INSTALL_AGAIN,
    )
