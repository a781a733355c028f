"""XML in ZIPs, as office programs write it, through zipfile and lxml (BSD): no entities, nothing fetched,
bounded, damage mended; and the parts of Microsoft's packages (ECMA-376, part 2), each read when asked for."""

from __future__ import annotations

import re
import zipfile
import zlib
from itertools import islice
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow
from findling.documents.model import BlockKind, row_text
from findling.documents.parsers.ole import Properties
from findling.documents.parsers.xml import name_of
from findling.errors import EncryptedFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

#: A part is read at once up to here, as a stream up to there.
_PART_LIMIT_BYTES = 96 * 1024 * 1024
_STREAM_LIMIT_BYTES = 512 * 1024 * 1024
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?")
_PARSER = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "recover": True,
    "remove_comments": True,
    "remove_pis": True,
}
#: What reading a member of a damaged ZIP raises.
DAMAGE = (KeyError, OSError, EOFError, ValueError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def xml_of(file: IO[bytes]) -> Any:
    """The root of an XML document, mended where it is damaged; None where nothing is left of it."""
    from lxml import etree

    data = _Head(file, _PART_LIMIT_BYTES).read()
    try:
        return etree.fromstring(data, etree.XMLParser(**_PARSER))
    except etree.XMLSyntaxError:
        return None


def xml_stream(file: IO[bytes], *tags: str) -> Iterator[Any]:
    """The elements of these tags, one after the other, up to the first damage that cannot be mended. Each is
    emptied once the next is asked for."""
    from lxml import etree

    events = etree.iterparse(_Head(file, _STREAM_LIMIT_BYTES), tag=tags, **_PARSER)
    try:
        for _, element in events:
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError:
        return


class _Head:
    """A file that ends at a limit, or where its ZIP member is damaged."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._left = limit

    def read(self, size: int = 1 << 30) -> bytes:
        pieces: list[bytes] = []
        while size > 0 and self._left > 0:
            try:
                piece = self._file.read(min(size, self._left, 1 << 20))
            except DAMAGE:
                piece = b""
            if not piece:
                self._left = 0
            pieces.append(piece)
            size -= len(piece)
            self._left -= len(piece)
        return b"".join(pieces)


def iso_date(text: str | None) -> str:
    """A date as ISO 8601 writes it, if it is one, else ""."""
    match = _DATE.match((text or "").strip())
    return match[0] if match else ""


class OfficePackage:
    """The parts of a file of Office since 2007. Names are compared without regard to case, as the standard
    says. Raises `EncryptedFile` for a ZIP whose members are behind a password."""

    def __init__(self, archive: zipfile.ZipFile, otherwise: str) -> None:
        if any(member.flag_bits & 1 for member in archive.infolist()):
            raise EncryptedFile
        self._archive = archive
        self._members = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
        self._top = self.related("")
        #: The part that holds the document itself.
        self.main = self._top.first("officeDocument", otherwise)

    def root(self, part: str) -> Any:
        """The part's element, or None where it is missing or nothing is left of it."""
        try:
            with self._archive.open(self._members[part.lower()]) as file:
                return xml_of(file)
        except DAMAGE:
            return None

    def stream(self, part: str, *tags: str) -> Iterator[Any]:
        """The elements of these tags in a part, as `xml_stream`; none where the part is missing."""
        try:
            file = self._archive.open(self._members[part.lower()])
        except DAMAGE:
            return
        with file:
            yield from xml_stream(file, *tags)

    def data(self, part: str) -> bytes:
        """The bytes of a part, as far as they can be had."""
        try:
            with self._archive.open(self._members[part.lower()]) as file:
                return _Head(file, _PART_LIMIT_BYTES).read()
        except DAMAGE:
            return b""

    def related(self, part: str) -> Related:
        """What a part refers to; "" stands for the package itself."""
        folder, _, name = part.rpartition("/")
        root = self.root(f"{folder}/_rels/{name}.rels".lstrip("/"))
        found: dict[str, tuple[str, str]] = {}
        for reference in root.iterchildren("{*}Relationship") if root is not None else ():
            if reference.get("TargetMode") != "External":
                kind = reference.get("Type", "").rpartition("/")[2]
                found[reference.get("Id", "")] = (kind, _joined(folder, reference.get("Target", "")))
        return Related(found)

    def properties(self) -> Properties:
        """Title, creator, and when it was last changed, else created; empty where damaged or missing."""
        root = self.root(self._top.first("core-properties", "docProps/core.xml"))
        if root is None:
            return Properties()
        told = {name_of(element): element.text or "" for element in root.iterchildren("*")}
        written = iso_date(told.get("modified")) or iso_date(told.get("created"))
        return Properties(told.get("title", ""), told.get("creator", ""), written)


class Related:
    """The parts that a part refers to: kind and name of each by the id of its reference."""

    def __init__(self, references: dict[str, tuple[str, str]]) -> None:
        self._references = references

    def part(self, identifier: str, *kinds: str) -> str:
        """The part with that id, of one of these kinds if any are named; "" where there is none."""
        kind, part = self._references.get(identifier, ("", ""))
        return part if not kinds or kind in kinds else ""

    def of_kind(self, *kinds: str) -> list[str]:
        """The parts of these kinds, in the order of the references."""
        return [part for kind, part in self._references.values() if kind in kinds]

    def first(self, kind: str, otherwise: str = "") -> str:
        """The first part of that kind."""
        return next(iter(self.of_kind(kind)), otherwise)


def _joined(folder: str, target: str) -> str:
    """The name of a part that is written relative to a folder."""
    target = target.replace("\\", "/")
    steps = [] if target.startswith("/") else folder.split("/")
    for step in target.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(filter(None, steps))


def reference_of(element: Any, name: str = "id") -> str:
    """The id of the part that an element refers to."""
    return next((value for key, value in element.items() if key.endswith("}" + name)), "")


# DrawingML (ECMA-376, part 1, section 21): shapes of all Office programs.


_DRAWN_PARAGRAPHS = (
    "{http://schemas.openxmlformats.org/drawingml/2006/main}p",
    "{http://purl.oclc.org/ooxml/drawingml/main}p",
)
_NAMES_LIMIT = 1000


def drawn_text(paragraph: Any) -> str:
    """The text of a paragraph in a shape, on one line, without the number of its slide."""
    parts: list[str] = []
    for run in paragraph.iter("{*}t", "{*}br", "{*}tab"):
        if name_of(run) != "t":
            parts.append(" ")
        elif run.getparent().get("type") != "slidenum":
            parts.append(run.text or "")
    return flow("".join(parts))


def drawn_paragraphs(element: Any) -> Iterator[Any]:
    """The paragraphs of all shapes in an element, without those that other programs read instead."""
    for paragraph in element.iter(*_DRAWN_PARAGRAPHS):
        if next(paragraph.iterancestors("{*}Fallback"), None) is None:
            yield paragraph


def drawn_texts(element: Any) -> list[str]:
    """The text of `drawn_paragraphs`, without empty ones."""
    return [text for text in map(drawn_text, drawn_paragraphs(element)) if text]


def chart_texts(chart: Any) -> list[str]:
    """The titles of a chart and its axes, and the names of its series and categories."""
    titles = [" ".join(drawn_texts(title)) for title in chart.iter("{*}title")]
    names = (flow(point.findtext("{*}v") or "") for point in chart.iterfind(".//{*}strCache/{*}pt"))
    return [text for text in (*titles, row_text(dict.fromkeys(islice(names, _NAMES_LIMIT)))) if text]


def graphic_texts(root: Any) -> Iterator[tuple[BlockKind, str]]:
    """The texts of a chart, which are captions, or of a diagram."""
    is_chart = name_of(root) == "chartSpace"
    for text in chart_texts(root) if is_chart else drawn_texts(root):
        yield BlockKind.CAPTION if is_chart else BlockKind.PARAGRAPH, text
