"""How well text in pictures is recognised: known text drawn as a scan, and read again.

Pages of A4 at 200 dpi in English, German and French, as a PDF of pictures and as PNG, by every engine that is
there. The error is the edit distance to what was drawn in characters, runs of white space counting as one, as
a share of its length. A page of two columns has to come in their order to do well.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import heading, table
from measured import Peak
from PIL import Image, ImageDraw, ImageFont

from findling.documents import Recognizer, parse
from findling.documents.recognition import engines

DPI = 200
A4 = (1654, 2339)  # pixels
MARGIN = 160
FONTS = Path("/usr/share/fonts/truetype/dejavu")
TEXTS = {
    "en": """
        The winter of that year came early to the pass and stayed until the last week of May, so that the
        surveyors could not reach the upper glacier at all. They had brought 14 barometers, 3 of them broken,
        and enough dried fish for a siege. "Nobody will thank us for it," wrote the eldest, and he was right.
        Between 1871 and 1874 the village lost a third of its pasture to the ice; what was left (about 620
        acres) was shared out anew, by lot, under the eyes of the parish clerk. Quarrels followed, as quarrels
        do, and were settled with cheese.
        """,
    "de": """
        Über die Höhe der Gebühren entschied die Bürgerversammlung erst im März, nachdem der Bürgermeister
        zweimal vergeblich um Aufschub gebeten hatte. Das größte Ärgernis blieb jedoch die Straße: 2.300 Meter
        Schotter, an vielen Stellen unterspült, „ein Wunder, dass dort noch niemand zu Tode kam“. Für Übungen
        der Feuerwehr wurden 85 % der Mittel gestrichen. Wer Möbel, Öfen oder Mühlsteine liefern wollte,
        musste den Umweg über das Moor nehmen; die Äcker dahinter lagen jahrelang brach.
        """,
    "fr": """
        L’été dernier, l’élève a reçu ça : une boîte en chêne, où dormaient quelques lettres brûlées et un
        cœur de verre. À Noël, sa grand-mère lui avoua que le coffret venait d’un hôtel près de la gare, fermé
        dès 1932 ; elle y travaillait comme femme de chambre. « Garde-le, dit-elle, mais ne l’ouvre jamais
        après minuit. » Il n’en fit rien, évidemment, et c’est ainsi que naquit la légende qu’on raconte
        encore aujourd’hui au café des pêcheurs, entre août et octobre.
        """,
}


@dataclass(frozen=True)
class Page:
    """What is drawn: `points` is the size of the letters."""

    language: str
    font: str
    points: float
    columns: int = 1


PAGES = (
    *(Page(language, "DejaVuSerif.ttf", 11) for language in TEXTS),
    *(Page(language, "DejaVuSans.ttf", 8) for language in TEXTS),
    Page("en", "DejaVuSerif.ttf", 10, columns=2),
)


def drawn(page: Page, text: str) -> tuple[Image.Image, str]:
    """A picture full of the text, again and again, and what stands on it."""
    picture = Image.new("L", A4, 255)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(FONTS / page.font), page.points * DPI / 72)
    gap = 80 * (page.columns - 1)
    width = (A4[0] - 2 * MARGIN - gap) / page.columns
    pitch = round(1.45 * page.points * DPI / 72)
    words = text.split()
    shown: list[str] = []
    at = 0
    for column in range(page.columns):
        left = MARGIN + column * (width + gap)
        for top in range(MARGIN, A4[1] - MARGIN - pitch, pitch):
            line = words[at % len(words)]
            at += 1
            while pen.textlength(f"{line} {words[at % len(words)]}", font=font) <= width:
                line += f" {words[at % len(words)]}"
                at += 1
            pen.text((left, top), line, font=font, fill=0)
            shown.append(line)
    return picture, " ".join(shown)


def distance(one: str, other: str) -> int:
    """Levenshtein's."""
    letters = np.array([ord(letter) for letter in other])
    places = np.arange(len(other) + 1)
    row = places
    for number, letter in enumerate(one, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)))
        best = np.concatenate(([number], best))
        row = np.minimum.accumulate(best - places) + places
    return int(row[-1])


@dataclass(frozen=True)
class Result:
    """What came of a page."""

    what: str
    characters: int
    wrong: int
    seconds: float


def measured(engine: str, place: Path) -> list[Result]:
    """Of every page as PDF and as PNG."""
    found: list[Result] = []
    with Recognizer(engine=engine, languages=tuple(TEXTS), limit_seconds=300) as recognizer:
        for page in PAGES:
            picture, shown = drawn(page, TEXTS[page.language])
            for path in (place / "page.pdf", place / "page.png"):
                picture.save(path, resolution=DPI)
                document = parse(path)
                began = time.monotonic()
                read = recognizer.document(path, document, "0")
                seconds = time.monotonic() - began
                wrong = distance(" ".join(read.text.split()), shown)
                what = f"{page.language}, {page.points} pt, {page.columns} col., {path.suffix[1:]}"
                found.append(Result(what, len(shown), wrong, seconds))
    return found


def main() -> None:
    """Print the tables."""
    heading("Text recognition")
    rows: list[tuple[object, ...]] = []
    sums: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for engine in engines():
            peak = Peak()
            peak.start()
            found = measured(engine, Path(temporary))
            peak.stop()
            rows += [
                (engine, each.what, each.characters, f"{each.wrong / each.characters:.2%}", each.seconds)
                for each in found
            ]
            error = sum(each.wrong for each in found) / sum(each.characters for each in found)
            seconds = sum(each.seconds for each in found) / len(found)
            sums.append((engine, len(found), f"{error:.2%}", seconds, peak.mebibytes))
    table(("engine", "page", "characters", "error", "seconds"), rows)
    table(("engine", "pages", "error", "seconds a page", "peak MiB"), sums)


if __name__ == "__main__":
    main()
