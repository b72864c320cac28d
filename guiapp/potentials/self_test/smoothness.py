"""Energies while neighbours enter and leave the cut-off: a smooth model has no jumps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.potential import Prediction
from guiapp.potentials.self_test.answers import Ask
from guiapp.potentials.self_test.crystals import strained
from guiapp.potentials.self_test.report import Check

_SMALLEST, _LARGEST, _POINTS = -0.04, 0.08, 61
_CLOSER_POINTS = 41
_LIMIT = 1e-3  # eV/atom
_GRAVE = 1e-2  # eV/atom
_JUMP_IN_FOURTH_DIFFERENCE = 3
_NAME = "smooth across the cut-off"


def smoothness_check(ask: Ask, probes: Sequence[Frame]) -> Check:
    """Stretch crystals evenly through -4 to +8 %: every shell of neighbours passes through a range of distances on its way.

    A jump J shows as 3 J in the fourth differences of the energies, where a smooth curve leaves next to nothing. A sharp bend looks like a
    jump from afar, so the neighbourhood of a large one is looked at again with closer points: only a real jump stays.

    Args:
        ask: The model.
        probes: Crystals.
    """
    largest = 0.0
    for probe in probes:
        strains = np.linspace(_SMALLEST, _LARGEST, _POINTS)
        jump, place = _largest_jump(ask, probe, strains)
        if jump > _LIMIT:
            width = 2.5 * (strains[1] - strains[0])
            jump, _ = _largest_jump(ask, probe, np.linspace(place - width, place + width, _CLOSER_POINTS))
        if np.isnan(jump):
            return Check(_NAME, False, jump, _LIMIT, "eV/atom", f"{probe.name} could not be predicted while it was stretched.")
        largest = max(largest, jump)
    words = f"The largest jump of the energy while a crystal is stretched is {largest:.1g} eV/atom."
    return Check(_NAME, largest <= _LIMIT, largest, _LIMIT, "eV/atom", words, grave=largest > _GRAVE)


def _largest_jump(ask: Ask, probe: Frame, strains: Floats) -> tuple[float, float]:
    """Return the largest jump, eV/atom, and the strain where it is; NaN where a frame could not be predicted."""
    answers = ask([strained(probe, strain * np.eye(3)) for strain in strains])
    energies = np.array([answer.energy for answer in answers if isinstance(answer, Prediction)]) / probe.n_atoms
    if len(energies) < len(strains):
        return float("nan"), float("nan")
    jumps = np.abs(np.diff(energies, 4)) / _JUMP_IN_FOURTH_DIFFERENCE
    place = int(np.argmax(jumps))
    return float(jumps[place]), float(strains[place + 2])
