"""Ends a child process together with the program that started it."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Watch the parent from now on and end this process at once when it is gone, even in the middle of work and even after kill -9."""
    threading.Thread(target=_wait_and_end, name="watch parent", daemon=True).start()


def _wait_and_end() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
