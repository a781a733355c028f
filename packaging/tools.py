"""The venv of the programs that build packages, build/tools, made when it is not there or no longer fits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "packaging" / "build-tools.txt"
VENV = ROOT / "build" / "tools"


def python() -> Path:
    """The venv's Python, with every tool installed."""
    program = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = VENV / ".ready"
    wanted = sys.version + PINS.read_text(encoding="utf-8")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return program
    print("Installing the build tools into build/tools …", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [str(program), "-m", "pip", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "-r", str(PINS)], check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return program


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m …` of the build tools; raises CalledProcessError where that fails."""
    command = [str(python()), "-m", *arguments]
    return subprocess.run(command, check=True, text=True, **options)  # type: ignore[call-overload]


if __name__ == "__main__":
    print(python())
