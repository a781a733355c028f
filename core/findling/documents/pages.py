"""Pages of PDF files, and pictures, with the places of a passage and of words on them; and formatted parts of
other files.

Made in a process of its own, like everything that reads a file: a page that crashes PDFium, or takes too
long, is an error and no more.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from findling.documents.colouring import CodePart
from findling.documents.container import split, unpacked
from findling.documents.finding import bare, bare_with_places, spans_of
from findling.documents.letters import Letters, goes_on, letters_of
from findling.documents.parsers.image import page_of, parse
from findling.documents.parsers.pdf import opened
from findling.documents.parts import Part, PartWish, part_of
from findling.documents.process import ReaderProcess, serve_with
from findling.documents.sniffing import family_of
from findling.errors import ParseError, ParserLost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from findling.documents.letters import Rect
    from findling.documents.process import Pipe
    from findling.jobs import CancelToken

_LIMIT_SECONDS = 15.0
_LIMIT_BYTES = 1024**3
_POLL_SECONDS = 0.05
#: Of a picture: a page may say that it is a kilometre wide.
_MOST_PIXELS = 16_000_000
_LEAST_WIDTH = 16
#: How much a small picture is enlarged.
_MOST_ENLARGED = 3.0


@dataclass(frozen=True, slots=True)
class PageWish:
    """Page `number`, from 1, of the file, `width` pixels wide. `passage` is the text to be looked for on it,
    and `words` those to be looked for within that, or everywhere where the passage is not there."""

    path: str
    number: int
    width: int
    passage: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of `pages`, as rows of `stride` bytes: red, green and blue of `width` by `height` pixels."""

    number: int
    pages: int
    width: int
    height: int
    stride: int
    passage: tuple[Rect, ...]
    words: tuple[Rect, ...]
    letters: Letters = field(default_factory=Letters)
    pixels: bytes = b""


class PagePainter:
    """Draws pages, and formats parts of documents. Its process is started by the first wish, and anew after
    one that ended it. Thread-safe."""

    def __init__(self) -> None:
        self._process: ReaderProcess | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def draw(self, wish: PageWish, cancel: CancelToken | None = None) -> Page:
        """The page. Raises `ParseError` for what cannot be drawn, of it `EncryptedFile`, and `ParserLost` for
        what crashes or takes more than a quarter of a minute; `Cancelled`."""
        found, pixels = self._answer({"page": asdict(wish)}, cancel, ReaderProcess.data)
        for name in ("passage", "words"):
            found[name] = tuple(_rect(*sides) for sides in found[name])
        letters = Letters.of(found.pop("text"), (_rect(*sides) for sides in found.pop("boxes")))
        return Page(**found, letters=letters, pixels=pixels)

    def format(self, wish: PartWish, cancel: CancelToken | None = None) -> Part:
        """The part. Raises as `draw`, and for a file that has changed."""
        found, _ = self._answer({"part": asdict(wish)}, cancel, lambda _: b"")
        codes = {
            code: tuple((start, end, CodePart(kind)) for start, end, kind in spans)
            for code, spans in found.pop("codes").items()
        }
        return Part(**found, codes=codes)

    def _answer(
        self, wish: dict[str, Any], cancel: CancelToken | None, data: Callable[[ReaderProcess], bytes]
    ) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            process = self._asked(wish)
            try:
                _wait(process, cancel)
                return process.answer(), data(process)
            except BaseException as error:
                if isinstance(error, ParserLost) or not isinstance(error, ParseError):
                    self._end()  # it is gone, or draws what nobody waits for any more
                raise

    def _asked(self, wish: dict[str, Any]) -> ReaderProcess:
        if self._process is None or not self._process.ask(wish):
            self._end()
            self._process = ReaderProcess(_serve, "painter")
            self._process.ask(wish)
        return self._process

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None


def _rect(left: float, top: float, right: float, bottom: float) -> Rect:
    return left, top, right, bottom


def _wait(process: ReaderProcess, cancel: CancelToken | None) -> None:
    """Until there is an answer. Raises `ParserLost` for one that would take too much, and `Cancelled`."""
    began = time.monotonic()
    while not process.pipe.poll(_POLL_SECONDS):
        if cancel is not None:
            cancel.check()
        if time.monotonic() - began > _LIMIT_SECONDS:
            raise ParserLost(f"took longer than {_LIMIT_SECONDS:.0f} seconds to show")
        if process.resident_bytes() > _LIMIT_BYTES:
            raise ParserLost("took too much memory to show")


def _serve(pipe: Pipe) -> None:
    serve_with(pipe, _Looking().at)


class _Looking:
    """The child: it keeps the copy of the file inside another one that was looked at last."""

    def __init__(self) -> None:
        self._looked_at: tuple[str, int] | None = None
        self._copy = Path()
        self._copies = ExitStack()

    def at(self, wish: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """What a wish asks for. Raises `ParseError`."""
        [(kind, told)] = wish.items()
        told["path"] = str(self._here(told["path"]))
        if kind == "part":
            return asdict(part_of(PartWish(**told))), b""
        page = PageWish(**told)
        return _pictured(page) if family_of(Path(page.path)) == "image" else _drawn(page)

    def _here(self, path: str) -> Path:
        """A file that can be opened."""
        outside, inside = split(Path(path))
        if not inside:
            return outside
        looked_at = (path, outside.stat().st_mtime_ns)
        if looked_at != self._looked_at:
            self._looked_at = None
            self._copies.close()
            self._copy = self._copies.enter_context(unpacked(Path(path)))
            self._looked_at = looked_at
        return self._copy


def _pictured(wish: PageWish) -> tuple[dict[str, Any], bytes]:
    """A page of a picture, in the child. Raises `ParseError`."""
    path = Path(wish.path)
    pages = max(1, len(parse(path).scans))
    picture = page_of(path, wish.number)
    scale = min(max(_LEAST_WIDTH, wish.width) / picture.width, _MOST_ENLARGED)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    if size[0] * size[1] <= _MOST_PIXELS:
        picture = picture.resize(size)
    told: dict[str, Any] = {
        "number": wish.number,
        "pages": pages,
        "width": picture.width,
        "height": picture.height,
        "stride": 3 * picture.width,
        "passage": [],
        "words": [],
        "text": "",
        "boxes": [],
    }
    return told, picture.tobytes()


def _drawn(wish: PageWish) -> tuple[dict[str, Any], bytes]:
    """A page of a PDF file, in the child. Raises `ParseError`."""
    from pypdfium2 import PdfiumError

    with opened(Path(wish.path)) as pdf:
        try:
            if not 1 <= wish.number <= len(pdf):
                raise ParseError(f"has no page {wish.number}")
            pdf.init_forms()
            page = pdf[wish.number - 1]
            wide, high = page.get_size()
            if not (wide > 0 and high > 0):
                raise ParseError("has a page without a size")
            width = max(_LEAST_WIDTH, wish.width)
            scale = min(width / wide, (_MOST_PIXELS / (wide * high)) ** 0.5)
            bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
            text_page = page.get_textpage()
            text, boxes = letters_of(page, text_page)
            passage, words = _marked(text, page, text_page, bitmap.width, bitmap.height, wish)
            text_page.close()
        except PdfiumError as error:
            raise ParseError(f"a page cannot be drawn: {error}") from error
        told = {
            "number": wish.number,
            "pages": len(pdf),
            "width": bitmap.width,
            "height": bitmap.height,
            "stride": bitmap.stride,
            "passage": passage,
            "words": words,
            "text": text,
            "boxes": boxes,
        }
        return told, bytes(bitmap.buffer)


def _marked(
    on_page: str, page: Any, text_page: Any, width: int, height: int, wish: PageWish
) -> tuple[list[Rect], list[Rect]]:
    """Where the passage stands, and where the words do."""
    text, places = bare_with_places(on_page)
    spans = list(spans_of(text, bare(wish.passage)))
    passage = [
        rect
        for start, end in spans
        for rect in _rects(text_page, page, places[start], places[end - 1], width, height)
    ]
    words: list[Rect] = []
    for word in filter(None, map(bare, wish.words)):
        for start, end in spans or [(0, len(text))]:
            at = text.find(word, start, end)
            while at >= 0:
                if _is_word(on_page, places, at, at + len(word)):
                    words += _rects(text_page, page, places[at], places[at + len(word) - 1], width, height)
                at = text.find(word, at + 1, end)
    return passage, words


def _is_word(on_page: str, places: Sequence[int], start: int, end: int) -> bool:
    """Whether a word begins and ends there: nothing that belongs to one stands beside it on the page."""
    before, after = places[start] - 1, places[end - 1] + 1
    beside = on_page[before : before + 1] if before >= 0 else ""
    return not (beside.isalnum() or on_page[after : after + 1].isalnum())


def _rects(text_page: Any, page: Any, first: int, last: int, width: int, height: int) -> list[Rect]:
    """Of the letters `first` to `last`, a rectangle for each line."""
    from ctypes import byref, c_int

    from pypdfium2 import raw

    def on_picture(x: float, y: float) -> tuple[float, float]:
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, byref(across), byref(down))
        return min(1.0, max(0.0, across.value / width)), min(1.0, max(0.0, down.value / height))

    found: list[Rect] = []
    for place in range(text_page.count_rects(first, last - first + 1)):
        left, bottom, right, top = text_page.get_rect(place)
        (x1, y1), (x2, y2) = on_picture(left, bottom), on_picture(right, top)
        if x1 != x2 and y1 != y2:
            _join(found, (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
    return found


def _join(lines: list[Rect], part: Rect) -> None:
    """Add a part to the line before where it goes on with that: PDFium may give every letter for itself."""
    if lines and goes_on(lines[-1], part):
        left, top, right, bottom = lines[-1]
        lines[-1] = (left, min(top, part[1]), max(right, part[2]), max(bottom, part[3]))
    else:
        lines.append(part)
