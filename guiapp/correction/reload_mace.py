"""Run as a file of its own: open an exported MACE with nothing but the mace package and write down what it predicts.

    python -I reload_mace.py MODEL FRAMES ANSWERS

FRAMES and ANSWERS are JSON. Nothing of this program is imported; that is the point.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

# e3nn 0.4.4 keeps slices in a file of its own, which torch refuses unless mace comes first.
with contextlib.redirect_stdout(io.StringIO()):  # mace prints which accelerators are missing
    from mace.calculators import MACECalculator

from ase import Atoms


def main() -> None:
    """Predict in float32, as most will, and in float64, where rounding does not hide an error."""
    place, given, answers = sys.argv[1:4]
    torch.set_num_threads(1)
    order = json.loads(Path(given).read_text(encoding="utf-8"))
    frames = [Atoms(f["numbers"], f["positions"], cell=f["cell"], pbc=f["pbc"]) for f in order["frames"]]
    found = {precision: predict(place, frames, precision, order["options"]["head"]) for precision in ("float32", "float64")}
    mine = sorted(name for name in sys.modules if name.split(".")[0] == "guiapp")
    library = f"mace-torch {version('mace-torch')}"
    Path(answers).write_text(json.dumps({**found, "imported": mine, "library": library}), encoding="utf-8")


def predict(place: str, frames: list[Atoms], precision: str, head: str) -> list[dict[str, Any]]:
    """Return total energy, eV, and forces, eV/Å, of each frame."""
    calculator = MACECalculator(model_paths=place, device="cpu", default_dtype=precision, head=head)
    answers = []
    for atoms in frames:
        atoms.calc = calculator
        answers.append({"energy": float(atoms.get_potential_energy()), "forces": np.asarray(atoms.get_forces(), dtype=np.float64).tolist()})
    return answers


if __name__ == "__main__":
    main()
