"""The rules of a library: which files below its folders are looked at.

Patterns are those of .gitignore (https://git-scm.com/docs/gitignore). pathspec turns one into a regular
expression: it is pure Python, typed, maintained, and follows git where git differs from its own manual. Only
that is taken from it: a scan decides entry by entry, and has to name the pattern that decided.
"""

from __future__ import annotations

import difflib
import os
import re
import warnings
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from findling.documents import FAMILIES, family_of_name
from findling.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: In one folder, a later file decides over an earlier one.
IGNORE_FILES = (".gitignore", ".findlingignore")

#: What is larger was not written by a person, and is read as empty.
_IGNORE_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Rules:
    """Which files are looked at. Patterns are relative to the library's folder that a file lies in.

    `include`: patterns of the files that are looked at; none: all of them. `exclude`: patterns of files and
    folders that are not; it decides over ignore files, as git's own option does. `hidden`: hidden files and
    folders too. `links`: links to folders are followed. `largest_mebibytes`: larger files are skipped; 0: as
    the setting says. `families_off`: families of file that are left out, told by the suffix.
    `ignore_files`: .gitignore and .findlingignore files in the folders are obeyed.

    Raises `SettingsError` for a pattern that cannot be read, an unknown family, a negative size.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hidden: bool = False
    links: bool = False
    largest_mebibytes: int = 0
    families_off: tuple[str, ...] = ()
    ignore_files: bool = True

    def __post_init__(self) -> None:
        for pattern in (*self.include, *self.exclude):
            if _Pattern.read(pattern, "") is None:
                raise SettingsError(
                    f"The pattern {pattern!r} cannot be read.",
                    "Write it as in .gitignore: '*.tmp', '/drafts/', '!keep.tmp'.",
                )
        for family in self.families_off:
            if family not in FAMILIES:
                meant = family_of_name(f"x.{family.rpartition('.')[2]}")
                close = difflib.get_close_matches(meant, FAMILIES, n=1)
                hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(FAMILIES)}."
                raise SettingsError(
                    f"There is no family of files {family!r}.", f"{hint} Other files: exclude '*.suffix'."
                )
        if self.largest_mebibytes < 0:
            raise SettingsError(
                f"A file cannot be {self.largest_mebibytes} MB large.", "Give 0 for what the setting says."
            )

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads."""
        lists = ("include", "exclude", "families_off")
        return {**asdict(self), **{name: list(getattr(self, name)) for name in lists}}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Inverse of `to_json`; names and families of later versions are ignored."""
        values = {item.name: stored[item.name] for item in fields(cls) if item.name in stored}
        for name in ("include", "exclude", "families_off"):
            values[name] = tuple(values.get(name, ()))
        values["families_off"] = tuple(name for name in values["families_off"] if name in FAMILIES)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a file or folder is left out: the `rule`, and the `source` that it comes from.

    `source` is the name of a field of `Rules`, or "PATH, line N" of an ignore file. `rule` is the pattern or
    family, "" where the source says it all.
    """

    source: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder as the rules see it: what decides about the entries in it.

    `path` is relative to the library's folder: "" for itself, else with a slash at its end. `lists` are the
    patterns that leave out, those that decide first in front. `included` says that the include patterns
    let in what they do not name here.
    """

    rules: Rules
    path: str
    lists: tuple[_Patterns, ...]
    included: bool

    @classmethod
    def top(cls, rules: Rules) -> Self:
        """A library's folder."""
        return cls(
            rules, "", (_compiled(rules.exclude, "exclude"),) if rules.exclude else (), not rules.include
        )

    def obeying(self, folder: str, names: Iterable[str]) -> Place:
        """This place with the ignore files among its `names`; `folder` is where it is on the disk."""
        if not self.rules.ignore_files:
            return self
        there = set(IGNORE_FILES).intersection(names)
        if not there:
            return self
        read = [_read_ignore_file(os.path.join(folder, n)) for n in IGNORE_FILES if n in there]  # noqa: PTH118
        nearest = _Patterns((pattern for patterns in read for pattern in patterns), self.path)
        first = 1 if self.rules.exclude else 0
        lists = (*self.lists[:first], nearest, *self.lists[first:])
        return Place(self.rules, self.path, lists, self.included)

    def inside(self, name: str) -> Place:
        """The folder `name` in this one."""
        path = f"{self.path}{name}/"
        return Place(self.rules, path, self.lists, self._includes(path))

    def left_out(self, name: str, *, folder: bool) -> LeftOut | None:
        """The rule that leaves out the entry `name` of this place; None when it is looked at."""
        rules = self.rules
        if not rules.hidden and name.startswith("."):
            return LeftOut("hidden")
        if not folder and rules.families_off and (family := family_of_name(name)) in rules.families_off:
            return LeftOut("families_off", family)
        if not self.lists and not rules.include:
            return None
        path = f"{self.path}{name}/" if folder else self.path + name
        for patterns in self.lists:
            decides = patterns.deciding(path)
            if decides is not None:
                if not decides.negated:
                    return LeftOut(decides.source, decides.text)
                break
        # Something below a folder that is not included itself may be.
        if not folder and not self._includes(path):
            return LeftOut("include", " ".join(rules.include))
        return None

    def _includes(self, path: str) -> bool:
        if not self.rules.include:
            return True
        decides = _compiled(self.rules.include, "include").deciding(path)
        return self.included if decides is None else not decides.negated


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A pattern as written, and the expression for paths; a folder's path has a slash at its end."""

    text: str
    source: str
    negated: bool
    regex: str

    @classmethod
    def read(cls, text: str, source: str) -> Self | None:
        """None for a blank line, a comment, and what git does not understand either."""
        from pathspec.patterns.gitignore import GitIgnorePatternError
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        # "a/**" is all that lies in a; pathspec's expression for it would match "a/" too.
        whole = re.sub(r"/\*\*(/?) *$", r"/**/*\1", text)
        try:
            regex, positive = GitIgnoreSpecPattern.pattern_to_regex(whole)
            if regex is None:
                return None
            regex = _for_one_entry(regex)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # "[[" in a pattern
                re.compile(regex, re.DOTALL)
        except (GitIgnorePatternError, re.error):
            return None
        return cls(text, source, not positive, regex)


class _Patterns:
    """Patterns of which the last that matches decides. `base` is the folder that they are relative to."""

    def __init__(self, patterns: Iterable[_Pattern], base: str) -> None:
        self._base = len(base)
        last_first = list(patterns)[::-1]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            self._patterns = [(re.compile(p.regex, re.DOTALL), p) for p in last_first]
            #: Most paths match none: one expression says so at once. "(?!)" matches nothing.
            self._any = re.compile("|".join(p.regex for p in last_first) or "(?!)", re.DOTALL)

    def deciding(self, path: str) -> _Pattern | None:
        """The pattern that decides about `path`, if any does."""
        path = path[self._base :]
        if self._any.fullmatch(path) is None:
            return None
        return next(pattern for regex, pattern in self._patterns if regex.fullmatch(path))


@lru_cache(maxsize=32)
def _compiled(patterns: tuple[str, ...], source: str) -> _Patterns:
    read = (_Pattern.read(pattern, source) for pattern in patterns)
    return _Patterns((pattern for pattern in read if pattern is not None), "")


def _read_ignore_file(path: str) -> list[_Pattern]:
    """The patterns of an ignore file; none when it cannot be read."""
    try:
        # A pipe of that name would wait for its writer for ever.
        if not os.path.isfile(path) or os.path.getsize(path) > _IGNORE_FILE_BYTES:  # noqa: PTH113, PTH202
            return []
        with open(path, "rb") as file:  # noqa: PTH123 — the walk's paths are text
            content = file.read()
    except OSError:
        return []
    lines = os.fsdecode(content.removeprefix(b"\xef\xbb\xbf")).split("\n")
    read = (_Pattern.read(line.removesuffix("\r"), f"{path}, line {n}") for n, line in enumerate(lines, 1))
    return [pattern for pattern in read if pattern is not None]


def _for_one_entry(regex: str) -> str:
    """pathspec's expression made to match one entry as a whole, instead of it and all that lies below."""
    regex = regex.replace("(?P<ps_d>/)", "/")
    if regex in (".", "/"):  # "*" and "*/", which pathspec shortens
        return f".+{regex}" if regex == "/" else ".+"
    # Neither does "[!a]" match a slash.
    regex = re.sub(r"(?<!\\)\[\^(?![\]/])", "[^/", regex)
    # What stands between two stars may be found at its first place: else "*a*a*a*a*b" takes for ever.
    star = r"\[\^/\]\*"
    regex = re.sub(rf"(?:{star}){{2,}}", "[^/]*", regex)
    return re.sub(rf"{star}((?:(?!{star}|[/()]).)+)(?={star})", r"(?>[^/]*?\1)", regex)
