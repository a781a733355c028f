"""The built-in generator in memory, once for a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.jobs import CancelToken
from findling.llama import Engine, Weights
from findling.models.generators import built_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from findling.llama import Completion, Request


@pytest.fixture(scope="session")
def generator_file() -> Path:
    return built_in("smollm2-135m").path


@pytest.fixture(scope="module")
def weights(generator_file: Path) -> Iterator[Weights]:
    with Weights(generator_file) as weights:
        yield weights


@pytest.fixture
def engine(weights: Weights) -> Iterator[Engine]:
    with Engine(weights, threads=1, sequences=8, cells=2048) as engine:
        yield engine


@pytest.fixture
def written(engine: Engine) -> Callable[..., dict[object, Completion]]:
    """What the engine writes for requests, by their keys; of each exactly one."""

    def write(*requests: Request, by: Engine = engine) -> dict[object, Completion]:
        found = list(by.complete(requests, CancelToken()))
        assert sorted(each.key for each in found) == sorted(each.key for each in requests)
        return {each.key: each for each in found}

    return write
