"""Start what a person came for: the window, or where there is no display the same job in the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

QUESTIONS = ("how many days off do I get", "what to do after an avalanche warning", "Wasser sparen")


def main() -> int:
    """Open the window; without a display index the sample documents here and search them."""
    programs = Path(sys.executable).parent
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if has_display or not sys.platform.startswith("linux"):
        return subprocess.call([programs / "findling-desktop"])
    import findling

    samples = Path(findling.__file__).parent / "sample_library"
    print("There is no display here, so no window can open. The same in the terminal, on the samples:\n")
    findling_program = str(programs / "findling")
    steps = [["index", str(samples), "--library", "samples"]]
    steps += [["search", question, "--library", "samples", "-n", "2"] for question in QUESTIONS]
    for step in steps:
        print("$ findling", *(f'"{word}"' if " " in word else word for word in step), flush=True)
        if code := subprocess.call([findling_program, *step]):
            return code
        print(flush=True)
    print("Your own folders: .venv/bin/findling index FOLDER")
    return 0


if __name__ == "__main__":
    sys.exit(main())
