"""Generators: found by id and by path, described by their files, refused when cut off or of another kind."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import struct
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from findling.errors import Cancelled, DiskFull, ModelDamaged, ModelNotFound, PlaceNotWritable, UserError
from findling.jobs import CancelToken, Progress
from findling.models import GeneratorCard, InstalledModels, Kind, ModelCard, Pooling, Style
from findling.models.generators import (
    State,
    add_generator,
    card_of,
    generator,
    generators,
    remove_generator,
)
from findling.models.gguf import read_header
from findling.models.installed import seal
from findling.settings import Home, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., None]

BUILT_IN = "smollm2-135m"
METADATA: dict[str, Any] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "Tiny Writer",
    "general.license": "mit",
    "general.languages": ["en", "de"],
    "general.base_model.0.repo_url": "https://huggingface.co/publisher/tiny-base",
    "llama.context_length": 2048,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": [f"word{number}" for number in range(100)],
    "tokenizer.ggml.token_type": [1] * 100,
}
TENSORS = {
    "token_embd.weight": (0, b"\1" * 4 * 7 * 8, (7, 8)),
    "output_norm.weight": (8, b"\2" * 34 * 2, (2, 32)),
}


@pytest.fixture
def bare(tmp_path: Path) -> Settings:
    """Settings of a home where nothing is."""
    return Settings(Home.at(tmp_path / "home"))


@pytest.fixture
def models(bare: Settings) -> InstalledModels:
    return InstalledModels(bare.home.models)


@pytest.fixture
def tiny(write_gguf: Write, tmp_path: Path) -> Path:
    """A whole file without sense."""
    path = tmp_path / "Tiny Writer.Q8_0.gguf"
    write_gguf(path, METADATA, TENSORS)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def install_embedder(models: InstalledModels, model_id: str) -> None:
    with models.installing(model_id) as place:
        (place / "model.onnx").write_bytes(b"graph")
        (place / "tokenizer.json").write_bytes(b"{}")
        seal(ModelCard(model_id, model_id, "", 8, 32, Pooling.MEAN, weights="0"), place)


def test_the_built_in_one_is_used_where_it_lies(bare: Settings) -> None:
    found = generator(bare, BUILT_IN)
    card = found.card
    assert (card.id, card.name, card.licence) == (BUILT_IN, "SmolLM2-135M-Instruct", "Apache-2.0")
    assert (card.kind, card.style, card.languages) == (Kind.GENERATOR, "completion", ("en",))
    assert (card.parameters, card.context_tokens, card.has_chat_template) == (134_515_008, 8192, True)
    assert (found.state, found.path.name) == (State.BUILT_IN, card.file)
    assert found.size_bytes() == read_header(found.path).needed_bytes
    found.verify()
    assert generators(bare) == [found]
    assert not bare.home.models.exists()


def test_the_built_in_one_is_there_beside_an_embedder_made_of_it(
    bare: Settings, models: InstalledModels
) -> None:
    install_embedder(models, BUILT_IN)
    assert generator(bare, BUILT_IN).state is State.BUILT_IN
    assert models.get(BUILT_IN).card.kind is Kind.EMBEDDER


def test_a_copy_that_was_cut_off_is_noticed_wherever_that_was(bare: Settings, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    shutil.copyfile(generator(bare, BUILT_IN).path, path)
    assert generator(bare, str(path)).card.parameters == 134_515_008
    size = path.stat().st_size
    for length in (size - 1, size // 2, 2_000_000, 1_000_000, 5000, 30, 3, 0):
        os.truncate(path, length)
        with pytest.raises(ModelDamaged, match=r"cut\.gguf .*(is cut off|is no GGUF file)"):
            generator(bare, str(path))
        with pytest.raises(ModelDamaged):
            add_generator(bare, str(path))
    assert not bare.home.models.exists()


def test_every_beginning_of_a_file_is_refused_and_no_altered_byte_breaks_the_reader(tiny: Path) -> None:
    whole = tiny.read_bytes()
    assert card_of(tiny).parameters == 7 * 8 + 2 * 32
    needed = read_header(tiny).needed_bytes
    assert len(whole) - needed < 32
    for length in range(needed):
        tiny.write_bytes(whole[:length])
        with pytest.raises(ModelDamaged):
            card_of(tiny)
    for place in range(needed - 300):
        tiny.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            card_of(tiny)
        except UserError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017


@pytest.mark.parametrize(
    ("version", "words"), [(1, "of version 1"), (4, "of version 4"), (3 << 24, "big-endian")]
)
def test_files_that_llama_cpp_does_not_read_are_refused(tiny: Path, version: int, words: str) -> None:
    whole = tiny.read_bytes()
    tiny.write_bytes(whole[:4] + struct.pack("<I", version) + whole[8:])
    with pytest.raises(UserError, match=words):
        card_of(tiny)
    tiny.write_bytes(whole[:4] + struct.pack("<I", 2) + whole[8:])
    assert card_of(tiny).name == "Tiny Writer"


def test_a_file_says_what_it_is(tiny: Path, bare: Settings, write_gguf: Write) -> None:
    found = generator(bare, str(tiny))
    assert (found.path, found.state) == (tiny, State.FILE)
    assert found.card == GeneratorCard(
        id="tiny-writer.q8_0",
        name="Tiny Writer",
        base="publisher/tiny-base",
        file=tiny.name,
        context_tokens=2048,
        parameters=7 * 8 + 2 * 32,
        style=Style.COMPLETION,
        has_chat_template=True,
        licence="mit",
        languages=("en", "de"),
        provenance={"file": str(tiny)},
    )
    write_gguf(tiny, {"general.architecture": "gpt2", "gpt2.context_length": 7}, TENSORS)
    card = card_of(tiny)
    assert (card.name, card.base, card.languages, card.licence) == (tiny.stem, tiny.stem, (), "")
    write_gguf(tiny, {"general.architecture": "gpt2"}, TENSORS)
    with pytest.raises(ModelDamaged, match="how long"):
        card_of(tiny)


@pytest.mark.parametrize(
    ("parameters", "template", "style"),
    [
        (3_000_000_000, "{{ x }}", "chat"),
        (3_000_000_000, "", "completion"),
        (2_999_999_872, "{{ x }}", "completion"),
    ],
)
def test_large_models_with_a_chat_template_are_talked_to(
    write_gguf: Write, tmp_path: Path, parameters: int, template: str, style: str
) -> None:
    path = tmp_path / "large.gguf"
    one_bit = 41  # blocks of 128 in 18 bytes
    metadata = {**METADATA, "tokenizer.chat_template": template}
    write_gguf(path, metadata, {"token_embd.weight": (one_bit, b"", (parameters // 128, 128))})
    os.truncate(path, path.stat().st_size + parameters // 128 * 18)  # a hole, which takes no space
    assert (card_of(path).style, card_of(path).parameters) == (style, parameters)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("bge.gguf", {"general.architecture": "bert", "bert.context_length": 512}, "writes no text.*'bert'"),
        ("nomic.gguf", {"general.architecture": "nomic-bert-moe"}, "writes no text"),
        ("t5.gguf", {"general.architecture": "t5"}, "writes no text"),
        ("qwen3-embedding.gguf", {"llama.pooling_type": 3}, "writes no text"),
        ("both-ways.gguf", {"llama.attention.causal": False}, "writes no text"),
        ("eyes.gguf", {"general.architecture": "clip"}, "looks at pictures"),
        ("mmproj-tiny-f16.gguf", {}, "looks at pictures"),
        ("lora.gguf", {"general.type": "adapter"}, "no whole model.*'adapter'"),
        ("tiny-00001-of-00003.gguf", {}, "one of 3 files"),
        ("renamed.gguf", {"split.count": 4}, "one of 4 files"),
        ("unnamed.gguf", {"general.architecture": ""}, "holds no weights"),
    ],
)
def test_what_is_no_generator_is_refused_with_the_reason(
    write_gguf: Write, bare: Settings, tmp_path: Path, name: str, changes: dict[str, Any], words: str
) -> None:
    path = tmp_path / name
    write_gguf(path, METADATA | changes, TENSORS)
    for attempt in (lambda: generator(bare, str(path)), lambda: add_generator(bare, str(path))):
        with pytest.raises(UserError, match=words) as caught:
            attempt()
        assert caught.value.hint
        assert not isinstance(caught.value, ModelDamaged)
    assert not bare.home.models.exists()


def test_a_file_without_weights_is_refused(write_gguf: Write, tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.gguf"
    write_gguf(path, METADATA, {})
    with pytest.raises(UserError, match="holds no weights"):
        card_of(path)


def test_installing_takes_no_space_and_removing_leaves_the_persons_file(
    bare: Settings, models: InstalledModels, tiny: Path, tmp_path: Path
) -> None:
    link = tmp_path / "Link.gguf"  # as in the hub's cache, where blobs have other names
    link.symlink_to(tiny)
    added = add_generator(bare, str(link))
    assert (added.card.id, added.state) == ("link", State.INSTALLED)
    assert added.path.samefile(tiny)
    assert not added.path.is_symlink()
    assert added.card.sha256 == sha256(tiny)
    assert generator(bare, "link") == added
    assert models.list() == [added]
    added.verify()
    with pytest.raises(ModelNotFound, match="link is a generator"):
        models.get("link")
    card = bare.home.models / "link" / "card.json"
    stored = json.loads(card.read_text())
    assert (stored["kind"], stored["style"], stored["parameters"]) == ("generator", "completion", 120)
    card.write_text(json.dumps({**stored, "of_a_later_version": 1}))
    assert models.list() == [added]
    remove_generator(bare, "link")
    assert tiny.exists()
    assert models.list() == []
    with pytest.raises(ModelNotFound):
        remove_generator(bare, "link")


def test_damage_after_installing_is_noticed(bare: Settings, models: InstalledModels, tiny: Path) -> None:
    added = add_generator(bare, str(tiny), "mine")
    whole = tiny.read_bytes()
    tiny.write_bytes(whole[:-40] + b"x" + whole[-39:])
    assert generator(bare, "mine") == added  # its length is right
    with pytest.raises(ModelDamaged, match="not as it was installed"):
        added.verify()
    os.truncate(added.path, 1000)
    with pytest.raises(ModelDamaged, match="cut off"):
        generator(bare, "mine")
    added.path.unlink()
    with pytest.raises(ModelDamaged, match="is missing"):
        generator(bare, "mine")
    stored = json.loads((added.directory / "card.json").read_text())
    for wrong in ({**stored, "file": "../../secret.gguf"}, {**stored, "style": "verse"}, []):
        (added.directory / "card.json").write_text(json.dumps(wrong))
        with pytest.raises(ModelDamaged, match="cannot be read"):
            generator(bare, "mine")
        assert models.list() == []
    remove_generator(bare, "mine")
    assert not added.directory.exists()


def test_an_installed_generator_can_be_installed_elsewhere(
    bare: Settings, tiny: Path, tmp_path: Path
) -> None:
    added = add_generator(bare, str(tiny), "mine")
    renamed = replace(added.card, name="My writer", languages=("fr",))
    renamed.save(added.directory)
    other = Settings(Home.at(tmp_path / "other"))
    again = add_generator(other, str(added.directory), "theirs")
    assert again.card == replace(renamed, id="theirs")
    replace(renamed, sha256="0" * 64).save(added.directory)
    with pytest.raises(ModelDamaged, match="sha256"):
        add_generator(other, str(added.directory), "theirs")
    assert generator(other, "theirs") == again


@pytest.fixture
def other_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files cannot be linked, as between two disks."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("other_disk")
def test_a_file_on_another_disk_is_copied_with_progress(bare: Settings, tiny: Path) -> None:
    os.truncate(tiny, 5 * 2**20)
    steps: list[Progress] = []
    added = add_generator(bare, str(tiny), "mine", report=steps.append)
    assert not added.path.samefile(tiny)
    assert added.path.stat().st_mode & 0o777 == 0o600
    assert added.card.sha256 == sha256(tiny) == sha256(added.path)
    assert (steps[0].phase, steps[0].total, steps[0].unit) == ("copying", 5 * 2**20, "bytes")
    assert steps[0].done == 2**20


@pytest.mark.usefixtures("other_disk")
def test_a_copy_that_fails_leaves_what_was_there(
    bare: Settings, models: InstalledModels, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = add_generator(bare, str(tiny), "mine")
    os.truncate(tiny, 3 * 2**20)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        add_generator(bare, str(tiny), "mine", report=lambda _: cancel.cancel(), cancel=cancel)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
        with pytest.raises(DiskFull, match=r"needs 70\.3 MB; 1\.0 MB are free"):
            add_generator(bare, str(tiny), "mine")
    for number, error in ((errno.ENOSPC, DiskFull), (errno.EROFS, PlaceNotWritable)):

        def fail(_: int, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            with pytest.raises(error):
                add_generator(bare, str(tiny), "mine")
    assert models.list() == [before]
    assert [path.name for path in bare.home.models.iterdir()] == ["mine"]
    before.verify()


def test_an_id_is_not_taken_from_a_model_of_another_kind(
    bare: Settings, models: InstalledModels, tiny: Path
) -> None:
    install_embedder(models, "mine")
    with pytest.raises(UserError, match="mine is taken by a model of the kind embedder"):
        add_generator(bare, str(tiny), "mine")
    with pytest.raises(UserError, match="mine is no generator but a model of the kind embedder"):
        generator(bare, "mine")
    add_generator(bare, str(tiny), "writer")
    with pytest.raises(UserError, match="writer is taken by a model of the kind generator"):
        install_embedder(models, "writer")
    with pytest.raises(UserError, match="built-in"):
        add_generator(bare, str(tiny), BUILT_IN)
    with pytest.raises(UserError, match="cannot be a model id"):
        add_generator(bare, str(tiny), "No Id")
    assert [model.card.id for model in models.list()] == ["mine", "writer"]


def test_an_unknown_name_is_answered_with_the_nearest_and_what_is_there(bare: Settings, tiny: Path) -> None:
    add_generator(bare, str(tiny), "writer")
    with pytest.raises(ModelNotFound, match=rf"Did you mean 'writer'\? There is: writer, {BUILT_IN}\."):
        generator(bare, "Writter")
    with pytest.raises(ModelNotFound, match=r"There is: writer, smollm2-135m\."):
        generator(bare, "../models/writer")
    with pytest.raises(ModelNotFound, match=r"findling models download qwen3-0\.6b"):
        generator(bare, "Qwen3-0.6B")
    for source in (str(tiny.with_name("none.gguf")), str(tiny.with_name("nowhere"))):
        with pytest.raises(ModelNotFound):
            add_generator(bare, source)
    with pytest.raises(ModelNotFound, match="There is no file"):
        generator(bare, str(tiny.with_name("none.gguf")))


def test_of_a_directory_the_one_model_is_meant(bare: Settings, tiny: Path) -> None:
    shutil.copy(tiny, tiny.with_name("mmproj-model.gguf"))
    assert add_generator(bare, str(tiny.parent), "writer").path.samefile(tiny)
    shutil.copy(tiny, tiny.with_name("other.gguf"))
    with pytest.raises(UserError, match="has 2 GGUF files"):
        add_generator(bare, str(tiny.parent), "writer")
