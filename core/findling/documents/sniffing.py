"""What a file is: by its first bytes, and by its suffix where bytes cannot tell."""

from __future__ import annotations

import re
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

from findling.documents.formats import FAMILIES, family_of_name
from findling.documents.parsers import ole
from findling.errors import EncryptedFile, ParseError, UnsupportedFormat, one_line

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

_HEAD_BYTES = 8192
_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
)
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
#: Formats that people keep and that are not read, and what a person can do.
_FOREIGN_MAGIC = (
    (b"ITSF", "a Windows help file (CHM)"),
    (b"AT&TFORM", "DjVu: convert it to PDF"),
    (b"Rar!", "a RAR archive: unpack it, or pack it as ZIP"),
    (b"\xffWPC", "WordPerfect: save it as ODT or DOCX"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "OneNote: export it as PDF or DOCX"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"OggS", "sound"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
)
_TYPES = "[content_types].xml"
_PART_BYTES = 1 << 20
#: A member of a ZIP container that tells what it is.
_ZIP_MARKS = (
    ("word/document.xml", "docx"),
    ("word/document2.xml", "docx"),
    ("ppt/presentation.xml", "pptx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("meta-inf/container.xml", "epub"),
)
_ZIP_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/epub+zip": "epub",
}
_OOXML_TYPES = (
    (b"wordprocessingml", "docx"),
    (b"ms-word", "docx"),
    (b"presentationml", "pptx"),
    (b"ms-powerpoint", "pptx"),
    (b"spreadsheetml", "xlsx"),
    (b"ms-excel", "xlsx"),
)
_ZIP_FOREIGN = (
    ("index/document.iwa", "Apple iWork: export it as PDF or in Microsoft's format"),
    ("index.zip", "Apple iWork: export it as PDF or in Microsoft's format"),
    ("index.apxl", "Apple Keynote: export it as PDF or in Microsoft's format"),
    ("index.xml", "Apple Pages or Numbers: export it as PDF or in Microsoft's format"),
    ("visio/document.xml", "Visio: export it as PDF"),
    ("fixeddocumentsequence.fdseq", "XPS: convert it to PDF"),
    ("fixeddocseq.fdseq", "XPS: convert it to PDF"),
    ("androidmanifest.xml", "a program"),
    ("meta-inf/manifest.mf", "a program"),
)
#: A stream of an OLE container that tells what it is.
_OLE_MARKS = (
    ("worddocument", "doc"),
    ("powerpoint document", "ppt"),
    ("pp97_dualstorage", "ppt"),
    ("pp40", "ppt"),
    ("workbook", "xls"),
    ("book", "xls"),
    ("__properties_version1.0", "msg"),
    ("matost", "doc"),  # Works, which a converter may read
    ("spelling", "doc"),
    ("mn0", "doc"),
)
_OLE_FOREIGN = (
    ("visiodocument", "Visio: export it as PDF"),
    ("quill", "Publisher: export it as PDF"),
    ("fileheader", "Hangul (HWP): save it as DOCX or ODT"),
)
_MAIL_HEADER = re.compile(
    rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    rb"(?:received|return-path|message-id|delivered-to|mime-version|x-mailer):",
    re.IGNORECASE,
)
_MAIL_SUBJECT = re.compile(rb"^(?:from|subject|date|to):", re.IGNORECASE | re.MULTILINE)
_MBOX = re.compile(rb"\AFrom \S+ .*\d\d:\d\d.*\r?\n[\w-]+:")
_XML_ROOT = re.compile(rb"<\s*([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_XML_BEFORE_ROOT = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL
)
#: Families whose files begin with certain bytes.
_WITH_MAGIC = frozenset("pdf docx doc pptx ppt xlsx xls odt odp ods epub msg zip 7z gz image rtf tar".split())
#: Of them those that older programs wrote without an OLE container.
_BINARY_OF_OLD = frozenset({"xls", "doc"})
#: Families that any text may be, whatever it looks like.
_SPEAKING = frozenset("md code rst adoc org tex json yaml srt csv ics".split())


def family_of(path: Path) -> str:
    """The family whose parser reads this file. The bytes decide; the suffix speaks for plain text.

    Raises `UnsupportedFormat` with the reason when there is none, `EncryptedFile` for Office files
    behind a password, `ParseError` when the file cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise ParseError(f"cannot be read: {error.strerror or error}") from error
    named = family_of_name(path.name)
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _family_of_zip(path, named)
    if head.startswith(ole.MAGIC):
        return _family_of_ole(path, named)
    if family := _told_by_magic(path, head, named):
        return family
    # Readers of PDF pass over up to a kilobyte before it.
    if b"%PDF-" in head[:1024] and (named == "pdf" or named not in FAMILIES):
        return "pdf"
    return _family_of_text(head, named)


def _told_by_magic(path: Path, head: bytes, named: str) -> str:
    """What a magic number says, or "". Raises `UnsupportedFormat` for one that is known and not read."""
    if head.startswith(_COMPRESSED):
        return "tar" if named == "tar" or tarfile.is_tarfile(path) else "gz"
    if head[257:262] == b"ustar":
        return "tar"
    if (head.startswith(b"RIFF") and head[8:12] == b"WEBP") or (head.startswith(b"BM") and named == "image"):
        return "image"
    for magic, foreign in _FOREIGN_MAGIC:
        if head.startswith(magic):
            raise UnsupportedFormat(f"not read: {foreign}")
    return next((family for magic, family in _MAGIC if head.startswith(magic)), "")


def _family_of_text(head: bytes, named: str) -> str:
    """Of a file that has no magic number."""
    if not head.strip(b"\x00 \r\n\t") and named in _WITH_MAGIC:
        raise ParseError("empty file")
    if named == "tar" and b"\x00" in head:
        return "tar"  # from before "ustar"
    if named in _WITH_MAGIC and b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        if named in _BINARY_OF_OLD:
            return named
        raise ParseError(f"not a {named.upper()} file, whatever its name says")
    if found := _told_by_text(head, named):
        return found
    if named == "doc":
        return named
    if named in _WITH_MAGIC:
        raise ParseError(f"not a {named.upper()} file, whatever its name says")
    if named == "unknown" and b"\x00" not in head:
        return "txt"
    if named not in FAMILIES:
        raise UnsupportedFormat(f"format not read: {named}")
    return named


def _told_by_text(head: bytes, named: str) -> str:
    """What the text at the beginning of a file says of its format, or ""."""
    if named in _SPEAKING and not (named == "code" and head.lstrip().startswith(b"<?xml")):
        return ""
    if _MBOX.match(head):
        return "eml" if named == "eml" else "mbox"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if start[:5].lower() == b"<?xml" or start[:1] == b"<":
        return _family_of_markup(head, named)
    if (
        (named in ("eml", "mbox", "mhtml") or named not in FAMILIES)
        and _MAIL_HEADER.match(head)
        and _MAIL_SUBJECT.search(head)
    ):
        multipart = b"multipart/related" in head.lower() and named != "eml"
        return "mhtml" if named == "mhtml" or (multipart and named not in FAMILIES) else "eml"
    return ""


def _family_of_markup(head: bytes, named: str) -> str:
    """Of what begins with a tag."""
    lowered = head[:1024].lower()
    is_xml = lowered.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml")
    prologue = _XML_BEFORE_ROOT.match(head)
    root = _XML_ROOT.match(head[prologue.end() if prologue else 0 :].lstrip())
    name = root[2].decode("ascii", "replace").lower() if root else ""
    if name == "fictionbook":
        return "fb2"
    if name == "document" and b"opendocument" in head:
        for kind, family in (("presentation", "odp"), ("spreadsheet", "ods")):
            if f"opendocument.{kind}".encode() in head:
                return family
        return "odt"
    if name == "html" or b"<!doctype html" in lowered or named == "html":
        return "html"
    if is_xml or named in ("xml", "fb2"):
        return "xml"
    if named in ("doc", "xls", "docx", "xlsx"):  # saved as a web page
        return "html"
    return ""


def _family_of_zip(path: Path, named: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lstrip("/").lower(): name for name in archive.namelist()}
            mimetype, types = (_beginning(archive, names.get(name)) for name in ("mimetype", _TYPES))
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ParseError(f"damaged ZIP container: {one_line(error, 160)}") from error
    except RuntimeError as error:
        raise EncryptedFile from error
    if family := _told_by_parts(names, mimetype, types):
        return family
    if named != "zip":
        for mark, foreign in _ZIP_FOREIGN:
            if mark in names:
                raise UnsupportedFormat(f"not read: {foreign}")
    if named in _WITH_MAGIC - {"zip"}:
        raise ParseError(f"not a {named.upper()} file, whatever its name says")
    if named in (*FAMILIES, "unknown"):
        return "zip"
    raise UnsupportedFormat(f"format not read: {named}")


def _beginning(archive: zipfile.ZipFile, name: str | None) -> bytes:
    if name is None:
        return b""
    with archive.open(name) as part:
        return part.read(_PART_BYTES)


def _told_by_parts(names: Container[str], mimetype: bytes, types: bytes) -> str:
    """What the parts of a ZIP container say of its format, or ""."""
    kind = mimetype.decode("ascii", "replace").strip().removesuffix("-template")
    if kind in _ZIP_MIMETYPES:
        return _ZIP_MIMETYPES[kind]
    for mark, family in _ZIP_MARKS:
        if mark in names:
            return family
    return next((family for mark, family in _OOXML_TYPES if mark in types), "")


def _family_of_ole(path: Path, named: str) -> str:
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as container:
            names = {entry[0].lower() for entry in container.listdir()}
    except Exception as error:
        raise ParseError(f"damaged {named.upper()} file: {one_line(error, 160)}") from error
    # An encrypted Office document is an OLE container with an EncryptedPackage stream (MS-OFFCRYPTO 2.1).
    if "encryptedpackage" in names:
        raise EncryptedFile
    for mark, foreign in _OLE_FOREIGN:
        if mark in names:
            raise UnsupportedFormat(f"not read: {foreign}")
    for mark, family in _OLE_MARKS:
        if mark in names:
            return family
    raise UnsupportedFormat(f"format not read: {named} (in an OLE container)")
