"""Starting the program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from findling_desktop.app import _excepthook, dress, main
from findling_desktop.bug_report import BugDialog
from findling_desktop.windows import Windows

HEAVY = ("lancedb", "torch", "transformers", "onnxruntime", "pyarrow", "numpy", "llama_cpp")

_START = f"""
import json, sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from findling.settings import Home
from findling_desktop.app import build, dress
application = QApplication([])
dress(application)
window = build(Home.at(Path(sys.argv[1])))
window.workspace.start = lambda: None
window.show()
application.processEvents()
heavy = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps([window.isVisible(), time.process_time(), heavy]))
"""


def _start(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _START, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def test_the_window_is_there_before_anything_heavy(tmp_path):
    visible, seconds, heavy = min((_start(tmp_path) for _ in range(2)), key=lambda started: started[1])
    assert visible
    assert heavy == []
    # Of the processor: other tests run beside it. How soon a person sees it is for tests/bench/window.py.
    assert seconds < 1.5


def test_the_window_names_its_desktop_entry_in_a_sandbox_too(qapp, monkeypatch):
    monkeypatch.setenv("FLATPAK_ID", "org.example.findling")
    dress(qapp)
    assert qapp.desktopFileName() == "org.example.findling"
    monkeypatch.delenv("FLATPAK_ID")
    dress(qapp)
    assert qapp.desktopFileName() == "findling"


def test_a_bug_is_told_and_kept(open_window, home, capsys):
    windows = Windows(lambda *_: open_window(home))
    window = windows.current
    hook = _excepthook(windows, home)
    try:
        _fail()
    except ValueError as error:
        hook(ValueError, error, error.__traceback__)
    assert "ValueError: odd" in window.statusBar().currentMessage()
    assert "ValueError: odd" in (home.logs / "window.log").read_text()
    assert "ValueError: odd" in capsys.readouterr().err
    [dialog] = window.findChildren(BugDialog)
    hook(ValueError, ValueError("odd"), None)
    assert window.findChildren(BugDialog) == [dialog]
    dialog.copy_button.click()
    report = QGuiApplication.clipboard().text()
    assert "Findling 0.1.0" in report
    assert "lancedb 0." in report
    assert "_fail" in report
    assert "odd" not in report  # it may be out of a document
    assert str(Path.home()) not in report


def _fail():
    raise ValueError("odd")


def test_children_do_not_load_qt():
    code = "import findling_desktop.app, sys; print(any(n.startswith('PySide6') for n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_main_runs_until_the_window_is_closed(tmp_path):
    code = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from findling_desktop import app\n"
        "application = QApplication([])\n"
        "QTimer.singleShot(0, lambda: [w.close() for w in application.topLevelWidgets()])\n"
        "sys.exit(app.main(['--home', sys.argv[1], '--library', 'letters']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=False, capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "config" / "window.json").is_file()


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("findling ")


def test_the_logo_is_one_and_the_same():
    import findling_desktop

    root = Path(__file__).parents[2]
    inside = Path(findling_desktop.__file__).parent / "logo.svg"
    assert inside.read_bytes() == (root / "packaging/linux/icons/findling.svg").read_bytes()
