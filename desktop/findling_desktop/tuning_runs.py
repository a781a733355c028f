"""The library's tuning runs: begun, gone on with from stage to stage, stopped, promoted and rolled back.

What a run does is `findling.adaptation`'s business; here its jobs are started one after the other, looked at
while they work, and ended with the window. A run that was stopped goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from findling.jobs import JobState
from findling_desktop.held_job import AskedJob

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from findling.adaptation.plan import TuningWishes
    from findling.adaptation.runs import Run
    from findling.jobs import ChildJob
    from findling.library import Libraries
    from findling.synthesis.pair_set import PairSet
    from findling_desktop.bridge import Bridge
    from findling_desktop.indexing import IndexJobs


@dataclass(frozen=True, slots=True)
class Choices:
    """What a run may be made with, by id, the default first: embedders to tune, generators. `names` are what
    models call themselves, `in_use` is the library's embedder, and `built_in` come with Findling."""

    bases: tuple[str, ...] = ()
    generators: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    in_use: str = ""
    built_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RunPairs:
    """The pairs of a run, and the titles of their documents by id."""

    run: Run
    pairs: PairSet
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TuningState:
    """`runs` of the library, the last one first, and ids of them: of the one whose model answers searches now
    and the one whose model is about to ("": none), of those that may take over, of those with a report."""

    choices: Choices = Choices()
    runs: tuple[Run, ...] = ()
    in_use: str = ""
    coming: str = ""
    offered: frozenset[str] = frozenset()
    reported: frozenset[str] = frozenset()


class TuningRuns(AskedJob):
    """Methods but `close` belong to the GUI thread; signals arrive there. A run has `ended` when it is
    judged, or waits."""

    #: TuningState: what there is, whenever it was read.
    read_anew = Signal(object)
    #: Run: a job of its stage works from now on.
    advanced = Signal(object)
    #: Run: a person is to look at its pairs, and then to let it go on.
    waiting = Signal(object)

    def __init__(
        self, bridge: Bridge, libraries: Callable[[], Libraries], name: Callable[[], str], jobs: IndexJobs
    ) -> None:
        """`libraries` is called in the io lane alone; `jobs` write to the library."""
        super().__init__(bridge)
        #: The run that goes on.
        self.run: Run | None = None
        self._libraries = libraries
        self._name = name
        self._jobs = jobs

    # -- what a person wants ------------------------------------------------------------------------

    def read(self) -> None:
        """Read what there is anew."""
        promoting = self._jobs.busy
        self._bridge.io(lambda: self._read(promoting=promoting), self.read_anew.emit, self.failed.emit)

    def _read(self, *, promoting: bool) -> TuningState:
        from findling.adaptation.flow import answering, may_promote
        from findling.adaptation.runs import runs_of

        name, libraries = self._name(), self._libraries()
        if name not in libraries.names():
            return TuningState()
        used = answering(libraries, name)
        runs = tuple(runs_of(libraries, name))
        shadow = libraries.info(name).shadow
        coming = next((run.id for run in runs if promoting and shadow and run.model == shadow.model), "")
        return TuningState(
            _choices(libraries, name),
            runs,
            used.id if used else "",
            coming,
            frozenset(run.id for run in runs if may_promote(run, asked=True)),
            frozenset(run.id for run in runs if run.report.is_file()),
        )

    def begin(self, wishes: TuningWishes) -> None:
        """Begin a run, unless one goes on."""

        def planned(libraries: Libraries) -> Run:
            from findling.adaptation.flow import begin

            return begin(libraries, self._name(), wishes)

        self._start(planned)

    def go_on(self, run: Run) -> None:
        """Go on with a run that was stopped, or waited for a review, unless one goes on."""

        def planned(_: Libraries) -> Run:
            from findling.adaptation.flow import reviewed

            return reviewed(run)

        self._start(planned)

    def read_pairs(self, run: Run, done: Callable[[RunPairs], None]) -> None:
        """Read the pairs of a run."""

        def work() -> RunPairs:
            from findling.synthesis.pair_file import read_pairs

            with self._libraries().open(run.library) as library:
                titles = {file.document_id: file.title or file.name for file in library.files()}
            return RunPairs(run, read_pairs(run.pairs), titles)

        self._bridge.io(work, done, self.failed.emit)

    def change_pairs(self, run: Run, record: dict[str, Any], refused: Callable[[RunPairs], None]) -> None:
        """Add a record to the file of pairs of a run; where that cannot be, tell what there is instead."""

        def work() -> None:
            from findling.synthesis.pair_file import PairWriter

            with PairWriter(run.pairs) as writer:
                writer.write([record])

        def failed(error: Exception) -> None:
            self.failed.emit(error)
            self.read_pairs(run, refused)

        self._bridge.io(work, lambda _: None, failed)

    def read_maps(self, run: Run, done: Callable[[Run, Mapping[str, Any] | None], None]) -> None:
        """Read the maps before and after tuning of a run's report; None where it has none."""

        def work() -> Mapping[str, Any] | None:
            from findling.adaptation.report import maps_in

            return maps_in(run)

        self._bridge.io(work, lambda told: done(run, told), self.failed.emit)

    def promote(self, run: Run) -> None:
        """Embed the library anew with the run's model, which then answers; searches go on meanwhile."""

        def make_job() -> ChildJob:
            from findling.adaptation.flow import start_promotion

            return start_promotion(self._libraries(), run)

        self._jobs.rebuild(make_job)

    def roll_back(self, run: Run) -> None:
        """Let what answered before the run's model answer again."""

        def work() -> None:
            from findling.adaptation.flow import roll_back

            roll_back(self._libraries(), run)

        self._jobs.between(work, lambda _: self.read(), self.failed.emit)

    def delete(self, run: Run) -> None:
        """Remove a run and its model, unless that is in use."""

        def work() -> None:
            from findling.adaptation.runs import delete_run

            delete_run(self._libraries(), run)

        self._bridge.io(work, lambda _: self.read(), self._refused)

    # -- a run's life -------------------------------------------------------------------------------

    def _start(self, planned: Callable[[Libraries], Run]) -> None:
        if self.working:
            return
        self._starting = True
        self._stopping = False

        def work() -> Run:
            from findling.adaptation.flow import next_job

            libraries = self._libraries()
            run = planned(libraries)
            # Kept here at once: a window that is being closed takes no answer, but must end the job.
            self.run = run
            self._job = next_job(libraries, run)
            return run

        self._bridge.io(work, self._advance, self._end)

    def _advance(self, run: Run) -> None:
        self._starting = False
        self.run = run
        if self._job is None:
            self._end(None)
            if not run.verdict:
                self.waiting.emit(run)
            return
        if self._stopping:
            self._job.cancel()
        self.advanced.emit(run)
        self._poll.start()

    def _look(self) -> None:
        """Every other moment: where is the job?"""
        job = self._job
        if job is None or self.run is None:
            return
        if job.state is JobState.RUNNING:
            self.progressed.emit(job.progress)
            return
        self._poll.stop()
        self._job = None
        if job.state is not JobState.DONE:
            from findling.errors import Cancelled

            self._end(job.error or Cancelled())
            return
        run, found = self.run, job.result()
        self._starting = True

        def work() -> Run:
            from findling.adaptation.flow import after, clear, next_job

            now = after(run, found)
            self._job = next_job(self._libraries(), now)
            if now.verdict:
                clear(now)
            return now

        self._bridge.io(work, self._advance, self._end)

    def _end(self, error: Exception | None) -> None:
        self._starting = self._stopping = False
        self.run = None
        self.ended.emit(error)
        self.read()

    def _refused(self, error: Exception) -> None:
        self.failed.emit(error)
        self.read()


def _choices(libraries: Libraries, name: str) -> Choices:
    from findling.adaptation.plan import tunable_bases
    from findling.library.keeping_models import kept_models

    settings = libraries.settings
    in_use = libraries.info(name).active.model
    kept = kept_models(libraries)
    writing = [model for model in kept if model.kind == "generator"]
    return Choices(
        tuple(sorted(tunable_bases(settings), key=lambda base: base != in_use)),
        tuple(sorted((model.id for model in writing), key=lambda each: each != settings.generator)),
        {model.id: model.name for model in kept},
        in_use,
        frozenset(model.id for model in writing if model.built_in),
    )
