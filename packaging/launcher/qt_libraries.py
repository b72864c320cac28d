"""Shared libraries of Linux that Qt needs and a bare system lacks.

The names are what ``readelf -d`` lists for the platform plugins and libraries of PySide6 6.11. A missing one ends the
program with "could not load the Qt platform plugin" at best, so they are looked for before Qt is.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from launcher import system_packages
from launcher.messages import say

ANY_PLATFORM = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libstdc++.so.6": "libstdc++6",
}
"""Library to Debian package: needed by every Qt program, also one that draws to no screen."""

ON_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Needed as well by a window on X11 (Wayland systems have it for older programs)."""

FONT_PACKAGES = ("fontconfig", "fonts-dejavu-core")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts", "~/.fonts", "~/.local/share/fonts")


def is_loadable(library: str) -> bool:
    """Say whether the dynamic linker finds a library with all that it needs itself."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(
    *,
    window: bool,
    loadable: Callable[[str], bool] = is_loadable,
    font_folders: Iterable[str] = _FONT_FOLDERS,
) -> list[str]:
    """Return the Debian packages that Qt needs and this system lacks, without repetition.

    Args:
        window: For a window; without, only what drawing to no screen needs.
        loadable: Says whether a library can be loaded.
        font_folders: Where fonts lie.
    """
    needed = ANY_PLATFORM | (ON_X11 if window else {})
    missing = [package for library, package in needed.items() if not loadable(library)]
    fonts = (Path(folder).expanduser() for folder in font_folders)
    if not any(next(folder.rglob("*.[to]tf"), None) for folder in fonts if folder.is_dir()):
        missing += FONT_PACKAGES
    return list(dict.fromkeys(missing))


def provide(*, window: bool, platform: str = sys.platform) -> bool:
    """Make sure that Qt can start: install what is missing where one may, else print the one command that does.

    Returns:
        Whether everything is there now.
    """
    if not platform.startswith("linux"):
        return True
    missing = missing_packages(window=window)
    if missing and system_packages.may_install():
        system_packages.install(missing)
        missing = missing_packages(window=window)
    if missing:
        say("Qt lacks libraries of the system. On Debian or Ubuntu this command installs them (elsewhere, their counterparts):")
        say(f"  {system_packages.install_command(missing)}")
    return not missing


def bad_pair(python: tuple[int, ...], pyside: str) -> str:
    """Say what is wrong with a pair of Python and PySide6; return an empty text where nothing is known.

    Args:
        python: Version of Python, e.g. ``(3, 11, 7)``.
        pyside: Version of PySide6, e.g. ``6.11.3``.
    """
    if tuple(python[:2]) < (3, 12) and [int(part) for part in pyside.split(".")[:2]] >= [6, 12]:
        return (
            f"PySide6 {pyside} aborts on Python {python[0]}.{python[1]} within seconds"
            " (each call that returns nothing drops a reference to None)"
        )
    return ""
