"""The softening scale of energies: a second witness beside the forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MIN_FRAMES = 3
"""Two energies always lie on a line, so the slope of fewer than three says nothing."""
MIN_SPREAD = 0.005
"""Standard deviation of the DFT energy, eV/atom, from which a slope is given. Differences of a few meV/atom are of the order of
the error of the labels themselves (plane-wave cut-off and k-points: up to 6 meV/atom in the shipped set's convergence table)."""
MIN_R2 = 0.5
"""Least centred r^2: at least half of the model's energy differences follow DFT's."""


@dataclass(frozen=True)
class EnergySlope:
    """Slope of model on DFT energies per atom, each relative to the mean of its compound."""

    slope: float
    """Dimensionless; NaN where the energies do not vary."""
    r2: float
    """Centred, between 0 and 1."""
    spread: float
    """Standard deviation of the DFT energy, eV/atom."""
    n: int
    """Number of frames with an energy."""
    enough: bool
    """Whether the slope means something."""
    reason: str
    """Why not, in plain words; empty where it does."""


def energy_slopes(dft: ArrayLike, model: ArrayLike, compound: ArrayLike, n_compounds: int, composition: ArrayLike) -> list[EnergySlope]:
    """Return the energy slope of every compound.

    Energies of different codes, or with corrections per composition, have different zeros. So both sides are centred over
    the frames of one compound and composition before they are compared.

    Args:
        dft: (n_frames,) DFT energies, eV/atom; NaN where unknown.
        model: (n_frames,) model energies, eV/atom.
        compound: (n_frames,) index of the compound.
        n_compounds: Number of compounds.
        composition: (n_frames,) an integer that differs between frames of different composition.

    Returns:
        One slope a compound.

    Source:
        Least squares of (E - mean E) of the model on that of DFT; with E_corr = c E_interaction both energy differences
        and forces scale by c, so that a uniformly soft model has equal slopes in both.
    """
    x, y = np.asarray(dft, dtype=np.float64), np.asarray(model, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    group = np.asarray(compound, dtype=np.int64)[known]
    _, cell = np.unique(np.stack([group, np.asarray(composition, dtype=np.int64)[known]]), axis=1, return_inverse=True)
    cell = cell.ravel()
    members = np.bincount(cell)
    dx = x - (np.bincount(cell, weights=x) / members)[cell]
    dy = y - (np.bincount(cell, weights=y) / members)[cell]
    count = np.bincount(group, minlength=n_compounds)
    xx, xy, yy = (np.bincount(group, weights=product, minlength=n_compounds) for product in (dx * dx, dx * dy, dy * dy))
    return [_energy_slope(int(n), float(a), float(b), float(c)) for n, a, b, c in zip(count, xx, xy, yy, strict=True)]


def _energy_slope(n: int, xx: float, xy: float, yy: float) -> EnergySlope:
    slope = xy / xx if xx > 0 else float("nan")
    r2 = xy * xy / (xx * yy) if xx * yy > 0 else float("nan")
    spread = (xx / n) ** 0.5 if n else 0.0
    reason = ""
    if n < MIN_FRAMES:
        reason = f"{n} frames with an energy; at least {MIN_FRAMES} are needed"
    elif spread < MIN_SPREAD:
        reason = f"the DFT energies differ by {1000 * spread:.1f} meV/atom only; {1000 * MIN_SPREAD:g} are needed"
    elif not r2 >= MIN_R2:
        reason = f"model and DFT energies hardly vary together (r² {r2:.2f}, at least {MIN_R2:g} is needed)"
    return EnergySlope(slope, r2, spread, n, not reason, reason)
