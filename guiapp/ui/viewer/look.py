"""The colours of a drawing, taken from the window's palette."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtGui import QColor, QFont

from guiapp.ui.theme import Palette, text_font

_COPY_FADING = 0.6  # periodic copies step back by this share towards the background


def mixed(color: QColor, other: QColor, share: float) -> QColor:
    """Return ``color`` with ``share`` (0 to 1) of ``other`` mixed in."""
    return QColor.fromRgbF(
        color.redF() + (other.redF() - color.redF()) * share,
        color.greenF() + (other.greenF() - color.greenF()) * share,
        color.blueF() + (other.blueF() - color.blueF()) * share,
    )


@dataclass(frozen=True)
class Look:
    """Colours of everything that is not an atom."""

    background: QColor
    text: QColor
    """Also DFT."""
    muted: QColor
    edge: QColor
    """Cell edges."""
    accent: QColor
    """The picked atom."""
    _fonts: dict[tuple[int, bool], QFont] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, palette: Palette) -> Look:
        """Take the colours from a palette."""
        background, muted = QColor(palette.surface), QColor(palette.muted)
        return cls(
            background=background,
            text=QColor(palette.text),
            muted=muted,
            edge=mixed(muted, background, 0.35),
            accent=QColor(palette.accent),
        )

    def font(self, pixels: float, *, bold: bool = False) -> QFont:
        """Return the window's font; kept, because finding a family anew takes a third of a millisecond."""
        key = (max(1, round(pixels)), bold)
        if key not in self._fonts:
            self._fonts[key] = text_font(key[0], bold=bold)
        return self._fonts[key]

    def atom_color(self, rgb: tuple[float, float, float], *, is_copy: bool) -> QColor:
        """Return the colour of an atom or its half bond; copies are paler."""
        color = QColor.fromRgbF(*rgb)
        return mixed(color, self.background, _COPY_FADING) if is_copy else color
