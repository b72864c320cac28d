"""The self-test of a model in a worker process: the frames travel, the judgement is made here, and each model is tested once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from guiapp.engine.executor import BatchTask, Executor, Note
from guiapp.engine.job import FrameFailure
from guiapp.engine.model_source import ModelSource
from guiapp.frames.frame import Frame
from guiapp.potentials.self_test.answers import Answer, Ask
from guiapp.potentials.self_test.kept import keep_report, kept_report, report_key
from guiapp.potentials.self_test.report import SelfTestReport
from guiapp.potentials.self_test.run import run_self_test


def known_self_test(source: ModelSource) -> SelfTestReport | None:
    """Return the report of an earlier test of these weights on this inference path; None where there is none."""
    return kept_report(report_key(source.weights_hash, source.settings))


def self_test(source: ModelSource, functional: str, executor: Executor, note: Note, *, again: bool = False) -> SelfTestReport:
    """Test a model unless it was tested before, and keep the report.

    Args:
        source: Where the model comes from.
        functional: From the model's card.
        executor: Where the frames are predicted.
        note: Told in words what is going on.
        again: True to test a model that was tested before.

    Raises:
        UserFacingError: Where the model cannot be loaded, or the report cannot be kept.
    """
    known = None if again else known_self_test(source)
    if known is not None:
        return known
    note(f"testing {source.title}")
    report = run_self_test(ask_executor(source, executor, note), functional)
    keep_report(report_key(source.weights_hash, source.settings), report)
    return report


def ask_executor(source: ModelSource, executor: Executor, note: Note) -> Ask:
    """Return how to ask a model through an executor; a worker that dies costs the frame that killed it."""
    job = f"self-test {uuid.uuid4().hex}"

    def ask(frames: Sequence[Frame]) -> list[Answer]:
        outcome = executor.submit(BatchTask(job, source, tuple(frames)), note).result()
        return [result.reason if isinstance(result, FrameFailure) else result for result in outcome.results]

    return ask
