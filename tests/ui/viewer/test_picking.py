"""Picking follows the analytic ray-sphere intersection; measuring agrees with ase."""

import numpy as np
import pytest
from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

from guiapp.ui.viewer.arrows import LENGTHS, longest, step_length, suggest_length
from guiapp.ui.viewer.camera import Camera
from guiapp.ui.viewer.measuring import measure, shortest_images
from guiapp.ui.viewer.picking import pick_atom, pick_sphere

unit = st.floats(-1, 1)


@given(st.floats(0, 2.5), st.floats(0, 2 * np.pi))
def test_ray_hits_a_sphere_up_to_its_radius(distance, angle):
    """A ray along z passing the centre at a distance below the radius hits, beyond it misses."""
    origin = np.array([distance * np.cos(angle), distance * np.sin(angle), -10.0])
    hit = pick_sphere(origin, np.array([0, 0, 1.0]), np.zeros((1, 3)), np.array([1.2]))
    if abs(distance - 1.2) > 1e-6:
        assert (hit == 0) == (distance < 1.2)


def test_the_nearer_surface_wins_and_not_the_nearer_centre():
    """A large sphere behind may reach out in front of a small one."""
    centers = np.array([[0, 0, 3.0], [0, 0, 4.0]])
    ray = np.zeros(3), np.array([0, 0, 1.0])
    assert pick_sphere(*ray, centers, np.array([0.2, 0.5])) == 0
    assert pick_sphere(*ray, centers, np.array([0.2, 1.5])) == 1


def test_spheres_behind_the_eye_are_not_picked():
    """Only what is in front of the start of the ray counts."""
    assert pick_sphere(np.zeros(3), np.array([0, 0, 1.0]), np.array([[0, 0, -3.0]]), np.array([1.0])) is None


@given(st.lists(st.tuples(unit, unit, unit), min_size=1, max_size=12), st.tuples(unit, unit, unit), st.integers(0, 1000))
def test_pick_equals_marching_along_the_ray(centers, aim, seed):
    """The sphere found is the one that small steps along the ray enter first."""
    rng = np.random.default_rng(seed)
    centers = np.array(centers) * 4
    radii = rng.uniform(0.3, 1.0, len(centers))
    origin = np.array([0, 0, 12.0])
    direction = np.array(aim) * 4 - origin
    direction /= np.linalg.norm(direction)
    steps = np.linspace(0, 25, 5001)
    inside = np.linalg.norm((origin + steps[:, None] * direction)[:, None] - centers[None], axis=2) < radii
    entered = np.flatnonzero(inside.any(axis=1))
    hit = pick_sphere(origin, direction, centers, radii)
    if not len(entered):
        if hit is not None:  # grazed for less than a step
            miss = np.linalg.norm(np.cross(centers[hit] - origin, direction))
            assert radii[hit] - miss < 1e-3
        return
    first = np.flatnonzero(inside[entered[0]])
    assert hit in first or np.linalg.norm(np.cross(centers[hit] - origin, direction)) > radii[hit] - 1e-3


@pytest.mark.parametrize("perspective", [False, True])
def test_small_atoms_can_be_hit_beside(perspective):
    """Three pixels beside an atom still pick it, thirty do not."""
    camera = Camera(half_extent=50, reach=50, perspective=perspective)
    centers, radii = np.array([[3.0, 4, 5]]), np.array([0.3])
    x, y = camera.project(centers, 300, 300)[0, :2]
    assert pick_atom(camera, centers, radii, (x + 4, y), (300, 300)) == 0
    assert pick_atom(camera, centers, radii, (x + 30, y), (300, 300)) is None
    assert pick_atom(camera, np.zeros((0, 3)), np.zeros(0), (x, y), (300, 300)) is None


@given(st.integers(0, 10_000))
def test_measurements_equal_ase(seed):
    """Distance and angle, as drawn and to the nearest image, equal ase's (in cells that are not too skewed for it)."""
    rng = np.random.default_rng(seed)
    cell = 0.4 * rng.normal(size=(3, 3)) + 4 * np.eye(3)
    atoms = Atoms("OHH", positions=rng.uniform(-8, 8, (3, 3)), cell=cell, pbc=True)
    for mic in (False, True):
        distance = measure(atoms.positions, (0, 1), cell, (True,) * 3, nearest_image=mic)
        assert distance.value == pytest.approx(atoms.get_distance(0, 1, mic=mic), abs=1e-9)
        assert not distance.is_angle
        assert np.linalg.norm(distance.points[1] - distance.points[0]) == pytest.approx(distance.value)
        angle = measure(atoms.positions, (0, 1, 2), cell, (True,) * 3, nearest_image=mic)
        assert angle.value == pytest.approx(atoms.get_angle(0, 1, 2, mic=mic), abs=1e-6)
        assert angle.is_angle


@given(st.integers(0, 10_000), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_nearest_image_is_the_shortest_of_all_images(seed, pbc):
    """The shortest image equals a search over many cells, however skewed the cell and whichever directions repeat."""
    rng = np.random.default_rng(seed)
    cell = np.array([[4.0, 0, 0], [rng.uniform(-9, 9), 3.5, 0], [*rng.uniform(-6, 6, 2), 5.0]])
    vector = rng.uniform(-6, 6, (1, 3))
    ranges = [np.arange(-9, 10) if repeats else [0] for repeats in pbc]
    shifts = np.stack(np.meshgrid(*ranges), axis=-1).reshape(-1, 3) @ cell
    brute = np.linalg.norm(vector + shifts, axis=1).min()
    assert np.linalg.norm(shortest_images(vector, cell, pbc)) == pytest.approx(brute)


def test_only_two_or_three_atoms_make_a_measurement():
    """One atom and an angle with a coincident atom measure nothing."""
    points = np.array([[0.0, 0, 0], [0, 0, 0], [1, 0, 0]])
    assert measure(points, (0,), np.zeros((3, 3)), (False,) * 3, nearest_image=False) is None
    assert measure(points, (0, 1, 2), np.zeros((3, 3)), (False,) * 3, nearest_image=False) is None
    assert measure(points, (0, 2), np.zeros((3, 3)), (False,) * 3, nearest_image=True).text == "1.000 Å"


@given(st.floats(0.002, 100), st.floats(1, 100))
def test_suggested_arrows_are_seen_and_fit(force, radius):
    """The longest arrow is drawn at a visible length that stays within the structure's radius, on a round scale."""
    length = suggest_length(force, radius)
    assert length in LENGTHS
    if 0.003 < min(0.36 * radius, 4) / force < 300:
        assert 0.6 < length * force / min(0.36 * radius, 4.0) < 1.7


def test_arrow_scale_steps():
    """Longer and shorter walk through 1, 2, 5, and stop at the ends; no force gives a scale all the same."""
    assert step_length(1.0, 1) == 2.0
    assert step_length(1.0, -1) == 0.5
    assert step_length(LENGTHS[-1], 5) == LENGTHS[-1]
    assert suggest_length(0.0, 5.0) == 1.0
    assert longest(np.array([[3.0, 4, 0], [np.nan, 0, 0]])) == 5.0
    assert longest(np.zeros((0, 3))) == 0.0
