"""Whether a model has room in memory, before it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from findling.errors import UserError
from findling.models.gguf import read_header

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models.gguf import GgufHeader

#: What llama.cpp needs beside weights and cache for a batch of 512 tokens: 90 MB with the built-in model.
_SCRATCH_BYTES = 200_000_000
_BYTES_PER_NUMBER = 2  # of the cache: float16


def check_memory(path: Path, cells: int) -> None:
    """See that there is room for the model in a GGUF file and a cache of `cells` tokens: the system does not
    refuse what it has no room for, but ends processes. Raises `UserError`, and what `read_header` raises."""
    import psutil

    needed = path.stat().st_size + cache_bytes(read_header(path), cells) + _SCRATCH_BYTES
    available = psutil.virtual_memory().available
    if needed > available:
        raise UserError(
            f"{path.name} needs {needed / 1e9:,.1f} GB of memory; {available / 1e9:,.1f} GB are free.",
            "Choose a smaller generator, or close other programs.",
        )


def cache_bytes(header: GgufHeader, cells: int) -> int:
    """Of the keys and values of so many tokens; 0 where the file does not say enough."""
    layers = _numbers(header, "block_count")[0]
    heads = max(_numbers(header, "attention.head_count"))
    if not layers or not heads:
        return 0
    per_head = _numbers(header, "embedding_length")[0] // heads
    numbers = sum(max(_numbers(header, f"attention.{name}_length")) or per_head for name in ("key", "value"))
    with_keys = _numbers(header, "attention.head_count_kv")
    in_all = sum(with_keys) if len(with_keys) == layers > 1 else (with_keys[0] or heads) * layers
    return cells * numbers * in_all * _BYTES_PER_NUMBER


def _numbers(header: GgufHeader, name: str) -> list[int]:
    """Some have one for each layer; [0] where nothing is said."""
    value: Any = header.of_architecture(name)
    values = cast("list[Any]", value if isinstance(value, list) else [value])
    return [int(each or 0) for each in values] or [0]
