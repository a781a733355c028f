"""Build the wheel and the source distribution into dist/, the same bytes wherever and whenever it is done.

    python packaging/wheel.py [--check] [--tree] [--out DIR]

They are made of a copy of what git holds at HEAD, with --tree of the files as they lie here, and carry the
date of the commit. --check builds both twice, compares them, and looks for what each must hold.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import tools

ROOT = tools.ROOT
#: What a wheel must hold: files of the packages that are no modules.
IN_WHEEL = (
    "findling/py.typed",
    "findling/sample_library/",
    "findling_desktop/py.typed",
    "findling_desktop/logo.svg",
    "findling_desktop/guide/",
    "findling_desktop/translations/findling_de.qm",
)
IN_SDIST = (
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "PKG-INFO",
    "README.md",
    "core/findling/__init__.py",
    "desktop/findling_desktop/app.py",
    "packaging/constraints.txt",
    "packaging/locked.txt",
    "pyproject.toml",
    "tests/conftest.py",
    "typings/",
)
#: What must be in neither.
NOWHERE = ("__pycache__", ".venv", ".pyc", ".coverage", ".git/")


def main() -> int:
    """Build, and check if asked to; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="build twice and compare; check what is in them")
    parser.add_argument("--tree", action="store_true", help="of the files as they lie here, not of HEAD")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files = build(Path(scratch) / "first", tree=chosen.tree)
        problems = faults(files) if chosen.check else []
        if chosen.check:
            again = build(Path(scratch) / "second", tree=chosen.tree)
            pairs = zip(files, again, strict=True)
            problems += [f"{one.name} differs." for one, two in pairs if one.read_bytes() != two.read_bytes()]
        for problem in problems:
            print(problem, file=sys.stderr)
        if problems:
            return 1
        if chosen.check:
            tools.run("twine", "--no-color", "check", "--strict", *map(str, files))
        chosen.out.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(file, chosen.out / file.name)
            print(chosen.out / file.name)
    return 0


def built() -> Path:
    """The wheel of HEAD, made anew in dist/."""
    with tempfile.TemporaryDirectory() as scratch:
        [made] = [file for file in build(Path(scratch)) if file.suffix == ".whl"]
        (ROOT / "dist").mkdir(exist_ok=True)
        return Path(shutil.copyfile(made, ROOT / "dist" / made.name))


def epoch() -> str:
    """The seconds of the commit that is built, for SOURCE_DATE_EPOCH."""
    return _git("log", "-1", "--format=%ct").decode().strip()


def build(scratch: Path, *, tree: bool = False) -> list[Path]:
    """The wheel and the source distribution, made in `scratch`, in the order of their names."""
    source, out = scratch / "source", scratch / "out"
    source.mkdir(parents=True)
    _copy(source, tree=tree)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch()}
    command = [str(_hatchling()), "-m", "hatchling", "build", "--directory", str(out)]
    answer = subprocess.run(command, cwd=source, env=environment, check=False, capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(answer.stderr)
    return sorted(out.iterdir())


def _hatchling() -> Path:
    """A Python that has hatchling: this one, or that of the build tools."""
    return Path(sys.executable) if importlib.util.find_spec("hatchling") else tools.python()


def _copy(target: Path, *, tree: bool) -> None:
    """Copy what git holds, with the modes that it holds: those on the disk follow a person's umask."""
    if not tree:
        with tarfile.open(fileobj=io.BytesIO(_git("archive", "HEAD"))) as archive:
            archive.extractall(target, filter="data")
    else:
        names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target / name)
    for path in target.rglob("*"):
        executable = path.is_dir() or (path.is_file() and path.stat().st_mode & 0o100)
        path.chmod(0o755 if executable else 0o644)


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout


def faults(files: list[Path]) -> list[str]:
    """What is missing in the files, or should not be there, a line each."""
    problems = []
    for file in files:
        wanted = IN_WHEEL if file.suffix == ".whl" else IN_SDIST
        names = _names(file)
        missing = [each for each in wanted if not any(name.startswith(each) for name in names)]
        problems += [f"{file.name} lacks {each}" for each in missing]
        problems += [f"{file.name} holds {name}" for name in names if any(part in name for part in NOWHERE)]
    return problems


def _names(file: Path) -> list[str]:
    """The names of what is in a wheel; of what is in a source distribution, without its own folder."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            return wheel.namelist()
    with tarfile.open(file) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


if __name__ == "__main__":
    sys.exit(main())
