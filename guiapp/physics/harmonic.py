"""Thermodynamics of harmonic oscillators: free energy, entropy and heat capacity from frequencies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BOLTZMANN = 8.617333262e-5
"""eV/K (CODATA 2018, exact)."""
THZ_TO_EV = 4.135667696e-3
"""Planck's constant, eV/THz (CODATA 2018, exact)."""
EV_TO_KJ_PER_MOL = 96.48533212
SMALLEST_FREQUENCY = 0.01
"""THz; slower modes are the translations at the zone centre, whose entropy diverges."""


@dataclass(frozen=True)
class Thermodynamics:
    """Per mole of atoms at one temperature."""

    free_energy: float
    """Helmholtz, zero-point energy included, kJ/mol."""
    entropy: float
    """J/(K mol)."""
    heat_capacity: float
    """At constant volume, J/(K mol)."""


def thermodynamics(frequencies: ArrayLike, weights: ArrayLike, temperature: float = 300.0) -> Thermodynamics:
    """Return the thermodynamics of the modes on a mesh.

    Args:
        frequencies: (n_q, 3 n_atoms) THz; imaginary modes as negative numbers, which are left out.
        weights: (n_q,) how many points of the full mesh each stands for.
        temperature: K, above zero.

    Returns:
        Means per mole of atoms.

    Source:
        Harmonic oscillator: F = sum h nu / 2 + k T ln(1 - exp(-x)), S = sum k (x / (exp(x) - 1) - ln(1 - exp(-x))),
        C = sum k x^2 exp(x) / (exp(x) - 1)^2, x = h nu / k T (e.g. Dove, Introduction to Lattice Dynamics, 1993, chapter 5).
    """
    nu, w = np.asarray(frequencies, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    share = np.broadcast_to((w / w.sum())[:, None], nu.shape)
    modes = nu > SMALLEST_FREQUENCY
    energy, share = nu[modes] * THZ_TO_EV, share[modes]
    x = energy / (BOLTZMANN * temperature)
    # exp(-x), not exp(x): a stiff mode of a cold crystal would overflow.
    left = -np.expm1(-x)
    occupation, unfilled = np.exp(-x) / left, np.log(left)
    atoms = nu.shape[1] / 3
    per_mole = EV_TO_KJ_PER_MOL / atoms
    free = float(share @ (energy / 2 + BOLTZMANN * temperature * unfilled))
    entropy = float(share @ (x * occupation - unfilled))
    capacity = float(share @ (x * x * occupation / left))
    return Thermodynamics(per_mole * free, 1000 * per_mole * BOLTZMANN * entropy, 1000 * per_mole * BOLTZMANN * capacity)
