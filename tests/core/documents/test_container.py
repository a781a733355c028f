"""Files inside files: each is read as if it lay there by itself, and none costs the others."""

from __future__ import annotations

import io
import os
import signal
import tempfile
import zipfile
from pathlib import Path

import pytest

from findling.documents import Document, ParserPool, container, split, unpacked
from findling.documents.container import Inner, Unpacking, read_whole
from findling.errors import EncryptedFile, ParseError, ParserLost, UnsupportedFormat


def zipped(**files: bytes | str) -> bytes:
    """A ZIP archive; "__" in a name is a dot, "_0_" a slash."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", ".").replace("_0_", "/"), content)
    return data.getvalue()


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    path = tmp_path / "papers.zip"
    deep = zipped(rope__txt="The rope is sixty metres long.")
    path.write_bytes(
        zipped(
            letters_0_jar__md="# Jars\n\nTen jars of honey.",
            program__bin=b"\x00\x01\x02",
            deep__zip=deep,
            broken__pdf=b"%PDF-1.7 and no more",
        )
    )
    return path


def read(path: Path, after: str = "") -> tuple[Document, list[Inner], list[str]]:
    inners: list[Inner] = []
    begun: list[str] = []
    document = read_whole(path, Unpacking(begun.append, after), inners.append)
    return document, inners, begun


def test_every_file_in_an_archive_is_read_as_deep_as_it_goes(papers: Path) -> None:
    document, inners, begun = read(papers)
    outcomes = {inner.name: inner.outcome for inner in inners}
    assert document == Document("zip", "", ())
    assert (
        list(outcomes)
        == begun
        == [
            "letters/jar.md",
            "program.bin",
            "deep.zip",
            "deep.zip!/rope.txt",
            "broken.pdf",
        ]
    )
    jar, rope = outcomes["letters/jar.md"], outcomes["deep.zip!/rope.txt"]
    assert isinstance(jar, Document)
    assert isinstance(rope, Document)
    assert (jar.title, jar.blocks[-1].text) == ("Jars", "Ten jars of honey.")
    assert rope.text == "The rope is sixty metres long."
    assert isinstance(outcomes["program.bin"], UnsupportedFormat)
    assert "PDF" in str(outcomes["broken.pdf"])
    sizes = {inner.name: inner.size for inner in inners}
    assert sizes["deep.zip!/rope.txt"] == 30
    assert len({inner.content for inner in inners}) == len(inners)


@pytest.mark.parametrize(
    ("after", "left"),
    [
        ("letters/jar.md", ["program.bin", "deep.zip", "deep.zip!/rope.txt", "broken.pdf"]),
        ("deep.zip!/rope.txt", ["broken.pdf"]),
        ("broken.pdf", []),
    ],
)
def test_reading_goes_on_after_any_of_them(papers: Path, after: str, left: list[str]) -> None:
    _, inners, begun = read(papers, after)
    assert [inner.name for inner in inners] == begun == left


def test_what_is_read_crosses_to_another_process(papers: Path) -> None:
    for inner in read(papers)[1]:
        again = Inner.from_json(inner.to_json())
        if isinstance(inner.outcome, Document):
            assert again == inner
        else:
            assert type(again.outcome) is type(inner.outcome)
            assert str(again.outcome) == str(inner.outcome)


def test_files_inside_files_have_an_end(tmp_path: Path) -> None:
    data = zipped(rope__txt="A rope.")
    for _ in range(8):
        data = zipped(a__zip=data)
    (tmp_path / "deep.zip").write_bytes(data)
    _, inners, _ = read(tmp_path / "deep.zip")
    assert len(inners) < 10
    assert "too deep" in str(inners[-1].outcome)


def test_an_archive_of_too_many_files_is_read_up_to_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "_MOST_MEMBERS", 3)
    (tmp_path / "many.zip").write_bytes(zipped(**{f"n{n}__txt": f"Note {n}." for n in range(9)}))
    inners: list[Inner] = []
    with pytest.raises(ParseError, match="holds more than 3 files"):
        read_whole(tmp_path / "many.zip", Unpacking(lambda _: None), inners.append)
    assert len(inners) == 3


def test_no_copy_is_left_behind(papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    read_whole(papers, Unpacking(lambda _: None), lambda _: None)
    assert not list(copies.iterdir())


def test_one_file_of_an_archive_is_taken_out(papers: Path, tmp_path: Path) -> None:
    inside = Path(f"{papers}!/deep.zip!/rope.txt")
    assert split(inside) == (papers, "deep.zip!/rope.txt")
    with unpacked(inside) as copy:
        assert copy.read_text() == "The rope is sixty metres long."
        assert copy.suffix == ".txt"
    assert not copy.exists()
    with unpacked(papers) as itself:
        assert itself == papers
    with pytest.raises(ParseError, match="not in there"), unpacked(Path(f"{papers}!/gone.txt")):
        pass


def test_a_folder_may_be_called_as_an_archive_is(tmp_path: Path) -> None:
    (tmp_path / "so!").mkdir()
    file = tmp_path / "so!" / "rope.txt"
    file.write_text("A rope.")
    assert split(file) == (file, "")


def test_a_crash_over_one_file_in_an_archive_costs_that_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    path = tmp_path / "notes.zip"
    long = "A line of a very long note.\n\n" * 100_000  # takes a while to read
    path.write_bytes(zipped(n0__txt="Note 0.", n1__txt=long, n2__txt="Note 2.", n3__txt="Note 3."))
    with ParserPool(1) as pool:
        answers = pool.parse_all([path])
        first = next(answers)
        [worker] = pool._workers
        assert worker.pipe.poll(10)  # it has begun the next one
        os.kill(worker.process.pid or 0, signal.SIGKILL)
        rest = list(answers)
    assert first.inner is not None
    assert first.inner.name == "n0.txt"
    lost, *others, whole = rest
    assert isinstance(lost.outcome, ParserLost)
    assert lost.inner is not None
    assert lost.inner.name == "n1.txt"
    assert [other.inner.name for other in others if other.inner] == ["n2.txt", "n3.txt"]
    assert whole.inner is None
    assert isinstance(whole.outcome, Document)
    assert not list(copies.iterdir())  # the copy that was read when the process died went with it


def test_an_encrypted_file_in_an_archive_says_so(tmp_path: Path) -> None:
    data = bytearray(zipped(a__txt="A secret.", b__txt="No secret."))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag of encryption
        data[data.find(mark) + at] |= 1
    (tmp_path / "a.zip").write_bytes(bytes(data))
    _, (first, second), _ = read(tmp_path / "a.zip")
    assert isinstance(first.outcome, EncryptedFile)
    assert isinstance(second.outcome, Document)
