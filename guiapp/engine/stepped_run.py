"""Running a job of many calculations that go step by step: what all of them ask for at a time shares the batches.

Every answer is a static prediction, kept like any other. So after a kill the same job replays what is kept without a model and goes on with
the first step that is not, and a calculation gives the same numbers alone or among others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from guiapp.benchmarks.stepwise import RefusedError, Stepwise
from guiapp.engine.batches import CPU_BATCH, GPU_BATCH, BatchSize
from guiapp.engine.executor import BatchOutcome, BatchTask, Executor
from guiapp.engine.frame_predictor import FrameResult, failure
from guiapp.engine.job import BenchmarkJob, FrameFailure, JobOutcome, KeptPredictions
from guiapp.engine.job_control import JobControl
from guiapp.engine.model_source import ModelSource, job_settings_hash, registry_source
from guiapp.engine.open_questions import OpenQuestions, Question
from guiapp.engine.running_job import BATCHES_PER_SLOT, RunningJob
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction

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


class SteppedRun(RunningJob[list[Question[UnderWay]]]):
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
        super().__init__(job, kept, executor, tell, control)
        self._words = words
        self._going_on: set[UnderWay] = set()
        self._questions: OpenQuestions[UnderWay] = OpenQuestions()

    def finish(self, source: ModelSource | None, plan: Callable[[], Iterable[Calculation[Any]]]) -> JobOutcome:
        """Run to the end and say how it ended.

        Args:
            source: Where the model comes from; None for the registry.
            plan: Returns the calculations; it may fail frames beforehand.

        Raises:
            Exception: A bug, after the final ``Progress`` was told.
        """
        return self._end_of(lambda: self._compute_all(source, plan))

    def fail(self, frames: Iterable[Frame], reason: str, advice: str) -> None:
        """Settle frames that cannot be computed."""
        for frame in frames:
            self._fail(failure(frame, reason, advice))

    def _compute_all(self, source: ModelSource | None, plan: Callable[[], Iterable[Calculation[Any]]]) -> None:
        self._tell_progress("looking up what is known")
        self._source = source if source is not None else registry_source(self._job)
        self._settings = job_settings_hash(replace(self._job, mode="static"), self._source)
        begun = [UnderWay(calculation) for calculation in plan()]
        self._going_on.update(begun)
        self._go_on(begun, each_step=self._obey)
        self._tell_progress("starting")
        with self._taking_what_ended():
            while self._questions or self._running:
                self._obey()
                while not self._control.paused and self._may_submit:
                    batch = self._questions.next_batch(self._size, self._slots)
                    self._send(batch, BatchTask(self._job.id, self._source, tuple(one.frame for one in batch)))
                self._receive()

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
        return len(self._running) < BATCHES_PER_SLOT * self._slots and self._questions.fill(self._size)

    def _take(self, batch: list[Question[UnderWay]], outcome: BatchOutcome) -> None:
        """Keep the answers of a batch, then move on whoever waited for them."""
        results = dict(zip((one.frame.content_hash for one in batch), outcome.results, strict=True))
        good = {key: result for key, result in results.items() if isinstance(result, Prediction)}
        if good:
            self._kept.keep(self._source.weights_hash, self._settings, list(good), list(good.values()))
        self._count(len(batch), sum(one.frame.n_atoms for one in batch), outcome)
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

    def _seconds_left(self) -> float | None:
        """Return None: how many steps a calculation needs is not known beforehand."""
        return None


def _bare(frames: Iterable[Frame]) -> tuple[Frame, ...]:
    return tuple(frame.with_changes(energy=None, forces=None, stress=None, magmoms=None, flags=()) for frame in frames)


def _given(answer: Prediction | None) -> Prediction:
    assert answer is not None
    return answer
