"""Files with pages that are pictures: their text is recognised when everything else has been read.

Until then what else they hold is found, and their rows say by their parser's version that they wait: a run
that is stopped leaves them to the next one.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from findling.documents import PARSER_VERSION, Document, Recognizer, unpacked
from findling.errors import ParseError
from findling.jobs import Progress
from findling.library.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from findling.jobs import CancelToken, Report
    from findling.library.sources import Item
    from findling.settings import Settings

#: The version of the parser that a row has while pages of its file wait, or files in it.
WAITING = -1
#: What is added to the version where text is recognised: such files are read again when that is switched.
_RECOGNISED = 1000
#: A full page takes a slow processor a quarter of a minute, and much longer where others work.
_PAGE_SECONDS = 180.0
#: Families that may have pages which are pictures.
_PICTURED = frozenset({"pdf", "image"})


def version_of(family: str, settings: Settings) -> int:
    """Of what reads a file of that family."""
    return PARSER_VERSION + _RECOGNISED * (settings.recognition != "off" and family in _PICTURED)


@dataclass(frozen=True, slots=True)
class _Scan:
    """An item that waits; `content` are hexadecimal digits over the file's bytes, `outside` is the path of
    the file that it lies in, "" for none."""

    item: Item
    document: Document
    content: str
    outside: str


class Scans:
    """Those of one run. It ends after `seconds` of recognition, with what is left waiting."""

    def __init__(self, settings: Settings, report: Report, cancel: CancelToken, seconds: float) -> None:
        self._settings = settings
        self._report = report
        self._cancel = cancel
        self._seconds = seconds
        self._waiting: deque[_Scan] = deque()
        #: Files that hold some that wait, by path: None until their own items come, which is after those.
        self._outside: dict[str, Item | None] = {}
        languages = tuple(settings.recognition_languages.split())
        cache = settings.home.data / "recognised"
        self._recognizer = Recognizer(cache, settings.recognition, languages, _PAGE_SECONDS)
        self._wanted = settings.recognition != "off" and self._recognizer.available

    @property
    def left(self) -> bool:
        """Whether some wait."""
        return bool(self._waiting)

    def put_off(self, item: Item, content: str, outside: str) -> Item:
        """The item as it is to be written now."""
        document = item.outcome
        if self._wanted and isinstance(document, Document) and document.scans:
            self._waiting.append(_Scan(item, document, content, outside))
            if outside:
                self._outside[outside] = None
        elif item.row.path in self._outside:
            self._outside[item.row.path] = item
        else:
            return item
        return replace(item, row=replace(item.row, parser_version=WAITING))

    def recognised(self) -> Iterator[Item]:
        """The items that were put off, with the text of their pages. Raises `Cancelled`."""
        if not self._waiting:
            return
        ends = time.monotonic() + self._seconds
        total = len(self._waiting)
        with self._recognizer:
            while self._waiting and time.monotonic() <= ends:
                scan = self._waiting[0]
                number = total - len(self._waiting)
                self._report(Progress("recognizing", number, total, "files", scan.item.row.path))
                yield replace(self._with_text(scan), again=True)
                self._waiting.popleft()
        still = {scan.outside for scan in self._waiting}
        for path, item in self._outside.items():
            if item is not None and path not in still:
                yield replace(item, again=True)

    def _with_text(self, scan: _Scan) -> Item:
        row = replace(scan.item.row, document_id=digest(scan.item.row.document_id, "recognised"))
        try:
            with unpacked(Path(row.path)) as file:
                document = self._recognizer.document(file, scan.document, scan.content, self._cancel)
        except ParseError as error:
            return replace(scan.item, outcome=error)
        return replace(scan.item, row=row, outcome=document)
