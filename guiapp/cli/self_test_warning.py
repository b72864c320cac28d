"""What a command says of a model's self-test before it measures the model."""

from __future__ import annotations

import sys

from guiapp.cli.progress_line import ProgressLine
from guiapp.engine.executor import Executor
from guiapp.engine.job import BenchmarkJob
from guiapp.engine.model_source import registry_source
from guiapp.engine.self_test import self_test
from guiapp.potentials.potential import PotentialCard
from guiapp.potentials.self_test.gate import refuse_failed
from guiapp.potentials.self_test.report import Verdict


def test_before_correcting(card: PotentialCard, device: str, executor: Executor) -> None:
    """Test a model unless it was tested before, warn of its limits, and stop where it failed.

    Args:
        card: The model that shall be corrected.
        device: ``auto``, ``cpu`` or ``cuda``.
        executor: Where it is tested.

    Raises:
        UserFacingError: Where it failed or cannot be loaded.
    """
    warn_of_self_test(card, BenchmarkJob("self-test", "self-test", card.name, (), device), executor)
    refuse_failed(card)


def warn_of_self_test(card: PotentialCard, job: BenchmarkJob, executor: Executor) -> None:
    """Test a model unless it was tested before, and say where its numbers are not to be believed.

    Raises:
        UserFacingError: Where the model cannot be loaded.
    """
    line = ProgressLine(card.title)
    report = self_test(registry_source(job), card.functional, executor, line.say)
    line.clear()
    if report.verdict is not Verdict.PASSED:
        print(f"{'WARNING: ' if report.verdict is Verdict.FAILED else ''}{card.title}: {report.sentence}", file=sys.stderr)
