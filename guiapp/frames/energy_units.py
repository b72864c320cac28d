"""In which unit a file's energies are, judged by what a model says about the same frames."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Floats, Integers
from guiapp.frames.reference_energies import centred_slope


@dataclass(frozen=True)
class EnergyUnit:
    """A way in which energies are written down."""

    title: str
    """E.g. ``eV`` or ``Hartree``."""
    ev: float
    """eV in one unit."""
    per_atom: bool = False

    def total(self, energies: Floats, n_atoms: Integers) -> Floats:
        """Return total energies in eV."""
        return np.asarray(energies * self.ev * (n_atoms if self.per_atom else 1), dtype=np.float64)


EV = EnergyUnit("eV", 1.0)
UNITS = (
    EV,
    EnergyUnit("eV per atom", 1.0, per_atom=True),
    EnergyUnit("Hartree", 27.211386245988),
    EnergyUnit("Rydberg", 13.605693122994),
    EnergyUnit("kJ/mol", 0.010364269656262),
    EnergyUnit("kcal/mol", 0.043364103900593),
    EnergyUnit("meV", 1e-3),
)
"""CODATA 2018."""
_USUAL_SLOPE = 1.1  # of DFT on a soft model's energies
_CAP = 1.0  # a zero of its own (all-electron, formation energies) moves magnitudes by any factor, so they count for no more than this
_SAME = 0.1  # magnitudes that agree to 10 % do so by chance only where the zeros differ, and then seldom
_HIT = 0.25
_ENOUGH_R2 = 0.5
_CLEARLY = 0.5  # in logarithms: a factor of 1.65
_FAR = 1.2


def recognise_unit(energies: Floats, model_energies: Floats, n_atoms: Integers, groups: Integers) -> EnergyUnit:
    """Return the unit in which energies make sense.

    Within one composition every reference energy drops out, so there the slope of the file's energies on the model's gives the unit. Where
    no composition comes often enough, only magnitudes are left, and they decide nothing but a clear case.

    Args:
        energies: (n,) as in the file, taken for total energies.
        model_energies: (n,) total energies of the model, eV.
        n_atoms: (n,) atoms of each frame.
        groups: (n,) number of the composition of each frame.

    Returns:
        The unit; eV where nothing else is clearly better.
    """
    model = model_energies / n_atoms
    slopes = {unit.title: centred_slope(model, unit.total(energies, n_atoms) / n_atoms, groups) for unit in UNITS}
    by_slope = any(n_groups and r2 >= _ENOUGH_R2 and slope > 0 for slope, r2, n_groups in slopes.values())
    size = float(np.median(np.abs(model)))

    def off(unit: EnergyUnit) -> float:
        own = float(np.median(np.abs(unit.total(energies, n_atoms) / n_atoms)))
        return abs(math.log(max(own, 1e-12) / max(size, 1e-12)))

    def score(unit: EnergyUnit) -> float:
        slope, r2, _ = slopes[unit.title]
        if not slope > 0 or r2 < _ENOUGH_R2:
            return float("inf")
        return abs(math.log(slope / _USUAL_SLOPE)) + min(off(unit), _CAP) - (_HIT if off(unit) < _SAME else 0.0)

    if by_slope:
        best = min(UNITS, key=score)
        return best if score(EV) - score(best) > _CLEARLY else EV
    best = min(UNITS, key=off)
    return best if off(EV) > _FAR and off(best) < _CLEARLY else EV
