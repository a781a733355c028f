"""Writes whose work is shipped and on which terms: for people, and as Debian wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from licence_terms import EXCEPTIONS, REVIEWED

if TYPE_CHECKING:
    from licences import Distribution

HEAD = """Findling stands on the work of others. Here are the libraries in this package, whose they are, and
the numbers of the texts, below, on whose terms each may be used."""
DEBIAN_HEAD = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Findling
Comment: The program, and the libraries in its folder. A licence that is called by a number is the text that
 came with a library."""
COMMON = "On Debian systems its text is in /usr/share/common-licenses/"
#: Texts that Debian keeps: how they begin, and the characters that they have at most.
COMMON_TEXTS = {
    "Apache-2.0": (("apache license version 2.0, january 2004", "version 2.0, january 2004"), 11_500),
    "GPL-3": (("gnu general public license version 3",), 36_000),
    "LGPL-2.1": (("gnu lesser general public license version 2.1",), 27_000),
    "LGPL-3": (("gnu lesser general public license version 3",), 8_000),
    "MPL-2.0": (("mozilla public license version 2.0", "mozilla public license, version 2.0"), 17_000),
}
#: More lines of copyright than these stand in the texts alone.
NOTICES_AT_MOST = 12
_RULE = "-" * 78


def third_party(found: list[Distribution]) -> str:
    """All distributions with their notices, and under them every text once."""
    numbers = _numbers(found)
    lines = [HEAD, ""]
    for each in found:
        lines.append(f"{each.name} {each.version}: {each.licence}")
        lines += [f"    {owner}" for owner in _owners(each)]
        note = EXCEPTIONS.get(each.key, ("", ""))[1] or REVIEWED.get(each.key, "")
        lines += [f"    ({note})"] if note else []
        lines += [f"    Text {', '.join(map(str, _listed(each, numbers)))}", ""]
    for number, text in _by_number(numbers):
        lines += [_RULE, f"Text {number}", _RULE, "", text, ""]
    return "\n".join(lines)


def debian_copyright(found: list[Distribution], prefix: str) -> str:
    """Debian's machine-readable file, format 1.0, for libraries that are installed under `prefix`."""
    others = [each for each in found if each.key != "findling"]
    numbers = _numbers(others)
    paragraphs = [DEBIAN_HEAD, "Files: *\nCopyright: The Findling authors\nLicense: Apache-2.0"]
    for each in others:
        places = [f"{prefix}/{place.replace(' ', '?')}*" for place in each.places]
        if each.key == "pyinstaller":  # its bootloader is what the programs begin with
            places = [f"{prefix.rpartition('/')[0]}/findling*"]
        files = "\n ".join(places)
        owners = "\n ".join(_owners(each))
        names = " and ".join(f"Text-{number}" for number in _listed(each, numbers))
        about = f"{each.name} {each.version}, {each.licence}"
        paragraphs.append(f"Files: {files}\nCopyright: {owners}\nLicense: {names}\nComment: {about}")
    paragraphs.append(f"License: Apache-2.0\n {COMMON}Apache-2.0.")
    for number, text in _by_number(numbers):
        known = common_licence(text)
        body = f"{COMMON}{known}." if known else text
        lines = [f" {line}" if line.strip() else " ." for line in body.splitlines()]
        paragraphs.append("\n".join([f"License: Text-{number}", *lines]))
    return "\n\n".join(paragraphs) + "\n"


def common_licence(text: str) -> str:
    """The name under which Debian keeps this text, "" where it does not."""
    words = " ".join(text.split()).casefold()
    for name, (beginnings, longest) in COMMON_TEXTS.items():
        if words.startswith(beginnings) and len(words) <= longest:
            return name
    return ""


def _owners(each: Distribution) -> list[str]:
    return [*each.notices[:NOTICES_AT_MOST]] or [each.author or f"The authors of {each.name}"]


def _numbers(found: list[Distribution]) -> dict[str, int]:
    """A number for every text, the same for texts whose words are."""
    numbers: dict[str, int] = {}
    by_words: dict[str, int] = {}
    for each in found:
        for text in each.texts:
            numbers[text] = by_words.setdefault(" ".join(text.split()), len(by_words) + 1)
    return numbers


def _listed(each: Distribution, numbers: dict[str, int]) -> list[int]:
    return sorted({numbers[text] for text in each.texts})


def _by_number(numbers: dict[str, int]) -> list[tuple[int, str]]:
    first: dict[int, str] = {}
    for text, number in numbers.items():
        first.setdefault(number, text)
    return sorted(first.items())
