"""The families of files that are read, and what a file's name says of its own."""

from __future__ import annotations

from pathlib import PurePath

#: Those that people look for first stand first.
_SUFFIXES = {
    "pdf": "pdf",
    "docx": "docx docm dotx dotm",
    "xlsx": "xlsx xlsm xltx xltm xlsb xlam",
    "pptx": "pptx pptm ppsx ppsm potx potm",
    "eml": "eml emlx",
    "txt": "txt text log ini cfg conf properties toml env gitignore gitattributes editorconfig nfo",
    "md": "md markdown mdown mkd mdx qmd rmd",
    "html": "html htm xhtml xht shtml",
    "image": "png jpg jpeg jpe gif tif tiff bmp webp",
    "doc": "doc dot",
    "xls": "xls xlt",
    "ppt": "ppt pps pot",
    "odt": "odt ott odm fodt",
    "ods": "ods ots fods",
    "odp": "odp otp fodp",
    "rtf": "rtf",
    "csv": "csv tsv tab",
    "epub": "epub",
    "msg": "msg oft",
    "mbox": "mbox mbx",
    "mhtml": "mhtml mht",
    "ics": "ics vcs",
    "tex": "tex ltx latex sty cls bib",
    "rst": "rst rest",
    "adoc": "adoc asciidoc asc",
    "org": "org",
    "fb2": "fb2",
    "ipynb": "ipynb",
    "code": """
        py pyi pyw c h cc cpp cxx hpp hh hxx java kt kts scala groovy js mjs cjs jsx ts tsx vue svelte cs fs
        fsx vb go rs rb php pl pm lua r jl m mm swift dart hs ml mli clj cljs ex exs erl sh bash zsh fish ps1
        bat cmd sql css scss less asm s f f90 f95 for pas adb ads d nim zig v sv vhd vhdl tcl lisp el scm
        proto graphql cmake gradle mk tf
        """,
    "json": "json jsonl ndjson geojson webmanifest",
    "xml": "xml xsd xsl xslt rss atom svg kml gpx opml plist wsdl dtd ui ts",
    "yaml": "yaml yml",
    "srt": "srt vtt sub",
    "zip": "zip",
    "tar": "tar tgz tbz tbz2 txz",
    "7z": "7z",
    "gz": "gz bz2 xz",
}
_FAMILY_OF_SUFFIX = {suffix: family for family, names in _SUFFIXES.items() for suffix in names.split()}
_FAMILY_OF_SUFFIX["ts"] = "code"  # TypeScript; Qt's translations are told by their bytes

#: The families of files that are read.
FAMILIES = tuple(_SUFFIXES)

#: Names without a suffix that say what a file is; others without are plain text where their bytes are.
_BARE_NAMES = {"makefile": "code", "dockerfile": "code", "inbox": "mbox", "sent": "mbox"}


def family_of_name(name: str) -> str:
    """The family that a file's suffix names, else the bare suffix, else "unknown"."""
    pure = PurePath(name.lower())
    if not pure.suffix:
        hidden = pure.name[1:] if pure.name.startswith(".") else ""
        return _BARE_NAMES.get(pure.name, _FAMILY_OF_SUFFIX.get(hidden, "unknown"))
    if pure.name.endswith((".tar.gz", ".tar.bz2", ".tar.xz")):
        return "tar"
    suffix = pure.suffix.lstrip(".")
    return _FAMILY_OF_SUFFIX.get(suffix, suffix or "unknown")
