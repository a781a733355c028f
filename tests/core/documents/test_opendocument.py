"""OpenDocument: headings, lists, tables, notes, slides, deletions, flat files, passwords, damage."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CheckMutants = Callable[..., None]

_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
    for name, full in [
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("draw", "drawing"),
        ("style", "style"),
        ("presentation", "presentation"),
        ("svg", "svg-compatible"),
        ("meta", "meta"),
    ]
)
_NAMESPACES += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
_META = (
    "<office:meta><dc:title>The river</dc:title><meta:initial-creator>Ida Berg</meta:initial-creator>"
    "<dc:date>2024-05-06T07:08:09.123</dc:date></office:meta>"
)


def odf(path: Path, kind: str, body: str, styles: str = "", **parts: str) -> Path:
    """A package; of `parts`, "meta" is metadata, "master" the master pages, "manifest" the manifest."""
    content = f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>{body}</office:body>"
    wrapped = {"content.xml": content}
    if "meta" in parts:
        wrapped["meta.xml"] = parts["meta"]
    if "master" in parts:
        wrapped["styles.xml"] = f"<office:master-styles>{parts['master']}</office:master-styles>"
    if "manifest" in parts:
        wrapped["META-INF/manifest.xml"] = parts["manifest"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        for name, xml in wrapped.items():
            archive.writestr(name, f"<office:document {_NAMESPACES}>{xml}</office:document>")
    return path


def flat(path: Path, kind: str, xml: str) -> Path:
    """A file that is no package."""
    path.write_text(
        f"<?xml version='1.0'?><office:document {_NAMESPACES} "
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">{_META}'
        f"<office:body><office:{kind}>{xml}</office:{kind}></office:body></office:document>"
    )
    return path


def odt(tmp_path: Path, xml: str, styles: str = "", **parts: str) -> Path:
    return odf(tmp_path / "a.odt", "text", f"<office:text>{xml}</office:text>", styles, **parts)


def blocks_of(path: Path) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in parse(path).blocks]


def test_blocks_come_in_order_with_their_headings(tmp_path: Path) -> None:
    xml = """
      <text:p text:style-name="P1">Field report</text:p>
      <text:h text:outline-level="1">Birds</text:h>
      <text:p>Two<text:s text:c="3"/>owls<text:tab/>at<text:line-break/>night.</text:p>
      <text:section><text:h text:outline-level="2">Owls <text:span>big</text:span></text:h></text:section>
      <text:list><text:list-item><text:p>one</text:p>
        <text:list><text:list-item><text:p>one and a half</text:p></text:list-item></text:list>
      </text:list-item></text:list>
      <text:h text:outline-level="1">Fish</text:h>"""
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    document = parse(odt(tmp_path, xml, styles))
    assert (document.kind, document.title) == ("odt", "Field report")
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "Field report", ("Field report",)),
        ("heading", "Birds", ("Birds",)),
        ("paragraph", "Two owls at night.", ("Birds",)),
        ("heading", "Owls big", ("Birds", "Owls big")),
        ("list item", "one", ("Birds", "Owls big")),
        ("list item", "one and a half", ("Birds", "Owls big")),
        ("heading", "Fish", ("Fish",)),
    ]


def test_metadata_and_none(tmp_path: Path) -> None:
    document = parse(odt(tmp_path, "<text:p>x</text:p>", meta=_META))
    assert (document.title, document.author, document.written) == (
        "The river",
        "Ida Berg",
        "2024-05-06T07:08:09",
    )
    broken = parse(odt(tmp_path, "<text:p>x</text:p>", meta="<<<"))
    assert (broken.text, broken.title, broken.author) == ("x", "", "")


def test_deleted_text_and_tables_of_contents_are_left_out(tmp_path: Path) -> None:
    xml = """
      <text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>
      </text:changed-region></text:tracked-changes>
      <text:table-of-content><text:index-body><text:p>Birds ... 1</text:p></text:index-body>
      </text:table-of-content>
      <text:p>kept<text:change/> and <text:change-start/>added<text:change-end/>
        <text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text></text:ruby>
      </text:p>"""
    assert blocks_of(odt(tmp_path, xml)) == [("paragraph", "kept and added 東京")]


def test_notes_comments_and_text_boxes_follow_their_paragraph(tmp_path: Path) -> None:
    xml = """
      <text:p>An owl<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>
        <text:note-body><text:p>Strix aluco.</text:p></text:note-body></text:note> called<office:annotation>
        <dc:creator>Ida</dc:creator><dc:date>2024-01-01</dc:date><text:p>Really?</text:p></office:annotation>.
        <draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box>
        <svg:title>picture</svg:title></draw:frame>
        <draw:custom-shape><text:p>On a shape</text:p></draw:custom-shape></text:p>"""
    assert blocks_of(odt(tmp_path, xml)) == [
        ("paragraph", "An owl called."),
        ("note", "Strix aluco."),
        ("note", "Really?"),
        ("paragraph", "In a box"),
        ("paragraph", "On a shape"),
    ]


def test_tables_with_headers_groups_and_tables_inside(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    inner = f"<table:table><table:table-row>{cell('in')}{cell('side')}</table:table-row></table:table>"
    xml = f"""<table:table><table:table-header-rows><table:table-row>{cell("Name")}{cell("Height")}
      </table:table-row></table:table-header-rows>
      <table:table-row-group><table:table-row>{cell("Mönch", 'table:number-columns-spanned="2"')}
        <table:covered-table-cell/></table:table-row></table:table-row-group>
      <table:table-row><table:table-cell>{inner}</table:table-cell>
        {cell("2", 'table:number-columns-repeated="2"')}</table:table-row></table:table>"""
    assert blocks_of(odt(tmp_path, xml)) == [
        ("table header", "Name | Height"),
        ("table row", "Mönch"),
        ("table row", "in | side | 2 | 2"),
    ]


def test_tables_within_tables_that_repeat_their_text_are_no_bomb(tmp_path: Path) -> None:
    xml = "<text:p>x</text:p>"
    for _ in range(8):
        cell = f'<table:table-cell table:number-columns-repeated="9">{xml}</table:table-cell>'
        row = f'<table:table-row table:number-rows-repeated="9">{cell}</table:table-row>'
        xml = f"<table:table>{row}</table:table>"
    assert blocks_of(odt(tmp_path, xml)) == [("table row", " | ".join("x" * 9))] * 9
    long = xml.replace(">x<", f">{'x' * 200_000}<")
    assert len(parse(odt(tmp_path, long)).text) == 200_000


def slide(*shapes: str, master: str = "") -> str:
    return f'<draw:page draw:master-page-name="{master}">{"".join(shapes)}</draw:page>'


def frame(text: str, kind: str = "") -> str:
    box = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
    return f'<draw:frame presentation:class="{kind}">{box}</draw:frame>'


def test_slides_have_titles_notes_and_groups(tmp_path: Path) -> None:
    notes = f"<presentation:notes>{frame('Speak slowly.', 'notes')}</presentation:notes>"
    bullets = "<draw:frame><draw:text-box><text:list><text:list-item><text:p>first</text:p></text:list-item>"
    bullets += "</text:list></draw:text-box></draw:frame>"
    body = f"""<office:presentation><presentation:footer-decl>every slide</presentation:footer-decl>
      {slide(bullets, frame("Owls", "title"), notes)}
      {slide(f"<draw:g>{frame('grouped')}</draw:g>")}</office:presentation>"""
    document = parse(odf(tmp_path / "a.odp", "presentation", body))
    assert (document.kind, document.title) == ("odp", "Owls")
    assert [(b.kind.value, b.text, b.anchor.slide, b.anchor.headings) for b in document.blocks] == [
        ("heading", "Owls", 1, ("Owls",)),
        ("list item", "first", 1, ("Owls",)),
        ("note", "Speak slowly.", 1, ("Owls",)),
        ("paragraph", "grouped", 2, ()),
    ]


def test_the_text_of_a_master_is_read_at_its_first_slide(tmp_path: Path) -> None:
    slides = slide(frame("a")) + slide(master="M") + slide(master="M")
    body = f"<office:presentation>{slides}</office:presentation>"
    shapes = frame("Click to edit", "title") + frame("Confidential", "footer")
    master = f'<style:master-page style:name="M">{shapes}</style:master-page>'
    master += f'<style:master-page style:name="N">{frame("unused")}</style:master-page>'
    document = parse(odf(tmp_path / "a.odp", "presentation", body, master=master))
    assert [(block.text, block.anchor.slide) for block in document.blocks] == [("a", 1), ("Confidential", 2)]


@pytest.mark.parametrize(("name", "kind"), [("a.fodt", "text"), ("a.fodp", "presentation")])
def test_flat_files_are_read(tmp_path: Path, name: str, kind: str) -> None:
    inner = "<text:p>flat</text:p>" if kind == "text" else slide(frame("flat"))
    document = parse(flat(tmp_path / name, kind, inner))
    assert (document.text, document.title, document.author) == ("flat", "The river", "Ida Berg")


def test_templates_are_read(tmp_path: Path) -> None:
    body = "<office:text><text:p>template</text:p></office:text>"
    assert parse(odf(tmp_path / "a.ott", "text-template", body)).text == "template"


def test_a_password_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncryptedFile, match="password"):
        parse(odt(tmp_path, "", manifest="<manifest:encryption-data/>"))


def test_a_package_without_content_is_damaged(tmp_path: Path) -> None:
    path = odt(tmp_path, "")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    with pytest.raises(ParseError, match="content is missing"):
        parse(path)


def test_deep_nesting_is_no_danger(tmp_path: Path) -> None:
    xml = "<text:section>" * 5000 + "<text:p>deep</text:p>" + "</text:section>" * 5000
    assert blocks_of(odt(tmp_path, f"<text:p>top</text:p>{xml}")) == [("paragraph", "top")]


def test_mutated_documents_are_read_or_refused(tmp_path: Path, check_mutants: CheckMutants) -> None:
    xml = "<text:h>Owls</text:h><text:p>Two of them.</text:p>" * 5
    check_mutants(odt(tmp_path, xml, meta=_META), 80)
    check_mutants(flat(tmp_path / "a.fodt", "text", xml), 80, marks=b'<>/"')
