"""Barriers equal published ones, closed forms and ase's bands run by hand."""

import itertools

import numpy as np
import pytest
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from ase.mep import NEB
from ase.optimize import FIRE
from emt_frames import emt, frame_of, predicted, softened

from guiapp.benchmarks.family import system_of
from guiapp.benchmarks.hops import vacancy_hop
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.benchmarks.nudged_band import climbing_band
from guiapp.benchmarks.path_recognition import in_the_order_of
from guiapp.benchmarks.relaxation import relax
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.shipped import open_shipped
from guiapp.frames.writing import write_extxyz
from guiapp.physics.reaction_path import displacements, reaction_coordinate, resolved_barrier
from guiapp.potentials.potential import Prediction

FAMILY = MigrationFamily()


@pytest.fixture(scope="module")
def iron(shared_data):
    return FAMILY.plan(read_frames([shared_data / "neb-fe-vacancy"]).sets[0].frames)


def test_the_vacancy_in_iron_has_the_published_barrier(iron):
    frames = iron
    assert [round(frame.energy, 4) for frame in frames] == [-256.3145, -256.1627, -255.9730, -256.1632, -256.3156]
    result = FAMILY.reduce(softened(frames), model="m", mode="static")
    rows = {row.quantity: row for row in result.rows}
    assert rows["forward barrier"].reference == pytest.approx(0.342, abs=0.0006)
    assert rows["KRA barrier"].reference == pytest.approx(0.3421, abs=1e-4)
    assert rows["KRA barrier"].predicted == pytest.approx(0.8 * rows["KRA barrier"].reference)
    dft, model = result.curves[0].series
    np.testing.assert_allclose(model.y, 0.8 * dft.y, atol=1e-9)
    np.testing.assert_allclose(
        np.diff(dft.x)[:2], np.diff(dft.x)[::-1][:2], rtol=0.05
    )  # the hop is symmetric, its last image in another order


def test_incomplete_paths_are_named(iron):
    frames = iron
    assert "4 of 5 images" in FAMILY.reduce(softened(frames[:4]), model="m", mode="static").failures[0].reason


def test_atoms_in_another_order_are_put_back():
    rng = np.random.default_rng(1)
    image = frame_of(bulk("Cu", cubic=True).repeat(2), labels=True)
    order = rng.permutation(image.n_atoms)
    mixed = image.with_changes(positions=image.positions[order] + rng.normal(scale=0.1, size=(32, 3)), forces=image.forces[order])
    back = in_the_order_of(mixed, image)
    assert np.linalg.norm(displacements(image.positions, back.positions, image.cell), axis=1).max() < 0.6
    np.testing.assert_array_equal(back.forces, image.forces)


def test_the_shipped_paths_are_short_although_symmetry_made_half_of_each():
    """Inversion lists the atoms of the second half in another order; put back, no atom goes far between two images."""
    planned = FAMILY.plan(open_shipped("migration").frames)
    systems = {system_of(image): [one for one in planned if system_of(one) == system_of(image)] for image in planned}
    assert len(systems) >= 2
    for images in systems.values():
        assert len({image.info["moving_atom"] for image in images}) == 1
        for before, image in itertools.pairwise(images):
            assert np.linalg.norm(displacements(before.positions, image.positions, before.cell), axis=1).max() < 1.2
        curve = FAMILY.reduce(softened(images), model="m", mode="static").curves[0].series[0]
        np.testing.assert_allclose(np.diff(curve.x), np.diff(curve.x)[::-1], rtol=0.02)  # the hop is symmetric


def test_a_users_band_in_one_extxyz_file_is_a_path(tmp_path):
    """No word in the file says what it is; the one atom that hops does."""
    hop = vacancy_hop(frame_of(bulk("Cu", a=3.6)), "Cu", repeats=(3, 3, 3))
    bare = [frame_of(image.to_atoms(), labels=True) for image in hop]
    write_extxyz(bare, tmp_path / "band.extxyz")
    images = FAMILY.plan(read_frames([tmp_path / "band.extxyz"]).sets[0].frames)
    assert [image.info["image"] for image in images] == [0, 1, 2, 3, 4]
    assert {image.info["moving_atom"] for image in images} == {0}
    assert {image.info["system"] for image in images} == {"Cu26 Cu hop (band.extxyz)"}
    result = FAMILY.reduce(softened(images), model="m", mode="static")
    assert {row.quantity for row in result.rows} == {"KRA barrier", "forward barrier"}


def test_runs_and_other_sets_are_no_paths():
    for name in ("high-energy", "eos", "surfaces"):
        assert FAMILY.plan(open_shipped(name).frames) == ()


def test_coordinate_and_barrier_in_closed_form():
    cell = 10 * np.eye(3)
    images = [np.array([[x, 0.0, 0.0], [5.0, y, 5.0]]) for x, y in ((9.5, 0.0), (10.2, 0.0), (0.5, 0.4))]
    np.testing.assert_allclose(reaction_coordinate(images, cell), [0.0, 0.7, 0.7 + 0.5])
    assert resolved_barrier(np.array([0.0, 0.5, 0.2])) == pytest.approx(0.4)
    assert resolved_barrier(np.array([0.0, 0.1, 0.4])) == pytest.approx(-0.1)


def test_a_generated_hop_is_symmetric_and_holds_its_atoms_when_relaxed():
    images = FAMILY.plan(vacancy_hop(frame_of(bulk("Cu", a=3.6)), "Cu", repeats=(3, 3, 3)))
    assert len(images) == 5
    assert all(image.n_atoms == 26 for image in images)
    step = displacements(images[0].positions, images[-1].positions, images[0].cell)
    assert np.linalg.norm(step[0]) == pytest.approx(3.6 / np.sqrt(2))
    assert np.linalg.norm(step[1:]) == pytest.approx(0.0, abs=1e-9)
    settings = FAMILY.relaxation(images[2])
    assert settings.fixed_atoms[0] == 0
    assert len(settings.fixed_atoms) == 2
    result = FAMILY.reduce(predicted(images), model="emt", mode="static")
    assert result.curves[0].series[0].y[1] == pytest.approx(result.curves[0].series[0].y[3], abs=1e-6)
    assert result.rows[0].verdict == "not enough signal"  # no DFT behind it
    with pytest.raises(UserFacingError):
        vacancy_hop(frame_of(bulk("Cu", a=3.6)), "Cu", repeats=(3, 3, 3), shell=99)


def test_the_band_ends_where_ases_band_does():
    hop = vacancy_hop(frame_of(bulk("Cu", a=3.6)), "Cu", repeats=(2, 2, 2))
    ends = [outcome.relaxed for outcome in relax([hop[0], hop[-1]], RelaxationSettings(fmax=0.02), emt)]
    start = [ends[0], *hop[1:-1], ends[1]]
    band = climbing_band(start, emt, fmax=0.05)
    atoms = [frame.to_atoms() for frame in start]
    for image in atoms:
        image.calc = EMT()
    by_hand = NEB(atoms, k=0.1, climb=True, method="improvedtangent")
    FIRE(by_hand, logfile=None).run(fmax=0.05, steps=300)
    np.testing.assert_allclose(band.energies, [image.get_potential_energy() for image in atoms], atol=1e-6)
    assert band.converged
    assert band.trace[-1] < 0.05 < band.trace[0]
    assert band.barrier > 0


def test_a_band_of_nonsense_stops():
    hop = vacancy_hop(frame_of(bulk("Cu", a=3.6)), "Cu", repeats=(2, 2, 2))
    with pytest.raises(UserFacingError, match="exploded"):
        climbing_band(hop, lambda frames: [Prediction(np.nan, np.zeros((f.n_atoms, 3)), np.zeros((3, 3))) for f in frames])


def test_slabs_do_not_pass_for_paths():
    assert FAMILY.plan([frame_of(fcc111("Cu", (1, 1, 4), vacuum=5), labels=True)]) == ()
