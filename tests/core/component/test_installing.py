"""A component from a file: in place whole or not at all, resumed, and found by Python."""

from __future__ import annotations

import importlib
import shutil
import stat
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from findling.component import State, activate, remove, status, tune_command
from findling.component.file import ComponentFile
from findling.component.installing import install, start_install
from findling.component.place import directory_of, partial_of, replaced_of
from findling.errors import Cancelled, DiskFull, UserError
from findling.jobs import CancelToken, ChildJob, Progress

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeComponent

    from findling.settings import Home


def unpacked(home: Home) -> list[str]:
    """What stands in place of the component."""
    place = directory_of(home)
    return sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())


def refused(home: Home, file: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        install(str(file), home)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.hint
    return caught.value


def stop_early(home: Home, file: Path) -> None:
    """Begin to install, and stop behind the first file."""
    token = CancelToken()

    def report(progress: Progress) -> None:
        if progress.phase == "unpacking":
            token.cancel()

    with pytest.raises(Cancelled):
        install(str(file), home, report=report, cancel=token)


def test_a_component_is_found_by_this_process_and_by_those_it_spawns(
    home: Home, make_component: MakeComponent
) -> None:
    assert status(home).state is State.ABSENT
    assert not activate(home)
    steps: list[Progress] = []
    found = install(str(make_component()), home, report=steps.append)
    assert found == status(home)
    assert (found.state, found.why, found.unfinished_bytes) == (State.READY, "", 0)
    assert found.manifest is not None
    assert found.manifest.packages == {"torch": "9.9"}
    assert found.size_bytes > found.manifest.bytes > 3_000_000
    assert (steps[-1].phase, steps[-1].done) == ("unpacked", found.manifest.bytes)
    assert [path.name for path in home.components.iterdir() if not path.name.endswith(".lock")] == [
        "training"
    ]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in directory_of(home).rglob("*") if path.is_file()}
    assert modes == {0o600}

    assert activate(home)
    assert activate(home)
    assert sys.path[-1] == str(directory_of(home))
    assert sys.path.count(str(directory_of(home))) == 1
    assert importlib.import_module("made_up_torch").VERSION == "9.9"
    with ChildJob("made_up_torch.work:run", {}, log=home.state / "child.log") as job:
        assert job.result() == "9.9"


def test_what_is_installed_otherwise_counts(home: Home, make_component: MakeComponent) -> None:
    install(str(make_component(files={"click/__init__.py": b"raise RuntimeError"})), home)
    activate(home)
    importlib.reload(importlib.import_module("click"))


def test_it_installs_as_a_job(home: Home, make_component: MakeComponent) -> None:
    with start_install(home, str(make_component())) as job:
        assert job.result()["state"] == "ready"
    assert activate(home)


def test_it_goes_on_where_it_was_stopped(
    home: Home, make_component: MakeComponent, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make_component()
    stop_early(home, file)
    assert not directory_of(home).exists()
    left = status(home)
    assert (left.state, left.unfinished_bytes > 0) == (State.ABSENT, True)
    read: list[str] = []
    blocks = ComponentFile.blocks

    def noted(self: ComponentFile, entry: zipfile.ZipInfo) -> Any:
        read.append(entry.filename)
        return blocks(self, entry)

    monkeypatch.setattr(ComponentFile, "blocks", noted)
    assert install(str(file), home).state is State.READY
    assert read == ["made_up_torch/large.bin", "made_up_torch/work.py"]


def test_what_was_damaged_meanwhile_is_unpacked_anew(home: Home, make_component: MakeComponent) -> None:
    file = make_component()
    stop_early(home, file)
    there = partial_of(home) / "made_up_torch" / "__init__.py"
    there.write_bytes(b"#" * there.stat().st_size)
    install(str(file), home)
    assert b"VERSION" in (directory_of(home) / "made_up_torch" / "__init__.py").read_bytes()


def test_nothing_of_another_component_is_mixed_in(home: Home, make_component: MakeComponent) -> None:
    stop_early(home, make_component())
    other = make_component("other.zip", {"other.py": b"pass"}, packages={"torch": "10"})
    install(str(other), home)
    assert unpacked(home) == ["component.json", "other.py"]


def test_the_old_one_is_replaced_at_the_end(home: Home, make_component: MakeComponent) -> None:
    install(str(make_component()), home)
    other = make_component("other.zip", {"other.py": b"pass"})
    stop_early(home, other)
    assert "made_up_torch/work.py" in unpacked(home)
    install(str(other), home)
    assert unpacked(home) == ["component.json", "other.py"]
    assert not replaced_of(home).exists()


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"python": "cp399"}, "the Python cp399"),
        ({"platform": "win_amd64"}, "the platform win_amd64"),
        ({"findling": "99.0"}, "the Findling 99.0"),
    ],
)
def test_one_for_another_program_is_refused(
    home: Home, make_component: MakeComponent, about: dict[str, str], why: str
) -> None:
    assert why in refused(home, make_component(**about)).message
    assert [path.name for path in home.components.iterdir()] == [".training.lock"]


@pytest.mark.parametrize(
    "about", [{"format": "zip"}, {"version": 2}, {"bytes": "many"}, {"packages": None}, {"bytes": 5}]
)
def test_a_manifest_that_is_none_is_refused(
    home: Home, make_component: MakeComponent, about: dict[str, Any]
) -> None:
    refused(home, make_component(**about))
    assert status(home).state is State.ABSENT


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "a\\evil.py", "c:evil.py", "a//b.py", "a./b.py"]
)
def test_names_that_lead_out_are_refused(home: Home, make_component: MakeComponent, name: str) -> None:
    refused(home, make_component(entries=((zipfile.ZipInfo(name), b"evil"),)))
    assert not list(home.components.parent.parent.parent.rglob("evil.py"))


def test_links_and_files_that_are_there_twice_are_refused(home: Home, make_component: MakeComponent) -> None:
    link = zipfile.ZipInfo("made_up_torch/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "link" in refused(home, make_component(entries=((link, b"/etc/passwd"),))).message
    twice = zipfile.ZipInfo("Made_up_torch/Work.py")
    assert "twice" in refused(home, make_component(entries=((twice, b""),))).message


def test_what_is_no_component_is_refused(home: Home, make_component: MakeComponent, tmp_path: Path) -> None:
    cut = make_component()
    cut.write_bytes(cut.read_bytes()[:-500])
    text = tmp_path / "text.zip"
    text.write_text("no zip")
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("torch/__init__.py", "")
    for file in (cut, text, plain):
        assert "is no training component" in refused(home, file).message
    assert "cannot be read" in refused(home, tmp_path / "absent.zip").message


def test_altered_bytes_are_found(home: Home, make_component: MakeComponent) -> None:
    file = make_component()
    content = bytearray(file.read_bytes())
    place = content.index(b"made_up_torch/large.bin") + 100
    content[place] ^= 0xFF
    file.write_bytes(content)
    assert "is damaged" in refused(home, file).message
    assert not directory_of(home).exists()


def test_too_little_room_is_told_before_anything_is_written(
    home: Home, make_component: MakeComponent, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(home.data.parent.parent)._replace(free=5_000_000)
    monkeypatch.setattr("findling.component.installing.shutil.disk_usage", lambda _: usage)
    with pytest.raises(DiskFull, match=r"needs 70\.3 MB .* 5\.0 MB are free"):
        install(str(make_component()), home)
    assert not partial_of(home).exists()


def test_it_is_removed_with_what_was_left_unfinished(home: Home, make_component: MakeComponent) -> None:
    assert remove(home) == 0
    install(str(make_component()), home)
    activate(home)
    partial_of(home).mkdir()
    (partial_of(home) / "rest").write_bytes(b"x" * 1000)
    assert remove(home) > 3_000_000
    assert [path.name for path in home.components.iterdir()] == [".training.lock"]
    assert str(directory_of(home)) not in sys.path
    assert status(home).state is State.ABSENT


def test_one_at_a_time(home: Home, make_component: MakeComponent) -> None:
    home.components.mkdir(parents=True)
    with FileLock(home.components / ".training.lock"):
        assert "already" in refused(home, make_component()).message
        with pytest.raises(UserError, match="already"):
            remove(home)


def test_one_that_fits_no_more_is_told_and_not_used(
    home: Home, make_component: MakeComponent, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(str(make_component()), home)
    monkeypatch.setattr("findling.component.place.__version__", "99.0")
    found = status(home)
    assert (found.state, "99.0" in found.why) == (State.UNFIT, True)
    assert not activate(home)
    (directory_of(home) / "component.json").write_text("{")
    assert status(home).why.startswith("it has no")
    assert not activate(home)


def test_the_hint_says_what_can_be_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tune_command() == "pip install 'findling[tune]'"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert tune_command() == "findling component install FILE"
