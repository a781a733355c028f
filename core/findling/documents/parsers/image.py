"""Pictures through Pillow (MIT-CMU, the imaging library of Python; reads all that people keep): what they say
of themselves. The text in them is read by `findling.documents.recognition`.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import made, tidy
from findling.documents.model import Block, BlockKind, Document
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from PIL.Image import Image

#: In larger pictures, and in smaller ones, no text is looked for.
_MOST_PIXELS = 100_000_000
#: A page is drawn with no more.
_DRAWN_PIXELS = 16_000_000
_LEAST_SIDE = 32
_MOST_PAGES = 1000
_MOST_CHARACTERS = 10_000
#: Tags of EXIF, and those of Windows in UTF-16.
_DESCRIPTION, _ARTIST, _DATE, _WINDOWS_TITLE, _WINDOWS_COMMENT, _WINDOWS_AUTHOR = (
    0x010E,
    0x013B,
    0x0132,
    0x9C9B,
    0x9C9C,
    0x9C9D,
)
_EXIF_PART, _DATE_TAKEN, _USER_COMMENT = 0x8769, 0x9003, 0x9286
_ENCODINGS_OF_COMMENT = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16", b"\0\0\0\0\0\0\0\0": "utf-8"}
#: What cameras and programs write where people would describe the picture.
_NO_DESCRIPTION = re.compile(
    r"(?i)^(olympus|sony|samsung|kodak|minolta|canon|nikon|casio|dcim|dsc|dig(ital )?camera|digital still"
    r"|default|untitled|screenshot$|image$|created with|creator:|edited with|made with|file written by"
    r"|lead tech|handmade|applemark|intel\(r\) jpeg|optimized by|compressed (by|with)|software:)"
)
_EXIF_DATE = re.compile(r"((?:19|20)\d\d)[:-](\d\d)[:-](\d\d)(?:[ T](\d\d:\d\d:\d\d))?")


@contextmanager
def opened(path: Path) -> Generator[Image]:
    """Pillow's picture, not yet decoded. Raises `ParseError` for one of too many pixels, and for a format
    that is none of pictures."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its size, and of broken tags
        try:
            picture = Image.open(path, formats=("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "MPO"))
        except Image.DecompressionBombError as error:
            raise TooLarge("too many pixels") from error
        except UnidentifiedImageError as error:
            raise ParseError("damaged picture") from error
        with picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise TooLarge("too many pixels")
            yield picture


class TooLarge(ParseError):
    """No text is looked for in such a picture."""


def parse(path: Path) -> Document:
    """What is written beside the pixels: title, description, author, date. `scans` are its pages."""
    try:
        with opened(path) as picture:
            return _told(picture)
    except TooLarge:
        return Document("image", "", ())


def page_of(path: Path, number: int) -> Image:
    """A page of a picture, from 1: upright, on white, in eight bits a colour, of 16 million pixels at most.
    Raises `ParseError`."""
    from PIL import Image, ImageOps

    with opened(path) as picture:
        try:
            picture.seek(number - 1)
        except EOFError:
            raise ParseError(f"has no page {number}") from None
        pixels = picture.width * picture.height
        if pixels > _MOST_PIXELS:
            raise ParseError("too many pixels")
        smaller = min(1.0, (_DRAWN_PIXELS / max(1, pixels)) ** 0.5)
        size = max(1, int(picture.width * smaller)), max(1, int(picture.height * smaller))
        if smaller < 1.0:
            picture.draft("RGB", size)  # JPEG decodes to a fraction of its size
        if picture.mode.startswith(("I", "F")):
            low, high = picture.convert("F").getextrema()
            assert isinstance(low, float)
            assert isinstance(high, float)
            scale = 255 / (high - low) if high > low else 0.0
            found = picture.convert("F").point(lambda value: value * scale + -low * scale).convert("L")
        elif picture.has_transparency_data:
            found = Image.new("RGBA", picture.size, "white")
            found.alpha_composite(picture.convert("RGBA"))
        else:
            found = picture
        found = found.convert("RGB")
        if smaller < 1.0:
            found = found.resize(size, Image.Resampling.LANCZOS)
        turned = picture.getexif().get(0x0112, 1)
        found.getexif()[0x0112] = turned
        return ImageOps.exif_transpose(found)


def _told(picture: Image) -> Document:
    scans: tuple[int, ...] = ()
    if min(picture.size) >= _LEAST_SIDE:
        # Frames of other formats move.
        pages = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
        scans = tuple(range(1, min(pages, _MOST_PAGES) + 1))
    exif: dict[int, Any] = {}
    taken: dict[int, Any] = {}
    if picture.format != "PNG" or "exif" in picture.info:  # of a PNG without, all pixels would be decoded
        found = picture.getexif()
        exif, taken = dict(found), found.get_ifd(_EXIF_PART)
    info: dict[str, Any] = {str(name).lower(): value for name, value in picture.info.items()}
    descriptions: list[Any] = [
        info.get("description"),
        info.get("comment"),
        exif.get(_DESCRIPTION),
        _comment(taken.get(_USER_COMMENT)),
        _wide(exif.get(_WINDOWS_COMMENT)),
    ]
    texts = dict.fromkeys(text for text in map(_description, descriptions) if text)
    author = info.get("author") or exif.get(_ARTIST) or _wide(exif.get(_WINDOWS_AUTHOR))
    dates: tuple[Any, ...] = (info.get("creation time"), taken.get(_DATE_TAKEN), exif.get(_DATE))
    document = made(
        "image",
        _text(info.get("title")) or _wide(exif.get(_WINDOWS_TITLE)),
        (Block(BlockKind.CAPTION, text) for text in texts),
        _text(author),
        next((date for date in map(_date, dates) if date), ""),
    )
    return replace(document, scans=scans)


def _text(value: Any) -> str:
    """A text that may have been taken for bytes, or for Latin-1."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    text = str(value or "")
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _wide(value: Any) -> str:
    return value.decode("utf-16-le", errors="replace") if isinstance(value, bytes) else ""


def _comment(value: Any) -> str:
    """EXIF's UserComment: eight bytes name the encoding."""
    if not isinstance(value, bytes):
        return ""
    return value[8:].decode(_ENCODINGS_OF_COMMENT.get(value[:8], "latin-1"), errors="ignore")


def _description(value: Any) -> str:
    text = tidy(_text(value)[:_MOST_CHARACTERS])
    sensible = any(map(str.isalpha, text)) and not _NO_DESCRIPTION.search(text)
    return text if sensible and not text.lstrip("<{").startswith(("?xpacket", '"')) else ""


def _date(value: Any) -> str:
    found = _EXIF_DATE.match(_text(value).strip())
    if not found:
        return ""
    year, month, day, time = found.groups()
    return f"{year}-{month}-{day}" + (f"T{time}" if time else "")
