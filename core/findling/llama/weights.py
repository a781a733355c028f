"""A GGUF model in memory: its vocabulary, its chat template, and contexts to evaluate it in."""

from __future__ import annotations

import ctypes
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from findling.errors import JobFailed, ModelDamaged, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: How `llama_print_system_info` says that weights would be repacked for AMX.
_AMX = b"AMX_INT8 = 1"
#: llama.cpp's number (`enum ggml_type`) of Q8_0, and how many values are scaled together in it.
_Q8_0 = 8
_Q8_0_BLOCK = 32
#: llama.cpp's numbers (`enum llama_ftype`) of F32, F16, Q8_0 and BF16.
_BYTES_AND_MORE = (0, 1, 7, 32)


def library() -> Any:
    """The bindings of llama.cpp, made quiet and ready. Raises `UserError` where they are not installed."""
    try:
        from llama_cpp import llama_cpp
    except ImportError as error:
        raise UserError(
            "Writing queries needs llama.cpp, which is not installed.", "Run: pip install 'findling[tune]'"
        ) from error
    if not _ready:
        llama_cpp.llama_log_set(_quiet(llama_cpp), ctypes.c_void_p(0))
        told = os.environ.get("LLAMA_CPP_LIB_PATH")  # which the bindings go by, too
        _load_processors(Path(told or Path(llama_cpp.__file__).parent / "lib"))
        llama_cpp.llama_backend_init()
        _ready.append(True)
    return llama_cpp


def on_gpu() -> bool:
    """Whether llama.cpp was built to compute on a GPU. Raises `UserError` where it is not installed."""
    return bool(library().llama_supports_gpu_offload())


def uses_amx(llama: Any) -> bool:
    """Whether llama.cpp, unless told otherwise, repacks weights for a processor's AMX unit."""
    return _AMX in llama.llama_print_system_info()


_ready: list[bool] = []
_kept: list[Any] = []


def _load_processors(libraries: Path) -> None:
    """A build for every processor has a library for each kind of them, and llama.cpp takes the best; another
    build has what it needs already."""
    names = ("libllama.so", "libllama.dylib", "ggml.dll")  # the first two find what is in their ggml
    found = next((libraries / name for name in names if (libraries / name).is_file()), None)
    if found is None or not any(libraries.glob("*ggml-cpu-*")):
        return
    load = ctypes.CDLL(str(found)).ggml_backend_load_all_from_path
    load.argtypes, load.restype = [ctypes.c_char_p], None
    load(os.fsencode(libraries))


def _quiet(llama_cpp: Any) -> Any:
    """A log callback that writes warnings and errors to stderr, which is a job's log; llama.cpp calls it for
    as long as the process lives."""
    warning = 3

    @llama_cpp.llama_log_callback
    def write(level: int, text: bytes, _: ctypes.c_void_p) -> None:
        if level >= warning and text.strip(b".\n "):
            os.write(2, text)

    _kept.append(write)
    return write


class Weights:
    """The model in a GGUF file. Use as a context manager, or `close()`.

    All layers go to the GPU where llama.cpp was built for one. `with_amx` is for a processor with that unit,
    where `amx_works`. Raises `UserError` without llama.cpp, and `ModelDamaged` for a file that it cannot
    load.
    """

    def __init__(self, path: Path, *, with_amx: bool = False) -> None:
        self._llama = library()
        self.path = path
        parameters = self._llama.llama_model_default_params()
        parameters.use_extra_bufts = with_amx or not uses_amx(self._llama)
        self.on_gpu = on_gpu()
        parameters.n_gpu_layers = 999 if self.on_gpu else 0
        self.model = self._llama.llama_model_load_from_file(os.fsencode(path), parameters)
        if not self.model:
            raise ModelDamaged(
                f"llama.cpp cannot load {path}.", "It may be cut off, or newer than llama.cpp."
            )
        self.vocabulary = self._llama.llama_model_get_vocab(self.model)
        self.context_tokens = int(self._llama.llama_model_n_ctx_train(self.model))
        self._ends_with: dict[str, NDArray[np.bool_]] = {}
        self.vocabulary_tokens = int(self._llama.llama_vocab_n_tokens(self.vocabulary))

    @property
    def has_few_bits(self) -> bool:
        """Whether its weights are of fewer than 8 bits."""
        return int(self._llama.llama_model_ftype(self.model)) not in _BYTES_AND_MORE

    def close(self) -> None:
        """Give the memory back."""
        if self.model:
            self._llama.llama_model_free(self.model)
            self.model = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tokens(self, text: str, *, begin: bool = False, special: bool = False) -> list[int]:
        """The text's tokens; with `begin` after the token that begins a text, if the model has one. With
        `special` names of special tokens stand for them: not for text that is not our own."""
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 8
        buffer = (ctypes.c_int32 * room)()
        count = self._llama.llama_tokenize(self.vocabulary, data, len(data), buffer, room, begin, special)
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """What a token writes; a character may take several."""
        buffer = ctypes.create_string_buffer(256)
        special = False
        count = self._llama.llama_token_to_piece(self.vocabulary, token, buffer, 256, 0, special)
        return buffer.raw[: max(0, count)]

    def ends(self, token: int) -> bool:
        """Whether a token ends a text, or a turn."""
        return bool(self._llama.llama_vocab_is_eog(self.vocabulary, token))

    def ends_with(self, stop: str) -> NDArray[np.bool_]:
        """Whether a token ends a text or writes `stop`, bool (V,)."""
        if stop not in self._ends_with:
            self._ends_with[stop] = np.array(
                [
                    self.ends(token) or bool(stop and stop.encode() in self.piece(token))
                    for token in range(self.vocabulary_tokens)
                ]
            )
        return self._ends_with[stop]

    def chat(self, messages: Sequence[tuple[str, str]]) -> str:
        """Messages, (role, text) each, as the model's own chat template writes them, up to where its answer
        begins. Raises `UserError` for a model without a template, or with one that cannot be understood."""
        template = self._llama.llama_model_chat_template(self.model, None)
        if not template:
            raise UserError(f"{self.path.name} has no chat template.", "Use it for completion.")
        try:
            return rendered(template.decode(), messages)
        except ValueError as error:
            raise UserError(f"The chat template of {self.path.name} cannot be used: {error}.") from error

    def context(self, cells: int, sequences: int, batch: int, threads: int) -> Any:
        """A context of llama.cpp whose sequences share `cells` tokens. Raises `UserError` without memory."""
        parameters = self._llama.llama_context_default_params()
        parameters.n_ctx = cells
        parameters.n_batch = parameters.n_ubatch = batch
        parameters.n_seq_max = sequences
        parameters.n_outputs_max = sequences
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.no_perf = True
        context = None
        if not self.on_gpu:  # what is faster on processors with many sequences (tests/bench/RESULTS.md)
            parameters.flash_attn_type = 0
            head = self._llama.llama_model_n_embd(self.model) // self._llama.llama_model_n_head(self.model)
            if head % _Q8_0_BLOCK == 0:
                plain, parameters.type_k = parameters.type_k, _Q8_0
                context = self._llama.llama_init_from_model(self.model, parameters)
                parameters.type_k = plain  # where heads are of another size than the rule has it
        context = context or self._llama.llama_init_from_model(self.model, parameters)
        if not context:
            raise UserError(
                f"There is not enough memory for {self.path.name} with a context of {cells} tokens.",
                "Choose a smaller generator, or close other programs.",
            )
        return context

    def trial(self, count: int) -> NDArray[np.float32]:
        """Logits, float32 (V,), after the first `count` tokens of the vocabulary. Raises `JobFailed`."""
        context = self.context(count, 1, count, 1)
        tokens = (ctypes.c_int32 * count)(*range(count))
        try:
            if code := self._llama.llama_decode(context, self._llama.llama_batch_get_one(tokens, count)):
                raise JobFailed(f"llama.cpp failed to evaluate a batch (code {code}).")
            pointer = self._llama.llama_get_logits_ith(context, -1)
            return np.ctypeslib.as_array(pointer, shape=(self.vocabulary_tokens,)).copy()
        finally:
            self._llama.llama_free(context)


def rendered(template: str, messages: Sequence[tuple[str, str]]) -> str:
    """Messages, (role, text) each, as a chat template writes them, up to where the answer begins. Templates
    that refuse a system's message (Gemma's, Mistral's), or leave it out, get it at the head of the person's.
    Raises ValueError for a template that cannot be understood."""
    (first, told), *rest = messages
    if first != "system" or not rest:
        return _rendered(template, messages)
    try:
        written = _rendered(template, messages)
    except ValueError:
        written = ""
    if told.strip() in written:
        return written
    (role, asked), *rest = rest
    return _rendered(template, [(role, f"{told}\n\n{asked}"), *rest])


def _rendered(template: str, messages: Sequence[tuple[str, str]]) -> str:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals.update(  # pyright: ignore[reportUnknownMemberType]
        raise_exception=_refuse, strftime_now=datetime.now().astimezone().strftime
    )
    try:
        return environment.from_string(template).render(
            messages=[{"role": role, "content": text} for role, text in messages],
            add_generation_prompt=True,
            enable_thinking=False,
            bos_token="",
            eos_token="",
        )
    except (jinja2.TemplateError, TypeError) as error:
        raise ValueError(str(error)) from error


def _refuse(message: str) -> str:
    raise ValueError(message)
