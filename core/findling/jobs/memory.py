"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress


def give_back_memory() -> None:
    """Have the C library return what it keeps of freed memory, where it does so (glibc).

    Tensors of ever other sizes leave it three times what is in use. Takes milliseconds, after training a
    tenth of a second.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has none
            ctypes.CDLL(None).malloc_trim(0)
