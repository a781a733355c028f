"""The characters of older files: code pages from before Unicode, by what a file says (a number of Windows, a
font's character set, a language), and text in units of UTF-16."""

from __future__ import annotations

import codecs
import re

from findling.documents.cleaning import flow

#: Code pages that Python knows by another name than "cp" and the number.
_CODECS = {
    1200: "utf-16-le",
    10000: "mac_roman",
    10001: "shift_jis",
    10006: "mac_greek",
    10007: "mac_cyrillic",
}
#: Windows' code page of each character set of a font.
_OF_CHARACTER_SETS = {
    0: 1252,
    77: 10000,
    128: 932,
    129: 949,
    130: 1361,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
    254: 437,
    255: 850,
}
#: Code pages of files before Unicode by their language (the lower ten bits of its number), where it is not
#: 1252; and of languages that have more than one script.
_OF_LANGUAGES = {
    language: page
    for page, languages in (
        (874, (0x1E,)),
        (932, (0x11,)),
        (936, (0x04,)),
        (949, (0x12,)),
        (1250, (0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x1C, 0x24)),
        (1251, (0x02, 0x19, 0x22, 0x23, 0x2F, 0x0C1A)),
        (1253, (0x08,)),
        (1254, (0x1F,)),
        (1255, (0x0D,)),
        (1256, (0x01, 0x20, 0x29)),
        (1257, (0x25, 0x26, 0x27)),
        (1258, (0x2A,)),
        (950, (0x0404, 0x0C04, 0x1404)),
    )
    for language in languages
}
#: Numbers of symbols in a font of their own, and of no letters.
_SYMBOL_FONTS = re.compile("[\uf000-\uf0ff]")


def codec_of(code_page: int) -> str:
    """The name of Python's codec for a code page of Windows; that of Western Europe for one that is none."""
    name = _CODECS.get(code_page, f"cp{code_page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def codec_of_character_set(number: int) -> str | None:
    """The codec for the character set of a font, or None for those that are no alphabet."""
    return codec_of(_OF_CHARACTER_SETS[number]) if number in _OF_CHARACTER_SETS else None


def codec_of_language(number: int) -> str:
    """The codec that Windows has for a language: for its number as a whole, else by its lower ten bits."""
    return codec_of(_OF_LANGUAGES.get(number) or _OF_LANGUAGES.get(number & 0x3FF, 1252))


def text_of_units(units: str) -> str:
    """Text whose characters are units of UTF-16, on one line: two halves become a character, a lone half is
    replaced, and symbols are blanks."""
    text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return flow(_SYMBOL_FONTS.sub(" ", text))
