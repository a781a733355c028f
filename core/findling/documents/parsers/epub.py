"""EPUB by the standard library's `zipfile`, lxml for its package, and `html` for its chapters: all that an
EPUB library would do here (ebooklib is AGPL)."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from findling.documents.cleaning import DATE, flow, made, sensible_title
from findling.documents.model import Anchor, Block, BlockKind
from findling.documents.parsers.html import blocks_of
from findling.documents.parsers.xml import (
    attribute,
    child,
    children,
    markup_text,
    markup_tree,
    name_of,
    words,
)
from findling.documents.parsers.zipped_xml import DAMAGE
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

#: More than this unpacked, without pictures and sound, is a bomb and not a book.
_UNPACKED_LIMIT_BYTES = 256 * 1024 * 1024
_PART_LIMIT_BYTES = 48 * 1024 * 1024
_PAGE_NAMES = (".xhtml", ".html", ".htm")
#: Fonts are disguised like this (EPUB 3.3, section 4.4; Adobe's older way); whoever has the book reads them.
_DISGUISES = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def parse(path: Path) -> Document:
    """Read a book in the order of its spine. A chapter without headings takes its title from the table of
    contents; one that is not there either goes on under the headings before it."""
    with zipfile.ZipFile(path) as archive:
        book = _Book(archive)
        package = _Package.of(book)
        encrypted = _encrypted(book)
        blocks: list[Block] = []
        for name in package.pages:
            if name in encrypted:
                raise EncryptedFile("encrypted: protected against copying (DRM)")
            if source := book.text(name):
                above = blocks[-1].anchor.headings if blocks else ()
                blocks.extend(_chapter(source, sensible_title(package.titles.get(name)), above))
    return made("epub", package.title, blocks, package.author, package.written)


class _Book:
    """The members of the archive, read within the limits."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = _UNPACKED_LIMIT_BYTES
        self._members = {member.filename.lower(): member for member in archive.infolist()}
        self.names = [member.filename for member in self._members.values()]

    def read(self, name: str) -> bytes | None:
        """A member's bytes; None where it is missing or damaged."""
        member = self._members.get(name.lower())
        if member is None:
            return None
        if member.flag_bits & 1:
            raise EncryptedFile
        self._left -= member.file_size
        if self._left < 0 or member.file_size > _PART_LIMIT_BYTES:
            raise ParseError("unpacks to more than 256 MB of text: looks like a ZIP bomb")
        try:
            with self._archive.open(member) as file:
                return file.read(member.file_size)  # and no more is unpacked, whatever lies there
        except DAMAGE:
            return None

    def text(self, name: str) -> str:
        """The text of a member in XML; "" where it is missing, damaged or no text."""
        data = self.read(name)
        try:
            return "" if data is None else markup_text(data)
        except ParseError:
            return ""

    def tree(self, name: str) -> Any:
        """The root element of a member in XML, or None."""
        return markup_tree(self.text(name))


@dataclass
class _Package:
    """What the package document says."""

    pages: list[str] = field(default_factory=list[str])
    titles: dict[str, str] = field(default_factory=dict[str, str])
    title: str = ""
    author: str = ""
    written: str = ""

    @classmethod
    def of(cls, book: _Book) -> _Package:
        """The package of a book; where it is damaged or missing, all pages in the order of their names."""
        name = _package_name(book)
        root = book.tree(name)
        package = cls() if root is None else cls._read(book, root, posixpath.dirname(name))
        if not package.pages:
            package.pages = sorted(name for name in book.names if name.lower().endswith(_PAGE_NAMES))
        return package

    @classmethod
    def _read(cls, book: _Book, root: Any, folder: str) -> _Package:
        items = {attribute(item, "id"): item for item in root.iter("{*}item")}
        spine = child(root, "spine")
        package = cls()
        for reference in children(spine, "itemref") if spine is not None else []:
            item = items.get(attribute(reference, "idref"))
            if item is not None and _is_page(item):
                package.pages.append(_inside(folder, attribute(item, "href")))
        for item in items.values():
            is_page_of_contents = "nav" in attribute(item, "properties").split()
            if is_page_of_contents or "ncx" in attribute(item, "media-type"):
                href = _inside(folder, attribute(item, "href"))
                for page, title in _contents(book.tree(href), posixpath.dirname(href)):
                    package.titles.setdefault(page, title)
        about = child(root, "metadata")
        if about is not None:
            found = {
                name: [words(each) for each in about.iter(f"{{*}}{name}")]
                for name in ("title", "creator", "date")
            }
            package.title = next(filter(None, found["title"]), "")
            package.author = ", ".join(filter(None, found["creator"]))
            dates = (DATE.match(date) for date in found["date"])
            package.written = next((date[0] for date in dates if date), "")
        return package


def _package_name(book: _Book) -> str:
    root = book.tree("META-INF/container.xml")
    declared = [] if root is None else [attribute(each, "full-path") for each in root.iter("{*}rootfile")]
    return next((name for name in [*declared, *book.names] if name.lower().endswith(".opf")), "")


def _is_page(item: Any) -> bool:
    name = attribute(item, "href").lower()
    return "html" in attribute(item, "media-type") or name.endswith((*_PAGE_NAMES, ".xml"))


def _inside(folder: str, href: str) -> str:
    """The member that a reference in a folder points to."""
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0]))).lstrip("/")


def _contents(root: Any, folder: str) -> Iterator[tuple[str, str]]:
    """(page, title) of a table of contents, be it an NCX or a page with a `nav` element."""
    if root is None:
        return
    for node in root.iter("{*}navPoint", "{*}nav"):
        if name_of(node) == "navPoint":
            target, title = child(node, "content"), words(child(node, "navLabel"))
            if target is not None and title:
                yield _inside(folder, attribute(target, "src")), title
        elif attribute(node, "type") in ("toc", ""):
            for link in node.iter("{*}a"):
                if title := words(link):
                    yield _inside(folder, attribute(link, "href")), title


def _encrypted(book: _Book) -> frozenset[str]:
    """The members that only a shop's own reader opens."""
    root = book.tree("META-INF/encryption.xml")
    if root is None:
        return frozenset()
    names: set[str] = set()
    for data in root.iter("{*}EncryptedData"):
        method = child(data, "EncryptionMethod")
        target = child(data, "CipherData", "CipherReference")
        if target is not None and (method is None or attribute(method, "Algorithm") not in _DISGUISES):
            names.add(_inside("", attribute(target, "URI")))
    return frozenset(names)


def _chapter(source: str, title: str, above: tuple[str, ...]) -> list[Block]:
    blocks = blocks_of(source, xhtml=True)
    if not blocks or any(block.kind is BlockKind.HEADING for block in blocks):
        return blocks
    path = (title,) if title else above
    blocks = [replace(block, anchor=replace(block.anchor, headings=path)) for block in blocks]
    if not title:
        return blocks
    said = flow(blocks[0].text).casefold() == title.casefold()
    return [Block(BlockKind.HEADING, title, Anchor(headings=path)), *blocks[said:]]
