"""A library of documents to be looked at: pages, headings, lists, tables."""

from __future__ import annotations

import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import findling
from findling.library import Libraries
from findling.settings import Home, Settings

SAMPLE = Path(findling.__file__).parent / "sample_library"

INSTRUMENTS = """---
title: Instruments of the station
---

# Instruments of the station

The instruments stand on the ridge, and are read **every morning**. What they say is *written down at once*,
see [the log book](https://example.org/logbook) and `readings.csv`.

![The mast in winter]({pictures}/mast.png)

## What stands where

| Instrument | Place | Since | Reads |
|:-----------|:------|------:|-------|
| Heliograph | third mast, facing south | 1987 | hours of sun |
| Anemometer | support 5 | 2003 | gusts in km/h |
| Hygrometer | hut, north wall | 2011 | humidity, which is *never* right |

## Calibration

1. Take the hygrometer down **before** the first frost.
2. Put it into the salt chamber for twelve hours:
   - 75 % over table salt
   - 33 % over magnesium chloride
3. Note the difference.

> Never adjust it twice on one day. The membrane needs a night to settle.

```python
def smoothed(readings, weight=0.3):
    return sum(readings) * weight  # the weighted mean, newest first
```
"""
#: Identical paragraphs, which are embedded once, and one in their middle that is not.
QUIET = "Nothing of note was seen on the *ridge*, and the evening was quiet.\n\n"
NEEDLE = "The **violet heliograph** was hidden behind the third beehive.\n\n"


class Pictures(ThreadingHTTPServer):
    """A server of pictures that counts who asks."""

    def __init__(self) -> None:
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.server.asked += 1
                self.send_error(404)

        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture(scope="session")
def pictures():
    """What documents name, and nobody may ask for."""
    with Pictures() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def readable(tmp_path_factory, indexed, pictures) -> Home:
    """The home of a library of documents with a form of their own. Tests only read it."""
    folder = tmp_path_factory.mktemp("readable")
    for name in (
        "manual/goods-ropeway-manual.pdf",
        "policies/travel-and-expenses.docx",
        "policies/visitor-policy.html",
    ):
        shutil.copy(SAMPLE / name, folder)
    (folder / "instruments.md").write_text(INSTRUMENTS.replace("{pictures}", pictures.address))
    (folder / "logbook.md").write_text(f"# Log\n\n{QUIET * 600}{NEEDLE}{QUIET * 600}")
    home = Home.at(tmp_path_factory.mktemp("home"))
    shutil.copytree(indexed.state / "calibration", home.state / "calibration")
    home.data.mkdir(parents=True)
    home.models.symlink_to(indexed.models)
    with Libraries(Settings(home)).start_index("default", [folder]) as job:
        assert job.result()["files"]["indexed"] == len(list(folder.iterdir()))
    return home


@pytest.fixture
def readable_home(readable, tmp_path) -> Home:
    """That library, with settings and window state of the test's own."""
    home = Home(config=tmp_path / "config", data=readable.data, state=tmp_path / "state")
    Settings(home, keep_up_to_date=False).save()
    return home


@pytest.fixture
def read(window, qtbot):
    """Searches by words and shows the best hit of a kind of file."""

    def ask(query: str, kind: str):
        window.search.choose_mode("keyword")
        window.search.box.setText(query)
        qtbot.waitUntil(lambda: window.search.answered_query == query, timeout=10_000)
        results = window.search.results
        kinds = [results.hits.hit(row).kind for row in range(results.hits.rowCount())]
        results.setCurrentIndex(results.hits.index(kinds.index(kind)))
        return window.preview

    return ask
