"""HTML: what is text and what is not, blocks, tables, character sets, depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents.parsers.html import text_of

if TYPE_CHECKING:
    from findling.documents import Document


@pytest.fixture
def page(parsed):
    return lambda content: parsed("page.html", content)


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_navigation_scripts_and_hidden_parts_are_dropped(page) -> None:
    document = page(
        "<html><head><title>Shop &amp; café</title><style>p{}</style></head><body><nav>Home</nav>"
        "<script>var a = 'code'</script><noscript>turn it on</noscript><p hidden>secret</p>"
        "<template><p>later</p></template><svg><text>icon</text></svg><button>Buy</button>"
        "<!-- remark --><main>Open <b>on</b> Sundays&nbsp;&lt;noon&gt;</main></body></html>"
    )
    assert (document.kind, document.title) == ("html", "Shop & café")
    assert texts(document) == ["Open on Sundays <noon>"]


def test_blocks_and_headings(page) -> None:
    document = page(
        "<h1>Hut <em>rules</em></h1><p>No<br>shoes.</p>loose text<ul><li>one<li><a href=x>two</a></ul>"
        "<h2>Night</h2><pre>a  =  1\n  b</pre><div>Quiet<div>please</div>now</div>"
    )
    assert document.title == "Hut rules"
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "Hut rules", ("Hut rules",)),
        ("paragraph", "No shoes.", ("Hut rules",)),
        ("paragraph", "loose text", ("Hut rules",)),
        ("list item", "one", ("Hut rules",)),
        ("list item", "two", ("Hut rules",)),
        ("heading", "Night", ("Hut rules", "Night")),
        ("code", "a = 1\n b", ("Hut rules", "Night")),
        ("paragraph", "Quiet", ("Hut rules", "Night")),
        ("paragraph", "please", ("Hut rules", "Night")),
        ("paragraph", "now", ("Hut rules", "Night")),
    ]


def test_a_table_of_data_gives_rows(page) -> None:
    document = page(
        "<table><tr><th>Peak<th>Height<tr><td><p>Mönch</p><script>x()</script><td>4110&nbsp;m<tr><td><td></table>"
    )
    assert [(block.kind.value, block.text) for block in document.blocks] == [
        ("table header", "Peak | Height"),
        ("table row", "Mönch | 4110 m"),
    ]


def test_a_table_for_layout_is_read_as_the_page_it_holds(page) -> None:
    document = page("<table><tr><td><h1>News</h1><p>First.</p><td><table><tr><td>a<td>b</table></table>")
    assert [(block.kind.value, block.text) for block in document.blocks] == [
        ("heading", "News"),
        ("paragraph", "First."),
        ("table row", "a | b"),
    ]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Größe “x” — 東京</p>".encode(), "Größe “x” — 東京"),
        ("<meta charset=iso-8859-1><p>Größe “x”</p>".encode("cp1252"), "Größe “x”"),
        (
            "<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'><p>東京の水</p>".encode(
                "shift_jis"
            ),
            "東京の水",
        ),
        ("<meta charset='utf-16'><p>déjà vu</p>".encode(), "déjà vu"),
        ("\ufeff<meta charset=latin-1><p>déjà vu</p>".encode(), "déjà vu"),
        ("\ufeff<p>déjà vu</p>".encode("utf-16-le"), "déjà vu"),
        ("<meta charset=base64><p>déjà vu</p>".encode(), "déjà vu"),
        ("<meta charset=idna><p>déjà vu</p>".encode(), "déjà vu"),
        ("<meta charset=no-such><p>déjà vu</p>".encode(), "déjà vu"),
        (b"<meta charset=ascii><p>plain</p>", "plain"),
        ("<meta charset=gb2312><p>東京鐵塔</p>".encode("gbk"), "東京鐵塔"),
        ("<meta charset=latin1><p>Größe</p>".encode(), "Größe"),
        ("<meta charset=euc-jp><p>déjà vu, c’est la vie</p>".encode(), "déjà vu, c’est la vie"),
    ],
)
def test_the_character_set_is_the_declared_one_if_it_can_be(page, data: bytes, text: str) -> None:
    assert page(data).text == text


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "table><tr><td", "blockquote"])
def test_text_is_found_however_deep_it_is(page, tag: str) -> None:
    assert page(f"<{tag}>" * 5000 + "the deepest word").text == "the deepest word"


def test_a_page_without_text_has_no_blocks(page) -> None:
    assert page("<html><head><title>Only a title</title></head></html>").blocks == ()
    assert page("<frameset><frame src=a></frameset>").blocks == ()
    assert page("").blocks == ()


def test_a_fragment_is_one_line() -> None:
    assert text_of("<div>One<p>two</p></div><!-- no -->") == "One two"
    assert text_of("") == ""
