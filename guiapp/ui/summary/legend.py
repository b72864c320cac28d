"""The line under the axis: which colour is which model, and what the shapes mean."""

from __future__ import annotations

import html
from collections.abc import Sequence

from guiapp.benchmarks.family import STATIC
from guiapp.ui.summary.axis_rows import AxisMark
from guiapp.ui.theme import Palette


def legend_text(marks: Sequence[AxisMark], c: float, palette: Palette) -> str:
    """Return the legend as rich text; empty without marks.

    Args:
        marks: What the axis shows, previews left out.
        c: Correction that is tried out.
        palette: Colours.
    """
    if not marks:
        return ""
    first: dict[str, AxisMark] = {}
    for mark in marks:
        first.setdefault(mark.title, mark)
    parts: list[str] = []
    for title, mark in first.items():
        color = palette.model_color(mark.color_index).name()
        parts.append(_entry("○" if mark.hollow else "●", color, title))
        if c != 1:
            parts.append(_entry("○", color, f"× {c:.2f} (tried out)"))
    if any(mark.finding.mode != STATIC for mark in marks):
        parts.append("◆ geometries found by the model")
    parts.append("shaded: good; click a row for its systems")
    return " &nbsp; ".join(parts)


def _entry(symbol: str, color: str, words: str) -> str:
    """Return a mark in its colour, and its words in that of text: not every mark's colour can be read as letters."""
    return f"<span style='color: {color}'>{symbol}</span>&nbsp;{html.escape(words).replace(' ', '&nbsp;')}"
