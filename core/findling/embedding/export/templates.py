"""What known families of embedders want before and after a text, byte for byte.

A wrong space costs several points of nDCG and is seen in no error. Each entry names where it is from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from findling.models import Pooling

#: e5-mistral's instruction for web search, which Qwen3-Embedding's model card uses too.
RETRIEVAL_INSTRUCTION = "Given a web search query, retrieve relevant passages that answer the query"


@dataclass(frozen=True, slots=True)
class Template:
    """The texts around a query and a document, the pooling and the final token; "" or None where a family
    leaves it to the model. `{instruction}` in `query_prefix` stands for the task. `untuned`: a decoder of
    the family is a language model and no embedder. `matryoshka` are the dimensions that its vectors were
    trained to be cut off at."""

    family: str
    query_prefix: str = ""
    document_prefix: str = ""
    instruction: str = ""
    eos: str = ""
    pooling: Pooling | None = None
    untuned: bool = False
    matryoshka: tuple[int, ...] = ()


#: A pattern of the model's name, and its template; the first that is found counts.
_KNOWN: tuple[tuple[str, Template], ...] = (
    (
        # Qwen/Qwen3-Embedding-0.6B: get_detailed_instruct and config_sentence_transformers.json; no space.
        r"qwen3-embedding",
        Template(
            "Qwen3-Embedding",
            query_prefix="Instruct: {instruction}\nQuery:",
            instruction=RETRIEVAL_INSTRUCTION,
            eos="<|endoftext|>",
            pooling=Pooling.LAST_TOKEN,
            matryoshka=(128, 256, 512, 1024),  # its model card: any length from 32 on
        ),
    ),
    (
        # intfloat/e5-mistral-7b-instruct: get_detailed_instruct; with a space, and </s> at the end.
        r"e5-mistral|sfr-embedding|linq-embed-mistral",
        Template(
            "e5-mistral",
            query_prefix="Instruct: {instruction}\nQuery: ",
            instruction=RETRIEVAL_INSTRUCTION,
            eos="</s>",
            pooling=Pooling.LAST_TOKEN,
        ),
    ),
    (
        # intfloat/multilingual-e5-large-instruct: instruction for queries alone, mean pooling.
        r"multilingual-e5-[a-z]+-instruct",
        Template(
            "multilingual-e5-instruct",
            query_prefix="Instruct: {instruction}\nQuery: ",
            instruction=RETRIEVAL_INSTRUCTION,
            pooling=Pooling.MEAN,
        ),
    ),
    (
        # intfloat/e5-*, intfloat/multilingual-e5-*: "query: " and "passage: ", mean pooling.
        r"(^|[/_-])e5-(small|base|large)",
        Template("e5", query_prefix="query: ", document_prefix="passage: ", pooling=Pooling.MEAN),
    ),
    # BAAI/bge-m3: no instruction, CLS.
    (r"bge-m3", Template("bge-m3", pooling=Pooling.CLS)),
    (
        # BAAI/bge-*-en(-v1.5): an instruction for queries alone, CLS.
        r"bge-(small|base|large)-en",
        Template(
            "bge-en",
            query_prefix="Represent this sentence for searching relevant passages: ",
            pooling=Pooling.CLS,
        ),
    ),
    (
        # google/embeddinggemma-300m: config_sentence_transformers.json.
        r"embeddinggemma",
        Template(
            "embeddinggemma",
            query_prefix="task: search result | query: ",
            document_prefix="title: none | text: ",
            pooling=Pooling.MEAN,
            matryoshka=(128, 256, 512, 768),
        ),
    ),
    # sentence-transformers/all-MiniLM-*, all-mpnet-*: nothing.
    (
        r"all-minilm|all-mpnet|paraphrase-multilingual",
        Template("sentence-transformers", pooling=Pooling.MEAN),
    ),
    (
        # A language model and no embedder: e5-mistral's template, to be learned in tuning. Pooling was
        # chosen by tests/bench/export.py.
        r"smollm2",
        Template(
            "SmolLM2",
            query_prefix="Instruct: {instruction}\nQuery: ",
            instruction=RETRIEVAL_INSTRUCTION,
            pooling=Pooling.WEIGHTED_MEAN,
            untuned=True,
        ),
    ),
)


def template_of(*names: str) -> Template:
    """The template of the first name (id, directory, base) that belongs to a known family, else an empty
    one of the family ""."""
    for name in names:
        for pattern, template in _KNOWN:
            if re.search(pattern, name, re.IGNORECASE):
                return template
    return Template("", untuned=True)
