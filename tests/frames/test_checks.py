"""Flags: everything odd about a frame is named, and only what breaks a benchmark excludes the frame."""

import time

import numpy as np
import pytest
from ase.build import bulk
from ase.geometry import get_distances
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.frames.checks import check_frame
from guiapp.frames.distances import cell_heights, nearest_neighbour_distances
from guiapp.frames.frame import Frame


def rocksalt(**changes: object) -> Frame:
    """Return a sound labelled MgO frame, changed."""
    atoms = bulk("MgO", "rocksalt", a=4.21, cubic=True)
    atoms.rattle(0.05, seed=1)
    forces = np.random.default_rng(2).normal(size=(8, 3))
    frame = Frame(
        numbers=atoms.numbers,
        positions=atoms.positions,
        cell=atoms.cell.array,
        energy=-48.0,
        forces=forces - forces.mean(axis=0),
        stress=np.eye(3) * 0.01,
    )
    return frame.with_changes(**changes)


def codes(frame: Frame) -> dict[str, bool]:
    """Return the codes of the flags with whether they exclude."""
    return {flag.code: flag.excludes for flag in check_frame(frame).flags}


def with_value(array: np.ndarray, index: tuple[int, ...], value: float) -> np.ndarray:
    changed = np.array(array)
    changed[index] = value
    return changed


def test_sound_frame_has_no_flag_and_is_returned_as_it_is():
    frame = rocksalt()
    assert check_frame(frame) is frame
    assert frame.usable


@pytest.mark.parametrize(
    ("changes", "code", "excludes"),
    [
        ({"forces": None}, "no-forces", True),
        ({"forces": np.zeros((7, 3))}, "wrong-shape", True),
        ({"forces": with_value(np.zeros((8, 3)), (0, 0), np.nan)}, "nan", True),
        ({"energy": np.inf}, "nan", True),
        ({"stress": np.full((3, 3), np.nan)}, "nan", True),
        ({"positions": with_value(rocksalt().positions, (3, 1), np.nan)}, "nan", True),
        ({"cell": with_value(rocksalt().cell, (0, 0), np.inf)}, "nan", True),
        ({"numbers": [12, 12, 12, 12, 8, 8, 8, 0]}, "unknown-element", True),
        ({"numbers": [12, 12, 12, 12, 8, 8, 8, 119]}, "unknown-element", True),
        ({"cell": np.zeros((3, 3)), "pbc": (False, False, False)}, "no-cell", True),
        ({"cell": np.zeros((3, 3))}, "no-volume", True),
        ({"cell": np.array([[4.0, 0, 0], [4.0, 0, 0], [0, 0, 4.0]])}, "no-volume", True),
        ({"cell": np.diag([4.21, 4.21, 0.3])}, "thin-cell", True),
        ({"positions": with_value(rocksalt().positions, (1,), rocksalt().positions[0] + [0, 0, 0.01])}, "coincident", True),
        ({"positions": with_value(rocksalt().positions, (1,), rocksalt().positions[0] + [0.3, 0, 0])}, "overlap", False),
        ({"cell": np.diag([30.0, 30.0, 30.0]), "positions": with_value(rocksalt().positions, (7,), 15.0)}, "isolated", False),
        ({"pbc": (False, False, False)}, "not-periodic", False),
        ({"forces": rocksalt().forces + np.array([0.02, 0, 0])}, "net-force", False),
        ({"forces": np.vstack([[600.0, 0, 0], [-600.0, 0, 0], np.zeros((6, 3))])}, "large-force", False),
        ({"energy": -2.0e5}, "large-energy", False),
        ({"info": {"converged": False}}, "not-converged", False),
    ],
)
def test_each_oddity_is_named_and_explained(changes, code, excludes):
    frame = check_frame(rocksalt(**changes))
    found = {flag.code: flag for flag in frame.flags}
    assert code in found
    assert found[code].excludes is excludes
    assert found[code].message.endswith(".")
    assert found[code].advice.endswith(".")
    assert frame.usable is not any(flag.excludes for flag in frame.flags)


def test_coincident_atoms_are_found_across_the_cell_boundary():
    """Atom 0 near the origin and another near the opposite corner are 0.02 Å apart only through the periodic boundary."""
    positions = np.array(rocksalt().positions)
    positions[0] = [0.01, 0.0, 0.0]
    positions[7] = [4.21 - 0.01, 4.21, 4.21]
    assert "coincident" in codes(rocksalt(positions=positions))
    assert "coincident" not in codes(rocksalt(positions=positions, pbc=(False, True, True)))


def test_own_images_are_neighbours():
    """One atom in a primitive cell is not isolated; in a large box it is."""
    one = {"numbers": [29], "positions": np.zeros((1, 3)), "forces": np.zeros((1, 3)), "energy": -4.0, "stress": None}
    assert not codes(rocksalt(cell=np.array([[0, 1.8, 1.8], [1.8, 0, 1.8], [1.8, 1.8, 0]]), **one))
    assert codes(rocksalt(cell=np.diag([9.0, 9.0, 9.0]), **one)) == {"isolated": False}


def test_flags_are_replaced_not_piled_up():
    once = check_frame(rocksalt(forces=None))
    assert check_frame(once).flags == once.flags
    assert not check_frame(once.with_changes(forces=rocksalt().forces)).flags


def test_cell_heights_of_a_sheared_cell():
    """A cell sheared in its own plane keeps its height, whatever the length of the vector."""
    heights = cell_heights(np.array([[4.0, 0, 0], [100.0, 3.0, 0], [0, 0, 2.0]]))
    assert heights[1] == pytest.approx(3.0)
    assert heights[2] == pytest.approx(2.0)
    assert heights[0] == pytest.approx(12.0 / np.hypot(100.0, 3.0))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_atoms=st.integers(1, 12), skew=st.floats(0, 3), pbc=st.tuples(*[st.booleans()] * 3))
def test_distances_equal_a_brute_force_search(seed, n_atoms, skew, pbc):
    """Distances that a check decides on agree with ase's minimum-image search in random skewed cells."""
    rng = np.random.default_rng(seed)
    cell = np.diag(rng.uniform(0.8, 9.0, 3)) + np.tril(rng.normal(scale=skew, size=(3, 3)), -1)
    positions = rng.uniform(-3, 3, (n_atoms, 3)) @ cell
    if n_atoms > 1 and seed % 2:
        positions[1] = positions[0] + rng.normal(scale=0.15, size=3) + rng.integers(-2, 3, 3) * np.array(pbc) @ cell
    expected = brute_force(positions, cell, pbc)
    found = nearest_neighbour_distances(positions, cell, pbc, exact_below=0.5, exact_above=6.0)
    close = expected < 0.5
    np.testing.assert_allclose(found[close], expected[close], atol=1e-9)
    assert (found[~close] >= 0.5 - 1e-9).all()
    assert ((found > 6.0) == (expected > 6.0)).all()


def brute_force(positions: np.ndarray, cell: np.ndarray, pbc: tuple[bool, bool, bool]) -> np.ndarray:
    _, table = get_distances(positions, cell=cell, pbc=pbc)
    grid = np.array([(i, j, k) for i in range(-6, 7) for j in range(-6, 7) for k in range(-6, 7) if (i, j, k) != (0, 0, 0)])
    images = grid[(grid[:, ~np.array(pbc)] == 0).all(axis=1)] @ cell
    np.fill_diagonal(table, np.linalg.norm(images, axis=1).min() if len(images) else np.inf)
    return table.min(axis=1)


def test_many_atoms_use_the_cell_list_and_agree():
    """Above the size of the pair table the cell list takes over, with the same flags."""
    atoms = bulk("Cu", cubic=True).repeat(5)
    positions = np.array(atoms.positions)
    positions[17] = positions[400] + [0.0, 0.2, 0.0]
    found = nearest_neighbour_distances(positions, atoms.cell.array, (True, True, True), exact_below=0.5, exact_above=6.0)
    assert found[17] == pytest.approx(0.2)
    assert found[400] == pytest.approx(0.2)
    assert np.median(found) == pytest.approx(3.61 / np.sqrt(2))


def test_ten_thousand_small_frames_take_seconds():
    frames = [rocksalt()] * 2000
    start = time.process_time()
    for frame in frames:
        check_frame(frame)
    assert 5 * (time.process_time() - start) < 10.0
