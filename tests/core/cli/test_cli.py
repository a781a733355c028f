"""The command line's contract: shapes of JSON, exit codes, one-line errors."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import findling as package
from findling.models import BUILTIN_EMBEDDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Any]


def test_index_search_status_files(findling: Run, folder: Path) -> None:
    indexed = findling("index", folder, "--json").json
    assert indexed["files"] == {"indexed": 2, "skipped": 1, "failed": 1}
    assert indexed["embedded"] == 2

    hits = findling("search", "songs of the sea", "--json").json
    assert set(hits[0]) >= {"path", "title", "score", "snippet", "highlights", "anchor", "passage_id"}
    assert hits[0]["path"] == str(folder / "whales.md")
    assert hits[0]["title"] == "Whales"
    assert hits[0]["anchor"]["headings"] == ["Whales"]
    assert isinstance(hits[0]["score"], float)
    marked = findling("search", "whales", "--json", "--mode", "keyword").json[0]
    assert [marked["snippet"][a:b] for a, b in marked["highlights"]] == ["Whales", "whales"]

    status = findling("status", "--json").json
    assert status["library"] == "default"
    assert status["files"] == {"indexed": 2, "skipped": 1, "failed": 1}
    assert (status["passages"], status["embedded_last_run"]) == (2, 2)
    assert (status["model"], status["provider"]) == ("all-minilm-l6-v2", "CPU")
    assert status["precision"] in ("fp32", "int8", "bf16")
    assert f"all-minilm-l6-v2 on CPU, {status['precision']}" in findling("status").out

    rows = findling("files", "--json").json
    assert [set(row) for row in rows] == [{"path", "kind", "state", "reason", "passages"}] * 4
    assert all(bool(row["reason"]) == (row["state"] != "indexed") for row in rows)
    failed = findling("files", "--state", "failed", "--json").json
    assert [Path(row["path"]).name for row in failed] == ["broken.pdf"]


def test_the_same_for_a_person(findling: Run, folder: Path) -> None:
    first = findling("index", folder)
    assert first.code == 0
    assert "2 indexed, 1 skipped, 1 failed" in first.out
    assert "nothing was embedded" in findling("index").out
    found = findling("search", "blue whales", "-n", 1)
    assert "Whales" in found.out
    assert str(folder / "whales.md") in found.out.replace("\n", "")
    assert "Nothing found" in findling("search", "zyzzyva", "--mode", "keyword").out
    assert "2 indexed" in findling("status").out
    assert "broken.pdf" in findling("files", "--state", "failed").out


def test_limit_and_library(findling: Run, folder: Path) -> None:
    findling("index", folder, "--library", "sea")
    assert len(findling("search", "whales", "--library", "sea", "-n", 1, "--json").json) == 1
    missing = findling("search", "whales")
    assert missing.code == 1
    assert missing.err.startswith("findling: There is no library 'default'.")
    assert "sea" in missing.err


def test_several_libraries_at_once(findling: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "lion.txt").write_text("Lions sleep in the shade for most of the day.")
    findling("index", folder, "--library", "papers")
    findling("index", tmp_path / "zoo", "--library", "zoo")
    both = ("--library", "papers", "--library", "zoo")
    hits = findling("search", "lions in the shade", *both, "--json").json
    assert [hit["library"] for hit in hits] == ["zoo", "papers", "papers"]
    assert findling("search", "lions in the shade", "--all-libraries", "--json").json == hits
    assert "zoo: lion.txt" in findling("search", "lions", *both).out
    assert "zoo: " not in findling("search", "lions", "--library", "zoo").out

    partly = findling("search", "lions", *both, "--library", "gone", "--json")
    assert (partly.code, len(partly.json)) == (0, 3)
    assert json.loads(partly.err)["error"] == "gone was not searched: There is no library 'gone'."
    partly = findling("search", "lions", *both, "--library", "gone")
    assert partly.err.startswith("findling: gone was not searched: There is no library 'gone'. Make it")
    nothing = findling("search", "lions", "--library", "gone", "--library", "lost")
    assert (nothing.code, nothing.out) == (1, "")
    assert nothing.err.startswith("findling: There is no library 'gone'.")
    assert findling("search", "lions", *both, "--all-libraries").code == 2


def test_options_are_taken_before_and_after_the_verb(findling: Run, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    assert findling("--home", elsewhere, "--json", "models", "list").json[0]["state"] == "built in"
    assert findling("models", "list", "--json", "--home", elsewhere).json[0]["state"] == "built in"
    assert findling("models", "list", "--json").json[0]["state"] == "installed"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Usage"),
        (("serach", "x"), 2, "No such command 'serach'"),
        (("search",), 2, "Missing argument"),
        (("search", "x", "--mode", "fuzzy"), 2, "fuzzy"),
        (("search", "x", "-n", "0"), 2, "-n"),
        (("index", "does-not-exist"), 2, "does-not-exist"),
        (("index",), 1, "has no folder yet"),
        (("index", ".", "--library", "../x"), 1, "cannot be a library's name"),
        (("models", "show", "gpt-17"), 1, "No model 'gpt-17' is installed"),
        (("models", "remove", "gpt-17"), 1, "No model 'gpt-17' is installed"),
        (("models", "add", "gpt-17"), 1, "neither a directory nor a built-in model"),
        (("models", "export", "gpt-17"), 1, "neither a directory, a GGUF file nor a built-in model"),
    ],
)
def test_errors_say_what_and_where(
    findling: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    outcome = findling(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_errors_in_json_and_under_debug(findling: Run) -> None:
    outcome = findling("status", "--json")
    assert outcome.code == 1
    assert set(json.loads(outcome.err)) == {"error", "hint"}
    assert "Traceback" in findling("status", "--debug").err


def test_bug_is_one_line_unless_debugged(findling: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("wires crossed")

    monkeypatch.setattr("findling.models.InstalledModels.list", broken)
    outcome = findling("models", "list")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert "wires crossed" in outcome.err
    with pytest.raises(RuntimeError):
        findling("models", "list", "--debug")


def test_interrupt_is_130(findling: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("findling.models.InstalledModels.list", interrupted)
    assert findling("models", "list").code == 130


def test_settings_mistakes_are_explained(findling: Run, home_directory: Path) -> None:
    (home_directory / "config").mkdir()
    (home_directory / "config" / "settings.json").write_text('{"modell": "x"}')
    outcome = findling("status")
    assert outcome.code == 1
    assert "Did you mean 'model'?" in outcome.err


def test_models_are_added_shown_and_removed(findling: Run, folder: Path) -> None:
    source = BUILTIN_EMBEDDERS["all-minilm-l6-v2"].weights()
    added = findling("models", "add", source, "--id", "mine", "--json").json
    assert (added["id"], added["dim"], added["max_tokens"]) == ("mine", 384, 256)
    shown = findling("models", "show", "mine", "--json").json
    assert (
        shown["fingerprint"] == findling("models", "show", "all-minilm-l6-v2", "--json").json["fingerprint"]
    )
    listed = {row["id"]: row["state"] for row in findling("models", "list", "--json").json}
    assert listed == {"mine": "installed", "all-minilm-l6-v2": "installed", "smollm2-135m": "built in"}
    unmade = findling("index", folder, "--model", "smollm2-135m")
    assert (unmade.code, "models export smollm2-135m" in unmade.err) == (1, True)
    assert "mine" in findling("models", "list").out
    assert findling("models", "remove", "mine").code == 0
    findling("index", folder)
    refused = findling("models", "remove", "all-minilm-l6-v2")
    assert refused.code == 1
    assert "in use by: default" in refused.err


def test_doctor_tells_the_truth_about_providers(findling: Run) -> None:
    report = findling("doctor", "--json").json
    assert report["findling"] == package.__version__
    assert report["provider"] == "CPU"
    assert any("CUDA" in problem for problem in report["provider_problems"])
    assert report["versions"]["lancedb"]
    assert report["models"] == [
        {"id": "all-minilm-l6-v2", "kind": "embedder", "state": "whole"},
        {"id": "smollm2-135m", "kind": "generator", "state": "built in"},
    ]
    assert report["disk_free_bytes"] > 0
    assert "Runs on    CPU" in findling("doctor").out


def test_damaged_model_is_named_by_doctor(findling: Run, home_directory: Path) -> None:
    graph = home_directory / "data" / "models" / "all-minilm-l6-v2" / "model.onnx"
    cut_off = graph.read_bytes()[:1000]
    graph.unlink()  # a link to what all tests share
    graph.write_bytes(cut_off)
    assert "not as it was installed" in findling("doctor").out


def test_calibration_is_shown(findling: Run, home_directory: Path) -> None:
    shutil.rmtree(home_directory / "state" / "calibration")
    assert findling("models", "show", "all-minilm-l6-v2", "--json").json["calibration"] is None
    found = findling("models", "calibrate", "--json").json
    assert {figure["precision"] for figure in found["figures"]} >= {"fp32", "int8"}
    assert findling("models", "show", "all-minilm-l6-v2", "--json").json["calibration"]["threads"] >= 1
    assert "passages/s" in findling("models", "calibrate", "all-minilm-l6-v2").out


def test_catalogue_is_listed_and_a_wrong_id_is_explained(findling: Run) -> None:
    rows = findling("models", "list", "--catalogue", "--json").json
    assert all(row["licence"] and row["size_bytes"] > 0 for row in rows)
    assert "multilingual-e5-small" in findling("models", "list", "--catalogue").out
    outcome = findling("models", "download", "multilingual-e5-smal")
    assert outcome.code == 1
    assert "Did you mean" in outcome.err


def test_download_without_a_network_is_one_line(findling: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:  # bound and not listening: refused at once
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{unused.getsockname()[1]}")
        outcome = findling("models", "download", "multilingual-e5-small")
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert "127.0.0.1" in outcome.err
