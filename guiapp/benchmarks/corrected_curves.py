"""Curves of the energy and curvature families, previewed for any correction c, and the values of c that a family suggests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from guiapp.benchmarks.description import Quantity, describe_family
from guiapp.benchmarks.family import MODEL, Curve, Series
from guiapp.benchmarks.family_rows import has_signal
from guiapp.benchmarks.row import Row
from guiapp.physics.signal_gate import MIN_R2

_POWERS = MappingProxyType(
    {
        # Energies above the model's own minimum or first image, against its own end members, or of its own slab and bulk: the reference
        # energies of the atoms cancel in each, so c multiplies what is drawn.
        "eos": (0.0, 1.0),
        "path": (0.0, 1.0),
        "scan": (0.0, 1.0),
        "scan-force": (0.0, 1.0),
        "mixing": (0.0, 1.0),
        "thickness": (0.0, 1.0),
        "bands": (0.0, 0.5),
        # The number of states stays while frequencies stretch.
        "dos": (0.5, -0.5),
    }
)
"""Powers of c by which x and y of the model's series follow, by kind of curve."""


def corrected_curve(curve: Curve, c: float) -> Curve | None:
    """Return the curve that the model would give if its interaction energy were multiplied by c; no inference is needed.

    Args:
        curve: Of any family. The model's series change, those of DFT and of other references stay.
        c: Correction, dimensionless and positive.

    Returns:
        The curve; None for a kind that follows no power of c.

    Raises:
        ValueError: Where c is not a positive number.

    Source:
        E, forces and stress times c: every energy difference at equal composition and every force scales by c, harmonic frequencies by
        sqrt(c), their density of states by 1/sqrt(c) at the moved frequency. Minima stay, so volumes and relaxed geometries do, and
        relaxed curves are as exact as static ones. The hull of mixing energies keeps its corners.
    """
    if not (math.isfinite(c) and c > 0):
        raise ValueError(f"a correction is a positive number, not {c}")
    powers = _POWERS.get(curve.kind)
    if powers is None:
        return None
    if c == 1:
        return curve
    return replace(curve, series=tuple(_corrected(series, c ** powers[0], c ** powers[1]) for series in curve.series))


def corrected_curves(curves: Iterable[Curve], c: float) -> tuple[Curve, ...]:
    """Return ``corrected_curve`` of each curve in the same order, without those whose kind follows no power of c.

    Args:
        curves: Of any families.
        c: Correction, dimensionless and positive.
    """
    corrected = (corrected_curve(curve, c) for curve in curves)
    return tuple(curve for curve in corrected if curve is not None)


def _corrected(series: Series, x_factor: float, y_factor: float) -> Series:
    if series.label != MODEL:
        return series
    return replace(series, x=series.x if x_factor == 1 else x_factor * series.x, y=y_factor * series.y)


@dataclass(frozen=True)
class SuggestedCorrections:
    """The two values of c that the rows of a family suggest; None where they have no signal for it."""

    least_squares: float | None
    """Brings the model's values closest to DFT's."""
    slope_matching: float | None
    """Brings the slope of the model's values on DFT's to 1."""


def suggested_corrections(rows: Sequence[Row]) -> SuggestedCorrections:
    """Return the corrections that the judging quantity of a family suggests.

    Args:
        rows: Of one model, family and mode. The first quantity of the family's card that says something about softness, follows a power of
            c and has rows with a signal counts.

    Source:
        With the values x of DFT and y of the model, and y following c to the power p: c^p = sum(x y) / sum(y^2) minimises
        sum((c^p y - x)^2), and c^p = sum(x^2) / sum(x y) makes the slope through the origin 1.
    """
    for card, power in _followed(rows):
        judged = [row for row in rows if row.quantity == card.name and has_signal(row)]
        if not judged:
            continue
        x = np.array([row.reference for row in judged])
        y = np.array([row.predicted for row in judged])
        xx, xy, yy = float(x @ x), float(x @ y), float(y @ y)
        if xy > 0 and xy * xy >= MIN_R2 * xx * yy:
            return SuggestedCorrections((xy / yy) ** (1 / power), (xx / xy) ** (1 / power))
        break
    return SuggestedCorrections(None, None)


def _followed(rows: Sequence[Row]) -> list[tuple[Quantity, float]]:
    """Return the quantities of the rows' family that say something about softness, each with the power of c that it follows."""
    if not rows:
        return []
    quantities = describe_family(rows[0].family).quantities.values()
    return [(card, card.power) for card in quantities if card.softness and card.power]
