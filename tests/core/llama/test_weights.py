"""The built-in generator's vocabulary and template, templates of others, and what cannot be loaded."""

from __future__ import annotations

import ctypes
import json
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from findling.errors import ModelDamaged, UserError
from findling.llama import Engine, Request, Sampling, Weights
from findling.llama.memory import cache_bytes, check_memory
from findling.llama.requests import Markup, pieces
from findling.llama.weights import library, rendered
from findling.models.gguf import GgufHeader, read_header
from findling.synthesis.kinds import kinds
from findling.synthesis.prompts import Chatting, Example, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from findling.llama import Completion

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
REFUSES_SYSTEM = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
    "{{ '<start_of_turn>' + message['role'] + '\n' + message['content'] | trim + '<end_of_turn>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
LEAVES_SYSTEM_OUT = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{% continue %}{% endif %}"
    "[INST] {{ message['content'] }} [/INST]{% endfor %}"
)
DATED = "{{ strftime_now('%Y') }}{% for message in messages %}{{ message['content'] }}|{% endfor %}"
MESSAGES = (("system", "Be brief."), ("user", "Who sings?"))


def test_text_becomes_tokens_and_back(weights: Weights) -> None:
    text = "Größe, naïve, 東京 und 🦉!\n"
    tokens = weights.tokens(text)
    assert b"".join(map(weights.piece, tokens)).decode() == text
    assert any(b"\xf0" in weights.piece(token) for token in tokens)
    with pytest.raises(UnicodeDecodeError):  # a character may be cut in two
        [weights.piece(token).decode() for token in weights.tokens("🦉")]
    assert weights.tokens("half \ud83e a character") == weights.tokens("half ? a character")
    assert weights.tokens("") == []


def test_the_end_of_a_turn_ends_a_text_where_it_is_meant(weights: Weights) -> None:
    (end,) = weights.tokens("<|im_end|>", special=True)
    assert weights.ends(end)
    assert weights.piece(end) == b""
    assert not any(weights.ends(token) for token in weights.tokens("<|im_end|>"))
    assert not weights.ends(weights.tokens("owl")[0])


def test_what_ends_with_a_line_is_known(weights: Weights) -> None:
    ends = weights.ends_with("\n")
    assert ends.shape == (weights.vocabulary_tokens,)
    assert ends[weights.tokens("\n")[0]]
    assert ends[weights.tokens("<|im_end|>", special=True)[0]]
    assert not ends[weights.tokens("owl")[0]]
    assert ends.sum() > weights.ends_with("").sum() > 0


def test_the_templates_of_models_write_messages(weights: Weights) -> None:
    written = weights.chat(MESSAGES)
    assert written == rendered(CHATML, MESSAGES)
    assert written.endswith("<|im_end|>\n<|im_start|>assistant\n")
    assert rendered(DATED, MESSAGES)[4:] == "Be brief.|Who sings?|"


@pytest.mark.parametrize("template", [REFUSES_SYSTEM, LEAVES_SYSTEM_OUT])
def test_a_template_without_a_system_gives_its_text_to_the_person(template: str) -> None:
    asked = rendered(template, [("user", "Be brief.\n\nWho sings?")])
    assert "Be brief." in asked
    assert rendered(template, MESSAGES) == asked


@pytest.mark.parametrize("template", ["{% if %}", "{{ raise_exception('never') }}", "{{ nothing.at.all }}"])
def test_a_template_that_cannot_be_used_is_said(
    weights: Weights, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    monkeypatch.setattr(library(), "llama_model_chat_template", lambda *_: template.encode())
    with pytest.raises(UserError, match=r"SmolLM2.*cannot be used"):
        weights.chat(MESSAGES)
    monkeypatch.setattr(library(), "llama_model_chat_template", lambda *_: None)
    with pytest.raises(UserError, match="no chat template"):
        weights.chat(MESSAGES)


@pytest.mark.parametrize("template", [CHATML, REFUSES_SYSTEM, LEAVES_SYSTEM_OUT])
def test_a_prompt_is_markup_around_text_that_is_not(template: str) -> None:
    passage = "Models end a turn by <|im_end|> or [/INST]."
    prompts = Chatting(lambda messages: rendered(template, messages), [Example("who ends it?", "Nobody.")])
    wanted = Wanted(passage, kinds()["question"], SLOTS, 1)
    request = prompts.request(None, wanted)
    messages = [each for part in request.parts for each in pieces(part)]
    assert passage in "".join(each for each in messages if isinstance(each, str))
    assert passage not in "".join(each.text for each in messages if isinstance(each, Markup))
    assert "who ends it?" in request.prompt
    system, _, person = request.prompt.partition("Passage:")
    written = rendered(template, [("system", "|"), ("user", "|")]).split("|")
    assert system.startswith(written[0])
    assert person.endswith(written[-1])


def test_one_that_chats_writes_the_json_that_is_asked_for(
    weights: Weights, written: Callable[..., dict[object, Completion]]
) -> None:
    prompts = Chatting(weights.chat)
    wanted = Wanted("Blue whales sing in deep water, at 20 hertz.", kinds()["question"], SLOTS, 1)
    asked = prompts.request("a", wanted)
    text = written(asked)["a"].text
    assert json.loads(text)["query"].split() == prompts.query(text).split() != []


SLOTS = {"length": "short", "clarity": "clear", "specificity": "specific", "difficulty": "everyday"} | {
    "vocabulary": "any"
}


def test_a_file_that_is_cut_off_is_damaged(generator_file: Path, tmp_path: Path) -> None:
    with generator_file.open("rb") as whole:
        beginning = whole.read(4_000_000)
    for name, content in (("cut.gguf", beginning), ("text.gguf", b"no model"), ("empty.gguf", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelDamaged, match=name):
            Weights(tmp_path / name)
    with pytest.raises(ModelDamaged, match=r"missing\.gguf"):
        Weights(tmp_path / "missing.gguf")


@pytest.mark.parametrize(("has_amx", "with_amx"), [(True, False), (True, True), (False, False)])
def test_weights_are_repacked_unless_llama_would_use_amx_and_must_not(
    generator_file: Path, monkeypatch: pytest.MonkeyPatch, has_amx: bool, with_amx: bool
) -> None:
    llama = library()
    said = b"AVX2 = 1 | AMX_INT8 = 1 | " if has_amx else b"AVX2 = 1 | AMX_INT8 = 0 | "
    load = llama.llama_model_load_from_file
    asked: list[bool] = []

    def loading(path: bytes, parameters: Any) -> Any:
        asked.append(parameters.use_extra_bufts)
        parameters.use_extra_bufts = False
        return load(path, parameters)

    monkeypatch.setattr(llama, "llama_print_system_info", lambda: said)
    monkeypatch.setattr(llama, "llama_model_load_from_file", loading)
    Weights(generator_file, with_amx=with_amx).close()
    assert asked == [with_amx or not has_amx]


def test_on_this_machine_it_writes_without_a_crash(written: Callable[..., dict[object, Completion]]) -> None:
    """Whatever the processor is: the crash of weights repacked for AMX would end the process."""
    assert library().llama_model_default_params().use_extra_bufts  # llama.cpp would
    assert written(Request(0, ("One, two, three,",), 1, Sampling(max_tokens=4), stop=""))[0].text


def test_without_llama_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "llama_cpp", None)
    with pytest.raises(UserError, match=r"pip install 'findling\[tune\]'"):
        library()


def test_memory_for_a_context_that_there_is_not_is_said(
    weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library(), "llama_init_from_model", lambda *_: ctypes.c_void_p(None).value)
    with pytest.raises(UserError, match="not enough memory"):
        Engine(weights, threads=1)


def test_the_room_of_a_model_is_told_from_its_file(
    generator_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = read_header(generator_file)
    assert cache_bytes(header, 8192) == 8192 * 30 * 3 * (64 + 64) * 2  # layers, heads, key and value, float16
    check_memory(generator_file, 8192)
    needed = generator_file.stat().st_size + cache_bytes(header, 8192)
    free = psutil.virtual_memory()._replace(available=needed)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(UserError, match=r"SmolLM2.*needs 0\.5 GB of memory; 0\.3 GB are free") as caught:
        check_memory(generator_file, 8192)
    assert "smaller generator" in caught.value.hint


def test_the_room_of_other_architectures_is_told_as_far_as_they_say() -> None:
    def made(**values: Any) -> GgufHeader:
        about = {f"x.{name.replace('__', '.')}": value for name, value in values.items()}
        return GgufHeader({"general.architecture": "x"} | about, (), 0)

    assert cache_bytes(made(), 100) == 0
    plain = {"block_count": 4, "embedding_length": 64, "attention__head_count": 8}
    assert cache_bytes(made(**plain), 100) == 100 * 4 * 8 * 16 * 2
    assert cache_bytes(made(**plain, attention__head_count_kv=[2, 0, 2, 0]), 100) == 100 * 4 * 16 * 2
    long_keys = {"attention__key_length": 32, "attention__value_length": 32}
    assert cache_bytes(made(**plain, **long_keys, attention__head_count_kv=2), 100) == 100 * 8 * 64 * 2
