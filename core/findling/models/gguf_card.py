"""The card that a GGUF file writes itself, and what is no generator though it is GGUF."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from findling.errors import ModelDamaged, ModelNotFound, UserError
from findling.models.download import Downloaded
from findling.models.generator_card import GeneratorCard, style_for
from findling.models.gguf import read_header
from findling.models.installed import id_from

if TYPE_CHECKING:
    from pathlib import Path

    from findling.models.gguf import GgufHeader

#: Families that read a text and do not go on with it: encoders, encoder-decoders, and those that write in no
#: order. All with "bert" in their names are encoders, too.
_NOT_WRITING = frozenset(
    "gemma-embedding llama-embed t5 t5encoder wavtokenizer-dec dream llada llada-moe rnd1".split()
)
_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$", re.IGNORECASE)
#: How the files begin that hold what a model needs to look at pictures.
_PICTURES = "mmproj"


def is_generator(source: Path) -> bool:
    """Whether a file, or what is in a directory, is to be read as a generator: it is GGUF, and not in Hugging
    Face layout."""
    if source.is_dir():
        return any(source.glob("*.gguf")) and not (source / "config.json").exists()
    return source.suffix.lower() == ".gguf"


def gguf_in(source: Path) -> Path:
    """The GGUF file itself, or the one in a directory. Raises `ModelNotFound`, `UserError` for several."""
    if source.is_file():
        return source
    found = [path for path in sorted(source.glob("*.gguf")) if not path.name.startswith(_PICTURES)]
    if not found:
        raise ModelNotFound(f"There is no GGUF file {source}.", "Name a .gguf file, or a directory with one.")
    if len(found) > 1:
        if part := _PART.search(found[0].name):
            raise _in_parts(found[0], int(part[1]))
        raise UserError(f"{source} has {len(found)} GGUF files.", "Name one of them.")
    return found[0]


def card_of(path: Path) -> GeneratorCard:
    """What a GGUF file says of itself, and the catalogue of one that was downloaded.

    Raises `ModelDamaged` for a file that is cut off or altered, `UserError` for one that is no generator, or
    a part of one.
    """
    if part := _PART.search(path.name):
        raise _in_parts(path, int(part[1]))
    header = read_header(path)
    _check_it_writes(path, header)
    context_tokens = header.of_architecture("context_length")
    if not isinstance(context_tokens, int) or context_tokens < 1:
        raise ModelDamaged(f"{path} does not say how long its texts may be.", "Fetch the file again.")
    said = header.metadata
    name = str(said.get("general.name") or path.stem)
    languages: object = said.get("general.languages")
    has_chat_template = bool(said.get("tokenizer.chat_template"))
    card = GeneratorCard(
        id=id_from(path.stem) or "generator",
        name=name,
        base=_base(said.get("general.base_model.0.repo_url")) or name,
        file=path.name,
        context_tokens=context_tokens,
        parameters=header.parameters,
        style=style_for(header.parameters, has_chat_template=has_chat_template),
        has_chat_template=has_chat_template,
        licence=str(said.get("general.license", "")),
        languages=tuple(map(str, cast("list[Any]", languages))) if isinstance(languages, list) else (),
        provenance={"file": str(path.absolute())},
    )
    downloaded = Downloaded.load(path.parent)
    if downloaded is None or path.name not in downloaded.files:
        return card
    digest = downloaded.files[path.name][1]
    return replace(card, **downloaded.known(), sha256=digest if len(digest) == 64 else "")


def _check_it_writes(path: Path, header: GgufHeader) -> None:
    """Raises `UserError` for what is no generator."""
    kind, family = str(header.metadata.get("general.type", "model")), header.architecture
    parts = header.metadata.get("split.count", 1)
    if isinstance(parts, int) and parts > 1:
        raise _in_parts(path, parts)
    if _PICTURES in (kind, path.name[: len(_PICTURES)].lower()) or family == "clip":
        raise UserError(
            f"{path} is the part of a model that looks at pictures, and writes nothing.",
            "Name the other .gguf file, without mmproj in its name.",
        )
    if kind != "model":
        raise UserError(f"{path} is no whole model: its type is {kind!r}.", "Name the model's own file.")
    pooling = header.of_architecture("pooling_type")
    reads = "bert" in family or family in _NOT_WRITING or header.of_architecture("attention.causal") is False
    if reads or pooling not in (None, 0):
        raise UserError(
            f"{path} writes no text: it is made for other work (architecture {family!r}).",
            "Name a language model, such as the catalogue's generators: findling models list --catalogue",
        )
    if not family or not header.tensors:
        raise UserError(f"{path} holds no weights of a language model.", "Name the model's own file.")


def _in_parts(path: Path, parts: int) -> UserError:
    return UserError(
        f"{path} is one of {parts} files that make up a model.",
        "Join them with llama.cpp: llama-gguf-split --merge FIRST-FILE WHOLE.gguf",
    )


def _base(address: object) -> str:
    """PUBLISHER/NAME in the address of a repository of the hub, else ""."""
    found = re.search(r"huggingface\.co/([\w.-]+/[\w.-]+)/?$", str(address or ""))
    return found[1] if found else ""
