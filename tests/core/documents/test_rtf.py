"""RTF: code pages, headings, lists, tables, notes, what is no text, and groups without end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import BlockKind, Document, registry
from findling.documents.parsers.rtf import read
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CheckMutants = Callable[..., None]

_STYLES = (
    r"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 heading 1;}{\s2 Heading 2;}{\s9 Title;}"
    r"{\s5\sbasedon1\outlinelevel2 Eigene;}{\*\cs15\additive Heading 1 Char;}}"
)


def rtf(body: str) -> Document:
    return read(rf"{{\rtf1\ansi\ansicpg1252\deff0 {body}}}".encode("latin-1"))


def test_paragraphs_come_with_their_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(
        rb"{\rtf1\ansi{\info{\title Field report}{\author A. Person}{\creatim\yr2001\mo2\dy3}"
        rb"{\revtim\yr2006\mo8\dy14\hr3\min7}{\company No text}}"
        + _STYLES.encode()
        + rb"\pard\plain\s9 On birds\par\pard\s1 Birds\par\pard Two\tab seen\line twice.\par\pard\s2 Owls\par"
        rb"\pard{\listtext\pard 1.\tab}Hunt\par{\pntext\'b7\tab}Sleep\par\pard\s5 Own\par"
        rb"\pard\outlinelevel1 Direct\par\pard\outlinelevel9 Plain"
        b"\n}"
    )
    document = registry.parse(path)
    assert (document.kind, document.title, document.author) == ("rtf", "Field report", "A. Person")
    assert document.written == "2006-08-14T03:07:00"
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "On birds", ("On birds",)),
        ("heading", "Birds", ("Birds",)),
        ("paragraph", "Two seen twice.", ("Birds",)),
        ("heading", "Owls", ("Birds", "Owls")),
        ("list item", "Hunt", ("Birds", "Owls")),
        ("list item", "Sleep", ("Birds", "Owls")),
        ("heading", "Own", ("Birds", "Owls", "Own")),
        ("heading", "Direct", ("Birds", "Direct")),
        ("paragraph", "Plain", ("Birds", "Direct")),
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"caf\'e9 \endash  \ldblquote hi\rdblquote  \{a\\b\}", "café – “hi” {a\\b}"),
        (r"\u8364 ?5 \uc2\u-10179 ??\u-8704 ?? \uc0\u955 b {\uc1\u946\'e2}\u966 c", "€5 😀 λb βφc"),
        (r"\u8211\endash x \u9999999 ?\u-10179 ?y", "–x \ufffd\ufffdy"),
        ("non\\~stop\\_hy\\-phen so\\\nnext", "non stop-hyphen so\n\nnext"),
        (r"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f1 \'cf\'f0{\f0 \'e9}\plain \'e9", "Прéé"),
        (r"{\fonttbl\f0\fcharset128 A;\f1\cpg1253 B;}\f0 \'93\'fa\'96\{ \f1\'d8", "日本 Ψ"),
        (r"{\fonttbl{\f3\fcharset1 A;}}\ansicpg1251\f3 \'cc\'e8\'f0", "Мир"),
        (r"{\upr{gone ?}{\*\ud{kept \u955 ?}}} all", "kept λ all"),
        (r"\mac caf\'8e", "café"),
    ],
)
def test_characters(body: str, text: str) -> None:
    assert rtf(body).text == text


def test_what_is_no_text_is_left_out() -> None:
    document = rtf(
        r"{\fonttbl{\f0 Arial;}}{\colortbl;\red0;}{\*\generator Prog;}{\header Top}{\*\listtable{\list x}}"
        r"Seen {\v unseen}{\deleted gone}{\pict\wmetafile8 0a0b0c}{\*\unknown{\par deep}}"
        r'{\field{\*\fldinst HYPERLINK "http://x.org/"}{\fldrslt the {\b link}}}'
        r"{\object{\*\objdata 0102}{\result  shown}}{\xe index}.\v \plain  End"
    )
    assert document.text == "Seen the link shown. End"


def test_binary_data_is_stepped_over() -> None:
    document = read(rb"{\rtf1 Before {\pict\bin6 }}}{\x} after}" + b" junk \\par more")
    assert document.text == "Before after"


def test_rows_of_a_table_and_a_table_inside() -> None:
    document = rtf(
        r"Before\par\trowd\cellx1\pard\intbl Name\cell\cell a\par b\cell\row"
        r"\trowd\intbl outer \pard\intbl\itap2 in1\nestcell in2\nestcell{\*\nesttableprops\trowd\nestrow}"
        r"{\nonesttables\par}\pard\intbl\cell z\cell\row\pard After\par"
    )
    assert [(block.text, block.cells) for block in document.blocks] == [
        ("Before", ()),
        ("Name | a b", ("Name", "", "a b")),
        ("outer in1 in2 | z", ("outer in1 in2", "z")),
        ("After", ()),
    ]
    assert document.blocks[1].kind is BlockKind.TABLE_ROW


def test_notes_and_boxes_follow_the_paragraph_in_which_they_are() -> None:
    document = rtf(
        _STYLES + r"\pard\s1 Birds\par\pard Owls{\super\chftn{\footnote\pard\chftn  See\par there.}} hunt"
        r"{\*\atnid AB}{\*\annotation Which?}{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt\pard In a box\par"
        r" and more\par}}{\shprslt{\pict 00}}} mice.\par"
        r"\trowd\intbl a{\footnote Of a}\cell b\cell\row\pard End\par"
    )
    assert [(block.kind.value, block.text) for block in document.blocks] == [
        ("heading", "Birds"),
        ("paragraph", "Owls hunt mice."),
        ("note", "See there."),
        ("note", "Which?"),
        ("paragraph", "In a box"),
        ("paragraph", "and more"),
        ("table row", "a | b"),
        ("note", "Of a"),
        ("paragraph", "End"),
    ]
    assert {block.anchor.headings for block in document.blocks} == {("Birds",)}


def test_a_file_cut_off_gives_what_is_there() -> None:
    assert read(rb"{\rtf1{\b Two owls.\par{\i And").text == "Two owls.\n\nAnd"
    assert read(rb"{\rtf1 \trowd\intbl a\cell b").text == "a | b"


def test_numbers_without_sense_cost_no_text() -> None:
    document = rtf(r"{\info{\creatim\yr9999999999\mo1\dy1}}\uc-3\u955 Two owls.")
    assert (document.text, document.written) == ("λTwo owls.", "")


def test_groups_without_end_are_refused() -> None:
    with pytest.raises(ParseError, match="nested too deeply"):
        read(rb"{\rtf1 " + b"{" * 100_000)
    with pytest.raises(ParseError, match="not RTF"):
        read(b"plain text")


def test_damaged_files_are_a_document_or_a_reason(tmp_path: Path, check_mutants: CheckMutants) -> None:
    source = (
        rb"{\rtf1\ansi{\fonttbl{\f0\fcharset128 A;}}{\info{\title T}{\revtim\yr2006\mo8\dy14}}"
        + _STYLES.encode()
        + rb"\pard\s1 Birds\par\trowd\intbl a\cell{\footnote b}\row\pard"
        rb"{\shptxt c\par}{\pict\bin3 abc}\u955 ?\'e9}"
    )
    path = tmp_path / "a.rtf"
    path.write_bytes(source)
    check_mutants(path, 200, marks=rb"{}\09-")
