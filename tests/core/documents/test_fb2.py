# ruff: noqa: RUF001
"""FictionBook: description, sections, poems, tables, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

_BOOK = """<?xml version="1.0" encoding="windows-1251"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">
<description><title-info><author><first-name>Анна</first-name><last-name>Волк</last-name></author>
<book-title>Море &amp; ветер</book-title><annotation><p>О море.</p></annotation>
<date value="1999-02-03">в феврале</date></title-info></description>
<body><title><p>Море</p><p>и ветер</p></title>
<section><title><p>Первая</p></title><p>Было <emphasis>тихо</emphasis><a l:href="#n1" type="note">[1]</a>.</p>
<section><title><p>Ночь</p></title><poem><stanza><v>Раз&nbsp;два</v><v>три</v></stanza></poem>
<table><tr><th>Имя</th><th>Год</th></tr><tr><td>Волк</td><td>1999</td></tr></table></section></section>
<section><title><p>Вторая</p></title><p>Конец.</p><image l:href="#p"/></section></body>
<body name="notes"><title><p>Примечания</p></title>
<section id="n1"><title><p>1</p></title><p>Сказано раньше.</p></section></body>
<binary id="p" content-type="image/png">AAAABBBB</binary></FictionBook>"""


def test_a_book_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "book.fb2"
    path.write_bytes(_BOOK.encode("cp1251"))
    document = parse(path)
    assert (document.kind, document.title) == ("fb2", "Море & ветер")
    assert (document.author, document.written) == ("Анна Волк", "1999-02-03")
    assert [(block.kind.value, block.text, block.anchor.headings) for block in document.blocks] == [
        ("paragraph", "О море.", ()),
        ("heading", "Море и ветер", ("Море и ветер",)),
        ("heading", "Первая", ("Первая",)),
        ("paragraph", "Было тихо[1].", ("Первая",)),
        ("heading", "Ночь", ("Первая", "Ночь")),
        ("paragraph", "Раз два\nтри", ("Первая", "Ночь")),
        ("table header", "Имя | Год", ("Первая", "Ночь")),
        ("table row", "Волк | 1999", ("Первая", "Ночь")),
        ("heading", "Вторая", ("Вторая",)),
        ("paragraph", "Конец.", ("Вторая",)),
        ("note", "Сказано раньше.", ("1",)),
    ]


def test_a_book_that_is_cut_off_gives_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "book.fb2"
    path.write_bytes(_BOOK.encode("cp1251")[:900])
    assert "Было тихо" in parse(path).text


def test_entities_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "book.fb2"
    path.write_text(
        f'<!DOCTYPE FictionBook [<!ENTITY x SYSTEM "file://{tmp_path}/secret"><!ENTITY y "lol">]>'
        "<FictionBook><body><p>Open &x;&y;.</p></body></FictionBook>"
    )
    assert parse(path).text == "Open ."


def test_what_is_no_book_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "book.fb2"
    path.write_text("only words")
    with pytest.raises(ParseError):
        parse(path)
