"""What was freed is not kept from others."""

from __future__ import annotations

import sys

import psutil
import pytest

from findling.jobs import give_back_memory


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's business")
def test_memory_between_what_is_still_in_use_is_given_back() -> None:
    small = [bytearray(100_000) for _ in range(2_000)]
    kept = small[::50]
    for block in small:
        block[:] = b"x" * len(block)
    del small, block
    before = psutil.Process().memory_info().rss
    give_back_memory()
    assert psutil.Process().memory_info().rss < before - 100_000_000
    assert all(block[0] == ord("x") for block in kept)
