"""The exception tree, and what a person reads."""

from __future__ import annotations

import pytest

from findling import errors


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        body = line.strip(" ")
        if not body.startswith(("FindlingError", "├", "└", "│")):
            continue
        name = body.replace("│", " ").replace("├──", "   ").replace("└──", "   ")
        depth = (len(name) - len(name.lstrip())) // 4
        drawn[name.split()[0]] = above[depth - 1] if depth else "Exception"
        above[depth:] = [name.split()[0]]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert drawn == {kind.__name__: kind.__mro__[1].__name__ for kind in kinds}


@pytest.mark.parametrize(("hint", "text"), [("Do this.", "It is so. Do this."), ("", "It is so.")])
def test_a_user_error_says_what_happened_and_what_to_do(hint: str, text: str) -> None:
    error = errors.LibraryBusy("It is so.", hint)
    assert (str(error), error.message, error.hint) == (text, "It is so.", hint)
