"""On what machine and with which packages the numbers were taken."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from guiapp import __version__

_PACKAGES = ("torch", "chgnet", "temper-chgnet-kernel", "mace-torch", "matgl", "matcalc", "ase", "pymatgen", "numpy", "PySide6-Essentials")


def machine_facts() -> tuple[tuple[str, str], ...]:
    """Return what a reader must know to compare the numbers with others, as name and value."""
    facts = [
        ("processor", f"{_processor()}, {os.cpu_count()} logical cores"),
        ("memory", _memory()),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("Temper", __version__),
        ("packages", ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)),
        ("load at the start", _load()),
    ]
    return tuple((name, value) for name, value in facts if value)


def _processor() -> str:
    if sys.platform == "linux":
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if named:
            return named[0]
    return platform.processor() or "unknown processor"


def _memory() -> str:
    if sys.platform == "win32":
        return ""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"


def _load() -> str:
    if sys.platform == "win32":
        return ""
    return f"{os.getloadavg()[0]:.1f} processes on average in the last minute; numbers from a busy machine are of little use"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
