"""Downloads from a hub on loopback: whole, resumed, verified, refused, cancelled; from nowhere else."""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from findling.errors import Cancelled, DownloadError, JobFailed
from findling.jobs import CancelToken, Progress
from findling.library.keeping_models import start_bringing
from findling.models import download as download_module
from findling.models.catalogue import CatalogueFile, catalogue_entry, unlisted
from findling.models.download import Downloaded, discard_partial, download
from findling.models.hub import Hub
from findling.models.partial import Part, alone
from findling.settings import Home, Settings, switch_telemetry_off

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import LocalHub

    StartHub = Callable[..., LocalHub]

ENTRY = unlisted("publisher/tiny")
WEIGHTS = "model.safetensors"
SIZE = 3_000_000
CUT = 1_000_000


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail what looks beyond this machine; and no setting of the person who runs the tests counts."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1"), address
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    for name in ("HF_TOKEN", "HF_ENDPOINT", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def files() -> dict[str, bytes]:
    """A small model's repository."""
    return {
        "config.json": b'{"model_type": "tiny"}',
        "tokenizer.json": b"{}",
        WEIGHTS: random.Random(0).randbytes(SIZE),
        "1_Pooling/config.json": b"",
        "onnx/model.onnx": b"not wanted",
        "pytorch_model.bin": b"not wanted: there is another",
    }


@pytest.fixture
def hub(start_hub: StartHub, files: dict[str, bytes]) -> LocalHub:
    """A hub that has it."""
    return start_hub(files=files)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where it is to be."""
    return tmp_path / "models" / "tiny"


def part_of(target: Path, name: str = WEIGHTS) -> Path:
    return next(target.with_name(f".{target.name}.partial").glob(f"{name}.*.part"))


def get(hub: LocalHub, target: Path, **options: Any) -> Path:
    return download(options.pop("entry", ENTRY), target, endpoint=hub.endpoint, **options)


def refused(hub: LocalHub, target: Path, **options: Any) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        get(hub, target, **options)
    assert not target.exists()
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


def test_a_model_is_fetched_whole_while_the_process_is_offline(
    hub: LocalHub, target: Path, files: dict[str, bytes]
) -> None:
    switch_telemetry_off()
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    steps: list[Progress] = []
    assert get(hub, target, report=steps.append) == target
    wanted = {"config.json", "tokenizer.json", WEIGHTS, "1_Pooling/config.json"}
    found = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
    assert set(found) == wanted | {"download.json"}
    assert all(found[name].read_bytes() == files[name] for name in wanted)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in found.values())
    assert [path.name for path in target.parent.iterdir()] == ["tiny"]
    told = Downloaded.load(target)
    assert told is not None
    assert (told.repo, told.revision, told.commit) == ("publisher/tiny", "main", hub.commit)
    assert told.files[WEIGHTS] == (SIZE, hub.digest(WEIGHTS))
    total = sum(len(files[name]) for name in wanted)
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert (steps[-1].done, steps[-1].total, steps[-1].unit) == (total, total, "bytes")
    for seen in hub.seen:
        assert seen.headers["User-Agent"].startswith("findling/")
        assert "Authorization" not in seen.headers


def test_what_is_there_is_not_fetched_again(hub: LocalHub, target: Path) -> None:
    get(hub, target)
    hub.seen.clear()
    assert get(hub, target) == target
    assert hub.seen == []


def test_a_target_that_is_something_else_is_left_alone(hub: LocalHub, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "thesis.txt").write_text("mine")
    with pytest.raises(DownloadError, match="there already"):
        get(hub, target)
    assert (target / "thesis.txt").read_text() == "mine"
    assert hub.seen == []


def test_a_damaged_download_is_not_taken_for_a_whole_one(hub: LocalHub, target: Path) -> None:
    get(hub, target)
    os.truncate(target / WEIGHTS, 10)
    with pytest.raises(DownloadError, match="there already"):
        get(hub, target)


def test_a_cut_connection_is_taken_up_where_it_broke(hub: LocalHub, target: Path) -> None:
    hub.cuts[WEIGHTS] = [CUT, CUT]
    get(hub, target)
    assert [seen.headers.get("Range") for seen in hub.of(WEIGHTS)] == [
        None,
        f"bytes={CUT}-",
        f"bytes={2 * CUT}-",
    ]
    assert hub.sent[WEIGHTS] == SIZE
    assert (target / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_server_that_goes_on_failing_is_given_up_and_resumed_by_the_next_call(
    hub: LocalHub, target: Path
) -> None:
    hub.cuts[WEIGHTS] = [CUT, 0, 0, 0]
    error = refused(hub, target)
    assert "connection" in error.message or "body" in error.message
    assert "go on" in error.hint
    assert part_of(target).stat().st_size == CUT
    steps: list[Progress] = []
    get(hub, target, report=steps.append)
    assert hub.of(WEIGHTS)[-1].headers["Range"] == f"bytes={CUT}-"
    assert hub.sent[WEIGHTS] == SIZE
    assert len(hub.of("config.json")) == 1
    assert "checking" in {step.phase for step in steps}


def test_a_passing_failure_is_tried_again(hub: LocalHub, target: Path) -> None:
    hub.answers["/resolve/"] = [(503, {}), (429, {})]
    get(hub, target)
    hub.answers["/resolve/"] = [(503, {})] * 9
    error = refused(hub, target.with_name("other"))
    assert "503" in error.message


def test_a_server_without_ranges_begins_anew(hub: LocalHub, target: Path) -> None:
    hub.ranges = False
    hub.cuts[WEIGHTS] = [CUT]
    steps: list[Progress] = []
    get(hub, target, report=steps.append)
    assert hub.sent[WEIGHTS] == CUT + SIZE
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert (target / WEIGHTS).read_bytes() == hub.files[WEIGHTS]


def test_a_killed_process_is_resumed(
    start_hub: StartHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = catalogue_entry("qwen3-0.6b")
    name = entry.files[0].name
    hub = start_hub(repo=entry.repo, files={name: random.Random(1).randbytes(SIZE)})
    hub.stalls[name] = CUT
    settings = Settings(Home.at(tmp_path))
    target = settings.home.downloads / entry.id
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    with start_bringing(settings, entry.id, fetched=True, ready=False) as job:
        deadline = time.monotonic() + 15
        while not (list(tmp_path.rglob("*.part")) and part_of(target, name).stat().st_size > CUT // 2):
            assert time.monotonic() < deadline
            assert not job.wait(0.01), job.error
        os.kill(job.process_id, signal.SIGKILL)
        with pytest.raises(JobFailed):
            job.result()
    assert not target.exists()
    kept = part_of(target, name).stat().st_size
    hub.stalls.clear()
    get(hub, target, entry=entry)
    assert hub.of(name)[-1].headers["Range"] == f"bytes={kept}-"
    assert (target / name).read_bytes() == hub.files[name]


@pytest.mark.parametrize("name", [WEIGHTS, "config.json"])
def test_a_file_with_a_wrong_checksum_is_refused_and_removed(hub: LocalHub, target: Path, name: str) -> None:
    content = hub.files[name]
    hub.altered[name] = content[:-1] + bytes([content[-1] ^ 1])
    error = refused(hub, target)
    assert "checksum" in error.message
    assert name in error.message
    partial = target.with_name(".tiny.partial")
    assert list(partial.glob(f"{name}*")) == []
    hub.altered.clear()
    get(hub, target)


def test_more_bytes_than_were_announced_are_refused(hub: LocalHub, target: Path) -> None:
    hub.altered[WEIGHTS] = hub.files[WEIGHTS] + b"more"
    assert "sends more of model.safetensors than its 3,000,000 bytes" in refused(hub, target).message


def test_what_was_damaged_on_the_disk_is_fetched_anew(hub: LocalHub, target: Path) -> None:
    hub.answers[WEIGHTS] = [(403, {})]
    refused(hub, target)
    partial = target.with_name(".tiny.partial")
    (partial / "config.json").write_bytes(b"x" * len(hub.files["config.json"]))
    (partial / "tokenizer.json").write_bytes(b"")
    part_of(target).write_bytes(b"x" * SIZE)
    get(hub, target)
    assert (target / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert (target / "config.json").read_bytes() == hub.files["config.json"]


def test_a_file_other_than_the_catalogue_knows_is_refused_unfetched(hub: LocalHub, target: Path) -> None:
    known = CatalogueFile(WEIGHTS, sha256=hub.digest(WEIGHTS))
    refusal = refused(hub, target, entry=replace(ENTRY, files=(replace(known, sha256="0" * 64),)))
    assert "catalogue" in refusal.message
    assert hub.of(WEIGHTS) == []
    get(hub, target, entry=replace(ENTRY, files=(known,)))


def test_bytes_of_another_commit_are_not_mixed_in(hub: LocalHub, target: Path) -> None:
    hub.cuts[WEIGHTS] = [CUT, 0, 0, 0]
    refused(hub, target)
    hub.commit = "d" * 40
    hub.files[WEIGHTS] = hub.files[WEIGHTS][::-1]
    hub.files["config.json"] += b"\n"
    get(hub, target)
    assert hub.of(WEIGHTS)[-1].headers.get("Range") is None
    assert (target / WEIGHTS).read_bytes() == hub.files[WEIGHTS]
    assert not list(target.rglob("*.part"))


def test_too_little_space_is_told_before_anything_is_fetched(
    hub: LocalHub, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(target.parent.parent)._replace(free=2_000_000)
    monkeypatch.setattr(download_module.shutil, "disk_usage", lambda _: usage)
    error = refused(hub, target)
    assert "70.1 MB" in error.message  # three and the 64 MiB left for others
    assert "2.0 MB" in error.message
    assert hub.of(WEIGHTS) == []


def test_a_disk_that_fills_up_keeps_what_came(
    hub: LocalHub, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > CUT:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    def open_full(part: Part) -> None:
        part._stream = Full(part._path, "r+")

    with monkeypatch.context() as full:
        full.setattr(Part, "open", open_full)
        error = refused(hub, target)
    assert "full" in error.message
    assert "GB are free" in error.message or "MB are free" in error.message
    kept = part_of(target).stat().st_size
    assert 0 < kept <= CUT
    get(hub, target)
    assert hub.of(WEIGHTS)[-1].headers["Range"] == f"bytes={kept}-"


def test_a_file_system_that_takes_no_large_files_is_told_and_xet_is_not_needed(
    hub: LocalHub, target: Path
) -> None:
    script = f"""
import resource, sys
from pathlib import Path
from findling.errors import DownloadError
from findling.models.catalogue import unlisted
from findling.models.download import download
resource.setrlimit(resource.RLIMIT_FSIZE, ({CUT}, {CUT}))
try:
    download(unlisted("publisher/tiny"), Path({str(target)!r}), endpoint={hub.endpoint!r})
except DownloadError as error:
    print(error)
print("xet", "hf_xet" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    message, xet = ended.stdout.splitlines()
    assert message.startswith("Cannot write to")
    assert "large" in message
    assert xet == "xet False"
    assert not target.exists()
    assert part_of(target).stat().st_size == CUT


@pytest.mark.parametrize("where", ["listing", WEIGHTS])
def test_cancel_does_not_wait_for_a_silent_server(hub: LocalHub, target: Path, where: str) -> None:
    hub.stalls[where] = CUT
    cancel = CancelToken()
    asked: list[float] = []

    def ask() -> None:
        hub.stalled.wait()
        asked.append(time.monotonic())
        cancel.cancel()

    asker = threading.Thread(target=ask)
    asker.start()
    with pytest.raises(Cancelled):
        get(hub, target, cancel=cancel)
    assert time.monotonic() - asked[0] < 2
    asker.join()
    assert not target.exists()
    assert not list(target.parent.glob("*.lock"))
    hub.stalls.clear()
    get(hub, target)


def test_cancel_between_two_pieces_keeps_them(hub: LocalHub, target: Path) -> None:
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.phase == "downloading":
            cancel.cancel()

    with pytest.raises(Cancelled):
        get(hub, target, cancel=cancel, report=stop)
    discard_partial(target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "code", "token", "say"),
    [
        (401, "GatedRepo", None, "no token was given"),
        (403, "GatedRepo", "hf_secret", "no access"),
        (403, "", "hf_secret", "no access"),
    ],
)
def test_a_gated_model_says_where_its_licence_is_accepted(
    hub: LocalHub, target: Path, status: int, code: str, token: str | None, say: str
) -> None:
    hub.answers[WEIGHTS] = [(status, {"X-Error-Code": code})]
    error = refused(hub, target, entry=replace(ENTRY, gated=True), token=token)
    assert say in error.message
    assert "https://huggingface.co/publisher/tiny" in error.hint
    assert "HF_TOKEN" in error.hint
    assert "hf_secret" not in str(error)


@pytest.mark.parametrize(
    ("where", "status", "headers", "say"),
    [
        ("/api/", 401, {}, "gives no access to publisher/tiny"),
        ("/api/", 404, {"X-Error-Code": "RepoNotFound"}, "has no publisher/tiny at 'main' (404)"),
        ("/api/", 404, {"X-Error-Code": "RevisionNotFound"}, "has no publisher/tiny at 'main' (404)"),
        ("/api/", 500, {}, "answers 500"),
        (WEIGHTS, 404, {"X-Error-Code": "EntryNotFound"}, WEIGHTS),
        (WEIGHTS, 206, {"Content-Range": "bytes 7-8/9"}, "another range"),
        (WEIGHTS, 206, {}, "cannot be understood"),
    ],
)
def test_a_refusal_is_one_line(
    hub: LocalHub, target: Path, where: str, status: int, headers: dict[str, str], say: str
) -> None:
    hub.answers[where] = [(status, headers)]
    assert say in refused(hub, target).message


def test_a_file_that_must_be_there_is_missed_before_anything_is_fetched(hub: LocalHub, target: Path) -> None:
    del hub.files["config.json"]
    assert "has no config.json" in refused(hub, target).message
    assert hub.of(WEIGHTS) == []


@pytest.mark.parametrize(
    "body", [b"<html>Welcome to the hotel's network</html>", b"[]", b'{"siblings": [{}]}']
)
def test_what_is_no_hub_is_said(hub: LocalHub, target: Path, body: bytes) -> None:
    hub.body = body
    assert "as a Hugging Face hub does" in refused(hub, target).message


@pytest.mark.parametrize("path", ["../model.safetensors", "/model.safetensors", "model-\\..\\x.safetensors"])
def test_a_file_outside_of_the_model_is_refused(hub: LocalHub, target: Path, path: str) -> None:
    hub.files[path] = b"payload"
    entry = replace(ENTRY, files=(CatalogueFile(path),))
    assert "outside" in refused(hub, target, entry=entry).message


def test_no_network_is_one_line(target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DownloadError, match=rf"^127\.0\.0\.1:{port} cannot be reached: .+ Check the network"):
        download(ENTRY, target, endpoint=f"http://127.0.0.1:{port}")
    with pytest.raises(DownloadError, match=r"^no-address cannot be reached"):
        download(ENTRY, target, endpoint="no-address")
    assert list(target.parent.iterdir()) == []


def test_endpoint_and_token_are_taken_from_the_environment(
    hub: LocalHub, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.endpoint}/")
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_environment")
    download(ENTRY, target)
    assert {seen.headers["Authorization"] for seen in hub.seen} == {"Bearer hf_of_the_environment"}


def test_a_token_goes_to_the_endpoint_and_not_to_its_storage(
    hub: LocalHub, start_hub: StartHub, files: dict[str, bytes], target: Path
) -> None:
    hub.storage = start_hub(files=files)
    hub.storage.cuts[WEIGHTS] = [CUT]
    hub.answers["/api/"] = [(307, {"Location": f"/api/models/{hub.repo}/revision/main"})]
    get(hub, target, token="hf_secret")
    assert {seen.headers.get("Authorization") for seen in hub.seen} == {"Bearer hf_secret"}
    assert len(hub.seen) > len(hub.storage.seen) == 2
    for seen in hub.storage.seen:
        assert "Authorization" not in seen.headers
        assert "hf_secret" not in str(seen)
    assert hub.storage.sent[WEIGHTS] == SIZE


def test_storage_that_refuses_is_not_taken_for_a_gate(
    hub: LocalHub, start_hub: StartHub, files: dict[str, bytes], target: Path
) -> None:
    hub.storage = start_hub(files=files)
    hub.storage.answers["/"] = [(403, {})]
    error = refused(hub, target, entry=replace(ENTRY, gated=True))
    assert "storage 127.0.0.1 answers 403" in error.message


def test_a_mirror_that_states_no_files_is_asked_for_each(
    hub: LocalHub, start_hub: StartHub, files: dict[str, bytes], target: Path
) -> None:
    hub.states_files = False
    hub.storage = start_hub(files=files)
    get(hub, target)
    told = Downloaded.load(target)
    assert told is not None
    assert told.files[WEIGHTS] == (SIZE, hub.digest(WEIGHTS))


def test_a_file_whose_checksum_nobody_states_is_refused(hub: LocalHub, target: Path) -> None:
    hub.states_files = False
    hub.answers["config.json"] = [(200, {"ETag": 'W/"of-the-mirror"'})]
    assert "checksum of config.json" in refused(hub, target).message


@pytest.mark.parametrize(
    ("gated", "endpoint", "token"),
    [(True, None, "hf_login"), (False, None, ""), (True, "https://mirror.example", "")],
)
def test_a_login_counts_for_gated_models_of_the_public_hub_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gated: bool, endpoint: str | None, token: str
) -> None:
    from huggingface_hub import constants

    (tmp_path / "token").write_text("hf_login\n")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    assert Hub(replace(ENTRY, gated=gated), endpoint)._token == token
    (tmp_path / "token").unlink()
    assert Hub(replace(ENTRY, gated=gated), endpoint)._token == ""


def test_one_process_at_a_time(hub: LocalHub, target: Path) -> None:
    partial = target.with_name(".tiny.partial")
    partial.mkdir(parents=True)
    with alone(partial):
        assert "another process" in refused(hub, target).message
    get(hub, target)
