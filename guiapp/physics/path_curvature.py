"""The curvature of an energy along a straight path: quadratic and quartic coefficients from energies and slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

DEGREE = 4
MIN_POINTS = 5
"""With fewer points a quartic has nothing left to be judged by."""


@dataclass(frozen=True)
class PathFit:
    """E(s) = energy + slope s + curvature s^2 / 2 + cubic s^3 + quartic s^4, s in Å (or a strain, without unit)."""

    energy: float
    """At s = 0, eV."""
    slope: float
    """dE/ds at s = 0, eV per unit of s; zero at a minimum."""
    curvature: float
    """d^2E/ds^2 at s = 0, eV per unit of s squared."""
    cubic: float
    """eV per unit of s to the third."""
    quartic: float
    """eV per unit of s to the fourth."""
    scatter: float
    """Root-mean-square residual of the energies as a part of their range."""

    def energies(self, positions: ArrayLike) -> Floats:
        """Return E(s), eV."""
        s = np.asarray(positions, dtype=np.float64)
        return np.asarray(self.energy + s * (self.slope + s * (self.curvature / 2 + s * (self.cubic + s * self.quartic))))

    def slopes(self, positions: ArrayLike) -> Floats:
        """Return dE/ds, eV per unit of s."""
        s = np.asarray(positions, dtype=np.float64)
        return np.asarray(self.slope + s * (self.curvature + s * (3 * self.cubic + s * 4 * self.quartic)))


def fit_path(positions: ArrayLike, energies: ArrayLike, slopes: ArrayLike | None = None) -> PathFit | None:
    """Return the least-squares quartic through energies and, where given, slopes.

    Args:
        positions: (n,) s along the path, at least five different values.
        energies: (n,) eV.
        slopes: (n,) dE/ds, eV per unit of s: minus the force along the path.

    Returns:
        The fit, or None where the points do not determine it.

    Source:
        Linear least squares. A slope times the half-length of the path is an energy, so both kinds of equations weigh alike.
    """
    s, e = np.asarray(positions, dtype=np.float64), np.asarray(energies, dtype=np.float64)
    reach = float(np.abs(s).max(initial=0.0))
    if not reach or not (np.isfinite(s).all() and np.isfinite(e).all()) or len(np.unique(np.round(s / reach, 6))) < MIN_POINTS:
        return None
    u, shift = s / reach, float(e.mean())
    powers = np.arange(DEGREE + 1)
    rows, values = [u[:, None] ** powers], [e - shift]
    if slopes is not None:
        rows.append(powers * u[:, None] ** np.maximum(powers - 1, 0))
        values.append(np.asarray(slopes, dtype=np.float64) * reach)
    coefficients, _, rank, _ = np.linalg.lstsq(np.vstack(rows), np.concatenate(values), rcond=None)
    if rank <= DEGREE or not np.isfinite(coefficients).all():
        return None
    c = coefficients / reach**powers
    spread = float(np.ptp(e))
    residual = e - shift - rows[0] @ coefficients
    scatter = float(np.sqrt(np.mean(residual**2))) / spread if spread > 0 else 0.0
    return PathFit(shift + float(c[0]), float(c[1]), 2 * float(c[2]), float(c[3]), float(c[4]), scatter)
