"""The tools, on the package `mcp`: what agents may ask, and what they are told when it goes wrong."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from findling import __version__
from findling.errors import FindlingError, QueryMistake, UserError, one_line
from findling.jobs import CancelToken
from findling.mcp import shapes
from findling.search import Mode

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from findling.mcp.shelf import Shelf

_log = logging.getLogger(__name__)
#: Calls that are answered at the same time; further ones wait.
_AT_ONCE = 4
_READS_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = """\
Findling searches the person's own documents on this machine, by meaning and by words at once. Use `search`
with a question or with words, then `read` the passages that look right, and cite paths with page, heading or
line. Snippets are excerpts: read before you rely on them. Nothing can be changed here."""

LibraryName = Annotated[str, Field(description="Name of a library; empty: the usual one.")]


class Tools:
    """What agents may ask. Each method is a tool, its docstring the tool's description."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="tools")

    def close(self) -> None:
        """Wait for what runs, and close the libraries."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._shelf.close()

    async def search(
        self,
        query: Annotated[
            str,
            Field(
                description='A question or words. Also understood: "exact phrase", -without, one OR other, '
                "type:pdf, in:FOLDER, name:*.md, before:2024-05, after:2023, lang:de, author:NAME, size:>1mb."
            ),
        ],
        mode: Annotated[
            Literal["hybrid", "semantic", "keyword"],
            Field(description="hybrid: by meaning and by words; semantic: by meaning; keyword: by words."),
        ] = "hybrid",
        limit: Annotated[int, Field(ge=1, le=100, description="Most documents to return.")] = 10,
        libraries: Annotated[
            list[str], Field(description="Names of libraries, searched as one; empty: the usual ones.")
        ] = [],  # noqa: B006 — never changed, and a schema has its default from here
    ) -> Annotated[CallToolResult, shapes.SearchResult]:
        """Find the documents that answer a query, best first, each by its best passage.

        Returns path, title, place (anchor: page, headings, line), a snippet, and the ids for `read`. Scores
        order the hits of one search and mean nothing across searches.
        """

        def work(cancel: CancelToken) -> CallToolResult:
            answer, failed = self._shelf.search(query, Mode(mode), limit, libraries, cancel)
            hits = [hit.to_json() for hit in answer.hits]
            problems = [{"library": name, **_told(error)} for name, error in failed.items()]
            lines = [_hit_text(number, hit) for number, hit in enumerate(hits, 1)] or ["Nothing found."]
            lines += answer.notes
            lines += [
                f"{problem['library']} was not searched: {problem['error']} {problem['hint']}".rstrip()
                for problem in problems
            ]
            return _result(
                {"hits": hits, "notes": list(answer.notes), "problems": problems}, "\n\n".join(lines)
            )

        return await self._answered(work, query)

    async def read(
        self,
        document: Annotated[
            str, Field(description="The document: its path or document_id, as `search` gave it.")
        ],
        passage_id: Annotated[
            str, Field(description="The passage to read; empty: the document from its beginning.")
        ] = "",
        before: Annotated[int, Field(ge=0, le=100, description="Passages before it.")] = 1,
        after: Annotated[int, Field(ge=0, le=100, description="Passages after it.")] = 1,
        library: LibraryName = "",
    ) -> Annotated[CallToolResult, shapes.ReadResult]:
        """Read a passage in its context, or a document from its beginning.

        At most 20,000 characters are returned at a time; `cut` says so where there was more, and
        `next_passage_id` is the passage to go on with.
        """

        def work(_: CancelToken) -> CallToolResult:
            excerpt = self._shelf.read(document, passage_id, before, after, library)
            place = excerpt.passages[0].anchor.label() if excerpt.passages else ""
            head = " · ".join(part for part in (excerpt.title, place, excerpt.path) if part)
            more = f"\n\n[It goes on with passage_id {excerpt.next}]" if excerpt.next else ""
            return _result(excerpt.to_json(), f"{head}\n\n{excerpt.text}{more}")

        return await self._answered(work)

    async def list_libraries(self) -> Annotated[CallToolResult, shapes.LibraryList]:
        """List the libraries that can be searched, with their folders and the number of their passages."""

        def work(_: CancelToken) -> CallToolResult:
            rows = self._shelf.list()
            lines = [_library_text(row) for row in rows]
            return _result({"libraries": rows}, "\n".join(lines) or "No libraries yet.")

        return await self._answered(work)

    async def status(self, library: LibraryName = "") -> Annotated[CallToolResult, shapes.Status]:
        """Tell the state of a library: files by state, passages, folders, model, and when it was updated."""

        def work(_: CancelToken) -> CallToolResult:
            state = self._shelf.status(library)
            return _result(state, json.dumps(state, ensure_ascii=False, indent=2))

        return await self._answered(work)

    async def _answered(
        self, work: Callable[[CancelToken], CallToolResult], query: str = ""
    ) -> CallToolResult:
        """What `work` returns in a thread of its own, or what went wrong, in words. A request that the client
        cancels cancels its work."""
        cancel = CancelToken()
        try:
            return await asyncio.wrap_future(self._threads.submit(work, cancel))
        except asyncio.CancelledError:
            cancel.cancel()
            raise
        except QueryMistake as mistake:
            told = _told(mistake) | {"start": mistake.start, "end": mistake.end}
            wrong = query[mistake.start : mistake.end]
            where = f"\nIn the query {query!r}, at {wrong!r}." if wrong else ""
            return _result(told, f"{mistake}{where}", failed=True)
        except (FindlingError, OSError) as error:
            return _result(_told(error), str(error), failed=True)
        except Exception as error:  # noqa: BLE001 — agents get no traceback, stderr does
            _log.exception("A tool failed")
            return _result(
                _told(error), f"Internal error: {type(error).__name__}: {one_line(error)}", failed=True
            )


def server_of(shelf: Shelf, log_level: Literal["INFO", "WARNING"] = "WARNING") -> MCPServer[None]:
    """A server of the libraries on `shelf`, which it closes when it ends. Log lines go to stderr."""
    tools = Tools(shelf)

    @asynccontextmanager
    async def opened(_: MCPServer[None]) -> AsyncGenerator[None]:
        shelf.warm()
        try:
            yield
        finally:
            tools.close()

    server = MCPServer[None](
        "findling",
        title="Findling",
        version=__version__,
        instructions=_INSTRUCTIONS,
        lifespan=opened,
        log_level=log_level,
    )
    for tool, title in (
        (tools.search, "Search documents"),
        (tools.read, "Read a passage"),
        (tools.list_libraries, "List libraries"),
        (tools.status, "State of a library"),
    ):
        server.add_tool(tool, title=title, description=inspect.getdoc(tool), annotations=_READS_ONLY)
    return server


def _result(value: dict[str, Any], text: str, *, failed: bool = False) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=value, is_error=failed
    )


def _told(error: Exception) -> dict[str, Any]:
    """As the command line tells it with --json."""
    if isinstance(error, UserError):
        return {"error": error.message, "hint": error.hint}
    return {"error": one_line(error), "hint": ""}


def _hit_text(number: int, hit: dict[str, Any]) -> str:
    place = hit["anchor"].get("label", "")
    head = " · ".join(part for part in (hit["title"], place, hit["library"]) if part)
    return f"{number}. {head}\n{hit['path']}\npassage_id: {hit['passage_id']}\n{hit['snippet']}"


def _library_text(row: dict[str, Any]) -> str:
    places = ", ".join((*row.get("folders", ()), *row.get("collections", ())))
    about = row["problem"] or f"{row['passages']:,} passages of {places or 'no folder yet'}"
    return f"{row['library']}: {about}"
