"""How a file stands with the library, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling_desktop import texts
from findling_desktop.texts import tr as _tr

if TYPE_CHECKING:
    from findling.library.rules import LeftOut
    from findling.library.why import Answer


def standing(answer: Answer) -> str:
    """Whether a path is found by searches, and if not why, and what to do."""
    if answer.left_out is not None:
        sentence = _left_out(answer.left_out)
    else:
        sentence = {
            "indexed": _tr("It is indexed, and can be found."),
            "skipped": _tr("It was skipped: {}."),
            "failed": _tr("It could not be read: {}."),
            "waiting": _tr("It was not looked at yet. Update the index (F5)."),
            "folder": _tr("It is a folder, and its files are looked at."),
            "no file": _tr("It is neither a file nor a folder."),
            "outside": _tr("It lies in no folder of this library. Add its folder (Ctrl+O)."),
            "missing": _tr("There is nothing at this path."),
            "left out": _tr("A rule leaves it out."),
        }[answer.standing.value].format(answer.reason)
    if answer.row_kept:
        sentence += " " + _tr("The index holds it until the next update.")
    return f"{texts.short_path(str(answer.path))}\n{sentence}"


def _left_out(rule: LeftOut) -> str:
    words = {
        "hidden": _tr("It is left out, because it is hidden, or lies in a hidden folder."),
        "links": _tr("It is left out, because it is, or is reached by, a link to a folder."),
        "include": _tr("It is left out, because no pattern of the library names it."),
        "exclude": _tr("It is left out by a pattern of the library: {}."),
        "families_off": _tr("It is left out, because this library does not read such files: {}."),
    }
    if rule.source in words:
        return words[rule.source].format(rule.rule)
    return _tr("It is left out by {} in {}.").format(rule.rule, texts.short_path(rule.source))
