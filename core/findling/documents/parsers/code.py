"""Source code: Python by the standard library's `ast`, which knows where functions begin; every other
language by its indentation and the looks of a declaration, since a grammar for each would be far larger."""

from __future__ import annotations

import ast
import re
import warnings
from itertools import pairwise
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean
from findling.documents.model import Anchor, Block, BlockKind, Document
from findling.documents.parsers.plain import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    _Start = tuple[int, tuple[str, ...]]  # a line, counted from 0, and the names that hold from there on

_PYTHON = frozenset({".py", ".pyi", ".pyw"})
#: Above this, in characters, Python is read as every other language is.
_SYNTAX_TREE_LIMIT = 2_000_000
#: A block has no more lines than this, and where it is cut for it, no less than a third.
_LINES = 60
#: A line longer than this declares nothing that a person wrote.
_LINE_LENGTH = 200

_TYPES = re.compile(
    r"""(?:[\w@\[\]()]+\s+){0,5}?
    (?:class|interface|struct|enum|trait|impl|namespace|module|object|protocol|extension|record|union|contract)
    (?:\s+class)?\s*(?:<[^>]*>)?\s+(?:[A-Z_]+\s+)?(?P<name>[A-Za-z_$][\w$:.]*)(?!\s*[,)]|[\w$\s*&]*[;=])
    """,
    re.VERBOSE,
)
_FUNCTIONS = re.compile(
    r"""(?:[\w@]+(?:\([^)]*\))?\s+){0,5}?
    (?:function|func|fn|def|defp|defmacro|fun|sub|proc|procedure|macro|subroutine)\*?
    \s+(?:\([^)]*\)\s*)?(?P<name>[A-Za-z_$][\w$:.!?]*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ASSIGNED = (
    r"(?:export\s+)?(?:default\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\s*(?::[^=]+)?="
    r"\s*(?:async\s+)?(?:function\b|\([^)]*\)[^=]*=>|[\w$]+\s*=>)"
)
_ASSIGNED_IN_R = r"(?P<name>[A-Za-z.][\w.]*)\s*(?:<-|=)\s*function\b"
_IN_LISP = r"\(def\w*\s+(?P<name>[\w*!?<>=/+-]+)"
_MESSAGES = r"(?:export\s+)?(?:type|message|service|input)\s+(?P<name>\w+).*\{$"
_TABLES = (
    r"create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:unique\s+)?"
    r"(?:table|view|function|procedure|trigger|index|type|schema|database)\s+(?:if\s+not\s+exists\s+)?"
    r"[`\"\[]?(?P<name>[\w.]+)"
)
_DECLARATIONS = (
    _TYPES,
    _FUNCTIONS,
    *(re.compile(each, re.IGNORECASE) for each in (_ASSIGNED, _ASSIGNED_IN_R, _IN_LISP, _MESSAGES, _TABLES)),
)
#: As in C, Java and shells: perhaps types, a name, and parameters that no semicolon follows.
_SIGNATURE = re.compile(
    r"(?P<types>(?:[A-Za-z_][\w:<>,.\[\]]*[\s*&]+){0,6}?)(?P<name>[A-Za-z_~][\w:~]*)\s*"
    r"\((?:(?!=>)[^;{\"'`])*(?P<end>\{.*|[),]|\bconst)$"
)
_NO_NAMES = frozenset(
    """if for while switch return else catch do foreach using lock when until unless with assert sizeof throw
    elif elsif case new delete await yield print echo and or not in defined typeof synchronized try except
    match loop select""".split()
)
#: A line that belongs to the declaration before it even where it is indented no further.
_GOES_ON = re.compile(
    r"[{}\])#:]|(?:public|private|protected|signals|slots|\w+)\s*:\s*$"
    r"|(?:end|fi|done|esac|else|elif|elseif|elsif|rescue|except|ensure|finally|catch|begin|is|then|do|where"
    r"|case(?!\s+class))\b",
    re.IGNORECASE,
)
#: A line that belongs to the declaration after it.
_LEADS = re.compile(r"\s*(?://|/\*|\*|#|--|;|%|@|\[[A-Za-z]|'|<!--|template\s*<)")


def parse(path: Path) -> Document:
    """Read source code: a block of at most 60 lines for each function, under the names it stands in."""
    lines = clean(decode(path.read_bytes())).split("\n")
    starts = _python(lines) if path.suffix.lower() in _PYTHON else None
    if starts is None:
        starts = _declarations(lines)
    blocks: list[Block] = []
    for (start, names), (end, _) in pairwise([(0, ()), *starts, (len(lines), ())]):
        for first, text in pieces(lines, start, end):
            blocks.append(Block(BlockKind.CODE, text, Anchor(line=first + 1, headings=names)))
    return Document("code", "", tuple(blocks))


def pieces(lines: list[str], start: int, end: int) -> Iterator[tuple[int, str]]:
    """Cut the lines from `start` up to `end` into pieces of at most 60, best where a blank line stands and
    little indentation follows. Yields the first line of each, counted from 0, and its text."""
    while start < end:
        if not lines[start].strip():
            start += 1
            continue
        stop = end if end - start <= _LINES else _best_cut(lines, start)
        text = "\n".join(line.rstrip() for line in lines[start:stop]).rstrip()
        yield start, text
        start = stop


def _best_cut(lines: list[str], start: int) -> int:
    best, stop = (False, 0), start + _LINES
    for number in range(start + _LINES // 3, start + _LINES + 1):
        line = lines[number]
        if line.strip():
            rank = (not lines[number - 1].strip(), -_indent(line))
            if rank >= best or number == start + _LINES // 3:
                best, stop = rank, number
    return stop


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def _python(lines: list[str]) -> list[_Start] | None:
    """Where classes, functions and what stands between them begin; None for what is no Python of today."""
    text = "\n".join(lines)
    if len(text) > _SYNTAX_TREE_LIMIT:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old escapes in the person's code
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    starts: dict[int, tuple[str, ...]] = {}
    open_bodies: list[tuple[list[ast.stmt], tuple[str, ...]]] = [(tree.body, ())]
    while open_bodies:
        body, names = open_bodies.pop()
        for node in body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                starts[_with_remarks(lines, first - 1)] = (*names, node.name)
                starts.setdefault(node.end_lineno or node.lineno, names)
                if isinstance(node, ast.ClassDef):
                    open_bodies.append((node.body, (*names, node.name)))
    return sorted(starts.items())


def _with_remarks(lines: list[str], number: int, least: int = 0) -> int:
    """The first of the remarks and decorators right above a line, from the line `least` on."""
    indent = _indent(lines[number])
    while (
        number > least and _LEADS.match(lines[number - 1]) and _indent(lines[number - 1]) - indent in (0, 1)
    ):
        number -= 1
    return number


def _declarations(lines: list[str]) -> list[_Start]:
    """Where declarations begin and end, by the looks of lines and their indentation."""
    starts: list[_Start] = []
    open_names: list[tuple[int, str]] = []
    below_name = 0
    for number, line in enumerate(lines):
        stripped = line.strip()
        if not stripped or (open_names and _GOES_ON.match(stripped)):
            continue
        indent = _indent(line)
        closed = False
        while open_names and open_names[-1][0] >= indent:
            open_names.pop()
            closed = True
        name = _declared(stripped) if len(open_names) < 3 else ""
        if name:
            open_names.append((indent, name))
        if name or closed:
            starts.append((_with_remarks(lines, number, below_name), tuple(name for _, name in open_names)))
        if name:
            below_name = number + 1
    return sorted(starts)


def _declared(line: str) -> str:
    """The name of the type or function that a line begins to declare, or ""."""
    if len(line) > _LINE_LENGTH:
        return ""
    for pattern in _DECLARATIONS:
        if match := pattern.match(line):
            return match["name"].rstrip(":.")
    match = _SIGNATURE.match(line)
    if match is None or _NO_NAMES & {match["name"].lower(), line.split(maxsplit=1)[0].lower()}:
        return ""
    return match["name"] if match["end"].startswith("{") or match["types"] else ""
