"""How a peer's process is asked: one JSON object a line on standard input, one answer a line.

A peer is a script beside this file, run in a venv of its own (`NAME.txt` is its requirements file). It is
handed {"texts": […], "directory": model, "threads": n, …}, and then, for each line "go", embeds all texts and
answers with the seconds that it took; "save PATH" stores the vectors of the last pass.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def serve(load: Callable[[dict[str, Any]], Callable[[list[str]], Any]]) -> None:
    """Answer until standard input ends."""
    task = json.loads(sys.stdin.readline())
    embed = load(task)
    print(json.dumps("ready"), flush=True)
    vectors: Any = None
    for line in sys.stdin:
        if line.startswith("save "):
            import numpy as np

            np.save(line.split(" ", 1)[1].strip(), np.asarray(vectors, np.float32))
            print(json.dumps("saved"), flush=True)
            continue
        began = time.perf_counter()
        vectors = embed(task["texts"])
        print(json.dumps(time.perf_counter() - began), flush=True)
