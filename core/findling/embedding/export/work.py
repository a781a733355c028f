"""One export in hand: from a source to the files of an installed model, each graph verified."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from findling.errors import ModelDamaged, ModelRefused, one_line
from findling.jobs import Progress
from findling.models import ModelCard, Pooling, fingerprint_of
from findling.models.card import sha256_of
from findling.models.installed import seal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from findling.embedding.export.centring import Centre
    from findling.embedding.export.load import Loaded
    from findling.embedding.export.pooled import PooledEncoder
    from findling.embedding.export.source import Source
    from findling.embedding.tokenizer import TextTokenizer
    from findling.jobs import CancelToken

#: For `centre`: by the sample library's paragraphs.
FROM_SAMPLE = "sample"
GRAPHS = {"fp32": "model.onnx", "fp16": "model_fp16.onnx", "int8": "model_int8.onnx"}
_STEPS = ("reading", "tracing", "converting", "verifying", "installing")


class Work:
    """One export in hand."""

    def __init__(
        self,
        source: Source,
        card: ModelCard,
        centre: Centre | str | None,
        *,
        guessed: bool,
        cancel: CancelToken,
        report: Callable[[Progress], None],
    ) -> None:
        self._source = source
        self._card = card
        self._centre = centre
        self._guessed = guessed
        self._cancel = cancel
        self._report = report

    def run(self, place: Path, precisions: Sequence[str]) -> None:
        """Fill `place` with tokenizer, graphs and card."""
        from findling.embedding.export import load, verify
        from findling.embedding.export.pooled import is_decoder
        from findling.embedding.tokenizer import TextTokenizer

        self._step("reading", str(self._source.path))
        load.save_tokenizer(self._source, place / self._card.tokenizer)
        with load.quiet():
            loaded = load.load(self._source)
            decoder = is_decoder(loaded.model.config)
            if self._guessed and decoder:
                self._card = replace(self._card, pooling=Pooling.LAST_TOKEN)
            untuned = decoder and self._source.adapter is None and self._source.said_pooling is None
            if untuned and self._source.template.untuned:
                self._card = replace(self._card, needs_tuning=True)
            limit = self._limit(loaded)
            self._card = replace(self._card, max_tokens=min(self._card.max_tokens, limit))
            tokenizer = TextTokenizer(place / self._card.tokenizer, self._card.max_tokens, self._eos(place))
            rows = verify.rows_of(tokenizer)
            self._check_vocabulary(loaded, rows)
            module = self._module(loaded, tokenizer)
            self._step("verifying", "the original")
            expected = verify.reference(module, rows)
            self._step("tracing", loaded.model_type)
            made = self._trace(module, loaded, place / GRAPHS["fp32"], dim=expected.shape[1])
        figures: dict[str, str] = {}
        for precision in precisions:
            graph = place / GRAPHS[precision]
            if precision != "fp32":
                self._step("converting", precision)
                self._convert(place / GRAPHS["fp32"], graph, precision, decoder=decoder)
            self._step("verifying", precision)
            left = module.either_side
            figures |= verify.check(graph, precision, rows, expected, left=left, step=self._cancel.check)
        if loaded.merge_difference is not None:
            figures["merge_difference"] = f"{loaded.merge_difference:.1e}"
        self._step("installing", self._card.id)
        card = replace(
            self._card,
            dim=expected.shape[1],
            weights=self._digest(module),
            variants={name: GRAPHS[name] for name in precisions},
            provenance={**self._card.provenance, "graph": made, **figures},
        )
        seal(card, place)

    def _eos(self, place: Path) -> str:
        """The card's final token; dropped where the tokenizer does not have it."""
        from tokenizers import Tokenizer

        if (
            self._card.eos
            and Tokenizer.from_file(str(place / self._card.tokenizer)).token_to_id(self._card.eos) is None
        ):
            self._card = replace(self._card, eos="")
        return self._card.eos

    def _module(self, loaded: Loaded, tokenizer: TextTokenizer) -> PooledEncoder:
        import torch

        from findling.embedding.export.centring import Centre, of_sample
        from findling.embedding.export.dense import dense_layers
        from findling.embedding.export.pooled import PooledEncoder

        dense = dense_layers(self._source.dense)
        module = PooledEncoder(loaded, self._card.pooling, dense)
        centre = self._centre
        if centre == FROM_SAMPLE:
            self._step("reading", "sample texts")
            centre = of_sample(module.eval(), tokenizer, self._card.document_prefix, self._cancel)
        if isinstance(centre, Centre):
            module.centre = torch.from_numpy(centre.vector)
            ones = torch.ones_like(module.centre)
            module.scale = ones if centre.scale is None else torch.from_numpy(centre.scale)
        return module.eval()

    def _trace(self, module: PooledEncoder, loaded: Loaded, target: Path, dim: int) -> str:
        """Write the fp32 graph; returns how it was made."""
        from findling.embedding import bert_graph
        from findling.embedding.export import graph

        config = loaded.model.config
        if self._plain_bert(module, loaded):
            try:
                bert_graph.build(self._source.path, self._card.pooling, target)
            except ModelDamaged:
                graph.remove(target)  # not quite a plain BERT: traced like any other
            else:
                return "built from safetensors"
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="trace-") as temporary:
            traced = Path(temporary) / "traced.onnx"
            how = self._written(module, loaded.model_type, traced)
            self._cancel.check()
            if loaded.model_type in graph.FUSED:
                heads, hidden = int(config.num_attention_heads), int(config.hidden_size)
                if graph.fuse(traced, target, heads, hidden, dim):
                    return "traced and fused"
            graph.tidy(traced, target, dim)
        return how

    def _written(self, module: PooledEncoder, model_type: str, target: Path) -> str:
        """Write the graph by the first of torch's two exporters that can; returns which."""
        from findling.embedding.export import pooled

        problems: list[str] = []
        for name, write in (("traced", pooled.trace), ("captured", pooled.capture)):
            try:
                write(module, target)
            except Exception as error:  # noqa: BLE001  # torch's and transformers' own, of many kinds
                problems.append(one_line(error, 150))
                self._cancel.check()
            else:
                return name
        raise ModelRefused(f"A {model_type} model cannot be exported: {'; '.join(problems)}.")

    def _plain_bert(self, module: PooledEncoder, loaded: Loaded) -> bool:
        return (
            loaded.model_type == "bert"
            and self._source.adapter is None
            and not self._source.gguf
            and not self._source.dense
            and module.centre is None
            and self._card.pooling in (Pooling.MEAN, Pooling.CLS)
            and (self._source.path / "model.safetensors").is_file()
        )

    def _convert(self, graph: Path, target: Path, precision: str, *, decoder: bool) -> None:
        from findling.embedding.export import graph as graphs

        if precision == "fp16":
            graphs.to_fp16(graph, target)
        elif decoder:
            graphs.to_weight_only_int8(graph, target)
        else:
            from findling.embedding.quantize import quantize_dynamic_int8

            quantize_dynamic_int8(graph, target)

    def _limit(self, loaded: Loaded) -> int:
        """The longest text that the model has positions for."""
        from findling.embedding.export.pooled import OFFSET_POSITIONS

        positions = int(getattr(loaded.model.config, "max_position_embeddings", 0) or self._card.max_tokens)
        # RoBERTa counts from the padding token's id + 1: of 514 rows 512 can be used.
        return positions - loaded.pad_id - 1 if loaded.model_type in OFFSET_POSITIONS else positions

    def _check_vocabulary(self, loaded: Loaded, rows: list[list[int]]) -> None:
        highest, size = max(map(max, rows)), int(loaded.model.config.vocab_size)
        if highest >= size:
            raise ModelDamaged(
                f"The tokenizer in {self._source.directory} knows a token {highest}, the model has {size}.",
                "They are not of the same model.",
            )

    def _digest(self, module: PooledEncoder) -> str:
        """The `weights` of the card: sha256 of the only file, or else a hash over all and the centre."""
        digests = [sha256_of(path) for path in self._source.weight_files()]
        if module.centre is not None:
            digests += [vector.numpy().tobytes().hex() for vector in (module.centre, module.scale)]
        return digests[0] if len(digests) == 1 else fingerprint_of(*digests)

    def _step(self, phase: str, detail: str) -> None:
        self._cancel.check()
        done = _STEPS.index(phase)
        self._report(Progress(phase=phase, done=done, total=len(_STEPS), unit="steps", detail=detail))
