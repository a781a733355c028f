"""LanceDB without what it brings for a namespace server, which nothing here speaks to: the client of that
server took more than a third of the time of the import, in every process that opens a library."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

_CLIENT = "lance_namespace_urllib3_client"


class _Later(ModuleType):
    """A package whose parts can be imported, and whose own code runs when a name of it is asked for."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__path__ = list(spec.submodule_search_locations or ())

    def __getattr__(self, name: str) -> Any:
        loaded = "__file__" in vars(self)
        if loaded or self.__spec__ is None or self.__spec__.loader is None or name.startswith("__"):
            raise AttributeError(name)
        self.__file__ = self.__spec__.origin
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def lancedb() -> Any:
    """The module."""
    if "lancedb" not in sys.modules and _CLIENT not in sys.modules:
        spec = find_spec(_CLIENT)
        if spec is not None and spec.submodule_search_locations:
            sys.modules[_CLIENT] = _Later(spec)
    return importlib.import_module("lancedb")
