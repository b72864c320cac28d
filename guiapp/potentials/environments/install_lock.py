"""One installation of an environment at a time, over all processes of the user."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from guiapp.potentials.lock_file import try_lock

_PAUSE = 0.5


@contextmanager
def hold(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file during the block; the system releases it however the process ends.

    Args:
        path: The lock file; made where it is missing.
        say: Told once if another process has to be waited for.
    """
    with path.open("ab") as file:
        told = False
        while not try_lock(file):
            if not told:
                say("another installation of the same model is running; waiting for it")
                told = True
            time.sleep(_PAUSE)
        yield
