"""How much memory this process has needed at most."""

from __future__ import annotations

import platform
from pathlib import Path


def peak_memory() -> int | None:
    """Return the largest memory of this process so far, bytes; None where the system does not tell."""
    system = platform.system()
    if system == "Linux":
        # getrusage would count the parent's memory too: its peak survives fork and exec.
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(lines[0][1]) * 1024 if lines else None
    if system == "Windows":
        return _windows()
    import resource  # noqa: PLC0415 - only on systems that have it

    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # bytes on macOS


def _windows() -> int | None:
    import ctypes  # noqa: PLC0415 - as above
    from ctypes import wintypes  # noqa: PLC0415

    class Counters(ctypes.Structure):
        _fields_ = (
            ("cb", wintypes.DWORD),
            ("PageFaultCount", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in ("PeakWorkingSetSize", "WorkingSetSize", "a", "b", "c", "d", "e", "f")),
        )

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the name exists on Windows only
    told = kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
    return int(counters.PeakWorkingSetSize) if told else None
