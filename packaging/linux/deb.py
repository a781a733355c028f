"""Build the Debian package into dist/.

    python packaging/linux/deb.py [cpu|cuda]

What it depends on is read from its files by dpkg-shlibdeps; the libraries that Qt loads by name alone are
added to these. Needs Debian's dpkg-dev.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import furnish

sys.path.insert(0, str(furnish.HERE.parent))

import prepare
import wheel

if TYPE_CHECKING:
    from pathlib import Path

ROOT = furnish.ROOT
#: It is loaded where NVIDIA's libraries are, which Debian does not have and nothing depends on.
NVIDIA = "libonnxruntime_providers_cuda.so"
RECOMMENDED = "fonts-dejavu-core | fonts-liberation2 | ttf-bitstream-vera"
SUGGESTED = "tesseract-ocr, antiword | catdoc, libreoffice-core-nogui | libreoffice-core"
DESCRIPTION = """desktop search that learns your own documents
 Findling searches the documents on your own computer by meaning and by words
 at once. It finds the passage that answers, and shows it in its place: on its
 page, its slide, or its sheet.
 .
 Nothing leaves the machine: the model that understands your documents is built
 in. It can be tuned on these documents, which is proved on questions held out,
 and taken over while search goes on.
"""
ON_NVIDIA = """ .
 This one computes on NVIDIA's GPUs, where their driver, CUDA and cuDNN are
 installed, and on the processor elsewhere.
"""


def main() -> int:
    """Build it; prints its name and sizes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", nargs="?", choices=("cpu", "cuda"), default="cpu")
    kind = parser.parse_args().kind
    place = ROOT / "build" / "deb" / kind
    furnish.furnished(kind, place / "root" / "usr")
    package = packed(kind, place)
    said = subprocess.run(
        ["dpkg-deb", "--field", str(package), "Installed-Size"], check=True, capture_output=True, text=True
    )
    installed = int(said.stdout) * 1024
    size = package.stat().st_size
    print(f"{package.relative_to(ROOT)}: {size / 1e6:.0f} MB packed, {installed / 1e6:.0f} MB installed")
    return 0


def packed(kind: str, place: Path) -> Path:
    """The package of what was furnished in `place`."""
    root = place / "root"
    control = root / "DEBIAN"
    shutil.rmtree(control, ignore_errors=True)
    control.mkdir()
    name = "findling" if kind == "cpu" else f"findling-{kind}"
    other = "findling-cuda" if kind == "cpu" else "findling"
    architecture = _said("dpkg", "--print-architecture")
    version = re.search(
        r'__version__ = "(.+)"', (ROOT / "core/findling/__init__.py").read_text(encoding="utf-8")
    )
    assert version is not None
    files = sorted(path for path in root.rglob("*") if path.is_file() and control not in path.parents)
    size = sum(path.stat().st_size for path in files if not path.is_symlink())
    fields = {
        "Package": name,
        "Version": version[1],
        "Architecture": architecture,
        "Maintainer": "The Findling authors <nobody@localhost>",
        "Section": "utils",
        "Priority": "optional",
        "Installed-Size": str(-(-size // 1024)),
        "Depends": ", ".join(_needed(place, root)),
        "Recommends": RECOMMENDED,
        "Suggests": SUGGESTED,
        "Conflicts": other,
        "Replaces": other,
        "Description": (DESCRIPTION + (ON_NVIDIA if kind == "cuda" else "")).rstrip(),
    }
    (control / "control").write_text("".join(f"{key}: {value}\n" for key, value in fields.items()))
    sums = [(path, _md5(path)) for path in files if not path.is_symlink()]
    (control / "md5sums").write_text("".join(f"{sum_}  {path.relative_to(root)}\n" for path, sum_ in sums))
    for path in (root, control):
        path.chmod(0o755)
    (ROOT / "dist").mkdir(exist_ok=True)
    package = ROOT / "dist" / f"{name}_{version[1]}_{architecture}.deb"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": wheel.epoch()}
    command = [
        "dpkg-deb",
        "--root-owner-group",
        "-Zxz",
        "--threads-max=4",
        "--build",
        str(root),
        str(package),
    ]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return package


def _needed(place: Path, root: Path) -> list[str]:
    """The packages that it depends on."""
    (place / "debian").mkdir(exist_ok=True)
    (place / "debian" / "control").write_text("Source: findling\n\nPackage: findling\nArchitecture: any\n")
    ours = root / "usr" / "lib" / "findling"
    programs = [ours / "findling", *ours.rglob("*.so"), *ours.rglob("*.so.*")]
    programs = [path for path in programs if path.name != NVIDIA]
    folders = sorted({path.parent for path in programs})
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
    command += [f"-l{folder}" for folder in folders]
    command += [f"-e{path}" for path in programs if not path.is_symlink()]
    answer = subprocess.run(command, cwd=place, check=False, capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(answer.stderr)
    found = answer.stdout.strip().removeprefix("shlibs:Depends=").split(", ")
    named = {entry.split()[0] for entry in found if entry}
    return sorted({*filter(None, found), *(set(prepare.QT_LIBRARIES.values()) - named)})


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
