"""Libraries made of small files, indexed in this process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from findling.embedding import Embedder, install, open_embedder
from findling.library import Libraries, embedders, worker
from findling.models import ModelCard
from findling.settings import Home, Settings, private_directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling.models import InstalledModel

#: Held at a time: each takes up to 200 MB.
MOST_EMBEDDERS = 4

GUIDE = """# Observatory guide

The observatory opens on clear Friday evenings.

## Telescope

The main telescope has a mirror of two metres.

## Tickets

Tickets cost four euros for adults.
"""


@pytest.fixture(scope="session")
def opened_embedders() -> dict[str, Embedder]:
    """Real ones, by model and use."""
    return {}


@pytest.fixture
def libraries(
    settings: Settings, opened_embedders: dict[str, Embedder], monkeypatch: pytest.MonkeyPatch
) -> Libraries:
    """Libraries whose runs and searches in this process share the latest embedders with those of other tests,
    because opening one takes half a second; unless the model's files have been touched."""

    def shared(settings: Settings, model: InstalledModel, *, bulk: bool = False) -> Embedder:
        files = [(name, (model.directory / name).stat()) for name in model.card.files]
        known = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in files]
        key = repr((model.card, known, bulk, replace(settings, home=Home.at(Path()))))
        if key not in opened_embedders:
            opened_embedders[key] = open_embedder(settings, model, bulk=bulk)
            if len(opened_embedders) > MOST_EMBEDDERS:
                del opened_embedders[next(iter(opened_embedders))]
        return opened_embedders[key]

    monkeypatch.setattr(worker, "open_embedder", shared)
    monkeypatch.setattr(embedders, "open_embedder", shared)
    return Libraries(settings)


@pytest.fixture
def derived(
    settings: Settings, installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Installs the built-in model under another id and with a changed card, and gives the id. It is not
    measured."""
    monkeypatch.setattr(install, "precisions", lambda *_: ("fp32",))

    def install_as(model_id: str, **changes: object) -> str:
        place = private_directory(settings.home.models / model_id)
        for name in installed_model.card.files:
            (place / name).symlink_to(installed_model.directory / name)
        ModelCard.from_json(installed_model.card.to_json() | {"id": model_id} | changes).save(place)
        return model_id

    return install_as


@pytest.fixture
def other(derived: Callable[..., str]) -> str:
    """A model with other vectors: a prefix goes before each passage."""
    return derived("other", document_prefix="a price list: ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files: a guide with three sections, a note, and something that is no document."""
    place = tmp_path / "documents"
    (place / "sub").mkdir(parents=True)
    (place / "guide.md").write_text(GUIDE)
    (place / "sub" / "note.txt").write_text("Badgers dig long tunnels under the old oak tree.\n")
    (place / "data.bin").write_bytes(bytes(range(256)) * 8)
    return place
