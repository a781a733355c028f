"""A passage is read among its neighbours, and a document from its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.errors import UserError
from findling.library.reading import read
from findling.search import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries


def test_a_passage_is_read_among_its_neighbours(libraries: Libraries, folder: Path) -> None:
    (folder / "copy.md").write_bytes((folder / "guide.md").read_bytes())
    libraries.index("default", [folder])
    with libraries.open("default") as library:
        hit = library.search("telescope mirror", Mode.KEYWORD)[0]
        excerpt = read(library, hit.path, hit.passage_id)
        alone = read(library, hit.document_id, hit.passage_id, before=0, after=0)
        first = read(library, "guide.md", alone.previous, before=5, after=0)
        with pytest.raises(UserError, match="search again"):
            read(library, "sub/note.txt", hit.passage_id)
        with pytest.raises(UserError, match="no document of this library"):
            read(library, "gone.txt")
    assert (excerpt.title, excerpt.library, excerpt.path) == ("Observatory guide", "default", hit.path)
    assert {excerpt.path, *excerpt.copies} == {str(folder / "guide.md"), str(folder / "copy.md")}
    assert [place.anchor.headings[-1] for place in excerpt.passages] == [
        "Observatory guide",
        "Telescope",
        "Tickets",
    ]
    for place, words in zip(excerpt.passages, ("clear Friday", "two metres", "four euros"), strict=True):
        assert words in excerpt.text[place.start : place.end]
    assert (excerpt.previous, excerpt.next, excerpt.cut) == ("", "", False)
    assert "two metres" in alone.text
    assert "Friday" not in alone.text + first.text.replace("clear Friday", "")
    assert alone.next == excerpt.passages[2].passage_id
    assert [place.passage_id for place in first.passages] == [alone.previous]


def test_a_long_document_is_read_in_turns_and_nothing_is_lost(libraries: Libraries, folder: Path) -> None:
    sentences = [f"Sentence number {n} tells of thing {n * n}." for n in range(900)]
    (folder / "long.txt").write_text(" ".join(sentences[:450]) + "\n\n" + " ".join(sentences[450:]))
    libraries.index("default", [folder])
    texts: list[str] = []
    with libraries.open("default") as library:
        excerpt = read(library, "long.txt")
        assert excerpt.cut
        while True:
            assert len(excerpt.text) <= 20_000
            texts.append(excerpt.text)
            if not excerpt.next:
                break
            excerpt = read(library, "long.txt", excerpt.next, before=0, after=1000)
        assert len(texts) > 1
        tiny = read(library, "long.txt", most_characters=30)
    assert all(any(sentence in text for text in texts) for sentence in sentences)
    assert (tiny.text, tiny.cut) == (sentences[0][:30], True)
    (place,) = tiny.passages
    assert (place.start, place.end) == (0, 30)
