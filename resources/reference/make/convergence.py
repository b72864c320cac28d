"""Convergence of forces, energy and stress with cut-off and k-density, on frame 1 of a compound.

Usage: ``python3 convergence.py FRAMES.extxyz MgO,1000:2,800:2 Si,400:4,400:3 ...`` with the Python that has GPAW: after each compound
pairs of cut-off (eV) and k-density; every pair is compared with the first.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read

GPA = 160.21766208
"""GPa in one eV/Å^3."""


@dataclass(frozen=True)
class Outcome:
    """Result of one setting."""

    energy: float
    """eV."""
    forces: np.ndarray
    """(n_atoms, 3) eV/Å."""
    stress: np.ndarray
    """(6,) eV/Å^3."""
    seconds: float
    """CPU time."""


def compute(frame: Atoms, cutoff: int, density: float) -> Outcome:
    """Return energy, forces and stress of a frame with one setting."""
    from gpaw import GPAW, PW, FermiDirac  # noqa: PLC0415 - the product's environment has no GPAW

    atoms, start = frame.copy(), time.process_time()
    atoms.calc = GPAW(
        mode=PW(cutoff),
        xc="PBE",
        kpts={"density": density, "gamma": True},
        occupations=FermiDirac(0.05),
        symmetry={"point_group": False},
        convergence={"density": 1e-5, "eigenstates": 1e-8, "energy": 1e-6},
        maxiter=250,
        txt=None,
    )
    energy, forces, stress = atoms.get_potential_energy(), atoms.get_forces(), atoms.get_stress()
    return Outcome(float(energy), forces, stress, time.process_time() - start)


def compare(result: Outcome, reference: Outcome) -> str:
    """Return the differences of one setting to the first in words."""
    forces, wanted = result.forces, reference.forces
    slope = (forces * wanted).sum() / (wanted**2).sum()
    return (
        f"{result.seconds:.0f} CPU s; forces: max {abs(forces - wanted).max():.4f} eV/Å, slope {slope:.4f}; "
        f"energy: {(result.energy - reference.energy) / len(forces):+.4f} eV/atom; "
        f"stress: max {abs(result.stress - reference.stress).max() * GPA:.2f} GPa"
    )


def main(arguments: list[str]) -> int:
    """Run the settings of each compound and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frames", type=Path)
    parser.add_argument("runs", nargs="+", metavar="COMPOUND,CUTOFF:DENSITY,...")
    options = parser.parse_args(arguments)
    frames = read(options.frames, ":")
    for run in options.runs:
        name, *settings = run.split(",")
        frame = next(atoms for atoms in frames if atoms.info["name"] == name and atoms.info["frame"] == 1)
        reference: Outcome | None = None
        for setting in settings:
            cutoff, density = setting.split(":")
            result = compute(frame, int(cutoff), float(density))
            reference = reference or result
            print(f"{name} {setting} against {settings[0]}: {compare(result, reference)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
