"""Fetch all that the Flatpak is built of into build/flatpak/sources, so that it is built without the network.

    python packaging/linux/flatpak/fetch.py [--python VERSION]

Wheels for the runtime's Python, checked by their hashes; llama.cpp's sources, of which no wheel is published,
and what builds them; Findling's own wheel, and packaging/.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGING = HERE.parents[1]
ROOT = PACKAGING.parent
sys.path.insert(0, str(PACKAGING))

import lock  # noqa: E402
import wheel  # noqa: E402

PLACE = ROOT / "build" / "flatpak" / "sources"
#: The glibc of the runtime is newer than any of these.
PLATFORMS = ("manylinux_2_34", "manylinux_2_31", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
#: What builds llama.cpp's wheel; the compiler is the SDK's.
BACKEND = ("scikit-build-core", "cmake", "ninja", "packaging", "pathspec")


def main() -> int:
    """Fetch everything anew; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", default="3.13", help="the Python of the runtime; default: %(default)s")
    version = parser.parse_args().python
    shutil.rmtree(PLACE, ignore_errors=True)
    files = PLACE / "files"
    (files / "wheels").mkdir(parents=True)
    text = "".join(
        (PACKAGING / name).read_text(encoding="utf-8") for name in ("locked.txt", "locked-cpu.txt")
    )
    entries = lock.entries(text)
    hashed = ["--require-hashes", "--no-deps"]
    llama = _list(files / "llama.txt", entries.pop(lock.LLAMA))
    download(hashed, ["--no-binary", lock.LLAMA], llama, files)
    wanted = _list(files / "locked.txt", lock.joined(entries))
    download(hashed, wheels_for(version), wanted, files / "wheels")
    backend = _list(files / "backend.txt", "".join(f"{name}\n" for name in BACKEND))
    download(
        ["--no-deps", "-c", str(PACKAGING / "constraints.txt")],
        wheels_for(version),
        backend,
        files / "backend",
    )
    shutil.copy(wheel.built(), files / "wheels")
    shutil.copytree(PACKAGING, PLACE / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "LICENSE", PLACE)
    print(f"{PLACE.relative_to(ROOT)} holds {sum(1 for _ in files.rglob('*.whl'))} wheels.")
    return 0


def wheels_for(version: str) -> list[str]:
    """Options by which pip takes wheels for another Python than its own, and nothing else."""
    machine = platform.machine()
    options = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", version]
    number = version.replace(".", "")
    for abi in (f"cp{number}", "abi3", "none"):
        options += ["--abi", abi]
    for each in PLATFORMS:
        options += ["--platform", f"{each}_{machine}"]
    return options


def download(how: list[str], which: list[str], listed: Path, into: Path) -> None:
    """Let pip download what a list names."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
        "-q",
    ]
    subprocess.run([*command, *how, *which, "-r", str(listed), "-d", str(into)], check=True)


def _list(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


if __name__ == "__main__":
    sys.exit(main())
