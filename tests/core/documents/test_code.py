"""Source code: functions and classes as blocks, lines, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findling.documents import BlockKind
from findling.documents.cleaning import clean
from findling.documents.parsers.code import parse as parse_code

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents import Document


@pytest.fixture
def code(parsed):
    return lambda content, name: parsed(name, content)


def places(document: Document) -> list[tuple[int | None, tuple[str, ...]]]:
    return [(block.anchor.line, block.anchor.headings) for block in document.blocks]


_PYTHON = '''\
"""A module."""
import os

# remark
@deco
class Hut:
    """A hut."""

    beds = 1

    @property
    def open(self):
        """Whether."""
        if "\\d":
            return True

    async def close(self): return 2
    last = 3

def main():
    def inner(): pass
main()
'''


def test_python_by_its_syntax_tree(code) -> None:
    document = code(_PYTHON, "made.py")
    assert document.kind == "code"
    assert {block.kind for block in document.blocks} == {BlockKind.CODE}
    assert places(document) == [
        (1, ()),
        (4, ("Hut",)),
        (11, ("Hut", "open")),
        (17, ("Hut", "close")),
        (18, ("Hut",)),
        (20, ("main",)),
        (22, ()),
    ]
    assert document.blocks[2].text.splitlines()[:2] == ["    @property", "    def open(self):"]


def test_python_of_old_by_its_looks(code) -> None:
    document = code('class A:\n    def b(self):\n        print "x"\n\nprint "y"\n', "made.py")
    assert places(document) == [(1, ("A",)), (2, ("A", "b")), (5, ())]


_JAVA = """\
package x;

/**
 * A hut.
 */
public class Hut<T> extends House {
    int beds = 1;

    @Override
    public List<String> open(int a,
            int b) {
        if (a > 2) {
            say(a);
        }
        return null;
    }

    void close() {}
}
"""
_C = """\
#include <stdio.h>

static int open(const char *a,
    int b)
{
    int i;
#ifdef X
    i = 2;
#endif
out:
    return i;
}

struct hut {
    int x;
};
struct hut a = { 0 };
"""
_JAVASCRIPT = """\
const add = (a, b) => a + b;

export default class Hut {
  async open(a) {
    for (;;) {
    }
  }
}
function go() {
}
go();
"""
_GO = """\
package main

type Hut struct {
\tX int
}

// Open opens.
func (h *Hut) Open() error {
}
"""
_RUST = """\
impl<T> Shape for Hut<T> {
    pub fn area(&self) -> f64 {
        3.0
    }
}
"""
_RUBY = "module A\n  class B < C\n    def d!(n)\n    end\n"
_SQL = "CREATE TABLE IF NOT EXISTS a (\n  id INT\n);\ninsert into a values (1);\n"
_SHELL = "#!/bin/sh\nset -e\nopen() {\n  echo hi\n}\nopen\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("made.java", _JAVA, [(1, ()), (3, ("Hut",)), (9, ("Hut", "open")), (18, ("Hut", "close"))]),
        ("made.c", _C, [(1, ()), (3, ("open",)), (14, ("hut",)), (17, ())]),
        (
            "made.js",
            _JAVASCRIPT,
            [(1, ("add",)), (3, ("Hut",)), (4, ("Hut", "open")), (9, ("go",)), (11, ())],
        ),
        ("made.go", _GO, [(1, ()), (3, ("Hut",)), (7, ("Open",))]),
        ("made.rs", _RUST, [(1, ("Shape",)), (2, ("Shape", "area"))]),
        ("made.sh", _SHELL, [(1, ()), (3, ("open",)), (6, ())]),
        ("made.rb", _RUBY, [(1, ("A",)), (2, ("A", "B")), (3, ("A", "B", "d!"))]),
        ("made.sql", _SQL, [(1, ("a",)), (4, ())]),
        ("made.cs", "@x class A\n@y class B\n", [(1, ("A",)), (2, ("B",))]),
    ],
)
def test_other_languages_by_their_looks(code, name: str, content: str, expected: list[object]) -> None:
    assert places(code(content, name)) == expected


def test_long_functions_are_cut_at_blank_lines(code) -> None:
    lines = ["int main() {"]
    lines += ["" if number % 25 == 0 else f"    x{number}();" for number in range(1, 150)] + ["}"]
    document = code("\n".join(lines), "made.c")
    assert places(document) == [(line, ("main",)) for line in (1, 52, 102)]
    assert code("x\n" * 200, "made.css").blocks[1].anchor.line == 61


_LINE = st.sampled_from(
    [
        *(
            "",
            "",
            "    ",
            "def f():",
            "    return 1",
            "class A:",
            "    def m(self):",
            "        pass",
            "# x",
            "}",
        ),
        *(
            "int main() {",
            "    x = {",
            "\tfoo();",
            "@deco",
            "'''",
            "struct a {",
            "end",
            "/* x",
            " * y",
            "*/",
            "é\x0c",
        ),
    ]
)


@given(lines=st.lists(_LINE | st.text(max_size=12), max_size=150), suffix=st.sampled_from(["py", "c", "rb"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost_and_lines_are_right(tmp_path: Path, lines: list[str], suffix: str) -> None:
    path = tmp_path / f"any.{suffix}"
    path.write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode("utf-8", "replace"))
    kept = clean(path.read_bytes().decode("utf-8-sig")).split("\n")
    blocks = parse_code(path).blocks
    assert "".join("".join(block.text.split()) for block in blocks) == "".join("".join(kept).split())
    for block in blocks:
        first = block.text.split("\n")
        assert len(first) <= 60
        assert block.anchor.line is not None
        for offset, line in enumerate(first):
            assert kept[block.anchor.line - 1 + offset].rstrip() == line
