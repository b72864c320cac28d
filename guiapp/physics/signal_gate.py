"""Whether a slope means anything: a scale without a signal is not shown as a number.

Near a minimum all forces are small, and what is left of them is the noise of the labels, or one or two symmetric degrees of
freedom: a line fits, but its slope is no property of the model. Measured with CHGNet 0.3.0 on 952 frames (the shipped
high-energy set, mlearn Cu/Ge/Li/Ni, SNAP Cu/Ni, MatterSim's alkali and MPtrj sets), slope of each frame:

    rms DFT component     frames    5 % to 95 % of slopes    5 % to 95 % of r^2
    below 0.005 eV/Å         250       -62  to 65              0.00 to 1.00
    0.02 to 0.05              30       -1.2 to 5.3             0.01 to 1.00
    0.05 to 0.1               33       -0.5 to 1.4             0.01 to 1.00
    0.1  to 0.2               36        0.4 to 1.2             0.35 to 1.00
    0.2  to 0.5              114        0.0 to 1.1             0.47 to 1.00
    above 1                  214        0.6 to 1.1             0.78 to 1.00

Whole sets of relaxed slabs have r^2 of 0.00 to 0.17 and slopes of -1.8 to 1.6; r^2 alone does not catch a relaxed AlN
cell (r^2 1.00, slope 0.01, rms 0.07 eV/Å) whose single free coordinate fixes the direction of all its forces. Of the 790 frames
with 4 or more atoms 160 had a slope outside 0.3 to 1.5; 567 pass all three conditions, and 5 of these do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_RMS_FORCE = 0.1
"""Least root-mean-square DFT force component, eV/Å: where the spread of slopes in the table above becomes that of large forces."""
MIN_R2 = 0.5
"""Least uncentred r^2: below it, more than half of the model's forces have nothing to do with DFT's."""
MIN_COMPONENTS = 12
"""Four atoms: with fewer, symmetry and vanishing net force leave so few free components that any line fits."""


@dataclass(frozen=True)
class Signal:
    """The verdict on a cloud of force components, and the numbers that it rests on."""

    enough: bool
    reason: str
    """Why it is not enough, in plain words; empty where it is."""
    rms_force: float
    """Root-mean-square DFT component, eV/Å."""
    r2: float
    """Uncentred."""


def enough_signal(n: NDArray[np.float64], rms_force: NDArray[np.float64], r2: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say for many groups at once whether their slopes mean anything.

    Args:
        n: (g,) number of components.
        rms_force: (g,) root-mean-square DFT component, eV/Å.
        r2: (g,) uncentred r^2.

    Returns:
        (g,) True where all three thresholds are met; NaN meets none.
    """
    return np.asarray((n >= MIN_COMPONENTS) & (rms_force >= MIN_RMS_FORCE) & (r2 >= MIN_R2))


def judge_signal(n: int, rms_force: float, r2: float) -> Signal:
    """Say whether a slope means anything, and why not.

    Args:
        n: Number of components.
        rms_force: Root-mean-square DFT component, eV/Å.
        r2: Uncentred r^2.

    Returns:
        The verdict; the first condition that fails gives the reason.
    """
    reason = ""
    if n < MIN_COMPONENTS:
        reason = f"{n} force components; at least {MIN_COMPONENTS} are needed"
    elif not rms_force >= MIN_RMS_FORCE:
        reason = f"the DFT forces are too small (rms {rms_force:.3f} eV/Å; at least {MIN_RMS_FORCE:g} is needed)"
    elif not r2 >= MIN_R2:
        reason = f"model and DFT forces have little in common (r² {r2:.2f}; at least {MIN_R2:g} is needed)"
    return Signal(not reason, reason, rms_force, r2)
