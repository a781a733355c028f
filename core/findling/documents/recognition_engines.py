"""What recognises text in a picture, and the pictures: runs in the process of `recognition`.

RapidOCR (Apache-2.0) brings the models of PP-OCR in its package and runs them on the ONNX Runtime that is
there; Tesseract (Apache-2.0) is a program that a person may have installed.
"""

from __future__ import annotations

import csv
import io
import math
import os
import shutil
import subprocess
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import groupby, pairwise
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow
from findling.documents.parsers.bookmarks import Contents
from findling.documents.parsers.image import page_of
from findling.documents.parsers.pdf import blocks_of_page, mended
from findling.documents.parsers.pdf import opened as opened_pdf
from findling.documents.process import serve_with
from findling.documents.reading_order import Line, in_order
from findling.errors import ParseError, one_line
from findling.settings import switch_telemetry_off

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL.Image import Image

    from findling.documents.process import Pipe

    Corners = list[tuple[float, float]]

RAPIDOCR, TESSERACT = "rapidocr", "tesseract"
_RESOLUTION = 200  # dots per inch
_POINTS_PER_INCH = 72
_MOST_PIXELS = 16_000_000
#: Lines that an engine is less sure of are left out.
_LEAST_CONFIDENCE = 0.5
#: Of a page read the right way up, on average; others are tried turned.
_SURE = 0.8
#: No larger side is seen: it is what bounds memory. A page of A4 has 2339 pixels at 200 dpi; lines are looked
#: for in a smaller copy and read in this one (tests/bench/ocr.py).
_MOST_SIDE = 2400
_MOST_SIDE_OF_SEARCH = 1440
_PROGRAM_SECONDS = 600.0
#: Tesseract's names of languages, by ISO 639-1.
_TESSERACT_LANGUAGES = {
    "ar": "ara", "bg": "bul", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "es": "spa", "et": "est", "eu": "eus", "fa": "fas", "fi": "fin", "fr": "fra", "gl": "glg", "he": "heb",
    "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind", "is": "isl", "it": "ita", "ja": "jpn", "ko": "kor",
    "lt": "lit", "lv": "lav", "nb": "nor", "nl": "nld", "nn": "nor", "no": "nor", "pl": "pol", "pt": "por",
    "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur",
    "uk": "ukr", "vi": "vie", "zh": "chi_sim",
}  # fmt: skip


def engines() -> list[str]:
    """The engines that are installed, the preferred one first."""
    found: list[str] = []
    if find_spec(RAPIDOCR) and find_spec("onnxruntime"):
        found.append(RAPIDOCR)
    if shutil.which(TESSERACT):
        found.append(TESSERACT)
    return found


def version_of(engine: str) -> str:
    """The version of an installed engine, "" where it does not say."""
    try:
        if engine == RAPIDOCR:
            return version(RAPIDOCR)
        told = subprocess.run([TESSERACT, "--version"], capture_output=True, timeout=20, check=False)
        return told.stdout.decode(errors="replace").split("\n", 1)[0].strip()
    except (PackageNotFoundError, OSError, subprocess.SubprocessError):
        return ""


def serve(pipe: Pipe) -> None:
    """Answer with the blocks of pages."""
    # A thread for each of many cores, with its buffers, would not fit into the address space.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OPENCV_FOR_THREADS_NUM="1")
    switch_telemetry_off()
    serve_with(pipe, _answered)


def _answered(wish: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    path, page = Path(wish["path"]), int(wish["page"])
    read = _ENGINES[wish["engine"]]
    languages = tuple(wish["languages"])
    try:
        if wish["kind"] == "pdf":
            picture, contents = _page_of_pdf(path, page)
        else:
            picture, contents = page_of(path, page), Contents(())
        lines = mended("\n".join(read(picture, languages))).split("\n")
    except (ParseError, MemoryError):
        raise
    except Exception as error:  # libraries raise anything at all on malformed input
        raise ParseError(f"cannot be recognised: {one_line(error)}") from error
    blocks = blocks_of_page(page, lines, contents)
    return {"blocks": [[block.kind.value, block.text, block.anchor.to_json()] for block in blocks]}, b""


# -- pictures ---------------------------------------------------------------------------------------


def _page_of_pdf(path: Path, number: int) -> tuple[Image, Contents]:
    from pypdfium2 import PdfiumError

    with opened_pdf(path) as pdf:
        try:
            page = pdf[number - 1]
            wide, high = page.get_size()
            if not (wide > 0 and high > 0):
                raise ParseError("has a page without a size")
            scale = min(_RESOLUTION / _POINTS_PER_INCH, (_MOST_PIXELS / (wide * high)) ** 0.5)
            picture: Image = page.render(scale=scale).to_pil().convert("RGB")
        except (PdfiumError, IndexError) as error:
            raise ParseError(f"a page cannot be drawn: {error}") from error
        return picture, Contents.of(pdf)


# -- RapidOCR ---------------------------------------------------------------------------------------


@lru_cache(1)
def _rapidocr() -> Any:
    import rapidocr

    package = Path(str(rapidocr.__file__)).parent / "models"
    models = {part: next(package.glob(f"*_{part}_*.onnx")) for part in ("det", "rec")}
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            "Global.max_side_len": _MOST_SIDE,
            "Det.limit_type": "max",
            "Det.limit_side_len": _MOST_SIDE_OF_SEARCH,
            # Named, so that it never looks for others on the network.
            "Det.model_path": str(models["det"]),
            "Rec.model_path": str(models["rec"]),
            "Rec.rec_batch_num": 1,  # of more the longest line decides how much memory and time all take
            "EngineConfig.onnxruntime.intra_op_num_threads": _threads(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _threads() -> int:
    """Two at most, and one core stays free: threads that wait for each other spin."""
    return max(1, min(2, (os.cpu_count() or 1) - 1))


def _by_rapidocr(picture: Image, _: Sequence[str]) -> list[str]:
    """Its model reads Latin letters with their accents, digits and Chinese, whatever the languages are."""
    words, sure = _read(picture)
    if words and sure < _SURE:  # upside down?
        turned, surer = _read(picture.rotate(180))
        if surer > sure:
            words = turned
    return in_order(_lines(words, picture.width))


def _read(picture: Image) -> tuple[list[tuple[Corners, str]], float]:
    """Lines with their corners, clockwise, and how sure it is of them all. It reads lines upwards, too."""
    import numpy as np

    found = _rapidocr()(np.asarray(picture)[:, :, ::-1])
    if found.txts is None:
        return [], 0.0
    read = list(zip(found.boxes.tolist(), found.txts, map(float, found.scores), strict=True))
    letters = sum(len(text) for _, text, _ in read)
    sure = sum(len(text) * score for _, text, score in read) / max(1, letters)
    return [(corners, flow(text)) for corners, text, score in read if score >= _LEAST_CONFIDENCE], sure


def _lines(words: Sequence[tuple[Corners, str]], width: float) -> list[Line]:
    """Turned so that they lie level."""
    sides = [_extent(corners) for corners, _ in words]
    if sum(high - wide for wide, high in sides) > 0:
        words = [([(y, width - x) for x, y in corners], text) for corners, text in words]
    slopes: list[float] = []
    for corners, _ in words:
        (x1, y1), (x2, y2) = max(pairwise(corners), key=lambda side: math.dist(*side))
        slopes.append(math.atan2(y2 - y1, x2 - x1) if x2 > x1 else math.atan2(y1 - y2, x1 - x2))
    slope = median(slopes) if slopes else 0.0
    across, down = math.cos(slope), math.sin(slope)
    lines: list[Line] = []
    for corners, text in words:
        xs = [x * across + y * down for x, y in corners]
        ys = [y * across - x * down for x, y in corners]
        lines.append(Line(min(xs), min(ys), max(xs), max(ys), text))
    return lines


def _extent(corners: Corners) -> tuple[float, float]:
    xs, ys = zip(*corners, strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


# -- Tesseract --------------------------------------------------------------------------------------


def _by_tesseract(picture: Image, languages: Sequence[str]) -> list[str]:
    """Tesseract finds columns and paragraphs itself. It is asked for those of the languages that it has; for
    none of them for English, or else for what it has."""
    stored = io.BytesIO()
    picture.save(stored, "PPM")
    command = [TESSERACT, "stdin", "stdout", "--dpi", str(_RESOLUTION), *_wish_of(tuple(languages)), "tsv"]
    told = _ran(command, stored.getvalue())
    words = list(csv.DictReader(io.StringIO(told), delimiter="\t", quoting=csv.QUOTE_NONE))
    lines: list[str] = []
    for _, paragraph in groupby(words, lambda word: (word["block_num"], word["par_num"])):
        for _, line in groupby(paragraph, lambda word: word["line_num"]):
            read = [word for word in line if float(word["conf"]) >= 0 and (word["text"] or "").strip()]
            if read and fmean(float(word["conf"]) for word in read) >= 100 * _LEAST_CONFIDENCE:
                lines.append(" ".join(word["text"] for word in read))
        lines.append("")
    return lines


@lru_cache(1)
def _wish_of(languages: tuple[str, ...]) -> list[str]:
    there = [line.strip() for line in _ran([TESSERACT, "--list-langs"]).split("\n")[1:]]
    there = [name for name in there if name and name not in ("osd", "equ")]
    wanted = [_TESSERACT_LANGUAGES.get(language, language) for language in languages]
    chosen = [name for name in wanted if name in there] or [name for name in there if name == "eng"] or there
    return ["-l", "+".join(chosen)] if chosen else []


def _ran(command: list[str], given: bytes = b"") -> str:
    """What the program prints. Raises `ParseError`."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": str(_threads())}
    try:
        told = subprocess.run(
            command, input=given, capture_output=True, timeout=_PROGRAM_SECONDS, env=environment, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ParseError(f"Tesseract failed: {one_line(error)}") from error
    return told.stdout.decode("utf-8", errors="replace")


_ENGINES: dict[str, Callable[[Image, Sequence[str]], list[str]]] = {
    RAPIDOCR: _by_rapidocr,
    TESSERACT: _by_tesseract,
}
