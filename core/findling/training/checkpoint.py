"""A run as it stands after a step, on disk: weights and moments of the optimiser as safetensors, the rest as
JSON. The JSON is written last, by rename: with it a checkpoint is complete, and the one before is complete
until then."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from findling.errors import JobFailed
from findling.settings import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_STATE = "checkpoint.json"


@dataclass(frozen=True, slots=True)
class Point:
    """The curves of a run: after `step` steps the mean loss since the point before; `measure` is what the
    model was measured to be, 0 … 1 (None where it was not)."""

    step: int
    loss: float
    measure: float | None = None


@dataclass(slots=True)
class TrainingState:
    """`step` of `steps` steps are done; the next batch is the `position`-th of `epoch`. `best_step` is that
    of the best measure. `warmed`: the warm-up is over. `seconds` are those of all processes that worked on
    the run."""

    step: int = 0
    steps: int = 0
    epoch: int = 0
    position: int = 0
    points: list[Point] = field(default_factory=list[Point])
    best_step: int = 0
    best: float = -1.0
    without_gain: int = 0
    losses: list[float] = field(default_factory=list[float])
    micro_batch: int = 0
    seconds: float = 0.0
    ended: str = ""
    warmed: bool = False


def save(directory: Path, state: TrainingState, tensors: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a checkpoint: groups of tensors by name (`weights`, `best`, `first`, `second`). Raises
    OSError."""
    from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]

    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"step-{state.step}.safetensors"
    flat = {
        f"{group}/{key}": each.detach().cpu().contiguous()
        for group, each_of in tensors.items()
        for key, each in each_of.items()
    }
    save_file(flat, directory / name)
    (directory / name).chmod(0o600)
    write_atomically(directory / _STATE, json.dumps({"tensors": name, **asdict(state)}) + "\n")
    for other in directory.glob("step-*.safetensors"):
        if other.name != name:
            other.unlink()


def load(directory: Path) -> tuple[TrainingState, dict[str, dict[str, Any]]] | None:
    """The checkpoint in a directory, None where there is none. Raises `JobFailed` for a damaged one."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file  # pyright: ignore[reportUnknownVariableType]

    try:
        stored: dict[str, Any] = json.loads((directory / _STATE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise JobFailed(f"{directory / _STATE} cannot be read: {error}.") from error
    try:
        tensors = load_file(directory / stored.pop("tensors"))
        stored["points"] = [Point(**each) for each in stored["points"]]
        state = TrainingState(**stored)
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise JobFailed(f"The checkpoint in {directory} is damaged: {error}.") from error
    groups: dict[str, dict[str, Any]] = {}
    for key, tensor in tensors.items():
        group, _, name = key.partition("/")
        groups.setdefault(group, {})[name] = tensor
    return state, groups
