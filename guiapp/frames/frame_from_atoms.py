"""A frame from ase atoms, whatever way they carry their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from guiapp.frames.frame import Floats, Frame, Info, Origin
from guiapp.frames.reading.labels import from_virial, plain, stress_matrix, vectors

_PREFIXES = ("ref_", "dft_", "vasp_", "")
"""Tried in this order, in any case: a bare ``forces`` beside ``REF_forces`` is usually a model's own."""
_ENERGY = ("free_energy", "energy", "total_energy")
_FORCES = ("forces", "force")
_STRESS = ("stress",)
_VIRIAL = ("virial", "virials")


@dataclass(frozen=True)
class Labels:
    """Labels found among the keys of a file."""

    energy: float | None = None
    """eV."""
    forces: Floats | None = None
    """(n_atoms, 3) eV/Å."""
    stress: Floats | None = None
    """(3, 3) eV/Å^3, ase's sign."""
    keys: tuple[str, ...] = ()
    """The keys they came from."""


def find_labels(per_frame: Mapping[str, Any], per_atom: Mapping[str, Any], n_atoms: int, volume: float) -> Labels:
    """Find the labels among all keys of a configuration by their names.

    A family of names (``REF_*``, ``DFT_*`` or ``dft_*``, ``vasp_*``, bare) that has forces is preferred; within it ``free_energy``
    before ``energy``, because forces are the derivative of the free energy; a virial becomes a stress. What the family lacks is
    taken from the bare names.

    Args:
        per_frame: Values of the whole configuration.
        per_atom: Values with one row for each atom.
        n_atoms: Number of atoms.
        volume: Volume of the cell, Å^3.

    Returns:
        The labels, with the keys they came from.

    Raises:
        ValueError: If a label has a wrong shape.
    """
    frame_keys = {key.lower(): key for key in per_frame}
    atom_keys = {key.lower(): key for key in per_atom}
    families = ((_FORCES, atom_keys), (_ENERGY, frame_keys), (_STRESS + _VIRIAL, frame_keys))
    prefix = next((p for names, keys in families for p in _PREFIXES if any(p + name in keys for name in names)), "")

    def first(names: tuple[str, ...], keys: Mapping[str, str]) -> str | None:
        return next((keys[p + name] for p in (prefix, "") for name in names if p + name in keys), None)

    used: list[str] = []
    energy = forces = stress = None
    if (key := first(_ENERGY, frame_keys)) is not None:
        energy = float(per_frame[key])
        used.append(key)
    if (key := first(_FORCES, atom_keys)) is not None:
        forces = vectors(per_atom[key], n_atoms, "forces")
        used.append(key)
    if (key := first(_STRESS, frame_keys)) is not None:
        stress = stress_matrix(per_frame[key])
        used.append(key)
    elif (key := first(_VIRIAL, frame_keys)) is not None:
        stress = from_virial(stress_matrix(per_frame[key]), volume)
        used.append(key)
    return Labels(energy, forces, stress, tuple(used))


def plain_facts(values: Mapping[str, Any]) -> dict[str, Info]:
    """Keep the values that are single facts, in plain types."""
    return {key: fact for key, value in values.items() if (fact := plain(value)) is not None}


def frame_from_atoms(
    atoms: Atoms, *, name: str = "", compound: str = "", origin: Origin | None = None, info: Mapping[str, Info] | None = None
) -> Frame:
    """Make a frame of ase atoms with the labels of their calculator, ``info`` and ``arrays``.

    The calculator's stored results are read as they are: ase's getters would zero the forces on constrained atoms and could
    start a calculation.

    Args:
        atoms: Atoms in Å, with labels in eV, eV/Å and eV/Å^3.
        name: Name of the frame.
        compound: Group of the frame.
        origin: Where the atoms came from; its ``keys`` are replaced by the keys found.
        info: Facts to keep besides those in ``atoms.info``.

    Returns:
        The frame, not yet checked.

    Raises:
        ValueError: If a label has a wrong shape.
    """
    results = dict(atoms.calc.results) if atoms.calc is not None else {}
    cell = np.asarray(atoms.cell.array, dtype=np.float64)
    per_frame = {**results, **atoms.info}
    per_atom = {**{key: results[key] for key in _FORCES if key in results}, **atoms.arrays}
    labels = find_labels(per_frame, per_atom, len(atoms), float(abs(np.linalg.det(cell))))
    magmoms = results.get("magmoms")
    place = origin or Origin("")
    facts = {key: value for key, value in plain_facts(atoms.info).items() if key not in labels.keys}
    return Frame(
        numbers=atoms.numbers,
        positions=atoms.positions,
        cell=cell,
        pbc=(bool(atoms.pbc[0]), bool(atoms.pbc[1]), bool(atoms.pbc[2])),
        energy=labels.energy,
        forces=labels.forces,
        stress=labels.stress,
        magmoms=magmoms if magmoms is not None and np.shape(magmoms) == (len(atoms),) else None,
        name=name,
        compound=compound,
        origin=Origin(place.path, place.index, labels.keys),
        info={**facts, **(info or {})},
    )
