"""Have the packaged generator write on processors that this machine is not.

    python packaging/processors.py [cpu|cuda]

QEMU computes as one processor after the other, and gives none of them AVX-512 or AMX, so that an instruction
which is taken for granted ends the program. Prints which of llama.cpp's libraries is taken, and what it
writes. The versions are those that `make frozen` freezes. Needs qemu-user-static, and some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from typing import Any

import freeze

QEMU = "qemu-x86_64-static"
#: SSE 4.2, AVX, AVX2, and two that have more than QEMU computes.
PROCESSORS = ("Nehalem", "SandyBridge", "Haswell", "Skylake-Server", "Icelake-Server")
TOKENS = 6
#: Greedy, so that all should write the same.
WRITE = f"""
import json, re
from pathlib import Path
from findling.jobs import CancelToken
from findling.llama import Engine, Request, Sampling, Weights
from findling.models.generators import built_in
request = Request("", ("The capital of France is",), 0, Sampling(temperature=0, max_tokens={TOKENS}))
with Weights(built_in("smollm2-135m").path) as weights, Engine(weights, threads=1, cells=256) as engine:
    text = next(iter(engine.complete([request], CancelToken()))).text
taken = re.findall(r"libggml-cpu-(\\w+)\\.so", Path("/proc/self/maps").read_text())
print(json.dumps([sorted(set(taken)), text]))
"""


def main() -> int:
    """Try them; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", nargs="?", choices=("cpu", "cuda"), default="cpu")
    kind = parser.parse_args().kind
    python, qemu = freeze.interpreter(kind), shutil.which(QEMU)
    libraries = freeze.FROZEN / f"findling-{kind}" / "_internal" / "llama_cpp" / "lib"
    if qemu is None or not libraries.is_dir():
        print(f"Needs {QEMU}, and `make frozen` before it.", file=sys.stderr)
        return 1
    os.environ["LLAMA_CPP_LIB_PATH"] = str(libraries)
    failed = not wrote("this machine", [str(python)])
    for processor in PROCESSORS:
        failed |= not wrote(processor, [qemu, "-cpu", processor, str(python)])
    print("The generator does not run everywhere." if failed else "The generator runs on all of them.")
    return int(failed)


def wrote(name: str, python: list[str]) -> bool:
    """Whether a processor's generator writes; prints what."""
    began = time.monotonic()
    answer = subprocess.run([*python, "-c", WRITE], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    if answer.returncode:
        print(
            f"{name:16}{seconds:7.1f} s  ended with {answer.returncode}: {answer.stderr[-500:]}", flush=True
        )
        return False
    found: Any = json.loads(answer.stdout.splitlines()[-1])
    taken, text = found
    print(f"{name:16}{seconds:7.1f} s  {', '.join(taken):12} {text!r}", flush=True)
    return bool(text.strip())


if __name__ == "__main__":
    sys.exit(main())
