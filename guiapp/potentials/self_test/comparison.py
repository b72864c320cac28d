"""A model's energies and forces against what is known: PBE energies of simple crystals, and the shipped DFT labels.

The two complement each other. Total energies tell a wrong model at once but depend on the code and functional, so they are compared only
for models trained on PBE energies of VASP. Energy differences within a compound and forces need no common zero and hold for any functional
roughly; the limits are wide, because softening is what the program measures and not an error of loading.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.frames.frame import Floats, Frame
from guiapp.frames.shipped import open_shipped
from guiapp.potentials.potential import Prediction
from guiapp.potentials.self_test.answers import Answer, Ask, finite
from guiapp.potentials.self_test.crystals import Crystal
from guiapp.potentials.self_test.report import FORCES_CHECK, Check

_TOLERANCE = 0.5  # eV/atom; the corrections that data sets apply or leave out come to 0.4
_FRAMES_EACH = 3
_FEWEST, _MOST = 3, 14
_FORCE_LIKENESS = 0.5
"""r^2 of the forces; measured: CHGNet 0.94 to 0.96, M3GNet 2021.2.8 0.90, the same weights in the wrong convention 0.0002."""
_ENERGY_LIKENESS = 0.3
"""r^2 of energy differences; measured: 0.83 to 0.87, 0.66, and 0.0003 in the wrong convention."""
_SOFTEST, _STIFFEST = 0.3, 1.7


def crystal_energies_check(crystals: Sequence[Crystal], answers: Sequence[Answer], functional: str) -> Check:
    """Compare energies per atom of simple crystals with the band in which PBE-trained models lie.

    Args:
        crystals: As ``simple_crystals`` returns them.
        answers: The model's.
        functional: From the model's card.
    """
    name, unit = "energies of simple crystals", "eV/atom"
    outside = {}
    for crystal, answer in zip(crystals, answers, strict=True):
        if finite(answer, crystal.frame) and isinstance(answer, Prediction):
            energy = answer.energy / crystal.frame.n_atoms
            outside[crystal.frame.name] = max(crystal.lowest - energy, energy - crystal.highest, 0.0)
    if not functional.startswith("PBE") or len(outside) < _FEWEST:
        why = "it knows too few of the crystals" if len(outside) < _FEWEST else f"its functional is {functional or 'not known'}"
        return Check(name, None, float("nan"), _TOLERANCE, unit, f"Total energies were not compared with PBE, because {why}.")
    worst = max(outside, key=lambda key: outside[key])
    wrong = [key for key, distance in outside.items() if distance > _TOLERANCE]
    if wrong:
        words = (
            f"The energies of {len(wrong)} of {len(outside)} simple crystals are wrong, {worst} by {outside[worst]:.1f} eV/atom:"
            " these weights need another version of their package, or are damaged."
        )
        return Check(name, False, outside[worst], _TOLERANCE, unit, words)
    words = f"The energies of {len(outside)} simple crystals are those of PBE-trained models, to {max(outside[worst], 0.01):.2f} eV/atom."
    return Check(name, True, outside[worst], _TOLERANCE, unit, words)


def dft_checks(ask: Ask) -> list[Check]:
    """Compare forces and energy differences of distorted crystals with the shipped DFT labels.

    Args:
        ask: The model.
    """
    compounds = open_shipped("high-energy").compounds.values()
    groups = [group[:_FRAMES_EACH] for group in compounds if len(group) >= _FRAMES_EACH][:_MOST]
    answers = ask([frame for group in groups for frame in group])
    forces: list[tuple[Floats, Floats]] = []
    energies: list[tuple[Floats, Floats]] = []
    for k, group in enumerate(groups):
        own = answers[k * _FRAMES_EACH : (k + 1) * _FRAMES_EACH]
        if all(finite(answer, frame) for answer, frame in zip(own, group, strict=True)):
            predictions = [answer for answer in own if isinstance(answer, Prediction)]
            forces.append(_scaled(_forces(group), np.concatenate([one.forces.ravel() for one in predictions])))
            energies.append(_scaled(_differences(group), np.diff([one.energy / len(one.forces) for one in predictions])))
    return [
        _follows(FORCES_CHECK, "forces", forces, _FORCE_LIKENESS),
        _follows("energy differences follow DFT", "energy differences", energies, _ENERGY_LIKENESS),
    ]


def _forces(group: Sequence[Frame]) -> Floats:
    return np.concatenate([np.zeros(3 * frame.n_atoms) if frame.forces is None else frame.forces.ravel() for frame in group])


def _differences(group: Sequence[Frame]) -> Floats:
    return np.diff([(frame.energy or 0.0) / frame.n_atoms for frame in group])


def _scaled(dft: Floats, model: Floats) -> tuple[Floats, Floats]:
    """Divide both by the size of the DFT values, so that no compound outweighs the others."""
    size = float(np.sqrt(np.mean(dft**2)))
    return (dft / size, model / size) if size else (dft, model)


def _follows(name: str, what: str, pairs: Sequence[tuple[Floats, Floats]], least: float) -> Check:
    if len(pairs) < _FEWEST:
        words = f"The {what} were not compared with DFT, because the model knows too few of the shipped compounds."
        return Check(name, None, float("nan"), least, "r^2", words)
    dft = np.concatenate([pair[0] for pair in pairs])
    model = np.concatenate([pair[1] for pair in pairs])
    slope = float(dft @ model) / float(dft @ dft)
    likeness = float(dft @ model) ** 2 / (float(dft @ dft) * max(float(model @ model), 1e-300))
    passed = likeness >= least and _SOFTEST <= slope <= _STIFFEST
    words = f"The {what} of {len(pairs)} compounds {'follow' if passed else 'do not follow'} DFT: r^2 {likeness:.2f}, slope {slope:.2f}."
    if not passed:
        words += " These weights need another version of their package, or are damaged."
    return Check(name, passed, likeness, least, "r^2", words)
