"""The catalogue: models that can be downloaded, as plain data, known without a connection.

Figures are the publishers' own, rounded. `revision` is "main" and `sha256` is None throughout: none could be
checked against the hub when this was written. What is received is then checked against the sha256 (git blob
sha1 for small files) that the hub itself states for the commit.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from findling.errors import ModelNotFound, UserError
from findling.models.card import Kind, Pooling

#: Code of ISO 639-2 for "many languages".
MANY_LANGUAGES = ("mul",)

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A file of a repository, or a pattern for several: `*` stands for any text without "/".

    One that is not `optional` must be there. It is left out where a file matches `unless`. `sha256` is
    hexadecimal, and None where the hub's own statement is the check.
    """

    name: str
    sha256: str | None = None
    optional: bool = False
    unless: str = ""


#: What a transformers or sentence-transformers directory needs; pickled weights only where no others are.
TRANSFORMERS_FILES = (
    CatalogueFile("config.json"),
    CatalogueFile("tokenizer.json"),
    CatalogueFile("model.safetensors", optional=True),
    CatalogueFile("model-*.safetensors", optional=True),
    CatalogueFile("model.safetensors.index.json", optional=True),
    CatalogueFile("pytorch_model*.bin", unless="model*.safetensors"),
    CatalogueFile("pytorch_model.bin.index.json", optional=True, unless="model*.safetensors"),
    CatalogueFile("tokenizer_config.json", optional=True),
    CatalogueFile("special_tokens_map.json", optional=True),
    CatalogueFile("added_tokens.json", optional=True),
    CatalogueFile("modules.json", optional=True),
    CatalogueFile("sentence_bert_config.json", optional=True),
    CatalogueFile("config_sentence_transformers.json", optional=True),
    CatalogueFile("?_*/config.json", optional=True),
    CatalogueFile("?_*/model.safetensors", optional=True),
    CatalogueFile("LICENSE*", optional=True),
)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model on the hub.

    `repo` at `revision` (a commit, a branch or a tag) holds `files`, `size_bytes` in all, approximately.
    `memory_mebibytes` is what it takes while it runs, approximately: an embedder's or a reranker's fp32 graph
    and a fifth more; a generator's file and a context of 4,096 tokens. `gated`: the publisher wants the
    licence accepted on the hub first. The fields from `dim` on are those of `ModelCard`, for an embedder; a
    reranker has `max_tokens` alone. Rerankers are BERTs and RoBERTas: graphs of others cannot be built here.
    """

    id: str
    kind: Kind
    name: str
    repo: str
    files: tuple[CatalogueFile, ...]
    size_bytes: int
    memory_mebibytes: int
    licence: str
    languages: tuple[str, ...]
    revision: str = "main"
    gated: bool = False
    dim: int = 0
    max_tokens: int = 0
    pooling: Pooling | None = None
    query_prefix: str = ""
    document_prefix: str = ""
    instruction: str = ""
    eos: str = ""


_WEB_SEARCH = "Given a web search query, retrieve relevant passages that answer the query"


def _generator(name: str, repo: str, file: str, size_bytes: int, memory_mebibytes: int) -> CatalogueEntry:
    return CatalogueEntry(
        id=name.lower(),
        kind=Kind.GENERATOR,
        name=name,
        repo=repo,
        files=(CatalogueFile(file), CatalogueFile("LICENSE*", optional=True)),
        size_bytes=size_bytes,
        memory_mebibytes=memory_mebibytes,
        licence="Apache-2.0",
        languages=MANY_LANGUAGES if name.startswith("Qwen") else ("en",),
    )


CATALOGUE = {
    entry.id: entry
    for entry in (
        CatalogueEntry(
            id="qwen3-embedding-0.6b",
            kind=Kind.EMBEDDER,
            name="Qwen3-Embedding-0.6B",
            repo="Qwen/Qwen3-Embedding-0.6B",
            files=TRANSFORMERS_FILES,
            size_bytes=1_203_000_000,
            memory_mebibytes=2_730,
            licence="Apache-2.0",
            languages=MANY_LANGUAGES,
            dim=1024,
            max_tokens=32_768,
            pooling=Pooling.LAST_TOKEN,
            query_prefix="Instruct: {instruction}\nQuery:",  # no space, as in the publisher's code
            instruction=_WEB_SEARCH,
            eos="<|endoftext|>",
        ),
        CatalogueEntry(
            id="embeddinggemma-300m",
            kind=Kind.EMBEDDER,
            name="EmbeddingGemma-300M",
            repo="google/embeddinggemma-300m",
            files=TRANSFORMERS_FILES,
            size_bytes=1_264_000_000,
            memory_mebibytes=1_420,
            licence="Gemma",
            languages=MANY_LANGUAGES,
            gated=True,
            dim=768,
            max_tokens=2_048,
            pooling=Pooling.MEAN,
            query_prefix="task: search result | query: ",
            document_prefix="title: none | text: ",
        ),
        CatalogueEntry(
            id="multilingual-e5-small",
            kind=Kind.EMBEDDER,
            name="multilingual-e5-small",
            repo="intfloat/multilingual-e5-small",
            files=TRANSFORMERS_FILES,
            size_bytes=488_000_000,
            memory_mebibytes=540,
            licence="MIT",
            languages=MANY_LANGUAGES,
            dim=384,
            max_tokens=512,
            pooling=Pooling.MEAN,
            query_prefix="query: ",
            document_prefix="passage: ",
        ),
        CatalogueEntry(
            id="bge-m3",
            kind=Kind.EMBEDDER,
            name="bge-m3",
            repo="BAAI/bge-m3",
            files=TRANSFORMERS_FILES,
            size_bytes=2_288_000_000,
            memory_mebibytes=2_600,
            licence="MIT",
            languages=MANY_LANGUAGES,
            dim=1024,
            max_tokens=8_192,
            pooling=Pooling.CLS,
        ),
        CatalogueEntry(
            id="e5-mistral-7b-instruct",
            kind=Kind.EMBEDDER,
            name="e5-mistral-7b-instruct",
            repo="intfloat/e5-mistral-7b-instruct",
            files=TRANSFORMERS_FILES,
            size_bytes=14_220_000_000,
            memory_mebibytes=32_550,
            licence="MIT",
            languages=("en",),
            dim=4096,
            max_tokens=4_096,
            pooling=Pooling.LAST_TOKEN,
            query_prefix="Instruct: {instruction}\nQuery: ",
            instruction=_WEB_SEARCH,
            eos="</s>",
        ),
        CatalogueEntry(
            id="ms-marco-minilm-l6-v2",
            kind=Kind.RERANKER,
            name="ms-marco-MiniLM-L6-v2",
            repo="cross-encoder/ms-marco-MiniLM-L6-v2",
            files=TRANSFORMERS_FILES,
            size_bytes=92_000_000,
            memory_mebibytes=110,
            licence="Apache-2.0",
            languages=("en",),
            max_tokens=512,
        ),
        CatalogueEntry(
            id="ms-marco-minilm-l12-v2",
            kind=Kind.RERANKER,
            name="ms-marco-MiniLM-L12-v2",
            repo="cross-encoder/ms-marco-MiniLM-L12-v2",
            files=TRANSFORMERS_FILES,
            size_bytes=134_000_000,
            memory_mebibytes=155,
            licence="Apache-2.0",
            languages=("en",),
            max_tokens=512,
        ),
        CatalogueEntry(
            id="mmarco-mminilmv2-l12-h384-v1",
            kind=Kind.RERANKER,
            name="mmarco-mMiniLMv2-L12-H384-v1",
            repo="cross-encoder/mmarco-mMiniLMv2-L12-H384-v1",
            files=TRANSFORMERS_FILES,
            size_bytes=488_000_000,
            memory_mebibytes=540,
            licence="Apache-2.0",
            languages=MANY_LANGUAGES,
            max_tokens=512,
        ),
        CatalogueEntry(
            id="bge-reranker-base",
            kind=Kind.RERANKER,
            name="bge-reranker-base",
            repo="BAAI/bge-reranker-base",
            files=TRANSFORMERS_FILES,
            size_bytes=1_129_000_000,
            memory_mebibytes=1_270,
            licence="MIT",
            languages=("zh", "en"),
            max_tokens=512,
        ),
        _generator("Qwen3-0.6B", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", 639_000_000, 1_200),
        _generator("Qwen3-1.7B", "Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf", 1_834_000_000, 2_300),
        _generator(
            "Qwen3-4B-Instruct-2507",
            "unsloth/Qwen3-4B-Instruct-2507-GGUF",
            "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            2_497_000_000,
            3_100,
        ),
        _generator(
            "SmolLM2-360M-Instruct",
            "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
            "smollm2-360m-instruct-q8_0.gguf",
            386_000_000,
            600,
        ),
        _generator(
            "SmolLM2-1.7B-Instruct",
            "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
            "smollm2-1.7b-instruct-q4_k_m.gguf",
            1_056_000_000,
            1_900,
        ),
    )
}


def catalogue_entry(model_id: str) -> CatalogueEntry:
    """The entry of that id, in any case of letters, or of that repository.

    Raises `ModelNotFound`, with the nearest id.
    """
    wanted = model_id.strip().lower()
    for entry in CATALOGUE.values():
        if wanted in (entry.id, entry.repo.lower()):
            return entry
    close = difflib.get_close_matches(wanted, CATALOGUE, n=1)
    raise ModelNotFound(
        f"The catalogue has no model {model_id!r}.",
        f"Did you mean {close[0]!r}?" if close else f"It has: {', '.join(CATALOGUE)}.",
    )


def downloadable(source: str) -> CatalogueEntry:
    """The entry of that id or repository, or one made for a repository that is not listed.

    Raises `ModelNotFound` for what is neither, with the nearest id.
    """
    try:
        return catalogue_entry(source)
    except ModelNotFound:
        if _REPOSITORY.fullmatch(source):
            return unlisted(source)
        raise


def unlisted(repo: str, revision: str = "main") -> CatalogueEntry:
    """An entry for any embedder's repository in transformers layout; what only a card can say is empty.

    Raises `UserError` for what cannot be a repository.
    """
    if not _REPOSITORY.fullmatch(repo):
        raise UserError(f"{repo!r} is no repository of the hub.", "Give it as PUBLISHER/NAME.")
    return CatalogueEntry(
        id=repo.rpartition("/")[2].lower(),
        kind=Kind.EMBEDDER,
        name=repo.rpartition("/")[2],
        repo=repo,
        files=TRANSFORMERS_FILES,
        size_bytes=0,
        memory_mebibytes=0,
        licence="",
        languages=(),
        revision=revision,
    )
