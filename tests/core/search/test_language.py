"""The query language: what is text and what is not, what must hold, and mistakes that are explained."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from findling.errors import QueryMistake
from findling.search.language import parse, verbatim
from findling.search.query import (
    All,
    Any,
    AuthorFilter,
    Filter,
    FolderFilter,
    LanguageFilter,
    NameFilter,
    Node,
    Not,
    PeriodFilter,
    Query,
    SizeFilter,
    TypeFilter,
    Word,
    leaves,
    removed,
)

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=300)
NOW = datetime(2024, 3, 31, 15, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def shape(node: Node | None) -> object:
    """A tree as nested tuples, words and filters as a person would write them."""
    match node:
        case None:
            return None
        case All(parts):
            return ("all", *map(shape, parts))
        case Any(parts):
            return ("any", *map(shape, parts))
        case Not(part):
            return ("not", shape(part))
        case Word():
            return f'"{node.text}"' if node.phrase else node.text + "*" * node.prefix
        case _:
            return f"{node.field}:{node.value}"


def words(query: Query) -> list[str]:
    return [word.text for word in query.words]


def only_filter(text: str) -> Filter:
    (found,) = parse(text, now=NOW).filters
    return found


# What is ordinary text


@pytest.mark.parametrize(
    "text",
    [
        "how do owls hunt at night?",
        "  Error: file not found  ",
        "see http://example.org/a?b=c and C:\\x at 12:30",
        "std::vector re:invent date::x name://y data:image/png LAN:192.168.0.1 pin:1234",
        "Author: Jane Doe (Date:) Type:",
        "state-of-the-art AB-1234 e-mail",
        "C++ - and * or + not -- --verbose -> ++i",
        "this or that and not those",
        'a 5" pipe, 19"-Rack',
        "don't ’t is",
        "the treaty (1648) and f(x, y) or print() (really)",
        "main(int argc, char **argv)",
        "「東京」の天気は？",
        "الطقس في القاهرة: اليوم",
        "ORANGE NOTE ANDROID",
        "::: ☃",
        "",
    ],
)
def test_text_without_syntax_is_embedded_as_it_stands(text: str) -> None:
    query = parse(text)
    assert query.plain
    assert query.meaning == text.strip()
    assert (query.required, query.chips) == (None, ())
    assert all(word.text == text[word.start : word.end] for word in query.words)
    assert not any(word.phrase or word.prefix or word.completes for word in query.words)


def test_words_have_something_to_look_for() -> None:
    assert words(parse("C++ - and ☃ * (1648), don't")) == ["C++", "and", "1648", "don't"]


def test_a_text_can_be_taken_as_it_stands() -> None:
    text = ' 1) "owls OR -hawks) type:xyz - '
    query = verbatim(text)
    assert words(query) == ["1)", '"owls', "OR", "-hawks)", "type:xyz"]
    assert all(text[word.start : word.end] == word.text for word in query.words)
    assert (query.plain, query.required, query.meaning) == (True, None, text.strip())


# Words, phrases and operators


@pytest.mark.parametrize(
    ("text", "required", "ranked", "meaning"),
    [
        ('snowy "great owl" hunts', '"great owl"', ["snowy", "great owl", "hunts"], "snowy great owl hunts"),
        ('"state  of the art", new', '"state of the art"', None, "state of the art, new"),
        ("“snowy owl”", '"snowy owl"', ["snowy owl"], "snowy owl"),
        ("„die Eule“ jagt", '"die Eule"', ["die Eule", "jagt"], "die Eule jagt"),
        ("»die Eule«", '"die Eule"', ["die Eule"], "die Eule"),
        ("« le hibou »", '"le hibou"', ["le hibou"], "le hibou"),
        ('東京 "天気 予報"', '"天気 予報"', ["東京", "天気 予報"], "東京 天気 予報"),
        ("القاهرة -الطقس", ("not", "الطقس"), ["القاهرة"], "القاهرة"),
        ("hunt* owl", None, ["hunt", "owl"], "hunt owl"),
        ("owl +night", "night", ["owl", "night"], "owl night"),
        ("owl -night", ("not", "night"), ["owl"], "owl"),
        ("owl NOT night* rest", ("not", "night*"), ["owl", "rest"], "owl rest"),
        ('owl -"last night"', ("not", '"last night"'), ["owl"], "owl"),
        ("owl NOT NOT night", "night", ["owl", "night"], "owl night"),
        ("food owl OR hawk", ("any", "owl", "hawk"), ["food", "owl", "hawk"], "food owl hawk"),
        ("owl OR hawk OR eagle", ("any", "owl", "hawk", "eagle"), None, "owl hawk eagle"),
        ("food owl AND hawk", ("all", "owl", "hawk"), ["food", "owl", "hawk"], "food owl hawk"),
        ("a AND b OR c AND d", ("all", "a", ("any", "b", "c"), "d"), None, "a b c d"),
        ("a AND NOT b", ("all", "a", ("not", "b")), ["a"], "a"),
        ("a OR -b", ("any", "a", ("not", "b")), ["a"], "a"),
        ("x (owl OR hawk) -(old draft)", ("all", ("any", "owl", "hawk"), ("not", ("all", "old", "draft"))),
         ["x", "owl", "hawk"], "x owl hawk"),
        ("(red car) OR bus", ("any", ("all", "red", "car"), "bus"), ["red", "car", "bus"], "red car bus"),
        ("x (a b OR c)", ("all", "a", ("any", "b", "c")), None, "x a b c"),
        ("+(a b) c", ("all", "a", "b"), ["a", "b", "c"], "a b c"),
        ("(see (a OR b) there)", ("any", "a", "b"), ["see", "a", "b", "there"], "see a b there"),
        ("treaty (of 1648) type:pdf", "type:pdf", ["treaty", "of", "1648"], "treaty (of 1648)"),
        ("treaty (of 1648) -draft", ("not", "draft"), None, "treaty (of 1648)"),
        ("f(x, y) OR g", ("any", "y)", "g"), None, "f(x, y) g"),
        ("-OR x", ("not", "OR"), ["x"], "x"),
        ('"" "☃" owl', None, ["owl"], "☃ owl"),
    ],
)  # fmt: skip
def test_operators(text: str, required: object, ranked: list[str] | None, meaning: str) -> None:
    query = parse(text)
    assert shape(query.required) == required
    assert ranked is None or words(query) == ranked
    assert query.meaning == meaning
    assert not query.plain


def test_words_know_where_they_stand_and_what_they_are() -> None:
    text = 'owl* +"snowy owl" hawk'
    assert parse(text).words == (
        Word("owl", prefix=True, start=0, end=4),
        Word("snowy owl", phrase=True, start=6, end=17),
        Word("hawk", start=18, end=22),
    )


# Filters


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("owl type:pdf", "type:pdf"),
        ("type:pdf kind:word", ("any", "type:pdf", "type:word")),
        ("type:pdf in:letters", ("all", "type:pdf", "in:letters")),
        ("type:pdf lang:de type:md", ("all", ("any", "type:pdf", "type:md"), "lang:de")),
        ("-type:pdf -type:md", ("all", ("not", "type:pdf"), ("not", "type:md"))),
        ("size:>1kb size:<5kb", ("all", "size:>1kb", "size:<5kb")),
        ("after:2023 before:2024", ("all", "after:2023", "before:2024")),
        ("owl OR type:pdf", ("any", "owl", "type:pdf")),
        ("type:pdf AND in:x", ("all", "type:pdf", "in:x")),
        ("NOT (type:pdf in:x)", ("not", ("all", "type:pdf", "in:x"))),
        ("(type:pdf owl)", "type:pdf"),
        ("Type:pdf", "type:pdf"),
    ],
)
def test_filters_join(text: str, required: object) -> None:
    query = parse(text, now=NOW)
    assert shape(query.required) == required
    assert query.meaning == ("owl" if "owl" in text else "")


@pytest.mark.parametrize(
    ("value", "families"),
    [
        ("pdf", ("pdf",)), ("PDF,md", ("pdf", "md")), ("word", ("docx", "doc")), ("text", ("txt",)),
        (".htm", ("html",)), ("*.log,txt", ("txt",)), ('"pdf, md"', ("pdf", "md")),
        ("email,mails", ("eml", "msg")), (".jpeg", ("image",)), ("image", ("image",)),
    ],
)  # fmt: skip
def test_types(value: str, families: tuple[str, ...]) -> None:
    found = only_filter(f"type:{value}")
    assert isinstance(found, TypeFilter)
    assert found.families == families


def test_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jane")
    monkeypatch.setenv("USERPROFILE", "/home/jane")
    folders = {
        'in:"My Documents"': "My Documents", "in:contracts/2024/": "contracts/2024", "in:~": "/home/jane",
        "in:~/letters": "/home/jane/letters", 'in:"/a b"/c': "/a b/c", "in:/": "/",
        "in:notes(old)": "notes(old)", "(in:notes OR owl)": "notes", "in:“Meine Briefe”": "Meine Briefe",
        "in:C:\\x": "C:\\x",
    }  # fmt: skip
    for text, folder in folders.items():
        found = only_filter(text)
        assert isinstance(found, FolderFilter)
        assert found.folder == folder


@pytest.mark.parametrize(
    ("value", "pattern"), [("*.MD", "*.md"), ("report", "*report*"), ("v?.txt", "v?.txt"), ("[a]", "*[a]*")]
)
def test_names(value: str, pattern: str) -> None:
    found = only_filter(f"name:{value}")
    assert isinstance(found, NameFilter)
    assert found.pattern == pattern


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("after:2024", "2024-01-01", None),
        ("before:2024-05", None, "2024-05-01"),
        ("after:2024-05-17", "2024-05-17", None),
        ("before:2024/5/7", None, "2024-05-07"),
        ("date:2023", "2023-01-01", "2024-01-01"),
        ("date:2023-12", "2023-12-01", "2024-01-01"),
        ("date:2024-02-29", "2024-02-29", "2024-03-01"),
        ("date:2024-01..2024-03", "2024-01-01", "2024-04-01"),
        ("date:2024..", "2024-01-01", None),
        ("date:..2024", None, "2025-01-01"),
        ("date:today", "2024-03-31", "2024-04-01"),
        ("date:yesterday", "2024-03-30", "2024-03-31"),
        ("date:7d", "2024-03-24", None),
        ("after:3w", "2024-03-10", None),
        ("before:1m", None, "2024-02-29"),
        ("after:4M", "2023-11-30", None),
        ("before:1y", None, "2023-03-31"),
    ],
)
def test_periods_are_days_of_the_zone(text: str, start: str | None, end: str | None) -> None:
    found = only_filter(text)
    assert isinstance(found, PeriodFilter)
    for instant, day in ((found.start_ns, start), (found.end_ns, end)):
        midnight = day and datetime.fromisoformat(day).replace(tzinfo=NOW.tzinfo)
        assert instant == (midnight and int(midnight.timestamp()) * 10**9)


def test_without_a_clock_given_dates_are_of_this_machine() -> None:
    (found,) = parse("date:today").filters
    assert isinstance(found, PeriodFilter)
    assert found.start_ns is not None
    assert found.end_ns is not None
    assert found.start_ns <= datetime.now(UTC).timestamp() * 1e9 + 60e9
    assert found.end_ns > datetime.now(UTC).timestamp() * 1e9 - 60e9


@pytest.mark.parametrize(
    ("value", "codes"),
    [("de", ("de",)), ("German,fr", ("de", "fr")), ("pt_BR", ("pt",)), ("no", ("no", "nb", "nn"))],
)
def test_languages(value: str, codes: tuple[str, ...]) -> None:
    found = only_filter(f"lang:{value}")
    assert isinstance(found, LanguageFilter)
    assert found.languages == codes


def test_authors_are_folded() -> None:
    found = only_filter('author:"Žofie  Müller"')
    assert isinstance(found, AuthorFilter)
    assert (found.part, found.value) == ("zofie muller", "Žofie  Müller")


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (">1mb", 1024**2 + 1, None), ("<=200kB", None, 200 * 1024), ("1mb..5MiB", 1024**2, 5 * 1024**2),
        (">=1.5k", 1536, None), ("<1g", None, 1024**3 - 1), (">0", 1, None), ("≥2,5b", 3, None),
        ("..1t", None, 1024**4), ('">= 10 kb"', 10240, None),
    ],
)  # fmt: skip
def test_sizes(value: str, least: int | None, most: int | None) -> None:
    found = only_filter(f"size:{value}")
    assert isinstance(found, SizeFilter)
    assert (found.least_bytes, found.most_bytes) == (least, most)


# Mistakes


@pytest.mark.parametrize(
    ("text", "marked", "message", "hint"),
    [
        ("owl type:xyz", "type:xyz", "There is no type 'xyz'", "pdf, docx, xlsx"),
        ("typ:pdf", "typ:", "There is no field typ:", "Did you mean type:?"),
        ("Autor:Doe owl", "Autor:", "There is no field Autor:", "Did you mean author:?"),
        ("tpye:pdf", "tpye:", "no field", "type:"),
        ("owl after:soon", "after:soon", "'soon' is no date", "2024-05"),
        ("date:2024-02-30", "date:2024-02-30", "no date of the calendar", "2024-05"),
        ("date:2024-00", "date:2024-00", "no date of the calendar", "2024-05"),
        ("after:99999y", "after:99999y", "no date", ""),
        ("date:2024..2023", "date:2024..2023", "later", "date:2023..2024"),
        ("after:2023..2024", "after:2023..2024", "no date", "date:"),
        ("size:big", "size:big", "'big' is no size", "size:>1mb"),
        ("size:5mb", "size:5mb", "least or the most", "size:>5mb"),
        ("size:> 1mb", "size:>", "no size", "size:>1mb"),
        ("size:5mb..1mb", "size:5mb..1mb", "No file", "size:"),
        ("size:..", "size:..", "no size", "size:"),
        ("date:..", "date:..", "no date", "date:"),
        ("author:\u0301", "author:\u0301", "Nothing stands behind author:", "author:"),
        ("size:<0", "size:<0", "No file", "size:"),
        ("lang:germn", "lang:germn", "no language 'germn'", "German"),
        ("type: pdf", "type:", "Nothing stands behind type:", "type:pdf"),
        ('owl in:""', 'in:""', "Nothing stands behind in:", "in:"),
        ("type:,", "type:,", "Nothing stands behind type:", "type:"),
        ("owl OR", "OR", "Nothing to look for stands behind OR", "quotes"),
        ("AND owl", "AND", "Nothing to look for stands before AND", "quotes"),
        ("owl NOT", "NOT", "behind NOT", "quotes"),
        ("a OR OR b", "OR", "before OR", "quotes"),
        ("(a OR) b", "OR", "behind OR", "quotes"),
        ("a OR ()", "OR", "beside OR", "quotes"),
        ("a OR - b", "OR", "beside OR", "quotes"),
        ("owl (a b", "(", "not closed", "quotes"),
        ('owl "snowy', '"snowy', "quotation is not closed", "Close"),
        ('in:"My Doc', '"My Doc', "quotation is not closed", "Close"),
        (" -owl NOT hawk ", "-owl NOT hawk", "what to leave out", "besides"),
        ("(" * 60, "(", "Too many parentheses", ""),
    ],
)
def test_mistakes_are_explained_and_shown(text: str, marked: str, message: str, hint: str) -> None:
    with pytest.raises(QueryMistake) as caught:
        parse(text, now=NOW)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert text[caught.value.start : caught.value.end] == marked


@pytest.mark.parametrize("text", ["type:pdf", "-type:pdf", "-draft type:pdf", "-draft -type:pdf"])
def test_filters_alone_list_files(text: str) -> None:
    query = parse(text)
    assert query.required is not None
    assert (query.words, query.meaning) == ((), "")


# While typing


@pytest.mark.parametrize(
    ("text", "required", "ranked", "meaning"),
    [
        ("snowy ow", None, ["snowy", "ow*"], "snowy ow"),
        ("snowy ow ", None, ["snowy", "ow"], "snowy ow"),
        ("owl OR", None, ["owl"], "owl"),
        ("owl OR ", None, ["owl"], "owl"),
        ("owl OR ha", ("any", "owl", "ha"), ["owl", "ha*"], "owl ha"),
        ("owl AND NOT ", None, ["owl"], "owl"),
        ("OR", None, [], ""),
        ('the "snowy ow', None, ["the", "snowy", "ow*"], "the snowy ow"),
        ('hawk -"snowy ow', None, ["hawk"], "hawk"),
        ('"', None, [], ""),
        ("owl (", None, ["owl"], "owl"),
        ("owl -(", None, ["owl"], "owl"),
        ('owl NOT (in:"My ', None, ["owl"], "owl"),
        ("owl (snowy OR gr", ("any", "snowy", "gr"), ["owl", "snowy", "gr*"], "owl snowy gr"),
        ("x (owl +hawk (", ("all", "owl", "hawk"), ["x", "owl", "hawk"], "x owl hawk"),
        ("owl type:", None, ["owl"], "owl"),
        ("owl type: ", None, ["owl"], "owl"),
        ("owl -type:pd", None, ["owl"], "owl"),
        ("owl OR after:20", None, ["owl"], "owl"),
        ('owl in:"My Do', None, ["owl"], "owl"),
        ("owl type:pdf", "type:pdf", ["owl"], "owl"),
        ("owl -dra", ("not", "dra"), ["owl"], "owl"),
        ("-dra", None, [], ""),
        ("owl hunt*", None, ["owl", "hunt"], "owl hunt"),
        ("typ:pd", None, ["typ:pd*"], "typ:pd"),
        ("owl -", None, ["owl"], "owl -"),
    ],
)
def test_an_unfinished_end_is_no_mistake(
    text: str, required: object, ranked: list[str], meaning: str
) -> None:
    query = parse(text, typing=True, now=NOW)
    assert shape(query.required) == required
    assert [word.text + "*" * word.completes for word in query.words] == ranked
    assert query.meaning == meaning


@pytest.mark.parametrize(
    "text",
    [
        'snowy "great owl" -draft (nest OR "old burrow" OR type:md) AND NOT (in:"My notes" lang:german)',
        "-type:pdf,docx -„alte Eule“ +Nacht* (kind:word OR (after:2024-05-17 before:7d)) size:>=1.5mb x",
        "author:«Émile Zola» date:2023-01..2024-05 name:*.md size:1kb..20mb NOT (a OR -b) autors",
    ],
)
def test_a_query_is_understood_at_every_letter_typed(text: str) -> None:
    for end in range(len(text) + 1):
        typed = parse(text[:end], typing=True, now=NOW)
        assert all(word.end <= end for word in typed.words)
    assert shape(parse(text, typing=True, now=NOW).required) == shape(parse(text, now=NOW).required)


@pytest.mark.parametrize("text", ["type:xyz owl", "type: owl", "OR owl", "typ:pdf owl", "-owl "])
def test_what_is_behind_the_typist_is_a_mistake(text: str) -> None:
    with pytest.raises(QueryMistake):
        parse(text, typing=True)


@pytest.mark.parametrize("text", ["1) install the thing", "thanks :)", "a) owl", "f(x))"])
def test_a_parenthesis_that_closes_none_is_text(text: str) -> None:
    query = parse(text)
    assert (query.meaning, query.plain, query.required) == (text, True, None)
    assert shape(parse("owl) -hawk").required) == ("not", "hawk")


# Chips


def test_chips_are_the_filters_that_stand_for_themselves() -> None:
    text = 'owl type:pdf -in:"My notes" NOT lang:de hawk OR name:a (size:>1 x) after:2024'
    chips = parse(text, now=NOW).chips
    assert [(chip.label, text[chip.start : chip.end]) for chip in chips] == [
        ("type: pdf", "type:pdf"),
        ("not in: My notes", '-in:"My notes"'),
        ("not lang: de", "NOT lang:de"),
        ("after: 2024", "after:2024"),
    ]
    assert removed(text, chips[1].start, chips[1].end) == text.replace('-in:"My notes" ', "")
    assert removed(text, chips[3].start, chips[3].end) == text.removesuffix(" after:2024")


# Properties

_PARTS = st.sampled_from(
    """owl Eule 東京 القاهرة OR AND NOT - + ( ) " „ “ « » * : type: type:pdf in: name: after:2024 date:7d
    size:>1kb lang: author: typ:x Date: .. , 9 ☃ ~""".split()
) | st.sampled_from([" ", "  ", "\u3000", "\n"])
_TEXTS = st.text(max_size=60) | st.lists(_PARTS, max_size=14).map("".join)
_SPACED = st.lists(_PARTS, max_size=10).map(" ".join)


def _understood(text: str, *, typing: bool = False) -> Query | QueryMistake:
    try:
        return parse(text, typing=typing, now=NOW)
    except QueryMistake as mistake:
        return mistake


@reproducible
@given(_TEXTS | _SPACED, st.booleans())
@example("in:~\0", False)
@example("NOT " * 5000 + "x", False)
@example("size:>" + "9" * 5000, False)
@example("date:0000", False)
@example("after:٢٠٢٤ size:>٣kb", False)
@example("date:9999-12", False)
@example("before:0001", False)
def test_any_text_is_understood_or_explained(text: str, typing: bool) -> None:
    query = _understood(text, typing=typing)
    if isinstance(query, QueryMistake):
        assert query.message
        assert 0 <= query.start < query.end <= len(text)
        return
    assert query.source == text
    for spot in (*query.words, *query.chips, *leaves(query.required)):
        assert 0 <= spot.start < spot.end <= len(text)
    assert [word.start for word in query.words] == sorted({word.start for word in query.words})
    assert typing or not any(word.completes for word in query.words)
    assert all(word.text in " ".join(query.meaning.split()) for word in query.words if not query.plain)
    if query.plain:
        assert query.meaning == text.strip()


@reproducible
@given(st.text(st.characters(exclude_characters='()-+*:"“”„«»', exclude_categories=["Cs"]), max_size=80))
def test_text_without_marks_of_the_language_is_plain(text: str) -> None:
    if {"OR", "AND", "NOT"} & set(text.split()):
        return
    query = parse(text)
    assert (query.plain, query.meaning) == (True, text.strip())


@reproducible
@given(st.lists(_PARTS | st.sampled_from(["-type:md", "NOT in:x", "lang:de"]), max_size=10).map(" ".join))
def test_a_removed_chip_is_one_filter_fewer(text: str) -> None:
    query = _understood(f"owl {text}")
    if isinstance(query, QueryMistake):
        return
    for chip in query.chips:
        rest = parse(removed(query.source, chip.start, chip.end), now=NOW)
        assert len(rest.filters) == len(query.filters) - 1
        assert words(rest) == words(query)
