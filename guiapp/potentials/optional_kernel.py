"""Whether the optional compiled CHGNet kernel is installed and wanted; told without importing torch or the kernel."""

from __future__ import annotations

import importlib.util
import os

PACKAGE = "temper_chgnet_kernel"
SWITCH = "TEMPER_CHGNET_KERNEL"
"""Environment variable; ``off`` keeps to PyTorch."""
_OFF = {"off", "0", "no", "false"}


def kernel_is_installed() -> bool:
    """Tell whether ``python3 main.py build-kernel`` or pip has put it into this environment."""
    return importlib.util.find_spec(PACKAGE) is not None


def kernel_is_turned_off() -> bool:
    """Tell whether the user wants PyTorch even where the kernel is installed."""
    return os.environ.get(SWITCH, "").strip().lower() in _OFF
