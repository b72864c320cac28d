"""Equations of state of 71 elements by all-electron DFT: fitted numbers without energies, as a reference set of unlabelled frames.

The frames are the crystals of the set at seven volumes. They carry the fitted reference in ``info`` (``reference_volume`` in Å^3/atom,
``reference_bulk_modulus`` in GPa, ``reference_derivative``), because no energies were published with it.
"""

from __future__ import annotations

from guiapp.frames.frame import Frame, Origin
from guiapp.frames.reference_set import Provenance, ReferenceSet

NAME = "all-electron-elements"
PERCENT = (94, 96, 98, 100, 102, 104, 106)
"""Volumes, % of the all-electron equilibrium volume: the range over which the Delta value is defined."""


def all_electron_elements() -> ReferenceSet:
    """Return the set."""
    from ase.collections import dcdft  # noqa: PLC0415 - a file that only this family reads

    frames: list[Frame] = []
    for element in dcdft.names:
        atoms, facts = dcdft[element], dcdft.data[element]
        start = float(atoms.get_volume()) / len(atoms)
        for percent in PERCENT:
            factor = (percent / 100 * facts["wien2k_volume"] / start) ** (1 / 3)
            frames.append(
                Frame(
                    numbers=atoms.numbers,
                    positions=factor * atoms.positions,
                    cell=factor * atoms.cell.array,
                    name=f"{element}/{percent}",
                    compound=element,
                    origin=Origin("", len(frames)),
                    info={
                        "system": f"{element} (WIEN2k)",  # the shipped set has an Al and a Si of its own
                        "role": "equilibrium" if percent == 100 else "scaled",
                        "volume_percent": percent,
                        "reference_volume": float(facts["wien2k_volume"]),
                        "reference_bulk_modulus": float(facts["wien2k_B"]),
                        "reference_derivative": float(facts["wien2k_Bp"]),
                    },
                )
            )
    provenance = Provenance(
        functional="PBE",
        code="WIEN2k",
        settings="all-electron APW+lo, tightly converged; spin-polarised where the element is magnetic",
        licence="as in ase (LGPL-2.1-or-later)",
        citation="Lejaeghere et al., Crit. Rev. Solid State Mater. Sci. 39, 1 (2014); Science 351, aad3000 (2016)",
        recipe="Crystals of the 71 elements at 94 to 106 % of the all-electron volume, every length scaled alike.",
        units_as_read="V0 Å^3/atom, B0 GPa, B0' dimensionless",
        source="the collection “dcdft” of ase",
    )
    return ReferenceSet(NAME, "Equations of state of 71 elements (all-electron PBE)", tuple(frames), provenance, "eos")
