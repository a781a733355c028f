"""An embedder in torch whose weights can be tuned: an encoder whole, a decoder by low-rank adapters.

It is read from the files that its ONNX graph was made from, pooled and normalised by the module that is
exported, so that what is tuned is what will search.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from findling.embedding.tokenizer import TextTokenizer
from findling.errors import ModelRefused
from findling.models import Pooling
from findling.settings import write_atomically, write_json
from findling.training.tokenised import (
    PASSAGE_TOKENS,
    QUERY_TOKENS,
    TokenisedTexts,
    micro_batches,
    padded,
    tokenised,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

    from findling.embedding.export.source import Source
    from findling.jobs import CancelToken

#: Of all weights, merged or not, relative to a vector's length of 1.
PARITY = 1e-5
#: Tokens of a batch without gradients, padding included.
_BATCH_TOKENS = 8192
#: Of a source's directory, what transformers wants beside the weights to load a tokenizer.
_TOKENIZER_FILES = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "merges.txt",
    "vocab.json",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)


@dataclass(frozen=True, slots=True)
class Lora:
    """Low-rank adapters on all linear layers (Hu et al. 2021, arXiv 2106.09685): rank 16 as in Wang et al.
    2024, arXiv 2401.00368."""

    rank: int = 16
    alpha: int = 32


@dataclass(frozen=True, slots=True)
class Usage:
    """How texts are put to the model: prefixes byte for byte, lengths in tokens, special ones included."""

    pooling: Pooling = Pooling.MEAN
    query_prefix: str = ""
    document_prefix: str = ""
    eos: str = ""
    query_tokens: int = QUERY_TOKENS
    passage_tokens: int = PASSAGE_TOKENS


class TrainableModel:
    """A model in fp32 on one device. Dropout is off, also while it learns: on a processor drawing it takes a
    quarter of a step, and a run without it goes on after a kill as if nothing had been.

    Layers after the pooling stay as they are. Raises what `find_source` and `load` raise.
    """

    def __init__(
        self, source: Source, usage: Usage, place: Path, lora: Lora | None = None, device: str = "cpu"
    ) -> None:
        import torch

        from findling.embedding.export.dense import dense_layers
        from findling.embedding.export.load import load, quiet, save_tokenizer
        from findling.embedding.export.pooled import PooledEncoder

        self.torch: Any = torch
        self.source = source
        self.usage = usage
        self.lora = lora
        self.device = device
        with quiet():
            loaded: Any = load(source)
            self._adapted: Any = _adapted(loaded.model, lora) if lora else None
        pooled: Any = PooledEncoder(loaded, usage.pooling, dense_layers(source.dense))
        self.encoder = pooled.to(device)
        save_tokenizer(source, place)
        self._tokenizer_file = place
        self._queries = TextTokenizer(place, usage.query_tokens, usage.eos)
        self._passages = TextTokenizer(place, usage.passage_tokens, usage.eos)
        self.bf16 = gains_by_bf16(torch, device)
        self._base = self.state()

    @property
    def parameters(self) -> list[Any]:
        """Those that are tuned."""
        return [each for _, each in self._tuned()]

    @property
    def dim(self) -> int:
        """Of its vectors."""
        layers = [each for each in self.encoder.dense if hasattr(each, "out_features")]
        return int(layers[-1].out_features if layers else self.encoder.model.config.hidden_size)

    def centre(self, passages: Sequence[str], cancel: CancelToken) -> None:
        """Bring vectors to the mean and the deviation that these passages have, by a layer after the pooling:
        what a language model needs that was no embedder before. Raises `Cancelled`."""
        from findling.embedding.export.centring import of_rows
        from findling.embedding.export.dense import as_dense

        rows = [row.tolist() for row in self.passage_rows(passages)]
        with self.autocast():
            found = of_rows(self.encoder, rows, cancel)
        for layer in as_dense(found):
            self.encoder.dense.append(layer.to(self.device))

    def checkpointing(self) -> None:
        """Keep the states between layers only, and compute the others again: a third more work, and memory
        for one layer."""
        self.encoder.model.activation_checkpointing_enable({"use_reentrant": False})

    def _tuned(self) -> Iterable[tuple[str, Any]]:
        named: Iterable[tuple[str, Any]] = self.encoder.model.named_parameters()
        return ((name, each) for name, each in named if each.requires_grad and "pooler" not in name)

    def state(self) -> dict[str, Any]:
        """A copy of the weights that are tuned, by name."""
        return {name: each.detach().clone() for name, each in self._tuned()}

    def put(self, state: Mapping[str, Any], share: float = 1.0) -> None:
        """Take weights of `state`, or those that lie at `share` of the way from the base to them. For
        adapters, which begin at nothing, that is their scale."""
        with self.torch.no_grad():
            for name, each in self._tuned():
                if self.lora is None:
                    each.copy_(self._base[name].lerp(state[name], share))
                else:
                    each.copy_(state[name] * share if "lora_B" in name else state[name])

    def query_rows(self, queries: Sequence[str]) -> TokenisedTexts:
        """Token ids of queries, with their prefix."""
        return tokenised([self.usage.query_prefix + query for query in queries], self._queries)

    def passage_rows(self, passages: Sequence[str]) -> TokenisedTexts:
        """Token ids of passages, with theirs."""
        return tokenised([self.usage.document_prefix + passage for passage in passages], self._passages)

    def autocast(self) -> AbstractContextManager[Any]:
        """Within it products are in bf16 where the device gains by it; weights are converted once."""
        return self.torch.autocast(self.device, dtype=self.torch.bfloat16, enabled=self.bf16)

    def encode(self, rows: Sequence[Any]) -> Any:
        """Unit vectors, float32 (B, D), of rows of token ids, with a graph where gradients are on; in bf16
        within, where the device gains by it."""
        return self._encoded(*padded(rows, max(self._queries.max_tokens, self._passages.max_tokens)))

    def _encoded(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Any:
        torch = self.torch
        batch = [torch.from_numpy(each).to(self.device) for each in (ids, mask)]
        with self.autocast():
            states = self.encoder.states(*batch)
        vectors = self.encoder.pooled(states.float(), batch[1])
        return torch.nn.functional.normalize(vectors, dim=-1)

    def vectors(self, texts: TokenisedTexts, cancel: CancelToken | None = None) -> NDArray[np.float32]:
        """Unit vectors, float32 (N, D), of at least one text, without gradients. Raises `Cancelled`."""
        work = micro_batches(texts.lengths, _BATCH_TOKENS)
        parts: list[NDArray[np.float32]] = []
        with self.torch.inference_mode():
            for batch in work.batches:
                if cancel is not None:
                    cancel.check()
                parts.append(self._encoded(*texts.padded(batch)).cpu().numpy())
        return np.concatenate(parts)[work.inverse]

    def merged(self) -> Self:
        """The model with its adapters added into its weights; it cannot be tuned further. Raises
        `ModelRefused` where that changes its vectors by more than `PARITY`."""
        from findling.embedding.export.load import quiet

        if self._adapted is None:
            return self
        sample = self.passage_rows(["What is merged must not change.", "A second, somewhat longer sentence."])
        self.bf16, bf16 = False, self.bf16
        before = self.vectors(sample)
        with quiet():
            self.encoder.model = self._adapted.merge_and_unload(safe_merge=True).eval()
        self._adapted = None
        difference = float(np.abs(before - self.vectors(sample)).max())
        self.bf16 = bf16
        if not difference <= PARITY:
            raise ModelRefused(
                f"Merging the adapters changed vectors by {difference:.1e} (bar {PARITY:.0e})."
            )
        return self

    def save(self, directory: Path, card: str = "") -> None:
        """Write a directory that sentence-transformers and transformers load; `card` is its README."""
        from findling.embedding.export.dense import write_dense
        from findling.embedding.export.load import quiet
        from findling.embedding.export.source import POOLING_FLAGS

        model = self.merged().encoder.model
        with quiet():
            model.save_pretrained(directory)
        self._save_tokenizer(directory, model.config.pad_token_id)
        usage = self.usage
        dense = list(self.encoder.dense)
        modules = ("Transformer", "Pooling", *["Dense"] * (len(dense) // 2), "Normalize")
        write_json(
            directory / "modules.json",
            [
                {
                    "idx": place,
                    "name": str(place),
                    "path": f"{place}_{kind}" if place else "",
                    "type": f"sentence_transformers.models.{kind}",
                }
                for place, kind in enumerate(modules)
            ],
        )
        (directory / "1_Pooling").mkdir(exist_ok=True)
        dim = int(model.config.hidden_size)
        flags = {name: pooling is usage.pooling for name, pooling in POOLING_FLAGS.items()}
        write_json(directory / "1_Pooling" / "config.json", {"word_embedding_dimension": dim, **flags})
        for place, (layer, activation) in enumerate(zip(dense[::2], dense[1::2], strict=True), 2):
            write_dense(layer, activation, directory / f"{place}_Dense")
        (directory / f"{len(modules) - 1}_Normalize").mkdir(exist_ok=True)
        write_json(
            directory / "sentence_bert_config.json",
            {"max_seq_length": usage.passage_tokens, "do_lower_case": False},
        )
        prompts = {"query": usage.query_prefix, "document": usage.document_prefix}
        write_json(
            directory / "config_sentence_transformers.json",
            {"prompts": prompts, "default_prompt_name": None, "similarity_fn_name": "cosine"},
        )
        if card:
            write_atomically(directory / "README.md", card)

    def _save_tokenizer(self, directory: Path, pad: int | None) -> None:
        from tokenizers import Tokenizer
        from tokenizers.processors import TemplateProcessing

        tokenizer: Any = Tokenizer.from_file(str(self._tokenizer_file))
        eos = self.usage.eos
        if eos and tokenizer.encode("a").tokens[-1:] != [eos]:  # what this reads adds it itself
            place = tokenizer.token_to_id(eos)
            tokenizer.post_processor = TemplateProcessing(single=f"$A {eos}", special_tokens=[(eos, place)])
        tokenizer.save(str(directory / "tokenizer.json"))
        for name in _TOKENIZER_FILES:
            if (file := self.source.directory / name).is_file() and not self.source.gguf:
                shutil.copyfile(file, directory / name)
        if not (directory / "tokenizer_config.json").is_file():
            known = {"tokenizer_class": "PreTrainedTokenizerFast"}
            token = tokenizer.id_to_token(pad or 0)
            write_json(directory / "tokenizer_config.json", known | {"pad_token": token})


def adapters_of(source: Source) -> Lora | None:
    """None for an encoder, which is tuned whole; adapters for a decoder, of whose weights there are many."""
    from findling.embedding.export.load import reads_forwards

    return Lora() if reads_forwards(source) else None


def best_device() -> str:
    """Where torch computes fastest here: "cuda", "mps" or "cpu"."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _adapted(model: Any, lora: Lora) -> Any:
    """Put adapters into `model`, in place; peft's own object is what merges them."""
    import peft

    config = peft.LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0.0, target_modules="all-linear", bias="none"
    )
    return peft.get_peft_model(model, config)


def gains_by_bf16(torch: Any, device: str) -> bool:
    """Whether products in bfloat16 are faster there than in fp32."""
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 — there is no public one
