"""The shipped labels as a reference set, for looking at one panel alone."""

from __future__ import annotations

from importlib.resources import as_file, files

import ase.io
import numpy as np

from guiapp.frames.frame import Flag, Frame, Origin
from guiapp.frames.reference_set import Provenance, ReferenceSet

SHIPPED = "reference/high-energy/labels.extxyz"


def shipped_set() -> ReferenceSet:
    """Return the labels that the program ships, read with ase only."""
    with as_file(files("resources").joinpath(SHIPPED)) as path:
        images = ase.io.read(path, ":", format="extxyz")
    frames = []
    for place, atoms in enumerate(images):
        info = atoms.info
        stress = info.get("REF_stress")
        frames.append(
            Frame(
                numbers=atoms.numbers,
                positions=atoms.positions,
                cell=atoms.cell.array,
                energy=float(info["REF_energy"]),
                forces=atoms.arrays["REF_forces"],
                stress=None if stress is None else np.asarray(stress)[[0, 5, 4, 5, 1, 3, 4, 3, 2]].reshape(3, 3),
                name=f"frame {int(info['frame'])}",
                compound=str(info["name"]),
                origin=Origin("labels.extxyz", place, ("REF_energy", "REF_forces", "REF_stress")),
                info={"kind": str(info["kind"]), "strain": float(info["strain"])},
                flags=()
                if info["kind"] != "equilibrium"
                else (Flag("small-forces", "The forces of this frame are close to zero.", "It carries no signal.", excludes=False),),
            )
        )
    provenance = Provenance(functional="PBE", code="GPAW 22.8.0", recipe="1000 K molecular dynamics, some with strain")
    return ReferenceSet("high-energy", "High-energy states", tuple(frames), provenance)
