"""Archives: what is in them, names that are safe, what is encrypted, broken off or made to fill a disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import py7zr
import pytest

from findling.documents.member import Names
from findling.documents.parsers import archive
from findling.documents.parsers.archive import seven_zip_members, single_member, tar_members, zip_members
from findling.documents.registry import members_of
from findling.errors import EncryptedFile, ParseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from findling.documents.member import Member


def written(member: Member) -> bytes:
    target = io.BytesIO()
    member.write(target)
    return target.getvalue()


def read(members: Iterator[Member]) -> dict[str, bytes]:
    return {member.name: written(member) for member in members}


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, cast("Any", mode)) as target:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1_700_000_000
            target.addfile(info, io.BytesIO(data))
    return path


def seven_zipped(path: Path, files: dict[str, bytes], password: str | None = None) -> Path:
    with py7zr.SevenZipFile(path, "w", password=password) as target:
        for name, data in files.items():
            target.writestr(data, name)
    return path


FILES = {"b/first.txt": b"one\n" * 500, "a.md": b"# two\n", "b/empty.txt": b""}


@pytest.mark.parametrize(
    ("pack", "family"),
    [
        (lambda path: zipped(path, FILES), "zip"),
        (lambda path: zipped(path, FILES, zipfile.ZIP_LZMA), "zip"),
        (lambda path: tarred(path, FILES), "tar"),
        (lambda path: tarred(path, FILES, "w:gz"), "tar"),
        (lambda path: tarred(path, FILES, "w:xz"), "tar"),
        (lambda path: tarred(path, FILES, "w:bz2"), "tar"),
        (lambda path: seven_zipped(path, FILES), "7z"),
    ],
)
def test_members_come_in_order_with_size_and_bytes(
    tmp_path: Path, pack: Callable[[Path], Path], family: str
) -> None:
    found = [
        (member.name, member.size, written(member))
        for member in members_of(family, pack(tmp_path / "a.archive"))
    ]
    order = sorted if family == "7z" else list  # which has empty files at the end
    assert order(found) == order([(name, len(data), data) for name, data in FILES.items()])


def test_members_have_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(zipfile.ZipInfo("a.txt", (2021, 3, 4, 5, 6, 8)), b"a")
        target.writestr(zipfile.ZipInfo("b.txt"), b"b")
    assert [member.written for member in zip_members(path)] == ["2021-03-04T05:06:08", ""]
    assert [member.written for member in tar_members(tarred(tmp_path / "a.tar", {"a": b"a"}))] == [
        "2023-11-14T22:13:20+00:00"
    ]
    assert next(seven_zip_members(seven_zipped(tmp_path / "a.7z", {"a": b"a"}))).written.startswith("20")


def test_names_are_labels_and_lead_nowhere() -> None:
    names = Names()
    told = ["/etc/passwd", "../../x.txt", "C:\\Users\\me\\a.doc", "a/./b/../c.pdf", "..", "x.txt", "x.txt"]
    assert [names.give(name) for name in told] == [
        "etc/passwd",
        "x.txt",
        "Users/me/a.doc",
        "a/b/c.pdf",
        "unnamed",
        "x (2).txt",
        "x (3).txt",
    ]
    assert [names.give(name) for name in ("Hello!/a.txt", "b!!/!/c!")] == ["Hello/a.txt", "b/c!"]
    assert [names.give(name) for name in ("p/.profile", "p/.profile", "q", "q")] == [
        "p/.profile",
        "p/.profile (2)",
        "q",
        "q (2)",
    ]


def test_what_programs_leave_in_archives_is_left_out(tmp_path: Path) -> None:
    junk = ["__MACOSX/x/._a.txt", "a/.DS_Store", "Thumbs.db", "a/desktop.ini", "a/._b.txt"]
    files = dict.fromkeys([*junk, "a/b.txt"], b"x")
    assert list(read(zip_members(zipped(tmp_path / "a.zip", files)))) == ["a/b.txt"]
    assert list(read(tar_members(tarred(tmp_path / "a.tar", files)))) == ["a/b.txt"]
    assert list(read(seven_zip_members(seven_zipped(tmp_path / "a.7z", files)))) == ["a/b.txt"]


def test_links_devices_and_folders_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as target:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"odd{kind!r}")
            info.type, info.linkname = kind, "/etc/passwd"
            target.addfile(info)
        target.addfile(tarfile.TarInfo("real.txt"))
    assert list(read(tar_members(path))) == ["real.txt"]
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    link.create_system = 3
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped_target:
        zipped_target.writestr(link, "/etc/passwd")
        zipped_target.mkdir("folder")
    assert read(zip_members(tmp_path / "a.zip")) == {}


def with_raw_names(path: Path, names: list[bytes]) -> Path:
    """A ZIP whose names are these bytes, without the flag for UTF-8."""
    stand_ins = [b"%d" % number + b"x" * (len(name) - 1) for number, name in enumerate(names)]
    data = zipped(path, {name.decode(): b"text" for name in stand_ins}).read_bytes()
    for stand_in, name in zip(stand_ins, names, strict=True):
        data = data.replace(stand_in, name)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-8", ["Übersicht.txt", "Договор.txt"]),
        ("cp850", ["Übersicht Verträge/Angebot für Müller.txt", "Größe.txt"]),
        ("cp866", ["Договор аренды/Приложение 1.txt", "Счет за услуги.txt"]),
        ("cp932", ["会議資料/議事録2020年.txt", "写真の説明.txt"]),
    ],
)
def test_names_in_a_zip_are_read_in_any_encoding(tmp_path: Path, encoding: str, names: list[str]) -> None:
    path = with_raw_names(tmp_path / "a.zip", [name.encode(encoding) for name in names])
    assert [member.name for member in zip_members(path)] == names


def test_the_unicode_name_beside_another_is_taken(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("r?sum?.txt")
    name = "résumé.txt".encode()
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, 0) + name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        target.writestr(info, b"x")
    assert [member.name for member in zip_members(tmp_path / "a.zip")] == ["résumé.txt"]


def with_flag(path: Path, name: bytes, flag: int) -> Path:
    """Set a flag of one member in the directory of a ZIP."""
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    while data[entry + 46 : entry + 46 + len(name)] != name:
        entry = data.index(b"PK\x01\x02", entry + 1)
    data[entry + 8] |= flag
    path.write_bytes(data)
    return path


def test_encrypted_members_of_a_zip_do_not_hide_the_others(tmp_path: Path) -> None:
    path = with_flag(zipped(tmp_path / "a.zip", {"a.txt": b"a", "b.txt": b"b"}), b"a.txt", 1)
    first, second = zip_members(path)
    with pytest.raises(EncryptedFile):
        written(first)
    assert second.name == "b.txt"
    with pytest.raises(EncryptedFile):
        list(zip_members(with_flag(path, b"b.txt", 1)))


def test_an_encrypted_7z_says_so(tmp_path: Path) -> None:
    path = seven_zipped(tmp_path / "a.7z", {"a.txt": b"a"}, password="secret")
    with pytest.raises(EncryptedFile, match="encrypted: a password is needed"):
        list(members_of("7z", path))


def test_members_may_be_passed_over(tmp_path: Path) -> None:
    """7z packs files together: those before the one that is wanted are unpacked with it."""
    files = {f"{number}.txt": bytes([number]) * 3000 for number in range(20)}
    path = seven_zipped(tmp_path / "a.7z", files)
    for wanted in ("7.txt", "19.txt"):
        assert [written(each) for each in seven_zip_members(path) if each.name == wanted] == [files[wanted]]


def test_a_method_that_is_not_read_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.txt": b"a" * 100, "b.txt": b"b"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 10] = 9
    path.write_bytes(data)
    first, second = zip_members(path)
    with pytest.raises(ParseError, match="Deflate64"):
        written(first)
    with zipfile.ZipFile(path):
        assert second.name == "b.txt"


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_a_tar_that_breaks_off_gives_what_came_before(tmp_path: Path, mode: str) -> None:
    noise = random.Random(1).randbytes(40_000)
    path = tarred(tmp_path / "a.tar", {"a.txt": b"whole", "b.bin": noise, "c.txt": b"lost"}, mode)
    path.write_bytes(path.read_bytes()[:20_000])
    found: list[str] = []
    with pytest.raises(ParseError, match=r"^damaged TAR archive: "):  # noqa: PT012 (as far as it goes)
        for member in members_of("tar", path):
            found.append(member.name)
            if member.name == "a.txt":
                assert written(member) == b"whole"
    assert found[0] == "a.txt"
    assert "c.txt" not in found


def test_a_damaged_header_within_a_tar_is_no_end_of_it(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", {"a.txt": b"a", "b.txt": b"b"})
    data = bytearray(path.read_bytes())
    data[1024 + 150] ^= 0xFF
    path.write_bytes(data)
    members = tar_members(path)
    assert written(next(members)) == b"a"
    with pytest.raises(ParseError):
        next(members)


@pytest.mark.parametrize(("suffix", "module"), [("gz", gzip), ("bz2", bz2), ("xz", lzma)])
def test_a_single_compressed_file_is_named_after_it(tmp_path: Path, suffix: str, module: Any) -> None:
    path = tmp_path / f"notes.txt.{suffix}"
    path.write_bytes(module.compress(b"some notes"))
    assert read(members_of("gz", path)) == {"notes.txt": b"some notes"}
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ParseError, match=r"^damaged"):
        written(next(single_member(path)))


def test_gzip_may_say_the_name_and_the_date(tmp_path: Path) -> None:
    path = tmp_path / "odd"
    with path.open("wb") as file, gzip.GzipFile("/tmp/mémo.txt", "wb", fileobj=file, mtime=1e9) as target:
        target.write(b"x")
    member = next(single_member(path))
    assert (member.name, member.written) == ("mémo.txt", "2001-09-09T01:46:40+00:00")


def test_what_grows_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_BOMB_BYTES", 100_000)
    monkeypatch.setattr(archive, "_BOMB_RATIO", 100)
    zeros = bytes(2_000_000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(zeros))
    for members in (
        zip_members(zipped(tmp_path / "a.zip", {"a": zeros})),
        tar_members(tarred(tmp_path / "a.tar.gz", {"a": zeros}, "w:gz")),
        seven_zip_members(seven_zipped(tmp_path / "a.7z", {"a": zeros})),
        single_member(tmp_path / "a.gz"),
    ):
        with pytest.raises(ParseError, match="looks like a ZIP bomb"):
            written(next(members))


def test_what_is_too_large_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LARGEST_BYTES", 100_000)
    noise = random.Random(2).randbytes(200_000)
    (tmp_path / "a.gz").write_bytes(gzip.compress(noise, 1))
    for members in (
        zip_members(zipped(tmp_path / "a.zip", {"a": noise, "b": b"b"})),
        tar_members(tarred(tmp_path / "a.tar", {"a": noise, "b": b"b"})),
        seven_zip_members(seven_zipped(tmp_path / "a.7z", {"a": noise, "b": b"b"})),
    ):
        with pytest.raises(ParseError, match="unpacks to more than 512 MB"):
            written(next(members))
        assert written(next(members)) == b"b"
    with pytest.raises(ParseError, match="unpacks to more than 512 MB"):
        written(next(single_member(tmp_path / "a.gz")))


def test_more_files_than_anybody_has_are_a_trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MOST_MEMBERS", 10)
    files = {f"{number}.txt": b"x" for number in range(12)}
    for members in (
        zip_members(zipped(tmp_path / "a.zip", files)),
        tar_members(tarred(tmp_path / "a.tar", files)),
        seven_zip_members(seven_zipped(tmp_path / "a.7z", files)),
    ):
        assert len([next(members) for _ in range(10)]) == 10
        with pytest.raises(ParseError, match="more than 10 files"):
            next(members)


def test_members_that_overlap_are_a_trap(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.txt": random.Random(3).randbytes(1000)})
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entries = data[start:end] * 50
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 50, 50, len(entries), start, 0)
    path.write_bytes(data[:start] + entries + tail)
    with pytest.raises(ParseError, match="ZIP bomb"):
        list(zip_members(path))


def test_a_part_of_a_split_zip_gives_what_lies_in_it(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.txt": b"a", "b.txt": b"b"})
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 34] = 1
    path.write_bytes(data)
    first, other = zip_members(path)
    with pytest.raises(ParseError, match="split over several files"):
        written(first)
    assert other.name == "b.txt"


def test_an_overlong_header_in_a_tar_is_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type = tarfile.GNUTYPE_LONGNAME
    info.size = 50_000_000
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(50_000_000), 1))
    with pytest.raises(ParseError, match="header is too long"):
        list(tar_members(path))


@pytest.mark.parametrize("family", ["zip", "tar", "7z", "gz"])
def test_damaged_archives_give_members_or_a_parse_error(tmp_path: Path, family: str) -> None:
    chance = random.Random(family)
    path = tmp_path / "mutant"
    noisy = {**FILES, "c.bin": chance.randbytes(500)}
    if family == "gz":
        path.write_bytes(gzip.compress(b"text " * 100))
    else:
        {"zip": zipped, "tar": tarred, "7z": seven_zipped}[family](path, noisy)
    sound = path.read_bytes()
    for _ in range(40):
        data = bytearray(sound)
        for _ in range(chance.randrange(1, 5)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data[: chance.choice([len(data), chance.randrange(len(data))])])
        try:
            for member in members_of(family, path):
                with suppress(Exception):  # whatever the library raises
                    member.write(io.BytesIO())
        except ParseError:
            pass
