"""Documents are opened from the command line."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    Run = Callable[..., Any]


def test_open_leads_to_the_place_and_says_how(
    findling: Run, folder: Path, home_directory: Path, tmp_path: Path
) -> None:
    note = f"import sys; open({str(tmp_path / 'noted')!r}, 'w').write(' '.join(sys.argv[1:]))"
    settings = home_directory / "config" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"text_editor": f'{sys.executable} -c "{note}" {{line}} {{path}}'}))
    file = folder / "tax.txt"
    done = findling("open", file, "--line", 7, "--json")
    for thread in threading.enumerate():
        if thread.name == "viewer":
            thread.join(10)
    assert done.json["path"] == str(file)
    assert done.json["command"][-2:] == ["7", str(file)]
    assert (tmp_path / "noted").read_text() == f"7 {file}"

    gone = findling("open", folder / "gone.pdf", "--page", 2)
    assert (gone.code, "is not there any more" in gone.err) == (1, True)
    assert findling("open", file, "--page", 0).code == 2
