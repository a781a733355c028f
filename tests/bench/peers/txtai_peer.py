"""txtai over a folder: its own segmentation into paragraphs, vectors in faiss, words and texts in SQLite.

"make" fills and saves an index; "check" says which paths a query finds, and how many chunks and tokens
were embedded.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

from txtai import Embeddings
from txtai.pipeline.data import Segmentation


def make(task: dict[str, Any]) -> None:
    paragraphs = Segmentation(paragraphs=True)

    def chunks() -> Iterator[tuple[str, str]]:
        for path in sorted(Path(task["folder"]).iterdir()):
            for number, text in enumerate(paragraphs(path.read_text(encoding="utf-8"))):
                yield f"{path}#{number}", text

    embeddings = Embeddings(path=task["directory"], content=True, hybrid=True, gpu=False)
    embeddings.index(chunks())
    embeddings.save(task["place"])


def check(task: dict[str, Any]) -> dict[str, Any]:
    embeddings = Embeddings()
    embeddings.load(task["place"])
    found = [hit["id"].rpartition("#")[0] for hit in embeddings.search(task["query"], 10)]
    texts = [row["text"] for row in embeddings.search("select text from txtai", embeddings.count())]
    model = embeddings.model.model
    encoded = model.tokenizer(texts, truncation=True, max_length=model.maxlength)["input_ids"]
    return {"paths": found, "chunks": len(texts), "tokens": sum(map(len, encoded))}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps({"make": make, "check": check}[given["do"]](given)))
