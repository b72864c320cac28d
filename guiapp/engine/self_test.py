"""The self-test of a model in a worker process: the frames travel, the judgement is made here, and each model is tested once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime

from guiapp.engine.executor import BatchOutcome, BatchTask, Executor, Note
from guiapp.engine.job import FrameFailure
from guiapp.engine.model_source import ModelSource
from guiapp.frames.frame import Frame
from guiapp.potentials.self_test.answers import Answer
from guiapp.potentials.self_test.kept import keep_report, kept_report, report_key
from guiapp.potentials.self_test.report import MeasuredFacts, SelfTestReport
from guiapp.potentials.self_test.run import run_self_test

_LOOK_AGAIN = 0.2  # seconds between two looks at whether the test is still wanted
_ENOUGH_ATOMS = 100
"""In one batch, for its time to say something about speed."""


def known_self_test(source: ModelSource) -> SelfTestReport | None:
    """Return the report of an earlier test of these weights on this inference path; None where there is none."""
    return kept_report(report_key(source.weights_hash, source.settings))


def _go_on() -> None:
    return


def self_test(
    source: ModelSource, functional: str, executor: Executor, note: Note, *, again: bool = False, stop: Callable[[], None] = _go_on
) -> SelfTestReport:
    """Test a model unless it was tested before, and keep the report.

    Args:
        source: Where the model comes from.
        functional: From the model's card.
        executor: Where the frames are predicted.
        note: Told in words what is going on.
        again: True to test a model that was tested before.
        stop: Called several times a second; whatever it raises ends the test within moments, and nothing is kept.

    Raises:
        UserFacingError: Where the model cannot be loaded, or the report cannot be kept.
    """
    known = None if again else known_self_test(source)
    if known is not None:
        return known
    note(f"testing {source.title}")
    asked = AskedExecutor(source, executor, note, stop)
    report = replace(run_self_test(asked, functional), facts=asked.facts)
    keep_report(report_key(source.weights_hash, source.settings), report)
    return report


class AskedExecutor:
    """Asks a model through an executor, and notes how fast it answers; a worker that dies costs the frame that killed it."""

    def __init__(self, source: ModelSource, executor: Executor, note: Note, stop: Callable[[], None] = _go_on) -> None:
        """Ask nothing yet.

        Args:
            source: The model.
            executor: Where it runs.
            note: Told how many structures were asked for.
            stop: See ``self_test``.
        """
        self._source, self._executor, self._note, self._stop = source, executor, note, stop
        self._job = f"self-test {uuid.uuid4().hex}"
        self._asked = 0
        self._fastest: float | None = None
        self._device = ""
        self._parameters: int | None = None
        self._computed_by = ""

    @property
    def facts(self) -> MeasuredFacts:
        """What was learnt on the way."""
        tested_on = datetime.now(UTC).isoformat(timespec="seconds")
        return MeasuredFacts(self._parameters, self._fastest, self._device, tested_on, self._computed_by)

    def __call__(self, frames: Sequence[Frame]) -> list[Answer]:
        """Have one batch predicted and wait for it."""
        self._stop()
        future = self._executor.submit(BatchTask(self._job, self._source, tuple(frames)), self._note)
        outcome = self._wait(future)
        self._asked += len(frames)
        self._note(f"testing {self._source.title}: {self._asked} structures")
        self._device, self._parameters = outcome.device or self._device, outcome.n_parameters or self._parameters
        self._computed_by = outcome.computed_by or self._computed_by
        atoms = sum(frame.n_atoms for frame in frames)
        if atoms >= _ENOUGH_ATOMS and outcome.seconds > 0:
            # The fastest batch, because the first ones of a model warm it up.
            self._fastest = max(self._fastest or 0.0, atoms / outcome.seconds)
        return [result.reason if isinstance(result, FrameFailure) else result for result in outcome.results]

    def _wait(self, future: Future[BatchOutcome]) -> BatchOutcome:
        while True:
            try:
                return future.result(timeout=_LOOK_AGAIN)
            except TimeoutError:
                if future.done():
                    raise
            try:
                self._stop()
            except BaseException:
                self._executor.cancel(self._job)
                raise
