"""Who runs a job: this program, another live one, or one that was killed."""

from __future__ import annotations

import os
import platform
import sys
import time
import uuid
from dataclasses import dataclass

HEARTBEAT = 10.0
"""Seconds between two signs of life."""
SILENCE = 90.0
"""Seconds without a sign of life after which a program counts as gone, wherever it ran."""

_STILL_ACTIVE = 259
_QUERY_LIMITED_INFORMATION = 0x1000


@dataclass(frozen=True)
class Owner:
    """One running program; ``instance`` tells it from a later one with the same process number."""

    host: str
    pid: int
    instance: str

    def is_alive(self, heartbeat: float, *, now: float | None = None) -> bool:
        """Say whether the program that owns a job still runs.

        A process number is only proof on the same machine, and only of absence: numbers are used again. So a program is
        alive if nothing shows that it is gone and its last sign of life is recent.

        Args:
            heartbeat: Time of its last sign of life, seconds since 1970.
            now: Time of the question; None for the present.
        """
        if self == THIS_PROGRAM:
            return True
        if self.host == THIS_PROGRAM.host and (self.pid == THIS_PROGRAM.pid or not process_exists(self.pid)):
            return False
        return (time.time() if now is None else now) - heartbeat < SILENCE


def process_exists(pid: int) -> bool:
    """Say whether a process of that number runs on this machine."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _windows_process_exists(pid)
    try:
        os.kill(pid, 0)  # signal 0 asks and does nothing; on Windows it would end the process
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs, as somebody else
        return True
    return True


if sys.platform == "win32":

    def _windows_process_exists(pid: int) -> bool:
        import ctypes  # noqa: PLC0415 - the names below exist on Windows only

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == _STILL_ACTIVE


THIS_PROGRAM = Owner(platform.node(), os.getpid(), uuid.uuid4().hex)
"""The program that runs this code."""
