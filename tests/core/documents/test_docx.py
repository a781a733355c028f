"""Word documents: order, headings, lists, tables, what is wrapped or hidden, templates and macros."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import docx
import pytest
from docx.oxml import parse_xml

from findling.documents import BlockKind, parse
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from docx.document import Document as WordDocument

    Repack = Callable[..., Path]

_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def saved(word: WordDocument, tmp_path: Path, name: str = "made.docx") -> Path:
    path = tmp_path / name
    word.save(str(path))
    return path


def with_body(tmp_path: Path, xml: str) -> Path:
    """A document whose body begins with the elements in `xml`."""
    word = docx.Document()
    for number, element in enumerate(parse_xml(f"<w:body {_NAMESPACES}>{xml}</w:body>")):
        word.element.body.insert(number, element)
    return saved(word, tmp_path)


def test_blocks_come_in_order_with_their_headings(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("Field report", 0)
    word.add_paragraph("By the\tstaff.")
    word.add_heading("Birds", 1)
    word.add_paragraph("Two owls.", style="List Bullet")
    word.add_heading("Owls", 2)
    word.add_paragraph("")
    word.add_paragraph("Heard at night.")
    word.add_heading("Fish", 1)
    document = parse(saved(word, tmp_path))
    assert (document.kind, document.title) == ("docx", "Field report")
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "Field report", ("Field report",)),
        ("paragraph", "By the staff.", ("Field report",)),
        ("heading", "Birds", ("Birds",)),
        ("list item", "Two owls.", ("Birds",)),
        ("heading", "Owls", ("Birds", "Owls")),
        ("paragraph", "Heard at night.", ("Birds", "Owls")),
        ("heading", "Fish", ("Fish",)),
    ]


def test_the_title_of_the_properties_comes_first_if_it_is_one(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("A heading", 1)
    word.core_properties.title = "The real title"
    assert parse(saved(word, tmp_path)).title == "The real title"
    word.core_properties.title = "Microsoft Word - Dokument1"
    assert parse(saved(word, tmp_path)).title == "A heading"


def test_rows_of_a_table_with_merged_cells_and_a_table_inside(tmp_path: Path) -> None:
    word = docx.Document()
    table = word.add_table(3, 3)
    for row, texts in enumerate([("Name", "Height", "Note"), ("Mönch", "4110 m", ""), ("both", "", "end")]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(2, 0).merge(table.cell(2, 1))
    table.cell(1, 2).add_table(1, 2).cell(0, 0).text = "inner"
    blocks = parse(saved(word, tmp_path)).blocks
    assert {block.kind for block in blocks} == {BlockKind.TABLE_ROW}
    assert [block.text for block in blocks] == [
        "Name | Height | Note",
        "Mönch | 4110 m | inner",
        "both | end",
    ]


def test_a_list_by_numbering_alone_is_a_list(tmp_path: Path) -> None:
    xml = "<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>Step</w:t></w:r></w:p>"
    (block,) = parse(with_body(tmp_path, xml)).blocks
    assert (block.kind, block.text) == (BlockKind.LIST_ITEM, "Step")


def test_text_in_content_controls_and_tracked_insertions_is_read_and_deletions_are_not(
    tmp_path: Path,
) -> None:
    xml = """
      <w:sdt><w:sdtPr><w:alias w:val="no text"/></w:sdtPr><w:sdtContent>
        <w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>
      <w:p><w:r><w:t xml:space="preserve">Kept, </w:t></w:r>
        <w:ins><w:r><w:t>added</w:t></w:r></w:ins><w:del><w:r><w:delText>, dropped</w:delText></w:r></w:del>
        <w:moveFrom><w:r><w:t>moved away</w:t></w:r></w:moveFrom>
        <w:sdt><w:sdtContent><w:r><w:t>, chosen</w:t><w:br/><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t>
        </w:r></w:sdtContent></w:sdt></w:p>
      <w:p><w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>
        <w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>
      <w:tbl><w:tr><w:sdt><w:sdtContent><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc>
        </w:sdtContent></w:sdt></w:tr></w:tbl>"""
    texts = [block.text for block in parse(with_body(tmp_path, xml)).blocks]
    assert texts == ["In a control.", "Kept, added, chosen non-stop", "東京", "cell"]


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
    xml = f"""<w:p><w:r><w:t>Beside</w:t></w:r><w:r><mc:AlternateContent>
      <mc:Choice Requires="wps"><wps:txbx>{box}</wps:txbx></mc:Choice>
      <mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>
      </mc:AlternateContent></w:r></w:p>"""
    assert [block.text for block in parse(with_body(tmp_path, xml)).blocks] == ["Beside", "In a box"]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.docm", b"application/vnd.ms-word.document.macroEnabled.main+xml"),
        ("a.dotx", b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
        ("a.dotm", b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
    ],
)
def test_templates_and_documents_with_macros_are_read(
    tmp_path: Path, name: str, content_type: bytes, repack: Repack
) -> None:
    word = docx.Document()
    word.add_paragraph("The text.")
    source = saved(word, tmp_path)
    path = repack(source, tmp_path / name, {"[Content_Types].xml": (_MAIN_TYPE.encode(), content_type)})
    document = parse(path)
    assert (document.kind, document.text) == ("docx", "The text.")


def test_damaged_styles_cost_the_headings_and_not_the_text(tmp_path: Path, repack: Repack) -> None:
    word = docx.Document()
    word.add_heading("Birds", 1)
    word.add_paragraph("Two owls.")
    source = saved(word, tmp_path)
    changes = {"word/styles.xml": (b'w:styleId="Heading1"', b'w:styleId="X"')}
    path = repack(source, tmp_path / "b.docx", changes)
    assert parse(path).text == "Birds\n\nTwo owls."


def test_another_office_format_under_the_name_of_word_is_refused(tmp_path: Path, repack: Repack) -> None:
    source = saved(docx.Document(), tmp_path)
    other = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    path = repack(source, tmp_path / "b.docx", {"[Content_Types].xml": (_MAIN_TYPE.encode(), other)})
    assert parse(path).blocks == ()
    path = repack(source, tmp_path / "c.docx", {"word/document.xml": (b"w:document", b"w:worksheet")})
    with pytest.raises(ParseError, match="no Word document"):
        parse(path)


def test_a_missing_part_costs_what_it_said_alone(tmp_path: Path, repack: Repack) -> None:
    word = docx.Document()
    word.add_heading("A heading", 1)
    source = saved(word, tmp_path)
    path = repack(source, tmp_path / "b.docx", {"word/styles.xml": None})
    assert [block.text for block in parse(path).blocks] == ["A heading"]


def test_notes_and_comments_follow_their_paragraph_and_headers_come_last(tmp_path: Path) -> None:
    word = docx.Document()
    first = word.add_paragraph("The rope is new.")
    word.add_comment(first.runs, text="Since when?", author="Ada")
    word.add_paragraph("It is sixty metres long.")
    word.sections[0].header.paragraphs[0].text = "Harbour office"
    blocks = parse(saved(word, tmp_path)).blocks
    assert [(block.kind.value, block.text) for block in blocks] == [
        ("paragraph", "The rope is new."),
        ("note", "Since when?"),
        ("paragraph", "It is sixty metres long."),
        ("note", "Harbour office"),
    ]


def test_a_comment_that_refers_to_itself_is_read_once(tmp_path: Path, repack: Repack) -> None:
    word = docx.Document()
    word.add_comment(word.add_paragraph("The rope is new.").runs, text="Since when?")
    reference = b'<w:r><w:commentReference w:id="0"/></w:r></w:p>'
    path = repack(saved(word, tmp_path), tmp_path / "b.docx", {"word/comments.xml": (b"</w:p>", reference)})
    assert [block.text for block in parse(path).blocks] == ["The rope is new.", "Since when?"]


def test_column_names_that_are_repeated_on_each_page_are_known(tmp_path: Path) -> None:
    word = docx.Document()
    table = word.add_table(2, 2)
    for number, texts in enumerate([("Name", "Height"), ("Mönch", "4110 m")]):
        for cell, text in zip(table.rows[number].cells, texts, strict=True):
            cell.text = text
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {_NAMESPACES}/>"))
    kinds = [block.kind for block in parse(saved(word, tmp_path)).blocks]
    assert kinds == [BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = saved(docx.Document(), tmp_path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/media/image1.bmp", "w", force_zip64=True) as image,
    ):
        for _ in range(513):
            image.write(bytes(1024 * 1024))
    assert path.stat().st_size < 2 * 1024 * 1024
    with pytest.raises(ParseError, match="ZIP bomb"):
        parse(path)
