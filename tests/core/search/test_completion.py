"""What is offered where the cursor stands in a query."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.documents import FAMILIES
from findling.search.completion import MOST_COMPLETIONS, Completion, complete
from findling.search.filters import FIELDS
from findling.search.language import parse

NOW = datetime(2024, 3, 31, 15, 30, tzinfo=ZoneInfo("Europe/Berlin"))
FOLDERS = ("/home/jane/My Documents", "/home/jane/Letters", "contracts", "/srv/(old)")
AUTHORS = ("Jane Doe", "Émile Zola", "Doerte")


def offered(text: str) -> list[Completion]:
    """Completions at the bar in `text`."""
    cursor = text.index("|")
    return complete(
        text.replace("|", "", 1),
        cursor,
        folders=FOLDERS,
        authors=AUTHORS,
        words=lambda typed: [word for word in ("owl", "owls", "snowy", "typical") if word.startswith(typed)],
        now=NOW,
    )


def accepted(text: str, label: str) -> str:
    """The query after the completion was taken."""
    (chosen,) = [one for one in offered(text) if one.label == label]
    source = text.replace("|", "", 1)
    return source[: chosen.start] + chosen.text + source[chosen.end :]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("a|", ["after:", "author:"]),
        ("owl -ty|", ["type:", "typical"]),
        ("(N| owl", ["name:"]),
        ("ow|", ["owl", "owls"]),
        ("owl|", ["owls"]),
        ('"white sno|', ["snowy"]),
        ("x type:|", list(FAMILIES[:12])),
        ("type:PD|", ["pdf"]),
        ("type:pdf,m|", ["md", "msg", "mbox", "mhtml"]),
        ("in:let|", ["/home/jane/Letters"]),
        ("in:c|", ["contracts"]),
        ("author:do|", ["Doerte", "Jane Doe"]),
        ("author:emi|", ["Émile Zola"]),
        ("lang:ger|", ["de"]),
        ("before:20|", ["2024", "2023", "2024-03"]),
        ("date:|", ["today", "yesterday", "7d", "4w", "6m", "1y", "2024", "2023", "2024-03"]),
        ("size:<|", ["<100kb", "<1mb"]),
        ("name:|", []),
        ("type:pdf|", []),
        ("|", []),
        ("owl |", []),
        ('"white sno"|', []),
        ("-|", []),
    ],
)
def test_what_is_offered(text: str, labels: list[str]) -> None:
    assert [one.label for one in offered(text)] == labels


@pytest.mark.parametrize(
    ("text", "label", "query"),
    [
        ("owl ty| x", "type:", "owl type: x"),
        ("ty|pe:pdf", "type:", "type:pdf"),
        ("type:p|d x", "pdf", "type:pdf x"),
        ("type:pdf,d|", "docx", "type:pdf,docx"),
        ("in:my|", "/home/jane/My Documents", 'in:"/home/jane/My Documents"'),
        ('in:"my do| x', "/home/jane/My Documents", 'in:"/home/jane/My Documents" x'),
        ('in:"m|y do" x', "/home/jane/My Documents", 'in:"/home/jane/My Documents" x'),
        ("-in:/srv|", "/srv/(old)", '-in:"/srv/(old)"'),
        ("author:zo|", "Émile Zola", 'author:"Émile Zola"'),
        ("(sn|) owl", "snowy", "(snowy) owl"),
        ('"white sno| hawk', "snowy", '"white snowy hawk'),
    ],
)
def test_what_is_accepted_stands_where_the_beginning_stood(text: str, label: str, query: str) -> None:
    assert accepted(text, label) == query


def test_fields_and_values_say_what_they_are() -> None:
    assert [one.explanation for one in offered("na|")] == [FIELDS["name"]]
    assert [(one.label, one.explanation) for one in offered("lang:germ|")] == [("de", "German")]
    assert offered("after:2023|") == []
    assert offered("after:202|")[1].explanation == "last year"


def test_of_many_only_some_are_offered() -> None:
    assert len(complete("lang:", 5)) == MOST_COMPLETIONS
    assert len(complete("wo", 2, words=lambda typed: [f"{typed}{n}" for n in range(99)])) == MOST_COMPLETIONS
    given_values = complete("lang:", 5, languages=("de", "fr")) + complete("type:", 5, types=("pdf",))
    assert [one.label for one in given_values] == ["de", "fr", "pdf"]


@settings(derandomize=True, database=None, deadline=None)
@given(
    st.lists(st.sampled_from(["owl", "type:", "d", "in:", '"', "(", " ", "after:", "-", ","])).map("".join),
    st.data(),
)
def test_wherever_the_cursor_stands_what_is_offered_can_be_taken(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    for one in complete(text, cursor, folders=FOLDERS, now=NOW):
        assert 0 <= one.start <= cursor <= one.end <= len(text)


@pytest.mark.parametrize("field", FIELDS)
def test_every_value_that_is_offered_is_understood(field: str) -> None:
    text = f"{field}:"
    for one in complete(text, len(text), folders=FOLDERS, authors=AUTHORS, now=NOW):
        (found,) = parse(text[: one.start] + one.text, now=NOW).filters
        assert (found.field, found.value) == (field, one.label)
