"""The map of a library: drawn from its index, kept, and read with what is there now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from findling.errors import Cancelled, LibraryNotFound
from findling.jobs import CancelToken, ignore_progress
from findling.library.mapping import MAP_FILE, LibraryMap, draw, read_map, start_drawing

if TYPE_CHECKING:
    from pathlib import Path

    from findling.library import Libraries

pytest.importorskip("sklearn")

SKY = ("star", "planet", "comet", "moon", "galaxy", "nebula", "eclipse")
BREAD = ("rye", "wheat", "sourdough", "spelt", "oat", "barley", "flat")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Seven texts each about the sky and about bread, in folders of their own."""
    folder = tmp_path / "papers"
    for name in ("sky", "kitchen"):
        (folder / name).mkdir(parents=True)
    for word in SKY:
        text = f"# The {word}\n\nA telescope shows the {word} at night; astronomers measure it.\n"
        (folder / "sky" / f"{word}.md").write_text(text)
    for word in BREAD:
        text = f"# Bread of {word}\n\nKnead the {word} dough, and bake the bread in a hot oven.\n"
        (folder / "kitchen" / f"{word}.md").write_text(text)
    return folder


def drawn(libraries: Libraries, name: str = "papers") -> LibraryMap:
    directory = libraries.existing_directory(name)
    draw({"directory": str(directory)}, ignore_progress, CancelToken())
    found = read(libraries, name)
    assert found is not None
    return found


def read(libraries: Libraries, name: str = "papers") -> LibraryMap | None:
    with libraries.open(name) as library:
        return read_map(library, libraries.existing_directory(name))


def test_documents_on_one_subject_lie_together_and_have_a_name(libraries, papers):
    libraries.index("papers", [papers])
    assert read(libraries) is None
    found = drawn(libraries)
    assert len(found.documents) == 14
    assert {document.folder for document in found.documents} == {"sky", "kitchen"}
    assert {document.kind for document in found.documents} == {"md"}
    of_sky = np.array([document.folder == "sky" for document in found.documents])
    distances = np.linalg.norm(found.places[:, None] - found.places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (of_sky[distances.argmin(axis=1)] == of_sky).mean() > 0.9
    assert [subject.documents for subject in found.subjects] == [7, 7]
    [sky] = [each for each in found.subjects if "telescope" in each.name.lower()]
    own = found.places[found.subject_of == found.subjects.index(sky)]
    assert own.min(axis=0)[0] <= sky.x <= own.max(axis=0)[0]
    assert not found.stale
    assert (libraries.existing_directory("papers") / MAP_FILE).stat().st_mode & 0o777 == 0o600
    assert np.array_equal(found.places, drawn(libraries).places)


def test_a_map_knows_when_the_library_has_changed(libraries, papers):
    libraries.index("papers", [papers])
    drawn(libraries)
    (papers / "sky" / "moon.md").rename(papers / "kitchen" / "renamed.md")
    libraries.index("papers", [papers])
    found = read(libraries)
    assert (found.new, found.gone, found.stale) == (0, 0, False)
    assert any(document.path.endswith("renamed.md") for document in found.documents)
    (papers / "sky" / "star.md").unlink()
    (papers / "sky" / "meteor.md").write_text("# The meteor\n\nIt burns up in the air.\n")
    libraries.index("papers", [papers])
    found = read(libraries)
    assert (len(found.documents), found.new, found.gone, found.stale) == (13, 1, 1, True)
    assert len(found.places) == len(found.subject_of) == 13
    assert drawn(libraries).stale is False


def test_a_map_of_another_generation_is_out_of_date(libraries, papers):
    libraries.index("papers", [papers])
    drawn(libraries)
    file = libraries.existing_directory("papers") / MAP_FILE
    stored = json.loads(file.read_text())
    file.write_text(json.dumps(stored | {"fingerprint": "another model's"}))
    found = read(libraries)
    assert found.outdated
    assert found.stale


def test_a_map_that_cannot_be_read_is_none(libraries, papers):
    libraries.index("papers", [papers])
    for text in ("", "{}", "[1, 2]", '{"version": 99}', '{"version": 1}', "no JSON"):
        (libraries.existing_directory("papers") / MAP_FILE).write_text(text)
        assert read(libraries) is None


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_tiny_libraries_have_a_map(libraries, papers, count):
    for file in [*papers.rglob("*.md")][count:]:
        file.unlink()
    libraries.index("papers", [papers])
    found = drawn(libraries)
    assert len(found.documents) == count
    assert found.places.shape == (count, 2)
    assert sum(subject.documents for subject in found.subjects) == count
    assert not found.stale


def test_copies_are_one_point(libraries, papers):
    (papers / "copy.md").write_bytes((papers / "sky" / "moon.md").read_bytes())
    libraries.index("papers", [papers])
    found = drawn(libraries)
    assert len(found.documents) == 14
    [copied] = [document for document in found.documents if document.copies]
    assert "moon" in copied.title


def test_cancelled_there_is_no_map(libraries, papers):
    libraries.index("papers", [papers])
    cancel = CancelToken()
    directory = libraries.existing_directory("papers")

    def report(progress):
        if progress.phase == "naming":
            cancel.cancel()

    with pytest.raises(Cancelled):
        draw({"directory": str(directory)}, report, cancel)
    assert read(libraries) is None


def test_it_is_drawn_in_a_process_of_its_own(libraries, papers):
    libraries.index("papers", [papers / "sky"])
    with start_drawing(libraries, "papers") as job:
        assert job.result().items() >= {"documents": 7, "subjects": 1}.items()
    assert read(libraries) is not None
    with pytest.raises(LibraryNotFound):
        start_drawing(libraries, "another")
