"""What models there are, what uses them, and how they come and go."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from findling.errors import ModelNotFound, UserError
from findling.library import Libraries
from findling.library.keeping_models import KeptModel, kept_models, remove_model, start_bringing
from findling.models import InstalledModels
from findling.models.builtin import BUILTIN_LANGUAGE_MODELS
from findling.settings import Home, Settings


@pytest.fixture
def libraries(notes_home: Path, tmp_path: Path) -> Libraries:
    """A copy, for models are brought and removed."""
    shutil.copytree(notes_home, tmp_path / "home", symlinks=True)
    return Libraries(Settings(Home.at(tmp_path / "home")))


def known(libraries: Libraries) -> dict[str, KeptModel]:
    return {model.id: model for model in kept_models(libraries)}


def test_each_model_says_what_uses_it(libraries: Libraries) -> None:
    models = known(libraries)
    own = models["all-minilm-l6-v2"]
    assert own.libraries == ("notes",)
    assert own.size_bytes > 0
    assert not own.removable
    [writer] = (models[name] for name in BUILTIN_LANGUAGE_MODELS)
    assert writer.built_in
    assert writer.settings == ("generator",)
    assert not writer.removable


def test_the_built_in_embedder_is_there_before_it_is_installed(tmp_path: Path) -> None:
    models = known(Libraries(Settings(Home.at(tmp_path / "home"))))
    assert models["all-minilm-l6-v2"].size_bytes == 0
    assert models["all-minilm-l6-v2"].built_in


def test_a_file_is_brought_and_removed_again(libraries: Libraries, tmp_path: Path) -> None:
    weights = next(iter(BUILTIN_LANGUAGE_MODELS.values())).weights()
    file = tmp_path / "writer.gguf"
    file.symlink_to(weights)
    with start_bringing(libraries.settings, str(file), fetched=False) as job:
        found = job.result()
    assert Path(found["installed"]).is_dir()
    assert known(libraries)[found["id"]].removable
    remove_model(libraries, found["id"])
    assert found["id"] not in known(libraries)
    assert weights.is_file()


def test_what_is_used_stays(libraries: Libraries) -> None:
    with pytest.raises(UserError, match="in use by: notes"):
        remove_model(libraries, "all-minilm-l6-v2")
    assert InstalledModels(libraries.settings.home.models).get("all-minilm-l6-v2")
    with pytest.raises(ModelNotFound):
        remove_model(libraries, "nothing")


def test_what_is_no_model_is_said(libraries: Libraries, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        start_bringing(libraries.settings, "nothing of the sort", fetched=True)
    with (
        start_bringing(libraries.settings, str(tmp_path / "nothing"), fetched=False) as job,
        pytest.raises(ModelNotFound, match="neither a directory"),
    ):
        job.result()
