"""The wheel, and the lists of what is shipped with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BUILD_TWICE = """
import json, pathlib, sys
sys.path.insert(0, "packaging")
import wheel
one, two = (wheel.build(pathlib.Path(place), tree=True) for place in sys.argv[1:])
print(json.dumps([[file.name for file in one], wheel.faults(one),
                  [a.name for a, b in zip(one, two) if a.read_bytes() != b.read_bytes()]]))
"""
#: What is in none of the lists, beside torch and what only it needs.
LISTS = ("locked.txt", "locked-cpu.txt", "locked-cuda.txt")


def test_two_builds_are_equal_and_complete(tmp_path):
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-c", BUILD_TWICE, str(tmp_path / "one"), str(tmp_path / "two")]
    answer = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    names, faults, different = json.loads(answer.stdout)
    assert [name.partition("-")[0] for name in names] == ["findling", "findling"]
    assert (faults, different) == ([], [])


def _entries(name: str) -> dict[str, str]:
    text = (PACKAGING / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))


def test_what_is_shipped_is_locked_in_the_versions_that_are_tested():
    pins = (PACKAGING / "constraints.txt").read_text(encoding="utf-8")
    tested = {
        re.sub(r"[-_.]+", "-", name).lower(): version
        for name, version in re.findall(r"^([\w.-]+)==(\S+)$", pins, re.MULTILINE)
    }
    locked = {name: version for file in LISTS for name, version in _entries(file).items()}
    assert {name for name in locked if tested.get(name, locked[name]) != locked[name]} == set()
    assert not {"torch", "transformers", "onnxruntime", "onnxruntime-gpu"} & _entries("locked.txt").keys()
    assert _entries("locked-cpu.txt") == {"onnxruntime": tested["onnxruntime-gpu"]}
    assert _entries("locked-cuda.txt") == {"onnxruntime-gpu": tested["onnxruntime-gpu"]}


@pytest.mark.parametrize("name", LISTS)
def test_every_version_has_hashes_and_no_list_says_where_files_come_from(name):
    text = (PACKAGING / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text)[1:]
    assert entries
    assert all(re.search(r" \\\n    --hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert not re.search(r"://|^ *--(?!hash)", text, re.MULTILINE)


def test_everything_that_findling_needs_is_locked():
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    locked = _entries("locked.txt").keys() | {"onnxruntime-gpu", "onnxruntime"}
    needed = map(Requirement, requires("findling") or [])
    shipped = [each for each in needed if not each.marker or "tune" not in str(each.marker)]
    names = {each.name.replace("_", "-").lower() for each in shipped if "fast-cpu" not in str(each.marker)}
    assert names - locked == set()
