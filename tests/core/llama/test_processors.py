"""Builds of llama.cpp that have a library for each kind of processor."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from findling.llama import weights


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """What llama.cpp is told to load its processors from, and of which of its libraries that is asked."""
    told: list[tuple[str, bytes]] = []

    def library(path: str) -> SimpleNamespace:
        def load(folder: bytes) -> None:
            told.append((Path(path).name, folder))

        return SimpleNamespace(ggml_backend_load_all_from_path=load)

    monkeypatch.setattr(ctypes, "CDLL", library)
    return told


@pytest.mark.parametrize(
    ("main", "processor"), [("libllama.so", "libggml-cpu-haswell.so"), ("ggml.dll", "ggml-cpu-x64.dll")]
)
def test_the_best_of_several_processors_is_taken(
    tmp_path: Path, loaded: list[tuple[str, bytes]], main: str, processor: str
) -> None:
    (tmp_path / main).touch()
    (tmp_path / processor).touch()
    weights._load_processors(tmp_path)
    assert loaded == [(main, os.fsencode(tmp_path))]


def test_a_build_for_one_processor_has_what_it_needs(tmp_path: Path, loaded: list[tuple[str, bytes]]) -> None:
    (tmp_path / "libllama.so").touch()
    (tmp_path / "libggml-cpu.so").touch()
    weights._load_processors(tmp_path)
    assert loaded == []
