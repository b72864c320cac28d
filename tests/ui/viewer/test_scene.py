"""The scene shows the right atoms, copies, bonds and edges."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, fcc111, molecule
from ase.neighborlist import natural_cutoffs, neighbor_list

from guiapp.ui.viewer.scene import Scene, build_scene, empty_scene


def scene_of(atoms: Atoms, **options) -> Scene:
    return build_scene(atoms.numbers, atoms.positions, atoms.cell.array, tuple(atoms.pbc), **options)


def simple_cubic(fractional) -> Atoms:
    return Atoms("Po", scaled_positions=[fractional], cell=[4.0] * 3, pbc=True)


@pytest.mark.parametrize(
    ("fractional", "count"),
    [((0, 0, 0), 8), ((0.5, 0, 0), 4), ((0.5, 0.5, 0), 2), ((0.5, 0.5, 0.5), 1)],
    ids=["corner", "edge", "face", "inside"],
)
def test_atoms_on_corner_edge_and_face_are_repeated(fractional, count):
    """A corner atom is shown at all eight corners, an edge atom at four edges, a face atom on two faces."""
    scene = scene_of(simple_cubic(fractional))
    assert scene.n_drawn == count
    assert scene.is_copy.tolist() == [False] + [True] * (count - 1)
    assert set(scene.owner) == {0}
    images = product(*((x, 1) if x == 0 else (x,) for x in fractional))
    assert {tuple(p) for p in scene.positions.round(9).tolist()} == {tuple(4.0 * x for x in image) for image in images}


@pytest.mark.parametrize("shift", [-1e-9, 1 - 1e-9, 2.0, -3.0])
def test_atoms_on_the_far_side_of_a_face_count_as_on_it(shift):
    """Rounding errors and unwrapped trajectories change nothing: the atom is drawn on the near face and copied to the far one."""
    scene = scene_of(simple_cubic((shift, 0.5, 0.5)))
    assert sorted(scene.positions[:, 0].round(6).tolist()) == [0.0, 4.0]
    assert not scene.is_copy[int(scene.positions[:, 0].argmin())]


def test_images_can_be_left_out():
    """Without images each atom is drawn once."""
    atoms = bulk("MgO", "rocksalt", a=4.2, cubic=True)
    scene = scene_of(atoms, images=False)
    assert scene.n_drawn == len(atoms)
    assert not scene.is_copy.any()


def test_open_directions_are_not_repeated():
    """A slab has copies in its plane and none above it."""
    slab = fcc111("Cu", (1, 1, 3), vacuum=6)
    scene = scene_of(slab)
    assert scene.is_copy.any()
    assert scene.positions[:, 2].max() == pytest.approx(slab.positions[:, 2].max())


def test_repeated_cells_hold_repeated_atoms():
    """2 x 2 x 2 cells show eight times the atoms without images, and the right lattice of 27 corners with them."""
    atoms = simple_cubic((0, 0, 0))
    assert scene_of(atoms, images=False, repeats=(2, 2, 2)).n_drawn == 8
    assert scene_of(atoms, repeats=(2, 2, 2)).n_drawn == 27
    assert scene_of(atoms, images=False, repeats=(3, 1, 2)).n_drawn == 6


@pytest.mark.parametrize(
    "atoms",
    [bulk("MgO", "rocksalt", a=4.212, cubic=True) * 2, bulk("Cu", cubic=True) * 2, bulk("GaAs", "zincblende", a=5.65, cubic=True)],
    ids=["MgO", "Cu", "GaAs"],
)
def test_bonds_are_those_of_ase(atoms):
    """Without images the bonds inside the box are ase's natural neighbours."""
    scene = scene_of(atoms, images=False)
    i, j, shift = neighbor_list("ijS", atoms, natural_cutoffs(atoms, mult=1.05))
    inside = (shift == 0).all(axis=1) & (i < j)
    assert {tuple(sorted(pair)) for pair in scene.bonds.tolist()} == set(zip(i[inside].tolist(), j[inside].tolist(), strict=True))


@pytest.mark.parametrize(
    ("atoms", "coordination"),
    [(bulk("Si", cubic=True), 4), (bulk("MgO", "rocksalt", a=4.212, cubic=True), 6), (bulk("Cu", cubic=True), 12)],
    ids=["Si", "MgO", "Cu"],
)
def test_every_atom_inside_has_its_coordination(atoms, coordination):
    """With images and repeated cells an atom in the middle has the neighbours of the crystal."""
    scene = scene_of(atoms, repeats=(3, 3, 3))
    middle = int(np.linalg.norm(scene.positions - scene.center, axis=1).argmin())
    assert Counter(scene.bonds.ravel().tolist())[middle] == coordination


def test_ions_of_one_kind_are_not_bonded():
    """In MgO every bond joins Mg and O."""
    scene = scene_of(bulk("MgO", "rocksalt", a=4.212, cubic=True))
    assert {frozenset(pair) for pair in scene.numbers[scene.bonds].tolist()} == {frozenset({8, 12})}


def test_cell_edges():
    """One cell has twelve edges, each parallel to a lattice vector; two by one by one cells share some."""
    atoms = bulk("Cu")
    edges = scene_of(atoms).edges
    assert edges.shape == (12, 2, 3)
    lengths = np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1)
    np.testing.assert_allclose(lengths, np.linalg.norm(atoms.cell.array[0]))
    assert len(scene_of(atoms, repeats=(2, 1, 1)).edges) == 4 + 6 + 6


def test_everything_lies_in_the_bounding_sphere():
    """The sphere that is fitted holds all atoms with their radii and all corners."""
    scene = scene_of(bulk("NaCl", "rocksalt", a=5.6, cubic=True), repeats=(2, 1, 1))
    assert (np.linalg.norm(scene.positions - scene.center, axis=1) + scene.radii).max() <= scene.radius + 1e-9
    assert np.linalg.norm(scene.edges.reshape(-1, 3) - scene.center, axis=1).max() <= scene.radius + 1e-9


def test_molecule_without_cell():
    """A molecule has bonds and no box."""
    scene = scene_of(molecule("H2O"))
    assert scene.n_drawn == 3
    assert len(scene.bonds) == 2
    assert not len(scene.edges)


@pytest.mark.parametrize("n", [0, 1])
def test_no_and_one_atom(n):
    """The smallest structures are drawn without complaint."""
    assert scene_of(Atoms("H" * n, positions=np.zeros((n, 3)))).n_drawn == n
    assert empty_scene().n_drawn == 0


def test_odd_frames_are_shown_as_far_as_they_go():
    """NaN positions, unknown elements, flat cells and coincident atoms leave the rest visible."""
    positions = np.array([[0, 0, 0], [np.nan, 0, 0], [1.0, 1, 1]])
    scene = build_scene(np.array([8, 8, 200]), positions, np.diag([3.0, 3, 3]), (True, True, True), images=False)
    assert scene.owner.tolist() == [0, 2]
    assert scene.numbers.tolist() == [8, 0]
    assert scene.first_drawn(1) is None
    assert scene.first_drawn(2) == 1
    flat = build_scene(np.array([8]), np.zeros((1, 3)), np.array([[3.0, 0, 0], [0, 3, 0], [3, 3, 0]]), (True, True, True))
    assert flat.n_drawn == 1
    heap = build_scene(np.full(500, 1), np.zeros((500, 3)), np.diag([30.0] * 3), (True,) * 3, images=False)
    assert heap.n_drawn == 500
    assert not len(heap.bonds)
    crushed = build_scene(np.full(3000, 29), np.random.default_rng(0).random((3000, 3)), np.diag([9.0] * 3), (False,) * 3)
    assert not len(crushed.bonds)
