"""How long the window's loop keeps a person waiting: while nothing happens, while thousands of files are
indexed and somebody types, and while a model is trained and somebody types. And what the window's process
takes of the memory.

A timer of 5 ms is looked at: what comes late was kept waiting by the loop, or by a processor that others
have.
Peer in the same run: an empty PySide6 window beside the same work. Needs a display (xvfb-run).

FINDLING_BENCH_FILES: how many files are indexed (10,000); FINDLING_BENCH_SECONDS: how long each part is
looked at (60).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from common import heading, percentile, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from findling_desktop.main_window import MainWindow

FILES = int(os.environ.get("FINDLING_BENCH_FILES", "10000"))
SECONDS = float(os.environ.get("FINDLING_BENCH_SECONDS", "60"))
STEP = 0.005
QUERIES = (
    "who counted the jars in the winter of the flood",
    "ropes for the hut type:txt",
    "lamp oil and candles before the snow came",
    "how many blankets were wet",
)
EMPTY = f"""
import json, sys, time
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.show()
late, last = [], time.perf_counter()
def look():
    global last
    now = time.perf_counter()
    late.append(max(0.0, now - last - {STEP}))
    last = now
timer = QTimer()
timer.setTimerType(Qt.TimerType.PreciseTimer)
timer.timeout.connect(look)
timer.start({int(STEP * 1000)})
QTimer.singleShot(int(float(sys.argv[1]) * 1000), application.quit)
application.exec()
print(json.dumps(late))
"""


class Lateness:
    """Seconds by which each beat of a timer came late."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)

    def _look(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - self._last - STEP))
        self._last = now

    def over(self, seconds: float, do: Callable[[], object] = lambda: None) -> list[float]:
        """Look for so long, and `do` something eight times a second, as fast as a person types."""
        from PySide6.QtCore import QEventLoop, QTimer

        self.late = []
        loop, hands = QEventLoop(), QTimer()
        hands.timeout.connect(do)
        hands.start(125)
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        self._last = time.perf_counter()
        self._timer.start(int(STEP * 1000))
        loop.exec()
        self._timer.stop()
        hands.stop()
        return self.late


class Typist:
    """Types one question after the other, a key at a time."""

    def __init__(self, window: MainWindow) -> None:
        import psutil

        self._window = window
        self._keys = iter("")
        self._asked = 0
        self._process = psutil.Process()
        self._mebibytes: list[float] = []

    def memory(self) -> str:
        """Resident since the last time, mean and most, MiB."""
        seen, self._mebibytes = self._mebibytes, []
        return f"{sum(seen) / len(seen):.0f}, {max(seen):.0f}"

    def __call__(self) -> None:
        """Press the next key."""
        from PySide6.QtTest import QTest

        self._mebibytes.append(self._process.memory_info().rss / 2**20)
        key = next(self._keys, None)
        if key is None:
            self._keys = iter(QUERIES[self._asked % len(QUERIES)])
            self._asked += 1
            self._window.search.box.clear()
        else:
            QTest.keyClick(self._window.search.box, key)


def written(folder: Path) -> Path:
    """Files of some paragraphs each, no two alike."""
    folder.mkdir()
    draw = random.Random(0)
    words = [
        f"{a}{b}" for a in ("jar", "rope", "lamp", "hut", "snow", "flood") for b in ("", "s", "er", "ing")
    ]
    for number in range(FILES):
        lines = [" ".join(draw.choices(words, k=40)) + f" {number}." for _ in range(4)]
        (folder / f"report-{number}.txt").write_text("\n\n".join(lines))
    return folder


def peer(seconds: float) -> list[float]:
    """An empty window beside whatever works now."""
    return json.loads(subprocess.check_output([sys.executable, "-c", EMPTY, str(seconds)], text=True))


def row(name: str, late: list[float], memory: str = "") -> tuple[object, ...]:
    """A line of the table: milliseconds."""
    return (
        name,
        1000 * percentile(late, 0.5),
        1000 * percentile(late, 0.99),
        1000 * max(late),
        sum(each > 0.05 for each in late) / len(late),
        memory,
    )


def main() -> None:
    """Print the table."""
    from PySide6.QtWidgets import QApplication

    from findling.adaptation.plan import TuningWishes
    from findling.settings import Home, Settings
    from findling_desktop.app import build, dress

    heading("How long the window keeps one waiting")
    application = QApplication([])
    dress(application)
    lateness = Lateness()
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as temporary:
        home = Home.at(Path(temporary) / "home")
        Settings(home, keep_up_to_date=False).save()
        window = build(home)
        window.show()
        lateness.over(2)
        files = written(Path(temporary) / "files")
        window.workspace.index([files])
        while window.workspace.status is None or not window.workspace.status.passages:
            lateness.over(1)
        typist = Typist(window)
        late = lateness.over(SECONDS, typist)
        rows.append(row(f"{FILES} files are indexed, somebody types", late, typist.memory()))
        rows.append(row("empty PySide6 window beside it (peer)", peer(min(SECONDS, 20))))
        window.workspace.cancel()
        while window.workspace.busy:
            lateness.over(1)
        trained: list[str] = []
        window.workspace.tuning.progressed.connect(lambda progress: trained.append(progress.phase))
        window.workspace.tuning.begin(TuningWishes(generator="none", pairs=300, minutes=2))
        while window.workspace.tuning.working and "training" not in trained:
            lateness.over(1)
        late = lateness.over(SECONDS, typist)
        rows.append(row("a model is trained, somebody types", late, typist.memory()))
        rows.append(row("empty PySide6 window beside it (peer)", peer(min(SECONDS, 20))))
        window.workspace.tuning.cancel()
        while window.workspace.tuning.working:
            lateness.over(1)
        rows.append(row("nothing happens", lateness.over(10)))
        window.closed.connect(application.quit)
        window.close()
        application.exec()
    table(
        ("", "median ms late", "99 % ms late", "most ms late", "share above 50 ms", "MiB, mean and most"),
        rows,
    )


if __name__ == "__main__":
    main()
