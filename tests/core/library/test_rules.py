"""Which files the rules of a library let in: alone, against git, and in an index."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from findling.errors import LibraryDamaged, SettingsError
from findling.jobs import CancelToken
from findling.library import Rules
from findling.library.info import LibraryInfo
from findling.library.rules import LeftOut
from findling.library.scan import explain, scan
from findling.library.why import Standing, why

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from findling.library import Libraries


def tree(top: Path, *files: str) -> Path:
    """Files of one byte below `top`; a name with a slash makes folders."""
    for name in files:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x")
    return top


def names(top: Path, rules: Rules | None = None) -> set[str]:
    found = scan(top, rules or Rules(), CancelToken())
    return {os.fsdecode(file.path.relative_to(top)) for file in found}


def test_exclude_leaves_out_files_and_folders(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "a.log", "drafts/b.txt", "work/drafts/c.txt", "work/old/d.txt")
    assert names(tmp_path, Rules(exclude=("*.log", "drafts/"))) == {"a.txt", "work/old/d.txt"}
    assert names(tmp_path, Rules(exclude=("/drafts", "work/old"))) == {
        "a.log",
        "a.txt",
        "work/drafts/c.txt",
    }
    assert names(tmp_path, Rules(exclude=("work/**", "*.txt", "!b.txt"))) == {"a.log", "drafts/b.txt"}


def test_what_lies_in_an_excluded_folder_cannot_be_let_in_again(tmp_path: Path) -> None:
    tree(tmp_path, "old/keep.txt", "new/keep.txt")
    assert names(tmp_path, Rules(exclude=("old/", "!keep.txt"))) == {"new/keep.txt"}


def test_excluded_folder_is_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.txt", "node_modules/b/c.txt")
    listed: list[str] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: listed.append(str(place)) or real(place))
    names(tmp_path, Rules(exclude=("node_modules",)))
    assert listed == [str(tmp_path)]


def test_include_names_what_is_looked_at(tmp_path: Path) -> None:
    tree(tmp_path, "a.md", "b.txt", "docs/c.txt", "docs/private/d.txt", "docs/private/e.md", "work/f.md")
    assert names(tmp_path, Rules(include=("*.md",))) == {"a.md", "docs/private/e.md", "work/f.md"}
    assert names(tmp_path, Rules(include=("docs/",))) == {
        "docs/c.txt",
        "docs/private/d.txt",
        "docs/private/e.md",
    }
    assert names(tmp_path, Rules(include=("docs/", "!docs/private/"))) == {"docs/c.txt"}
    assert names(tmp_path, Rules(include=("docs/",), exclude=("*.md",))) == {
        "docs/c.txt",
        "docs/private/d.txt",
    }


def test_hidden_files_and_folders_when_wanted(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", ".b.txt", ".config/c.txt")
    assert names(tmp_path) == {"a.txt"}
    assert names(tmp_path, Rules(hidden=True)) == {"a.txt", ".b.txt", ".config/c.txt"}


def test_families_are_left_out_by_suffix(tmp_path: Path) -> None:
    tree(tmp_path, "a.txt", "b.PDF", "c.htm", "d.md", "pdf")
    assert names(tmp_path, Rules(families_off=("pdf", "html"))) == {"a.txt", "d.md", "pdf"}


def test_links_to_folders_are_followed_once_each(tmp_path: Path) -> None:
    outside = tree(tmp_path / "outside", "o.txt", "deep/p.txt")
    top = tree(tmp_path / "top", "sub/a.txt", "z/b.txt")
    (top / "a-link-to-z").symlink_to(top / "z")
    (top / "sub" / "loop").symlink_to(top)
    (top / "itself").symlink_to(top / "itself")
    (top / "one").symlink_to(outside)
    (top / "two").symlink_to(outside)
    (outside / "back").symlink_to(tmp_path)
    assert names(top) == {"sub/a.txt", "z/b.txt"}
    assert names(top, Rules(links=True)) == {"sub/a.txt", "z/b.txt", "one/o.txt", "one/deep/p.txt"}


def test_ignore_files_nest_and_the_nearest_decides(tmp_path: Path) -> None:
    tree(tmp_path, "a.log", "sub/a.log", "sub/keep.log", "sub/deep/a.tmp", "other/a.tmp", "secret.txt")
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbf*.log\r\n# *.tmp\r\n\r\n!secret.txt\r\n")
    (tmp_path / ".findlingignore").write_text("secret.txt\n")
    (tmp_path / "sub" / ".gitignore").write_text("!keep.log\n/deep\n")
    assert names(tmp_path) == {"sub/keep.log", "other/a.tmp"}
    assert len(names(tmp_path, Rules(ignore_files=False))) == 6


def test_exclude_option_decides_over_ignore_files(tmp_path: Path) -> None:
    tree(tmp_path, "build/a.txt", "b.txt")
    (tmp_path / ".gitignore").write_text("build/\n!b.txt\n")
    assert names(tmp_path, Rules(exclude=("!build/", "b.txt"))) == {"build/a.txt"}


@pytest.mark.parametrize("name", [".gitignore", ".findlingignore"])
def test_ignore_file_that_cannot_be_read_is_empty(tmp_path: Path, name: str) -> None:
    for place in ("pipe", "folder", "link", "huge", "odd"):
        tree(tmp_path, f"{place}/a.txt")
    os.mkfifo(tmp_path / "pipe" / name)
    (tmp_path / "folder" / name).mkdir()
    (tmp_path / "link" / name).symlink_to(tmp_path / "nowhere")
    (tmp_path / "huge" / name).write_text("*.txt\n" * 300_000)
    (tmp_path / "odd" / name).write_bytes(b"\xff[\n[z-a]\n!\n\\\n\x00\n")
    assert len(names(tmp_path)) == 5


def test_pattern_made_to_take_for_ever_does_not(tmp_path: Path) -> None:
    tree(tmp_path, "a" * 250)
    (tmp_path / ".gitignore").write_text("*a" * 40 + "b\n" + "*" * 90 + "b\n")
    began = time.monotonic()
    assert len(names(tmp_path)) == 1
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"include": ("[x",)}, r"The pattern '\[x' cannot be read"),
        ({"exclude": ("[z-a]",)}, "cannot be read"),
        ({"exclude": ("# note",)}, "cannot be read"),
        ({"exclude": ("",)}, "cannot be read"),
        ({"families_off": ("pfd",)}, "no family of files 'pfd'. Did you mean 'pdf'"),
        ({"families_off": ("markdown",)}, "Did you mean 'md'"),
        ({"families_off": ("parquet",)}, "Known: .*pdf.*exclude"),
        ({"largest_mebibytes": -1}, "-1 MB"),
    ],
)
def test_what_is_no_rule_is_refused(values: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Rules(**values)  # type: ignore[arg-type]


def test_json_there_and_back() -> None:
    rules = Rules(("*.md",), ("x",), hidden=True, links=True, largest_mebibytes=3, families_off=("pdf",))
    assert Rules.from_json(rules.to_json()) == rules
    assert Rules.from_json({}) == Rules()
    later = {"colour": "red", "families_off": ["pdf", "hologram"]}
    assert Rules.from_json(later) == Rules(families_off=("pdf",))


NAMES = ("a", "b", "c.txt", "ab", "a.txt", "foo", "bar b", "x[1]", "#h", "!n", "d.tmp")
SEGMENTS = (
    *("a", "b", "*", "**", "*.txt", "a*", "?", "[ab]", "[!a]", "foo", "c.*", "ab", "*b*", "bar b", "[^b]*"),
    *("x\\[1]", "\\#h", "*a*t", "[a-c].txt", "d.tmp", "**b", "\\!n", "*a*b*t"),
)


def random_pattern(chance: random.Random) -> str:
    pattern = "/".join(chance.choice(SEGMENTS) for _ in range(chance.choice((1, 1, 1, 2, 2, 3))))
    pattern = chance.choice(("", "", "", "/")) + pattern + chance.choice(("", "", "", "/"))
    pattern = chance.choice(("", "", "!")) + pattern + chance.choice(("",) * 9 + ("  ",))
    return chance.choice((pattern,) * 20 + ("# note", "!", "", "[x"))


def random_tree(chance: random.Random, top: Path, depth: int = 0) -> None:
    for name in chance.sample(NAMES, chance.randint(2, 6)):
        if depth < 3 and chance.random() < 0.5:
            (top / name).mkdir()
            random_tree(chance, top / name, depth + 1)
        else:
            (top / name).write_text("x")
    if chance.random() < (0.3 if depth else 0.9):
        lines = [random_pattern(chance) for _ in range(chance.randint(1, 5))]
        (top / ".gitignore").write_text("\n".join(lines))


def git(top: Path, *arguments: str, paths: Iterable[str] = ()) -> set[str]:
    done = subprocess.run(
        ["git", "-C", top, *arguments], check=False, input="\0".join(paths), capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.split("\0")) - {""}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("seed", range(40))
def test_the_same_files_as_git(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random trees and patterns. Left out of them: a segment "a**" before a slash, and a "[" that is closed
    only behind a slash; there git does not what its manual says."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(tmp_path, "init", "-q")
    chance = random.Random(seed)
    random_tree(chance, tmp_path)
    everything = names(tmp_path, Rules(ignore_files=False))
    ignored = git(tmp_path, "check-ignore", "--no-index", "-z", "--stdin", paths=everything)
    assert names(tmp_path) == everything - ignored

    patterns = tuple(filter(None, (random_pattern(chance).strip() for _ in range(4))))
    patterns = tuple(pattern for pattern in patterns if pattern not in ("!", "# note", "[x"))
    options = [f"--exclude={pattern}" for pattern in patterns]
    others = git(tmp_path, "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore", *options)
    expected = {path for path in others if not path.endswith(".gitignore")}
    assert names(tmp_path, Rules(exclude=patterns)) == expected

    for path in everything:  # `explain` sees each as the walk does
        outcome = explain(tmp_path / path, tmp_path, Rules())
        assert isinstance(outcome, LeftOut) is (path in ignored)


def test_rules_of_an_index_that_change(libraries: Libraries, folder: Path) -> None:
    assert libraries.index("default", [folder]).files == {"indexed": 2, "skipped": 1, "failed": 0}
    run = libraries.index("default", rules=Rules(exclude=("sub/",), include=("*.md", "*.txt")))
    assert (run.removed, run.new_or_changed) == (2, 0)
    assert run.files == {"indexed": 1, "skipped": 0, "failed": 0}
    with libraries.open("default") as library:
        assert "badgers" not in " ".join(hit.snippet.lower() for hit in library.search("badgers tunnels"))
    run = libraries.index("default")  # the rules stay
    assert (run.removed, run.new_or_changed) == (0, 0)
    run = libraries.index("default", rules=Rules())
    assert (run.removed, run.new_or_changed) == (0, 2)
    with libraries.open("default") as library:
        assert library.search("badgers tunnels")[0].path.endswith("note.txt")


def test_document_stays_while_another_path_has_it(libraries: Libraries, folder: Path) -> None:
    shutil.copy(folder / "sub" / "note.txt", folder / "copy.txt")
    libraries.index("default", [folder])
    run = libraries.index("default", rules=Rules(exclude=("sub",)))
    assert (run.removed, run.embedded) == (1, 0)
    with libraries.open("default") as library:
        assert library.search("badgers tunnels")[0].path.endswith("copy.txt")


def test_largest_file_of_a_library(libraries: Libraries, folder: Path) -> None:
    (folder / "long.txt").write_text("Whales sing.\n" * 90_000)
    (folder / "sub" / "note.txt").touch()
    libraries.index("default", [folder], rules=Rules(largest_mebibytes=1, exclude=("guide.md",)))

    def reasons() -> dict[str, str]:
        with libraries.open("default") as library:
            return {row.path.rpartition("/")[2]: row.reason for row in library.files()}

    assert reasons()["long.txt"] == "larger than 1 MB"
    assert libraries.index("default").new_or_changed == 0
    run = libraries.index("default", rules=Rules(largest_mebibytes=2, exclude=("guide.md",)))
    assert (run.new_or_changed, reasons()["long.txt"]) == (1, "")
    run = libraries.index("default", rules=Rules(largest_mebibytes=1, exclude=("guide.md",)))
    assert (run.new_or_changed, reasons()["long.txt"]) == (1, "larger than 1 MB")
    assert run.passages == 1


def test_library_of_before_there_were_rules(libraries: Libraries, folder: Path) -> None:
    libraries.index("default", [folder], rules=Rules(hidden=True))
    directory = libraries.settings.home.libraries / "default"
    assert libraries.info("default").rules == Rules(hidden=True)
    path = directory / "library.json"
    stored = path.read_text()
    without = stored[: stored.index('"rules"')] + stored[stored.index('"instruction"') :]
    path.write_text(without)
    assert libraries.info("default").rules == Rules()
    path.write_text(stored.replace('"include": []', '"include": ["[x"]'))
    with pytest.raises(LibraryDamaged, match="cannot be read"):
        LibraryInfo.read(path)


def test_why(libraries: Libraries, folder: Path, tmp_path: Path) -> None:
    tree(folder, "a.log", ".hidden/b.txt", "new.txt", "drafts/c.txt", "page.html", "d.tmp")
    (folder / "link").symlink_to(tmp_path, target_is_directory=True)
    (folder / "nowhere.txt").symlink_to(tmp_path / "nothing")
    (folder / ".gitignore").write_text("# what is made\n*.log\n")
    rules = Rules(exclude=("drafts/",), include=("*.md", "*.bin", "*.txt"), families_off=("html",))
    (folder / "new.txt").unlink()
    libraries.index("default", [folder], rules=rules)
    (folder / "new.txt").write_text("x")
    with libraries.open("default") as library:
        info, rows = library.info, library.files()

    def of(name: str) -> tuple[Standing, object]:
        answer = why(folder / name, info, rows)
        return answer.standing, answer.left_out or answer.reason

    assert of("guide.md") == (Standing.INDEXED, "")
    assert of("data.bin") == (Standing.SKIPPED, "format not read: bin")
    assert of("new.txt") == (Standing.WAITING, "")
    assert of("sub") == (Standing.FOLDER, "")
    assert of("nowhere.txt") == (Standing.NO_FILE, "")
    assert of("sub/../nothing.txt") == (Standing.MISSING, "")
    assert of("../elsewhere") == (Standing.MISSING, "")
    assert of("..") == (Standing.OUTSIDE, "")
    ignored = LeftOut(f"{folder}/.gitignore, line 2", "*.log")
    assert of("a.log") == (Standing.LEFT_OUT, ignored)
    assert of("drafts/c.txt") == (Standing.LEFT_OUT, LeftOut("exclude", "drafts/"))
    assert of(".hidden/b.txt") == (Standing.LEFT_OUT, LeftOut("hidden"))
    assert of("page.html") == (Standing.LEFT_OUT, LeftOut("families_off", "html"))
    assert of("d.tmp") == (Standing.LEFT_OUT, LeftOut("include", "*.md *.bin *.txt"))
    assert of("link/documents/guide.md") == (Standing.LEFT_OUT, LeftOut("links"))

    (folder / ".gitignore").write_text("guide.md\n")
    answer = why(folder / "guide.md", info, rows)
    assert (answer.standing, answer.row_kept) == (Standing.LEFT_OUT, True)
    way = tmp_path / "way"
    way.symlink_to(folder, target_is_directory=True)
    assert why(way / "sub" / "note.txt", info, rows).standing is Standing.INDEXED
