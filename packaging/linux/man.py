"""Write the manual pages: findling.1, one of every verb, and findling-desktop.1.

    python packaging/linux/man.py OUT_DIR

The texts are those of `--help`, so that they cannot say anything else. The date on the pages is that of
SOURCE_DATE_EPOCH where it is set. It needs Findling, installed in the Python that runs this.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import click

from findling import __version__
from findling.cli.app import app
from findling_desktop.app import _parser

MANUAL = "Findling Manual"
HOME = "Where Findling keeps its settings, models and libraries, unless \\fB\\-\\-home\\fR says it."
EXIT_CODES = {"0": "Done.", "1": "Failed.", "2": "Wrong usage.", "130": "Interrupted."}


def main() -> int:
    """Write the pages into the directory that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (out / name).write_text(text, encoding="ascii")
    return 0


def pages() -> dict[str, str]:
    """The text of every page, by its file name."""
    context = click.Context(app, info_name="findling", help_option_names=["-h", "--help"])
    verbs = {name: app.commands[name] for name in sorted(app.commands)}
    made = {"findling.1": _program(context, verbs)}
    for name, verb in verbs.items():
        made[f"findling-{name}.1"] = _verb(click.Context(verb, info_name=name, parent=context))
    made["findling-desktop.1"] = _window(_parser())
    return made


@dataclass(slots=True)
class Page:
    """A page as it is written: lines of roff."""

    name: str
    summary: str
    lines: list[str] = field(default_factory=list)

    def section(self, title: str) -> None:
        """Begin a section."""
        self.lines.append(f".SH {title.upper()}")

    def subsection(self, title: str) -> None:
        """Begin a section within a section."""
        self.lines.append(f'.SS "{plain(title)}"')

    def paragraphs(self, text: str) -> None:
        """Write a help text; what its author has broken into lines stays so."""
        for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text).strip()):
            kept = paragraph.startswith("\b\n")
            self.lines += [".PP", *([".nf"] if kept else [])]
            lines = paragraph.removeprefix("\b\n").split("\n")
            self.lines += [line_of(plain(line)) for line in (lines if kept else [" ".join(lines)])]
            self.lines += [".fi"] if kept else []

    def entry(self, term: str, text: str) -> None:
        """Write a term, roff already, and under it what is said of it."""
        self.lines += [".TP", line_of(term), line_of(plain(" ".join(text.split())) or "\\&")]

    def usage(self, program: str, rest: str) -> None:
        """Write how a program is called."""
        self.lines += [".PP", line_of(f"\\fB{plain(program)}\\fR {marked(rest)}".strip())]

    def see_also(self, names: list[str]) -> None:
        """Write the last section: other pages."""
        self.section("See also")
        ends = ["," for _ in names[1:]] + [""]
        self.lines += [
            f".BR {plain(name)} (1){end}" for name, end in zip(names, ends, strict=True) if name != self.name
        ]

    def text(self) -> str:
        """The whole page."""
        day = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
        title = plain(self.name.upper())
        head = [
            ".\\\" Written by packaging/linux/man.py from the program's own help.",
            f'.TH "{title}" 1 {plain(day)} "findling {plain(__version__)}" "{MANUAL}"',
            ".nh",
            ".ad l",
            ".SH NAME",
            line_of(f"{plain(self.name)} \\- {plain(self.summary)}"),
        ]
        return "\n".join([*head, *self.lines]) + "\n"


def _program(context: click.Context, verbs: dict[str, click.Command]) -> str:
    page = Page("findling", _summary(app))
    page.section("Synopsis")
    page.usage("findling", " ".join(app.collect_usage_pieces(context)))
    page.section("Description")
    page.paragraphs(app.help or "")
    page.section("Commands")
    for name, verb in verbs.items():
        page.entry(f"\\fBfindling\\-{plain(name)}\\fR(1)", _summary(verb))
    _options(page, context)
    page.section("Environment")
    page.lines += [".TP", "\\fBFINDLING_HOME\\fR", HOME]
    page.section("Exit status")
    for code, meaning in EXIT_CODES.items():
        page.entry(f"\\fB{code}\\fR", meaning)
    page.see_also(["findling-desktop", *(f"findling-{name}" for name in verbs)])
    return page.text()


def _verb(context: click.Context) -> str:
    verb = context.command
    page = Page(f"findling-{context.info_name}", _summary(verb))
    page.section("Synopsis")
    page.usage(context.command_path, " ".join(verb.collect_usage_pieces(context)))
    below = _below(context)
    for each in below:
        page.usage(each.command_path, " ".join(each.command.collect_usage_pieces(each)))
    page.section("Description")
    page.paragraphs(verb.help or "")
    _options(page, context)
    if below:
        page.section("Commands")
    for each in below:
        page.subsection(each.command_path)
        page.paragraphs(each.command.help or "")
        _options(page, each, within=context)
    page.see_also(["findling", "findling-desktop"])
    return page.text()


def _below(context: click.Context) -> list[click.Context]:
    """The commands of a group, and of the groups in it."""
    found = []
    if isinstance(context.command, click.Group):
        for name in sorted(context.command.commands):
            each = click.Context(context.command.commands[name], info_name=name, parent=context)
            found += [each, *_below(each)]
    return found


def _options(page: Page, context: click.Context, *, within: click.Context | None = None) -> None:
    """Write the options; of a command `within` a group only those that the group does not have."""
    records = _records(context)
    if within is None:
        page.section("Options")
    else:
        records = [record for record in records if record not in _records(within)]
    for names, text in records:
        page.entry(marked(names), text)


def _records(context: click.Context) -> list[tuple[str, str]]:
    options = [each for each in context.command.get_params(context) if isinstance(each, click.Option)]
    return [record for each in options if (record := each.get_help_record(context))]


def _window(parser: argparse.ArgumentParser) -> str:
    """The page of a program whose command line is argparse's."""
    page = Page(parser.prog, (parser.description or "").rstrip("."))
    page.section("Synopsis")
    usage = " ".join(parser.format_usage().split())
    page.usage(parser.prog, usage.removeprefix(f"usage: {parser.prog} "))
    page.section("Description")
    page.paragraphs(parser.description or "")
    page.section("Options")
    formatter = parser._get_formatter()  # noqa: SLF001  it writes the words that --help prints
    for action in parser._actions:  # noqa: SLF001  argparse has no other list of them
        names = ", ".join(action.option_strings) or str(action.metavar or action.dest).upper()
        if action.option_strings and action.nargs != 0:
            names += f" {action.metavar or action.dest.upper()}"
        text = formatter._expand_help(action)  # noqa: SLF001
        page.entry(marked(names), text[:1].upper() + text[1:] + "." * (not text.endswith(".")))
    page.section("Environment")
    page.lines += [".TP", "\\fBFINDLING_HOME\\fR", HOME]
    page.see_also(["findling"])
    return page.text()


def _summary(command: click.Command) -> str:
    """The first sentence of a command's help."""
    first = " ".join(inspect.cleandoc(command.help or "").partition("\n\n")[0].split())
    return re.split(r"(?<=[a-z)])[.;] (?=[A-Z])", first, maxsplit=1)[0].rstrip(".")


def marked(text: str) -> str:
    """Roff of a usage or an option's names: options bold, what stands for a value in italics."""
    words = re.split(r"([\s,\[\]|]+|\.\.\.)", text)
    return "".join(_mark(word) for word in words)


def _mark(word: str) -> str:
    if word.startswith("-"):
        name, sign, value = word.partition("=")
        return f"\\fB{plain(name)}\\fR{sign}" + (f"\\fI{plain(value)}\\fR" if value else "")
    return f"\\fI{plain(word)}\\fR" if re.fullmatch(r"[A-Z][A-Z0-9=_.-]*", word) else plain(word)


def plain(text: str) -> str:
    """Roff of a text that is to be read as it stands, in ASCII."""
    escaped = text.replace("…", "...").replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    escaped = escaped.replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "".join(sign if sign.isascii() else f"\\[u{ord(sign):04X}]" for sign in escaped)


def line_of(roff: str) -> str:
    """A line that roff does not take for a request."""
    return f"\\&{roff}" if roff.startswith(".") else roff


if __name__ == "__main__":
    sys.exit(main())
