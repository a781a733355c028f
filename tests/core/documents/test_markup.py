"""reStructuredText, AsciiDoc, Org: headings, lists, code, tables, what is no text, where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from findling.documents import Document


def shown(document: Document) -> list[tuple[str, str, int | None]]:
    return [(block.kind.value, block.text, block.anchor.line) for block in document.blocks]


def test_rst_headings_by_adornment_in_order_of_appearance(parsed) -> None:
    document = parsed(
        "made.rst",
        "=====\nHuts\n=====\n\n:Author: Ann Ode\n:Date: 2020-05-06\n\nNorth\n-----\nText\nof two lines.\n\n"
        "Rules\n~~~~~\n\nSouth\n-----\n\nEnd.\n",
    )
    assert (document.kind, document.title, document.author, document.written) == (
        "rst",
        "Huts",
        "Ann Ode",
        "2020-05-06",
    )
    assert [block.anchor.headings for block in document.blocks if block.kind.value != "list item"] == [
        ("Huts",),
        ("Huts", "North"),
        ("Huts", "North"),
        ("Huts", "North", "Rules"),
        ("Huts", "South"),
        ("Huts", "South"),
    ]
    assert shown(document)[4] == ("paragraph", "Text of two lines.", 10)


def test_rst_inline_marks_are_stripped(parsed) -> None:
    text = (
        r"A *light* **strong** ``a*b`` `link <https://x.org>`_ :ref:`the hut <hut>` :class:`~a.B` word_ "
        r"|sub| 2*3*4 snake_case_name \*kept\* [1]_."
    )
    assert parsed("made.rst", text).text == (
        "A light strong a*b link the hut a.B word sub 2*3*4 snake_case_name *kept* [1]."
    )


def test_rst_constructs(parsed) -> None:
    document = parsed(
        "made.rst",
        ".. a remark\n   goes on\n\nCode::\n\n    x  =  1\n\n      y\n\n"
        ".. code-block:: python\n   :linenos:\n\n   def f():\n       pass\n\n"
        ".. note:: Mind this.\n\n   - one\n     two\n   - three\n\n"
        ".. image:: a.png\n   :alt: A hut\n\n.. include:: /etc/passwd\n\n"
        ".. _target:\n\n"
        ".. [1] A footnote\n   here.\n\n"
        ">>> 1 + 1\n2\n\n----\n\n| a line\n| another\n\nterm\n   its meaning\n",
    )
    assert shown(document) == [
        ("paragraph", "Code:", 4),
        ("code", "x  =  1\n\n  y", 6),
        ("code", "def f():\n    pass", 13),
        ("paragraph", "Mind this.", 16),
        ("list item", "one two", 18),
        ("list item", "three", 20),
        ("caption", "A hut", 22),
        ("note", "A footnote here.", 29),
        ("code", ">>> 1 + 1\n2", 32),
        ("paragraph", "a line another", 37),
        ("paragraph", "term its meaning", 40),
    ]


def test_rst_tables(parsed) -> None:
    document = parsed(
        "made.rst",
        "=====  ======\nName   Height\n=====  ======\nMönch  4110 m\nEiger  3967 m\n       or so\n"
        "=====  ======\n\n"
        "+---+-----+\n| a | b   |\n+===+=====+\n| 1 | two |\n|   | x   |\n+---+-----+\n\n"
        '.. csv-table:: Peaks\n   :header: "Name", "m"\n\n   Jungfrau, "4,158"\n\n'
        ".. list-table::\n   :header-rows: 1\n\n   * - Hut\n     - Beds\n   * - Monte\n       Rosa\n"
        "     - 120\n",
    )
    assert shown(document) == [
        ("table header", "Name | Height", 2),
        ("table row", "Mönch | 4110 m", 4),
        ("table row", "Eiger | 3967 m or so", 5),
        ("table header", "a | b", 10),
        ("table row", "1 | two x", 12),
        ("caption", "Peaks", 16),
        ("table header", "Name | m", 18),
        ("table row", "Jungfrau | 4,158", 19),
        ("table header", "Hut | Beds", 24),
        ("table row", "Monte Rosa | 120", 26),
    ]


_ADOC = """\
= Huts of the _north_
Ann Ode <ann@x.org>
v1.0, 2020-05-06
:place: Bodø

// a remark
== Rules

No *shoes* in {place}, see https://x.org[the page] and <<beds,the beds>>.footnote:[Since 1900.]

.How to enter
[source,python]
----
def enter():
    pass
----

////
never
////

* one
goes on
** two

NOTE: Quiet at night.

Term:: its meaning

[cols="1,1", options="header"]
|===
|Name |Height

|Mönch
|4110 m

|Eiger |3967 m
|===

image::a.png[A hut, 300]
include::/etc/passwd[]

====
In an example.
====

Beds
----

Ten.
"""


def test_asciidoc(parsed) -> None:
    document = parsed("made.adoc", _ADOC)
    assert (document.kind, document.title, document.author, document.written) == (
        "adoc",
        "Huts of the north",
        "Ann Ode",
        "2020-05-06",
    )
    assert shown(document) == [
        ("heading", "Huts of the north", 1),
        ("heading", "Rules", 7),
        ("paragraph", "No shoes in Bodø, see the page and the beds. (Since 1900.)", 9),
        ("caption", "How to enter", 11),
        ("code", "def enter():\n    pass", 14),
        ("list item", "one goes on", 22),
        ("list item", "two", 24),
        ("paragraph", "Quiet at night.", 26),
        ("list item", "Term: its meaning", 28),
        ("table header", "Name | Height", 32),
        ("table row", "Mönch | 4110 m", 34),
        ("table row", "Eiger | 3967 m", 37),
        ("caption", "A hut", 40),
        ("paragraph", "In an example.", 44),
        ("heading", "Beds", 47),
        ("paragraph", "Ten.", 50),
    ]
    assert document.blocks[-1].anchor.headings == ("Huts of the north", "Beds")


_ORG = """\
#+TITLE: Huts
#+AUTHOR: Ann Ode
#+DATE: <2020-05-06 Wed>
# a remark

* TODO [#A] North :hut:cold:
SCHEDULED: <2020-01-01 Wed>
:PROPERTIES:
:ID: 17
:END:
Some *strong* /light/ =a*b= text with a [[https://x.org][link]] and [[https://y.org]][fn:1].
It goes on.
- [X] one
  goes on
- Term :: its meaning
  1. nested
** Code
#+BEGIN_SRC python
  def f():
      pass
#+END_SRC
: fixed
#+BEGIN_QUOTE
Quoted.
#+END_QUOTE
#+CAPTION: Peaks
| Name  | Height |
|-------+--------|
| Mönch | 4110 m |
#+TBLFM: $1=$2
* COMMENT Never
hidden
** deeper
* South

[fn:1] A footnote.
"""


def test_org(parsed) -> None:
    document = parsed("made.org", _ORG)
    assert (document.kind, document.title, document.author, document.written) == (
        "org",
        "Huts",
        "Ann Ode",
        "2020-05-06",
    )
    assert shown(document) == [
        ("heading", "North", 6),
        ("paragraph", "Some strong light a*b text with a link and https://y.org. It goes on.", 11),
        ("list item", "one goes on", 13),
        ("list item", "Term: its meaning", 15),
        ("list item", "nested", 16),
        ("heading", "Code", 17),
        ("code", "def f():\n    pass", 19),
        ("code", "fixed", 22),
        ("paragraph", "Quoted.", 24),
        ("caption", "Peaks", 26),
        ("table header", "Name | Height", 27),
        ("table row", "Mönch | 4110 m", 29),
        ("heading", "South", 34),
        ("note", "A footnote.", 36),
    ]
    assert document.blocks[6].anchor.headings == ("North", "Code")


@pytest.mark.parametrize("name", ["made.rst", "made.adoc", "made.org"])
def test_what_never_ends_ends_with_the_file(parsed, name: str) -> None:
    for content in (
        "::\n\n",
        "----\ncode",
        "|===\n|a",
        "#+BEGIN_SRC\ncode",
        "====\n",
        "+--+\n| a",
        ".. note::",
        ":a:",
        "* ",
    ):
        parsed(name, content)
    assert parsed(name, "   " * 2000 + "deep\n").text == "deep"
