"""Thermodynamics of a pseudo-binary: lower hull, regular solution and the temperature of its miscibility gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BOLTZMANN = 8.617333262e-5
"""eV/K."""


@dataclass(frozen=True)
class RegularSolution:
    """E(x) = (1 - x) E_0 + x E_1 + interaction x (1 - x), per mixing site."""

    first: float
    """E_0, eV/site."""
    last: float
    """E_1, eV/site."""
    interaction: float
    """eV/site; positive: unlike neighbours cost energy, and the solution separates below the gap temperature."""

    @property
    def gap_temperature(self) -> float:
        """Top of the miscibility gap, K, at x = 1/2 with ideal mixing entropy: interaction / (2 k_B); 0 where nothing separates."""
        return max(0.0, self.interaction) / (2 * BOLTZMANN)


def fit_interaction(fractions: Floats, mixing: Floats) -> RegularSolution | None:
    """Fit the interaction to mixing energies against known end members.

    Args:
        fractions: (n,) between 0 and 1.
        mixing: (n,) eV/site, 0 at the end members.

    Returns:
        Least squares over the means of each composition, so that a composition with many orderings counts once; None without any inside.
    """
    x, y = composition_means(fractions, mixing)
    weight = x * (1 - x)
    if not float(weight @ weight) > 0:
        return None
    return RegularSolution(0.0, 0.0, float(weight @ y / (weight @ weight)))


def fit_solution(fractions: Floats, energies: Floats) -> RegularSolution | None:
    """Fit ends and interaction where no end member is known.

    Args:
        fractions: (n,) between 0 and 1.
        energies: (n,) eV/site.

    Returns:
        Least squares over the means of each composition; None below four compositions.
    """
    x, y = composition_means(fractions, energies)
    if len(x) < 4:
        return None
    design = np.stack([1 - x, x, x * (1 - x)], axis=1)
    first, last, interaction = np.linalg.lstsq(design, y, rcond=None)[0]
    return RegularSolution(float(first), float(last), float(interaction))


def composition_means(fractions: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the compositions (to 1e-6) in order and the mean of the values at each."""
    x, where = np.unique(np.round(fractions, 6), return_inverse=True)
    return x, np.bincount(where, weights=values) / np.bincount(where)


def lower_hull(fractions: Floats, values: Floats) -> NDArray[np.int64]:
    """Return the indices of the points on the lower convex hull, from left to right.

    Args:
        fractions: (n,).
        values: (n,) energies.
    """
    order = np.lexsort((values, fractions))
    hull: list[int] = []
    for index in order:
        if hull and fractions[hull[-1]] == fractions[index]:
            continue  # the lowest of one composition came first
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            turn = (fractions[b] - fractions[a]) * (values[index] - values[a]) - (values[b] - values[a]) * (fractions[index] - fractions[a])
            if turn > 0:
                break
            hull.pop()
        hull.append(int(index))
    return np.array(hull, dtype=np.int64)


def above_hull(fractions: Floats, values: Floats) -> Floats:
    """Return how far each point lies above the lower convex hull, (n,) in the unit of the values.

    Args:
        fractions: (n,).
        values: (n,) energies.
    """
    hull = lower_hull(fractions, values)
    height: Floats = values - np.interp(fractions, fractions[hull], values[hull])
    return height
