"""The muted line under the sentence: short at first, everything on request."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from guiapp.ui.theme import Palette

_MORE, _LESS = "show\u00a0all", "show\u00a0less"


class EvidenceLine(QLabel):
    """Evidence in one or two lines, with a link that opens the rest in place; the tooltip has the rest too."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = palette
        self._brief = self._full = ""
        self._open = False
        self.setProperty("role", "muted")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self.linkActivated.connect(self._toggle)

    def set_palette(self, palette: Palette) -> None:
        """Draw the link in another theme."""
        self._colors = palette
        self._refresh()

    @property
    def full(self) -> str:
        """All of the evidence as plain text."""
        return self._full

    @property
    def shown(self) -> str:
        """What is shown of it, without the link."""
        return self._full if self._open else self._brief

    def set_words(self, brief: str, full: str) -> None:
        """Show other evidence; what the user opened stays open.

        Args:
            brief: A line, plain text.
            full: The same with every detail; equal to ``brief`` where there is no more to say.
        """
        if (brief, full) != (self._brief, self._full):
            self._brief, self._full = brief, full
            self._refresh()

    def _refresh(self) -> None:
        link = (
            f" <a style='color: {self._colors.accent}' href='toggle'>{_LESS if self._open else _MORE}</a>"
            if self._full != self._brief
            else ""
        )
        self.setText(html.escape(self.shown, quote=False) + link)
        self.setToolTip("" if self.shown == self._full else f"<p>{html.escape(self._full, quote=False)}</p>")
        self.setAccessibleName(self._full)

    @Slot(str)
    def _toggle(self, _link: str) -> None:
        self._open = not self._open
        self._refresh()
