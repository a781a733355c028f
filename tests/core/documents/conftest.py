"""Files of every kind, made here."""

from __future__ import annotations

import contextlib
import random
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from findling.documents import Document, parse
from findling.documents.parsers import converter
from findling.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    CheckMutants = Callable[..., None]
    Parsed = Callable[[str, str | bytes], Document]
    Repack = Callable[..., Path]
    WritePdf = Callable[..., Path]


@pytest.fixture
def parsed(tmp_path: Path) -> Parsed:
    """Writes a file of that name, and reads it."""

    def write(name: str, content: str | bytes) -> Document:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return parse(path)

    return write


def _text(text: str) -> bytes:
    return b"<feff" + text.encode("utf-16-be").hex().encode() + b">"


@pytest.fixture
def write_pdf(tmp_path: Path) -> WritePdf:
    """Writes a small PDF: `pages` are lists of lines, `notes` are (subtype, key, text) on the first page."""

    def write(
        pages: Sequence[Sequence[str]],
        *,
        title: str = "",
        notes: Sequence[tuple[str, str, str]] = (),
        encrypted: bool = False,
        name: str = "made.pdf",
    ) -> Path:
        objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Title %s >>" % _text(title)]
        objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
        # RC4, 40 bits; these digests fit no password, the empty one included.
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"5a" * 32, b"a5" * 32))
        annotations: list[bytes] = []
        for subtype, key, text in notes:
            kind = b"/FT /Btn" if key == "button" else b""
            entry = "V" if key == "button" else key
            objects.append(
                b"<< /Type /Annot /Subtype /%s /Rect [10 10 90 30] %s /%s %s >>"
                % (subtype.encode(), kind, entry.encode(), _text(text))
            )
            annotations.append(b"%d 0 R" % len(objects))
        kids: list[bytes] = []
        for number, lines in enumerate(pages):
            shown = b" ".join(
                b"1 0 0 1 50 %d Tm <%s> Tj" % (780 - 16 * row, line.encode("cp1252").hex().encode())
                for row, line in enumerate(lines)
                if line
            )
            stream = b"BT /F1 11 Tf " + shown + b" ET"
            objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
            annots = b"/Annots [%s]" % b" ".join(annotations) if number == 0 else b""
            objects.append(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R %s"
                b" /Resources << /Font << /F1 4 0 R >> >> >>" % (len(objects), annots)
            )
            kids.append(b"%d 0 R" % len(objects))
        objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
        data = b"%PDF-1.4\n"
        places: list[int] = []
        for number, body in enumerate(objects, 1):
            places.append(len(data))
            data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        protection = b"/Encrypt 5 0 R /ID [<00> <00>]" if encrypted else b""
        trailer = b"<< /Size %d /Root 1 0 R /Info 3 0 R %s >>" % (len(objects) + 1, protection)
        start = len(data)
        data += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (
            len(objects) + 1,
            table,
            trailer,
            start,
        )
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def ole_writer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`write_ole` and `summary`; see `ole_writer.py`."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    import ole_writer

    return ole_writer


@pytest.fixture
def no_converters(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no converter were installed."""

    def nothing(_: str) -> None:
        return None

    monkeypatch.setattr(converter.shutil, "which", nothing)


@pytest.fixture
def repack() -> Repack:
    """Copies a ZIP, perhaps onto itself, with other members: of each its bytes, or what in them is replaced
    and by what, or None for one that is left out."""

    def repack(source: Path, target: Path, changes: Mapping[str, bytes | tuple[bytes, bytes] | None]) -> Path:
        with zipfile.ZipFile(source) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        for name, change in changes.items():
            if change is None:
                del members[name]
            elif isinstance(change, bytes):
                members[name] = change
            else:
                assert change[0] in members[name]
                members[name] = members[name].replace(*change)
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return target

    return repack


@pytest.fixture
def check_mutants(tmp_path: Path) -> CheckMutants:
    """Reads damaged copies of a file: each gives a document or a `ParseError`. In them bits are flipped, or
    bytes changed, some to one of `marks`; half are cut off."""

    def check(
        source: Path, count: int, read: Callable[[Path], Document] = parse, *, marks: bytes = b""
    ) -> None:
        whole = source.read_bytes()
        path = tmp_path / f"mutant{source.suffix}"
        for seed in range(count):
            chance = random.Random(seed)
            data = bytearray(whole)
            for _ in range(1 << chance.randrange(6)):
                place = chance.randrange(len(data))
                data[place] = chance.choice((0, 255, data[place] ^ 1 << chance.randrange(8), *marks))
            path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
            with contextlib.suppress(ParseError):
                assert isinstance(read(path), Document)

    return check
