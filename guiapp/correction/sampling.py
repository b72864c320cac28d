"""Candidates for the label where there are none: the model's own molecular dynamics, rattled cells and strained cells of one structure.

A label must lie away from the minimum, since near it forces say nothing about the slope. The dynamics is at constant temperature, with the
uncorrected model: a soft model wanders a little farther than a right one would, which does no harm to a label.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ase import units
from ase.data import atomic_masses

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame
from guiapp.potentials.potential import Potential

_FEWEST_ATOMS = 8
"""Smaller cells are repeated: symmetry and vanishing net force leave a cell of two atoms with three free components."""
_MOST_ATOMS = 64
_HOTTEST = 5.0
"""Times the wanted temperature at which a run counts as broken: the model's surface has a hole."""


@dataclass(frozen=True)
class SamplingPlan:
    """How candidates are made; the defaults follow the paper's high-energy states, shorter."""

    temperature: float = 1000.0
    """K."""
    n_dynamics: int = 6
    """Frames from the dynamics; every third of them stretched or compressed."""
    n_rattled: int = 2
    rattle: float = 0.1
    """Standard deviation of a rattled coordinate, Å."""
    strain: float = 0.03
    """Linear strain of strained frames, as a fraction."""
    time_step: float = 2.0
    """fs."""
    equilibration: float = 400.0
    """fs before the first frame."""
    spacing: float = 120.0
    """fs between frames."""
    friction: float = 0.02
    """1/fs of the Langevin thermostat."""
    seed: int = 240507105


def sample_candidates(
    frame: Frame,
    potential: Potential,
    plan: SamplingPlan | None = None,
    *,
    tell: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Frame, ...]:
    """Make candidates of one structure.

    Args:
        frame: A crystal, at or near its minimum; small cells are repeated.
        potential: The uncorrected model.
        plan: How; by default 1000 K, six frames of dynamics and two rattled ones.
        tell: Told the steps of dynamics done and in all.
        cancelled: Asked at every step; true ends with the frames so far.

    Returns:
        Unlabelled frames with the facts ``kind``, ``temperature`` and ``strain``.

    Raises:
        UserFacingError: Where the model cannot take the structure, or its dynamics explodes.

    Source:
        Deng et al., npj Comput. Mater. 11, 9 (2025), sampling of the high-energy states.
    """
    chosen = SamplingPlan() if plan is None else plan
    start = enlarged(frame)
    random = np.random.default_rng(chosen.seed)
    compound = frame.compound or frame.formula
    found = []
    for number, (image, kelvin) in enumerate(_dynamics(start, potential, chosen, random, tell=tell, cancelled=cancelled), start=1):
        strain = (0.0, chosen.strain, -chosen.strain)[(number - 1) % 3] if chosen.strain else 0.0
        facts = {"kind": f"md{chosen.temperature:g}K", "temperature": round(kelvin, 1), "strain": strain}
        found.append(_strained(image, strain).with_changes(name=f"dynamics {number}", compound=compound, info=facts))
    for number in range(1, chosen.n_rattled + 1):
        moved = start.with_changes(positions=start.positions + chosen.rattle * random.normal(size=start.positions.shape))
        facts = {"kind": "rattled", "strain": 0.0}
        found.append(moved.with_changes(name=f"rattled {number}", compound=compound, info=facts))
    return tuple(found)


def enlarged(frame: Frame) -> Frame:
    """Return the cell repeated along its shortest axes until it holds at least eight atoms, without labels."""
    repeat = [1, 1, 1]
    lengths = np.linalg.norm(frame.cell, axis=1)
    while frame.n_atoms * int(np.prod(repeat)) < _FEWEST_ATOMS and all(frame.pbc):
        shortest = int(np.argmin(lengths * repeat))
        repeat[shortest] += 1
    if frame.n_atoms * int(np.prod(repeat)) > _MOST_ATOMS:
        repeat = [1, 1, 1]
    atoms = frame.to_atoms().repeat(repeat)
    return Frame(atoms.numbers, atoms.positions, atoms.cell.array, frame.pbc, name=frame.name, compound=frame.compound)


def _strained(frame: Frame, strain: float) -> Frame:
    return frame.with_changes(positions=frame.positions * (1 + strain), cell=frame.cell * (1 + strain)) if strain else frame


def _dynamics(
    frame: Frame,
    potential: Potential,
    plan: SamplingPlan,
    random: np.random.Generator,
    *,
    tell: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> list[tuple[Frame, float]]:
    """Run Langevin dynamics and return frames with their instantaneous temperature, K.

    Source:
        BAOAB splitting: Leimkuhler and Matthews, Appl. Math. Res. Express 2013, 34; exact configurational average for harmonic forces.
    """
    if not plan.n_dynamics:
        return []
    step = plan.time_step * units.fs
    every, first = max(1, round(plan.spacing / plan.time_step)), round(plan.equilibration / plan.time_step)
    total = first + every * plan.n_dynamics
    mass = atomic_masses[frame.numbers][:, None]
    heat = units.kB * plan.temperature
    keep = float(np.exp(-plan.friction * plan.time_step))
    kick = np.sqrt(heat * (1 - keep**2) / mass)
    velocity = np.sqrt(heat / mass) * random.normal(size=frame.positions.shape)
    velocity -= _drift(velocity, mass)
    position = np.array(frame.positions)
    force = _forces(frame, position, potential)
    found: list[tuple[Frame, float]] = []
    for done in range(1, total + 1):
        if cancelled is not None and cancelled():
            break
        velocity += 0.5 * step * force / mass
        position += 0.5 * step * velocity
        velocity = keep * velocity + kick * random.normal(size=velocity.shape)
        velocity -= _drift(velocity, mass)
        position += 0.5 * step * velocity
        force = _forces(frame, position, potential)
        velocity += 0.5 * step * force / mass
        kelvin = float((mass * velocity**2).sum() / max(1, 3 * frame.n_atoms - 3) / units.kB)
        if not np.isfinite(kelvin) or kelvin > _HOTTEST * plan.temperature + 1000:
            raise UserFacingError(
                f"The model's dynamics explodes after {done * plan.time_step:.0f} fs.",
                advice="Use rattled structures instead, or a lower temperature.",
            )
        if done > first and (done - first) % every == 0:
            found.append((frame.with_changes(positions=position), kelvin))
        if tell is not None:
            tell(done, total)
    return found


def _drift(velocity: Floats, mass: Floats) -> Floats:
    """Return the velocity of the centre of mass, which a crystal must not have."""
    return np.asarray((mass * velocity).sum(axis=0) / mass.sum())


def _forces(frame: Frame, position: Floats, potential: Potential) -> Floats:
    return potential.predict([frame.with_changes(positions=position)])[0].forces
