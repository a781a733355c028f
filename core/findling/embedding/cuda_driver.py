"""What NVIDIA's driver says, asked directly: whether there is a GPU, and how much of its memory is free.

The driver's own library is all that this needs; CUDA's runtime may be missing.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def missing() -> str:
    """Why CUDA cannot work on this machine, or ""."""
    try:
        driver = ctypes.CDLL(_LIBRARY)
    except OSError:
        return f"CUDA: no NVIDIA driver ({_LIBRARY} not found)"
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or not count.value:
        return "CUDA: the NVIDIA driver finds no GPU"
    return ""


def free_bytes() -> int:
    """Free memory of the first GPU, bytes; 0 where the driver does not say.

    The device's primary context, which ONNX Runtime uses too, is taken for the question and given back.
    """
    try:
        driver = ctypes.CDLL(_LIBRARY)
        device, context = ctypes.c_int(0), ctypes.c_void_p()
        if driver.cuInit(0) or driver.cuDeviceGet(ctypes.byref(device), 0):
            return 0
        if driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), device):
            return 0
        try:
            return _free_in(driver, context)
        finally:
            driver.cuDevicePrimaryCtxRelease_v2(device)
    except (OSError, AttributeError):  # no driver, or one without these functions
        return 0


def _free_in(driver: Any, context: ctypes.c_void_p) -> int:
    free, total = ctypes.c_size_t(0), ctypes.c_size_t(0)
    if driver.cuCtxPushCurrent_v2(context):
        return 0
    try:
        failed = driver.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total))
    finally:
        driver.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p()))
    return 0 if failed else free.value
