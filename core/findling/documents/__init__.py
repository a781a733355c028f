"""Parse a file's bytes into a document: blocks of text with anchors.

`parse(path)` reads in this process; `ParserPool` reads many files in processes of their own under limits
of time and memory, which is how an index is made: no file may hurt the application.
"""

from findling.documents.model import SEPARATOR, Anchor, Block, BlockKind, Document
from findling.documents.pages import Page, PagePainter, PageWish
from findling.documents.parts import FORMATTED, Part, PartWish
from findling.documents.pool import ParserPool
from findling.documents.registry import FAMILIES, PARSER_VERSION, family_of_name, parse

__all__ = [
    "FAMILIES",
    "FORMATTED",
    "PARSER_VERSION",
    "SEPARATOR",
    "Anchor",
    "Block",
    "BlockKind",
    "Document",
    "Page",
    "PagePainter",
    "PageWish",
    "ParserPool",
    "Part",
    "PartWish",
    "family_of_name",
    "parse",
]
