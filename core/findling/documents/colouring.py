"""What the parts of a program's text are: words of its language, text, numbers and remarks.

By Pygments (BSD, well kept; rich brings it), which knows the languages that people put into their notes.
"""

from __future__ import annotations

from enum import StrEnum


class CodePart(StrEnum):
    """What is told apart."""

    KEYWORD = "keyword"
    TEXT = "text"
    NUMBER = "number"
    REMARK = "remark"


#: [start, end) in a code, and what stands there.
CodeSpan = tuple[int, int, CodePart]


def spans_in_code(code: str, language: str) -> tuple[CodeSpan, ...]:
    """In order; none for a language that is not known."""
    from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType]
    from pygments.token import Comment, Keyword, Number, Operator, String
    from pygments.util import ClassNotFound

    kinds = (
        (Comment, CodePart.REMARK),
        (String, CodePart.TEXT),
        (Number, CodePart.NUMBER),
        (Keyword, CodePart.KEYWORD),
        (Operator.Word, CodePart.KEYWORD),
    )
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ()
    return tuple(
        (start, start + len(text), kind)
        for start, token, text in lexer.get_tokens_unprocessed(code)
        if (kind := next((kind for parent, kind in kinds if token in parent), None)) is not None
    )
