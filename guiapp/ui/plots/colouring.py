"""Colours of points by what they belong to: the compound's scale, the element, the strain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase.data import chemical_symbols
from ase.data.colors import jmol_colors
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from guiapp.ui.plots.number_text import number
from guiapp.ui.theme import Palette, scale_color

LONGEST_LEGEND = 10
"""Elements named in a legend; the rest is counted."""
UNSTRAINED = 0.002
"""Largest absolute strain, as a fraction, that still counts as none."""
LEGIBLE_CONTRAST = 1.9
"""Lowest contrast ratio of a point against the plot's background (WCAG's definition): white hydrogen is darkened on white."""
_SCALE_STEPS = 0.02  # scales are rounded to this for colouring, so that 1,000 compounds need few colours


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend: a colour and what it stands for."""

    label: str
    color: str
    """``#RRGGBB``."""


@dataclass(frozen=True, eq=False)
class PointColors:
    """A colour for each point, and what the colours mean."""

    colors: NDArray[np.uint32]
    """(n,) 0xAARRGGBB, opaque."""
    legend: tuple[LegendEntry, ...]
    title: str
    """What the colours show, e.g. ``element``."""


def color_by_scale(compound: NDArray[np.int64], scales: Sequence[float | None], palette: Palette) -> PointColors:
    """Colour points by the scale of their compound: blue is soft, grey is 1, orange is stiff.

    Args:
        compound: (n,) index into ``scales``.
        scales: One softening scale a compound; None where there is not enough signal.
        palette: Gives the colours.

    Returns:
        Colours, with a legend of the softest, 1 and the stiffest colour in use.
    """
    blank = QColor(palette.line)
    table = [blank if s is None or not np.isfinite(s) else scale_color(round(s / _SCALE_STEPS) * _SCALE_STEPS, palette) for s in scales]
    known = [s for s in scales if s is not None and np.isfinite(s)]
    legend = []
    if known and min(known) < 1:
        legend.append(LegendEntry(f"softest {number(min(known))}", scale_color(min(known), palette).name()))
    if known:
        legend.append(LegendEntry("1", palette.muted))
    if known and max(known) > 1:
        legend.append(LegendEntry(f"stiffest {number(max(known))}", scale_color(max(known), palette).name()))
    if len(known) < len(scales):
        legend.append(LegendEntry("not enough signal", palette.line))
    return PointColors(_look_up(compound, table), tuple(legend), "scale of the compound")


def color_by_element(numbers: NDArray[np.int64], palette: Palette) -> PointColors:
    """Colour points by element, in the colours of the structure viewer (Jmol's), made legible on the plot's background.

    Args:
        numbers: (n,) atomic numbers.
        palette: Gives the background.

    Returns:
        Colours, with a legend of the most frequent elements.
    """
    present, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    table = [legible(_jmol(int(z)), palette) for z in present]
    order = np.argsort(-counts, kind="stable")
    legend = [LegendEntry(_symbol(int(present[k])), table[k].name()) for k in order[:LONGEST_LEGEND]]
    if len(order) > LONGEST_LEGEND:
        legend.append(LegendEntry(f"and {len(order) - LONGEST_LEGEND} more", palette.muted))
    return PointColors(_look_up(place, table), tuple(legend), "element")


def color_by_strain(strain: NDArray[np.float64], palette: Palette) -> PointColors:
    """Colour points by the strain of their frame: compressed, unstrained, stretched or not recorded.

    Args:
        strain: (n,) fraction, negative where compressed; NaN where not recorded.
        palette: Gives the colours (blue and orange stay with soft and stiff).

    Returns:
        Colours, with a legend of the classes that occur.
    """
    classes = (
        LegendEntry("compressed", palette.models[3]),
        LegendEntry("unstrained", palette.muted),
        LegendEntry("stretched", palette.models[2]),
        LegendEntry("not recorded", palette.line),
    )
    kind = np.select([np.isnan(strain), strain < -UNSTRAINED, strain > UNSTRAINED], [3, 0, 2], default=1)
    present = set(np.unique(kind).tolist())
    legend = tuple(entry for k, entry in enumerate(classes) if k in present)
    return PointColors(_look_up(kind, [QColor(entry.color) for entry in classes]), legend, "strain")


def _look_up(index: NDArray[np.int64], table: Sequence[QColor]) -> NDArray[np.uint32]:
    if len(table) == 0:
        return np.zeros(0, dtype=np.uint32)
    colors: NDArray[np.uint32] = np.array([color.rgba() for color in table], dtype=np.uint32)[index]
    return colors


def _jmol(z: int) -> QColor:
    red, green, blue = jmol_colors[z] if 0 <= z < len(jmol_colors) else jmol_colors[0]
    return QColor.fromRgbF(float(red), float(green), float(blue))


def _symbol(z: int) -> str:
    return str(chemical_symbols[z]) if 0 < z < len(chemical_symbols) else "unknown"


def _luminance(color: QColor) -> float:
    channels = np.array([color.redF(), color.greenF(), color.blueF()])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(first: QColor, second: QColor) -> float:
    """Return the contrast ratio of two colours, 1 to 21.

    Source: W3C, Web Content Accessibility Guidelines 2.1, "contrast ratio".
    """
    dark, bright = sorted((_luminance(first), _luminance(second)))
    return (bright + 0.05) / (dark + 0.05)


def legible(color: QColor, palette: Palette) -> QColor:
    """Return a colour moved towards the text colour as far as it takes to stand out from the plot's background."""
    background = QColor(palette.surface)
    end = QColor(palette.text)
    for step in range(11):
        t = step / 10
        mixed = QColor.fromRgbF(
            color.redF() + t * (end.redF() - color.redF()),
            color.greenF() + t * (end.greenF() - color.greenF()),
            color.blueF() + t * (end.blueF() - color.blueF()),
        )
        if contrast(mixed, background) >= LEGIBLE_CONTRAST:
            return mixed
    return end
