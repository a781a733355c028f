"""JSON, XML and YAML as text: records, keys, feeds, drawings, Office 2003, what is damaged or large."""

from __future__ import annotations

import json
import plistlib
from typing import TYPE_CHECKING

import pytest

from findling.documents.parsers import data as data_module

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents import Document


@pytest.fixture
def written(parsed):
    return lambda name, content: parsed(
        name, content if isinstance(content, (str, bytes)) else json.dumps(content)
    )


def shown(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    return [(block.text, block.anchor.headings) for block in document.blocks]


def test_a_small_object_is_one_block_of_lines(written) -> None:
    document = written(
        "made.json",
        {
            "name": "Hut",
            "beds": 12,
            "open": True,
            "closed": None,
            "at": {"canton": "VS", "tags": ["ice", "rock"]},
        },
    )
    assert (document.kind, document.title) == ("json", "Hut")
    assert shown(document) == [("name: Hut\nbeds: 12\nopen: true\nat.canton: VS\nat.tags: ice, rock", ())]


def test_objects_of_a_list_are_blocks_under_the_keys_above(written) -> None:
    huts = [{"name": f"Hut {number}", "at": {"m": number}} for number in range(30)]
    document = written("made.json", {"title": "Huts", "data": {"huts": huts}, "end": "x"})
    assert shown(document)[:2] == [("title: Huts", ()), ("name: Hut 0\nat.m: 0", ("data", "huts"))]
    assert shown(document)[-1] == ("end: x", ())
    assert len(document.blocks) == 32


def test_numbers_alone_and_encoded_bytes_are_shortened(written) -> None:
    geometry = {"coordinates": [[[7.5, 46.5], [7.6, 46.6]]]}
    feature = {"geometry": geometry, "ids": list(range(100)), "png": "iVBO" * 200}
    text = written("made.geojson", {"type": "FeatureCollection", "features": [feature]}).text
    assert "geometry.coordinates: 7.5, 46.5 …" in text
    assert "ids: 0, 1, 2, 3, 4, 5, 6, 7 …" in text
    assert text.endswith("png: …")


def test_json_lines_have_the_line_of_each_record(written) -> None:
    document = written("made.jsonl", '{"a": "one"}\n\n{"a": "two"}\nbroken\n')
    assert [(block.text, block.anchor.line) for block in document.blocks] == [
        ("a: one", 1),
        ("a: two", 3),
        ("broken", 4),
    ]


@pytest.mark.parametrize("content", ['{"a": "one",\n\n', "[" * 100_000, "// remark\n{}", "plain words"])
def test_what_is_no_json_is_text(written, content: str) -> None:
    assert written("made.json", content).text.replace("\n", "") == content.replace("\n", "")


def test_large_files_are_text(written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_module, "_TREE_BYTES", 30)
    lines = '{\n"a": ["some", "words", "more"]}'
    assert written("made.json", lines).text == lines
    assert written("made.xml", "<a><b>some</b><c>words</c></a>").text.split() == ["some", "words"]


_XML = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE x>
<x xmlns="urn:x">
<hut id="1"><name label="Höhe">Mönch</name><at><canton>VS</canton></at></hut>
<p>Some <b>strong</b> words<!-- no --> &nbsp; &amp; R&D.</p>
<style>p {}</style>
<section><title>Beds</title><para>Ten <i>beds</i>, and more words than a short neighbour may have.</para>
<para>Cold.</para></section></x>"""


def test_xml_records_texts_and_titles(written) -> None:
    document = written("made.xml", _XML.encode("latin-1"))
    assert document.kind == "xml"
    assert [(block.kind.value, block.text, block.anchor.line) for block in document.blocks] == [
        ("paragraph", "name: Höhe, Mönch\nat.canton: VS\nSome strong words & R&D.", 4),
        ("heading", "Beds", 7),
        ("paragraph", "Ten beds, and more words than a short neighbour may have.\nCold.", 7),
    ]
    assert document.blocks[-1].anchor.headings == ("Beds",)


def test_what_xml_calls_latin_1_is_what_windows_writes(written) -> None:
    content = '<?xml version="1.0" encoding="ISO-8859-1"?><a>„Größe“ – 5 €</a>'
    assert written("made.xml", content.encode("cp1252")).text == "„Größe“ – 5 €"


def test_xml_follows_no_entities(written, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    own = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret"><!ENTITY y "lol">]>'
    assert written("made.xml", f"{own}<a><b>Open &x;&y; door</b></a>").text == "Open door"
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "lol">{laughs}]><a><b>Open &l9; door</b></a>'
    assert len(written("made.xml", bomb).text) < 20


def test_damaged_and_empty_xml(written) -> None:
    assert written("made.xml", "<a><b>one</b><c>two").text == "b: one\nc: two"
    assert written("made.xml", "<?xml version='1.0'?> words alone").text == "words alone"
    assert written("made.xml", "<a>" * 1000 + "deep").kind == "xml"


def test_feeds(written) -> None:
    document = written(
        "made.rss",
        "<rss><channel><title>News</title><description>Of huts</description><item><title>Open</title>"
        "<description>&lt;p&gt;The hut&lt;/p&gt;&lt;p&gt;is open.&lt;/p&gt;</description>"
        "<pubDate>Mon, 1 Jan</pubDate></item></channel></rss>",
    )
    assert document.title == "News"
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("paragraph", "Of huts", ()),
        ("heading", "Open", ("Open",)),
        ("paragraph", "The hut", ("Open",)),
        ("paragraph", "is open.", ("Open",)),
        ("note", "Mon, 1 Jan", ("Open",)),
    ]
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><title>B</title><content>C</content>'
    assert written("made.atom", atom).text == "B\n\nC"


def test_a_drawing_gives_its_words(written) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>Plan</title><path d="M 1"/><text><tspan>One</tspan>'
    document = written("made.svg", svg + "<tspan>two</tspan></text><style>x</style></svg>")
    assert (document.title, document.text) == ("Plan", "Plan\n\nOne two")


def test_a_property_list_in_both_forms(written) -> None:
    content = {"Name": "Hut", "Beds": [{"n": 1, "data": b"xx"}]}
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        assert shown(written("made.plist", plistlib.dumps(content, fmt=form))) == [
            ("Beds.n: 1\nName: Hut", ())
        ]


_SHEET = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<DocumentProperties xmlns="urn:schemas-microsoft-com:office:office"><Title>Costs</Title>
<Author>Ann Ode</Author>
</DocumentProperties><Worksheet ss:Name="2020"><Table>
<Row><Cell><Data ss:Type="String">Name</Data></Cell><Cell><Data ss:Type="String">Price</Data></Cell></Row>
<Row ss:Index="5"><Cell ss:Index="2"><Data ss:Type="Number">1.1000000000000001</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def test_a_damaged_property_list_is_read_as_far_as_it_goes(written) -> None:
    whole = plistlib.dumps({"Name": "Hut", "Beds": "Ten"})
    assert "Ten" in written("made.plist", whole[: whole.index(b"<key>Name")]).text


def test_excel_2003(written) -> None:
    document = written("made.xml", _SHEET)
    assert (document.title, document.author) == ("Costs", "Ann Ode")
    assert [
        (block.kind.value, block.text, block.anchor.label(), block.cells) for block in document.blocks
    ] == [
        ("table header", "Name | Price", "2020!A1:B1", ("Name", "Price")),
        ("table row", "1.1", "2020!B5", ("1.1",)),
    ]


def test_cells_far_apart_take_no_room(written) -> None:
    row = "<Row><Cell><Data>a</Data></Cell><Cell Index='16000'><Data>b</Data></Cell><Cell Index='2'/></Row>"
    beyond = "<Row><Cell Index='999999999'><Data>c</Data></Cell></Row>"
    document = written(
        "made.xml", f"<Workbook><Worksheet><Table>{row * 50}{beyond}</Table></Worksheet></Workbook>"
    )
    assert {block.cells for block in document.blocks} == {("a", "b")}
    assert document.blocks[-1].anchor.cells == "A50:WQJ50"


_WORD = """<?xml version="1.0"?><w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml">
<w:styles><w:style w:styleId="h"><w:name w:val="heading 1"/></w:style></w:styles><w:body>
<w:p><w:pPr><w:pStyle w:val="h"/></w:pPr><w:r><w:t>Huts</w:t></w:r></w:p>
<w:p><w:r><w:t>Some </w:t></w:r><w:r><w:delText>old </w:delText>
<w:t>words</w:t><w:tab/><w:t>here</w:t></w:r></w:p>
<w:p><w:pPr><w:listPr/></w:pPr><w:r><w:t>one</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>
<w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr>
</w:tbl><w:sectPr><w:hdr><w:p><w:r><w:t>head</w:t></w:r></w:p></w:hdr></w:sectPr></w:body></w:wordDocument>"""


def test_word_2003(written) -> None:
    document = written("made.xml", _WORD)
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "Huts", ("Huts",)),
        ("paragraph", "Some words here", ("Huts",)),
        ("list item", "one", ("Huts",)),
        ("table row", "a | b", ("Huts",)),
    ]


def test_yaml_is_cut_at_its_outermost_keys(written) -> None:
    document = written(
        "made.yaml",
        "---\nname: x\nversion: 1\n\n# about huts\nhuts:\n  - one: 1\n    b: |\n      text: y\n"
        "  - two\nend: z\n...\n",
    )
    assert document.kind == "yaml"
    assert [(block.anchor.line, block.anchor.headings, block.text) for block in document.blocks] == [
        (1, (), "---\nname: x"),
        (3, ("version",), "version: 1\n\n# about huts"),
        (6, ("huts",), "huts:\n  - one: 1\n    b: |\n      text: y\n  - two"),
        (11, ("end",), "end: z\n..."),
    ]
