"""Freeze the application: a folder that runs where there is no Python.

    python packaging/freeze.py [cpu|cuda]

The wheel of this commit goes into a venv of its own with the locked versions of all that it needs, llama.cpp
is built for every processor of this kind of machine, and PyInstaller makes build/frozen/findling-KIND of it.
"cuda" brings the ONNX Runtime that computes on NVIDIA's GPUs, without NVIDIA's libraries: it finds those that
are installed. Prints a table of what takes how much.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import lock
import wheel

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "packaging"
BUILD = ROOT / "build"
FROZEN = BUILD / "frozen"
#: One library for every kind of x86-64 processor, of which llama.cpp takes the best when it starts: by itself
#: it builds for the processor that it is built on, and ends with SIGILL on an older one.
PORTABLE = "-DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON"
_ROWS = 20
#: Of a library that is there twice.
_WORTH_A_LINK_BYTES = 100_000
#: ELF's number (`PT_LOAD`) of what of a library is mapped into memory.
_LOADED = 1


def main() -> int:
    """Freeze, and print how large it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", nargs="?", choices=("cpu", "cuda"), default="cpu")
    tree = frozen(parser.parse_args().kind)
    print_sizes(tree)
    return 0


def frozen(kind: str) -> Path:
    """The frozen tree; made anew where the wheel, or what is frozen with it, is another one."""
    tree, stamp = FROZEN / f"findling-{kind}", FROZEN / f"findling-{kind}.made-of"
    own = wheel.built()
    wanted = _fingerprint(own, kind)
    if tree.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return tree
    stamp.unlink(missing_ok=True)
    shutil.rmtree(tree, ignore_errors=True)
    python = prepared(kind, own)
    work = BUILD / "freezing" / kind
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(work / "dist"), "--workpath", str(work / "work")]
    print("Freezing (some minutes) …", flush=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": wheel.epoch(), "PYTHONHASHSEED": "1"}
    subprocess.run(
        [*command, str(HERE / "pyinstaller" / "findling.spec")],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    made = next((work / "dist").glob("*.app"), work / "dist" / "findling")
    FROZEN.mkdir(parents=True, exist_ok=True)
    made.replace(tree)
    if sys.platform.startswith("linux"):
        thin_out(tree)
    stamp.write_text(wanted, encoding="utf-8")
    return tree


def _fingerprint(own: Path, kind: str) -> str:
    """What a frozen tree depends on."""
    digest = hashlib.sha256(sys.version.encode())
    lists = [HERE / "locked.txt", HERE / f"locked-{kind}.txt", HERE / "build-tools.txt", Path(__file__)]
    for path in (own, *lists, *sorted((HERE / "pyinstaller").glob("*.*"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def interpreter(kind: str) -> Path:
    """The Python that the frozen tree of that kind was made with."""
    venv = BUILD / "freezing" / kind / "venv"
    return venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def prepared(kind: str, own: Path) -> Path:
    """The Python of a venv with that wheel and what is frozen with it, and PyInstaller."""
    python = interpreter(kind)
    venv = python.parents[1]
    locked = [HERE / "locked.txt", HERE / f"locked-{kind}.txt", HERE / "build-tools.txt"]
    wanted = sys.version + "".join(path.read_text(encoding="utf-8") for path in locked)
    stamp = venv / ".ready"
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
        print(f"Installing what is frozen into {venv.relative_to(ROOT)} …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        entries = lock.entries((HERE / "locked.txt").read_text(encoding="utf-8"))
        llama = entries.pop(lock.LLAMA)
        listed = venv / "locked.txt"
        listed.write_text(lock.joined(entries), encoding="utf-8")
        hashed = ("install", "--require-hashes", "--no-deps")
        pip(python, *hashed, "-r", str(listed), "-r", str(HERE / f"locked-{kind}.txt"))
        pip(python, "install", "--no-deps", str(_portable_llama(python, llama)))
        pip(python, "install", "-c", str(HERE / "build-tools.txt"), "pyinstaller")
        stamp.write_text(wanted, encoding="utf-8")
    pip(python, "install", "--no-deps", "--force-reinstall", str(own))
    return python


def _portable_llama(python: Path, entry: str) -> Path:
    """The wheel of llama.cpp that runs on every processor, built once for each version."""
    place = BUILD / "portable" / entry.partition(" ")[0]
    if not (found := sorted(place.glob("*.whl"))):
        print("Building llama.cpp for every processor (a quarter of an hour) …", flush=True)
        place.mkdir(parents=True, exist_ok=True)
        listed = place / "locked.txt"
        listed.write_text(entry, encoding="utf-8")
        environment = {**os.environ, "CMAKE_ARGS": PORTABLE}
        pip(
            python, "wheel", "--no-cache-dir", "--require-hashes", "--no-deps", "-w", str(place), "-r",
            str(listed), environment=environment,
        )  # fmt: skip
        found = sorted(place.glob("*.whl"))
    return found[-1]


def thin_out(tree: Path) -> None:
    """What can only be done to the finished tree, on Linux."""
    sys.path.insert(0, str(HERE / "pyinstaller"))
    import stand_ins

    (tree / "findling-desktop").symlink_to("findling")
    inside = tree / "_internal"
    stand_ins.put_in(inside)
    first: dict[bytes, Path] = {}
    for library in sorted(path for path in inside.rglob("*.so*") if path.is_file() and not path.is_symlink()):
        strip(library)
        if library.stat().st_size > _WORTH_A_LINK_BYTES:
            same = first.setdefault(hashlib.sha256(library.read_bytes()).digest(), library)
            if same is not library:
                library.unlink()
                library.symlink_to(os.path.relpath(same, library.parent))


def strip(library: Path) -> None:
    """Take out of a library what only a debugger asks for; one that would not load without stays as it is."""
    thin = library.with_name(library.name + ".thin")
    answer = subprocess.run(
        ["strip", "--strip-unneeded", "-o", str(thin), str(library)], check=False, capture_output=True
    )
    if answer.returncode == 0 and is_aligned(thin.read_bytes()):
        thin.chmod(library.stat().st_mode)
        thin.replace(library)
    thin.unlink(missing_ok=True)


def is_aligned(library: bytes) -> bool:
    """Whether an ELF library of 64 bits can be mapped: strip moves what patchelf, by which wheels bring their
    libraries along, had put elsewhere."""
    (headers,) = struct.unpack_from("<Q", library, 32)
    size, count = struct.unpack_from("<HH", library, 54)
    for place in range(headers, headers + size * count, size):
        kind, _, offset, address, _, _, _, alignment = struct.unpack_from("<IIQQQQQQ", library, place)
        if kind == _LOADED and alignment and (address - offset) % alignment:
            return False
    return True


def print_sizes(tree: Path) -> None:
    """A table of the largest parts."""
    sizes: Counter[str] = Counter()
    for file in tree.rglob("*"):
        if file.is_file() and not file.is_symlink():
            parts = file.relative_to(tree).parts
            part = parts[1] if parts[0] == "_internal" else parts[0]
            sizes[part.removesuffix(".libs") if len(parts) > 2 else part] += file.stat().st_size
    print(f"\n{tree.relative_to(ROOT)}: {sum(sizes.values()) / 1e6:,.0f} MB")
    for part, size in sizes.most_common(_ROWS):
        print(f"{size / 1e6:8.1f} MB  {part}")
    rest = sum(sizes.values()) - sum(size for _, size in sizes.most_common(_ROWS))
    print(f"{rest / 1e6:8.1f} MB  {len(sizes) - _ROWS} others")


def pip(python: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
    """Run an environment's pip quietly; raises CalledProcessError where that fails."""
    command = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check"]
    subprocess.run([*command, *arguments], check=True, env=environment)


if __name__ == "__main__":
    sys.exit(main())
