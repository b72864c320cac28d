"""Whether the optional compiled CHGNet kernel is installed and wanted, and how its last check went; without importing torch or the kernel.

The user's wish lies in the settings folder, where worker processes read it whenever they load a model. What a worker found when it
compared the kernel with PyTorch is kept in the cache folder, so that a window or a command can tell it without loading compiled code.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guiapp.errors import UserFacingError
from guiapp.potentials.kept_json import read_json_object, write_json_object
from guiapp.potentials.user_folders import cache_folder, config_folder

PACKAGE = "temper_chgnet_kernel"
SWITCH = "TEMPER_CHGNET_KERNEL"
"""Environment variable; ``off`` keeps to PyTorch and ``on`` does not, whatever the settings say."""
BUILD_COMMAND = "python3 main.py build-kernel"
_OFF, _ON = {"off", "0", "no", "false"}, {"on", "1", "yes", "true"}
_SETTINGS, _WANTED = "speed.json", "chgnet_kernel"
_CHECK = "chgnet-kernel-check.json"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class KernelCheck:
    """What came of the newest load of a CHGNet with the kernel."""

    title: str
    """The model."""
    instructions: str
    """Which of the processor's instructions the code uses, e.g. ``avx2``; empty where it could not be loaded."""
    refused: str
    """Why the kernel was not used; empty where it agreed with PyTorch."""
    checked_on: str
    """When, ISO 8601 in UTC."""


@dataclass(frozen=True)
class KernelState:
    """How things stand on this machine."""

    installed: bool
    wanted: bool
    by_variable: bool
    """Whether the environment variable decides and not the settings."""
    check: KernelCheck | None = None
    """Of the build that is installed; None where no model was loaded with it yet."""

    @property
    def decided(self) -> str:
        """Where it is turned on or off."""
        return f"by {SWITCH}" if self.by_variable else "in the settings"

    @property
    def sentence(self) -> str:
        """What computes CHGNet on the CPU, and why."""
        if not self.installed and getattr(sys, "frozen", False):
            return "The compiled kernel for CHGNet is not part of this packed program, so PyTorch computes."
        if not self.installed:
            return f"The compiled kernel for CHGNet is not installed, so PyTorch computes. To build it: {BUILD_COMMAND}"
        if not self.wanted:
            return f"The compiled kernel for CHGNet is installed and turned off {self.decided}, so PyTorch computes."
        if self.check is None:
            return "The compiled kernel for CHGNet is installed. It is compared with PyTorch when a CHGNet is loaded next."
        when = f"when {self.check.title} was loaded on {self.check.checked_on[:10]}"
        if self.check.refused:
            return f"The compiled kernel for CHGNet is installed and was not used {when}, so PyTorch computed: {self.check.refused}."
        return f"CHGNet on the CPU runs on the compiled kernel ({self.check.instructions}), which agreed with PyTorch {when}."


def kernel_state() -> KernelState:
    """Return how things stand; a few small files are read."""
    return KernelState(kernel_is_installed(), not kernel_is_turned_off(), _told_by_variable() is not None, _last_check())


def kernel_is_installed() -> bool:
    """Tell whether ``python3 main.py build-kernel`` or pip has put it into this environment."""
    return importlib.util.find_spec(PACKAGE) is not None


def kernel_is_turned_off() -> bool:
    """Tell whether the user wants PyTorch even where the kernel is installed."""
    told = _told_by_variable()
    if told is not None:
        return not told
    try:
        return read_json_object(config_folder() / _SETTINGS).get(_WANTED) is False
    except UserFacingError:
        return False  # a damaged setting must not keep a model from loading


def turn_kernel(*, on: bool) -> None:
    """Keep the user's wish; workers follow it when they load a model next.

    Raises:
        UserFacingError: Where the settings cannot be written.
    """
    path = config_folder() / _SETTINGS
    write_json_object(path, {**read_json_object(path), _WANTED: on})


def remember_check(title: str, instructions: str, refused: str) -> None:
    """Keep what came of a load; where that is not possible, nothing is lost but the knowledge.

    Args:
        title: The model.
        instructions: See ``KernelCheck``.
        refused: See ``KernelCheck``.
    """
    check = KernelCheck(title, instructions, refused, datetime.now(UTC).isoformat(timespec="seconds"))
    known = _last_check()
    if known is not None and replace(check, checked_on=known.checked_on[:10]) == replace(known, checked_on=check.checked_on[:10]):
        return  # a correction loads dozens of copies, and a file that is written for good takes milliseconds
    try:
        write_json_object(cache_folder() / _CHECK, {**asdict(check), "build": _build()})
    except UserFacingError as error:
        _LOG.warning("the check of the compiled kernel is not kept: %s", error)


def _last_check() -> KernelCheck | None:
    """Return the newest check; None where it was of another build."""
    try:
        kept: dict[str, Any] = read_json_object(cache_folder() / _CHECK)
    except UserFacingError:
        return None
    if not kept or kept.get("build") != _build():
        return None
    return KernelCheck(*(str(kept.get(name, "")) for name in ("title", "instructions", "refused", "checked_on")))


def _told_by_variable() -> bool | None:
    word = os.environ.get(SWITCH, "").strip().lower()
    return False if word in _OFF else True if word in _ON else None


def _build() -> str:
    """Return what tells one build of the library from another."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = (spec.submodule_search_locations or []) if spec is not None else []
    files = sorted(file for folder in folders for file in Path(folder).glob("_native*"))
    return " ".join(f"{file.name}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in files)
