"""Saved web pages: the root page, its character set and its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path


def saved(tmp_path: Path, *parts: str, subject: str = "") -> Path:
    body = "".join(f"--b\n{part}\n" for part in parts)
    path = tmp_path / "page.mhtml"
    head = (
        f"From: <Saved by Blink>\nSubject: {subject}\nDate: Tue, 28 Aug 2012 09:53:28 +0300\n"
        'MIME-Version: 1.0\nContent-Type: multipart/related; type="text/html"; boundary="b"\n\n'
    )
    path.write_bytes(f"{head}{body}--b--\n".encode("latin-1"))
    return path


_PAGE = (
    "Content-Type: text/html; charset={charset}\nContent-Transfer-Encoding: quoted-printable\n\n"
    "<html><head><title>Caf=E9 &amp; bar</title><meta name=3Dauthor content=3DAnn></head>"
    "<body><h1>Men=FC</h1><p>Caf=E9</p></body></html>"
)


def test_the_page_is_read_and_pictures_are_not(tmp_path: Path) -> None:
    style = "Content-Type: text/css\n\np { color: red }"
    picture = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA"
    document = parse(
        saved(tmp_path, _PAGE.format(charset="iso-8859-1"), style, picture, subject="=?utf-8?Q?Caf=C3=A9?=")
    )
    assert (document.kind, document.title, document.author) == ("mhtml", "Café", "Ann")
    assert document.written == "2012-08-28T09:53:28+03:00"
    assert [(block.text, block.anchor.headings) for block in document.blocks] == [
        ("Menü", ("Menü",)),
        ("Café", ("Menü",)),
    ]


@pytest.mark.parametrize("charset", ["iso-8859-1", "x-user-defined", "utf-8"])
def test_the_title_of_the_page_stands_in_for_the_subject_in_any_character_set(
    tmp_path: Path, charset: str
) -> None:
    document = parse(saved(tmp_path, _PAGE.format(charset=charset)))
    assert (document.title, document.text) == ("Café & bar", "Menü\n\nCafé")


def test_an_empty_frame_set_gives_the_first_page_with_text(tmp_path: Path) -> None:
    frames = "Content-Type: text/html\n\n<frameset><frame src=a></frameset>"
    assert parse(saved(tmp_path, frames, _PAGE.format(charset="latin1"))).text == "Menü\n\nCafé"


def test_what_is_no_message_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "page.mhtml"
    path.write_text("\n\nonly words")
    with pytest.raises(ParseError):
        parse(path)
