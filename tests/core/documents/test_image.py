"""Pictures: what they say of themselves, and which of them may hold a text."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from findling.documents import BlockKind, Document
from findling.documents.registry import parse
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_picture_is_a_scan_without_a_text(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "a.gif", "a.tif", "a.bmp", "a.webp"):
        Image.new("RGB", (60, 40), "white").save(tmp_path / name)
        assert parse(tmp_path / name) == Document("image", "", (), scans=(1,))


def test_pages_of_a_tiff_are_counted_and_frames_of_what_moves_are_not(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), shade) for shade in (0, 100, 200)]
    for name in ("fax.tiff", "moves.gif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    assert parse(tmp_path / "fax.tiff").scans == (1, 2, 3)
    assert parse(tmp_path / "moves.gif").scans == (1,)


def test_small_and_huge_pictures_hold_no_text(tmp_path: Path) -> None:
    Image.new("L", (400, 31)).save(tmp_path / "line.png")
    Image.new("1", (10_100, 10_000)).save(tmp_path / "huge.png")
    Image.new("1", (20_000, 10_000)).save(tmp_path / "bomb.png")
    for name in ("line.png", "huge.png", "bomb.png"):
        assert parse(tmp_path / name) == Document("image", "", ())


def test_what_a_png_says_of_itself(tmp_path: Path) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Title", "The marmots")
    told.add_text("Author", "Jane Doe")
    told.add_itxt("Description", "Two marmots,\n\nbelow the pass of Älpli")
    told.add_text("Creation Time", "2021-05-04T10:11:12Z")
    Image.new("L", (60, 40)).save(tmp_path / "a.png", pnginfo=told)
    document = parse(tmp_path / "a.png")
    assert (document.title, document.author, document.written) == (
        "The marmots",
        "Jane Doe",
        "2021-05-04T10:11:12",
    )
    [block] = document.blocks
    assert (block.kind, block.text) == (BlockKind.CAPTION, "Two marmots,\n\nbelow the pass of Älpli")


def test_what_a_photograph_says_of_itself(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Marmots of Älpli".encode()
    exif[0x013B] = "Jane Doe"
    exif[0x9C9B] = "The marmots".encode("utf-16-le")
    exif[0x0132] = "2022:01:01 00:00:00"
    exif[0x8769] = {0x9003: "2021:05:04 10:11:12", 0x9286: b"UNICODE\0" + "Seen in May".encode("utf-16")}
    Image.new("L", (60, 40)).save(tmp_path / "a.jpg", exif=exif)
    document = parse(tmp_path / "a.jpg")
    assert (document.title, document.author, document.written) == (
        "The marmots",
        "Jane Doe",
        "2021-05-04T10:11:12",
    )
    assert [block.text for block in document.blocks] == ["Marmots of Älpli", "Seen in May"]


@pytest.mark.parametrize(
    "text", ["OLYMPUS DIGITAL CAMERA", "Created with GIMP", "   ", "1234", "<?xpacket ?>"]
)
def test_what_cameras_and_programs_write_is_no_description(tmp_path: Path, text: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = text
    Image.new("L", (60, 40)).save(tmp_path / "a.jpg", exif=exif, comment=text)
    assert parse(tmp_path / "a.jpg").blocks == ()


def test_a_broken_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"garbage " * 10)
    with pytest.raises(ParseError, match="damaged"):
        parse(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["png", "jpg", "gif", "tif", "bmp", "webp"]),
    st.lists(st.tuples(st.floats(0, 0.99), st.integers(1, 255)), max_size=6),
    st.floats(0.1, 1),
)
def test_mutants_are_read_or_refused(
    tmp_path: Path, kind: str, flips: list[tuple[float, int]], kept: float
) -> None:
    path = tmp_path / f"a.{kind}"
    exif = Image.Exif()
    exif[0x010E] = "Marmots"
    Image.new("RGB", (60, 40), "red").save(path, exif=exif)
    data = bytearray(path.read_bytes())
    for place, change in flips:
        data[int(place * len(data))] ^= change
    path.write_bytes(data[: int(len(data) * kept)])
    with suppress(ParseError):
        assert parse(path).kind
