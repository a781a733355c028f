"""LanceDB without what it brings for a namespace server, which nothing here speaks to.

The client of that server, some hundreds of generated classes, took more than half of the time of the
import, and checking overrides a tenth, in every process that opens a library.
"""

from __future__ import annotations

import importlib
import sys
import threading
from contextlib import contextmanager, nullcontext
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

_CLIENT = "lance_namespace_urllib3_client"
#: Compares the signatures of what a class overrides. LanceDB does without from Python 3.12 on.
_OVERRIDES = "overrides"
#: One thread imports; others wait for what it finds.
_IMPORT = threading.Lock()


def lancedb() -> Any:
    """The module."""
    with _IMPORT, nullcontext() if "lancedb" in sys.modules else _stand_ins():
        return importlib.import_module("lancedb")


class _LaterClass(type):
    """The class of a name in the client: it is looked up when an instance is wanted."""

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return getattr(importlib.import_module(cls.__module__), cls.__name__)(*arguments, **named)


class _StandIn(ModuleType):
    """A package of the client, in which every name is a class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _LaterClass(name, (), {"__module__": self.__name__})


class _Client(MetaPathFinder, Loader):
    """Finds stand-ins for all of the client's modules."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if _is_client(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


@contextmanager
def _stand_ins() -> Generator[None]:
    """While they stand in; afterwards everyone imports the real ones."""
    finder = _Client()
    without_client = not any(_is_client(name) for name in sys.modules)
    without_overrides = sys.version_info < (3, 12) and _OVERRIDES not in sys.modules
    if without_client:
        sys.meta_path.insert(0, finder)
    if without_overrides:
        sys.modules[_OVERRIDES] = _no_checks()
    try:
        yield
    finally:
        if without_client:
            sys.meta_path.remove(finder)
            for name in [name for name in sys.modules if _is_client(name)]:
                del sys.modules[name]
        if without_overrides:
            del sys.modules[_OVERRIDES]


def _is_client(name: str) -> bool:
    return name.partition(".")[0] == _CLIENT


def _unchecked(function: Any) -> Any:
    return function


def _no_checks() -> ModuleType:
    module = ModuleType(_OVERRIDES)
    vars(module).update(override=_unchecked, EnforceOverrides=object)
    return module
