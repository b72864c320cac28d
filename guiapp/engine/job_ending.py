"""How a job came to its end, whatever it computes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError

from guiapp.engine.executor_lost import ExecutorLostError
from guiapp.engine.job import JobState


class JobCancelled(Exception):  # noqa: N818 - not an error
    """The job shall end."""


def run_to_the_end(work: Callable[[], None]) -> tuple[JobState, Exception | None]:
    """Do the work of a job.

    Args:
        work: All of it; raises ``JobCancelled`` where the user wants no more.

    Returns:
        The final state and what stopped the work: nothing where it is done or was cancelled. An executor that somebody closed, or that is
        lost, leaves a job that can be resumed; everything else has failed, and whether it is a bug is the caller's to tell.
    """
    try:
        work()
    except JobCancelled:
        return JobState.CANCELLED, None
    except (CancelledError, ExecutorLostError) as error:
        return JobState.INTERRUPTED, error
    except Exception as error:  # noqa: BLE001 - the job ends as failed; the caller raises what is a bug
        return JobState.FAILED, error
    return JobState.DONE, None
