"""Start of the window: whole process to visible, and to the first hit of a query typed at once.

Peer in the same run: an empty PySide6 window (what no Qt program can be faster than), and the bare imports of
the store and the runtime that a first hit has to wait for. Needs a display (xvfb-run).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from common import bench_libraries, collections, heading, imported, table

DRIVER = Path(__file__).parent.parent / "system" / "window_driver.py"
RUNS = 5
EMPTY = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, lambda: (print(time.time() - float(sys.argv[1])), application.quit()))
application.exec()
"""
IMPORTS = "import time, sys, lancedb, onnxruntime; print(time.time() - float(sys.argv[1]))"


def peer(code: str) -> float:
    """Best of the runs, seconds."""
    return min(
        float(subprocess.check_output([sys.executable, "-c", code, str(time.time())], text=True))
        for _ in range(RUNS)
    )


def main() -> None:
    """Print the best of five."""
    heading("Start of the window")
    place = next(iter(collections(["cranfield"])))
    with bench_libraries() as libraries:
        imported(libraries, place)
        home = libraries.settings.home.data.parent
        query = "heat transfer in boundary layers"
        seen: list[dict[str, float]] = []
        for _ in range(RUNS):
            command = [sys.executable, str(DRIVER), str(home), query, str(time.time())]
            seen.append(json.loads(subprocess.check_output(command, text=True)))
    empty, imports = peer(EMPTY), peer(IMPORTS)
    visible = min(run["visible_seconds"] for run in seen)
    first_hit = min(run["first_hit_seconds"] for run in seen)
    table(
        ("", "seconds", "ratio to peer"),
        [
            ("window visible", visible, visible / empty),
            ("empty PySide6 window (peer)", empty, 1.0),
            ("first hit", first_hit, first_hit / imports),
            ("import lancedb, onnxruntime (peer)", imports, 1.0),
        ],
    )


if __name__ == "__main__":
    main()
