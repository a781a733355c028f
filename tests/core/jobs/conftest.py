"""Makes `targets.py` importable here and in the spawned children, which inherit `sys.path`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from findling.jobs import ChildJob

if TYPE_CHECKING:
    from collections.abc import Iterator

StartJob = "Callable[..., ChildJob]"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where children print to."""
    return tmp_path / "job.log"


@pytest.fixture
def start(log: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartJob]:
    """Starts `targets.NAME` in a child that is closed with the test."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    with ExitStack() as jobs:

        def begin(
            name: str, *, grace_seconds: float = 10.0, silence_seconds: float | None = None, **arguments: Any
        ) -> ChildJob:
            return jobs.enter_context(
                ChildJob(
                    f"targets:{name}",
                    arguments,
                    log=log,
                    grace_seconds=grace_seconds,
                    silence_seconds=silence_seconds,
                )
            )

        yield begin
