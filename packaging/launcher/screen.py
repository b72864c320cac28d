"""Whether a window can be shown."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_WITHOUT_SCREEN = ("offscreen", "minimal")
_TIMEOUT = 2.0  # seconds for a screen on another machine
_FIRST_PORT = 6000  # of the X protocol


def why_no_screen(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Say in a few words why no window can be shown; return an empty text where one can.

    Args:
        environment: The environment variables.
        platform: ``sys.platform``.
    """
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if chosen in _WITHOUT_SCREEN:
        return f"QT_QPA_PLATFORM is {chosen}"
    if chosen or platform in ("win32", "darwin"):
        return ""  # the user knows better, or there is always a screen
    display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    if wayland and _answers_wayland(wayland, environment.get("XDG_RUNTIME_DIR", "")):
        return ""
    if display and _answers_x(display):
        return ""
    return f"the screen {display or wayland} does not answer"


def _answers_wayland(name: str, folder: str) -> bool:
    return _connects(str(Path(folder) / name))


def _answers_x(display: str) -> bool:
    """Try the socket of an X server: Qt would abort the whole program where there is none."""
    match = re.fullmatch(r"(?:unix)?(?P<host>.*?)(?:/unix)?:(?P<number>\d+)(?:\.\d+)?", display)
    if match is None:
        return True  # a form unknown here (a path on macOS, DECnet): let Qt try
    number = int(match["number"])
    if not match["host"] and (_connects(f"/tmp/.X11-unix/X{number}") or _connects(f"\0/tmp/.X11-unix/X{number}")):  # noqa: S108
        return True
    try:
        with socket.create_connection((match["host"] or "localhost", _FIRST_PORT + number), timeout=_TIMEOUT):
            return True
    except OSError:
        return False


def _connects(address: str) -> bool:
    if not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_TIMEOUT)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True
