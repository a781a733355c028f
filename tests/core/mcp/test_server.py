"""A real client asks the real server over stdio: the same as the command line tells, and errors in words."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from findling.cli import main
from findling.errors import Cancelled
from findling.library import Libraries
from findling.mcp.server import server_of
from findling.settings import Home, Settings, private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from findling.jobs import CancelToken
    from findling.models import InstalledModel

    Ask = Callable[..., Any]
    Cli = Callable[..., Any]

PROGRAM = Path(sys.executable).with_name("findling")
#: Two libraries of the sample documents.
FOLDERS = {"default": ("letters", "policies", "minutes"), "kitchen": ("notes",)}


@pytest.fixture(scope="module")
def place(
    tmp_path_factory: pytest.TempPathFactory,
    installed_model: InstalledModel,
    calibration_file: Path,
    sample_library: list[Path],
) -> Path:
    """A home with the libraries, indexed. Tests only read it."""
    directory = tmp_path_factory.mktemp("served")
    settings = Settings(Home.at(directory))
    shutil.copy(calibration_file, private_directory(settings.home.state / "calibration"))
    model = private_directory(settings.home.models / installed_model.directory.name)
    for file in installed_model.directory.iterdir():
        (model / file.name).symlink_to(file)
    root = next(parent for parent in sample_library[0].parents if parent.name == "sample_library")
    for name, folders in FOLDERS.items():
        Libraries(settings).index(name, [root / folder for folder in folders])
    return directory


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server told on stderr."""
    return tmp_path_factory.mktemp("stderr") / "stderr"


@pytest.fixture(scope="module")
def ask(place: Path, told: Path) -> Iterator[Ask]:
    """Calls a tool of one server that runs as long as the module, or another method of the client."""
    server = StdioServerParameters(command=str(PROGRAM), args=["mcp", "--home", str(place)])
    with (
        told.open("w") as stderr,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(server, errlog=stderr))) as client,
    ):

        def call(tool: str, **arguments: Any) -> Any:
            if tool == "list_tools":
                return portal.call(client.list_tools)
            return portal.call(client.call_tool, tool, arguments)

        yield call


@pytest.fixture
def cli(place: Path, capfd: pytest.CaptureFixture[str]) -> Cli:
    """`findling VERB … --json` on the same home; its value."""

    def run(*arguments: str) -> Any:
        assert main([*arguments, "--json", "--home", str(place)]) == 0
        return json.loads(capfd.readouterr().out)

    return run


@pytest.mark.parametrize(
    ("query", "mode", "libraries"),
    [
        ("how many days of holiday do we get", "hybrid", []),
        ("the rope was too short", "semantic", []),
        ("visitors", "keyword", ["default"]),
        ("what was decided about the budget type:pdf", "hybrid", []),
        ("barley soup", "hybrid", ["kitchen", "default"]),
    ],
)
def test_the_same_hits_as_on_the_command_line(
    ask: Ask, cli: Cli, query: str, mode: str, libraries: list[str]
) -> None:
    named = [word for name in libraries for word in ("--library", name)]
    rows = cli("search", query, "--mode", mode, "--no-history", *named)
    result = ask("search", query=query, mode=mode, libraries=libraries)
    hits = result.structured_content["hits"]
    assert len(hits) >= 2
    assert [(hit["path"], hit["passage_id"], hit["score"]) for hit in hits] == [
        (row["path"], row["passage_id"], row["score"]) for row in rows
    ]
    assert hits[0].keys() == rows[0].keys()
    for hit in hits:
        assert hit["snippet"] in result.content[0].text
        assert hit["passage_id"] in result.content[0].text
    assert not result.is_error


def test_what_agents_ask_is_not_remembered(ask: Ask, cli: Cli) -> None:
    ask("search", query="a secret question")
    assert "a secret question" not in [row["query"] for row in cli("history")]


def test_a_hit_is_read_in_its_context(ask: Ask) -> None:
    hits = ask("search", query="who may visit", libraries=["default"]).structured_content["hits"]
    hit = next(hit for hit in hits if hit["path"].endswith("visitor-policy.html"))
    found = ask("read", document=hit["document_id"], passage_id=hit["passage_id"], after=2)
    excerpt = found.structured_content
    assert (excerpt["path"], excerpt["title"], excerpt["kind"]) == (hit["path"], hit["title"], "html")
    asked = next(each for each in excerpt["passages"] if each["passage_id"] == hit["passage_id"])
    assert asked["anchor"] == hit["anchor"]
    assert len(excerpt["passages"]) > 1
    assert excerpt["text"] in found.content[0].text
    whole = ask("read", document=hit["path"]).structured_content
    assert excerpt["text"] in whole["text"]
    assert (whole["previous_passage_id"], whole["next_passage_id"], whole["cut"]) == ("", "", False)


def test_libraries_and_their_state(ask: Ask, cli: Cli) -> None:
    assert ask("list_libraries").structured_content["libraries"] == cli("libraries")
    assert ask("status").structured_content == cli("status")
    kitchen = ask("status", library="kitchen")
    assert kitchen.structured_content == cli("status", "--library", "kitchen")
    assert '"library": "kitchen"' in kitchen.content[0].text


def test_what_goes_wrong_is_told_in_words(ask: Ask, told: Path) -> None:
    def wrong(tool: str, **arguments: Any) -> str:
        result = ask(tool, **arguments)
        assert result.is_error
        return result.content[0].text

    for tool in ("search", "status", "read"):
        named = {"libraries": ["kitchn"]} if tool == "search" else {"library": "kitchn"}
        named |= {"search": {"query": "x"}, "read": {"document": "x"}}.get(tool, {})
        text = wrong(tool, **named)
        assert text.startswith("There is no library 'kitchn'.")
        assert "Libraries: default, kitchen." in text
    assert "'../x' cannot be a library's name" in wrong("status", library="../x")
    assert "search again" in wrong(
        "read", document="barley-soup-for-24.md", passage_id="x", library="kitchen"
    )
    mistake = ask("search", query="soup before:yesteryear")
    assert mistake.is_error
    assert "'before:yesteryear'" in mistake.content[0].text
    assert mistake.structured_content["error"]
    assert mistake.structured_content["end"] > mistake.structured_content["start"] >= 5
    assert "mode" in wrong("search", query="x", mode="magic")
    partly = ask("search", query="barley soup", libraries=["kitchen", "kitchn"])
    assert [problem["library"] for problem in partly.structured_content["problems"]] == ["kitchn"]
    assert "kitchn was not searched" in partly.content[0].text
    assert partly.structured_content["hits"]
    assert "Traceback" not in told.read_text()


def test_tools_are_described_and_only_read(ask: Ask) -> None:
    tools = {tool.name: tool for tool in ask("list_tools").tools}
    assert set(tools) == {"search", "read", "list_libraries", "status"}
    for tool in tools.values():
        assert tool.annotations.read_only_hint
        assert tool.description
        assert not tool.description.startswith(" ")
        assert tool.output_schema["type"] == "object"
        for parameter in tool.input_schema["properties"].values():
            assert parameter["description"]
    assert tools["search"].input_schema["required"] == ["query"]


def test_the_server_ends_when_its_client_hangs_up(place: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [PROGRAM, "mcp", "--home", place, *arguments]
        return subprocess.run(command, input="", capture_output=True, text=True, timeout=60, check=False)

    done = run("--library", "kitchen")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run("--library", "attic")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no library 'attic'" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_it_while_its_client_is_silent(place: Path) -> None:
    command = [PROGRAM, "mcp", "--home", place, "--library", "kitchen"]
    greeting = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": ""},
    }
    line = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": greeting}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(line) + "\n")
        server.stdin.flush()
        assert "serverInfo" in server.stdout.readline()
        server.send_signal(signal.SIGINT)
        assert server.wait(10) == -signal.SIGINT


def test_without_the_package_it_is_said_what_to_install(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "findling.mcp.server")
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    assert main(["mcp", "--home", str(place)]) == 1
    assert "pip install 'findling[mcp]'" in capsys.readouterr().err


class SlowShelf:
    """Searches that last until they are cancelled."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.ended = threading.Event()

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def search(self, query: str, mode: Any, limit: int, names: Any, cancel: CancelToken) -> Any:
        cancelled = threading.Event()
        cancel.on_cancel(cancelled.set)
        self.began.set()
        if cancelled.wait(30):
            self.ended.set()
        raise Cancelled


def test_a_request_that_is_cancelled_cancels_its_search() -> None:
    shelf = SlowShelf()

    async def session() -> None:
        async with Client(server_of(shelf), mode="legacy") as client:  # type: ignore[arg-type]
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "search", {"query": "x"})
                await anyio.to_thread.run_sync(shelf.began.wait, 30)
                group.cancel_scope.cancel()
            await anyio.to_thread.run_sync(shelf.ended.wait, 30)
            assert shelf.ended.is_set()
            assert (await client.list_tools()).tools

    anyio.run(session)
