"""Presentations (PPTX and its siblings), slide by slide, through zipfile and lxml (BSD): python-pptx
reads every part of a file into memory, videos too, and leaves out diagrams, charts and comments."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from findling.documents.cleaning import flow, made
from findling.documents.model import Anchor, Block, BlockKind, Outline, row_text
from findling.documents.parsers.xml import name_of
from findling.documents.parsers.zipped_xml import (
    OfficePackage,
    drawn_paragraphs,
    drawn_text,
    drawn_texts,
    graphic_texts,
    reference_of,
)
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents.model import Document

#: Placeholders that hold a slide's title, and those that repeat what is the same on every slide.
_TITLES = frozenset({"title", "ctrTitle"})
_BULLETS = frozenset({"buChar", "buAutoNum", "buBlip"})
_FURNITURE = frozenset({"dt", "ftr", "hdr", "sldNum", "sldImg"})


def parse(path: Path) -> Document:
    """Read a presentation; hidden slides too. The title is its properties', else its first slide's."""
    with zipfile.ZipFile(path) as archive:
        package = OfficePackage(archive, "ppt/presentation.xml")
        presentation = package.root(package.main)
        if presentation is None or name_of(presentation) != "presentation":
            raise ParseError("a ZIP of Office parts, but no presentation")
        related = package.related(package.main)
        blocks: list[Block] = []
        behind: set[str] = set()
        for number, entry in enumerate(presentation.iterfind("{*}sldIdLst/{*}sldId"), 1):
            part = related.part(reference_of(entry))
            blocks += _Slide(package, part, number).blocks(behind)
        about = package.properties()
    return made("pptx", about.title, blocks, about.author, about.written)


class _Slide:
    """Collects the blocks of one slide."""

    def __init__(self, package: OfficePackage, part: str, number: int) -> None:
        self._package = package
        self._part = part
        self._number = number
        self._related = package.related(part)
        self._outline = Outline()
        self._blocks: list[Block] = []

    def blocks(self, behind: set[str]) -> list[Block]:
        """The title, wherever it is drawn, the other shapes, the speaker's notes and the comments. What
        stands on many slides, footers and texts of masters, is read where it is not yet in `behind`, which
        keeps these texts and the names of their parts."""
        root = self._package.root(self._part)
        tree = None if root is None else root.find("{*}cSld/{*}spTree")
        if tree is not None:
            titles = [shape for shape in tree.iter("{*}sp") if _placeholder(shape) in _TITLES]
            if text := " ".join(text for title in titles for text in drawn_texts(title)):
                self._outline.enter(1, text)
                self._add(BlockKind.HEADING, text)
            self._shapes(tree)
            footers = [shape for shape in tree.iter("{*}sp") if _placeholder(shape) == "ftr"]
            self._behind(footers, behind)
        for layout in self._related.of_kind("slideLayout"):
            masters = [] if layout in behind else self._package.related(layout).of_kind("slideMaster")
            for part in (layout, *masters):
                if part not in behind:
                    behind.add(part)
                    self._behind(self._own_shapes(part), behind)
        for part in self._related.of_kind("notesSlide"):
            self._notes(part)
        for part in self._related.of_kind("comments"):
            self._comments(part)
        return self._blocks

    def _own_shapes(self, part: str) -> list[Any]:
        """Those of a layout or master that slides show and do not fill."""
        root = self._package.root(part)
        return [] if root is None else [shape for shape in root.iter("{*}sp") if not _placeholder(shape)]

    def _behind(self, shapes: list[Any], behind: set[str]) -> None:
        for text in (text for shape in shapes for text in drawn_texts(shape)):
            if text not in behind:
                behind.add(text)
                self._add(BlockKind.PARAGRAPH, text)

    def _shapes(self, tree: Any) -> None:
        for shape in tree.iterchildren("*"):
            name = name_of(shape)
            if name in ("sp", "cxnSp"):
                if _placeholder(shape) not in _TITLES | _FURNITURE:
                    self._body(shape)
            elif name == "graphicFrame":
                self._frame(shape)
            elif name != "Fallback":  # a group, or alternatives for other programs
                self._shapes(shape)

    def _body(self, shape: Any) -> None:
        for paragraph in drawn_paragraphs(shape):
            if text := drawn_text(paragraph):
                settings = paragraph.find("{*}pPr")
                listed = settings is not None and (
                    settings.get("lvl", "0") != "0" or any(name_of(item) in _BULLETS for item in settings)
                )
                self._add(BlockKind.LIST_ITEM if listed else BlockKind.PARAGRAPH, text)

    def _frame(self, frame: Any) -> None:
        """A table, diagram, chart or embedded object."""
        for table in frame.iter("{*}tbl"):
            self._table(table)
        for element in frame.iter("{*}relIds", "{*}chart"):
            reference = reference_of(element, "id" if name_of(element) == "chart" else "dm")
            root = self._package.root(self._related.part(reference))
            for kind, text in graphic_texts(root) if root is not None else ():
                self._add(kind, text)

    def _table(self, table: Any) -> None:
        settings = table.find("{*}tblPr")
        has_header = settings is not None and settings.get("firstRow") in ("1", "true")
        for place, row in enumerate(table.iterchildren("{*}tr")):
            cells = tuple(" ".join(drawn_texts(cell)) for cell in row.iterchildren("{*}tc"))
            if text := row_text(cells):
                is_header = has_header and place == 0
                self._add(BlockKind.TABLE_HEADER if is_header else BlockKind.TABLE_ROW, text, cells)

    def _notes(self, part: str) -> None:
        root = self._package.root(part)
        for shape in root.iter("{*}sp") if root is not None else ():
            if _placeholder(shape) not in _FURNITURE:
                for text in drawn_texts(shape):
                    self._add(BlockKind.NOTE, text)

    def _comments(self, part: str) -> None:
        """Those of PowerPoint before 2021, which are plain text, and those since, which are drawn text."""
        root = self._package.root(part)
        for comment in root.iterchildren("{*}cm") if root is not None else ():
            plain = (flow(element.text or "") for element in comment.iterchildren("{*}text"))
            for text in (*plain, *drawn_texts(comment)):
                if text:
                    self._add(BlockKind.NOTE, text)

    def _add(self, kind: BlockKind, text: str, cells: tuple[str, ...] = ()) -> None:
        anchor = Anchor(headings=self._outline.path, slide=self._number)
        self._blocks.append(Block(kind, text, anchor, cells))


def _placeholder(shape: Any) -> str:
    """What a shape holds the place of: "title", "body" and so on; "" for other shapes."""
    element = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
    return "" if element is None else element.get("type", "obj")
