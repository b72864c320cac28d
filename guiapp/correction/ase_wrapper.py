"""A stand-alone Python file that applies c to any ase calculator.

It serves models whose weights cannot take a scalar, and is a second opinion on those that can.
"""

from __future__ import annotations

from collections.abc import Mapping

from ase.data import chemical_symbols

_TEMPLATE = '''"""{title}: an ase calculator whose interaction energy, forces and stress are multiplied by {c!r}.

Made by Temper; needs ase and numpy only. Use:

    from {module} import ScaledCalculator
    atoms.calc = ScaledCalculator({example})

Energy = E_ref(composition) + c (E - E_ref). {zero}
"""

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

C = {c!r}
REFERENCES = {references}  # eV an atom


class ScaledCalculator(Calculator):
    implemented_properties = ["energy", "free_energy", "forces", "stress"]

    def __init__(self, calculator, c=C, references=REFERENCES, **arguments):
        super().__init__(**arguments)
        self.calculator, self.c, self.references = calculator, c, references

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        base = self.atoms.copy()
        base.calc = self.calculator
        zero = 0.0
        if self.references:
            missing = sorted(set(base.symbols) - set(self.references))
            if missing:
                raise ValueError(f"no reference energy for {{', '.join(missing)}}: the correction is not defined there")
            zero = sum(self.references[symbol] for symbol in base.symbols)
        energy = zero + self.c * (base.get_potential_energy() - zero)
        self.results = {{"energy": energy, "free_energy": energy, "forces": self.c * np.asarray(base.get_forces())}}
        if base.cell.rank == 3 and "stress" in properties:
            self.results["stress"] = self.c * np.asarray(base.get_stress())
'''
_KNOWN = "The references below are the model's own."
_UNKNOWN = (
    "The references of this model are unknown, so E_ref = 0: forces, stresses and energy differences at one composition are right, "
    "but energies of different compositions must not be compared."
)


def wrapper_source(title: str, c: float, references: Mapping[int, float] | None, *, module: str, example: str) -> str:
    """Return the text of the wrapper.

    Args:
        title: What the corrected model is called.
        c: The scalar.
        references: Composition reference by atomic number, eV; None where the model's are unknown.
        module: Name of the file without its ending.
        example: Python expression for the uncorrected calculator, e.g. ``CHGNetCalculator()``.

    Returns:
        Python source that runs by itself.
    """
    by_symbol = {chemical_symbols[z]: energy for z, energy in sorted((references or {}).items())}
    return _TEMPLATE.format(
        title=title, c=float(c), module=module, example=example, references=repr(by_symbol), zero=_KNOWN if references else _UNKNOWN
    )
