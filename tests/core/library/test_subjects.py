"""What groups of documents are called."""

from __future__ import annotations

from findling.library.subjects import named, words_in

SKY = [
    "The telescope looks at a star through its mirror.",
    "Telescopes with large mirrors show faint stars.",
    "Clean the mirror of the telescope, and the stars are bright.",
    "A star was seen by the new telescope.",
]
BREAD = [
    "The dough rests while the oven gets hot.",
    "Knead the dough, then heat the oven.",
    "An oven for bread, and dough enough for the week.",
    "Dough and oven: how our bread is made.",
]


def names(*groups: list[str], language: str = "en") -> list[str]:
    return named([[words_in(text, language) for text in group] for group in groups])


def test_groups_are_called_by_what_they_have_and_others_have_not():
    sky, bread = names(SKY, BREAD)
    assert set(sky.split(" · ")) <= {"telescope", "Telescopes", "mirror", "star", "stars"}
    assert set(bread.split(" · ")) <= {"dough", "oven", "bread"}
    assert len(sky.split(" · ")) == len({word.lower().rstrip("s") for word in sky.split(" · ")})


def test_words_of_all_groups_say_nothing():
    everywhere = "Minutes of the association: "
    sky, bread = names([everywhere + text for text in SKY], [everywhere + text for text in BREAD])
    for word in ("Minutes", "association", "the"):
        assert word not in sky.split(" · ")
        assert word not in bread.split(" · ")


def test_a_word_is_written_as_it_is_written_most_often():
    [name, _] = names(["Die Bergbahn fährt. Die Bergbahnen fahren. Bergbahn!"] * 3, BREAD, language="de")
    assert name.split(" · ")[0] == "Bergbahn"


def test_scripts_without_spaces_have_names_too():
    [name, _] = names(["望遠鏡で星を見る。望遠鏡の鏡。", "望遠鏡とカメラ。", "新しい望遠鏡。"], BREAD)
    assert "望遠鏡" in name


def test_what_has_no_words_has_no_name():
    assert names(["1234 5678", "42"], BREAD)[0] == ""
    assert named([]) == []
    assert named([[]]) == [""]
