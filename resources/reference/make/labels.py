"""Second step of the reference sets: label the structures of one family with GPAW.

Usage: ``python3 labels.py FAMILY [--folder FOLDER] [--only SYSTEM ...] [--static] [--logs FOLDER]`` with the Python that has GPAW.
Reads ``FOLDER/FAMILY/structures.extxyz`` and appends to ``FOLDER/FAMILY/labels.extxyz``. Frames already there are skipped, so it may be
killed at any moment and run again; a relaxation goes on from its last step.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import read, write
from dft import labelled, log_file, new_calculator, relax_cell, relax_positions, relax_volume, relax_volume_by_energy
from inversion import inverted
from volumes import scaled_volumes

HERE = Path(__file__).resolve().parent


def read_all(path: Path) -> list[Atoms]:
    """Return the frames of a file, none where it does not exist."""
    return list(read(str(path), ":", format="extxyz")) if path.exists() and path.stat().st_size else []


class FamilyFolder:
    """The files of one family: what is to be labelled, what is, and how far relaxations have come."""

    def __init__(self, folder: Path, logs: Path | None = None) -> None:
        self.structures = folder / "structures.extxyz"
        self.labels = folder / "labels.extxyz"
        self.progress = folder / "progress"
        self.logs = logs

    def done(self) -> set[str]:
        """Return the names of the labelled frames."""
        return {str(frame.info["frame"]) for frame in read_all(self.labels)}

    def append(self, frame: Atoms, started: float) -> None:
        """Add a labelled frame; ``started`` is the process time at which its calculation began, s."""
        frame.info["cpu_s"] = round(time.process_time() - started, 1)
        write(str(self.labels), frame, format="extxyz", append=True)
        print(frame.info["frame"], len(frame), frame.info["cpu_s"], "CPU s", flush=True)

    def checkpoint(self, frame: str) -> Path:
        """Return where the last step of a relaxation is kept."""
        self.progress.mkdir(parents=True, exist_ok=True)
        return self.progress / f"{frame.replace('/', '_')}.extxyz"


def label_static(atoms: Atoms, family: FamilyFolder) -> None:
    """Label a structure as it is."""
    started = time.process_time()
    atoms.calc = new_calculator(atoms, log_file(family.logs, str(atoms.info["frame"])))
    family.append(labelled(atoms), started)
    atoms.calc = None


def label_relaxed(atoms: Atoms, family: FamilyFolder, done: set[str]) -> None:
    """Label a structure as it is and, under the name ``.../relaxed``, with its positions relaxed in the fixed cell."""
    name = str(atoms.info["frame"])
    relaxed_name = f"{name}/relaxed"
    if relaxed_name in done:
        return
    started, checkpoint = time.process_time(), family.checkpoint(name)
    current, kept = atoms.copy(), read_all(checkpoint)
    if name in done and kept:
        current.set_positions(kept[-1].positions)
    current.calc = new_calculator(current, log_file(family.logs, name))
    if name not in done:
        family.append(labelled(current), started)

    def keep() -> None:
        step = Atoms(current.get_chemical_symbols(), positions=current.positions, cell=current.cell, pbc=current.pbc)
        write(str(checkpoint), step, format="extxyz")

    converged = relax_positions(current, report=keep)
    if converged:
        family.append(labelled(current, frame=relaxed_name, state="relaxed"), started)
        checkpoint.unlink(missing_ok=True)
    else:
        print("NOT RELAXED", relaxed_name, flush=True)
    current.calc = None


def label_relaxed_cell(atoms: Atoms, family: FamilyFolder) -> Atoms:
    """Relax a cell (only its volume where symmetry leaves nothing else free), label it and return the labelled frame."""
    started, log = time.process_time(), log_file(family.logs, str(atoms.info["frame"]))
    relax = {"volume": relax_volume, "energy": relax_volume_by_energy, "cell": relax_cell}[str(atoms.info["relax"])]
    relaxed = relax(atoms, log)
    frame = labelled(relaxed, state="relaxed")
    family.append(frame, started)
    relaxed.calc = None
    return frame


def label_volumes(atoms: Atoms, family: FamilyFolder, done: set[str]) -> None:
    """Relax a cell and, where its role is ``equilibrium``, label it at the other volumes of the equation of state too."""
    name = str(atoms.info["frame"])
    if name in done:
        relaxed = next(frame for frame in read_all(family.labels) if frame.info["frame"] == name)
    else:
        relaxed = label_relaxed_cell(atoms, family)
    if atoms.info["role"] == "equilibrium":
        for frame in scaled_volumes(relaxed):
            if frame.info["frame"] not in done:
                label_static(frame, family)


def label_inverted(atoms: Atoms, family: FamilyFolder) -> None:
    """Take the labels over from the frame that this one is the inversion of; wait for a later run where it has none yet."""
    centre = np.asarray(atoms.info["inversion_centre"], dtype=float)  # three numbers in quotes are read as an array
    for source in read_all(family.labels):
        if source.info["frame"] == atoms.info["inversion_of"]:
            started = time.process_time()
            frame = inverted(source, centre)
            frame.info.update({key: value for key, value in atoms.info.items() if key != "relax"})
            family.append(frame, started)


def label_one(atoms: Atoms, family: FamilyFolder, done: set[str], *, static: bool = False) -> None:
    """Label one structure as its ``relax`` says: ``cell``, ``volume`` or ``energy``, ``positions``, else as it is."""
    relax = str(atoms.info.get("relax", "none"))
    if relax in {"cell", "volume", "energy"}:
        label_volumes(atoms, family, done)
    elif relax == "positions" and not static:
        label_relaxed(atoms, family, done)
    elif atoms.info["frame"] not in done:
        if "inversion_of" in atoms.info:
            label_inverted(atoms, family)
        else:
            label_static(atoms, family)


def main(arguments: list[str]) -> int:
    """Label one family; return the number of structures that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family")
    parser.add_argument("--folder", type=Path, default=HERE.parent)
    parser.add_argument("--only", nargs="*", default=[], help="systems to label; all of them if none is named")
    parser.add_argument("--at-most", type=int, default=1000, help="largest number of atoms of a structure to label in this run")
    parser.add_argument("--static", action="store_true", help="leave the relaxation of positions for a later run")
    parser.add_argument("--logs", type=Path, default=None, help="folder for GPAW's own logs")
    chosen = parser.parse_args(arguments)
    family = FamilyFolder(chosen.folder / chosen.family, chosen.logs)
    failures = 0
    for atoms in read_all(family.structures):
        if len(atoms) > chosen.at_most or (chosen.only and str(atoms.info["system"]) not in chosen.only):
            continue
        try:
            label_one(atoms, family, family.done(), static=chosen.static)
        except Exception as error:  # noqa: BLE001 - one structure that fails must not stop the rest; it is printed and stays unlabelled
            print("FAIL", atoms.info["frame"], repr(error)[:200], flush=True)
            failures += 1
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
