"""Which documents satisfy what a query requires, in a real store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.search.conditions import Conditions, files_of
from findling.search.language import parse
from findling.search.query import All, Any, Filter, Not, Word, leaves

if TYPE_CHECKING:
    from findling.store import StoreReader

#: The documents of the store (see conftest).
EVERY = {"owls", "swans", "lease", "lease old", "boots", "haus", "budget", "gone"}


def satisfying(store: StoreReader, query: str) -> tuple[set[str], list[str]]:
    """The documents of the store, and what of the query nothing satisfies."""
    conditions = Conditions(store, None)
    found = conditions.satisfying(parse(query).required)
    unmet = [query[leaf.start : leaf.end] for leaf in conditions.unmet]
    return {name for name in EVERY if name in found}, unmet


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("owl rent", EVERY),  # optional words require nothing
        ("+owl", {"owls", "gone"}),
        ("+owls +dark", {"owls"}),  # anywhere in the document
        ("owl OR swan", {"owls", "swans", "gone"}),
        ("(owl OR swan) AND in:birds", {"owls", "swans"}),
        ("(owl AND june) OR treasurer", {"owls", "budget"}),
        ("in:docs -owl", {"swans", "lease", "lease old", "boots", "haus", "budget"}),
        ("in:docs -(owl OR swan)", {"lease", "lease old", "boots", "haus", "budget"}),
        ("owl -type:txt -rent", {"swans", "gone"}),
        ("type:pdf name:*2023*", {"lease old"}),
        ("type:pdf OR type:md", {"lease", "lease old", "swans"}),
        ("type:pdf,md", {"lease", "lease old", "swans"}),
        ("name:LEASE", {"lease", "lease old"}),
        ("name:lease*3", set()),  # a pattern is of the whole name
        ("lang:de", {"haus"}),
        ("-lang:en -lang:de x", {"gone"}),
        ("author:ana", {"owls"}),
        ("size:>1kb", {"lease", "lease old"}),
        ("before:1971", EVERY - {"gone"}),
        ("after:1971", set()),
        ('+"hollow trees"', {"owls"}),
        ('in:docs -"hollow trees" -"hut no"', EVERY - {"gone", "owls", "boots"}),
        ("+treas*", {"budget"}),
        ("+o'clock", {"boots"}),
    ],
)
def test_a_tree_of_words_and_filters(store: StoreReader, query: str, found: set[str]) -> None:
    assert satisfying(store, query)[0] == found


def test_what_nothing_satisfies_is_named(store: StoreReader) -> None:
    assert satisfying(store, "+zyzzyva +owl type:html")[1] == ["zyzzyva", "type:html"]
    assert satisfying(store, "zyzzyva OR owl")[1] == ["zyzzyva"]
    assert satisfying(store, "+owl in:birds") == ({"owls"}, [])


def test_every_filter_has_a_form_in_the_store(store: StoreReader) -> None:
    query = parse("type:pdf in:x name:[a]* after:2020 lang:en author:b size:<1gb owl")
    filters = [leaf for leaf in leaves(query.required) if isinstance(leaf, Filter)]
    assert len(filters) == 7
    for leaf in filters:
        assert files_of(leaf).condition() != "true"
        assert store.documents_of(files_of(leaf)) is not None


def test_signs_in_a_name_stand_for_themselves(store: StoreReader) -> None:
    """The language knows `*` and `?`, no more."""
    (leaf,) = leaves(parse("name:lease?[2]*").required)
    assert isinstance(leaf, Filter)
    assert "[[]" in files_of(leaf).name
    assert satisfying(store, "name:[lease]*")[0] == set()
    assert satisfying(store, "name:lease?202*")[0] == {"lease", "lease old"}


def test_conditions_are_cancelled(store: StoreReader) -> None:
    cancel = CancelToken()
    cancel.cancel()
    for node in (Word("owl"), All((Word("owl"), Word("day"))), Any((Word("a"), Not(Word("b"))))):
        with pytest.raises(Cancelled):
            Conditions(store, cancel).satisfying(node)
