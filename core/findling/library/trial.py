"""A library as it would be with another embedder, in a place of its own: to be searched and judged before
anything is switched, and thrown away."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from findling.embedding import open_embedder
from findling.jobs import Progress, Rate
from findling.library.balance import find_out
from findling.library.info import LibraryInfo
from findling.library.opened import OpenLibrary
from findling.library.worker import writer_of
from findling.settings import private_directory
from findling.store import StoreReader

if TYPE_CHECKING:
    from pathlib import Path

    from findling.jobs import CancelToken, Report
    from findling.models import InstalledModel
    from findling.settings import Settings

_BATCH = 512
_ALL = 10_000_000


def build_trial(
    settings: Settings,
    directory: Path,
    model: InstalledModel,
    place: Path,
    report: Report,
    cancel: CancelToken,
) -> OpenLibrary:
    """Embed the passages of the library in `directory` with `model` into tables in `place`, and open them.
    What is there already is built anew. Raises what opening the library and the model raises, and
    `Cancelled`."""
    info = LibraryInfo.load(directory)
    card = model.card
    generation = replace(info.active, model=card.id, fingerprint=card.fingerprint, dim=card.dim)
    shutil.rmtree(place, ignore_errors=True)
    private_directory(place)
    with closing(StoreReader(info.store_in(directory), info.active.number)) as stored:
        rows, _ = stored.sample(_ALL)
        files = stored.files()
    rows.sort(key=lambda row: row.passage_id)
    trial = LibraryInfo(info.name, generation, instruction=info.instruction)
    store = trial.store_in(place)
    writer = writer_of(store, generation)
    embedder = open_embedder(settings, model, bulk=True)
    rate = Rate(len(rows))
    for start in range(0, len(rows), _BATCH):
        cancel.check()
        batch = rows[start : start + _BATCH]
        vectors = embedder.embed_passages([row.content for row in batch], cancel)
        writer.add_passages(batch, np.ascontiguousarray(vectors, np.float32))
        rate.add(len(batch))
        report(
            Progress(
                "embedding",
                start + len(batch),
                len(rows),
                "passages",
                "for the trial",
                rate.per_second(),
                rate.remaining_seconds(),
            )
        )
    writer.put_files(files)
    writer.optimize()
    with closing(StoreReader(store, generation.number)) as reader:
        balance = find_out(reader, embedder, cancel)
    trial = replace(trial, balances={str(generation.number): balance})
    trial.save(place)
    return OpenLibrary(settings, place)
