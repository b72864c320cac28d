"""One installation of an environment at a time, over all processes of the user."""

from __future__ import annotations

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
def hold(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file during the block; the system releases it however the process ends.

    Args:
        path: The lock file; made where it is missing.
        say: Told once if another process has to be waited for.
    """
    with path.open("ab") as file:
        told = False
        while not _try_lock(file):
            if not told:
                say("another installation of the same model is running; waiting for it")
                told = True
            time.sleep(_PAUSE)
        yield
