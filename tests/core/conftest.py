"""A hub on loopback: the few answers of huggingface.co that downloads use, and how they fail."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from findling.embedding import install
from findling.library import Libraries
from findling.models import transfer
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3_server import Bucket

    from findling.models import InstalledModel

REPO = "publisher/tiny"
COMMIT = "c0ffee" + "0" * 34


@dataclass(frozen=True)
class Seen:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass
class LocalHub:
    """A hub with one repository, and what it is to do wrong.

    `cuts`: after how many bytes of a file the connection breaks, one entry per request; `stalls`: after how
    many bytes nothing more comes until `released`; `answers`: statuses given instead, one per request;
    `storage`: another hub that large files are redirected to.
    """

    endpoint: str
    files: dict[str, bytes] = field(default_factory=dict)
    repo: str = REPO
    commit: str = COMMIT
    altered: dict[str, bytes] = field(default_factory=dict)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    stalls: dict[str, int] = field(default_factory=dict)
    answers: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    storage: LocalHub | None = None
    ranges: bool = True
    states_files: bool = True
    body: bytes | None = None
    seen: list[Seen] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def of(self, path: str) -> list[Seen]:
        """The GET requests for a file's bytes."""
        return [seen for seen in self.seen if seen.method == "GET" and seen.path.endswith(f"/{path}")]

    def large(self, path: str) -> bool:
        return path.endswith((".safetensors", ".gguf"))

    def digest(self, path: str) -> str:
        content = self.files[path]
        if self.large(path):
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def listing(self) -> dict[str, Any]:
        siblings: list[dict[str, Any]] = []
        for path, content in self.files.items():
            sibling: dict[str, Any] = {"rfilename": path}
            if self.states_files:
                sibling |= {"size": len(content), "blobId": "0" * 40}
                if self.large(path):
                    sibling["lfs"] = {"sha256": self.digest(path), "size": len(content), "pointerSize": 134}
                else:
                    sibling["blobId"] = self.digest(path)
            siblings.append(sibling)
        return {"id": self.repo, "sha": self.commit, "siblings": siblings}


class Handler(BaseHTTPRequestHandler):
    """Answers for the `LocalHub` of its server."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.respond()

    def do_GET(self) -> None:
        self.respond()

    def respond(self) -> None:
        hub: LocalHub = self.server.hub  # type: ignore[attr-defined]
        path = unquote(urlsplit(self.path).path)
        hub.seen.append(Seen(self.command, path, dict(self.headers.items())))
        name = path.partition(f"/resolve/{hub.commit}/")[2]
        for key, answers in hub.answers.items():
            if key in path and answers:
                status, headers = answers.pop(0)
                self.give(status, headers, b'{"error": "no"}')
                return
        if path == f"/api/models/{hub.repo}/revision/main":
            if "listing" in hub.stalls:
                self.stall(hub)
            body = json.dumps(hub.listing()).encode() if hub.body is None else hub.body
            self.give(200, {"Content-Type": "application/json"}, body)
        elif name in hub.files and path.startswith(f"/{hub.repo}/"):
            self.give_file(hub, name)
        else:
            self.give(404, {"X-Error-Code": "RepoNotFound"}, b"")

    def give_file(self, hub: LocalHub, name: str) -> None:
        content = hub.altered.get(name, hub.files[name])
        about = {"X-Repo-Commit": hub.commit, "ETag": f'"{hub.digest(name)}"', "Accept-Ranges": "bytes"}
        if hub.storage is not None and hub.large(name):
            linked = {"X-Linked-ETag": f'"{hub.digest(name)}"', "X-Linked-Size": str(len(content))}
            self.give(302, about | linked | {"ETag": '"other"', "Location": hub.storage.endpoint + self.path})
            return
        status, start = 200, 0
        if hub.ranges and (wanted := self.headers.get("Range")):
            status, start = 206, int(wanted.removeprefix("bytes=").removesuffix("-"))
            about["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.give(status, about, content[start:], name)

    def give(self, status: int, headers: dict[str, str], body: bytes = b"", name: str = "") -> None:
        hub: LocalHub = self.server.hub  # type: ignore[attr-defined]
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        end = len(body)
        if cut := hub.cuts.get(name):
            end = cut.pop(0)
        elif name in hub.stalls:
            end = hub.stalls[name]
        self.wfile.write(body[:end])
        hub.sent[name] = hub.sent.get(name, 0) + len(body[:end])
        if end < len(body):
            if name in hub.stalls:
                self.stall(hub)
            self.close_connection = True

    def stall(self, hub: LocalHub) -> None:
        hub.stalled.set()
        hub.released.wait()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away in mid-answer is what these tests are about."""


@pytest.fixture
def start_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LocalHub]]:
    """Starts hubs on loopback, on an own port each, that end with the test; retries do not wait."""
    monkeypatch.setattr(transfer, "RETRY_WAITS_SECONDS", (0.0, 0.0))
    running: list[tuple[Server, threading.Thread, LocalHub]] = []

    def start(**options: Any) -> LocalHub:
        server = Server(("127.0.0.1", 0), Handler)
        hub = LocalHub(f"http://127.0.0.1:{server.server_address[1]}", **options)
        server.hub = hub  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread, hub))
        return hub

    yield start
    for server, thread, hub in running:
        hub.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join(5)
            assert not thread.is_alive()


@pytest.fixture(scope="session")
def overlap_reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a cross-encoder that counts words in common; see `overlap_reranker.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        from overlap_reranker import write_overlap_reranker

    words = (
        "the a of in at to and owl owls fox sleeps hunts night day glacier ice river budget moves melts cold"
    )
    return write_overlap_reranker(tmp_path_factory.mktemp("reranker"), words.split())


@pytest.fixture(scope="session")
def write_gguf() -> Callable[..., None]:
    """`write_gguf(path, metadata, tensors)`; see `gguf_writer.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        from gguf_writer import write_gguf

    return write_gguf


@pytest.fixture(scope="session")
def notes_home(
    tmp_path_factory: pytest.TempPathFactory, furnish: Callable[[Home], Settings], sample_library: list[Path]
) -> Path:
    """A home with the library "notes" of the sample documents that are plain text, indexed. Its index is only
    read; pairs may be written."""
    directory = tmp_path_factory.mktemp("notes")
    settings = furnish(Home.at(directory / "home"))
    folder = directory / "notes"
    folder.mkdir()
    for file in sample_library:
        if file.suffix in (".md", ".txt"):
            shutil.copy(file, folder)
    Libraries(settings).index("notes", [folder])
    return settings.home.data.parent


@pytest.fixture
def quantised_before(installed_model: InstalledModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the built-in model is built again, its int8 form is that of the session: to make it takes most of
    the time."""
    made = installed_model.variant("int8")
    monkeypatch.setattr(install, "quantize_dynamic_int8", lambda _, target: shutil.copyfile(made, target))


@pytest.fixture(scope="session", autouse=True)
def compiler_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A place for what torch would compile; else it sets this variable in the midst of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path_factory.mktemp("inductor")))
        yield


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A directory with a tiny model of that kind, made once; copy it before changing it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        from tiny_models import write_tiny

    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = write_tiny(kind, tmp_path_factory.mktemp("tiny") / f"tiny-{kind}")
        return made[kind]

    return make


@pytest.fixture(scope="session")
def tiny_generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The GGUF file of a generator that writes nonsense, fast; see `tiny_generator.py`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        from tiny_generator import write_tiny_generator

    return write_tiny_generator(tmp_path_factory.mktemp("generator") / "tiny.gguf")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket on loopback, and an environment that leads to it."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    from s3_server import served

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with served() as bucket:
        for name, value in bucket.environment().items():
            monkeypatch.setenv(name, value)
        yield bucket
