"""Subtitles (SubRip, WebVTT, SubViewer, MicroDVD), line by line: they are too simple for a library."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from findling.documents.cleaning import clean, flow, made
from findling.documents.model import Anchor, Block, BlockKind
from findling.documents.parsers.plain import decode, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from findling.documents.model import Document

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d\d)[.,:](\d+)"
_TIMES = re.compile(rf"\s*{_TIME}\s*(?:-->|,)\s*{_TIME}")
_FRAMES = re.compile(r"\{(\d{1,9})\}\{(\d{1,9})\}(.*)")
_FRAMES_PER_SECOND = 25.0
#: Blocks of WebVTT and headers of SubViewer that are no speech.
_NO_CUE = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION|\[[A-Z ]+\])")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_MARKS = re.compile(r"</?[A-Za-z0-9][^<>]*>|\{(?:\\|[A-Za-z]:)[^{}]*\}")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)]*\Z")
#: A paragraph ends with the first sentence after so many seconds, at the latest after so many, and where
#: nothing is said for so many.
_ENOUGH, _MOST, _PAUSE = 30.0, 60.0, 10.0


@dataclass(frozen=True, slots=True)
class _Cue:
    begin: float  # seconds
    end: float
    text: str


def parse(path: Path) -> Document:
    """Read subtitles: what is said in half a minute to a minute is one paragraph, anchored by its time."""
    text = clean(decode(path.read_bytes()))
    cues = list(_cues(text))
    if not cues:
        return made("srt", "", paragraphs(text) if not _NO_CUE.match(text) else [])
    return made("srt", "", _paragraphs(cues))


def _cues(text: str) -> Iterator[_Cue]:
    """What is said, cue by cue; numbers and names of cues stand before their time and are left out."""
    lines = text.split("\n")
    timed = [(number, match) for number, line in enumerate(lines) if (match := _TIMES.match(line))]
    for index, (number, match) in enumerate(timed):
        stop = timed[index + 1][0] if index + 1 < len(timed) else len(lines)
        said: list[str] = []
        for line in lines[number + 1 : stop]:
            if not line.strip() and (said or _NO_CUE.match(line)):
                break
            said.append(line)
        yield _Cue(_seconds(*match.groups()[:4]), _seconds(*match.groups()[4:]), _plain(said))
    if not timed:
        yield from _by_frames(lines)


def _by_frames(lines: list[str]) -> Iterator[_Cue]:
    """MicroDVD: frames instead of times; the first line may say how many there are in a second."""
    rate = _FRAMES_PER_SECOND
    for match in filter(None, map(_FRAMES.match, lines)):
        if match[1] == match[2] and (given := _rate(match[3])):
            rate = given
        else:
            yield _Cue(int(match[1]) / rate, int(match[2]) / rate, _plain(match[3].split("|")))


def _rate(text: str) -> float:
    return float(text) if re.fullmatch(r"\d{2,3}(?:\.\d{1,6})?", text) else 0.0


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _plain(lines: list[str]) -> str:
    """Lines without marks; who speaks stands before what is said."""
    text = _VOICE.sub(r"\1: ", "\n".join(lines)).replace("[br]", "\n")
    return html.unescape(_MARKS.sub("", text)).strip()


def _paragraphs(cues: list[_Cue]) -> Iterator[Block]:
    held: list[str] = []
    begin = end = 0.0
    last = ""
    for cue in cues:
        length = end - begin
        is_full = length >= _MOST or (length >= _ENOUGH and _SENTENCE_END.search(held[-1] if held else ""))
        if held and (is_full or cue.begin - end > _PAUSE or cue.begin < begin):
            yield _block(begin, held)
            held = []
        lines = [line for each in cue.text.split("\n") if (line := flow(each))]
        if lines and lines[0] == last:  # subtitles that roll up show each line twice
            lines = lines[1:]
        if lines:
            begin = begin if held else cue.begin
            held.extend(lines)
            last = lines[-1]
        end = cue.end
    if held:
        yield _block(begin, held)


def _block(begin: float, lines: list[str]) -> Block:
    minutes, seconds = divmod(int(begin), 60)
    time = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return Block(BlockKind.PARAGRAPH, " ".join(lines), Anchor(time=time))
