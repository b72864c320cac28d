"""Label frames of a public VASP set again with GPAW and the settings of the shipped sets: the first step of the comparison of both codes.

Usage: ``python3 vasp_frames.py SET.xyz.gz OURS.extxyz [--a-compound 2]`` with the Python that has GPAW. The set is the user's own copy of a
public one; its labels stay beside ours as ``vasp_energy`` and ``vasp_forces``, in a file that is not shipped, since they are not ours.
May be killed and run again. ``compare_with_vasp.py`` makes the table.
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read, write
from label_high_energy import label
from settings import settings_for

WITH_U_OR_MOMENT = frozenset(
    {"V", "Cr", "Mn", "Fe", "Co", "Ni", "Mo", "W", "U", "La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu"}
)
"""Elements for which the Materials Project's settings add U or a moment, so that labels without them differ for a known reason."""
MOST_ATOMS = 6
LEAST_VOLUME = 8.0
"""Å^3 an atom, below which PAW spheres overlap and neither code is right."""
FORCES = (0.3, 30.0)
"""Largest force component of a frame, eV/Å: enough to compare, and inside the default filter."""


def read_set(path: Path) -> list[Atoms]:
    """Return the frames of an extended xyz file, packed or not."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    return list(read(io.StringIO(text), ":", format="extxyz"))


def comparable(frames: list[Atoms], a_compound: int) -> Iterator[Atoms]:
    """Yield the first small, moderate frames of each compound, without elements that need U or a moment, with VASP's labels renamed.

    Args:
        frames: Of the public set, with energy (eV) and forces (eV/Å) as ase reads them.
        a_compound: How many of each compound.
    """
    taken: dict[str, int] = {}
    for place, atoms in enumerate(frames):
        formula = atoms.get_chemical_formula(empirical=True)
        largest = float(np.abs(atoms.get_forces()).max())
        too_dense = atoms.get_volume() / len(atoms) < LEAST_VOLUME
        if len(atoms) > MOST_ATOMS or too_dense or not FORCES[0] < largest < FORCES[1] or set(atoms.symbols) & WITH_U_OR_MOMENT:
            continue
        if taken.get(formula, 0) < a_compound:
            taken[formula] = taken.get(formula, 0) + 1
            frame = Atoms(atoms.symbols, positions=atoms.positions, cell=atoms.cell, pbc=True)
            frame.info.update(name=formula, frame=place, vasp_energy=float(atoms.get_potential_energy()))
            frame.arrays["vasp_forces"] = atoms.get_forces()
            yield frame


def main(arguments: list[str]) -> int:
    """Label what is not labelled yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("ours", type=Path)
    parser.add_argument("--a-compound", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], help="formulas; all of them if none is named")
    chosen = parser.parse_args(arguments)
    done = {frame.info["frame"] for frame in read(chosen.ours, ":")} if chosen.ours.exists() else set()
    for frame in comparable(read_set(chosen.set), chosen.a_compound):
        name = str(frame.info["name"])
        if frame.info["frame"] in done or (chosen.only and name not in chosen.only):
            continue
        write(str(chosen.ours), label(frame, settings_for(name, set(frame.symbols))), format="extxyz", append=True)
        print(name, frame.info["frame"], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
