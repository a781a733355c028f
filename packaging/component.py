"""Build the training component: what tuning needs beyond the frozen application, as one file.

    python packaging/component.py

The frozen application comes without torch and what belongs to it. This writes
dist/findling-training-VERSION-PYTHON-PLATFORM.zip, which `findling component install FILE` and the tuning
page of the window add to it. In it is what the extra `tune` needs and the environment that is frozen does not
have, without tests, headers and static libraries. Which build of torch that is, for processors alone or for
NVIDIA's GPUs, is the choice of the index that pip is set to. Prints a table of what takes how much.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import freeze
import licences
import wheel

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "component"
#: As `findling.component` reads it.
MANIFEST = "component.json"
FORMAT, FORMAT_VERSION = "findling training component", 1
_ROWS = 12
#: What nobody imports here.
_UNWANTED = re.compile(
    r"""
    (\A|/)(tests?|__pycache__|conftest\.py|[^/]*_test\.py)(/|\Z)
    | \Atorch/((include|share)/|bin/(?!torch_shm_manager\Z))
    | \Asetuptools/_vendor/autocommand  # under the LGPL, and called by nothing here
    | \Abin/ | \Ashare/ | \.(a|h|hpp|cuh|cmake|pyi|pyx|pxd|pth)\Z
    | \.dist-info/(REQUESTED|INSTALLER|direct_url\.json|sboms/)
    """,
    re.VERBOSE,
)
_ABOUT = """
import json
from findling import __version__
from findling.component.place import this_platform, this_python
print(json.dumps([__version__, this_python(), this_platform()]))
"""


def main() -> int:
    """Build it, and print how large it is; 1 where it holds what may not be shipped."""
    python = freeze.interpreter("cpu")
    if not (python.parents[1] / ".ready").is_file():
        python = freeze.prepared("cpu", wheel.built())
    packages = missing(python)
    files = installed(python, packages)
    if problems := licences.audit(licences.shipped(str(python), site=PLACE / "site")):
        print("\n".join(problems), file=sys.stderr)
        return 1
    version, tag, platform = json.loads(_said([str(python), "-c", _ABOUT]))
    about = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "findling": version,
        "python": tag,
        "platform": platform,
        "bytes": sum(len(content_of(name, files)) for name in files),
        "packages": packages,
    }
    target = ROOT / "dist" / f"findling-training-{version}-{tag}-{platform}.zip"
    target.parent.mkdir(exist_ok=True)
    print(f"Writing {target.relative_to(ROOT)} …", flush=True)
    write(target, about, files)
    print_sizes(target)
    return 0


def missing(python: Path) -> dict[str, str]:
    """The versions, by name, of what the extra `tune` needs and the environment of that Python lacks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    PLACE.mkdir(parents=True, exist_ok=True)
    report = PLACE / "report.json"
    wanted = project["optional-dependencies"]["tune"]
    constraints = ROOT / "packaging" / "constraints.txt"
    freeze.pip(python, "install", "--dry-run", "--report", str(report), "-c", str(constraints), *wanted)
    found = json.loads(report.read_text(encoding="utf-8"))["install"]
    named = {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in found}
    return dict(sorted(named.items()))


def installed(python: Path, packages: dict[str, str]) -> dict[str, Path]:
    """The wanted files of these packages, by their names in the component, sorted."""
    place, stamp = PLACE / "site", PLACE / "site.made-of"
    wanted = json.dumps(packages)
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
        print(f"Installing {', '.join(packages)} …", flush=True)
        stamp.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        pins = [f"{name}=={version}" for name, version in packages.items()]
        freeze.pip(python, "install", "--no-deps", "--no-compile", "--target", str(place), *pins)
        stamp.write_text(wanted, encoding="utf-8")
    names = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()}
    return {name: names[name] for name in sorted(names) if is_wanted(name)}


def is_wanted(name: str) -> bool:
    """Whether a file belongs into the component."""
    return _UNWANTED.search(name) is None


def content_of(name: str, files: dict[str, Path]) -> bytes:
    """A file's bytes; a list of a package's files names those that are in the component."""
    content = files[name].read_bytes()
    if not name.endswith(".dist-info/RECORD"):
        return content
    rows = [row for row in csv.reader(content.decode().splitlines()) if row and row[0] in files]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(sorted(rows))
    return text.getvalue().encode()


def write(target: Path, about: dict[str, object], files: dict[str, Path]) -> None:
    """Write the zip: the same bytes of the same files, `component.json` first."""
    moment = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH") or wheel.epoch()), 315532800))[:6]
    scratch = target.with_suffix(".new")
    with zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in (MANIFEST, *files):
            first = name == MANIFEST
            content = json.dumps(about, indent=1).encode() if first else content_of(name, files)
            entry = zipfile.ZipInfo(name, moment)
            entry.create_system = 3
            mode = 0o755 if "/bin/" in name else 0o644
            entry.external_attr = (stat.S_IFREG | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    scratch.replace(target)


def print_sizes(target: Path) -> None:
    """A table of the largest parts, unpacked and packed."""
    whole, packed = Counter[str](), Counter[str]()
    with zipfile.ZipFile(target) as archive:
        for entry in archive.infolist():
            part = entry.filename.partition("/")[0].partition("-")[0]
            whole[part] += entry.file_size
            packed[part] += entry.compress_size
    size = target.stat().st_size
    print(f"\n{target.relative_to(ROOT)}: {size / 1e6:,.0f} MB, unpacked {whole.total() / 1e6:,.0f} MB")
    for part, count in whole.most_common(_ROWS):
        print(f"{count / 1e6:8.1f} MB  packed {packed[part] / 1e6:7.1f} MB  {part}")
    rest = whole.most_common()[_ROWS:]
    if rest:
        print(f"{sum(count for _, count in rest) / 1e6:8.1f} MB  {len(rest)} others")


def _said(command: list[str]) -> str:
    # Not in the root of the repository, where the sources would be found before what is installed.
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=PLACE).stdout


if __name__ == "__main__":
    sys.exit(main())
