"""Opens the real window in this process, asks one query, and prints what happened when, as JSON.

python window_driver.py HOME QUERY [STARTED]   (STARTED: time.time() just before this process was started)
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

STARTED = float(sys.argv[3]) if len(sys.argv) > 3 else time.time()
HEAVY = ("torch", "transformers", "llama_cpp", "lancedb", "onnxruntime", "pyarrow", "numpy")


def main() -> None:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from findling.settings import Home, switch_telemetry_off
    from findling_desktop.app import build, dress

    switch_telemetry_off()
    application = QApplication([])
    dress(application)
    window = build(Home.at(Path(sys.argv[1])))
    seen: dict[str, object] = {}

    def look() -> None:
        if "visible_seconds" not in seen and window.isVisible():
            seen["visible_seconds"] = time.time() - STARTED
            window.search.box.setText(sys.argv[2])
        elif window.search.results.model().rowCount():
            seen["first_hit_seconds"] = time.time() - STARTED
            seen["hit"] = window.search.current_hit.path if window.search.current_hit else ""
            seen["loaded_at_first_hit"] = [name for name in HEAVY if name in sys.modules]
            poll.stop()
            window.close()
        elif time.time() - STARTED > 60:
            application.exit(1)

    poll = QTimer()
    poll.setInterval(5)
    poll.timeout.connect(look)
    poll.start()
    window.closed.connect(application.quit)
    seen["loaded_when_visible"] = [name for name in HEAVY if name in sys.modules]
    window.show()  # from now on a thread loads what searching needs
    code = application.exec()
    print(json.dumps(seen))
    sys.exit(code)


if __name__ == "__main__":
    main()
