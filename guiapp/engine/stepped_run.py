"""Running a job of many calculations that go step by step: what all of them ask for at a time shares the batches.

Every answer is a static prediction, kept like any other. So after a kill the same job replays what is kept without a model and goes on with
the first step that is not, and a calculation gives the same numbers alone or among others.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from guiapp.benchmarks.stepwise import RefusedError, Stepwise
from guiapp.engine.batches import CPU_BATCH, GPU_BATCH, BatchSize
from guiapp.engine.executor import BatchOutcome, BatchTask, Executor
from guiapp.engine.frame_predictor import FrameResult, failure
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobOutcome, JobState, KeptPredictions, Progress
from guiapp.engine.job_control import JobControl
from guiapp.engine.job_ending import JobCancelled, run_to_the_end
from guiapp.engine.model_source import ModelSource, job_settings_hash, registry_source
from guiapp.engine.open_questions import OpenQuestions, Question
from guiapp.engine.pace import Pace
from guiapp.engine.trouble import OUTSIDE_TROUBLE, explain
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

_REACTION_SECONDS = 0.1
_BATCHES_PER_SLOT = 2

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Calculation(Generic[Result]):
    """One calculation of a job."""

    frames: tuple[Frame, ...]
    """The frames of the job that it settles."""
    steps: Stepwise[Result]
    """Not yet begun."""
    events: Callable[[Result], Iterable[Any]]
    """What is told at its end; each ``FrameFailure`` among it counts as one."""


@dataclass(eq=False)
class UnderWay:
    """A calculation that has begun."""

    calculation: Calculation[Any]
    asked: tuple[Frame, ...] = ()
    answers: dict[str, Prediction | None] | None = None
    """What is known of ``asked``, by content hash; None before it has begun."""
    steps: int = 0
    """How often it was answered."""
    was_computed: bool = False
    """Whether any answer was computed in this run."""


class SteppedRun:
    """One such job while it runs."""

    def __init__(
        self,
        job: BenchmarkJob,
        kept: KeptPredictions,
        executor: Executor,
        tell: Callable[[Any], None],
        control: JobControl,
        *,
        words: Callable[[Sequence[UnderWay], int], str],
    ) -> None:
        """Prepare.

        Args:
            job: What it is for; its ``mode`` does not enter the keys, since each step is a static prediction.
            kept: Where finished predictions are.
            executor: Where batches run.
            tell: Told the events of each calculation that ends and ``Progress`` after each batch, from this thread only.
            control: Pauses and cancels from another thread.
            words: Says how it goes, from the calculations that a batch has just moved on and the number of those that still go on.
        """
        self._job, self._kept, self._executor, self._tell, self._control = job, kept, executor, tell, control
        self._words = words
        self._start = time.monotonic()
        self._state = JobState.RUNNING
        self._done = self._from_kept = self._atoms = 0
        self._computing = 0.0
        self._device = self._note = self._settings = ""
        self._source: ModelSource | None = None
        self._failures: list[FrameFailure] = []
        self._pace = Pace(executor.slots)
        self._going_on: set[UnderWay] = set()
        self._questions: OpenQuestions[UnderWay] = OpenQuestions()
        self._running: dict[Future[BatchOutcome], list[Question[UnderWay]]] = {}
        self._inbox: queue.SimpleQueue[Future[BatchOutcome] | str] = queue.SimpleQueue()

    def finish(self, source: ModelSource | None, plan: Callable[[], Iterable[Calculation[Any]]]) -> JobOutcome:
        """Run to the end and say how it ended.

        Args:
            source: Where the model comes from; None for the registry.
            plan: Returns the calculations; it may fail frames beforehand.

        Raises:
            Exception: A bug, after the final ``Progress`` was told.
        """
        self._state, trouble = run_to_the_end(lambda: self._compute_all(source, plan))
        if self._running:
            self._executor.cancel(self._job.id)
        reason, advice = explain(trouble)
        self._tell_progress(reason)
        if trouble is not None and not isinstance(trouble, OUTSIDE_TROUBLE):
            raise trouble
        return JobOutcome(
            state=self._state,
            done=self._done,
            kept=self._from_kept,
            failures=tuple(self._failures),
            seconds=time.monotonic() - self._start,
            reason=reason,
            advice=advice,
            device=self._device,
            atoms=self._atoms,
            computing_seconds=self._computing,
        )

    def fail(self, frames: Iterable[Frame], reason: str, advice: str) -> None:
        """Settle frames that cannot be computed."""
        for frame in frames:
            self._done += 1
            row = failure(frame, reason, advice)
            self._failures.append(row)
            self._tell(row)

    def _compute_all(self, source: ModelSource | None, plan: Callable[[], Iterable[Calculation[Any]]]) -> None:
        self._tell_progress("looking up what is known")
        self._source = source if source is not None else registry_source(self._job)
        self._settings = job_settings_hash(replace(self._job, mode="static"), self._source)
        begun = [UnderWay(calculation) for calculation in plan()]
        self._going_on.update(begun)
        self._go_on(begun, each_step=self._obey)
        self._tell_progress("starting")
        try:
            while self._questions or self._running:
                self._obey()
                while not self._control.paused and self._may_submit:
                    self._submit(self._source)
                for future in self._arrivals():
                    self._take(self._running.pop(future), future.result())
        except (JobCancelled, CancelledError, UserFacingError):
            for future in [one for one in self._running if one.done() and not one.cancelled() and one.exception() is None]:
                self._take(self._running.pop(future), future.result())
            raise

    @property
    def _slots(self) -> int:
        return max(1, self._executor.slots)

    # ---- the calculations

    def _go_on(self, moved: Iterable[UnderWay], each_step: Callable[[], None] = lambda: None) -> None:
        """Move calculations on as far as predictions are known, and put down what is not; one look-up a step for all of them."""
        ready = list(moved)
        while ready:
            each_step()
            asking = [one for one in ready if self._step(one)]
            unknown = {frame.content_hash for one in asking for frame in one.asked if not self._questions.is_open(frame.content_hash)}
            known = self._find(unknown) if unknown else {}
            ready = []
            for one in asking:
                one.answers = {frame.content_hash: known.get(frame.content_hash) for frame in one.asked}
                for frame in one.asked:
                    if one.answers[frame.content_hash] is None:
                        self._questions.ask(frame, one)
                if None not in one.answers.values():
                    ready.append(one)

    def _find(self, hashes: Iterable[str]) -> dict[str, Prediction]:
        assert self._source is not None
        return self._kept.find(self._source.weights_hash, self._settings, sorted(hashes))

    def _step(self, one: UnderWay) -> bool:
        """Give a calculation its answers, or begin it; return whether it asks for more."""
        steps = one.calculation.steps
        try:
            if one.answers is None:
                one.asked = _bare(next(steps))
            else:
                one.steps += 1
                one.asked = _bare(steps.send([_given(one.answers[frame.content_hash]) for frame in one.asked]))
        except StopIteration as end:
            self._end(one, end.value)
        except UserFacingError as error:
            self._give_up(one, error)
        else:
            return True
        return False

    def _refuse(self, one: UnderWay, refused: FrameFailure) -> None:
        """Tell a calculation that the model cannot take what it asked for; it may still have a result."""
        try:
            one.calculation.steps.throw(RefusedError(refused.reason, advice=refused.advice))
        except StopIteration as end:
            self._end(one, end.value)
        except UserFacingError as error:
            self._give_up(one, error)
        else:
            raise RuntimeError("a calculation went on after the model had refused its geometry")

    def _end(self, one: UnderWay, result: Any) -> None:
        self._leave(one)
        for event in one.calculation.events(result):
            if isinstance(event, FrameFailure):
                self._failures.append(event)
            self._tell(event)
        self._done += len(one.calculation.frames)

    def _give_up(self, one: UnderWay, error: UserFacingError) -> None:
        self._leave(one)
        self.fail(one.calculation.frames, error.what, error.advice)

    def _leave(self, one: UnderWay) -> None:
        self._going_on.discard(one)
        self._questions.withdraw(one)
        if not one.was_computed:
            self._from_kept += len(one.calculation.frames)

    # ---- the batches

    @property
    def _size(self) -> BatchSize:
        return GPU_BATCH if "cuda" in {self._job.device, self._device} else CPU_BATCH

    @property
    def _may_submit(self) -> bool:
        """Whether a worker is idle, or a whole batch can wait for one: calculations that wait for less fall into step with each other."""
        if len(self._running) < self._slots:
            return self._questions.waiting
        return len(self._running) < _BATCHES_PER_SLOT * self._slots and self._questions.fill(self._size)

    def _submit(self, source: ModelSource) -> None:
        batch = self._questions.next_batch(self._size, self._slots)
        future = self._executor.submit(BatchTask(self._job.id, source, tuple(one.frame for one in batch)), self._inbox.put)
        self._running[future] = batch
        future.add_done_callback(self._inbox.put)

    def _arrivals(self) -> Iterator[Future[BatchOutcome]]:
        """Wait a moment for something to happen and yield the batches that ended."""
        try:
            item = self._inbox.get(timeout=_REACTION_SECONDS)
            while True:
                if isinstance(item, str):
                    self._tell_progress(item)
                else:
                    yield item
                item = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _take(self, batch: Sequence[Question[UnderWay]], outcome: BatchOutcome) -> None:
        """Keep the answers of a batch, then move on whoever waited for them."""
        assert self._source is not None
        results = dict(zip((one.frame.content_hash for one in batch), outcome.results, strict=True))
        good = {key: result for key, result in results.items() if isinstance(result, Prediction)}
        if good:
            self._kept.keep(self._source.weights_hash, self._settings, list(good), list(good.values()))
        atoms = sum(one.frame.n_atoms for one in batch)
        self._atoms += atoms
        self._computing += outcome.seconds
        self._device = outcome.device or self._device
        self._pace.add(len(batch), atoms, outcome.seconds, self._executor.slots)
        moved = self._hand_out(results)
        self._go_on(moved)
        count = len(self._going_on)
        self._tell_progress(self._words(moved, count) if count else "")

    def _hand_out(self, results: dict[str, FrameResult]) -> list[UnderWay]:
        """Give every calculation its answers and return those that have all of theirs."""
        whole: dict[UnderWay, None] = {}
        for key, result in results.items():
            for one in self._questions.close(key):
                one.was_computed = True
                if isinstance(result, FrameFailure):
                    self._refuse(one, result)
                    continue
                assert one.answers is not None
                one.answers[key] = result
                if None not in one.answers.values():
                    whole[one] = None
        return list(whole)

    def _obey(self) -> None:
        """Do what the control says: end here, or note that the job stands still."""
        if self._control.cancelled:
            raise JobCancelled
        state = JobState.PAUSED if self._control.paused else JobState.RUNNING
        if state is not self._state:
            self._state = state
            self._tell_progress(self._note)

    def _tell_progress(self, note: str) -> None:
        self._note = note
        over = self._state not in {JobState.RUNNING, JobState.PAUSED}
        self._tell(
            Progress(
                job=self._job.id,
                state=self._state,
                done=self._done,
                total=len(self._job.frames),
                kept=self._from_kept,
                failed=len(self._failures),
                rate=self._pace.rate,
                # How many steps a calculation needs is not known beforehand.
                seconds_left=0.0 if over else None,
                note=note,
            )
        )


def _bare(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    return tuple(frame.with_changes(energy=None, forces=None, stress=None, magmoms=None, flags=()) for frame in frames)


def _given(answer: Prediction | None) -> Prediction:
    assert answer is not None
    return answer
