"""The program run in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from findling.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "Outcome"]


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def findling(home_directory: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`findling VERB …` on a home of its own."""
    monkeypatch.setenv("FINDLING_HOME", str(home_directory))
    for name in ("DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.setenv(name, "1")

    def run(*arguments: object) -> Outcome:
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "papers"
    place.mkdir()
    (place / "whales.md").write_text("# Whales\n\nBlue whales sing in deep water.\n")
    (place / "tax.txt").write_text("Income tax returns are due at the end of July.\n")
    (place / "scan.xyz").write_bytes(b"\x00\x01\x02")
    (place / "broken.pdf").write_bytes(b"%PDF-1.4 no more")
    return place
