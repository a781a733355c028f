"""The script that a person would write: sentence-transformers, then a LanceDB table with an index of words.

Its passages are cut already: JSONL of {"path", "text"}. "make" fills the table; "check" says which paths a
query finds, and how many chunks and tokens were embedded.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def make(task: dict[str, Any]) -> None:
    import lancedb
    import torch
    from lancedb.index import FTS
    from sentence_transformers import SentenceTransformer

    with Path(task["passages"]).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    options = {"dtype": getattr(torch, task["dtype"])} if task["dtype"] else {}
    model = SentenceTransformer(task["directory"], device="cpu", model_kwargs=options)
    vectors = model.encode([row["text"] for row in rows], show_progress_bar=False)
    for row, vector in zip(rows, vectors, strict=True):
        row["vector"] = vector
    table = lancedb.connect(task["place"]).create_table("passages", rows)
    table.create_index("text", config=FTS())


def check(task: dict[str, Any]) -> dict[str, Any]:
    import lancedb
    from sentence_transformers import SentenceTransformer

    table = lancedb.connect(task["place"]).open_table("passages")
    model = SentenceTransformer(task["directory"], device="cpu")
    query = table.search(query_type="hybrid").vector(model.encode(task["query"])).text(task["query"])
    texts = table.to_arrow().column("text").to_pylist()
    lengths = [len(ids) for ids in model.tokenizer(texts, truncation=True, max_length=256)["input_ids"]]
    paths = [row["path"] for row in query.limit(10).to_list()]
    return {"paths": paths, "chunks": len(texts), "tokens": sum(lengths)}


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps({"make": make, "check": check}[given["do"]](given)))
