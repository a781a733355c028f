"""How the legs of a search are weighed in a library, found out from its own passages."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import Cancelled
from findling.jobs import CancelToken
from findling.library import worker
from findling.library.balance import find_out, is_due, tuned_balance
from findling.library.info import Generation, LibraryInfo
from findling.search import Balance, Searcher
from findling.search.fusion import MEANING_WEIGHT
from findling.store import PassageRow, StoreReader, StoreWriter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.embedding import Embedder
    from findling.library import Libraries

_PLACES = "harbour cellar orchard library chapel market quarry bakery attic greenhouse".split()
_THINGS = "violin telescope tractor pumpkin lantern candle bicycle teapot hammer compass".split()
_COUNT = 48


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


@dataclass(frozen=True)
class Asked:
    query: str
    document_id: str
    passage_id: str


class Numbered:
    """A library of documents by number, each with words of its own and a vector of its own."""

    def __init__(self, place: Path) -> None:
        self.vectors = np.eye(_COUNT, dtype=np.float32)
        texts = [f"{self.words(number)} stands in every one of them" for number in range(_COUNT)]
        rows = [
            PassageRow(f"p{n}", f"d{n}", f"k{n}", text, 0, 0, 9, 9, "{}", "en")
            for n, text in enumerate(texts)
        ]
        StoreWriter(place, 1, _COUNT).add_passages(rows, self.vectors)
        self._meant: dict[str, np.ndarray] = {}
        self.searcher = Searcher(StoreReader(place, 1), lambda query: self._meant[query], balance=Balance())

    @staticmethod
    def words(number: int) -> str:
        return " ".join(f"{word}{number:02}" for word in ("harbour", "violin", "tractor", "lantern"))

    def asked(self, answer: int, words: int, meaning: int, unknown: int) -> Asked:
        """A question that document `answer` answers, with the words of another, the meaning of another, and
        some words that stand nowhere."""
        query = " ".join([self.words(words), *(f"nowhere{answer}of{each}" for each in range(unknown))])
        self._meant[query] = self.vectors[meaning]
        return Asked(query, f"d{answer}", f"p{answer}")

    def words_mislead(self, answer: int, unknown: int) -> Asked:
        return self.asked(answer, (answer + 7) % _COUNT, answer, unknown)

    def meaning_misleads(self, answer: int, unknown: int) -> Asked:
        return self.asked(answer, answer, (answer + 7) % _COUNT, unknown)

    def weight(self, asked: list[Asked]) -> float:
        return tuned_balance(self.searcher, asked, CancelToken()).balance.weight


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Numbered]:
    library = Numbered(tmp_path_factory.mktemp("numbered"))
    with closing(library.searcher.store):
        yield library


def test_questions_move_the_weight_to_the_leg_that_answers_them(numbered: Numbered) -> None:
    found = numbered.searcher.balance
    up = tuned_balance(
        numbered.searcher, [numbered.words_mislead(n, 2) for n in range(_COUNT)], CancelToken()
    )
    assert found.weight < up.balance.weight <= 2 * found.weight
    assert replace(up.balance, weight=found.weight) == found
    assert (up.questions, up.distance, up.found) == (_COUNT, 1.0, found.weight)
    chosen = next(each for each in up.tried if each.weight == up.balance.weight)
    assert 0 < chosen.low <= chosen.gain <= chosen.high
    assert [each.gain for each in up.tried if each.weight == found.weight] == [0]
    down = numbered.weight([numbered.meaning_misleads(n, 4) for n in range(_COUNT)])
    assert found.weight / 2 < down < found.weight


def test_the_weight_stays_without_enough_to_go_by(numbered: Numbered) -> None:
    found = numbered.searcher.balance.weight
    few = [numbered.words_mislead(n, 2) for n in range(12)]
    assert numbered.weight(few) == numbered.weight([]) == found
    in_its_words = [numbered.meaning_misleads(n, 0) for n in range(_COUNT)]
    assert numbered.weight(in_its_words) == found  # whatever they say
    against = [numbered.meaning_misleads(n, 2) for n in range(12, _COUNT)]  # 36, a third of their words
    assert numbered.weight([*few, *against]) == found
    gone = [replace(numbered.words_mislead(n, 2), document_id="gone") for n in range(_COUNT)]
    assert numbered.weight(gone) == found


def test_questions_in_other_words_than_the_passage_count_more(numbered: Numbered) -> None:
    near = [numbered.meaning_misleads(n, 2) for n in range(28)]  # a third of their words
    far = [numbered.words_mislead(n, 2) for n in range(28, _COUNT)]  # all of them
    assert numbered.weight(near + far) > numbered.searcher.balance.weight


def test_weighing_stops_when_it_is_told_to(numbered: Numbered) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        tuned_balance(numbered.searcher, [numbered.words_mislead(1, 2)], cancel)


def test_a_new_generation_has_the_balance_it_is_given_and_none_of_an_earlier_one(
    libraries: Libraries, tmp_path: Path
) -> None:
    balances = {"1": Balance(0.1), "2": Balance(0.05)}  # generation 2 was forgotten
    info = LibraryInfo("docs", Generation(1, "model", "f", 8, 1), balances=balances)
    wanted: dict[str, object] = {"shadow": "all-minilm-l6-v2", "passage_tokens": None, "balance": None}
    plain = worker._with_shadow(libraries.settings, tmp_path, info, wanted)
    assert plain.balances == {"1": Balance(0.1)}
    given = wanted | {"balance": asdict(Balance(0.2))}
    weighed = worker._with_shadow(libraries.settings, tmp_path, info, given)
    assert weighed.balances == {"1": Balance(0.1), "2": Balance(0.2)}
    assert worker._with_shadow(libraries.settings, tmp_path, weighed, wanted) == weighed  # it goes on
