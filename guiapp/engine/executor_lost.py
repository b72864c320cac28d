"""The error of an executor that went away in the middle of a job."""

from __future__ import annotations

from guiapp.errors import UserFacingError


class ExecutorLostError(UserFacingError):
    """What ran the batches is gone; the job is interrupted and not failed, since it can go on elsewhere or later."""
