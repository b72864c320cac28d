"""Run as a file of its own: open an exported CHGNet with nothing but the chgnet package and write down what it predicts.

    python -I reload_chgnet.py MODEL FRAMES ANSWERS

FRAMES and ANSWERS are JSON. Nothing of this program is imported; that is the point.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import chgnet.graph.converter
import chgnet.model.model
import numpy as np
import torch
from chgnet.model import CHGNet
from pymatgen.core import Lattice, Structure


def main() -> None:
    """Predict in float32, as everybody will, and in float64, where rounding does not hide an error."""
    place, given, answers = sys.argv[1:4]
    torch.set_num_threads(1)
    frames = json.loads(Path(given).read_text(encoding="utf-8"))["frames"]
    structures = [Structure(Lattice(f["cell"], pbc=f["pbc"]), f["numbers"], f["positions"], coords_are_cartesian=True) for f in frames]
    found = {"float32": predict(place, structures)}
    # The package fixes float32 in two constants; there is no other switch.
    torch.set_default_dtype(torch.float64)
    chgnet.graph.converter.TORCH_DTYPE = chgnet.model.model.TORCH_DTYPE = torch.float64
    found["float64"] = predict(place, structures)
    mine = sorted(name for name in sys.modules if name.split(".")[0] == "guiapp")
    Path(answers).write_text(json.dumps({**found, "imported": mine, "library": f"chgnet {chgnet.__version__}"}), encoding="utf-8")


def predict(place: str, structures: list[Structure]) -> list[dict[str, Any]]:
    """Return total energy, eV, and forces, eV/Å, of each structure in torch's default precision."""
    with contextlib.redirect_stdout(io.StringIO()):  # the package prints on load
        model = CHGNet.from_file(place).to(torch.get_default_dtype()).eval()
    if model.composition_model is not None:
        # The package counts elements in float32 whatever the default is.
        model.composition_model.fc.register_forward_pre_hook(lambda layer, inputs: (inputs[0].to(layer.weight.dtype),))
    answers = []
    for structure in structures:
        told = model.predict_structure(structure, task="ef")
        total = float(told["e"]) * (len(structure) if model.is_intensive else 1)
        answers.append({"energy": total, "forces": np.asarray(told["f"], dtype=float).tolist()})
    return answers


if __name__ == "__main__":
    main()
