"""First step of the reference sets: write the structures of one family, with the product's environment (ase, pymatgen, phonopy).

Usage: ``python structures.py FAMILY [--folder FOLDER]``. Writes ``FOLDER/FAMILY/structures.extxyz``. All families but ``eos`` start from
the cells that DFT relaxed, ``FOLDER/eos/labels.extxyz``; a compound that is not there yet is left out, and the command may be run again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ase import Atoms
from ase.io import read, write

HERE = Path(__file__).resolve().parent
MODULES = {
    "eos": "structures_eos",
    "phonons": "structures_phonons",
    "surfaces": "structures_surfaces",
    "migration": "structures_migration",
    "solid-solution": "structures_solid_solution",
    "defects": "structures_defects",
}
Builder = Callable[[dict[str, Atoms], Path], list[Atoms]]


def relaxed_cells(folder: Path) -> dict[str, Atoms]:
    """Return the primitive cells that DFT relaxed, by compound."""
    path = folder / "eos" / "labels.extxyz"
    frames = list(read(str(path), ":", format="extxyz")) if path.exists() else []
    return {str(frame.info["system"]): frame for frame in frames if frame.info["role"] == "equilibrium"}


def main(arguments: list[str]) -> int:
    """Write the structures of one family; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=sorted(MODULES))
    parser.add_argument("--folder", type=Path, default=HERE.parent)
    chosen = parser.parse_args(arguments)
    target = chosen.folder / chosen.family
    target.mkdir(parents=True, exist_ok=True)
    builder: Builder = import_module(MODULES[chosen.family]).structures
    frames = builder(relaxed_cells(chosen.folder), target)
    for frame in frames:
        frame.info["family"] = chosen.family
    write(str(target / "structures.extxyz"), frames, format="extxyz")
    print(chosen.family, len(frames), "structures")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
