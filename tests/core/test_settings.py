"""Settings on disk, homes, private directories, replacing a file as a whole."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from findling.errors import SettingsError
from findling.settings import (
    HOME_VARIABLE,
    Home,
    Settings,
    private_directory,
    switch_telemetry_off,
    write_atomically,
)

if TYPE_CHECKING:
    from findling.models import InstalledModel


def store(home: Home, text: str) -> None:
    private_directory(home.config)
    home.settings_file.write_text(text, encoding="utf-8")


def test_without_a_file_everything_has_its_default(home: Home) -> None:
    assert Settings.load(home) == Settings(home)
    assert not home.settings_file.exists()


def test_only_what_differs_is_written_and_comes_back(home: Home) -> None:
    changed = Settings(home, theme="dark", parse_limit_seconds=5.5, embedder_threads=3)
    changed.save()
    assert json.loads(home.settings_file.read_text()) == {
        "parse_limit_seconds": 5.5,
        "embedder_threads": 3,
        "theme": "dark",
    }
    assert Settings.load(home) == changed
    Settings(home).save()
    assert json.loads(home.settings_file.read_text()) == {}


def test_the_file_and_its_directories_are_the_persons_own(home: Home) -> None:
    Settings(home).save()
    assert home.settings_file.stat().st_mode & 0o777 == 0o600
    for directory in (home.config, home.config.parent):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_a_whole_number_may_stand_for_seconds(home: Home) -> None:
    store(home, '{"parse_limit_seconds": 5}')
    assert Settings.load(home).parse_limit_seconds == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Cannot read the settings"),
        ('["theme"]', "not a JSON object"),
        ('{"them": "dark"}', "Did you mean 'theme'?"),
        ('{"xyz": 1}', "Known: model, "),
        ('{"home": "/"}', "Unknown setting 'home'"),
        ('{"theme": 1}', "Give a str"),
        ('{"keep_up_to_date": 1}', "Give a bool"),
        ('{"theme": "pink"}', "Give one of: system, light, dark"),
        ('{"embedder_provider": "GPU"}', "Give one of: auto, CPU, CUDA"),
        ('{"embedder_threads": "2"}', "Give a int"),
        ('{"embedder_threads": true}', "Give a int"),
        ('{"embedder_threads": 1.5}', "Give a int"),
        ('{"embedder_threads": -1}', "Give 0 to 1,024"),
        ('{"parse_limit_seconds": 0}', "Give 0.01 to 1,000,000"),
        ('{"parse_limit_seconds": "1"}', "Give a float"),
        ('{"parse_limit_seconds": null}', "Give a float"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_place(home: Home, text: str, words: str) -> None:
    store(home, text)
    with pytest.raises(SettingsError) as caught:
        Settings.load(home)
    assert words in str(caught.value)
    assert str(home.settings_file) in str(caught.value)


def test_settings_cross_to_a_child_process(home: Home) -> None:
    settings = Settings(home, theme="light", file_limit_mebibytes=3)
    assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_every_setting_explains_itself() -> None:
    for field in dataclasses.fields(Settings):
        if field.name != "home":
            assert field.metadata["help"]


def test_a_home_is_below_one_directory(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "h")
    places = [home.config, home.data, home.state, home.libraries, home.models, home.logs, home.settings_file]
    assert len(set(places)) == len(places)
    assert all(place.is_relative_to(tmp_path / "h") for place in places)
    assert not (tmp_path / "h").exists()


def test_the_home_follows_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "chosen"))
    assert Home.default() == Home.at(tmp_path / "chosen")
    monkeypatch.delenv(HOME_VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    default = Home.default()
    assert default.data == tmp_path / "xdg_data_home" / "findling"
    assert len({default.config, default.data, default.state}) == 3


def test_a_tilde_and_a_relative_place_are_resolved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home.at(Path("~/f")).data == tmp_path / "f" / "data"
    assert Home.at(Path("f")).data == Path.cwd() / "f" / "data"


def test_private_directories_and_their_new_parents_are_for_the_person_alone(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    made = private_directory(shared / "a" / "b")
    assert made == shared / "a" / "b"
    assert [place.stat().st_mode & 0o777 for place in (made, made.parent, shared)] == [0o700, 0o700, 0o755]
    assert private_directory(made) == made


def test_a_directory_that_cannot_be_made_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SettingsError, match=HOME_VARIABLE):
            private_directory(place)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, "old ✓")
    assert path.read_text(encoding="utf-8") == "old ✓"
    assert path.stat().st_mode & 0o777 == 0o600

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old ✓"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_telemetry_is_off_unless_the_person_chose_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    switch_telemetry_off()
    assert os.environ["DO_NOT_TRACK"] == os.environ["HF_HUB_OFFLINE"] == "1"
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"


@pytest.mark.parametrize(
    "program",
    ["from findling.settings import switch_telemetry_off as off; off()", "import findling.embedding"],
)
def test_the_runtime_keeps_no_record_of_its_own(
    installed_model: InstalledModel, tmp_path: Path, program: str
) -> None:
    """It goes by this switch alone, and where it is not set writes into the person's cache, and looks up a
    server some seconds later."""
    code = (
        f"import sys; {program}; "
        "import onnxruntime; onnxruntime.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    command = [sys.executable, "-c", code, str(installed_model.graph)]
    subprocess.run(command, env=environment | {"HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []
