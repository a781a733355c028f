"""Files of formats in text, with flipped bits and cut off: a document or an error with a reason."""

from __future__ import annotations

import contextlib
import json
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from findling.documents.registry import parse
from findling.errors import ParseError

if TYPE_CHECKING:
    import random
    from pathlib import Path

_NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# A\n", "b"]},
        {"cell_type": "code", "source": "x", "outputs": [{"output_type": "stream", "text": "y"}]},
    ]
}
_SAMPLES = {
    "a.fb2": "<FictionBook><description><title-info><book-title>A</book-title><date>1999</date></title-info>"
    "</description><body><section><title><p>B</p></title><poem><stanza><v>c</v></stanza></poem></section></body>"
    "</FictionBook>",
    "a.mhtml": "From: a\nSubject: =?utf-8?Q?a?=\nDate: Tue, 28 Aug 2012 09:53:28 +0300\nMIME-Version: 1.0\n"
    'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html; charset="utf-8"\n'
    "Content-Transfer-Encoding: base64\n\nPHA+YTwvcD4=\n--b--\n",
    "a.rst": "=\nA\n=\n\n.. code::\n\n   b\n\n=== ===\na   b\n=== ===\nc   d\n=== ===\n\n"
    "+--+--+\n|a |b |\n+--+--+\n",
    "a.adoc": "= A\n:b: c\n\n[cols=2]\n|===\n|a |b\n|===\n\n----\nx\n----\n\na:: b {b}\n",
    "a.org": "#+TITLE: A\n* B :c:\n:D:\n:END:\n| a | b |\n|---+---|\n"
    "#+BEGIN_SRC\nx\n#+END_SRC\n- [ ] c :: d\n[fn:1] e\n",
    "a.tex": '\\title{A}\\begin{document}\\section{B}\\emph{c}\\"o $x$\\footnote{d}\n\n'
    "\\begin{tabular}{l}a&b\\\\\\hline\\end{tabular}\\begin{verbatim}x\\end{verbatim}\\end{document}",
    "a.bib": '@book{a,\n title = {B {\\"o}},\n year = "1999"\n}',
    "a.ipynb": json.dumps(_NOTEBOOK),
    "a.py": "class A:\n    def b(self):\n        return '''x'''\n",
    "a.java": "class A {\n    int b(int c) {\n        return 1;\n    }\n}\n",
    "a.json": '{"a": [1, 2, [3.5]], "b": {"c": "d", "e": [{"f": null}]}}',
    "a.xml": '<?xml version="1.0" encoding="utf-8"?><a b="c"><d>e</d><tr><td>f</td></tr>'
    "<g>h <i>j</i></g></a>",
    "b.xml": '<Workbook><Worksheet Name="A"><Table><Row Index="2"><Cell Index="3"><Data>x</Data></Cell></Row>'
    "</Table></Worksheet></Workbook>",
    "c.xml": "<rss><channel><item><title>a</title><description>&lt;p&gt;b</description></item>"
    "</channel></rss>",
    "a.yaml": "a: 1\nb:\n  - c\n---\nd: e\n",
    "a.srt": "1\n00:00:01,000 --> 00:00:02,000\n<i>a</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n",
    "a.vtt": "WEBVTT\n\nNOTE a\n\n00:01.000 --> 00:02.000\n<v A>b\n",
    "a.sub": "{1}{1}25\n{10}{20}a|b\n",
}


def _damaged(data: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(data)
    for _ in range(chance.randint(0, 6)):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped[: chance.randint(1, len(flipped))] if chance.random() < 0.4 else flipped)


@pytest.mark.parametrize("name", _SAMPLES)
@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_gives_a_document_or_a_reason(
    tmp_path: Path, name: str, chance: random.Random
) -> None:
    path = tmp_path / name
    path.write_bytes(_damaged(_SAMPLES[name].encode(), chance))
    try:
        document = parse(path)
    except ParseError:
        return
    assert all(block.text.strip() for block in document.blocks)


@pytest.mark.parametrize(
    ("name", "begins", "goes_on"),
    [
        ("a.bib", "@a{", " "),
        ("a.bib", "", "\n"),
        ("a.bib", "", "@a{b, c={\n"),
        ("a.tex", "", "\\title[\n"),
        ("a.yaml", "a", " "),
        ("a.xml", "<a>", "<![CDATA["),
        ("a.fb2", "<FictionBook><body>", "<binary"),
        ("a.rst", "a", " "),
        ("a.rst", "== ==\n", "   b\n"),
        ("a.adoc", "|===\n|", "a\n"),
        ("a.org", "* a", " "),
        ("a.org", "#+BEGIN_SRC\n", "\n"),
        ("a.java", "", "@a class B\n"),
        ("a.eml", "Content-Type: multipart/alternative; boundary=b\n\n", "--b\n\na\n"),
    ],
)
def test_time_grows_with_a_file_and_not_with_its_square(
    tmp_path: Path, name: str, begins: str, goes_on: str
) -> None:
    path = tmp_path / name
    path.write_text(begins + goes_on * (200_000 // len(goes_on)) + "x")
    start = time.process_time()
    with contextlib.suppress(ParseError):
        parse(path)
    assert time.process_time() - start < 10


@given(chance=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_book_gives_a_document_or_a_reason(tmp_path: Path, chance: random.Random) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="a.opf"/></container>')
        archive.writestr(
            "a.opf",
            '<package><manifest><item id="a" href="a.html" media-type="text/html"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>',
        )
        archive.writestr("a.html", "<h1>A</h1><p>Some words.</p>" * 9)
    path.write_bytes(_damaged(path.read_bytes(), chance))
    with contextlib.suppress(ParseError):
        parse(path)
