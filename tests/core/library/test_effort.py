"""The work of files that nobody has read yet, told by those that were."""

from __future__ import annotations

import numpy as np
import pytest

from findling.library.effort import FILE_TOKENS, Effort


def test_what_is_left_is_told_by_files_of_the_same_kind() -> None:
    files = [("text", 1000)] * 10 + [("pdf", 50_000)] * 10
    effort = Effort(files)
    effort.learn("text", 1000, 250)
    effort.learn("pdf", 50_000, 500)
    assert effort.left() == pytest.approx(9 * (250 + FILE_TOKENS) + 9 * (500 + FILE_TOKENS))
    for _ in range(9):
        effort.learn("text", 1000, 250)
        effort.learn("pdf", 50_000, 500)
    assert effort.left() == 0


def test_large_files_of_a_kind_need_not_have_as_many_tokens_a_byte() -> None:
    sizes = np.geomspace(1_000, 10_000_000, 400).astype(int)
    tokens = (3 * sizes**0.5).astype(int)
    effort = Effort([("pdf", int(size)) for size in sizes])
    for size, count in zip(sizes[:100], tokens[:100], strict=True):
        effort.learn("pdf", int(size), int(count))
    truth = tokens[100:].sum() + 300 * FILE_TOKENS
    assert effort.left() == pytest.approx(truth, rel=0.05)
    by_bytes = tokens[:100].sum() / sizes[:100].sum() * sizes[100:].sum()
    assert by_bytes > 10 * truth


def test_a_kind_that_was_not_met_is_taken_as_the_others_are() -> None:
    effort = Effort([("text", 1000), ("rtf", 4000)])
    before = effort.left()
    assert before > 2 * FILE_TOKENS
    effort.learn("text", 1000, 100)
    assert effort.left() == pytest.approx(400 + FILE_TOKENS)


def test_files_without_text_are_little_work() -> None:
    effort = Effort([("png", 2_000_000)] * 100)
    for _ in range(10):
        effort.learn("png", 2_000_000, 0)
    assert effort.left() == pytest.approx(90 * FILE_TOKENS)


def test_more_files_than_were_expected_are_no_work_left() -> None:
    effort = Effort([("text", 10)])
    effort.learn("text", 10, 3)
    effort.learn("text", 10, 3)
    effort.learn("new", 10, 3)
    assert effort.left() == 0
