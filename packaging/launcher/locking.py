"""One installation at a time: a lock that the system releases when its owner ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PAUSE = 0.5

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def only_one(path: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold a lock file during the block; wait while another process holds it.

    Args:
        path: The lock file; made where it is missing, and left behind.
        waiting: Called once if one has to wait.

    Yields:
        The open lock's descriptor: a child that inherits it (POSIX) holds the lock as well, so that a pip which
        outlives a killed launcher is waited for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        told = False
        while not _try_lock(file):
            if not told:
                waiting()
                told = True
            time.sleep(_PAUSE)
        os.utime(path)  # shows in a listing when the last installation began
        yield file.fileno()  # closing the file releases the lock
