"""How a corrected model's own file is called, and the lines of Python that load it without this program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from guiapp.correction.corrected import Correction
from guiapp.potentials.potential import Potential

LoadLines = Callable[[str, Potential], str]
"""Python lines for a file of that name."""


@dataclass(frozen=True)
class FamilyFile:
    """One family's file."""

    ending: str
    load_lines: LoadLines
    calculator: str
    """Python expression of the uncorrected calculator."""
    purpose: str


def family_file(correction: Correction) -> FamilyFile:
    """Return how the file of a corrected model is called and loaded; the wrapper where the model has no file."""
    return _FAMILIES.get(correction.base.card.family, _WRAPPED) if correction.has_file else _WRAPPED


def _chgnet_lines(file: str, _potential: Potential) -> str:
    return (
        "from chgnet.model import CHGNet, CHGNetCalculator\n"
        f'model = CHGNet.from_file("{file}")\n'
        "energy_forces = model.predict_structure(structure)  # eV/atom, eV/Å\n"
        "atoms.calc = CHGNetCalculator(model=model)"
    )


def _mace_lines(file: str, potential: Potential) -> str:
    from guiapp.potentials.mace_potential import MacePotential

    several = isinstance(potential, MacePotential) and len(potential.heads) > 1
    head = f', head="{potential.head}"' if several and isinstance(potential, MacePotential) else ""
    return (
        "from mace.calculators import MACECalculator\n"
        f'atoms.calc = MACECalculator(model_paths="{file}", device="cpu"{head})\n'
        "energy, forces = atoms.get_potential_energy(), atoms.get_forces()  # eV, eV/Å"
    )


def _matgl_lines(file: str, potential: Potential) -> str:
    from guiapp.potentials.matgl_description import Convention
    from guiapp.potentials.matgl_potential import MatglPotential

    old = isinstance(potential, MatglPotential) and potential.convention is Convention.BEFORE_3
    needed = "  # 1.1.3 to 2.2.1: a newer matgl would give wrong energies" if old else ""
    stress = "stress_weight=1 / 160.21766208" if old else 'stress_unit="eV/A3"'
    return (
        f"import matgl{needed}\n"
        "from matgl.ext.ase import PESCalculator\n"
        f'atoms.calc = PESCalculator(matgl.load_model("{file}"), {stress})\n'
        "energy, forces = atoms.get_potential_energy(), atoms.get_forces()  # eV, eV/Å"
    )


def _wrapper_lines(_file: str, _potential: Potential) -> str:
    return "from scaled_calculator import ScaledCalculator\natoms.calc = ScaledCalculator(your_calculator)"


_FAMILIES = {
    "CHGNet": FamilyFile(".pth.tar", _chgnet_lines, "CHGNetCalculator()", "the corrected model, for chgnet"),
    "MACE": FamilyFile(".model", _mace_lines, "your_mace_calculator", "the corrected model, for mace"),
    "matgl": FamilyFile("", _matgl_lines, "your_matgl_calculator", "folder with the corrected model, for matgl"),
}
_WRAPPED = FamilyFile("", _wrapper_lines, "your_calculator", "the corrected model in its family's own format")
