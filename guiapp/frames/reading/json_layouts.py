"""Which keys of a JSON record are labels, and in which unit and sign, for every packaging in use.

================  =========================================  ====================================================
layout            energy                                     forces and stress
================  =========================================  ====================================================
WBM               ``vasp_e`` eV                              ``vasp_f`` eV/Å, ``vasp_s`` 3 x 3 kBar, VASP's sign
MPtrj             ``corrected_total_energy`` eV, else        ``force`` eV/Å, ``stress`` 3 x 3 kBar, VASP's sign
                  ``energy_per_atom`` x n
MatPES            ``energy`` eV                              ``forces`` eV/Å, ``stress`` kBar, VASP's sign, 6 numbers
                                                             in Voigt order
mlearn, snap      ``outputs.energy`` eV                      ``outputs.forces`` eV/Å, ``outputs.virial_stress`` or
                                                             ``outputs.stress`` kBar, VASP's sign, in the order of an
                                                             OUTCAR: xx, yy, zz, xy, yz, zx
snap (Mo)         ``data.energy_per_atom`` x n               ``data.forces``, ``data.virial_stress`` or ``data.stress``
                                                             in Voigt order: xx, yy, zz, yz, xz, xy
computed entry    ``energy`` eV, without its correction      none
================  =========================================  ====================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from guiapp.frames.frame import Floats
from guiapp.frames.frame_from_atoms import Labels
from guiapp.frames.reading.labels import VoigtOrder, from_kbar, stress_matrix, vectors
from guiapp.frames.reference_set import Provenance


@dataclass(frozen=True)
class Layout:
    """Where one packaging keeps its labels."""

    title: str
    container: str
    """Key that holds the labels, empty where they are beside the structure."""
    energy: tuple[str, ...]
    """Keys of a total energy, best first."""
    energy_per_atom: tuple[str, ...]
    forces: tuple[str, ...]
    stress: tuple[str, ...]
    """Keys of a stress in kBar with VASP's sign, best first."""
    order: VoigtOrder
    """Meaning of six stress numbers."""
    remark: str = ""

    @property
    def provenance(self) -> Provenance:
        """Units and signs as read, with what is known of the source."""
        order = "xx, yy, zz, xy, yz, zx" if self.order == "vasp" else "xx, yy, zz, yz, xz, xy"
        units = "energy eV" if not self.stress else f"energy eV, forces eV/Å, stress kBar in VASP's sign (6 numbers: {order})"
        return Provenance(code="VASP", units_as_read=f"{self.title}: {units}" + (f"; {self.remark}" if self.remark else ""))


WBM = Layout("WBM high-energy states", "", ("vasp_e",), (), ("vasp_f",), ("vasp_s",), "voigt")
MPTRJ = Layout(
    "MPtrj",
    "",
    ("corrected_total_energy",),
    ("energy_per_atom",),
    ("force",),
    ("stress",),
    "voigt",
    "energies hold the MP2020 corrections of the Materials Project",
)
MATPES = Layout("MatPES", "", ("energy",), (), ("forces",), ("stress",), "voigt")
MLEARN = Layout("mlearn", "outputs", ("energy",), ("energy_per_atom",), ("forces",), ("virial_stress", "stress"), "vasp")
SNAP_DATA = Layout("snap with data", "data", ("energy",), ("energy_per_atom",), ("forces",), ("virial_stress", "stress"), "voigt")
ENTRY = Layout("computed entries", "", ("energy",), (), (), (), "voigt", "without the correction of the Materials Project")
STRUCTURES = Layout("structures", "", ("energy",), (), ("forces",), ("stress",), "voigt")


def layout_of(record: Mapping[str, Any]) -> Layout:
    """Recognise the packaging by the keys of one record."""
    if "vasp_f" in record or "vasp_e" in record:
        return WBM
    if "force" in record or "corrected_total_energy" in record:
        return MPTRJ
    if isinstance(record.get("outputs"), Mapping):
        return MLEARN
    data = record.get("data")
    if isinstance(data, Mapping) and any(key in data for key in ("energy", "energy_per_atom", "forces")):
        return SNAP_DATA
    if "correction" in record and "parameters" in record:
        return ENTRY
    return MATPES if "matpes_id" in record else STRUCTURES


def labels_of(record: Mapping[str, Any], layout: Layout, n_atoms: int) -> Labels:
    """Read the labels of one record.

    Args:
        record: The record, plain data.
        layout: Its packaging.
        n_atoms: Number of atoms of its structure.

    Returns:
        The labels in eV, eV/Å and eV/Å^3 with ase's sign.

    Raises:
        ValueError, TypeError: If a label has a wrong shape or is no number.
    """
    place = record.get(layout.container, {}) if layout.container else record
    dot = f"{layout.container}." if layout.container else ""
    used: list[str] = []

    def first(keys: tuple[str, ...]) -> Any:
        key = next((key for key in keys if place.get(key) is not None), None)
        if key is None:
            return None
        used.append(dot + key)
        return place[key]

    energy = forces = stress = None
    if (total := first(layout.energy)) is not None:
        energy = float(total)
    elif (per_atom := first(layout.energy_per_atom)) is not None:
        energy = float(per_atom) * n_atoms
    if (rows := first(layout.forces)) is not None and len(rows):
        forces = vectors(rows, n_atoms, "forces")
    if (numbers := first(layout.stress)) is not None and len(numbers):
        stress = from_kbar(stress_matrix(numbers, layout.order))
    return Labels(energy, forces, stress, tuple(used))


def magmoms_of(record: Mapping[str, Any], n_atoms: int) -> Floats | None:
    """Return the magnetic moments of an MPtrj or MatPES record where every atom has one."""
    value = record.get("magmom", record.get("magmoms"))
    if not isinstance(value, list) or len(value) != n_atoms or not all(isinstance(item, (int, float)) for item in value):
        return None
    return np.array(value, dtype=np.float64)
