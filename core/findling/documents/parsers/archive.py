"""Archives: ZIP, TAR and single compressed files through the standard library, 7z through py7zr.

py7zr is LGPL: it is here because nothing under a permissive licence reads 7z. Its own way to extract goes
through an archive as a whole, so its header and its decompressors are used, and members come one by one.

A member is written as long as the next one has not been asked for. Links, devices and directories are left
out; names are labels only, and lead nowhere.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, cast

from findling.documents.member import Member, Names
from findling.errors import EncryptedFile, ParseError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO, Self

#: More files than this are no archive of documents.
_MOST_MEMBERS = 100_000
_LARGEST_BYTES = 512 * 1024 * 1024
#: What grows by more than this, and to more than that, is made to fill a disk.
_BOMB_RATIO = 1000
_BOMB_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
#: Of a 7z folder at once: what py7zr reads meanwhile and does not need yet stays in memory.
_FOLDER_CHUNK_BYTES = 16 * 1024 * 1024
#: Extended headers of a TAR; they are read as a whole.
_HEADER_BYTES = 1024 * 1024

_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/.*|\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$", re.IGNORECASE)
#: What Windows, DOS and the packers of East Asia write into ZIP files that are not in UTF-8.
_CODE_PAGES = ["cp437", "cp850", "cp852", "cp866", "cp932", "cp949", "gb18030", "big5", "cp1251", "cp1252"]
_ZIP_METHODS = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 97: "WavPack", 98: "PPMd"}
_ZIP_READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError)
#: The kind of a symbolic link in the Unix mode that a ZIP keeps.
_ZIP_LINK = 0o12
_BOMB = "looks like a ZIP bomb"


def zip_members(path: Path) -> Iterator[Member]:
    """The files in a ZIP archive. Raises `EncryptedFile` where all of them need a password."""
    with zipfile.ZipFile(path) as archive:
        found = [info for info in archive.infolist() if not info.is_dir()]
        if found and all(info.flag_bits & 1 for info in found):
            raise EncryptedFile
        last_volume = max((info.volume for info in found), default=0)
        if not last_volume and sum(info.compress_size for info in found) > path.stat().st_size:
            raise ParseError(f"{_BOMB}: its members lie one over the other")
        names = Names()
        for count, (info, name) in enumerate(zip(found, _zip_names(found), strict=True)):
            _check_count(count)
            if not _JUNK.search(name) and info.external_attr >> 28 != _ZIP_LINK:
                write = _zip_writer(archive, info, last_volume)
                yield Member(names.give(name), info.file_size, write, _zip_date(info))


def _zip_writer(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, last_volume: int
) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        if info.volume != last_volume:
            raise ParseError("in another part of an archive that is split over several files")
        if info.flag_bits & 1:
            raise EncryptedFile
        if info.compress_type not in _ZIP_READ:
            method = _ZIP_METHODS.get(info.compress_type, f"method {info.compress_type}")
            raise ParseError(f"packed in a way that is not read ({method})")
        _check_size(info.file_size, info.compress_size)
        with archive.open(info) as source:
            _copy(source, target, lambda: info.compress_size)

    return write


def _zip_names(found: list[zipfile.ZipInfo]) -> list[str]:
    """Names as they were meant: ZIP has them in UTF-8 where a flag says so, else in any code page."""
    names = [_unicode_path(info) or info.filename for info in found]
    unmarked = [
        index
        for index, (info, name) in enumerate(zip(found, names, strict=True))
        if not info.flag_bits & 0x800 and name == info.filename and not name.isascii()
    ]
    told = decoded_names([names[index].encode("cp437", "replace") for index in unmarked])
    for index, name in zip(unmarked, told, strict=True):
        names[index] = name
    return names


def _unicode_path(info: zipfile.ZipInfo) -> str:
    """The name in Info-ZIP's field 0x7075 (version, CRC of the other name, UTF-8), or ""."""
    extra = info.extra
    while len(extra) >= 4:
        size = int.from_bytes(extra[2:4], "little")
        if extra[:2] == b"\x75\x70":
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return ""


def decoded_names(raw: list[bytes]) -> list[str]:
    """Names of one container in text: UTF-8 where all are, else the best guess from all of them together."""
    try:
        return [name.decode("utf-8") for name in raw]
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(b"\n".join(raw)[:_CHUNK_BYTES], cp_isolation=_CODE_PAGES).best()
        return [name.decode(best.encoding if best else "cp437", "replace") for name in raw]


def _zip_date(info: zipfile.ZipInfo) -> str:
    try:
        date = datetime(*info.date_time)  # noqa: DTZ001 (a ZIP knows no time zone)
    except ValueError:
        return ""
    return date.isoformat() if date.year > 1980 else ""


def tar_members(path: Path) -> Iterator[Member]:
    """The files in a TAR archive, compressed or not. Raises `ParseError` where it breaks off."""
    with path.open("rb") as file, _unpacked(file) as source:
        names = Names()
        try:
            with tarfile.open(fileobj=source, mode="r:", tarinfo=_Header) as archive:
                count = 0
                while (info := archive.next()) is not None:
                    cast("Any", archive).members.clear()
                    _check_count(count)
                    count += 1
                    name = _tar_name(info.name)
                    if info.isfile() and not _JUNK.search(name):
                        write = _tar_writer(archive, info, file)
                        yield Member(names.give(name), info.size, write, _unix_date(info.mtime))
        except _BROKEN as error:
            raise ParseError(f"damaged TAR archive: {one_line(error, 160)}") from error


class _Header(tarfile.TarInfo):
    """A member's header. Where the library takes a damaged one for the end of the archive, this raises."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Read a header."""
        header = super().frombuf(buf, encoding, errors)
        if header.type in _EXTENDED and header.size > _HEADER_BYTES:
            raise tarfile.ReadError("a header is too long")
        return header

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        """Read the next header of an archive."""
        try:
            return super().fromtarfile(tarfile)
        except (_InvalidHeader, _TruncatedHeader) as error:
            raise _ReadError(str(error)) from error


_ReadError = tarfile.ReadError
_InvalidHeader: type[Exception] = cast("Any", tarfile).InvalidHeaderError
_TruncatedHeader: type[Exception] = cast("Any", tarfile).TruncatedHeaderError
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def _tar_writer(
    archive: tarfile.TarFile, info: tarfile.TarInfo, file: BinaryIO
) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        _check_size(info.size)
        begin = file.tell()
        source = archive.extractfile(info)
        assert source is not None
        try:
            _copy(source, target, lambda: file.tell() - begin)
        except _BROKEN as error:
            raise ParseError(f"damaged TAR archive: {one_line(error, 160)}") from error

    return write


def _tar_name(name: str) -> str:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return decoded_names([name.encode("utf-8", "surrogateescape")])[0]
    return name


def _unix_date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat() if seconds > 0 else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _unpacked(file: BinaryIO) -> BinaryIO:
    """A file's bytes as they were before gzip, bzip2 or xz."""
    head = file.read(6)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    if head.startswith(b"BZh"):
        return cast("BinaryIO", bz2.BZ2File(file))
    return cast("BinaryIO", lzma.LZMAFile(file)) if head.startswith(b"\xfd7zXZ") else file


def single_member(path: Path) -> Iterator[Member]:
    """The one file in a gzip, bzip2 or xz file: named as gzip says, else as that file without its suffix."""
    with path.open("rb") as head:
        name, written = _gzip_header(head.read(4096))

    def write(target: BinaryIO) -> None:
        with path.open("rb") as file:
            try:
                _copy(_unpacked(file), target, file.tell)
            except _BROKEN as error:
                raise ParseError(f"damaged compressed file: {one_line(error)}") from error

    compressed = path.suffix.lower() in (".gz", ".bz2", ".xz")
    yield Member(Names().give(name or (path.stem if compressed else path.name)), 0, write, written)


def _gzip_header(head: bytes) -> tuple[str, str]:
    """The name and the date that gzip stored (RFC 1952, section 2.3), as far as it did."""
    if not head.startswith(b"\x1f\x8b") or len(head) < 12:
        return "", ""
    position = 10
    if head[3] & 4:
        position += 2 + int.from_bytes(head[10:12], "little")
    end = head.find(b"\0", position)
    name = head[position:end] if head[3] & 8 and end > position else b""
    try:
        told = name.decode("utf-8")  # as programs write it
    except UnicodeDecodeError:
        told = name.decode("latin-1")  # as it is specified
    return told, _unix_date(int.from_bytes(head[4:8], "little"))


def seven_zip_members(path: Path) -> Iterator[Member]:
    """The files in a 7z archive. Raises `EncryptedFile` where the list of files, or all of them, need a
    password."""
    import py7zr
    from py7zr.exceptions import PasswordRequired

    with path.open("rb") as file:
        try:
            archive: Any = py7zr.SevenZipFile(file)
        except PasswordRequired as error:
            raise EncryptedFile from error
        with archive:
            folders = _Folders(file, archive)
            found = [entry for entry in archive.files if entry.is_file and not entry.is_directory]
            packed = [entry for entry in found if entry.folder is not None]
            if packed and all(_is_encrypted(entry.folder) for entry in packed):
                raise EncryptedFile
            names = Names()
            for count, entry in enumerate(found):
                _check_count(count)
                if not _JUNK.search(entry.filename.replace("\\", "/")):
                    size: int = entry.uncompressed
                    yield Member(
                        names.give(entry.filename), size, folders.writer(entry), _seven_zip_date(entry)
                    )


def _seven_zip_date(entry: Any) -> str:
    try:
        return entry.lastwritetime.as_datetime().isoformat(timespec="seconds") if entry.lastwritetime else ""
    except (ValueError, OverflowError):
        return ""


def _is_encrypted(folder: Any) -> bool:
    return any(coder["method"] == b"\x06\xf1\x07\x01" for coder in folder.coders)  # AES-256


class _Folders:
    """Where the members of a 7z archive lie: folders are packed as a whole, members one after the other in
    them."""

    def __init__(self, file: BinaryIO, archive: Any) -> None:
        self._file = file
        self._places: dict[int, tuple[Any, int]] = {}
        self._reader: tuple[Any, _FolderReader] | None = None
        self._packed: dict[int, tuple[int, int]] = {}
        self._unpacked: dict[int, int] = {}
        streams = getattr(archive.header, "main_streams", None)
        if streams is None:
            return
        start: int = archive.afterheader
        positions: list[int] = streams.packinfo.packpositions
        stream = 0
        for folder in streams.unpackinfo.folders:
            count = len(folder.packed_indices) or 1
            begin, end = positions[stream], positions[min(stream + count, len(positions) - 1)]
            self._packed[id(folder)] = (start + begin, end - begin)
            stream += count
        for entry in archive.files:
            if entry.folder is not None:
                place = self._unpacked.get(id(entry.folder), 0)
                self._places[entry.id] = (entry.folder, place)
                self._unpacked[id(entry.folder)] = place + entry.uncompressed

    def writer(self, entry: Any) -> Callable[[BinaryIO], None]:
        """What writes the bytes of a member."""

        def write(target: BinaryIO) -> None:
            if entry.id not in self._places:
                return  # an empty file
            folder, place = self._places[entry.id]
            if _is_encrypted(folder):
                raise EncryptedFile
            size: int = entry.uncompressed
            packed, unpacked = self._packed[id(folder)][1], self._unpacked[id(folder)]
            _check_size(size, packed * size // max(unpacked, 1))
            reader = self._reader_at(folder, place)
            check = 0
            while size:
                data = reader.read(min(size, _CHUNK_BYTES))
                target.write(data)
                check = zlib.crc32(data, check)
                size -= len(data)
            if entry.crc32 is not None and check != entry.crc32:
                raise ParseError("damaged 7Z archive: a checksum is wrong")

        return write

    def _reader_at(self, folder: Any, place: int) -> _FolderReader:
        """The folder's bytes from `place` on. Going backwards begins anew."""
        if self._reader is None or self._reader[0] is not folder or self._reader[1].position > place:
            begin, size = self._packed[id(folder)]
            self._file.seek(begin)
            decompressor = folder.get_decompressor(size, reset=True)
            self._reader = (folder, _FolderReader(self._file, decompressor, self._unpacked[id(folder)]))
        reader = self._reader[1]
        while reader.position < place:
            reader.read(min(place - reader.position, _CHUNK_BYTES))
        return reader


class _FolderReader:
    """Reads a 7z folder from its beginning. `position` counts unpacked bytes."""

    def __init__(self, file: BinaryIO, decompressor: Any, size: int) -> None:
        self._file = file
        self._decompressor = decompressor
        self._left = size
        self._ready = memoryview(b"")
        self.position = 0

    def read(self, most: int) -> bytes:
        """At least one byte, at most `most`."""
        while not self._ready:
            before = self._file.tell()
            data = self._decompressor.decompress(self._file, min(self._left, _FOLDER_CHUNK_BYTES))
            if not data and self._file.tell() == before:
                raise ParseError("damaged 7Z archive: it breaks off")
            self._left -= len(data)
            self._ready = memoryview(data)
        data = bytes(self._ready[:most])
        self._ready = self._ready[most:]
        self.position += len(data)
        return data


def _check_count(count: int) -> None:
    if count >= _MOST_MEMBERS:
        raise ParseError(f"holds more than {_MOST_MEMBERS:,} files")


def _check_size(unpacked: int, packed: int | None = None) -> None:
    """Raises `ParseError` for what is too large, or grows too much."""
    if packed is not None and unpacked > _BOMB_BYTES and unpacked > _BOMB_RATIO * packed:
        raise ParseError(_BOMB)
    if unpacked > _LARGEST_BYTES:
        raise ParseError("unpacks to more than 512 MB")


def _copy(source: IO[bytes], target: BinaryIO, packed: Callable[[], int]) -> None:
    """Copy all of `source`, which `packed` bytes were read for, whatever its header promised."""
    copied = 0
    while data := source.read(_CHUNK_BYTES):
        copied += len(data)
        _check_size(copied, packed())
        target.write(data)
