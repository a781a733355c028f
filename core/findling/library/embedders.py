"""Embedders that libraries of the same model hold together: a model takes memory once in a process."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from findling.embedding import open_embedder

if TYPE_CHECKING:
    from findling.embedding import Embedder
    from findling.models import InstalledModel
    from findling.settings import Settings


class SharedEmbedders:
    """Opens embedders for single queries; one that is still held by somebody is given again. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opening: defaultdict[tuple[str, ...], threading.Lock] = defaultdict(threading.Lock)
        self._held: WeakValueDictionary[tuple[str, ...], Embedder] = WeakValueDictionary()

    def open(self, settings: Settings, model: InstalledModel) -> Embedder:
        """The embedder of this model, or of one under another id that embeds the same. Raises as
        `open_embedder`."""
        card = model.card
        same = (card.fingerprint, card.query_prefix, card.instruction)
        with self._lock:
            opening = self._opening[same]
        with opening:  # others of this model wait for it, those of other models load beside it
            embedder = self._held.get(same)
            if embedder is None:
                embedder = self._held[same] = open_embedder(settings, model)
            return embedder
