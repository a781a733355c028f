"""Prints what the Python that runs this has installed, or a directory of packages holds, with all licence
texts, as JSON.

    python packaging/licence_reader.py [--site DIR] [NAME]…

packaging/licences.py runs it with the Python of the environment that is audited, so it imports nothing that
does not come with Python.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

_NAMED = re.compile(r"licen[cs]e|copying|notice|third.?part|copyright|author|attribution", re.IGNORECASE)
_NO_TEXT = (".py", ".pyc", ".pyi", ".html", ".so", ".dll", ".pyd", ".json")


def main() -> None:
    """Print the rows of the distributions that are named, or of all; of an environment also Python's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--site")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    there = metadata.distributions(path=[chosen.site]) if chosen.site else metadata.distributions()
    rows = [_row(found) for found in there if not chosen.names or _normal(found.name) in chosen.names]
    json.dump(rows if chosen.site else [*rows, _python()], sys.stdout)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _row(found: metadata.Distribution) -> dict[str, object]:
    about = found.metadata
    classifiers = [each.partition(" :: ")[2] for each in about.get_all("Classifier") or []]
    return {
        "name": about["Name"],
        "version": about["Version"],
        "author": about["Author"] or about["Author-Email"] or "",
        "expression": about["License-Expression"] or "",
        "field": about["License"] or "",
        "classifiers": [each for each in classifiers if each.startswith("OSI Approved :: ")],
        "places": _places(found),
        "texts": _texts(found),
    }


def _texts(found: metadata.Distribution) -> list[str]:
    """The texts of its licences: first those of its metadata."""
    files = [each for each in found.files or [] if not each.name.lower().endswith(_NO_TEXT)]
    own = [each for each in files if ".dist-info" in each.parts[0]]
    wanted = [each for each in own if "licenses" in each.parts[:2] or _NAMED.search(each.name)]
    wanted += [each for each in files if each not in own and _NAMED.search(each.name)]
    paths = [Path(str(found.locate_file(each))) for each in wanted]
    return [path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file()]


def _places(found: metadata.Distribution) -> list[str]:
    """The first parts of the paths of its files, without what names a platform."""
    parts = {each.parts[0] for each in found.files or [] if each.suffix not in (".pth", ".pyc")}
    names = {part.partition(".cpython-")[0].removesuffix(".py") for part in parts}
    return sorted(names - {"..", "__pycache__"})


def _python() -> dict[str, object]:
    places = [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)]
    texts = [place / "LICENSE.txt" for place in places]
    return {
        "name": "Python",
        "version": sys.version.split()[0],
        "author": "Python Software Foundation",
        "expression": "PSF-2.0",
        "field": "",
        "classifiers": [],
        "places": ["libpython", "python"],
        "texts": [path.read_text(encoding="utf-8") for path in texts if path.is_file()][:1],
    }


if __name__ == "__main__":
    main()
