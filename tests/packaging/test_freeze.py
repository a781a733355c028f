"""What is done to the frozen tree."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import markupsafe
import pytest

sys.path.insert(0, "packaging")
import freeze

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("strip") is None, reason="done on Linux, by binutils"
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A compiled module with the names that a debugger asks for."""
    [found] = Path(markupsafe.__file__).parent.glob("_speedups*.so")
    return Path(shutil.copy(found, tmp_path))


def test_a_library_without_what_a_debugger_asks_for_still_loads(library: Path) -> None:
    before = library.stat()
    freeze.strip(library)
    assert library.stat().st_size < before.st_size
    assert library.stat().st_mode == before.st_mode
    assert list(library.parent.iterdir()) == [library]
    load = "from importlib.util import *; module_from_spec(spec_from_file_location('_speedups', sys.argv[1]))"
    subprocess.run([sys.executable, "-c", f"import sys; {load}", str(library)], check=True)


def test_one_that_would_not_load_stays_as_it_is(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = library.read_bytes()
    monkeypatch.setattr(freeze, "is_aligned", lambda _: False)
    freeze.strip(library)
    assert library.read_bytes() == before
    assert list(library.parent.iterdir()) == [library]


def test_what_is_no_library_stays_as_it_is(tmp_path: Path) -> None:
    text = tmp_path / "libm.so"
    text.write_text("INPUT(-lm)")
    freeze.strip(text)
    assert text.read_text() == "INPUT(-lm)"


def test_a_part_that_cannot_be_mapped_is_seen(library: Path) -> None:
    found = bytearray(library.read_bytes())
    assert freeze.is_aligned(bytes(found))
    (headers,) = struct.unpack_from("<Q", found, 32)
    (size,) = struct.unpack_from("<H", found, 54)
    loaded = next(
        place for place in range(headers, len(found), size) if struct.unpack_from("<I", found, place) == (1,)
    )
    (offset,) = struct.unpack_from("<Q", found, loaded + 8)
    struct.pack_into("<Q", found, loaded + 8, offset + 16)
    assert not freeze.is_aligned(bytes(found))
