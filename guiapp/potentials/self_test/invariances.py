"""What must not change a crystal's energy: turning, moving, renaming, repeating it, and its company in a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.potential import Prediction
from guiapp.potentials.self_test.answers import Answer, Ask
from guiapp.potentials.self_test.crystals import random_rotation, reordered, repeated, turned
from guiapp.potentials.self_test.report import Check

_ENERGY_LIMIT = 2e-4
"""eV/atom: models with the message convention of matgl before version 4 move by up to 1e-4 with the order of atoms."""
_FORCE_LIMIT = 0.01  # eV/Å, for the same reason
_EXACT = 1e-5
_BATCH_ENERGY, _BATCH_FORCE = 5e-5, 2e-3  # float32 sums in another order
_NOISE_ENERGY = 1e-4
_MOVES = 4


def invariance_checks(ask: Ask, probes: Sequence[Frame], at_rest: Sequence[Prediction]) -> list[Check]:
    """Turn, move, reorder and repeat distorted crystals.

    Args:
        ask: The model.
        probes: Distorted crystals.
        at_rest: The model's predictions for them.
    """
    random = np.random.default_rng(11)
    rotations = [random_rotation(random) for _ in probes]
    orders = [random.permutation(probe.n_atoms) for probe in probes]
    moves = [[random.uniform(-3, 3, 3) for _ in range(_MOVES)] for _ in probes]
    moved = [ask([probe.with_changes(positions=probe.positions + move) for move in own]) for probe, own in zip(probes, moves, strict=True)]
    # One atom goes to its image in the next cell: the crystal is the same.
    image = ask([_first_atom_wrapped(probe) for probe in probes])
    return [
        _compare(
            "rotation",
            "turned",
            ask([turned(probe, rotation) for probe, rotation in zip(probes, rotations, strict=True)]),
            at_rest,
            [one.forces @ rotation.T for one, rotation in zip(at_rest, rotations, strict=True)],
            stresses=[rotation @ one.stress @ rotation.T for one, rotation in zip(at_rest, rotations, strict=True)],
        ),
        _compare(
            "translation", "moved", [answers[0] for answers in moved] + image, [*at_rest, *at_rest], [one.forces for one in at_rest] * 2
        ),
        _compare(
            "atom order",
            "given in another order of atoms",
            ask([reordered(probe, order.tolist()) for probe, order in zip(probes, orders, strict=True)]),
            at_rest,
            [one.forces[order] for one, order in zip(at_rest, orders, strict=True)],
        ),
        _compare(
            "supercell",
            "given as a supercell",
            ask([repeated(probe) for probe in probes]),
            at_rest,
            [np.tile(one.forces, (2, 1)) for one in at_rest],
            copies=2,
        ),
        _noise(moved, probes),
    ]


def batch_check(ask: Ask, frames: Sequence[Frame], together: Sequence[Answer]) -> Check:
    """Compare answers for a whole batch with those for each frame by itself.

    Args:
        ask: The model.
        frames: A batch of mixed sizes.
        together: The answers when all were asked at once.
    """
    # One by one on purpose: whether company changes an answer is the question.
    pairs = [(one, ask([frame])[0]) for frame, one in zip(frames, together, strict=True)]
    known = [(one, alone) for one, alone in pairs if isinstance(one, Prediction) and isinstance(alone, Prediction)]
    energy = max((abs(one.energy - alone.energy) / len(one.forces) for one, alone in known), default=float("nan"))
    force = max((float(np.abs(one.forces - alone.forces).max()) for one, alone in known), default=float("nan"))
    passed = bool(energy <= _BATCH_ENERGY and force <= _BATCH_FORCE)
    words = f"A frame's energy changes by {energy:.1g} eV/atom and its forces by {force:.1g} eV/Å with its company in a batch."
    return Check("batch equals single", passed, energy, _BATCH_ENERGY, "eV/atom", words)


def _compare(
    name: str,
    how: str,
    answers: Sequence[Answer],
    before: Sequence[Prediction],
    forces: Sequence[Floats],
    *,
    copies: int = 1,
    stresses: Sequence[Floats] | None = None,
) -> Check:
    energy = force = 0.0
    for k, (answer, old) in enumerate(zip(answers, before, strict=True)):
        if isinstance(answer, str):
            words = f"A crystal that is {how} could not be predicted: {answer}"
            return Check(name, False, float("nan"), _ENERGY_LIMIT, "eV/atom", words)
        energy = _larger(energy, abs(answer.energy / copies - old.energy) / len(old.forces))
        force = _larger(force, float(np.abs(answer.forces - forces[k]).max()))
        if stresses is not None:
            # As a force on the face of an ordinary cell of 30 Å^2, so that one limit does.
            force = _larger(force, 30 * float(np.abs(answer.stress - stresses[k]).max()))
    passed = energy <= _ENERGY_LIMIT and force <= _FORCE_LIMIT
    words = f"A crystal that is {how} changes its energy by {energy:.1g} eV/atom and its forces by {force:.1g} eV/Å."
    if passed and energy > _EXACT:
        words += " That is more than rounding: the model is not exactly invariant, as those of matgl before version 4."
    return Check(name, passed, energy, _ENERGY_LIMIT, "eV/atom", words)


def _noise(moved: Sequence[Sequence[Answer]], probes: Sequence[Frame]) -> Check:
    """Estimate rounding from the same crystal at several places: in exact arithmetic nothing would change."""
    energies, forces = [], []
    for answers, probe in zip(moved, probes, strict=True):
        known = [answer for answer in answers if isinstance(answer, Prediction)]
        if len(known) > 1:
            energies.append(float(np.std([one.energy for one in known])) / probe.n_atoms)
            forces.append(float(np.std([one.forces for one in known], axis=0).max()))
    energy, force = max(energies, default=float("nan")), max(forces, default=float("nan"))
    words = f"Rounding moves energies by {energy:.1g} eV/atom and forces by {force:.1g} eV/Å."
    return Check("rounding", bool(energy <= _NOISE_ENERGY), energy, _NOISE_ENERGY, "eV/atom", words, grave=False)


def _first_atom_wrapped(probe: Frame) -> Frame:
    positions = np.array(probe.positions)
    positions[0] += probe.cell[0] - probe.cell[2]
    return probe.with_changes(positions=positions)


def _larger(old: float, new: float) -> float:
    """Return the larger one, NaN where either is NaN."""
    return float(np.maximum(old, new))
