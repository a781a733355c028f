"""Audit the licences of what an environment holds, and write down whose work is shipped and on which terms.

    python packaging/licences.py PYTHON [--locked FILE]… [--third-party FILE] [--copyright FILE]
                                  [--tree DIR] [--site DIR]

PYTHON is the interpreter of the environment that is frozen; with --site it is the packages in a directory
that are looked at, as they are in the training component. Every distribution in it must have a licence that
licence_terms.py allows, and one whose texts name the GPL must have been read by a person. --locked leaves out
what these lists do not name. --third-party writes all terms, equal ones once; --copyright the same as
Debian's machine-readable file. --tree looks through a frozen application for libraries that nothing may ship.
A text can only be found where a wheel carries it: of the crates that are linked into wheels written in Rust,
most are silent.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licence_papers import debian_copyright, third_party
from licence_terms import (
    ALIASES,
    ALLOWED,
    BUILD_TOOLS,
    CLASSIFIERS,
    EXCEPTIONS,
    FORBIDDEN,
    REVIEWED,
    TEXTS,
)

ROOT = Path(__file__).resolve().parent.parent
READER = ROOT / "packaging" / "licence_reader.py"
TEXT_FILES = ROOT / "packaging" / "licence_texts"

_COPYLEFT = re.compile(r"\bA?GPL|GNU\s+(?:Affero\s+|Lesser\s+|Library\s+)?General\s+Public", re.IGNORECASE)
_NOTICE = re.compile(r"^\W*(?:copyright\b|©|\(c\)).*\d{4}.*$", re.IGNORECASE)
#: What may stand above a licence's own words.
_HEADING = re.compile(r"^\W*$|all rights reserved|^[\w\s()-]{0,30}licen[cs]e\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution as it is shipped. `licence` is an SPDX expression, "" where it is unknown; `notices` are
    its lines of copyright, `texts` the words of its licences without the lines of copyright above them,
    `places` how the paths of its files begin."""

    name: str
    version: str
    licence: str
    author: str
    notices: tuple[str, ...]
    texts: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its name as indexes write it."""
        return normal(self.name)


def main() -> int:
    """Audit, and write what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("python", help="the interpreter of the environment")
    parser.add_argument("--locked", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--third-party", type=Path, metavar="FILE")
    parser.add_argument("--copyright", type=Path, metavar="FILE")
    parser.add_argument("--tree", type=Path, metavar="DIR", help="the frozen application")
    parser.add_argument("--site", type=Path, metavar="DIR", help="packages in a directory")
    parser.add_argument(
        "--prefix", default="usr/lib/findling/_internal", help="where the libraries are installed"
    )
    chosen = parser.parse_args()
    found = shipped(chosen.python, chosen.locked, chosen.site)
    problems = audit(found) + (unwanted(chosen.tree) if chosen.tree else [])
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    print(f"{len(found)} distributions, all of them may be shipped.")
    if chosen.third_party:
        chosen.third_party.write_text(third_party(found), encoding="utf-8")
    if chosen.copyright:
        chosen.copyright.write_text(debian_copyright(found, chosen.prefix), encoding="utf-8")
    return 0


def shipped(python: str, locked: list[Path] | None = None, site: Path | None = None) -> list[Distribution]:
    """What the environment of `python` holds, without the build tools, by name, or all that the directory
    `site` does; with `locked` only what these lists name, and Findling and Python themselves."""
    names: set[str] = set()
    for file in locked or []:
        names |= set(re.findall(r"^[a-z0-9-]+(?===)", file.read_text(encoding="utf-8"), re.MULTILINE))
    names |= {"findling", "pyinstaller"} if names else set()  # of the latter the bootloader is shipped
    place = ["--site", str(site)] if site else []
    command = [python, "-P", str(READER), *place, *sorted(names)]
    answer = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    found = [distribution(row) for row in json.loads(answer.stdout)]
    unique = {each.key: each for each in found if site or each.key not in BUILD_TOOLS}
    return [unique[key] for key in sorted(unique)]


def distribution(row: dict[str, Any]) -> Distribution:
    """What the reader said of one distribution."""
    files = [TEXT_FILES / name if name else ROOT / "LICENSE" for name in TEXTS.get(normal(row["name"]), ())]
    texts = [*row["texts"], *(file.read_text(encoding="utf-8") for file in files)]
    notices: list[str] = []
    bodies: list[str] = []
    for text in texts:
        lines = [line.rstrip() for line in text.expandtabs().replace("\f", "").splitlines()]
        found = [line.strip(" *#/") for line in lines if _NOTICE.match(line) and "[yyyy]" not in line]
        # The GNU licences' own words belong to the Free Software Foundation, what is under them does not.
        gnu = " ".join(text.split()).startswith("GNU ")
        notices += [line for line in found if not (gnu and "Free Software Foundation" in line)]
        bodies.append(_body(lines))
    return Distribution(
        name=row["name"],
        version=row["version"],
        licence=expression(row["expression"], row["field"], row["classifiers"]),
        author=" ".join(row["author"].split()),
        notices=tuple(dict.fromkeys(notices)),
        texts=tuple(dict.fromkeys(filter(None, bodies))),
        places=tuple(row["places"]),
    )


def _body(lines: list[str]) -> str:
    """A licence's words without the headings and lines of copyright above them."""
    at = 0
    while at < len(lines) and (_HEADING.search(lines[at]) or _NOTICE.match(lines[at])):
        at += 1
    return "\n".join(lines[at:]).strip("\n")


def expression(spdx: str, field: str, classifiers: list[str]) -> str:
    """The SPDX expression of what metadata says, "" where that is not clear."""
    if spdx:
        return spdx
    field = " ".join(field.split())
    if field in ALIASES:
        return ALIASES[field]
    if field and all(atom in ALLOWED or "GPL" in atom for atom in atoms(field)):
        return field
    known = [CLASSIFIERS.get(each, "") for each in classifiers]
    return " AND ".join(known) if all(known) else ""


def audit(found: list[Distribution]) -> list[str]:
    """Why these may not be shipped, a line each; nothing where they may."""
    problems = []
    for each in found:
        about = f"{each.name} {each.version}"
        if not each.licence:
            problems.append(f"{about}: its licence is not known.")
        elif not allowed(each.licence, EXCEPTIONS.get(each.key, ("",))[0]):
            problems.append(f"{about}: {each.licence} may not be shipped.")
        if not each.texts:
            problems.append(f"{about} carries no text of its licence: add one to packaging/licence_texts.")
        copyleft = any(_COPYLEFT.search(text) for text in each.texts)
        if copyleft and each.key not in REVIEWED and each.key not in EXCEPTIONS:
            problems.append(
                f"{about}: its texts name the GPL; read them and say in licence_terms.py what they mean."
            )
    return problems


def unwanted(tree: Path) -> list[str]:
    """Libraries in a frozen application that are under the GPL alone, a line each."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and FORBIDDEN.search(path.name))
    return [f"{path.relative_to(tree)} is under the GPL: leave it out." for path in files]


def allowed(licence: str, exception: str = "") -> bool:
    """Whether one of the alternatives of an SPDX expression is allowed in all its parts."""
    if any(sign in licence for sign in "()"):
        return all(atom in ALLOWED or atom == exception for atom in atoms(licence))
    parts = [re.split(r"\s+AND\s+", choice) for choice in re.split(r"\s+OR\s+", licence)]
    return any(all(atom in ALLOWED or atom == exception for atom in choice) for choice in parts)


def atoms(licence: str) -> list[str]:
    """The licences that an SPDX expression names."""
    return [atom for atom in re.split(r"\s+(?:AND|OR)\s+|[()]", licence) if atom.strip()]


def normal(name: str) -> str:
    """A distribution's name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
