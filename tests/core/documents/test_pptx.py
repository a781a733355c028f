"""Presentations: slides, titles, tables, groups, diagrams, charts, notes, comments, masters, damage."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches

from findling.documents import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CheckMutants = Callable[..., None]
    Repack = Callable[..., Path]
    WithPart = Callable[..., Path]

_BOX = (Inches(1), Inches(1), Inches(4), Inches(1))
_WORDS = "owl heron otter beaver river meadow winter ledger invoice copper amber lantern harbour".split()
_MAIN_TYPE = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    f'xmlns:r="{_RELATIONS}"'
)


@pytest.fixture
def show() -> Any:
    """An empty presentation."""
    return pptx.Presentation()


def saved(show: Any, tmp_path: Path, name: str = "a.pptx") -> Path:
    path = tmp_path / name
    show.save(str(path))
    return path


def add_slide(show: Any, title: str = "") -> Any:
    slide = show.slides.add_slide(show.slide_layouts[5 if title else 6])
    if title:
        slide.shapes.title.text = title
    return slide


@pytest.fixture
def with_part(repack: Repack) -> WithPart:
    """Adds a part to a file, to which a slide refers as rIdX."""

    def with_part(path: Path, slide: int, kind: str, name: str, xml: str) -> Path:
        end = "</Relationships>"
        reference = f'<Relationship Id="rIdX" Type="{_RELATIONS}/{kind}" Target="../{name}"/>{end}'
        relations = f"ppt/slides/_rels/slide{slide}.xml.rels"
        added = {relations: (end.encode(), reference.encode()), f"ppt/{name}": xml.encode()}
        return repack(path, path, added)

    return with_part


def blocks_of(path: Path) -> list[tuple[str, str, int | None]]:
    return [(block.kind.value, block.text, block.anchor.slide) for block in parse(path).blocks]


def test_slides_come_in_their_order_with_title_text_and_notes(show: Any, tmp_path: Path) -> None:
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "Owls"
    first.placeholders[1].text = "Heard at night"
    paragraph = first.placeholders[1].text_frame.add_paragraph()
    paragraph.text, paragraph.level = "seldom seen", 1
    first.notes_slide.notes_text_frame.text = "Speak slowly."
    add_slide(show).shapes.add_textbox(*_BOX).text_frame.text = "A\vbox"
    second = add_slide(show, "Otters")
    second._element.set("show", "0")
    slides = show.slides._sldIdLst
    slides.insert(1, slides[2])
    document = parse(saved(show, tmp_path))
    assert (document.kind, document.title) == ("pptx", "Owls")
    assert [(b.kind.value, b.text, b.anchor.slide, b.anchor.headings) for b in document.blocks] == [
        ("heading", "Owls", 1, ("Owls",)),
        ("paragraph", "Heard at night", 1, ("Owls",)),
        ("list item", "seldom seen", 1, ("Owls",)),
        ("note", "Speak slowly.", 1, ("Owls",)),
        ("heading", "Otters", 2, ("Otters",)),
        ("paragraph", "A box", 3, ()),
    ]


def test_properties_name_title_author_and_date(show: Any, tmp_path: Path) -> None:
    add_slide(show, "Owls")
    show.core_properties.title, show.core_properties.author = "The river", "Ida Berg"
    document = parse(saved(show, tmp_path))
    assert (document.title, document.author, document.written) == (
        "The river",
        "Ida Berg",
        "2013-01-27T09:15:58Z",
    )
    show.core_properties.title = "PowerPoint Presentation"
    assert parse(saved(show, tmp_path)).title == "Owls"


def test_tables_groups_and_charts(show: Any, tmp_path: Path) -> None:
    slide = add_slide(show)
    table = slide.shapes.add_table(2, 2, *_BOX).table
    for place, text in enumerate(["Name", "Height", "Mönch", "4110 m"]):
        table.cell(place // 2, place % 2).text = text
    outer = slide.shapes.add_group_shape()
    outer.shapes.add_group_shape().shapes.add_textbox(*_BOX).text_frame.text = "grouped twice"
    data = CategoryChartData()
    data.categories = ["January", "July"]
    data.add_series("Rain", (3, 1))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.PIE, *_BOX, data).chart
    chart.chart_title.text_frame.text = "Rain by month"
    assert blocks_of(saved(show, tmp_path)) == [
        ("table header", "Name | Height", 1),
        ("table row", "Mönch | 4110 m", 1),
        ("paragraph", "grouped twice", 1),
        ("caption", "Rain by month", 1),
        ("caption", "Rain | January | July", 1),
    ]


def test_diagrams_are_read(show: Any, tmp_path: Path, with_part: WithPart) -> None:
    frame = f"""<p:graphicFrame {_NAMESPACES}><p:nvGraphicFramePr/><p:xfrm/><a:graphic><a:graphicData>
      <dgm:relIds r:dm="rIdX" r:lo="rId9"/></a:graphicData></a:graphic></p:graphicFrame>"""
    add_slide(show).shapes._spTree.append(parse_xml(frame))
    point = "<dgm:pt><dgm:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt/>"
    data = f"<dgm:dataModel {_NAMESPACES}>{point}</dgm:dataModel>"
    path = with_part(saved(show, tmp_path), 1, "diagramData", "diagrams/data1.xml", data)
    assert blocks_of(path) == [("paragraph", "Plan", 1)]


@pytest.mark.parametrize(
    "comment",
    [
        "<p:cm><p:text>Really?</p:text></p:cm>",
        "<p:cm><p:txBody><a:p><a:r><a:t>Really?</a:t></a:r></a:p></p:txBody></p:cm>",
    ],
)
def test_comments_are_notes(show: Any, tmp_path: Path, comment: str, with_part: WithPart) -> None:
    add_slide(show)
    comments = f"<p:cmLst {_NAMESPACES}>{comment}</p:cmLst>"
    path = with_part(saved(show, tmp_path), 1, "comments", "comments/comment1.xml", comments)
    assert blocks_of(path) == [("note", "Really?", 1)]


def test_alternatives_are_read_once_and_numbers_of_slides_never(show: Any, tmp_path: Path) -> None:
    def shape(text: str) -> str:
        return f"<p:sp><p:nvSpPr/><p:spPr/><p:txBody>{text}</p:txBody></p:sp>"

    run = "<a:p><a:r><a:t>once</a:t></a:r></a:p>"
    xml = f"""<mc:AlternateContent {_NAMESPACES}><mc:Choice Requires="x">{shape(run)}</mc:Choice>
      <mc:Fallback>{shape(run)}</mc:Fallback></mc:AlternateContent>"""
    tree = add_slide(show).shapes._spTree
    tree.append(parse_xml(xml))
    number = '<a:p><a:fld type="slidenum" id="{0}"><a:t>7</a:t></a:fld></a:p>'
    tree.append(parse_xml(shape(number).replace("<p:sp>", f"<p:sp {_NAMESPACES}>")))
    assert blocks_of(saved(show, tmp_path)) == [("paragraph", "once", 1)]


def test_the_text_of_a_master_is_read_at_the_first_slide(show: Any, tmp_path: Path) -> None:
    box = f"""<p:sp {_NAMESPACES}><p:nvSpPr><p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr/><p:txBody><a:p><a:r>
      <a:t>Confidential</a:t></a:r></a:p></p:txBody></p:sp>"""
    show.slide_master._element.cSld.spTree.append(parse_xml(box))
    add_slide(show, "Owls")
    add_slide(show, "Otters")
    assert blocks_of(saved(show, tmp_path)) == [
        ("heading", "Owls", 1),
        ("paragraph", "Confidential", 1),
        ("heading", "Otters", 2),
    ]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.ppsx", b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml"),
        ("a.potx", b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"),
        ("a.pptm", b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
        ("a.potm", b"application/vnd.ms-powerpoint.template.macroEnabled.main+xml"),
    ],
)
def test_templates_shows_and_macro_files_are_read(
    show: Any, tmp_path: Path, name: str, content_type: bytes, repack: Repack
) -> None:
    add_slide(show, "The text")
    source = saved(show, tmp_path)
    document = parse(repack(source, tmp_path / name, {"[Content_Types].xml": (_MAIN_TYPE, content_type)}))
    assert (document.kind, document.text) == ("pptx", "The text")


def test_a_missing_slide_costs_that_slide_alone(show: Any, tmp_path: Path, repack: Repack) -> None:
    for title in ("Owls", "Otters", "Beavers"):
        add_slide(show, title)
    source = saved(show, tmp_path)
    lost = {"ppt/slides/slide2.xml": None, "docProps/core.xml": None}
    path = repack(source, tmp_path / "b.pptx", lost)
    assert blocks_of(path) == [("heading", "Owls", 1), ("heading", "Beavers", 3)]


def test_a_hundred_random_sentences_come_back_on_their_slide(show: Any, tmp_path: Path) -> None:
    chance = random.Random(9)
    slides = [add_slide(show, f"Part {number}") for number in range(12)]
    written: dict[str, int] = {}
    for number in range(100):
        place = chance.randrange(len(slides))
        text = f"The {' '.join(chance.choices(_WORDS, k=6))} {number}."
        shapes = slides[place].shapes
        if number % 3 == 0:
            shapes = shapes.add_group_shape().shapes
        shapes.add_textbox(*_BOX).text_frame.text = text
        written[text] = place + 1
    found = {text: slide for _, text, slide in blocks_of(saved(show, tmp_path)) if text.startswith("The ")}
    assert found == written


def test_mutated_presentations_are_read_or_refused(
    show: Any, tmp_path: Path, check_mutants: CheckMutants
) -> None:
    add_slide(show, "Owls").notes_slide.notes_text_frame.text = "Slowly."
    check_mutants(saved(show, tmp_path), 100)
