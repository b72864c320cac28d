"""The environment variables of worker processes, on this machine and on others; it must be set before their first instruction."""

from __future__ import annotations

import sys

_EVERYWHERE = {
    # One thread a process: two on a busy machine were measured to be ten times slower.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Models come from files on this machine; no package may look for them elsewhere.
    "HF_HUB_OFFLINE": "1",
}
_GLIBC = {
    # glibc maps and unmaps every large tensor; keeping the memory was measured to be 2.1 to 2.6 times faster in the worst cases.
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_MMAP_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "67108864",
}


def worker_variables(platform: str = sys.platform) -> dict[str, str]:
    """Return the variables to set for a worker process on a platform, named as ``sys.platform``."""
    return _EVERYWHERE | (_GLIBC if platform == "linux" else {})
