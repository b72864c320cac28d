"""The generator labels a two-atom cell with GPAW, may be run again, and takes inverted frames over; skipped where there is no GPAW."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read, write

PYTHON = os.environ.get("TEMPER_GPAW_PYTHON", "/usr/bin/python3")


@pytest.fixture(scope="module")
def gpaw_python() -> str:
    """Return a Python that has GPAW and its PAW data sets, or skip with the reason."""
    check = "import gpaw; from gpaw.setup_data import SetupData; SetupData('Al', 'PBE')"
    try:
        found = subprocess.run([PYTHON, "-c", check], capture_output=True, text=True, timeout=120, check=False)
    except OSError as error:
        pytest.skip(f"no Python at {PYTHON} ({error}); set TEMPER_GPAW_PYTHON to one that has GPAW")
    if found.returncode:
        pytest.skip(f"{PYTHON} has no GPAW: {found.stderr.strip().splitlines()[-1:]}; set TEMPER_GPAW_PYTHON to one that has")
    return PYTHON


def make(python: str, generator: Path, folder: Path, family: str, *options: str) -> str:
    command = [python, str(generator / "labels.py"), family, "--folder", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow  # 25 s on a busy core: GPAW starts twice and labels two cells of two atoms
def test_a_two_atom_cell_is_labelled_once_and_its_inversion_without_a_calculation(
    gpaw_python: str, generator: Path, tmp_path: Path
) -> None:
    """Net force zero, restoring forces on a displaced atom, settings stated; a second run adds nothing."""
    cell = bulk("NaCl", "rocksalt", a=5.70)
    cell.positions[1] += [0.05, 0.0, 0.0]
    shared = {"system": "NaCl", "compound": "NaCl", "family": "phonons", "role": "displaced", "relax": "none", "kpts": "2x2x2"}
    cell.info.update(shared, frame="NaCl/a")
    mirror = Atoms(cell.get_chemical_symbols(), positions=-cell.positions, cell=cell.cell, pbc=True)
    mirror.info.update(shared, frame="NaCl/b", inversion_of="NaCl/a", inversion_centre="0.0 0.0 0.0")
    folder = tmp_path / "phonons"
    folder.mkdir()
    write(folder / "structures.extxyz", [cell, mirror])
    make(gpaw_python, generator, tmp_path, "phonons")
    first = (folder / "labels.extxyz").read_bytes()
    labelled, inverted = read(folder / "labels.extxyz", ":")
    forces = labelled.arrays["REF_forces"]
    assert np.abs(forces.sum(axis=0)).max() < 2e-3
    assert forces[1, 0] < -0.05  # pulled back towards its site
    assert -8.0 < labelled.info["REF_energy"] < -5.0
    assert labelled.info["dft"].startswith("GPAW ")
    assert labelled.info["dft"].endswith(" PBE PAW 0.9.20000 PW600 k2 FD0.05")
    assert np.shape(labelled.info["REF_stress"]) == (6,)
    np.testing.assert_allclose(inverted.arrays["REF_forces"], -forces, atol=1e-8)
    np.testing.assert_allclose(inverted.positions, -labelled.positions, atol=1e-7)
    make(gpaw_python, generator, tmp_path, "phonons")
    assert (folder / "labels.extxyz").read_bytes() == first


@pytest.mark.slow  # 20 s
def test_a_cubic_cell_relaxes_to_the_minimum_of_its_own_energy(gpaw_python: str, generator: Path, tmp_path: Path) -> None:
    """Sodium chloride with a coarse mesh: pressure gone, and six more volumes at which the energy is higher."""
    cell = bulk("NaCl", "rocksalt", a=5.70)
    cell.info.update(
        system="NaCl", compound="NaCl", family="eos", role="equilibrium", state="relaxed", relax="volume", kpts="2x2x2",
        volume_percent=100, frame="NaCl/100",
    )  # fmt: skip
    folder = tmp_path / "eos"
    folder.mkdir()
    write(folder / "structures.extxyz", [cell])
    make(gpaw_python, generator, tmp_path, "eos")
    frames = {str(a.info["frame"]): a for a in read(folder / "labels.extxyz", ":")}
    relaxed = frames.pop("NaCl/100")
    assert abs(np.mean(relaxed.info["REF_stress"][:3])) * 160.2 < 0.05
    assert len(frames) == 6
    assert all(a.info["REF_energy"] > relaxed.info["REF_energy"] for a in frames.values())
