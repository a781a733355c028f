"""Parse a file's bytes into a document: blocks of text with anchors.

`parse(path)` reads in this process; `ParserPool` reads many files in processes of their own under limits
of time and memory, which is how an index is made: no file may hurt the application.
"""

from findling.documents.container import INSIDE, Inner, content_of, outsides, split, unpacked
from findling.documents.formats import FAMILIES, family_of_name
from findling.documents.model import SEPARATOR, Anchor, Block, BlockKind, Document
from findling.documents.pages import Page, PagePainter, PageWish
from findling.documents.parts import FORMATTED, Part, PartWish
from findling.documents.pool import ParserPool
from findling.documents.recognition import Recognizer
from findling.documents.registry import CONTAINERS, PARSER_VERSION, parse

__all__ = [
    "CONTAINERS",
    "FAMILIES",
    "FORMATTED",
    "INSIDE",
    "PARSER_VERSION",
    "SEPARATOR",
    "Anchor",
    "Block",
    "BlockKind",
    "Document",
    "Inner",
    "Page",
    "PagePainter",
    "PageWish",
    "ParserPool",
    "Part",
    "PartWish",
    "Recognizer",
    "content_of",
    "family_of_name",
    "outsides",
    "parse",
    "split",
    "unpacked",
]
