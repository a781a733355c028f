"""The tokenizer: its file's own truncation and padding undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.embedding.tokenizer import PairTokenizer, TextTokenizer, pad
from findling.errors import ModelDamaged

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models import InstalledModel


@pytest.fixture(scope="module")
def tokenizer(installed_model: InstalledModel) -> TextTokenizer:
    return TextTokenizer(installed_model.tokenizer, 256)


def test_the_file_is_the_trap_it_is_said_to_be(installed_model: InstalledModel) -> None:
    stored = json.loads(installed_model.tokenizer.read_text())
    assert stored["truncation"]["max_length"] == 128
    assert stored["padding"]["strategy"] == {"Fixed": 128}


def test_texts_are_cut_at_the_models_length_and_not_padded(tokenizer: TextTokenizer) -> None:
    short, exact, long = tokenizer.encode(["owl", "owl " * 254, "owl " * 255])
    assert (len(short), len(exact), len(long)) == (3, 256, 256)
    assert (exact[0], exact[-1]) == (short[0], short[-1]) == (long[0], long[-1])


def test_counting_cuts_nothing_and_adds_nothing(tokenizer: TextTokenizer) -> None:
    assert tokenizer.special_tokens == 2
    assert tokenizer.count(["", "owl", "owl " * 5000]) == [0, 1, 5000]
    assert tokenizer.count(["owl"] * 3000) == [1] * 3000
    assert tokenizer.encode([]) == tokenizer.count([]) == []


def test_pairs_are_joined_and_it_is_the_passage_that_is_cut(installed_model: InstalledModel) -> None:
    tokenizer = TextTokenizer(installed_model.tokenizer, 256)
    (first, owl, last), (_, fox, _) = tokenizer.encode(["owl", "fox"])
    pairs = PairTokenizer(installed_model.tokenizer, 13)  # room for 10
    rows, types = pairs.encode("owl owl", ["fox", "", "fox " * 8, "fox " * 300])
    assert rows[:2] == [[first, owl, owl, last, fox, last], [first, owl, owl, last, last]]
    assert types[:2] == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1]]
    assert rows[2] == rows[3] == [first, owl, owl, last, *[fox] * 8, last]
    # A query that leaves no room is cut to half of it.
    (row,), (kinds,) = pairs.encode("owl " * 300, ["fox " * 300])
    assert row == [first, *[owl] * 5, last, *[fox] * 5, last]
    assert kinds == [0] * 7 + [1] * 6
    assert pairs.encode("owl", []) == ([], [])
    assert len(pairs.encode("owl", ["fox"] * 3000)[0]) == 3000


def test_a_tokenizer_that_joins_no_pairs_is_refused(installed_model: InstalledModel, tmp_path: Path) -> None:
    stored = json.loads(installed_model.tokenizer.read_text())
    (tmp_path / "tokenizer.json").write_text(json.dumps(stored | {"post_processor": None}))
    with pytest.raises(ModelDamaged, match="does not join"):
        PairTokenizer(tmp_path / "tokenizer.json", 256)
    with pytest.raises(ModelDamaged, match="does not join"):
        PairTokenizer(installed_model.tokenizer, 4)


def test_padding_is_as_long_as_the_batch_needs() -> None:
    ids, mask = pad([[5, 6, 7], [8]])
    assert ids.dtype == mask.dtype == np.int64
    assert ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\xfe", b'{"version": "1.0"'])
def test_a_tokenizer_that_is_none_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelDamaged, match=r"tokenizer\.json cannot be read"):
        TextTokenizer(path, 256)
