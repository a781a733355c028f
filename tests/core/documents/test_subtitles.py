"""Subtitles: paragraphs of half a minute to a minute, their times, what is no speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from findling.documents import parse
from findling.errors import ParseError

if TYPE_CHECKING:
    from pathlib import Path

    from findling.documents import Document


@pytest.fixture
def subtitles(parsed):
    return lambda content, name="made.srt": parsed(name, content)


def shown(document: Document) -> list[tuple[str | None, str]]:
    return [(block.anchor.time, block.text) for block in document.blocks]


def test_cues_become_paragraphs_with_the_time_at_which_they_begin(subtitles) -> None:
    def clock(seconds: int) -> str:
        return f"01:{seconds // 60:02}:{seconds % 60:02},500"

    cues = [
        f"{number + 1}\r\n{clock(6 * number)} --> {clock(6 * number + 5)}\r\n<i>Word {number}</i>\r\n"
        f"{{\\an8}}goes on{'.' if number % 2 else ''}\r\n"
        for number in range(20)
    ]
    document = subtitles("\ufeff" + "\r\n".join(cues))
    assert document.kind == "srt"
    assert [time for time, _ in shown(document)] == ["1:00:00", "1:00:36", "1:01:12", "1:01:48"]
    assert shown(document)[0][1].startswith("Word 0 goes on Word 1 goes on. Word 2")
    assert document.text.count("Word") == 20


def test_a_pause_ends_a_paragraph(subtitles) -> None:
    document = subtitles(
        "1\n00:00:01,0 --> 00:00:02,0\nHello\n\n2\n00:12:30,9 --> 00:12:31,0\nBye &amp; thanks\n"
    )
    assert shown(document) == [("0:00:01", "Hello"), ("0:12:30", "Bye & thanks")]


def test_webvtt_without_notes_and_styles_and_with_those_who_speak(subtitles) -> None:
    document = subtitles(
        "WEBVTT - Title\n\nSTYLE\n::cue { color: red }\n\nNOTE not\nsaid\n\nintro\n"
        "00:01.000 --> 00:04.000 line:0 position:20%\n<v.loud Esme>No <c.red>way</c>!</v>\n\nNOTE\nnever\n\n"
        "00:05.000 --> 00:09.000\nNOTE the tides\n- Yes.\n",
        "made.vtt",
    )
    assert shown(document) == [("0:00:01", "Esme: No way! NOTE the tides - Yes.")]


def test_subtitles_that_roll_up_are_said_once(subtitles) -> None:
    cues = [("one", "two"), ("two", "three"), ("three", "four")]
    document = subtitles(
        "".join(
            f"00:00:0{number}.000 --> 00:00:0{number + 1}.000\n{first}\n{second}\n\n"
            for number, (first, second) in enumerate(cues)
        ),
        "made.vtt",
    )
    assert shown(document) == [("0:00:00", "one two three four")]


def test_frames_and_other_times(subtitles) -> None:
    assert shown(subtitles("{1}{1}10\n{600}{610}One|{y:i}two\n", "made.sub")) == [("0:01:00", "One two")]
    long = "9" * 5000
    mad = f"{{600}}{{610}}One\n{{{long}}}{{{long}}}Two\n"
    assert shown(subtitles(mad, "made.sub")) == [("0:00:24", "One")]
    old = "[INFORMATION]\n[TITLE] x\n\n00:00:05.00,00:00:07.00\nOne[br]two\n"
    assert shown(subtitles(old, "made.sub")) == [("0:00:05", "One two")]


def test_text_without_times_is_kept_and_an_empty_file_of_cues_has_no_blocks(subtitles) -> None:
    assert subtitles("Only words.\n\nAnd more.").text == "Only words.\n\nAnd more."
    assert subtitles("WEBVTT\n\nNOTE nothing\n", "made.vtt").blocks == ()


def test_pictures_of_subtitles_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "made.sub"
    path.write_bytes(b"\x00\x00\x01\xba\x44\x00" + bytes(range(256)) * 8)
    with pytest.raises(ParseError):
        parse(path)
