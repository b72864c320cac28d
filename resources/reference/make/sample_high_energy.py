"""Sample high-energy states: molecular dynamics at 1000 K with CHGNet 0.3.0, ten frames a compound, four of them strained by 3 %.

Usage: ``python sample_high_energy.py FRAMES.extxyz [--only COMPOUND ...]`` with the Python of the product. Frame 0 of a compound is its
relaxed cell. The same compound always gets the same seed, so a run with ``--only`` gives the frames of the full run.

Source: Deng et al., npj Comput. Mater. 11, 9 (2025), Methods (which runs 20 ps; here 200 + 10 x 60 steps of 2 fs).
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.build import bulk, make_supercell
from ase.calculators.calculator import Calculator
from ase.filters import FrechetCellFilter
from ase.io import write
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution
from ase.optimize import FIRE
from ase.spacegroup import crystal

FIRST_SEED = 20260
TEMPERATURE = 1000.0
"""K."""
STRAINS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.03, 0.03, -0.03, -0.03)
"""Linear strain of frames 1 to 10."""
RIGHT = (90.0, 90.0, 90.0)
HEXAGONAL = (90.0, 90.0, 120.0)


def _cubic(name: str, structure: str, a: float) -> Atoms:
    return bulk(name, structure, a=a, cubic=True)


def _antifluorite(cation: str, anion: str, a: float) -> Atoms:
    return crystal([anion, cation], [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[a, a, a, *RIGHT])


def compounds() -> dict[str, Atoms]:
    """Return the start cells by name, in the order that fixes their seeds."""
    return {
        "MgO": _cubic("MgO", "rocksalt", 4.25),
        "CaO": _cubic("CaO", "rocksalt", 4.83),
        "LiF": _cubic("LiF", "rocksalt", 4.07),
        "NaCl": _cubic("NaCl", "rocksalt", 5.69),
        "TiC": _cubic("TiC", "rocksalt", 4.33),
        "Si": _cubic("Si", "diamond", 5.47),
        "GaAs": _cubic("GaAs", "zincblende", 5.75),
        "ZnS": _cubic("ZnS", "zincblende", 5.45),
        "SiC": _cubic("SiC", "zincblende", 4.38),
        "AlN": make_supercell(bulk("AlN", "wurtzite", a=3.13, c=5.02), [[2, 0, 0], [0, 1, 0], [0, 0, 1]]),
        "CaF2": crystal(["Ca", "F"], [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225, cellpar=[5.5, 5.5, 5.5, *RIGHT]),
        "Li2O": _antifluorite("Li", "O", 4.65),
        "Mg2Si": _antifluorite("Mg", "Si", 6.36),
        "TiO2": crystal(["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)], spacegroup=136, cellpar=[4.65, 4.65, 2.97, *RIGHT]).repeat((1, 1, 2)),
        "SrTiO3": crystal(
            ["Sr", "Ti", "O"], [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)], spacegroup=221, cellpar=[3.94, 3.94, 3.94, *RIGHT]
        ).repeat((2, 1, 1)),
        "AlNi": bulk("AlNi", "cesiumchloride", a=2.89).repeat((2, 2, 1)),
        "Al": _cubic("Al", "fcc", 4.04).repeat((2, 1, 1)),
        "Cu": _cubic("Cu", "fcc", 3.63).repeat((2, 1, 1)),
        "Al2O3": crystal(
            ["Al", "O"], [(0, 0, 0.352), (0.306, 0, 0.25)], spacegroup=167, cellpar=[4.81, 4.81, 13.12, *HEXAGONAL], primitive_cell=True
        ),
        "Li3N": crystal(
            ["Li", "Li", "N"], [(0, 0, 0.5), (1 / 3, 2 / 3, 0), (0, 0, 0)], spacegroup=191, cellpar=[3.64, 3.64, 3.87, *HEXAGONAL]
        ).repeat((2, 1, 1)),
        "MgH2": crystal(["Mg", "H"], [(0, 0, 0), (0.304, 0.304, 0)], spacegroup=136, cellpar=[4.52, 4.52, 3.02, *RIGHT]),
        "CsF": _cubic("CsF", "rocksalt", 6.1),
        "BN": _cubic("BN", "zincblende", 3.62),
        "Na2S": _antifluorite("Na", "S", 6.57),
    }


def sample(name: str, start: Atoms, calculator: Calculator, seed: int) -> list[Atoms]:
    """Return the relaxed cell and ten frames of one compound.

    Args:
        name: Compound.
        start: Start cell.
        calculator: CHGNet.
        seed: Seed of the velocities and of the thermostat.

    Returns:
        Eleven frames with ``name``, ``kind``, ``strain`` and ``frame`` in their info.
    """
    rng = np.random.default_rng(seed)
    atoms = Atoms(start.get_chemical_symbols(), positions=start.positions, cell=start.cell, pbc=True, calculator=calculator)
    FIRE(FrechetCellFilter(atoms, hydrostatic_strain=True), logfile=None).run(fmax=0.02, steps=100)
    frames = [_frame(atoms, name, "equilibrium", 0.0, 0)]
    MaxwellBoltzmannDistribution(atoms, temperature_K=2 * TEMPERATURE, rng=rng)  # half of it goes into potential energy at once
    dynamics = Langevin(atoms, 2 * units.fs, temperature_K=TEMPERATURE, friction=0.02, rng=rng, logfile=None)
    dynamics.run(200)
    for number, strain in enumerate(STRAINS, start=1):
        dynamics.run(60)
        frame = _frame(atoms, name, "md1000K", strain, number)
        frame.wrap()
        frame.set_cell(frame.cell * (1 + strain), scale_atoms=True)
        frames.append(frame)
    return frames


def _frame(atoms: Atoms, name: str, kind: str, strain: float, number: int) -> Atoms:
    frame = Atoms(atoms.get_chemical_symbols(), positions=atoms.positions, cell=atoms.cell, pbc=True)
    frame.info.update(name=name, kind=kind, strain=strain, frame=number)
    return frame


def main(arguments: list[str]) -> int:
    """Sample the compounds and write all frames."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frames", type=Path, help="extxyz file to write")
    parser.add_argument("--only", nargs="*", default=[], metavar="COMPOUND")
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", module="chgnet|pymatgen")  # one remark a step about missing magnetic moments
    import torch  # noqa: PLC0415 - the help needs no model
    from chgnet.model.dynamics import CHGNetCalculator  # noqa: PLC0415
    from chgnet.model.model import CHGNet  # noqa: PLC0415

    torch.set_num_threads(1)
    calculator = CHGNetCalculator(CHGNet.load(verbose=False), use_device="cpu")
    frames: list[Atoms] = []
    for index, (name, start) in enumerate(compounds().items()):
        if options.only and name not in options.only:
            continue
        frames += sample(name, start, calculator, FIRST_SEED + index)
        print(name, len(start), "atoms", flush=True)
    write(options.frames, frames, format="extxyz")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
