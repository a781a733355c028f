"""EPUB: spine, titles from the table of contents, what is protected, missing or damaged."""

from __future__ import annotations

import random
import zipfile
from typing import TYPE_CHECKING

import pytest

from findling.documents import BlockKind, parse
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)
_NCX_ITEM = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'


def page(body: str, head: str = "<title/>") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>{head}</head>'
        f"<body>{body}</body></html>"
    )


def book(
    tmp_path: Path,
    pages: Mapping[str, str | bytes | None],
    *,
    metadata: str = "",
    items: str = "",
    others: Mapping[str, str | bytes] | None = None,
) -> Path:
    """A book of these pages; one that is None is in the spine and not in the file."""
    manifest = "".join(
        f'<item id="i{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(pages)
    )
    spine = "".join(f'<itemref idref="i{number}"/>' for number in range(len(pages)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{manifest}{items}</manifest><spine>{spine}</spine></package>"
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OPS/book.opf": package,
        **{f"OPS/{name.replace('%20', ' ')}": text for name, text in pages.items() if text is not None},
        **(others or {}),
    }
    path = tmp_path / "made.epub"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def ncx(*titles: tuple[str, str]) -> str:
    points = "".join(
        f"<navPoint><navLabel><text>{title}</text></navLabel><content src='{target}'/></navPoint>"
        for target, title in titles
    )
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'


def test_pages_come_in_the_order_of_the_spine_with_title_authors_and_date(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        {
            "z%20one.xhtml": page("<h1>One</h1><p>First&nbsp;&amp; <i>best</i>.</p>"),
            "a.xhtml": page("<h1/><h2>Two</h2><p>Second.</p>"),
        },
        metadata="<dc:title>A book</dc:title><dc:creator>Ann Ode</dc:creator><dc:creator>Bo Ly</dc:creator>"
        "<dc:date>2019-06-22T00:00:00Z</dc:date>",
    )
    document = parse(path)
    assert (document.kind, document.title, document.author) == ("epub", "A book", "Ann Ode, Bo Ly")
    assert document.written == "2019-06-22"
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "One", ("One",)),
        ("paragraph", "First & best.", ("One",)),
        ("heading", "Two", ("Two",)),
        ("paragraph", "Second.", ("Two",)),
    ]


@pytest.mark.parametrize("is_ncx", [True, False])
def test_a_page_without_headings_takes_its_title_from_the_contents(tmp_path: Path, is_ncx: bool) -> None:
    pages = {
        "a.xhtml": page("<p>THE STORM</p><p>Rain.</p>"),
        "b.xhtml": page("<p>More rain.</p>"),
        "c.xhtml": page("<p>Sun.</p>"),
    }
    links = (
        "<nav epub:type='toc'><ol><li><a href='a.xhtml#x'>The storm</a></li><li><a href='c.xhtml'>Calm</a>"
    )
    path = book(
        tmp_path,
        pages,
        items=_NCX_ITEM
        if is_ncx
        else '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>',
        others={
            "OPS/toc.ncx": ncx(("a.xhtml#x", "The storm"), ("c.xhtml", "Calm")),
            "OPS/nav.xhtml": page(links),
        },
    )
    document = parse(path)
    assert document.title == "The storm"
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("heading", "The storm", ("The storm",)),
        ("paragraph", "Rain.", ("The storm",)),
        ("paragraph", "More rain.", ("The storm",)),
        ("heading", "Calm", ("Calm",)),
        ("paragraph", "Sun.", ("Calm",)),
    ]


def test_sentences_come_back_under_their_headings(tmp_path: Path) -> None:
    chance = random.Random(9)
    words = "gull owl heron wren crane stork finch robin swift tern ibis rook dove hawk kite".split()
    sentences = [" ".join(chance.choices(words, k=12)) + f" {number}." for number in range(100)]
    chapters = [sentences[start : start + 10] for start in range(0, 100, 10)]
    pages = {
        f"{number}.xhtml": page(
            f"<h1>Chapter {number}</h1><div><p>{'</p><p>'.join(chapter[:5])}</p></div>"
            f"<h2>Part {number}b</h2><blockquote><p>{'</p><p>'.join(chapter[5:])}</p></blockquote>"
        )
        for number, chapter in enumerate(chapters)
    }
    found = {block.text: block.anchor.headings for block in parse(book(tmp_path, pages)).blocks}
    expected = {
        sentence: (f"Chapter {number}", f"Part {number}b")[: 1 + (place >= 5)]
        for number, chapter in enumerate(chapters)
        for place, sentence in enumerate(chapter)
    }
    assert sum(found.get(sentence) == headings for sentence, headings in expected.items()) == 100


def _encryption(method: str, target: str) -> str:
    return (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
        f'<e:EncryptionMethod Algorithm="{method}"/><e:CipherData><e:CipherReference URI="{target}"/>'
        "</e:CipherData></e:EncryptedData></encryption>"
    )


def test_a_protected_book_is_encrypted_and_one_with_disguised_fonts_is_not(tmp_path: Path) -> None:
    pages = {"a.xhtml": page("<p>Text.</p>")}
    protected = _encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/a.xhtml")
    with pytest.raises(EncryptedFile):
        parse(book(tmp_path, pages, others={"META-INF/encryption.xml": protected}))
    disguised = _encryption("http://www.idpf.org/2008/embedding", "OPS/font.otf")
    assert parse(book(tmp_path, pages, others={"META-INF/encryption.xml": disguised})).text == "Text."


def test_missing_pages_are_skipped_and_a_damaged_package_loses_no_text(tmp_path: Path) -> None:
    pages = {"b.xhtml": None, "a.xhtml": page("<p>One.</p>"), "c.xhtml": page("<p>Two.</p>")}
    assert parse(book(tmp_path, pages)).text == "One.\n\nTwo."
    assert parse(book(tmp_path, pages, others={"OPS/book.opf": "<package"})).text == "One.\n\nTwo."
    assert parse(book(tmp_path, pages, others={"META-INF/container.xml": "\0"})).text == "One.\n\nTwo."


def test_a_page_in_another_encoding_and_what_xhtml_closes_at_once(tmp_path: Path) -> None:
    body = '<?xml version="1.0" encoding="iso-8859-2"?><html><head><title/><script src="x"/></head><body>'
    body += '<a id="x"/><h1 class="x"/><p>Łódź<br/>jutro</p></body></html>'
    (block,) = parse(book(tmp_path, {"a.xhtml": body.encode("iso-8859-2")})).blocks
    assert (block.kind, block.text) == (BlockKind.PARAGRAPH, "Łódź jutro")


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.epub"
    source = book(tmp_path, {"a.xhtml": page("<p>Text.</p>")})
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            after.writestr(
                item.filename, b" " * 51_000_000 if item.filename == "OPS/a.xhtml" else before.read(item)
            )
    with pytest.raises(ParseError, match="ZIP bomb"):
        parse(path)
