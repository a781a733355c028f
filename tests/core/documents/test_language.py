# ruff: noqa: RUF001
"""The language of a text, and when it is not told."""

from __future__ import annotations

import pytest

from findling.documents.language import language_of

ENGLISH = "The observatory opens on clear Friday evenings, and tickets cost four euros for adults."
GERMAN = "Die Häuser der Nachbarn stehen weit entfernt, und der Weg dorthin ist im Winter gesperrt."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        ("de", GERMAN),
        (
            "fr",
            "Le musée est ouvert tous les jours sauf le mardi, et l'entrée est gratuite pour les enfants.",
        ),
        ("es", "El museo abre todos los días excepto los martes, y la entrada es gratuita para los niños."),
        ("ru", "Музей открыт каждый день, кроме вторника, а вход для детей бесплатный."),
        ("ja", "博物館は火曜日を除く毎日開館しており、子どもの入場は無料です。"),
        ("zh", "博物馆除星期二外每天开放，儿童免费入场，成人票价为四欧元。"),
        ("ko", "박물관은 화요일을 제외하고 매일 문을 열며 어린이는 무료로 입장할 수 있습니다."),
    ],
)
def test_the_language_is_told_of_a_sentence(language: str, text: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "   \n", "Berlin", "1 2 3 4", "\n\n  short note \n\n"])
def test_too_short_a_text_is_in_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_of_a_long_text_the_middle_counts_too() -> None:
    """A German book whose first page is an English notice."""
    text = (ENGLISH + " ") * 5 + (GERMAN + " ") * 2000
    assert len(text) > 100_000
    assert language_of(text) == "de"
