"""The energy corrections of the Materials Project (scheme MP2020), estimated from a composition.

They are part of the energies that MPtrj-trained models learn, and no part of what VASP prints. The values are those of the published
scheme; its rules need oxidation states and bond lengths, which are estimated here from electronegativities. That is good enough to
recognise the corrections in a set of energies, not to apply them.

Source:
    A. Wang et al., Sci. Rep. 11, 15496 (2021); values as in pymatgen's ``MP2020Compatibility.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping

ANION = {
    "O": -0.687, "S": -0.503, "F": -0.462, "Cl": -0.614, "Br": -0.534, "I": -0.379, "N": -0.361, "Se": -0.472, "Si": 0.071, "Sb": -0.192,
    "Te": -0.422, "H": -0.179,
}  # fmt: skip
"""eV per anion; O is that of an oxide (peroxides -0.465, superoxides -0.161)."""
HUBBARD = {"V": -1.700, "Cr": -1.999, "Mn": -1.668, "Fe": -2.256, "Co": -1.638, "Ni": -2.541, "W": -4.438, "Mo": -3.202}
"""eV per metal atom in oxides and fluorides, where the Materials Project uses a Hubbard U."""
_ELECTRONEGATIVITY = {
    "H": 2.20, "B": 2.04, "C": 2.55, "N": 3.04, "O": 3.44, "F": 3.98, "Si": 1.90, "P": 2.19, "S": 2.58, "Cl": 3.16, "Ge": 2.01, "As": 2.18,
    "Se": 2.55, "Br": 2.96, "Sb": 2.05, "Te": 2.10, "I": 2.66, "Pt": 2.28, "Au": 2.54, "Ir": 2.20, "Os": 2.20, "Pd": 2.20, "Rh": 2.28,
    "Ru": 2.20, "W": 2.36, "Mo": 2.16, "Pb": 2.33, "Bi": 2.02, "Ag": 1.93, "Hg": 2.00, "Sn": 1.96, "Po": 2.00, "At": 2.20,
}  # fmt: skip
"""Pauling; elements that are left out are below 1.92."""
_LEAST = 1.0


def anion_correction(counts: Mapping[str, float]) -> float:
    """Return the correction for the anions of a composition, eV.

    Args:
        counts: Atoms of each element.

    Returns:
        0 for an element and for an alloy. The most electronegative element is an anion, O and F always, and halogens beside O or F where no
        oxygen acid is possible (no more O than the halogen needs).
    """
    if len(counts) < 2:
        return 0.0
    return sum(ANION[symbol] * counts[symbol] for symbol in _anions(counts) if symbol in ANION)


def hubbard_correction(counts: Mapping[str, float]) -> float:
    """Return the correction for metals with a Hubbard U, eV; 0 outside of oxides and fluorides."""
    if len(counts) < 2 or not {"O", "F"} & _anions(counts):
        return 0.0
    return sum(HUBBARD[symbol] * count for symbol, count in counts.items() if symbol in HUBBARD)


def _anions(counts: Mapping[str, float]) -> set[str]:
    strongest = max(counts, key=lambda symbol: _ELECTRONEGATIVITY.get(symbol, _LEAST))
    found = {strongest} | ({"O", "F"} & counts.keys())
    found |= {symbol for symbol in ("Cl", "Br", "I") if symbol in counts and counts.get("O", 0.0) < 2 * counts[symbol]}
    return found
