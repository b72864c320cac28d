"""How each family's own library says something about a model, in this process: the promises that an exported file is held to.

A family has a script that opens an exported file in a fresh process (``reload_*.py``), and two answers of this process to compare with:
on the library's own path in single precision, and in double precision on this program's path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Potential, Prediction

Predict = Callable[[Potential, Sequence[Frame]], list[Prediction]]


@dataclass(frozen=True)
class PlainLibrary:
    """One family's own library."""

    script: str
    """File beside this one that opens an exported model and predicts, without this program."""
    on_its_path: Predict
    """Predict with a loaded model on the library's own path, in single precision."""
    in_float64: Predict
    """Predict with a loaded model in double precision."""
    options: Callable[[Potential], Mapping[str, str]] = lambda _potential: {}
    """What the script must know besides the file, e.g. the head of a MACE."""
    unable: Callable[[Potential], str] = lambda _potential: ""
    """Why the installed library cannot open what this potential writes, in words; empty where it can."""


def _chgnet_path(potential: Potential, frames: Sequence[Frame]) -> list[Prediction]:
    from guiapp.potentials.chgnet_potential import ChgnetPotential

    assert isinstance(potential, ChgnetPotential)
    return [potential.predict_with_package([frame])[0] for frame in frames]


def _chgnet_float64(potential: Potential, frames: Sequence[Frame]) -> list[Prediction]:
    import torch

    from guiapp.potentials.chgnet_flat import FlatChgnet
    from guiapp.potentials.chgnet_potential import ChgnetPotential

    assert isinstance(potential, ChgnetPotential)
    return FlatChgnet(potential.weights, potential.card.title, "cpu", torch.float64).predict(frames)


def _mace_path(potential: Potential, frames: Sequence[Frame]) -> list[Prediction]:
    import copy

    from guiapp.potentials.mace_file import torch_undisturbed
    from guiapp.potentials.mace_potential import MacePotential

    assert isinstance(potential, MacePotential)
    with torch_undisturbed():
        from mace.calculators import MACECalculator

        network = copy.deepcopy(potential.network)
        calculator = MACECalculator(models=[network], device="cpu", default_dtype="float32", head=potential.head)
        return _with_calculator(calculator, frames)


def _mace_float64(potential: Potential, frames: Sequence[Frame]) -> list[Prediction]:
    from guiapp.potentials.mace_potential import MacePotential

    assert isinstance(potential, MacePotential)
    double = MacePotential(potential.network, potential.card, potential.weights_hash, "cpu", precision="float64", head=potential.head)
    return double.predict(frames)


def _mace_options(potential: Potential) -> Mapping[str, str]:
    from guiapp.potentials.mace_potential import MacePotential

    assert isinstance(potential, MacePotential)
    return {"head": potential.head}


def _matgl_path(potential: Potential, frames: Sequence[Frame]) -> list[Prediction]:
    from matgl.ext.ase import PESCalculator

    from guiapp.potentials.matgl_potential import MatglPotential
    from guiapp.potentials.matgl_weights import build_network

    assert isinstance(potential, MatglPotential)
    network = build_network(potential.weights, potential.card.weights)
    return _with_calculator(PESCalculator(network, stress_unit="eV/A3"), frames)


def _matgl_float64(potential: Potential, frames: Sequence[Frame]) -> list[Prediction]:
    from guiapp.potentials.matgl_potential import MatglPotential

    assert isinstance(potential, MatglPotential)
    return MatglPotential(potential.weights, potential.card, potential.weights_hash, "cpu", precision="float64").predict(frames)


def _matgl_unable(potential: Potential) -> str:
    from guiapp.potentials.matgl_description import Convention
    from guiapp.potentials.matgl_potential import MatglPotential

    assert isinstance(potential, MatglPotential)
    if potential.convention is Convention.BEFORE_3:
        return "its weights belong to matgl 1.1.3 to 2.2.1, which is not installed here, and would give wrong energies in a newer one"
    return ""


def _with_calculator(calculator: object, frames: Sequence[Frame]) -> list[Prediction]:
    """Predict one frame after the other with an ase calculator; stresses are not compared."""
    answers = []
    for frame in frames:
        atoms = frame.to_atoms()
        atoms.calc = calculator
        answers.append(Prediction(float(atoms.get_potential_energy()), np.asarray(atoms.get_forces(), dtype=np.float64), np.zeros((3, 3))))
    return answers


PLAIN_LIBRARIES: Mapping[str, PlainLibrary] = {
    "CHGNet": PlainLibrary("reload_chgnet.py", _chgnet_path, _chgnet_float64),
    "MACE": PlainLibrary("reload_mace.py", _mace_path, _mace_float64, options=_mace_options),
    "matgl": PlainLibrary("reload_matgl.py", _matgl_path, _matgl_float64, unable=_matgl_unable),
}
"""By name of the family."""
