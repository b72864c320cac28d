"""Frames and models that the potential tests share."""

from __future__ import annotations

from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from crystal_frames import frame_of

from guiapp.frames.frame import Frame


@pytest.fixture(scope="session")
def labelled_frames(shipped_labels: Path) -> list[Frame]:
    """Return one distorted frame of each shipped compound and a supercell, so that sizes differ."""
    if not shipped_labels.is_file():
        pytest.skip("the shipped labels are not in this checkout")
    frames: dict[str, Frame] = {}
    for atoms in ase.io.read(shipped_labels, ":", format="extxyz"):
        frames.setdefault(str(atoms.info["name"]), frame_of(atoms, str(atoms.info["name"])))
    supercell = next(iter(frames.values())).to_atoms().repeat((2, 1, 1))
    supercell.rattle(0.1, seed=3)
    return [*frames.values(), frame_of(supercell, "supercell")]


@pytest.fixture
def isolated_atom() -> Frame:
    atoms = Atoms("MgO", positions=[[0, 0, 0], [10, 10, 10]], cell=np.eye(3) * 20, pbc=True)
    return frame_of(atoms, "isolated")


@pytest.fixture
def rocksalt() -> Frame:
    from ase.build import bulk

    atoms = bulk("MgO", "rocksalt", a=4.25, cubic=True)
    atoms.rattle(0.1, seed=1)
    return frame_of(atoms, "MgO")


@pytest.fixture
def double_precision(monkeypatch):
    """Let the package chgnet compute in double precision, graphs and composition included."""
    import torch
    from chgnet.graph import converter
    from chgnet.model import model as chgnet_model
    from chgnet.model.composition_model import AtomRef

    monkeypatch.setattr(converter, "TORCH_DTYPE", torch.float64)
    monkeypatch.setattr(chgnet_model, "TORCH_DTYPE", torch.float64)
    single = AtomRef._assemble_graphs
    monkeypatch.setattr(AtomRef, "_assemble_graphs", lambda self, graphs: single(self, graphs).double())
