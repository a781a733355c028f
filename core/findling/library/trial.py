"""A library as it would be with another embedder, in a place of its own: to be searched and judged before
anything is switched, and thrown away."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from findling.embedding import Embedder, open_embedder
from findling.library.balance import find_out, tuned_balance
from findling.library.info import LibraryInfo
from findling.library.opened import OpenLibrary
from findling.library.shadow import Filling
from findling.library.worker import writer_of
from findling.settings import private_directory
from findling.store import StoreReader

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from findling.jobs import CancelToken, Report
    from findling.library.balance import Answered, TunedBalance
    from findling.models import InstalledModel
    from findling.settings import Settings
    from findling.store import FileRow, PassageRow


def build_trial(
    settings: Settings,
    library: OpenLibrary,
    rows: Sequence[PassageRow],
    model: InstalledModel,
    place: Path,
    report: Report,
    cancel: CancelToken,
) -> OpenLibrary:
    """Embed all passages of a library, `rows`, with `model` into tables in `place`, and open them; what is
    there already stays. Raises what opening the library and the model raises, and `Cancelled`."""
    info, card = library.info, model.card
    generation = replace(info.active, model=card.id, fingerprint=card.fingerprint, dim=card.dim)
    trial = LibraryInfo(info.name, generation, instruction=info.instruction)
    store = trial.store_in(private_directory(place))
    writer = writer_of(store, generation)

    @cache
    def embedder() -> Embedder:
        return open_embedder(settings, model, bulk=True)

    files = library.files()
    tokens = generation.passage_tokens
    Filling(_Held(files, rows), writer, embedder, settings, report, cancel, tokens).run()
    writer.put_files(files)
    with closing(StoreReader(store, generation.number)) as reader:
        balance = find_out(reader, embedder(), cancel)
    replace(trial, balances={str(generation.number): balance}).save(place)
    return OpenLibrary(settings, place)


def weigh_trial(
    trial: OpenLibrary, place: Path, asked: Sequence[Answered], cancel: CancelToken
) -> TunedBalance:
    """Let the library that `build_trial` has opened in `place` weigh its legs by questions that its model has
    not learned; it searches so from now on. Raises as `tuned_balance`."""
    info = trial.info
    with trial.searcher() as searcher:
        tuned = tuned_balance(searcher, asked, cancel)
    replace(info, balances={str(info.active.number): tuned.balance}).save(place)
    return tuned


class _Held:
    """Files and passages in memory, to fill a generation out of."""

    def __init__(self, files: list[FileRow], rows: Sequence[PassageRow]) -> None:
        self._files = files
        self._rows: dict[str, list[PassageRow]] = {}
        for row in sorted(rows, key=lambda row: (row.document_id, row.start, row.end)):
            self._rows.setdefault(row.document_id, []).append(row)

    def files(self) -> list[FileRow]:
        return self._files

    def document_ids(self) -> set[str]:
        return set(self._rows)

    def passages_of(self, document_ids: Collection[str]) -> list[PassageRow]:
        return [row for document_id in document_ids for row in self._rows[document_id]]
