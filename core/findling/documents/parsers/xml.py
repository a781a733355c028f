"""XML through lxml (BSD, fast, recovers what is damaged), without entities, networks or huge texts."""

from __future__ import annotations

import html.entities
import re
from typing import Any

from findling.documents.cleaning import clean, flow
from findling.documents.parsers.plain import decode_declaring

_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)")
_PROLOGUE = re.compile(r"\A\s*<\?xml[^>]*\?>")
#: A section of characters, in which "&" is one; an entity of HTML; an "&" that stands for itself.
_AMPERSAND = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&([A-Za-z]\w{0,31});|&(?!#?\w{1,32};)", re.DOTALL)
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
#: The names of elements whose text is none of the document.
NOT_TEXT = frozenset({"style", "script", "binary", "binData"})
_BREAKS = frozenset(
    {"br", "lb", "tab", "p", "para", "li", "item", "entry", "cell", "td", "tspan", "v", "line"}
)


def markup_text(data: bytes) -> str:
    """The text of an XML file, in the encoding that it declares where it is that, without the declaration."""
    text = clean(decode_declaring(data, _ENCODING))
    return _PROLOGUE.sub(lambda match: "\n" * match[0].count("\n"), text, count=1)


def markup_tree(text: str) -> Any:
    """The root element of XML, damaged or not; None where there is none. It is nested 256 deep at most, and
    entities that the text declares itself are left out."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True, encoding="utf-8"
    )
    try:
        return etree.fromstring(_AMPERSAND.sub(_repaired, text).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _repaired(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&amp;"
    code = html.entities.name2codepoint.get(match[1] or "")
    return match[0] if code is None or match[1] in _OF_XML else chr(code)


def name_of(element: Any) -> str:
    """An element's name without its namespace; "" for remarks and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: Any, name: str) -> str:
    """An attribute's value, whatever its namespace, or ""."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def children(element: Any, name: str = "") -> list[Any]:
    """The elements right below, all or those of a name."""
    return [child for child in element if (name_of(child) == name if name else name_of(child))]


def child(element: Any, *path: str) -> Any:
    """The first element at the end of a path of names, or None."""
    for name in path:
        element = next(iter(children(element, name)), None)
        if element is None:
            return None
    return element


def words(element: Any, limit: int = 1_000_000) -> str:
    """The text of an element and all below it, on one line; cut somewhere above `limit` characters."""
    if element is None:
        return ""
    if not len(element):
        return flow(element.text or "")
    parts: list[str] = []
    length = 0
    for node in element.iter():
        name = name_of(node)
        inside = (node.text or "") if name and name not in NOT_TEXT else ""
        parts.append(f" {inside}" if name in _BREAKS else inside)
        if node is not element:
            parts.append(node.tail or "")
        length += len(parts[-1]) + len(inside)
        if length > limit:
            break
    return flow("".join(parts))
