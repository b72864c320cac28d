"""The one line-icon family (Phosphor, through qtawesome), tinted with the theme."""

from __future__ import annotations

import qtawesome
from PySide6.QtGui import QIcon

from guiapp.ui.theme import Palette


def icon(name: str, palette: Palette, *, color: str | None = None) -> QIcon:
    """Return an icon by its Phosphor name, e.g. ``play``, in the text colour of the theme unless told otherwise."""
    made: QIcon = qtawesome.icon(f"ph.{name}", color=color or palette.text, color_disabled=palette.muted)
    return made
