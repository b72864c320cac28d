"""By hand: how often the gate takes chance for a repair in short runs, invented ones and ones cut from real dynamics.

    PYTHONPATH=. python tests/trials/gate_null.py [--trials 1000]

Nothing is repaired here: changes have no mean. "Independent" is what taking every frame for itself would claim, "gate" what the program
says. The dynamics is EMT copper, 8 atoms without a thermostat, labelled by EMT copper; the model is EMT silver on stretched cells, its
correction a scalar.
"""

# ruff: noqa: T201 - a script prints
from __future__ import annotations

import argparse

import numpy as np
from ase import units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.md.verlet import VelocityVerlet

from guiapp.correction.independent_units import LEAST_RUNS
from guiapp.physics.paired_change import correlation_in_short_runs, grouped_mean

ALPHA = 0.05
STRETCH = 4.09 / 3.61
"""Lattice constant of silver to that of copper."""
EVERY = 5
"""Steps of 2 fs between snapshots."""


def accepted(changes: np.ndarray, forces: list[np.ndarray]) -> tuple[bool, bool]:
    """Whether a fall is claimed for frames taken for themselves, and by the gate."""
    each = np.arange(len(changes))
    alike = correlation_in_short_runs([forces])
    return grouped_mean(changes, each).p_value <= ALPHA, grouped_mean(changes, each, None, alike).p_value <= ALPHA


def invented(trials: int) -> None:
    """Series whose correlation falls as a power of the lag, with forces that do not show it and with forces that do."""
    print("invented runs: frames, correlation; independent; gate, forces alike not at all; gate, forces as alike as the square root")
    for count in (4, 5, 8, 11):
        for correlation in (0.0, 0.3, 0.6, 0.8, 0.95):
            random = np.random.default_rng(11)
            root = np.linalg.cholesky(
                correlation ** np.abs(np.subtract.outer(np.arange(count), np.arange(count))) if correlation else np.eye(count)
            )
            angle, (one, other) = np.arccos(correlation**0.5), random.normal(size=(2, 8, 3))
            shown = [np.cos(angle * k) * one + np.sin(angle * k) * other for k in range(count)]
            hidden = list(random.normal(size=(count, 8, 3)))
            found = []
            for _ in range(trials):
                changes = root @ random.normal(size=count)
                found.append((*accepted(changes, hidden), accepted(changes, shown)[1]))
            print(f"  {count:>3} {correlation:5.2f}   {'  '.join(f'{rate:.3f}' for rate in np.mean(found, axis=0))}", flush=True)


RUNS = (
    ((1, 1, 1), (8, 8, 8)),
    ((1, 0.9, 0.3), (8, 8, 8)),
    ((1, 0.6, 0.5, 0.02, 0.01), (9,) * 5),
    ((1, 1, 1, 0.02, 0.02, 0.02, 0.02, 0.02), (18, 18, 18, 3, 3, 2, 2, 27)),
    ((1, 1, 1, 1, 0.3, 0.3, 0.1, 0.1, 0.05), (10,) * 9),
    ((1,) * 13, (4,) * 13),
)
"""Error of a frame and number of frames, run by run."""


def weighed(trials: int) -> None:
    """Runs weighed by their error, each with an offset of its own beside what its frames scatter."""
    print("runs weighed by error: runs, offset of a run, scatter of a frame (of the logarithm of the error); gate")
    for offset, scatter in ((0.1, 0.3), (0.3, 0.3), (0.6, 0.3), (1.0, 0.5)):
        for errors, counts in RUNS:
            random, n, each = np.random.default_rng(5), len(counts), np.arange(len(counts))
            found = 0
            for _ in range(trials):
                half = np.exp((offset * random.normal(size=n) + scatter / np.sqrt(counts) * random.normal(size=n)) / 2)
                both = np.array(errors) * counts * (half + 1 / half)
                result = grouped_mean((half - 1 / half) / (half + 1 / half), each, both)
                found += result.effective_count >= LEAST_RUNS and result.p_value <= ALPHA
            print(f"  {n:>2} of error {errors[0]} to {errors[-1]}  {offset:.1f} {scatter:.1f}   {found / trials:.3f}", flush=True)


def dynamics(seed: int, snapshots: int = 700) -> tuple[np.ndarray, np.ndarray]:
    """Return forces of label and model along one trajectory, (snapshots, 8, 3) each."""
    atoms = bulk("Cu", a=3.65, cubic=True).repeat((2, 1, 1))
    atoms.calc = EMT()
    MaxwellBoltzmannDistribution(atoms, temperature_K=1600, rng=np.random.default_rng(seed))
    run = VelocityVerlet(atoms, 2 * units.fs)
    run.run(300)
    silver = atoms.copy()
    silver.numbers[:] = 47
    silver.calc = EMT()
    label, model = [], []
    for _ in range(snapshots):
        run.run(EVERY)
        label.append(atoms.get_forces())
        silver.set_cell(atoms.cell.array * STRETCH)
        silver.positions = atoms.positions * STRETCH
        model.append(silver.get_forces())
    return np.array(label), np.array(model)


def real() -> None:
    """Runs cut from the trajectories, by the time between frames."""
    found = [dynamics(seed) for seed in range(3)]
    x, y = (np.array(part) for part in zip(*found, strict=True))
    c = (x * y).sum() / (y * y).sum()
    before, after = np.abs(y - x).mean(axis=(2, 3)), np.abs(c * y - x).mean(axis=(2, 3))
    change = (after - before) / (after + before)
    change -= change.mean(axis=1, keepdims=True)
    print("real dynamics: frames, fs between them, cosine of neighbours' forces, correlation of their changes; independent; gate")
    for count in (5, 8):
        for step in (1, 2, 3, 4, 6, 12, 20):
            a, b = x[:, :-step].reshape(-1, 24), x[:, step:].reshape(-1, 24)
            cosine = ((a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).mean()
            alike = np.mean([(one[:-step] * one[step:]).mean() / one.var() for one in change])
            rates = np.mean(
                [
                    accepted(change[t][start : start + count * step : step], list(x[t][start : start + count * step : step]))
                    for t in range(len(change))
                    for start in range(0, change.shape[1] - count * step, 3)
                ],
                axis=0,
            )
            print(f"  {count} {2 * EVERY * step:>4} {cosine:6.2f} {alike:6.2f}   {rates[0]:.3f}  {rates[1]:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    options = parser.parse_args()
    invented(options.trials)
    weighed(10 * options.trials)
    real()


if __name__ == "__main__":
    main()
