"""The audit of licences: what is shipped passes, what may not be is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
LOCKED = [PACKAGING / "locked.txt", PACKAGING / "locked-cuda.txt"]
MIT = "Copyright 2026 Nobody\n\nPermission is hereby granted, free of charge, to any person.\n"


def _audit(*arguments, path="") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, PACKAGING / "licences.py", sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run(
        [*map(str, command)], check=False, capture_output=True, encoding="utf-8", env=environment
    )


def _distribution(place: Path, name: str, licence: str, text: str) -> Path:
    """A made-up distribution under `place`, and a list that names it alone."""
    info = place / f"{name}-1.0.dist-info"
    (info / "licenses").mkdir(parents=True)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", licence]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "licenses" / "LICENSE").write_text(text)
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{info.name}/licenses/LICENSE,,\n")
    listed = place / "locked.txt"
    listed.write_text(f"{name}==1.0 \\\n    --hash=sha256:0\n")
    return listed


def test_what_is_shipped_may_be(tmp_path):
    notice, copyright_file = tmp_path / "THIRD-PARTY", tmp_path / "copyright"
    lists = [option for file in LOCKED for option in ("--locked", file)]
    answer = _audit(*lists, "--third-party", notice, "--copyright", copyright_file)
    assert (answer.returncode, answer.stderr) == (0, "")
    text = notice.read_text(encoding="utf-8")
    assert "PySide6_Essentials" in text
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    texts = [" ".join(each.split()) for each in re.split(r"-{78}\nText \d+\n-{78}\n", text)[1:]]
    assert len(texts) == len(set(texts)) > 50
    _check_debian(copyright_file.read_text(encoding="utf-8"))


def _check_debian(text: str) -> None:
    """Every licence that a paragraph of files names has one of its own, and nothing else is there."""
    fields = [paragraph.split("\n") for paragraph in text.strip().split("\n\n")]
    assert fields[0][0].startswith("Format: https://www.debian.org/")
    assert all(line[0] == " " or ":" in line for paragraph in fields for line in paragraph)
    told = {line.removeprefix("License: ") for [line, *_] in fields if line.startswith("License: ")}
    used = {
        name
        for paragraph in fields
        if paragraph[0].startswith("Files: ")
        for line in paragraph
        if line.startswith("License: ")
        for name in line.removeprefix("License: ").split(" and ")
    }
    assert used == told


@pytest.mark.parametrize(
    ("licence", "text", "why"),
    [
        ("License-Expression: GPL-3.0-or-later", MIT, "GPL-3.0-or-later may not be shipped"),
        ("License-Expression: AGPL-3.0-only OR GPL-2.0-only", MIT, "may not be shipped"),
        ("License-Expression: MIT AND GPL-2.0-only", MIT, "may not be shipped"),
        ("License-Expression: LGPL-3.0-only", MIT, "may not be shipped"),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", MIT, "is not known"),
        ("License: Ask me", MIT, "is not known"),
        ("License-Expression: MIT", "Parts are under the GNU General Public License.", "name the GPL"),
        ("License-Expression: MIT", "", "carries no text"),
    ],
)
def test_what_may_not_be_shipped_is_refused(tmp_path, licence, text, why):
    listed = _distribution(tmp_path, "made-up", licence, text)
    answer = _audit("--locked", listed, "--third-party", tmp_path / "notice", path=tmp_path)
    assert answer.returncode == 1
    assert "made-up 1.0" in answer.stderr
    assert why in answer.stderr
    assert not (tmp_path / "notice").exists()


@pytest.mark.parametrize(
    "licence",
    [
        "License-Expression: MIT",
        "License-Expression: GPL-2.0-only OR MIT",
        "License: BSD",
        "Classifier: License :: OSI Approved :: Apache Software License",
    ],
)
def test_what_is_free_passes(tmp_path, licence):
    listed = _distribution(tmp_path, "made-up", licence, MIT)
    answer = _audit("--locked", listed, "--third-party", tmp_path / "notice", path=tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "made-up 1.0: " in (tmp_path / "notice").read_text(encoding="utf-8")


def test_a_library_under_the_gpl_in_the_frozen_application_is_refused(tmp_path):
    listed = _distribution(tmp_path / "site", "made-up", "License-Expression: MIT", MIT)
    tree = tmp_path / "tree"
    (tree / "_internal").mkdir(parents=True)
    (tree / "_internal" / "libreadline.so.8").touch()
    answer = _audit("--locked", listed, "--tree", tree, path=tmp_path / "site")
    assert answer.returncode == 1
    assert "libreadline.so.8 is under the GPL" in answer.stderr


def test_a_directory_of_packages_is_audited_by_itself(tmp_path):
    _distribution(tmp_path / "site", "made-up", "License-Expression: MIT", MIT)
    _distribution(tmp_path / "elsewhere", "unseen", "License-Expression: GPL-3.0-only", MIT)
    answer = _audit("--site", tmp_path / "site", path=tmp_path / "elsewhere")
    assert (answer.returncode, answer.stdout) == (0, "1 distributions, all of them may be shipped.\n")
    _distribution(tmp_path / "site", "setuptools", "License-Expression: GPL-3.0-only", MIT)
    answer = _audit("--site", tmp_path / "site", path=tmp_path)
    assert answer.returncode == 1
    assert "setuptools 1.0: GPL-3.0-only may not be shipped." in answer.stderr
