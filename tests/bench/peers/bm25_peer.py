"""The peer of retrieval.py: Lucene's BM25 by bm25s over the same texts, in a venv of its own.

Reads {texts: [str], queries: [str], depth, language} from standard input and writes, for each query, the
places of the best texts. English, German and French are stemmed and lose their stop words; Japanese is cut
into pairs of characters.
"""

from __future__ import annotations

import json
import re
import sys

import bm25s
import Stemmer

_STEMMERS = {"en": "english", "de": "german", "fr": "french"}


def pairs(text: str) -> list[str]:
    """Overlapping pairs of characters of runs that are not ASCII, and ASCII words."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    for run in re.findall(r"[^\W\x00-\x7f]+", text):
        found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
    return found


def main() -> None:
    """Index, ask, write."""
    given = json.load(sys.stdin)
    language = given["language"]
    if language == "ja":
        texts, queries = ([pairs(text) for text in given[name]] for name in ("texts", "queries"))
    else:
        settings = {
            "stemmer": Stemmer.Stemmer(_STEMMERS[language]),
            "stopwords": language,
            "show_progress": False,
            "return_ids": False,
        }
        texts, queries = (bm25s.tokenize(given[name], **settings) for name in ("texts", "queries"))
    index = bm25s.BM25(method="lucene", k1=0.9, b=0.4)
    index.index(texts, show_progress=False)
    depth = min(given["depth"], len(given["texts"]))
    found, scores = index.retrieve(queries, k=depth, show_progress=False)
    kept = [
        [int(place) for place, score in zip(*row, strict=True) if score > 0]
        for row in zip(found, scores, strict=True)
    ]
    json.dump(kept, sys.stdout)


if __name__ == "__main__":
    main()
