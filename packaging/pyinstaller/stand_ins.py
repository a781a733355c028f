"""Small libraries in place of large ones that OpenCV's wheel for Linux carries along.

Text recognition uses OpenCV on single pictures. Its one shared library is bound to FFmpeg all the same, which
would be there to play videos (32 MB, LGPL), to a library for AVIF (9 MB), which is read elsewhere if at all,
and to an OpenBLAS of its own (39 MB) beside SciPy's, which has the same functions with a prefix. What stands
in for FFmpeg ends the process when it is called, for nobody does; what stands in for AVIF finds nothing; what
stands in for OpenBLAS jumps to SciPy's. Symbols and versions are read from the files.
"""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OF_FFMPEG = ("libavcodec", "libavformat", "libavutil", "libswscale")
#: What these alone need.
_BEHIND = ("libaom", "libcrypto", "libdrm", "libgfortran", "libquadmath", "libssl", "libswresample", "libvpx")


def put_in(tree: Path) -> int:
    """Replace them in a frozen tree; returns the bytes saved, 0 where this cannot be done."""
    libraries = tree / "opencv_python_headless.libs"
    [opencv] = [*tree.glob("cv2/cv2*.so")] or [None]
    [blas] = [*tree.glob("scipy.libs/libscipy_openblas-*.so")] or [None]
    if opencv is None or blas is None or not sys.platform.startswith("linux"):
        return 0
    if platform.machine() != "x86_64":
        return 0
    before = _bytes(libraries)
    wanted = _undefined(opencv)
    for place in sorted(libraries.iterdir()):
        kind = place.name.partition("-")[0]
        if kind in _OF_FFMPEG:
            _replace(place, _each(wanted[kind], "ud2"), _versions(wanted[kind]))
        elif kind == "libavif":
            unversioned = [symbol for symbol in wanted[""] if symbol[0] in _defined(place)]
            _replace(place, _each(unversioned, "xor %eax, %eax\n ret"), "")
        elif kind == "libopenblasp":
            names = [name for name, _ in wanted[""] if name in _defined(place)]
            missing = [name for name in names if f"scipy_{name}" not in _defined(blas)]
            if missing:
                raise SystemExit(f"SciPy's OpenBLAS lacks {', '.join(missing)}.")
            _replace(place, _jumping(names), "", str(blas), "-Wl,-rpath,$ORIGIN/../scipy.libs")
        elif kind in _BEHIND:
            place.unlink()
    for link in tree.iterdir():
        if link.is_symlink() and not link.exists():
            link.unlink()
    return before - _bytes(libraries)


def _undefined(library: Path) -> dict[str, list[tuple[str, str]]]:
    """Symbols that a library wants, with their versions, by the library that has these ("" for any)."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in _said("nm", "-D", "--undefined-only", str(library)).splitlines():
        name, _, version = line.split()[-1].partition("@")
        kind = f"lib{re.sub(r'_[0-9]+$', '', version).removeprefix('LIB').lower()}"
        found[kind if kind in _OF_FFMPEG else ""].append((name, version))
    return found


def _defined(library: Path) -> set[str]:
    said = _said("nm", "-D", "--defined-only", str(library))
    return {line.split()[-1].partition("@")[0] for line in said.splitlines()}


def _each(symbols: list[tuple[str, str]], does: str) -> str:
    return "".join(f".globl {name}\n.type {name},@function\n{name}: {does}\n" for name, _ in symbols)


def _jumping(names: list[str]) -> str:
    return "".join(_each([(name, "")], f"jmp *scipy_{name}@GOTPCREL(%rip)") for name in names)


def _versions(symbols: list[tuple[str, str]]) -> str:
    by_version: dict[str, list[str]] = defaultdict(list)
    for name, version in symbols:
        by_version[version].append(name)
    return "".join(
        f"{version} {{ {''.join(f'{name}; ' for name in names)}}};\n" for version, names in by_version.items()
    )


def _replace(place: Path, assembly: str, versions: str, *more: str) -> None:
    """Build a library of that name in its place."""
    source = place.with_name("stand_in.s")
    script = place.with_name("stand_in.map")
    source.write_text(f'.text\n{assembly}.section .note.GNU-stack,"",@progbits\n')
    script.write_text(versions)
    place.unlink()
    options = [f"-Wl,--version-script={script}"] if versions else []
    command = ["gcc", "-shared", "-nostdlib", "-o", str(place), f"-Wl,-soname,{place.name}", *options]
    subprocess.run([*command, str(source), *more], check=True)
    source.unlink()
    script.unlink()


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if not file.is_symlink())
