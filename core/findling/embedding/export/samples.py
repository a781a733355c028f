"""Texts that come with Findling: probes to compare two forms of a model with, and a sample to centre by."""

from __future__ import annotations

from pathlib import Path

import findling

#: Short and long, several scripts, figures, odd characters; the last is cut off by any model.
PROBES = (
    "How do I reset the alarm?",
    "The committee approved the minutes of 14 March without changes.",
    "x",
    "Der Antrag wurde mit drei Gegenstimmen abgelehnt; die Frist läuft am 30. September ab.",
    "flow past a blunt body at mach 8.2, with a bow shock standing off by 0.3 radii",
    "Veuillez fermer les fenêtres avant de quitter la salle nº 12.",
    "東京の天気は晴れです。明日は雨が降るでしょう。",
    "Счёт № 4711 оплачен 3 апреля.",
    "def read(path): return path.read_text(encoding='utf-8')  # tabs\tand\nlines",
    "  \n\t ",
    "🏔️ ½ ‰ €1,299.00 — “quoted” … ﬁn",
    "Each rope is inspected before the season and after every lightning strike. " * 4,
    "Passages of this length are what an index is made of: several sentences of one section, with the "
    "heading of that section before them, so that a reader who opens the hit knows where she is. " * 3,
    "one two three four five six seven eight nine ten " * 600,
)

#: Shorter paragraphs are headings, dates, signatures.
_SHORTEST_CHARACTERS = 80


def paragraphs() -> list[str]:
    """Paragraphs of the sample library's text files, in a fixed order; about 130 in three languages."""
    root = Path(findling.__file__).parent / "sample_library"
    texts: list[str] = []
    for path in sorted(root.rglob("*")):
        if path.suffix in (".md", ".txt"):
            parts = path.read_text(encoding="utf-8").split("\n\n")
            texts += [text for part in parts if len(text := part.strip()) >= _SHORTEST_CHARACTERS]
    return texts
