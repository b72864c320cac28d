"""Every public DFT file is read to the numbers an independent parser finds in it."""

import gzip
import io
import json
import re
import tarfile

import numpy as np
import pytest
from ase.io import read

from guiapp.frames.reading.read import read_frames

KBAR = 1602.1766208


def only(path, **options):
    result = read_frames([path], **options)
    assert len(result.sets) == 1
    assert not result.problems
    return result.sets[0]


@pytest.mark.parametrize("name", ["Ge/training", "Ge/test", "Li/training", "Li/test", "Cu/test", "Ni/test"])
def test_mlearn(shared_data, name):
    """Energies, forces, positions and all six stress components against the JSON itself and pymatgen's structure."""
    from pymatgen.core import Structure

    path = shared_data / "mlearn" / f"{name}.json.gz"
    records = json.loads(gzip.decompress(path.read_bytes()))
    frames = only(path).frames
    assert len(frames) == len(records)
    for frame, record in zip(frames, records, strict=True):
        xx, yy, zz, xy, yz, zx = record["outputs"]["virial_stress"]
        assert frame.energy == record["outputs"]["energy"]
        np.testing.assert_array_equal(frame.forces, record["outputs"]["forces"])
        np.testing.assert_allclose(frame.stress * -KBAR, [[xx, xy, zx], [xy, yy, yz], [zx, yz, zz]], atol=1e-9)
        assert frame.info["kind"] == record["group"]
        assert frame.usable
    for index in (0, len(frames) // 2, len(frames) - 1):
        structure = Structure.from_dict(records[index]["structure"])
        np.testing.assert_allclose(frames[index].positions, structure.cart_coords, atol=1e-9)
        np.testing.assert_array_equal(frames[index].cell, structure.lattice.matrix)
        assert frames[index].compound == f"{structure.composition.reduced_formula} ({len(structure)} atoms)"


def test_mlearn_temperatures_and_title(shared_data):
    """The temperature is taken from the description; the title names the element, which the file name does not."""
    found = only(shared_data / "mlearn" / "Ge" / "training.json.gz")
    assert found.title == "Ge training"
    assert {frame.info.get("temperature") for frame in found.frames if frame.info["kind"] == "Vacancy"} == {300.0, 2422.0}
    assert found.frames[0].origin.keys == ("outputs.energy", "outputs.forces", "outputs.virial_stress")


@pytest.mark.parametrize("name", ["alexandria-random-1k", "mpf-alkali-TP", "mptrj-highest-stress-1k", "mptrj-random-1k"])
def test_mattersim_sets(shared_data, name):
    """Every frame equals what ase reads."""
    path = shared_data / "mattersim-sets" / f"{name}.xyz.gz"
    frames = only(path).frames
    theirs = read(io.StringIO(gzip.decompress(path.read_bytes()).decode()), "::5", format="extxyz")
    assert len(frames[::5]) == len(theirs)
    for frame, atoms in zip(frames[::5], theirs, strict=True):
        assert frame.energy == atoms.calc.results["energy"]
        np.testing.assert_array_equal(frame.numbers, atoms.numbers)
        np.testing.assert_array_equal(frame.positions, atoms.positions)
        np.testing.assert_array_equal(frame.cell, atoms.cell.array)
        np.testing.assert_array_equal(frame.forces, atoms.calc.results["forces"])
        np.testing.assert_allclose(frame.stress, atoms.get_stress(voigt=False), atol=1e-12)
    assert all(frame.usable for frame in frames)
    if name.startswith("mptrj"):
        assert all(frame.compound.startswith("mp-") for frame in frames)


def test_snap_folder(shared_data):
    """A folder of JSON files is one set; frames are named with their file and every frame has an energy, forces and stress."""
    found = only(shared_data / "snap-cu-ni")
    expected = {}
    for path in (shared_data / "snap-cu-ni").glob("*.json.gz"):
        for index, record in enumerate(json.loads(gzip.decompress(path.read_bytes()))):
            expected[f"frame {index + 1} of {path.name}"] = record
    assert len(found.frames) == len(expected) == 475
    for frame in found.frames:
        record = expected[frame.name]
        assert frame.energy == record["outputs"]["energy"]
        np.testing.assert_array_equal(frame.forces, record["outputs"]["forces"])
        assert frame.stress[0, 1] * -KBAR == pytest.approx(record["outputs"]["stress"][3])
        assert frame.info["kind"].lower() in {"md", "strain", "surface", "surface_test", "vac"}
    assert "ENCUT 520" in found.provenance.settings


def test_surface_entries(shared_data):
    """Computed entries give energies without forces, and the surface energy of Cu(111) that follows is the published one."""
    slabs = only(shared_data / "surfaces-cu" / "Cu_entries.txt").frames
    bulk = {frame.name: frame for frame in only(shared_data / "surfaces-cu" / "ucell_entries.txt").frames}
    assert len(slabs) == 13
    assert all([flag.code for flag in frame.flags] == ["no-forces"] for frame in slabs)
    slab = next(frame for frame in slabs if "_111_" in frame.name)
    area = np.linalg.norm(np.cross(slab.cell[0], slab.cell[1]))
    gamma = (slab.energy - slab.n_atoms * bulk["Cu"].energy / bulk["Cu"].n_atoms) / (2 * area)
    assert gamma * 16.0218 == pytest.approx(1.32, abs=0.005)


@pytest.mark.parametrize(("image", "steps", "energy"), [("00", 5, -256.3145), ("02", 11, -255.9730)])
def test_neb_outcars(shared_data, image, steps, energy):
    """Every ionic step; TOTEN is the energy, and the text of the file holds the same forces."""
    path = shared_data / "neb-fe-vacancy" / image / "OUTCAR.gz"
    found = only(path)
    frames = found.frames
    text = gzip.decompress(path.read_bytes()).decode()
    totals = [float(value) for value in re.findall(r"free  energy   TOTEN  =\s+(\S+) eV", text)]
    assert [frame.energy for frame in frames] == pytest.approx(totals, abs=1e-9)
    assert len(frames) == steps
    assert frames[-1].energy == pytest.approx(energy, abs=1e-4)
    tables = re.findall(r"TOTAL-FORCE \(eV/Angst\)\n -+\n(.*?)\n -+\n", text, re.DOTALL)
    for frame, table in zip(frames, tables, strict=True):
        rows = np.array([line.split() for line in table.splitlines()], dtype=float)
        np.testing.assert_allclose(frame.positions, rows[:, :3], atol=1e-9)
        np.testing.assert_allclose(frame.forces, rows[:, 3:], atol=1e-9)
    assert found.provenance.functional == "PBE"
    assert found.provenance.code == "VASP 5.4.1"
    assert "ENCUT 520" in found.provenance.settings
    assert frames[0].name == "step 1"


def test_neb_folder_reads_each_run_once(shared_data):
    """Starting structures beside an OUTCAR are left out."""
    found = only(f"{shared_data}/neb-fe-vacancy/0[04]/*", stride=5)
    assert [frame.name for frame in found.frames] == ["step 1 of 00/OUTCAR.gz", "step 1 of 04/OUTCAR.gz"]
    assert all(frame.usable for frame in found.frames)


def test_neb_summary_is_structures_without_labels(shared_data):
    """Energies relative to the first image are no total energies, so they are not taken."""
    frames = only(shared_data / "neb-fe-vacancy" / "neb_analysis2.json").frames
    assert len(frames) == 5
    assert all(frame.energy is None and frame.n_atoms == 53 for frame in frames)


def test_trimmed_vaspruns_in_an_archive(shared_data):
    """135 trimmed files without species block or start structure, against regular expressions on their text."""
    path = shared_data / "alloys-ag-au" / "Ag-Au_DFT.tar.xz"
    frames = {frame.origin.path: frame for frame in only(path).frames}
    assert len(frames) == 135
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.name.endswith("vasprun.xml"):
                continue
            text = archive.extractfile(member).read().decode()
            frame = frames[f"{path}/{member.name}"]
            assert frame.energy == float(re.findall(r"e_fr_energy\">\s*([-\d.]+)", text)[-1])
            assert list(frame.symbols) == re.findall(r"<rc><c>(\w+)</c><c>\s+\d+</c></rc>", text)
            rows = [[float(x) for x in row.split()] for row in re.findall(r"<v>([^<]+)</v>", text)]
            n = frame.n_atoms
            np.testing.assert_allclose(frame.forces, rows[:n])
            stress = np.array(rows[n : n + 3])
            np.testing.assert_allclose(frame.stress * -KBAR, (stress + stress.T) / 2, atol=1e-8)
            np.testing.assert_allclose(frame.cell, rows[n + 3 : n + 6])
            np.testing.assert_allclose(frame.positions, rows[n + 9 :] @ frame.cell, atol=1e-9)


@pytest.mark.parametrize("name", ["Si/vasprun.xml", "NaCl/vasprun.xml-001", "NaCl/vasprun.xml-002"])
def test_phonopy_vaspruns(shared_data, name):
    """Whole files against ase and pymatgen; ase's stress is in the same unit and sign."""
    from pymatgen.io.vasp import Vasprun

    path = shared_data / "phonopy-examples" / name
    (frame,) = only(path).frames
    atoms = read(path, format="vasp-xml")
    run = Vasprun(path, parse_potcar_file=False, parse_dos=False, parse_eigen=False)
    assert frame.energy == pytest.approx(run.ionic_steps[-1]["e_fr_energy"], abs=1e-9)
    np.testing.assert_allclose(frame.forces, run.ionic_steps[-1]["forces"], atol=1e-12)
    np.testing.assert_allclose(frame.forces, atoms.calc.results["forces"], atol=1e-12)
    np.testing.assert_allclose(frame.stress, atoms.get_stress(voigt=False), atol=1e-7)
    np.testing.assert_allclose(frame.positions, run.final_structure.cart_coords, atol=1e-9)
    assert frame.formula == run.final_structure.composition.reduced_formula


@pytest.mark.parametrize(
    ("name", "n", "atoms"), [("MgO/vaspruns.tar.lzma", 2, 64), ("ZnO/vaspruns.tar.lzma", 6, 32), ("NaCl-rd/force-calcs.tar.xz", 10, 64)]
)
def test_phonopy_archives_agree_with_force_sets(shared_data, name, n, atoms):
    """The forces of every file of the archive are those of phonopy's FORCE_SETS, in the order of the displacements."""
    found = only(shared_data / "phonopy-examples" / name)
    assert len(found.frames) == n
    assert all(frame.n_atoms == atoms and frame.usable for frame in found.frames)
    assert found.provenance.functional == "PBE"
    text = (shared_data / "phonopy-examples" / name).with_name("FORCE_SETS").read_text()
    rows = np.array([line.split() for line in text.splitlines() if len(line.split()) in {3, 6}], dtype=object)
    per_frame = np.array([[float(x) for x in row[-3:]] for row in rows])
    forces = np.concatenate([frame.forces for frame in found.frames])
    if name.startswith("NaCl"):
        np.testing.assert_allclose(forces, per_frame, atol=1e-8)
    else:
        blocks = per_frame.reshape(n, atoms + 1, 3)[:, 1:]  # the first row of each block is the displacement
        np.testing.assert_allclose(forces, blocks.reshape(-1, 3), atol=2e-3)  # phonopy subtracts the drift


def test_matcalc_files_are_structures_with_facts(shared_data):
    """Equilibrium structures of WBM: energies and ids are kept, forces are missing and that is said."""
    found = only(shared_data / "matcalc-bench" / "wbm-random-pbe52-equilibrium-2025.1.json.gz", limit=50)
    assert len(found.frames) == 50
    assert found.frames[0].compound == "wbm-3-38149"
    assert found.frames[0].energy == -34.79162033
    assert found.frames[0].info["formation_energy_per_atom"] == pytest.approx(-0.291504044)
    assert not found.frames[0].usable
