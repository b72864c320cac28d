"""One DFT calculation with GPAW: labels of a fixed geometry, relaxation of positions, relaxation of a cell.

Runs on the Python that has GPAW (Debian: the system's), with ase 3.22 or later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.constraints import ExpCellFilter, FixAtoms
from ase.eos import EquationOfState
from ase.optimize import BFGS
from settings import LONGEST_SMALL_CELL, Settings, calculator_arguments, settings_for

GPA = 160.21766208
"""GPa in one eV/Å^3."""
PRESSURE_TOLERANCE = 0.05
"""A cubic cell is relaxed when its pressure is below this, GPa: about 2e-4 of the lattice constant."""
FORCE_TOLERANCE = 0.05
"""Positions are relaxed when no force is above this, eV/Å (the paper's value for slabs and defects)."""
CELL_FORCE_TOLERANCE = 0.01
"""The same for the cells that every other family starts from, eV/Å."""


def settings_of(atoms: Atoms) -> Settings:
    """Return the settings of a structure.

    An elemental phase that names a ``host`` gets the host's cut-off, so that energies compare, and the denser of the two k-meshes.
    """
    own = settings_for(str(atoms.info["compound"]), set(atoms.get_chemical_symbols()))
    if "host" not in atoms.info:
        return own
    host = settings_for(str(atoms.info["host"]), set(str(atoms.info["settings_elements"]).split("-")))
    return host if host.density >= own.density else replace(own, cutoff=host.cutoff)


def mesh_of(atoms: Atoms) -> tuple[int, int, int]:
    """Return the k-mesh of a structure: the one it names as ``kpts="6x6x6"``, else the one its k-density asks for."""
    if "kpts" in atoms.info:
        a, b, c = (int(n) for n in str(atoms.info["kpts"]).split("x"))
        return a, b, c
    return settings_of(atoms).mesh(atoms.cell.array, vacuum_axis=2 if atoms.info.get("role") == "slab" else None)


def new_calculator(atoms: Atoms, log: str | None = None) -> Calculator:
    """Return a GPAW calculator for a structure; drop it after use, since GPAW keeps its memory until then."""
    from gpaw import GPAW  # noqa: PLC0415 - only this function needs it, and the tests skip where it is missing

    moment = float(atoms.info.get("start_moment", 0.0))
    small = not moment and bool(max(atoms.cell.lengths()) <= LONGEST_SMALL_CELL)
    arguments = calculator_arguments(settings_of(atoms), mesh_of(atoms), small=small, log=log)
    if moment:
        atoms.set_initial_magnetic_moments([moment] * len(atoms))
        arguments["spinpol"] = True
    return GPAW(**arguments)


def labelled(atoms: Atoms, **info: Any) -> Atoms:
    """Return a copy that carries the calculator's energy, forces and stress under ``REF_`` keys.

    Args:
        atoms: Structure with a calculator; the calculation is run if it has not been.
        **info: Facts to add to the frame.

    Returns:
        Copy without calculator or constraint: ``REF_energy`` eV, ``REF_forces`` (n_atoms, 3) eV/Å, ``REF_stress`` six numbers
        in Voigt order, eV/Å^3, ase's sign.
    """
    energy, forces, stress = (
        atoms.get_potential_energy(),
        atoms.get_forces(apply_constraint=False),
        atoms.get_stress(apply_constraint=False),
    )
    frame = Atoms(atoms.get_chemical_symbols(), positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    frame.info.update({k: v for k, v in atoms.info.items() if k != "relax"})
    frame.info.update(info)
    mesh = mesh_of(atoms)
    frame.info.update(
        REF_energy=float(energy),
        REF_stress=np.array(stress, dtype=float),
        dft=settings_of(atoms).describe(_version()),
        kpts="x".join(map(str, mesh)),
    )
    frame.arrays["REF_forces"] = np.array(forces, dtype=float)
    return frame


def _version() -> str:
    import gpaw  # noqa: PLC0415 - see new_calculator

    return str(gpaw.__version__)


def relax_positions(atoms: Atoms, *, report: Callable[[], None] | None = None, steps: int = 60) -> bool:
    """Move the atoms until no force is above the tolerance; the cell and the atom ``fixed_atom`` stay.

    Args:
        atoms: Structure with a calculator, changed in place.
        report: Called after each step, e.g. to keep what was reached.
        steps: Steps after which it gives up.

    Returns:
        True where the tolerance was reached.
    """
    if "fixed_atom" in atoms.info:
        atoms.set_constraint(FixAtoms([int(atoms.info["fixed_atom"])]))
    optimiser = BFGS(atoms, logfile=None, maxstep=0.1)
    if report is not None:
        optimiser.attach(report)
    return bool(optimiser.run(fmax=FORCE_TOLERANCE, steps=steps))


def relax_volume(atoms: Atoms, log: str | None = None, *, steps: int = 10) -> Atoms:
    """Return a cell scaled to zero pressure, for cells in which symmetry leaves nothing else free.

    The secant rule on the pressure as a function of the logarithm of the volume; each volume gets a calculator of its own,
    with the k-mesh of the first.

    Args:
        atoms: Start cell.
        log: File for GPAW's log.
        steps: Volumes after which it gives up.

    Returns:
        The relaxed cell, with its calculator.

    Raises:
        RuntimeError: The pressure does not vanish.
    """
    mesh = "x".join(map(str, mesh_of(atoms)))
    logarithms: list[float] = []
    pressures: list[float] = []
    step = 0.0
    for _ in range(steps):
        trial = atoms.copy()
        trial.info["kpts"] = mesh
        trial.set_cell(atoms.cell.array * np.exp(step / 3), scale_atoms=True)
        trial.calc = new_calculator(trial, log)
        pressure = -float(np.mean(trial.get_stress()[:3])) * GPA
        if abs(pressure) < PRESSURE_TOLERANCE:
            return trial
        logarithms.append(step)
        pressures.append(pressure)
        if len(pressures) == 1:
            step = float(np.clip(pressure / 100.0, -0.03, 0.03))  # bulk moduli of these crystals are near 100 GPa
        else:
            slope = (pressures[-1] - pressures[-2]) / (logarithms[-1] - logarithms[-2])
            step = float(np.clip(logarithms[-1] - pressures[-1] / slope, step - 0.06, step + 0.06))
        trial.calc = None
    raise RuntimeError(f"the pressure of {atoms.info['compound']} does not vanish: {pressures}")


def relax_volume_by_energy(atoms: Atoms, log: str | None = None) -> Atoms:
    """Return a cell scaled to the minimum of E(V), for compounds whose stress converges far later than their energy.

    LiF at its minimum: the pressure from the stress is 1.8 GPa too low at 800 eV and right at 1400 eV, while -dE/dV agrees
    between 800 and 1400 eV to 0.05 GPa.

    Args:
        atoms: Start cell.
        log: File for GPAW's log.

    Returns:
        The relaxed cell with its calculator and the k-mesh of the start.
    """
    start = relax_volume(atoms, log)
    start.calc = None
    volumes, energies = [], []
    for ratio in (0.96, 0.99, 1.02, 1.05, 1.08):
        trial = start.copy()
        trial.set_cell(start.cell.array * ratio ** (1 / 3), scale_atoms=True)
        trial.calc = new_calculator(trial, log)
        volumes.append(trial.get_volume())
        energies.append(trial.get_potential_energy())
        trial.calc = None
    minimum = float(EquationOfState(volumes, energies, eos="birchmurnaghan").fit()[0])
    relaxed = start.copy()
    relaxed.set_cell(start.cell.array * (minimum / start.get_volume()) ** (1 / 3), scale_atoms=True)
    relaxed.calc = new_calculator(relaxed, log)
    return relaxed


def relax_cell(atoms: Atoms, log: str | None = None, *, steps: int = 60) -> Atoms:
    """Return a structure with cell and positions relaxed together, symmetry kept by symmetrised forces.

    Args:
        atoms: Start structure.
        log: File for GPAW's log.
        steps: Steps after which it gives up.

    Returns:
        The relaxed structure with its calculator and the k-mesh of the start.

    Raises:
        RuntimeError: It does not converge.
    """
    relaxed = atoms.copy()
    relaxed.info["kpts"] = "x".join(map(str, mesh_of(atoms)))
    relaxed.calc = new_calculator(relaxed, log)
    volume = relaxed.get_volume()
    optimiser = BFGS(ExpCellFilter(relaxed), logfile=None, maxstep=0.1)
    # the virial in eV is what the filter converges; 0.01 eV over the volume is the pressure left
    if not optimiser.run(fmax=max(CELL_FORCE_TOLERANCE, PRESSURE_TOLERANCE / GPA * volume), steps=steps):
        raise RuntimeError(f"the cell of {atoms.info['compound']} does not relax in {steps} steps")
    return relaxed


def log_file(folder: Path | None, frame: str) -> str | None:
    """Return where GPAW's log of one frame goes; None for no log."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{frame.replace('/', '_')}.txt")
