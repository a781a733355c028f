"""The directory usr of a Linux system with Findling in it, which the Debian package and the AppDir hold."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))

import freeze  # noqa: E402
import wheel  # noqa: E402

SHELLS = {
    "bash": "bash-completion/completions/findling",
    "zsh": "zsh/vendor-completions/_findling",
    "fish": "fish/vendor_completions.d/findling.fish",
}


def furnished(kind: str, usr: Path) -> None:
    """Fill `usr` anew: the frozen application, and what tells a desktop and a person of it."""
    shutil.rmtree(usr, ignore_errors=True)
    tree = freeze.frozen(kind)
    python = freeze.interpreter(kind)
    shutil.copytree(tree, usr / "lib" / "findling", symlinks=True)
    (usr / "bin").mkdir()
    for name in ("findling", "findling-desktop"):
        (usr / "bin" / name).symlink_to(f"../lib/findling/{name}")
    share = usr / "share"
    for name, folder in (
        ("findling.desktop", "applications"),
        ("findling.metainfo.xml", "metainfo"),
        ("findling.mime.xml", "mime/packages"),
    ):
        target = share / folder / name.replace(".mime.xml", ".xml")
        target.parent.mkdir(parents=True)
        shutil.copyfile(HERE / name, target)
    _run(python, HERE / "icons.py", "hicolor", share / "icons")
    _run(python, HERE / "man.py", share / "man" / "man1")
    for page in (share / "man" / "man1").iterdir():
        _zip(page)
    about = share / "doc" / "findling"
    about.mkdir(parents=True)
    shutil.copyfile(ROOT / "CHANGELOG.md", about / "changelog")
    _zip(about / "changelog")
    locked = [f"--locked={freeze.HERE / name}" for name in ("locked.txt", f"locked-{kind}.txt")]
    papers = [f"--copyright={about / 'copyright'}", f"--third-party={about / 'THIRD-PARTY'}"]
    _run(sys.executable, freeze.HERE / "licences.py", python, *locked, *papers, f"--tree={tree}")
    _zip(about / "THIRD-PARTY")
    _run(sys.executable, freeze.HERE / "sbom.py", python, about / "sbom.cdx.json")
    _zip(about / "sbom.cdx.json")
    for shell, place in SHELLS.items():
        target = share / place
        target.parent.mkdir(parents=True)
        said = _completion(tree / "findling", shell)
        target.write_text(said, encoding="utf-8")
    for path in [usr, *usr.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100 or ".so" in path.suffixes
            path.chmod(0o755 if runs else 0o644)


def _completion(program: Path, shell: str) -> str:
    """What a shell reads to complete the words of `findling`."""
    environment = {**os.environ, "_FINDLING_COMPLETE": f"{shell}_source"}
    return subprocess.run([program], env=environment, check=True, capture_output=True, text=True).stdout


def _zip(path: Path) -> None:
    """Compress a file, the same way each time."""
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    path.unlink()


def _run(python: Path | str, *arguments: Path | str) -> None:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": wheel.epoch(), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([str(python), *map(str, arguments)], check=True, env=environment)
