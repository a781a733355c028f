"""What no reader of ours reads, through a converter where one is installed: antiword or catdoc, which are
quick, else LibreOffice.

A converter is another program. It gets the file's path, no shell, and a time limit; LibreOffice works with
settings of its own in a folder that is removed, where macros are off.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from findling.documents.cleaning import made
from findling.documents.parsers.plain import paragraphs
from findling.errors import ParseError, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from findling.documents.model import Document

#: Together less than a file is given.
_QUICK_SECONDS, _OFFICE_SECONDS = 10, 30
#: Of each family: programs that write a file's text to their output, and their arguments before its path.
_TO_TEXT = {
    "doc": (("antiword", "-m", "UTF-8.txt", "-w", "0"), ("catdoc", "-w", "-d", "utf-8")),
    "ppt": (("catppt", "-d", "utf-8"),),
}
#: What LibreOffice makes of each family.
_OPEN_FORMATS = {"doc": "odt", "ppt": "odp"}


def converted(path: Path, family: str, what: str, *, quick: bool = True) -> Document:
    """A file's text by the first converter that gives any. `what` names the format for a person; `quick` says
    whether the quick ones know it: others they take for text.

    Raises `UnsupportedFormat` with what to do where there is none.
    """
    programs = _TO_TEXT[family] if quick else ()
    for program, *arguments in programs:
        if place := shutil.which(program):
            output = _run([place, *arguments, str(path.resolve())], _QUICK_SECONDS)
            if text := _sound(output):
                return made(family, "", paragraphs(text))
    if place := shutil.which("soffice"):
        with tempfile.TemporaryDirectory(prefix="findling-") as folder:
            if (document := _by_libreoffice(place, path, family, Path(folder))) is not None:
                return document
    names = " or ".join([*(program for program, *_ in programs), "LibreOffice"])
    target = "DOCX" if family == "doc" else "PPTX"
    raise UnsupportedFormat(f"not read: {what}: install {names}, or open it and save it as {target}")


def _by_libreoffice(program: str, path: Path, family: str, folder: Path) -> Document | None:
    from findling.documents.registry import parse_as

    target = _OPEN_FORMATS[family]
    settings = f"-env:UserInstallation={(folder / 'settings').as_uri()}"
    how = ("--headless", "--norestore", "--convert-to", target, "--outdir", str(folder))
    _run([program, settings, *how, str(path.resolve())], _OFFICE_SECONDS)
    made_file = folder / f"{path.stem}.{target}"
    if not made_file.is_file():
        return None
    try:
        return replace(parse_as(target, made_file), kind=family)
    except ParseError:
        return None


def _run(command: Sequence[str], seconds: float) -> bytes:
    """What a program writes to its output; nothing where it fails, or takes longer."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process.pid)
            return b""
    return output if process.returncode == 0 else b""


def _end(pid: int) -> None:
    """End a process and those that it started: LibreOffice is a script that starts the program."""
    import psutil

    parent = psutil.Process(pid)
    for each in (*parent.children(recursive=True), parent):
        with suppress(psutil.NoSuchProcess):
            each.kill()


def _sound(output: bytes) -> str:
    """The text of an output, or "" where it is none."""
    try:
        text = output.decode()
    except UnicodeDecodeError:
        return ""
    return text if text.strip() else ""
