"""The catalogue: its entries are sound, and are found."""

from __future__ import annotations

import re

import pytest

from findling.errors import ModelNotFound, UserError
from findling.models import BUILTIN_EMBEDDERS, Kind
from findling.models.catalogue import CATALOGUE, CatalogueEntry, catalogue_entry, unlisted

ENTRIES = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.id)


@ENTRIES
def test_an_entry_is_sound(entry: CatalogueEntry) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}", entry.id)
    assert entry.id not in BUILTIN_EMBEDDERS
    assert entry.repo.count("/") == 1
    assert entry.licence
    assert entry.languages
    assert 10_000_000 < entry.size_bytes < entry.memory_mebibytes * 2**20 * 1.1
    assert any(not file.optional for file in entry.files)
    for file in entry.files:
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert hash(entry)


@ENTRIES
def test_an_embedder_has_what_its_card_needs(entry: CatalogueEntry) -> None:
    embeds = entry.kind is Kind.EMBEDDER
    assert bool(entry.dim) is bool(entry.pooling) is embeds
    assert bool(entry.max_tokens) is (entry.kind is not Kind.GENERATOR)
    assert bool(entry.instruction) is ("{instruction}" in entry.query_prefix)


def test_templates_are_byte_exact() -> None:
    qwen, mistral = CATALOGUE["qwen3-embedding-0.6b"], CATALOGUE["e5-mistral-7b-instruct"]
    assert qwen.query_prefix == "Instruct: {instruction}\nQuery:"
    assert mistral.query_prefix == "Instruct: {instruction}\nQuery: "
    assert CATALOGUE["multilingual-e5-small"].document_prefix == "passage: "


def test_only_the_gemma_is_gated() -> None:
    assert [entry.id for entry in CATALOGUE.values() if entry.gated] == ["embeddinggemma-300m"]
    assert CATALOGUE["embeddinggemma-300m"].licence == "Gemma"


@pytest.mark.parametrize("name", ["bge-m3", "BGE-M3", " baai/bge-m3 "])
def test_an_entry_is_found_by_id_and_by_repository(name: str) -> None:
    assert catalogue_entry(name) is CATALOGUE["bge-m3"]


@pytest.mark.parametrize(
    ("name", "hint"), [("qwen3-embeding", "Did you mean 'qwen3-embedding-0.6b'?"), ("zz", "It has: ")]
)
def test_an_unknown_id_is_answered_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        catalogue_entry(name)
    assert caught.value.hint.startswith(hint)


def test_any_repository_can_be_an_entry() -> None:
    entry = unlisted("Publisher/Some_Model", "v1")
    assert (entry.id, entry.repo, entry.revision) == ("some_model", "Publisher/Some_Model", "v1")


@pytest.mark.parametrize("repo", ["name", "a/b/c", "../etc/x", "a/..", "a b/c", "https://a/b"])
def test_what_is_no_repository_is_refused(repo: str) -> None:
    with pytest.raises(UserError):
        unlisted(repo)
