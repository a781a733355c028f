"""The installed model of a library, and the refusal of any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling.embedding import ensure_installed
from findling.errors import LibraryDamaged

if TYPE_CHECKING:
    from findling.library.info import Generation
    from findling.models import InstalledModel
    from findling.settings import Settings


def model_of(settings: Settings, name: str, generation: Generation) -> InstalledModel:
    """The model that made the vectors of a generation of library `name`; vectors of two models must never
    meet.

    Raises `LibraryDamaged` when what is installed under its id is another one, `ModelNotFound`,
    `ModelDamaged`.
    """
    model = ensure_installed(settings, generation.model)
    if model.card.fingerprint != generation.fingerprint:
        raise LibraryDamaged(
            f"The library {name!r} was made with another version of {generation.model}.",
            f"Embed it anew: findling rebuild --library {name}.",
        )
    return model
