"""Whether energies of high-energy states are as soft as forces: only then one number repairs both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.high_energy_summary import HighEnergySummary, ScaleEstimate
from guiapp.physics.bootstrap import MIN_UNITS, bootstrap_mean

SAME_WITHIN = 0.05
"""Difference of mean slopes up to which they are called equal: the accuracy of two DFT codes among each other."""


@dataclass(frozen=True)
class EnergyAgreement:
    """Slopes of energies and of forces of the same compounds, each counted once."""

    n_compounds: int
    """Compounds whose forces and whose energies both have enough signal."""
    energy: ScaleEstimate
    """Mean slope of energies, centred over each compound; compounds resampled."""
    force: ScaleEstimate
    """Mean softening scale of forces."""
    difference: ScaleEstimate
    """Mean of energy minus force slope, compound by compound."""

    @property
    def differ(self) -> bool:
        """Whether the slopes differ for certain: by more than DFT codes do, and with an interval that excludes 0."""
        interval = self.difference.interval
        return interval is not None and not interval.contains(0.0) and abs(self.difference.value) > SAME_WITHIN

    def sentence(self) -> str:
        """Say what follows for a correction."""
        if not self.n_compounds:
            return "Energies: no compound has enough signal in both energies and forces."
        numbers = (
            f"Energies: mean slope {self.energy.words()} where forces have {self.force.words()}, "
            f"{self.n_compounds} compound{'s' if self.n_compounds > 1 else ''}"
        )
        if self.difference.interval is None:
            return f"{numbers}; at least {MIN_UNITS} are needed to tell whether they agree."
        apart = f"difference {self.difference.value:+.2f} ({self.difference.interval.low:+.2f} to {self.difference.interval.high:+.2f})"
        if self.differ:
            return f"{numbers}; {apart}: one number cannot repair both."
        return f"{numbers}; {apart}: no certain difference, so scaling energies is as right as scaling forces."


def energy_agreement(summary: HighEnergySummary) -> EnergyAgreement:
    """Compare the two slopes of every compound where both are determined.

    Args:
        summary: What ``summarise_high_energy`` returned.

    Source:
        E_corr = c E_interaction and F_corr = c F: a uniformly soft model has equal slopes in both. The difference is paired, so that
        compounds that are soft in both widen no interval.
    """
    both = [one for one in summary.compounds if one.energy.enough and one.statistics.signal.enough]
    energies = np.array([one.energy.slope for one in both], dtype=np.float64)
    forces = np.array([one.statistics.scale for one in both], dtype=np.float64)
    return EnergyAgreement(len(both), _mean(energies), _mean(forces), _mean(energies - forces))


def _mean(values: np.ndarray) -> ScaleEstimate:
    interval = bootstrap_mean(values) if len(values) >= MIN_UNITS else None
    return ScaleEstimate(float(values.mean()) if len(values) else float("nan"), interval)
