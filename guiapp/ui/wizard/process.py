"""What every process of the wizard does around its work; no Qt here."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

from guiapp.engine.parent_watch import end_with_parent
from guiapp.errors import UserFacingError

Tell = Callable[[object], None]
"""Sends progress to the window."""


def run_in_process(work: Callable[..., object], order: object, pipe: Connection) -> None:
    """Do the work, and tell progress and outcome; called in the new process.

    Args:
        work: Called with the order and a function that tells progress.
        order: What to do.
        pipe: To the window.
    """
    end_with_parent()

    def tell(progress: object) -> None:
        pipe.send(("progress", progress))

    try:
        pipe.send(("done", work(order, tell)))
    except UserFacingError as error:
        pipe.send(("refused", (error.what, error.advice, str(error.path or ""))))
    except Exception:  # noqa: BLE001 - whatever it is, the window must hear of it
        pipe.send(("crashed", traceback.format_exc()))
