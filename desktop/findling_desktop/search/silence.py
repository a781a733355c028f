"""What the page says where it has no results to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from findling_desktop import texts
from findling_desktop.texts import tr as _tr

if TYPE_CHECKING:
    from findling_desktop.asking import Answer
    from findling_desktop.widgets import Message

#: Characters of a query that a title has room for.
LONGEST = 60


def say_tips(message: Message, documents: int) -> None:
    """Nothing was asked for: say what can be, of so many documents."""
    title = _tr("What are you looking for?")
    if documents:
        title = _tr("Search in {}").format(texts.documents(documents))
    message.say(
        "search",
        title,
        _tr("Ask in your own words, or type the words themselves. Results appear as you type."),
    )
    message.explain(
        (
            ("Down", _tr("what you asked before")),
            ("Return", _tr("open the file")),
            ("Ctrl+Return", _tr("show it in its folder")),
            ("Esc", _tr("start anew")),
        )
    )


def say_none(message: Message, answer: Answer, *, indexing: bool) -> None:
    """Nothing was found: say for what, and under which filters."""
    like, filters = answer.request.like, [chip.label for chip in answer.chips]
    asked = texts.shortened(answer.query, LONGEST)
    if like is not None:
        title = _tr("Nothing is like “{}”").format(texts.shortened(like.title, LONGEST))
    elif indexing:
        title = _tr("Nothing found for “{}” so far").format(asked)
    else:
        title = _tr("Nothing found for “{}”").format(asked)
    if indexing:
        text = _tr("Your documents are still being indexed. Results appear here by themselves.")
    elif filters:
        text = "\n".join(answer.notes) or _tr("No document of these filters has what you look for.")
        text += "\n" + _tr("Filters: {}").format(", ".join(filters))
    elif answer.notes:
        text = "\n".join(answer.notes)
    elif answer.mode == "keyword":
        text = _tr("No document has these words.\nSearching by meaning finds other words for the same thing.")
    else:
        text = _tr("Try other words, or add the folder that holds what you look for.")
    message.say("search", title, text)
