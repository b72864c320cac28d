"""Small real models with random but seeded weights, built by their own packages."""

from __future__ import annotations

from pathlib import Path

import ase.io
import numpy as np
import torch
from ase import Atoms
from ase.build import bulk
from crystal_frames import frame_of

from guiapp.frames.frame import Frame

FREE_ATOMS = {5: -0.3, 7: -3.1, 8: -1.6, 12: -0.1, 14: -0.8}  # eV


def mixed_frames() -> list[Frame]:
    """Distorted crystals of different sizes and elements, one strained, one with a single atom in its cell."""
    crystals = [
        bulk("MgO", "rocksalt", a=4.25, cubic=True),
        bulk("BN", "zincblende", a=3.62),
        bulk("Si", "diamond", a=5.43, cubic=True).repeat((2, 1, 1)),
        bulk("Mg", "hcp", a=3.2, c=5.2),
        bulk("Si", "fcc", a=3.9),
    ]
    for seed, atoms in enumerate(crystals):
        atoms.set_cell(atoms.cell.array @ (np.eye(3) + 0.02 * np.random.default_rng(seed).normal(size=(3, 3))), scale_atoms=True)
        atoms.rattle(0.08, seed=seed)
    return [frame_of(atoms, f"frame {k}") for k, atoms in enumerate(crystals)]


def mace_network(*, repulsion: bool = False, heads: tuple[str, ...] = ("Default",), scale_shift: bool = True, core_electrons: float = 0.0):
    """A two-layer MACE in double precision.

    Args:
        repulsion: With ZBL.
        heads: Each with free-atom energies, scale and shift of its own.
        scale_shift: A ``ScaleShiftMACE``.
        core_electrons: Subtracted from every free-atom energy, eV.
    """
    from guiapp.potentials import mace_file  # imports mace with care

    modules = mace_file.modules
    from e3nn import o3

    energies = np.array([[FREE_ATOMS[z] - 0.5 * k - core_electrons for z in sorted(FREE_ATOMS)] for k, _ in enumerate(heads)])
    arguments = {
        "r_max": 4.5,
        "num_bessel": 6,
        "num_polynomial_cutoff": 5,
        "max_ell": 2,
        "interaction_cls": modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
        "interaction_cls_first": modules.interaction_classes["RealAgnosticInteractionBlock"],
        "num_interactions": 2,
        "num_elements": len(FREE_ATOMS),
        "hidden_irreps": o3.Irreps("8x0e + 8x1o"),
        "MLP_irreps": o3.Irreps("8x0e"),
        "atomic_energies": energies if len(heads) > 1 else energies[0],
        "avg_num_neighbors": 20.0,
        "atomic_numbers": sorted(FREE_ATOMS),
        "correlation": 2,
        "gate": torch.nn.functional.silu,
        "pair_repulsion": repulsion,
        "heads": list(heads),
    }
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        torch.manual_seed(11)
        if not scale_shift:
            return modules.MACE(**arguments)
        scale, shift = ([80.0, 130.0], [0.1, -0.2]) if len(heads) > 1 else (80.0, 0.1)
        return modules.ScaleShiftMACE(atomic_inter_scale=scale, atomic_inter_shift=shift, **arguments)
    finally:
        torch.set_default_dtype(before)


def matgl_potential(architecture: str, **options):
    """A small potential of matgl with references of the elements."""
    from matgl import models
    from matgl.apps.pes import Potential

    elements = ("B", "N", "O", "Mg", "Si")
    arguments = {
        "M3GNet": {"is_intensive": False, "units": 16, "dim_node_embedding": 16, "dim_edge_embedding": 16},
        "TensorNet": {"is_intensive": False, "units": 16, "num_rbf": 8},
        "CHGNet": {"dim_atom_embedding": 16, "dim_bond_embedding": 16, "dim_angle_embedding": 16},
    }[architecture]
    torch.manual_seed(5)
    network = getattr(models, architecture)(element_types=elements, **arguments)
    spread = {"M3GNet": 1000.0, "TensorNet": 1000.0, "CHGNet": 50.0}[architecture]  # untrained networks say little
    references = [FREE_ATOMS[z] for z in (5, 7, 8, 12, 14)]
    return Potential(network, data_mean=0.3, data_std=spread, element_refs=references, **options).eval()


def recorded(path: Path) -> list[tuple[Atoms, Frame]]:
    """Frames with another program's answers in their ase atoms."""
    return [(atoms, frame_of(atoms, str(k))) for k, atoms in enumerate(ase.io.read(path, ":", format="extxyz"))]


def largest_difference(ours, theirs) -> tuple[float, float, float]:
    """Largest difference in energy (eV/atom), forces (eV/Å) and stress (eV/Å^3) of two lists of predictions."""
    pairs = list(zip(ours, theirs, strict=True))
    return (
        max(abs(a.energy - b.energy) / len(b.forces) for a, b in pairs),
        max(np.abs(a.forces - b.forces).max() for a, b in pairs),
        max(np.abs(a.stress - b.stress).max() for a, b in pairs),
    )
