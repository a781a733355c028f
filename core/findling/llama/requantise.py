"""The same weights in the format that a processor computes fastest with."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

from findling.errors import JobFailed
from findling.llama.weights import library

if TYPE_CHECKING:
    from pathlib import Path

#: Above so many parameters reading twice the bytes costs more than decoding four bits does.
MOST_PARAMETERS = 1_000_000_000
#: llama.cpp's numbers of formats (`enum llama_ftype`).
_Q8_0 = 7


def requantised(source: Path, target: Path) -> Path:
    """The GGUF file `source` with 8-bit weights, in `target`; made where it is not there. Weights of 4 bits
    become no worse by it; prompts are read twice as fast (tests/bench/RESULTS.md, synthesis). One process at
    a time makes it, others wait. Raises `JobFailed` where llama.cpp cannot do it, and OSError."""
    if target.is_file():
        return target
    from filelock import FileLock

    with FileLock(target.with_name(f".{target.name}.lock"), mode=0o600):
        return target if target.is_file() else _requantised(source, target)


def _requantised(source: Path, target: Path) -> Path:
    llama = library()
    parameters = llama.llama_model_quantize_default_params()
    parameters.ftype = _Q8_0
    parameters.allow_requantize = True
    partial = target.with_name(f".{target.name}.new")  # what a killed one left is written over
    try:
        code = llama.llama_model_quantize(os.fsencode(source), os.fsencode(partial), ctypes.byref(parameters))
        if code:
            raise JobFailed(f"llama.cpp cannot requantise {source} (code {code}).")
        partial.chmod(0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target
