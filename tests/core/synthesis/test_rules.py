"""The rules: what is no query is rejected for what it is, and what people really ask is kept."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from findling.synthesis.rules import Rules, longest_run

reproducible = settings(derandomize=True, database=None, deadline=None, max_examples=200)

ROPEWAY = (
    "The haul rope of a ropeway is inspected by magnetic testing every two years. Where more than six of its "
    "wires are broken within one lay length, the rope has to be shortened or replaced before the next season."
)
SEILBAHN = (
    "Das Zugseil einer Seilbahn wird alle zwei Jahre magnetisch geprüft. Sind innerhalb einer Schlaglänge "
    "mehr als sechs Drähte gebrochen, muss das Seil vor der nächsten Saison gekürzt oder ersetzt werden."
)
TELEPHERIQUE = (
    "Le câble tracteur d'un téléphérique est contrôlé tous les deux ans par un essai magnétique. Si plus de "
    "six fils sont rompus sur un pas, il faut le raccourcir ou le remplacer avant la saison suivante."
)
PASSAGES = {
    "en": ROPEWAY,
    "de": SEILBAHN,
    "fr": TELEPHERIQUE,
    "ja": "索道のロープは二年ごとに磁気探傷で検査される。",
}

GOOD = [
    ("en", "how often is the haul rope of a ropeway inspected"),
    ("en", "When does a rope have to be replaced?"),
    ("en", "broken wires lay length limit"),
    ("en", "ropeway inspection"),
    ("en", "A haul rope with seven broken wires may not be used next winter."),
    ("en", "I run a small ski lift and found a few torn strands; can I wait until spring to have it fixed?"),
    ("en", "Inspection of haul ropes: intervals and limits"),
    ("en", "How do I forward this text message to the inspector?"),
    ("en", "Who is the author of the standard on ropeways?"),
    ("en", "Who wrote the document that rope makers have to follow?"),
    ("en", "What is the difference between what is broken and what is worn?"),
    ("en", "EN 12927 magnetic rope testing"),
    ("de", "wie oft wird das Zugseil einer Seilbahn geprüft"),
    ("de", "Seil kürzen gebrochene Drähte Grenzwert"),
    ("de", "Darf eine Seilbahn mit acht gerissenen Drähten in den Winterbetrieb gehen?"),
    ("de", "Prüfintervalle für Seile"),
    ("fr", "à quelle fréquence contrôler le câble d'un téléphérique"),
    ("fr", "Combien de fils cassés avant de changer le câble ?"),
    ("fr", "contrôle magnétique câble tracteur"),
    ("ja", "ロープの検査は何年ごとか"),
]


@pytest.mark.parametrize(("language", "query"), GOOD)
def test_what_people_ask_is_kept(language: str, query: str) -> None:
    verdicts = Rules(["why do snowy owls skip breeding"]).verdicts(query, PASSAGES[language], language)
    assert [(verdict.filter, verdict.passed) for verdict in verdicts] == [("rules", True)], verdicts


def test_all_that_people_ask_can_stand_side_by_side() -> None:
    rules = Rules()
    for language, query in GOOD:
        assert rules.verdicts(query, PASSAGES[language], language)[0].passed
        rules.remember(query, language)


@pytest.mark.parametrize(
    ("rule", "language", "query"),
    [
        ("length", "en", "rope"),
        ("length", "en", "a b"),
        ("length", "en", "rope wire " * 50),
        ("length", "ja", "索道"),
        ("echo", "en", "Question: how often is the rope inspected"),
        ("echo", "en", "Passage : the haul rope"),
        ("echo", "en", "why do snowy owls breed"),
        ("self-reference", "en", "What does the passage say about ropes?"),
        ("self-reference", "en", "What is this article about?"),
        ("self-reference", "en", "According to the text, when is a rope replaced?"),
        ("self-reference", "en", "Which ropes are mentioned above?"),
        ("self-reference", "en", "What is the aim of the author of this text?"),
        ("self-reference", "de", "Was steht in diesem Abschnitt über Seile?"),
        ("self-reference", "de", "Wann wird laut dem Text geprüft?"),
        ("self-reference", "fr", "De quoi parle-t-on dans ce texte ?"),
        ("self-reference", "fr", "Quels fils sont cités ci-dessus ?"),
        ("repetition", "en", "rope rope inspection"),
        ("repetition", "en", "is the rope broken or is the rope worn"),
        ("repetition", "de", "Seil prüfen Seil kürzen Seil prüfen Seil kürzen"),
        ("language", "en", "wie oft wird das Zugseil einer Seilbahn eigentlich geprüft"),
        ("language", "de", "how often is the haul rope of a ropeway inspected by the authority"),
        ("language", "fr", "how often is the haul rope of a ropeway inspected by the authority"),
        ("copy", "en", "The haul rope of a ropeway is inspected by magnetic testing"),
        ("copy", "de", "Das Zugseil einer Seilbahn wird alle zwei Jahre magnetisch geprüft"),
        ("copy", "fr", "il faut le raccourcir ou le remplacer avant la saison suivante"),
    ],
)
def test_what_is_no_query_is_rejected_for_what_it_is(rule: str, language: str, query: str) -> None:
    rules = Rules(["why do snowy owls skip breeding in some years"])
    (verdict,) = rules.verdicts(query, PASSAGES[language], language)
    assert (verdict.filter, verdict.passed) == (rule, False)
    assert verdict.reason


def test_a_line_of_a_transcript_is_no_query() -> None:
    passage = (
        "Grad B: Alright .\nProfessor C : The haul rope ? We test it every other year .\nGrad B: Right ."
    )
    for query in ("professor c: haul rope test", "Grad B: how often is it tested"):
        (verdict,) = Rules().verdicts(query, passage, "en")
        assert (verdict.filter, verdict.passed) == ("copy", False)
    for query in ("how often does Professor C test the haul rope", "Haul rope: how often is it tested"):
        assert Rules().verdicts(query, passage, "en")[0].passed


def test_what_was_cut_off_is_rejected_whatever_it_says() -> None:
    (verdict,) = Rules().verdicts(GOOD[0][1], ROPEWAY, "en", cut_off=True)
    assert (verdict.filter, verdict.passed) == ("cut off", False)


def test_a_demonstration_may_be_repeated_where_the_passage_is_about_the_same() -> None:
    rules = Rules(["how often is the haul rope inspected"])
    assert rules.verdicts("when is the haul rope inspected", ROPEWAY, "en")[0].passed
    assert not rules.verdicts("when is the haul rope inspected", "Owls nest on the tundra.", "en")[0].passed


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("How often is the haul rope of a ropeway inspected", False),
        ("how often is a ropeway's haul rope inspected?!", False),
        ("how often is the haul rope of a chairlift replaced", True),
        ("how often are haul ropes inspected by magnets", True),
    ],
)
def test_what_is_there_already_is_not_asked_again(query: str, kept: bool) -> None:
    rules = Rules()
    rules.remember("how often is the haul rope of a ropeway inspected", "en")
    assert rules.verdicts(query, "Nothing of it stands here.", "en")[0].passed is kept


WORDS = st.lists(st.sampled_from("rope wire lift cable winch pylon".split()), max_size=12)


@reproducible
@given(WORDS, WORDS)
def test_the_longest_run_is_that_of_every_pair_of_places(words: list[str], inside: list[str]) -> None:
    runs = [
        end - start
        for start, end in itertools.combinations(range(len(words) + 1), 2)
        for at in range(len(inside))
        if inside[at : at + end - start] == words[start:end]
    ]
    assert longest_run(words, inside) == max(runs, default=0)


@reproducible
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["en", "de", "ja", ""]))
def test_any_text_at_all_gets_a_verdict(query: str, text: str, language: str) -> None:
    rules = Rules([query])
    rules.remember(text, language)
    verdicts = rules.verdicts(query, text, language)
    assert len(verdicts) == 1
    assert verdicts[0].passed or verdicts[0].reason
