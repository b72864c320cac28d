"""Equations of state: Birch-Murnaghan fits of E(V), and how far two of them lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

GPA = 160.21766208
"""GPa in one eV/Å^3 (CODATA 2014, as in ase)."""
MIN_VOLUMES = 5
"""One more than the curve has parameters; with four every scatter is fitted."""
DELTA_RANGE = 0.06
"""The Delta value integrates over ± 6 % about the mean equilibrium volume."""


@dataclass(frozen=True)
class BirchMurnaghan:
    """A third-order Birch-Murnaghan curve."""

    energy: float
    """Minimum E0, eV per what the volume is per."""
    volume: float
    """Equilibrium volume V0, Å^3."""
    bulk_modulus: float
    """B0 at the minimum, eV/Å^3."""
    derivative: float
    """B0' = dB/dP at the minimum, dimensionless."""

    def energies(self, volumes: ArrayLike) -> Floats:
        """Return E(V), eV.

        Source:
            Birch, Phys. Rev. 71, 809 (1947): E = E0 + 9 B0 V0 / 16 [(t - 1)^3 B0' + (t - 1)^2 (6 - 4 t)], t = (V0 / V)^(2/3).
        """
        t = (self.volume / np.asarray(volumes, dtype=np.float64)) ** (2 / 3)
        return np.asarray(self.energy + self.polynomial()(t))

    def curvature(self, volume: float) -> float:
        """Return V d^2E/dV^2 at a volume, eV/Å^3: the bulk modulus there."""
        t = (self.volume / volume) ** (2 / 3)
        first, second = self.polynomial().deriv(1)(t), self.polynomial().deriv(2)(t)
        # dt/dV = -2 t / (3 V), d^2t/dV^2 = 10 t / (9 V^2)
        return float((second * (4 / 9) * t * t + first * (10 / 9) * t) / volume)

    def polynomial(self) -> Polynomial:
        """Return E - E0 as a polynomial in t = (V0 / V)^(2/3), eV."""
        t = Polynomial([-1.0, 1.0])
        return 9 / 16 * self.bulk_modulus * self.volume * (self.derivative * t**3 + t**2 * Polynomial([6.0, -4.0]))


def fit_birch_murnaghan(volumes: ArrayLike, energies: ArrayLike) -> BirchMurnaghan | None:
    """Return the least-squares Birch-Murnaghan curve.

    Args:
        volumes: (n,) Å^3, at least five different ones.
        energies: (n,) eV.

    Returns:
        The curve, or None where there are too few volumes or the energies have no minimum.

    Source:
        In x = V^(-2/3) the curve is a cubic polynomial, so the fit is linear and its minimum exact (Lejaeghere et al., Crit. Rev. Solid
        State Mater. Sci. 39, 1 (2014), their eosfit).
    """
    v, e = np.asarray(volumes, dtype=np.float64), np.asarray(energies, dtype=np.float64)
    if not (np.isfinite(v).all() and np.isfinite(e).all()) or np.any(v <= 0) or len(np.unique(np.round(v / v.mean(), 5))) < MIN_VOLUMES:
        return None
    unit, shift = float(v.mean()), float(e.mean())
    cubic = Polynomial.fit((v / unit) ** (-2 / 3), e - shift, 3).convert()
    first, second, third = cubic.deriv(1), cubic.deriv(2), cubic.deriv(3)
    roots = np.asarray(first.roots())
    minima = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0 and second(root.real) > 0]
    if not minima:
        return None
    # A cubic has one minimum at most.
    x = minima[0]
    curvature = 4 / 9 * x**5 * float(second(x))
    slope_of_curvature = -20 / 9 * x**6.5 * float(second(x)) - 8 / 27 * x**7.5 * float(third(x))
    return BirchMurnaghan(
        energy=shift + float(cubic(x)),
        volume=unit * x**-1.5,
        bulk_modulus=curvature * x**-1.5 / unit,
        derivative=-1 - x**-1.5 * slope_of_curvature / curvature,
    )


def delta_value(one: BirchMurnaghan, other: BirchMurnaghan) -> float:
    """Return the Delta value of two curves, their root-mean-square distance with the minima shifted onto each other.

    Args:
        one: Per atom.
        other: Per atom.

    Returns:
        Delta, eV/atom, over ± 6 % about the mean of the two equilibrium volumes.

    Source:
        Lejaeghere et al., Science 351, aad3000 (2016), and their calcDelta.py: here in closed form, since the squared difference is a
        polynomial of degree 6 in V^(-2/3), whose every power integrates to V^(1 - 2k/3) / (1 - 2k/3).
    """
    middle = (one.volume + other.volume) / 2
    # In u = (V / middle)^(-2/3) both are polynomials.
    difference = _in_u(one, middle) - _in_u(other, middle)
    squared = (difference * difference).coef
    low, high = 1 - DELTA_RANGE, 1 + DELTA_RANGE
    powers = 1 - 2 / 3 * np.arange(len(squared))
    mean = float(squared @ ((high**powers - low**powers) / powers)) / (high - low)
    return float(np.sqrt(max(mean, 0.0)))


def _in_u(curve: BirchMurnaghan, unit: float) -> Polynomial:
    return curve.polynomial()(Polynomial([0.0, (curve.volume / unit) ** (2 / 3)]))
