"""What is drawn of one system: panels with the series of DFT and of every model, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from guiapp.benchmarks.corrected_curves import corrected_curve
from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import DFT, MODEL, Curve, FamilyResult, Series
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats
from guiapp.physics.monotone_cubic import monotone_cubic
from guiapp.ui.family_entry import FamilyEntry

_ORDER = ("eos", "bands", "dos", "path", "scan", "scan-force", "mixing", "thickness")
"""Kinds of curves that can be drawn, from left to right."""
_JOINED_POINTS = 121
_PARITY_FAMILIES = ("surfaces", "defects")
"""Families whose systems are single numbers: all of them make one picture."""


@dataclass(frozen=True, eq=False)
class DrawnSeries:
    """One line, bundle of lines, or set of points."""

    title: str
    """``DFT`` or the model's title."""
    color_index: int | None
    """None for DFT."""
    x: Floats
    """(n,) in the unit of the panel's x label."""
    y: Floats
    """(n,), or (k, n) for k lines; NaN breaks a line."""
    points: bool
    frames: tuple[str, ...] = ()
    """Content hash behind each point, or empty."""
    systems: tuple[str, ...] = ()
    """System behind each point, or empty."""
    hollow: bool = False
    """A corrected model's mark."""
    ghost: bool = False
    """What the model says without the correction that is tried out."""

    def words(self, panel: PanelPicture, index: int) -> str:
        """Return the numbers of a point, for its tooltip."""
        x, y = float(self.x[index]), float(np.atleast_2d(self.y)[0, index])
        lines = [self.title + (" without correction" if self.ghost else "")]
        lines += [self.systems[index]] if self.systems else []
        return "\n".join([*lines, f"{_named(panel.x_label, x)}", f"{_named(panel.y_label, y)}"]).replace("-", "−")


@dataclass(frozen=True, eq=False)
class PanelPicture:
    """One pair of axes."""

    kind: str
    title: str
    x_label: str
    """With unit."""
    y_label: str
    """With unit; empty where the panel shares the axis of the one to its left."""
    series: tuple[DrawnSeries, ...]
    ticks: tuple[tuple[float, str], ...] = ()
    parity: bool = False
    """Whether both axes show the same quantity, with the diagonal."""

    @property
    def shares_y(self) -> bool:
        """Whether the y axis is that of the panel to the left."""
        return self.kind == "dos"


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that is drawn of one system."""

    family: str
    system: str
    panels: tuple[PanelPicture, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What must stay the same for axes to stand still; a picture of all systems of a family has one key."""
        whole = self.family in _PARITY_FAMILIES and len(self.panels) == 1
        return (self.family, "" if whole else self.system, *(panel.kind for panel in self.panels))

    def csv_rows(self) -> Iterator[Sequence[str | float]]:
        """Return every number drawn: a header, then one row a point of a line or a set of points."""
        yield ["system", "panel", "x axis", "y axis", "series", "kind", "line", "x", "y", "point"]
        for panel in self.panels:
            for series in panel.series:
                kind = "point" if series.points else "line"
                title = f"{series.title} (without correction)" if series.ghost else series.title
                names = series.systems or series.frames
                for line, values in enumerate(np.atleast_2d(series.y)):
                    for k, (x, y) in enumerate(zip(series.x.tolist(), values.tolist(), strict=True)):
                        name = names[k] if names else ""
                        yield [self.system, panel.title, panel.x_label, panel.y_label or "as left", title, kind, line, x, y, name]


def picture_of(entries: Sequence[FamilyEntry], family: str, system: str, c: float = 1.0) -> Picture:
    """Return the picture of a system.

    Args:
        entries: One a model, all of the family and of one mode.
        family: Its name.
        system: A listed system.
        c: Correction of every model; with another than 1 what the models say without it is drawn too, faintly.
    """
    panels = [_panel(kind, entries, system, c) for kind in _ORDER]
    drawn = [panel for panel in panels if panel is not None]
    if family in _PARITY_FAMILIES:
        parity = _parity(entries, family, lambda _row: True, c)
        drawn = ([parity] if parity is not None else []) + drawn
    elif family == "solid-solution":
        prefix = f"{system} x = "
        parity = _parity(entries, family, lambda row: row.system.startswith(prefix), c)
        drawn += [parity] if parity is not None else []
    return Picture(family, system, tuple(drawn))


def _panel(kind: str, entries: Sequence[FamilyEntry], system: str, c: float) -> PanelPicture | None:
    known = [(entry, curve) for entry in entries if (curve := _curve(entry.result, kind, system)) is not None]
    if not known:
        return None
    series = [_drawn(one, "DFT", None) for one in _reference(curve for _, curve in known)]
    for ghost in (True, False):
        for entry, curve in known:
            if ghost and c == 1:
                continue
            shown = curve if ghost else corrected_curve(curve, c)
            for one in (shown or curve).series:
                if one.label == MODEL:
                    drawn = _drawn(one, entry.title, entry.color_index)
                    series.append(replace(drawn, ghost=ghost, hollow=entry.corrected or c != 1))
    first = known[0][1]
    panel = PanelPicture(kind, first.title, first.x_label, first.y_label, tuple(series), first.ticks)
    if kind == "path":
        return _joined(panel)
    return _turned(panel) if kind == "dos" else panel


def _curve(result: FamilyResult, kind: str, system: str) -> Curve | None:
    exact = next((curve for curve in result.curves if curve.kind == kind and curve.system == system), None)
    if exact is not None or kind != "thickness":
        return exact
    # Slabs of several thicknesses are systems of their own; their curve is called after the facet.
    return next((curve for curve in result.curves if curve.kind == kind and system.startswith(curve.system)), None)


def _reference(curves: Iterator[Curve]) -> tuple[Series, ...]:
    """Return DFT's series of the curve that has most points of it: while a job runs, models have got differently far."""
    found = [tuple(one for one in curve.series if one.label != MODEL) for curve in curves]
    return max(found, key=lambda series: sum(len(one.x) for one in series))


def _drawn(series: Series, title: str, color_index: int | None) -> DrawnSeries:
    title = title if series.label in {DFT, MODEL} else series.label
    return DrawnSeries(title, color_index, series.x, series.y, series.points, series.frames)


def _turned(panel: PanelPicture) -> PanelPicture:
    """Return a density of states with frequencies upwards, as it stands beside bands."""
    turned = tuple(replace(one, x=one.y, y=one.x) for one in panel.series)
    return replace(panel, x_label="states (1/THz)", y_label="", series=turned)


def _joined(panel: PanelPicture) -> PanelPicture:
    """Return a profile with a line through the points of each series, which has no summit that no image has."""
    lines = []
    for one in panel.series:
        x, first = np.unique(one.x, return_index=True)
        if len(x) > 2 and np.isfinite(one.y[first]).all():
            fine = np.linspace(x[0], x[-1], _JOINED_POINTS)
            lines.append(replace(one, x=fine, y=monotone_cubic(x, one.y[first], fine), points=False, frames=()))
    return replace(panel, series=(*lines, *panel.series))


def _parity(entries: Sequence[FamilyEntry], family: str, wanted: Callable[[Row], bool], c: float) -> PanelPicture | None:
    cards = describe_family(family).quantities
    present = {row.quantity for entry in entries for row in entry.result.rows if wanted(row)}
    card = next((card for card in cards.values() if card.softness and card.name in present), None)
    if card is None:
        return None
    series = []
    for ghost in (True, False):
        for entry in entries:
            rows = [row for row in entry.result.rows if row.quantity == card.name and wanted(row) and _compared(row)]
            if not rows or (ghost and c == 1):
                continue
            shown = rows if ghost or c == 1 else corrected_rows(rows, c)
            x, y = np.array([row.reference for row in shown]), np.array([row.predicted for row in shown])
            systems = tuple(row.system for row in shown)
            hollow = entry.corrected or c != 1
            series.append(DrawnSeries(entry.title, entry.color_index, x, y, points=True, systems=systems, hollow=hollow, ghost=ghost))
    if not series:
        return None
    unit = f" ({card.unit})" if card.unit else ""
    title = f"{card.name}: model against DFT"
    return PanelPicture("parity", title, f"DFT {card.name}{unit}", f"model {card.name}{unit}", tuple(series), parity=True)


def _compared(row: Row) -> bool:
    return bool(np.isfinite(row.predicted) and np.isfinite(row.reference))


def _named(label: str, value: float) -> str:
    """Return e.g. ``volume 18.32 Å³/atom`` for the label ``volume (Å³/atom)``."""
    if not label:
        return f"{value:.4g}"
    name, bracket, unit = label.rpartition(" (")
    return f"{name} {value:.4g} {unit.rstrip(')')}" if bracket else f"{label} {value:.4g}"
