"""ASE databases and trajectories, POSCAR and CIF: equal to what ase and pymatgen see."""

import bz2
import gzip
import lzma
import tarfile

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.db import connect
from ase.io import Trajectory, write

from guiapp.errors import UserFacingError
from guiapp.frames.frame_from_atoms import frame_from_atoms
from guiapp.frames.reading.read import read_frames


def rattled(seed=0):
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=seed)
    atoms.calc = EMT()
    atoms.get_potential_energy()
    atoms.get_stress()
    return atoms


def check(frame, atoms):
    np.testing.assert_allclose(frame.positions, atoms.positions)
    np.testing.assert_allclose(frame.cell, atoms.cell.array)
    np.testing.assert_allclose(frame.forces, atoms.calc.results["forces"])
    np.testing.assert_allclose(frame.stress, atoms.get_stress(voigt=False), atol=1e-12)
    assert frame.energy == pytest.approx(atoms.calc.results["free_energy"])
    assert frame.pbc == (True, True, True)


@pytest.mark.parametrize("name", ["a.db", "a.json", "a.traj"])
@pytest.mark.parametrize("packing", ["", ".gz", ".xz", ".bz2"])
def test_databases_and_trajectories(tmp_path, name, packing):
    """Written by ase, packed or not, read without ase's decoder."""
    frames = [rattled(seed) for seed in range(3)]
    path = tmp_path / name
    if name.endswith(".traj"):
        with Trajectory(path, "w") as trajectory:
            for atoms in frames:
                trajectory.write(atoms)
    else:
        database = connect(str(path))
        for number, atoms in enumerate(frames):
            database.write(atoms, material_id=f"m{number // 2}", strain=0.01 * number)
    if packing:
        pack = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}[packing]
        packed = path.with_name(name + packing)
        packed.write_bytes(pack(path.read_bytes()))
        path = packed
    result = read_frames([path])
    assert not result.problems
    ours = result.sets[0].frames
    assert len(ours) == 3
    for frame, atoms in zip(ours, frames, strict=True):
        check(frame, atoms)
    if not name.endswith(".traj"):
        assert [frame.compound for frame in ours] == ["m0", "m0", "m1"]
        assert ours[2].info["strain"] == pytest.approx(0.02)


def test_forces_on_fixed_atoms_are_not_zeroed(tmp_path):
    """ase's getter applies constraints; the label must be the DFT force."""
    atoms = rattled()
    expected = np.array(atoms.calc.results["forces"])
    frozen = atoms.copy()
    frozen.set_constraint(FixAtoms([0, 1]))
    frozen.calc = SinglePointCalculator(frozen, energy=-1.0, forces=expected)
    path = tmp_path / "a.traj"
    write(path, frozen)
    np.testing.assert_allclose(read_frames([path]).sets[0].frames[0].forces, expected)
    np.testing.assert_allclose(frame_from_atoms(frozen).forces, expected)


def test_sqlite_file_that_is_no_ase_database(tmp_path):
    import sqlite3

    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE other (x)")
    database.close()
    with pytest.raises(UserFacingError, match="no ASE database"):
        read_frames([path])


@pytest.mark.parametrize("cut", [100, 5000])
def test_damaged_database_is_explained(tmp_path, cut):
    path = tmp_path / "a.db"
    connect(str(path)).write(rattled())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(UserFacingError):
        read_frames([path])


def test_poscar_and_cif_agree_with_pymatgen(tmp_path):
    from pymatgen.core import Lattice, Structure

    structure = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.21), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    structure.to(str(tmp_path / "POSCAR"), fmt="poscar")
    structure.to(str(tmp_path / "mgo.cif"), fmt="cif")
    for name in ("POSCAR", "mgo.cif"):
        (frame,) = read_frames([tmp_path / name]).sets[0].frames
        assert frame.formula == "MgO"
        assert frame.n_atoms == 8
        assert frame.volume == pytest.approx(4.21**3, rel=1e-6)
        assert [flag.code for flag in frame.flags] == ["no-forces"]
        assert frame.compound == "MgO (8 atoms)"


def test_disordered_cif_is_explained(tmp_path):
    from pymatgen.core import Lattice, Structure

    Structure(Lattice.cubic(4), [{"Mg": 0.5, "Ca": 0.5}, "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]).to(str(tmp_path / "a.cif"), fmt="cif")
    with pytest.raises(UserFacingError, match="disordered"):
        read_frames([tmp_path / "a.cif"])


def test_poscar_without_element_names_is_explained(tmp_path):
    path = tmp_path / "POSCAR"
    path.write_text("1 2\n1.0\n4 0 0\n0 4 0\n0 0 4\n1\nDirect\n0 0 0\n")
    with pytest.raises(UserFacingError, match="names no elements"):
        read_frames([path])


def test_content_decides_not_the_name(tmp_path):
    """A trajectory called .json and a JSON called .traj are both read."""
    write(tmp_path / "a.traj", rattled())
    (tmp_path / "a.traj").rename(tmp_path / "b.json")
    connect(str(tmp_path / "c.json")).write(rattled())
    (tmp_path / "c.json").rename(tmp_path / "d.traj")
    for name in ("b.json", "d.traj"):
        (frame,) = read_frames([tmp_path / name]).sets[0].frames
        check(frame, rattled())
        assert frame.origin.path == str(tmp_path / name)


def test_archive_in_any_packing(tmp_path):
    write(tmp_path / "a.extxyz", rattled())
    for mode, name in (("w", "x.tar"), ("w:gz", "x.tar.gz"), ("w:xz", "x.tar.xz"), ("w:bz2", "x.tar.bz2")):
        with tarfile.open(tmp_path / name, mode) as archive:
            archive.add(tmp_path / "a.extxyz", "inside/a.extxyz")
        (frame,) = read_frames([tmp_path / name]).sets[0].frames
        assert frame.origin.path == f"{tmp_path / name}/inside/a.extxyz"
        check(frame, rattled())
