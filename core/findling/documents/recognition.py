"""The text of pages that are pictures, recognised in a process of its own, one page at a time.

A page that crashes the process, or takes too much time or memory, is left out. What was recognised is kept by
the file's content, so that no page is looked at twice.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from findling.documents.model import Anchor, Block, BlockKind, Document
from findling.documents.process import ReaderProcess
from findling.documents.recognition_engines import TESSERACT, engines, serve, version_of
from findling.errors import FindlingError, ParseError, ParserLost
from findling.settings import private_directory, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from findling.jobs import CancelToken

__all__ = ["Recognizer", "engines"]

#: Part of the name of what is kept: raise it when the same engine's lines make other blocks than before.
_VERSION = 1
_POLL_SECONDS = 0.1
#: So many lost in a row, and the rest of a document is given up.
_MOST_LOST = 3


class Recognizer:
    """Recognises text in scans. Its process is started by the first page, and anew after one that ended it.
    Thread-safe; use as a context manager.

    `engine` is "rapidocr", "tesseract" or "auto": the first of `engines()`. `languages` are codes of ISO
    639-1: Tesseract reads those of them that it has (English where it has none); RapidOCR's model takes no
    choice and reads Latin letters with their accents, digits and Chinese. The limits hold for each page;
    memory is that of the process and the programs it runs. `cache` is a directory, made when it is needed.
    """

    def __init__(
        self,
        cache: Path | None = None,
        engine: str = "auto",
        languages: tuple[str, ...] = (),
        limit_seconds: float = 60.0,
        limit_mebibytes: int = 1536,
    ) -> None:
        there = engines()
        self._engine = next((name for name in there if engine in ("auto", name)), "")
        self._cache = cache
        self._languages = languages
        self._limit_seconds = limit_seconds
        self._limit_bytes = limit_mebibytes * 1024**2
        self._process: ReaderProcess | None = None
        self._engine_version: str | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def available(self) -> bool:
        """Whether the engine is there."""
        return bool(self._engine)

    def document(
        self,
        path: Path,
        document: Document,
        content: str,
        cancel: CancelToken | None = None,
        *,
        page_done: Callable[[int], object] = lambda _: None,
    ) -> Document:
        """The document of the file with the blocks of its `scans`, before what else is on their pages, and
        without `scans`; unchanged where no engine is there. `content` are hexadecimal digits over the file's
        bytes. `page_done` is told each page. Raises `Cancelled`."""
        if not self.available or not document.scans:
            return document
        numbered = document.kind == "pdf" or len(document.scans) > 1
        found: list[Block] = []
        lost = 0
        with self._lock:
            for page in document.scans:
                kept = self._place(content, page)
                blocks = _kept(kept)
                if blocks is None:
                    wish = {"path": str(path), "kind": document.kind, "page": page}
                    try:
                        blocks = self._answer(wish, cancel)
                        lost = 0
                        _keep(kept, blocks)
                    except ParseError as error:
                        blocks = []
                        lost = lost + 1 if isinstance(error, ParserLost) else 0
                found += _blocks(blocks, numbered=numbered)
                page_done(page)
                if lost == _MOST_LOST:
                    break
        return replace(document, blocks=_by_page(found, document.blocks), scans=())

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _answer(self, wish: dict[str, Any], cancel: CancelToken | None) -> list[Any]:
        """Blocks as the process tells them. Raises `ParseError`, of it `ParserLost`; `Cancelled`."""
        process = self._asked({**wish, "engine": self._engine, "languages": self._languages})
        try:
            self._wait(process, cancel)
            return process.answer()["blocks"]
        except BaseException as error:
            if isinstance(error, ParserLost) or not isinstance(error, ParseError):
                self._end()
            raise

    def _asked(self, wish: dict[str, Any]) -> ReaderProcess:
        if self._process is None or not self._process.ask(wish):
            self._end()
            self._process = ReaderProcess(serve, "recognizer")
            self._process.ask(wish)
        return self._process

    def _wait(self, process: ReaderProcess, cancel: CancelToken | None) -> None:
        ends = time.monotonic() + self._limit_seconds
        while not process.pipe.poll(_POLL_SECONDS):
            if cancel is not None:
                before = time.monotonic()
                cancel.check()
                ends += time.monotonic() - before  # it may have been a pause
            if time.monotonic() > ends:
                raise ParserLost(f"took longer than {self._limit_seconds:.0f} seconds to recognise")
            programs = _programs_bytes(process) if self._engine == TESSERACT else 0
            if process.resident_bytes() + programs > self._limit_bytes:
                raise ParserLost("took too much memory to recognise")

    def _end(self) -> None:
        if self._process is not None:
            for program in _programs(self._process):
                with contextlib.suppress(Exception):
                    program.kill()
            self._process.stop()
            self._process = None

    def _place(self, content: str, page: int) -> Path | None:
        """Where the blocks of a page are kept."""
        if self._cache is None:
            return None
        if self._engine_version is None:
            self._engine_version = version_of(self._engine)
        made = f"{_VERSION} {self._engine} {self._engine_version} {' '.join(self._languages)}"
        made = "".join(each if each.isalnum() or each in ".-" else "_" for each in made)
        return self._cache / f"{int(content, 16):x}" / f"{page}-{made}.json"


def _kept(place: Path | None) -> list[Any] | None:
    if place is None:
        return None
    try:
        return json.loads(place.read_bytes())["blocks"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(place: Path | None, blocks: list[Any]) -> None:
    if place is not None:
        with contextlib.suppress(OSError, FindlingError):  # a full disk costs time, not the text
            private_directory(place.parent)
            write_atomically(place, json.dumps({"blocks": blocks}, ensure_ascii=False))


def _blocks(told: Iterable[Any], *, numbered: bool) -> list[Block]:
    blocks = [Block(BlockKind(kind), text, Anchor.from_json(anchor)) for kind, text, anchor in told]
    return blocks if numbered else [replace(block, anchor=Anchor()) for block in blocks]


def _by_page(found: Iterable[Block], others: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(sorted((*found, *others), key=lambda block: block.anchor.page or 0))


def _programs(process: ReaderProcess) -> list[Any]:
    import psutil

    try:
        return psutil.Process(process.process.pid).children(recursive=True)
    except psutil.Error:
        return []


def _programs_bytes(process: ReaderProcess) -> int:
    import psutil

    held = 0
    for program in _programs(process):
        with contextlib.suppress(psutil.Error):
            held += program.memory_info().rss
    return held
