"""What all tests share: a home of their own with the built-in model, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.embedding import ensure_installed
from findling.settings import Home, Settings, private_directory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def installed_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models directory with the built-in embedder, for all tests to link to."""
    settings = Settings(Home.at(tmp_path_factory.mktemp("models-home")))
    ensure_installed(settings, settings.model)
    return settings.home.models


@pytest.fixture
def home_directory(tmp_path: Path, installed_models: Path) -> Path:
    """An empty home (`--home`) whose models need not be built again."""
    home = Home.at(tmp_path / "home")
    private_directory(home.data)
    home.models.symlink_to(installed_models)
    return tmp_path / "home"


@pytest.fixture
def settings(home_directory: Path) -> Settings:
    """Settings of an empty home."""
    return Settings(Home.at(home_directory))
