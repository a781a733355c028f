"""Weights of fewer bits in the format that a processor computes fastest with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import JobFailed
from findling.jobs import CancelToken
from findling.llama import Engine, Request, Sampling, Weights
from findling.llama.requantise import requantised

if TYPE_CHECKING:
    from pathlib import Path


def test_they_are_made_once_and_write_as_the_original_does(
    weights: Weights, generator_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "made.gguf"
    (tmp_path / ".made.gguf.new").write_bytes(b"what a killed process left")
    assert requantised(generator_file, target) == target
    assert target.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.new"))
    assert not list(tmp_path.glob(".*.new"))
    made = target.stat().st_mtime_ns
    assert requantised(generator_file, target) == target
    assert target.stat().st_mtime_ns == made

    request = Request(0, ("The capital of France is",), 1, Sampling(temperature=0, max_tokens=3), stop="")
    likelihoods: list[float] = []
    with Weights(target) as other:
        assert weights.has_few_bits
        assert not other.has_few_bits
        for each in (weights, other):
            with Engine(each, threads=1, sequences=1, cells=256) as engine:
                (found,) = engine.complete([request], CancelToken())
            assert found.text.startswith(" Paris")
            likelihoods.append(found.log_likelihood)
    assert likelihoods[0] == pytest.approx(likelihoods[1], abs=0.3)


def test_what_is_no_model_fails_and_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source.gguf"
    source.write_bytes(b"GGUF but no more")
    with pytest.raises(JobFailed, match=r"source\.gguf"):
        requantised(source, tmp_path / "target.gguf")
    assert not (tmp_path / "target.gguf").exists()
    assert not (tmp_path / ".target.gguf.new").exists()
