"""How the legs of a search are weighed in a library, found out from its own passages."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.library.balance import find_out, is_due
from findling.library.info import Generation, LibraryInfo
from findling.search import Balance
from findling.search.fusion import MEANING_WEIGHT
from findling.store import PassageRow, StoreReader, StoreWriter

if TYPE_CHECKING:
    from pathlib import Path

    from findling.embedding import Embedder
    from findling.library import Libraries

_PLACES = "harbour cellar orchard library chapel market quarry bakery attic greenhouse".split()
_THINGS = "violin telescope tractor pumpkin lantern candle bicycle teapot hammer compass".split()


def english(choose: random.Random) -> str:
    """Each passage is of another thing in another place."""
    place, thing = choose.choice(_PLACES), choose.choice(_THINGS)
    year = choose.randrange(1500, 2000)
    return (
        f"A note of the year {year}. The {thing} was carried to the {place} in {year} by two men and a boy. "
        f"Nobody in the {place} had ever seen a {thing} before that winter."
    )


def japanese(choose: random.Random) -> str:
    """Of the signs of Japan the built-in model, an English one, knows next to none."""
    return (
        "。".join("".join(chr(choose.randrange(0x5000, 0x9000)) for _ in range(40)) for _ in range(3)) + "。"
    )


def stored(place: Path, embedder: Embedder, texts: list[str]) -> StoreReader:
    rows = [PassageRow(f"{n}", f"d{n}", f"k{n}", text, 0, 0, 9, 9, "{}") for n, text in enumerate(texts)]
    StoreWriter(place, 1, embedder.card.dim).add_passages(rows, embedder.embed_passages(texts))
    return StoreReader(place, 1)


def test_meaning_counts_where_the_embedder_tells_texts_apart(tmp_path: Path, embedder: Embedder) -> None:
    choose = random.Random(5)
    balances: dict[str, Balance] = {}
    for name, text in (("english", english), ("japanese", japanese)):
        with closing(stored(tmp_path / name, embedder, [text(choose) for _ in range(48)])) as store:
            balances[name] = find_out(store, embedder, CancelToken())
            assert balances[name] == find_out(store, embedder, CancelToken())  # it is not left to chance
    assert balances["english"].weight == MEANING_WEIGHT
    assert balances["japanese"].weight < MEANING_WEIGHT / 2
    assert balances["japanese"].mean > balances["english"].mean + 0.2  # all is alike to it
    assert all(0 < balance.spread < 0.3 and balance.passages == 48 for balance in balances.values())


def test_few_sentences_tell_nothing(tmp_path: Path, embedder: Embedder) -> None:
    chance = embedder.chance()
    with closing(stored(tmp_path, embedder, ["A title.", "Another title."])) as store:
        assert find_out(store, embedder, CancelToken()) == Balance(
            mean=chance.mean, spread=chance.spread, passages=2
        )


def test_it_is_found_out_first_and_when_a_library_has_doubled() -> None:
    assert not is_due(None, 0)
    assert is_due(None, 1)
    assert is_due(Balance(passages=0), 2)
    assert not is_due(Balance(passages=100), 0)
    assert not is_due(Balance(passages=100), 199)
    assert is_due(Balance(passages=100), 200)


def test_it_stops_when_it_is_told_to(tmp_path: Path, embedder: Embedder) -> None:
    choose = random.Random(5)
    cancel = CancelToken()
    with closing(stored(tmp_path, embedder, [english(choose) for _ in range(30)])) as store:
        cancel.cancel()
        with pytest.raises(Cancelled):
            find_out(store, embedder, cancel)


def test_a_balance_is_read_as_it_was_written(tmp_path: Path) -> None:
    balances = {"1": Balance(0.13, 0.2, 0.05, 700)}
    LibraryInfo("docs", Generation(1, "model", "f", 8, 1), balances=balances).save(tmp_path)
    assert LibraryInfo.load(tmp_path).balances == balances


def test_a_run_weighs_the_legs_and_searches_take_its_word(libraries: Libraries, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    choose = random.Random(5)
    for number in range(30):
        (folder / f"{number}.txt").write_text(japanese(choose))
    libraries.index("default", [folder])
    (balance,) = libraries.info("default").balances.values()
    assert (balance.passages, balance.weight < MEANING_WEIGHT / 2) == (30, True)
    with libraries.open("default") as library, library.searcher() as searcher:
        assert searcher.balance == balance
    (folder / "more.txt").write_text(english(choose))
    libraries.index("default")
    assert libraries.info("default").balances == {"1": balance}  # it has not doubled
