"""The file that the training component is shipped as."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from findling import __version__
from findling.component import State
from findling.component.file import ComponentFile
from findling.component.installing import install
from findling.component.place import this_platform, this_python

ROOT = Path(__file__).resolve().parents[2]
WRITE = """
import json, pathlib, sys
sys.path.insert(0, "packaging")
import component
site, target, about = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), json.loads(sys.argv[3])
names = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
files = {name: names[name] for name in sorted(names) if component.is_wanted(name)}
about["bytes"] = sum(len(component.content_of(name, files)) for name in files)
component.write(target, {"format": component.FORMAT, "version": component.FORMAT_VERSION, **about}, files)
"""


def test_what_is_written_is_the_same_each_time_and_can_be_installed(tmp_path, home, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    site = tmp_path / "site"
    for name in (
        "torch/__init__.py",
        "torch/bin/torch_shm_manager",
        "torch/bin/protoc",
        "torch/include/ATen/ATen.h",
        "torch/lib/libtorch.so",
        "torch/lib/libdnnl.a",
        "torch/testing/__init__.py",
        "sympy/core/tests/test_basic.py",
        "sympy/core/__pycache__/basic.cpython-311.pyc",
        "torch-2.0.dist-info/METADATA",
        "bin/torchrun",
    ):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    record = "torch/bin/protoc,sha256=a,1\ntorch/__init__.py,sha256=b,2\n../../bin/torchrun,sha256=c,3\n"
    (site / "torch-2.0.dist-info" / "RECORD").write_text(record)
    about = {"findling": __version__, "python": this_python(), "platform": this_platform(), "packages": {}}
    files = [tmp_path / "one.zip", tmp_path / "two.zip"]
    for file in files:
        command = [sys.executable, "-c", WRITE, str(site), str(file), json.dumps(about)]
        subprocess.run(command, cwd=ROOT, check=True)
    assert files[0].read_bytes() == files[1].read_bytes()
    with ComponentFile(files[0]) as opened:
        names = [entry.filename for entry in opened.entries]
    assert names == [
        "torch-2.0.dist-info/METADATA",
        "torch-2.0.dist-info/RECORD",
        "torch/__init__.py",
        "torch/bin/torch_shm_manager",
        "torch/lib/libtorch.so",
        "torch/testing/__init__.py",
    ]
    assert install(str(files[0]), home).state is State.READY
    place = home.components / "training"
    assert (place / "torch-2.0.dist-info" / "RECORD").read_text() == "torch/__init__.py,sha256=b,2\n"
    assert (place / "torch" / "bin" / "torch_shm_manager").stat().st_mode & 0o777 == 0o700
    assert (place / "torch" / "__init__.py").stat().st_mode & 0o777 == 0o600
