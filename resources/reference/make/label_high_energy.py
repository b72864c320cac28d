"""Label frames with GPAW: energy (eV), forces (eV/Å) and stress (eV/Å^3, ase's sign). May be killed and run again at any moment.

Usage: ``python3 label_high_energy.py FRAMES.extxyz LABELS.extxyz [--part K --of N]`` with the Python that has GPAW and OMP_NUM_THREADS=1.
Frames that are in LABELS are skipped. The settings of a compound are in ``settings.py``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ase import Atoms
from ase.io import read, write
from settings import METALS, Settings, calculator_arguments, settings_for

ORDER = (1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 10)
"""Frames are labelled in this order for all compounds, so that every compound can be judged early; metals cost most and come last."""


def label(atoms: Atoms, settings: Settings) -> Atoms:
    """Return a labelled copy of a frame.

    Args:
        atoms: The frame.
        settings: Cut-off, k-density and smearing of its compound.

    Returns:
        Copy with ``REF_energy``, ``REF_stress`` and ``dft`` in its info and ``REF_forces`` in its arrays.
    """
    from gpaw import GPAW  # noqa: PLC0415 - the product's environment has no GPAW

    working = atoms.copy()
    working.calc = GPAW(**calculator_arguments(settings, settings.mesh(atoms.cell.array), symmetric=False))
    energy, forces, stress = working.get_potential_energy(), working.get_forces(), working.get_stress()
    labelled = atoms.copy()
    labelled.info.update(REF_energy=float(energy), REF_stress=stress, dft=settings.describe())
    labelled.arrays["REF_forces"] = forces
    return labelled


def main(arguments: list[str]) -> int:
    """Label what is not labelled yet; return 1 where a frame failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frames", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--part", type=int, default=0, help="0 to OF-1: which share of the frames this process labels")
    parser.add_argument("--of", type=int, default=1, help="number of processes that share the work")
    options = parser.parse_args(arguments)
    frames = read(options.frames, ":")
    done = {_key(frame) for frame in read(options.labels, ":")} if options.labels.exists() else set()
    todo = sorted(range(len(frames)), key=lambda i: (frames[i].info["name"] in METALS, ORDER.index(frames[i].info["frame"]), i))
    failed = 0
    for index in todo[options.part :: options.of]:
        name, number = _key(frames[index])
        if (name, number) in done:
            continue
        start = time.process_time()
        try:
            labelled = label(frames[index], settings_for(name, set(frames[index].get_chemical_symbols())))
        except Exception as error:  # noqa: BLE001 - GPAW raises many kinds; one frame that fails must not stop the rest
            print(f"{name} {number}: FAILED, {error!r}", flush=True)
            failed += 1
            continue
        write(options.labels, labelled, append=True, format="extxyz")
        print(f"{name} {number}: {len(labelled)} atoms, {time.process_time() - start:.0f} CPU s", flush=True)
    return 1 if failed else 0


def _key(frame: Atoms) -> tuple[str, int]:
    return str(frame.info["name"]), int(frame.info["frame"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
