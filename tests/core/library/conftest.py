"""Libraries made of small files, indexed in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.library import Libraries

if TYPE_CHECKING:
    from pathlib import Path

    from findling.settings import Settings

GUIDE = """# Observatory guide

The observatory opens on clear Friday evenings.

## Telescope

The main telescope has a mirror of two metres.

## Tickets

Tickets cost four euros for adults.
"""


@pytest.fixture
def libraries(settings: Settings) -> Libraries:
    return Libraries(settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files: a guide with three sections, a note, and something that is no document."""
    place = tmp_path / "documents"
    (place / "sub").mkdir(parents=True)
    (place / "guide.md").write_text(GUIDE)
    (place / "sub" / "note.txt").write_text("Badgers dig long tunnels under the old oak tree.\n")
    (place / "data.bin").write_bytes(bytes(range(256)) * 8)
    return place
