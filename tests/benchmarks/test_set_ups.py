"""Systems made from crystals are what was asked for, and pymatgen, symmetry and closed forms agree with them."""

import argparse

import numpy as np
import pytest
from ase.build import bulk
from emt_frames import emt, frame_of, predicted
from pymatgen.core.surface import SlabGenerator
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from guiapp.benchmarks.curvature import CurvatureFamily
from guiapp.benchmarks.defects import DefectFamily
from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.hops import interstitial_hop
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.benchmarks.mode_scan import phonon_mode_scans
from guiapp.benchmarks.phonon_calculation import CrystalPhonons
from guiapp.benchmarks.set_ups import DefectSetUp, HopSetUp, ScanSetUp, SlabSetUp, SolutionSetUp, crystals
from guiapp.benchmarks.slab_shape import slab_shape
from guiapp.benchmarks.solid_solution import SolidSolutionFamily
from guiapp.benchmarks.surfaces import SurfaceFamily
from guiapp.cli.set_up_parser import add_set_up_arguments, set_up_of
from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.writing import write_extxyz
from guiapp.potentials.potential import Prediction

COPPER = frame_of(bulk("Cu", a=3.6))
ALLOY = frame_of(bulk("CuAu", "cesiumchloride", a=3.1))


@pytest.mark.parametrize("plane", [(1, 1, 1), (2, 1, 0)])
def test_slabs_are_those_of_pymatgen(plane):
    start, slab = SlabSetUp(planes=(plane,), thicknesses=(8.0,), vacuum=12.0).make([COPPER])
    cubic = SpacegroupAnalyzer(AseAtomsAdaptor.get_structure(bulk("Cu", a=3.6))).get_conventional_standard_structure()
    theirs = SlabGenerator(cubic, plane, 8.0, 12.0, center_slab=True, primitive=True, lll_reduce=True).get_slabs()[0]
    assert slab.n_atoms == len(theirs)
    assert slab_shape(slab).area == pytest.approx(theirs.surface_area)
    assert slab.volume == pytest.approx(theirs.volume)
    assert (start.info["role"], slab.info["miller"]) == ("bulk", " ".join(map(str, plane)))


def test_several_thicknesses_show_the_convergence_of_every_plane():
    made = SlabSetUp(max_miller=1, thicknesses=(4.0, 8.0, 16.0)).make([COPPER])
    result = SurfaceFamily().reduce(predicted(SurfaceFamily().plan(made)), model="emt", mode="static")
    thick = {curve.system: curve for curve in result.curves if curve.kind == "thickness"}
    assert set(thick) == {"Cu(100)", "Cu(110)", "Cu(111)"}
    for curve in thick.values():
        x, y = curve.series[0].x, curve.series[0].y
        assert len(x) == 3
        assert np.all(np.diff(x) > 3)
        assert abs(y[2] - y[1]) < 0.01 * y[2]  # EMT's neighbours end after three shells
    assert sum("changes by" in note for note in result.notes) == 3


def test_defects_of_a_compound_take_the_elements_among_the_data():
    gold = frame_of(bulk("Au", a=4.06))
    made = DefectFamily().plan(DefectSetUp((2, 2, 2), interstitials=True).make([ALLOY, COPPER, gold]))
    names = {str(frame.info["defect"]) for frame in made if "defect" in frame.info}
    assert names == {"V_Cu", "V_Au", "Cu_Au", "Au_Cu", "Cu_i", "Au_i"}
    rows = DefectFamily().reduce(predicted(made), model="emt", mode="static").rows
    assert len(rows) == 6
    assert all(np.isfinite(row.predicted) for row in rows)
    elements = DefectSetUp((2, 2, 2), antisites=False).make([COPPER, gold])
    assert {str(frame.info["defect"]) for frame in elements if "defect" in frame.info} == {"V_Cu", "V_Au"}


def test_orderings_start_from_any_cell_of_the_parent():
    conventional = frame_of(bulk("Cu", a=3.6, cubic=True))
    made = SolutionSetUp("Cu", "Au", 4).make([conventional, frame_of(bulk("Au", a=4.1))])
    assert len(made) == 2 + 2 + 6 + 19  # Hart and Forcade 2008, table IV: fcc binaries of 1 to 4 atoms
    pure = {frame.symbols[0]: frame.volume / frame.n_atoms for frame in made if len(frame.elements) == 1}
    assert pure == pytest.approx({"Cu": 3.6**3 / 4, "Au": 4.1**3 / 4})
    result = SolidSolutionFamily().reduce(predicted(SolidSolutionFamily().plan(made)), model="emt", mode="static")
    assert {row.quantity for row in result.rows} >= {"mixing energy", "ordering energy", "spread"}


def test_an_interstitial_hops_between_equivalent_holes():
    """Octahedral holes of fcc lie a/√2 apart, and the way between them passes a tetrahedral one or an edge's middle."""
    images = interstitial_hop(COPPER, "Cu", repeats=(3, 3, 3))
    assert images[0].n_atoms == 28
    moved = images[-1].positions[0] - images[0].positions[0]
    assert np.linalg.norm(moved) == pytest.approx(3.6 / np.sqrt(2), abs=1e-6)
    energies = [prediction.energy for prediction in emt(images)]
    assert energies[0] == pytest.approx(energies[-1], abs=1e-6)
    assert energies[2] > energies[0]
    planned = MigrationFamily().plan(HopSetUp("Li", interstitial=True, repeats=(2, 2, 2), n_images=7).make([COPPER]))
    assert [frame.info["image"] for frame in planned] == list(range(7))
    with pytest.raises(UserFacingError, match="kinds of hops"):
        interstitial_hop(COPPER, "Cu", repeats=(2, 2, 2), shell=50)
    with pytest.raises(UserFacingError, match="no element"):
        interstitial_hop(COPPER, "Xy")


def test_scans_of_chosen_atoms_directions_and_strains():
    systems = {str(frame.info["system"]) for frame in ScanSetUp((1,), ((1, 1, 0),), ("shear xy",), reach=0.02).make([ALLOY])}
    assert systems == {"CuAu: Au1 along (0.707 0.707 0)", "CuAu: strain shear xy"}
    assert len({str(frame.info["system"]) for frame in ScanSetUp().make([ALLOY])}) == 6
    assert len(ScanSetUp(strains=("along z",), points=5).make([ALLOY])) == 5


def test_mode_scans_follow_dfts_force_constants(shared_data):
    """A model that is harmonic with DFT's force constants has ratio 1 on every mode; the reference came from the frequency alone."""
    frames = read_frames([shared_data / "phonopy-examples" / "NaCl"]).sets[0].frames
    perfect, *displaced = frames
    crystal = CrystalPhonons(perfect, displaced, np.eye(3))
    frequencies, _ = crystal.modes([frame.forces for frame in displaced])
    assert np.abs(frequencies[:3]).max() < 0.02  # the crystal as a whole
    constants = crystal._phonopy.force_constants
    evaluated = []
    for frame in CurvatureFamily().plan(phonon_mode_scans(frames, [-1, 4], reach=0.05)):
        moves = frame.positions - perfect.positions
        forces = -np.einsum("ijab,jb->ia", constants, moves)
        evaluated.append(Evaluated(frame, Prediction(-0.5 * float((forces * moves).sum()), forces, np.zeros((3, 3)))))
    rows = [row for row in CurvatureFamily().reduce(evaluated, model="m", mode="static").rows if row.quantity.startswith("curvature")]
    assert [row.predicted / row.reference for row in rows] == pytest.approx([1.0, 1.0], rel=1e-3)
    assert f"{frequencies[-1]:.2f} THz" in rows[0].system
    with pytest.raises(UserFacingError, match="no phonon mode 1000000"):
        phonon_mode_scans(frames, [10**6])
    with pytest.raises(UserFacingError, match="no phonon modes"):
        phonon_mode_scans([COPPER], [1])


def test_made_systems_survive_a_file(tmp_path):
    """Written out, labelled and read again they are the same systems, so a user can have them computed by DFT."""
    made = SlabSetUp(max_miller=1).make([COPPER])
    labelled = [frame.with_changes(energy=p.energy, forces=p.forces) for frame, p in zip(made, emt(made), strict=True)]
    write_extxyz(labelled, tmp_path / "made.extxyz")
    back = SurfaceFamily().plan(read_frames([tmp_path / "made.extxyz"]).sets[0].frames)
    rows = SurfaceFamily().reduce(predicted(back), model="emt", mode="static").rows
    assert {row.system for row in rows} == {"Cu(100)", "Cu(110)", "Cu(111)"}
    assert [row.predicted for row in rows] == pytest.approx([row.reference for row in rows])


def test_one_crystal_of_each_formula_and_none_without():
    high = COPPER.with_changes(energy=-3.0)
    low = frame_of(bulk("Cu", a=3.7)).with_changes(energy=-3.5)
    assert crystals([high, low, ALLOY]) == [low, ALLOY]
    with pytest.raises(UserFacingError, match="No crystal"):
        crystals([])
    with pytest.raises(UserFacingError, match="No crystal with Ni"):
        SolutionSetUp("Ni", "Pd").make([COPPER])


def parsed(words, family):
    parser = argparse.ArgumentParser()
    parser.add_argument("--family")
    add_set_up_arguments(parser)
    return set_up_of(parser.parse_args([*words.split(), "--family", family]))


def test_options_become_set_ups():
    assert parsed("", "surfaces") is None
    assert parsed("--make", "surfaces") == SlabSetUp()
    assert parsed("--plane 11-1 --plane 1,0,-1,2 --thickness 6,10 --vacuum 15", "surfaces") == SlabSetUp(
        planes=((1, 1, -1), (1, 0, 2)), thicknesses=(6.0, 10.0), vacuum=15.0
    )
    assert parsed("--supercell 2x2x3 --interstitials", "defects") == DefectSetUp((2, 2, 3), interstitials=True)
    assert parsed("--mix Mg:Ca --largest 2", "solid-solution") == SolutionSetUp("Mg", "Ca", 2)
    assert parsed("--interstitial-hop Li --images 7", "migration") == HopSetUp("Li", interstitial=True, n_images=7)
    assert parsed("--atom 0 --along x --along 1,1,0 --phonon-mode=-1", "curvature") == ScanSetUp(
        (0,), ((1.0, 0.0, 0.0), (1.0, 1.0, 0.0)), modes=(-1,)
    )


@pytest.mark.parametrize(
    ("words", "family", "said"),
    [
        ("--miller 1", "eos", "--family surfaces"),
        ("--make", "solid-solution", "--mix"),
        ("--make", "migration", "--hop"),
        ("--make", "eos", "Leave out"),
    ],
)
def test_options_of_another_family_are_refused(words, family, said):
    with pytest.raises(UserFacingError) as refused:
        parsed(words, family)
    assert said in f"{refused.value.what} {refused.value.advice}"


@pytest.mark.parametrize("words", ["--miller 0", "--plane 12", "--supercell 2x2", "--mix Mg", "--along 0,0,0", "--thickness 0"])
def test_nonsense_is_refused_by_the_parser(words):
    with pytest.raises(SystemExit):
        parsed(words, "surfaces")
