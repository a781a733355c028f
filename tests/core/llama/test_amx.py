"""AMX is used where llama.cpp was built so that it works, and nowhere else."""

from __future__ import annotations

import faulthandler
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.llama import Weights, amx
from findling.llama.amx import amx_works

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HAS_AMX = b"AVX2 = 1 | AMX_INT8 = 1 | "


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    amx_works.cache_clear()
    yield
    amx_works.cache_clear()


def test_on_this_machine_it_is_found_out_without_a_crash(generator_file: Path) -> None:
    """Where it works both ways give the same logits, within the rounding of 8 bits."""
    if amx_works(generator_file):
        with Weights(generator_file) as weights, Weights(generator_file, with_amx=True) as faster:
            expected, found = weights.trial(32), faster.trial(32)
        assert np.corrcoef(expected, found)[0, 1] > 0.99


def test_no_process_is_started_for_a_processor_without_it(
    generator_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amx.library(), "llama_print_system_info", lambda: b"AVX2 = 1 | ")
    monkeypatch.setattr(amx, "multiprocessing", None)
    assert not amx_works(generator_file)


def test_a_build_that_crashes_is_not_used(generator_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amx.library(), "llama_print_system_info", lambda: HAS_AMX)
    monkeypatch.setattr(amx, "_try", faulthandler._sigsegv)
    assert not amx_works(generator_file)


def test_a_trial_that_fails_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(amx.library(), "llama_print_system_info", lambda: HAS_AMX)
    assert not amx_works(tmp_path / "missing.gguf")
    capfd.readouterr()
