"""Run as a file of its own: open an exported matgl folder with nothing but the matgl package and write down what it predicts.

    python -I reload_matgl.py FOLDER FRAMES ANSWERS

FRAMES and ANSWERS are JSON. Nothing of this program is imported; that is the point.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matgl
import numpy as np
import torch
from ase import Atoms
from matgl.ext.ase import PESCalculator


def main() -> None:
    """Predict in float32, as everybody will, and in float64, where rounding does not hide an error."""
    place, given, answers = sys.argv[1:4]
    torch.set_num_threads(1)
    order = json.loads(Path(given).read_text(encoding="utf-8"))
    frames = [Atoms(f["numbers"], f["positions"], cell=f["cell"], pbc=f["pbc"]) for f in order["frames"]]
    found = {"float32": predict(matgl.load_model(place), frames)}
    # The converter makes its coordinates in this precision; without it they would stay in single precision.
    matgl.set_default_dtype("float", 64)
    torch.set_default_dtype(torch.float64)
    found["float64"] = predict(matgl.load_model(place).double(), frames)
    mine = sorted(name for name in sys.modules if name.split(".")[0] == "guiapp")
    library = f"matgl {matgl.__version__}"
    Path(answers).write_text(json.dumps({**found, "imported": mine, "library": library}), encoding="utf-8")


def predict(potential: Any, frames: list[Atoms]) -> list[dict[str, Any]]:
    """Return total energy, eV, and forces, eV/Å, of each frame."""
    calculator = PESCalculator(potential.eval(), stress_unit="eV/A3")
    answers = []
    for atoms in frames:
        atoms.calc = calculator
        answers.append({"energy": float(atoms.get_potential_energy()), "forces": np.asarray(atoms.get_forces(), dtype=np.float64).tolist()})
    return answers


if __name__ == "__main__":
    main()
