"""The installed model of a library, and the refusal of any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.embedding import ensure_installed
from findling.errors import LibraryDamaged

if TYPE_CHECKING:
    from findling.library.info import LibraryInfo
    from findling.models import InstalledModel
    from findling.settings import Settings


def model_of(settings: Settings, info: LibraryInfo) -> InstalledModel:
    """The model that made the library's vectors; vectors of two models must never meet.

    Raises `LibraryDamaged` when what is installed under its id is another one, `ModelNotFound`,
    `ModelDamaged`.
    """
    model = ensure_installed(settings, info.model)
    if model.card.fingerprint != info.fingerprint:
        raise LibraryDamaged(
            f"The library {info.name!r} was made with another version of {info.model}.",
            "Index its folders into a new library.",
        )
    return model
