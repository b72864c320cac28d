"""How others compute the same numbers: one frame at a time through an ase calculator, or the model package's own batches."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.potentials.chgnet_potential import ChgnetPotential
from guiapp.potentials.potential import Prediction
from guiapp.potentials.registry import find_card, load_potential

MODEL = "chgnet-0.3.0"
_PACKAGE_BATCH = 8
"""chgnet's own batches get slower again beyond this (measured on CPU)."""

Calculator = Any
"""An ``ase.calculators.calculator.Calculator``; ase carries no types."""


def our_chgnet() -> ChgnetPotential:
    """Return CHGNet 0.3.0 on our path."""
    potential = load_potential(find_card(MODEL), "cpu")
    assert isinstance(potential, ChgnetPotential)
    return potential


def package_chgnet(potential: ChgnetPotential) -> Any:
    """Return the package's own model with the same weights."""
    from chgnet.model import CHGNet  # noqa: PLC0415 - the package takes seconds to import

    with contextlib.redirect_stdout(io.StringIO()):
        model = CHGNet(**potential.weights.arguments)
    model.load_state_dict(potential.weights.tensors)
    return model.eval()


def chgnet_calculator(model: Any) -> Calculator:
    """Return the package's ase calculator, as matcalc and most scripts use it."""
    from chgnet.model import CHGNetCalculator  # noqa: PLC0415 - as above

    with contextlib.redirect_stdout(io.StringIO()):
        return CHGNetCalculator(model=model, use_device="cpu")


def calculator_loop(frames: Sequence[Frame], calculator: Calculator) -> list[Prediction]:
    """Predict frames one by one, as an ase script does."""
    predictions = []
    for frame in frames:
        atoms = frame.to_atoms()
        atoms.calc = calculator
        forces = np.array(atoms.get_forces(), dtype=np.float64)
        stress = np.array(atoms.get_stress(voigt=False), dtype=np.float64)
        predictions.append(Prediction(float(atoms.get_potential_energy()), forces, stress))
    return predictions


def chgnet_batches(frames: Sequence[Frame], model: Any) -> Callable[[], list[Prediction]]:
    """Return the package's own batching, ready to run; making its structure objects is not timed."""
    from ase import units  # noqa: PLC0415 - as above
    from pymatgen.core import Lattice, Structure  # noqa: PLC0415 - as above

    structures = [Structure(Lattice(frame.cell), frame.symbols, frame.positions, coords_are_cartesian=True) for frame in frames]

    def run() -> list[Prediction]:
        answers = model.predict_structure(structures, task="efsm", batch_size=_PACKAGE_BATCH)
        answers = [answers] if isinstance(answers, dict) else answers
        return [
            Prediction(float(answer["e"]) * frame.n_atoms, answer["f"].astype(np.float64), answer["s"].astype(np.float64) * units.GPa)
            for answer, frame in zip(answers, frames, strict=True)
        ]

    return run
