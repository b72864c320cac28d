"""The structures to be labelled are what they claim: slabs symmetric, orderings distinct, hops inverted, displacements phonopy's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk


def relaxed_cells(compounds: dict[str, tuple[str, float]]) -> dict[str, Atoms]:
    return {name: bulk(name, kind, a=a) for name, (kind, a) in compounds.items()}


ROCKSALT = {"MgO": ("rocksalt", 4.25), "CaO": ("rocksalt", 4.84)}
CUBIC = {**ROCKSALT, "Al": ("fcc", 4.04), "Si": ("diamond", 5.47), "SiC": ("zincblende", 4.38), "Cu": ("fcc", 3.63)}


def test_every_compound_has_the_formula_it_is_named_after_and_a_plausible_density(generator: Path) -> None:
    """A wrong Wyckoff position or a conventional cell in place of the primitive one would show here."""
    import compounds

    assert len(compounds.names()) == 24
    for name in compounds.names():
        cell = compounds.start_cell(name)
        assert sorted(set(cell.get_chemical_symbols())) == sorted(set(bulk_symbols(name)))
        distances = cell.repeat(2).get_all_distances(mic=True)
        assert 1.4 < distances[distances > 0.01].min() < 3.2, name
    assert [len(compounds.start_cell(n)) for n in ("MgO", "Al", "CaF2", "SrTiO3", "Al2O3", "TiO2")] == [2, 1, 3, 5, 10, 6]


def bulk_symbols(formula: str) -> list[str]:
    from ase.formula import Formula

    return list(Formula(formula).count())


def test_k_mesh_of_a_supercell_is_the_folded_one_and_survives_a_file(generator: Path) -> None:
    """MgO: k-density 2 asks for 6x6x6 in the primitive cell, 3x3x3 in its 2x2x2 supercell and one point along the vacuum."""
    from settings import settings_for

    settings, cell = settings_for("MgO", {"Mg", "O"}), bulk("MgO", "rocksalt", a=4.2536)
    assert settings.mesh(cell.cell.array) == (6, 6, 6)
    assert settings.mesh(cell.repeat(2).cell.array) == (3, 3, 3)
    assert settings.mesh(cell.cell.array, vacuum_axis=2) == (6, 6, 1)
    exact = np.eye(3) * 2 * np.pi  # |b| = 1/Å exactly, so density 2 asks for exactly two points
    assert settings.mesh(exact) == settings.mesh(exact * (1 - 1e-12)) == (2, 2, 2)


def test_slabs_are_thick_symmetric_stoichiometric_and_match_their_bulk(generator: Path) -> None:
    """The paper's protocol: at least 10 Å of slab and of vacuum, equal faces, the crystal's own neighbour distances inside."""
    import structures_surfaces as module

    frames = module.structures(relaxed_cells(CUBIC), Path())
    slabs = [atoms for atoms in frames if atoms.info["role"] == "slab"]
    bulks = {atoms.info["system"]: atoms for atoms in frames if atoms.info["role"] == "bulk"}
    assert {"MgO(100)", "Al(111)", "Al(100)", "Si(111)", "Si(100)", "SiC(110)", "Cu(111)"} <= set(bulks)
    for slab in slabs:
        whole = bulks[slab.info["system"]]
        assert module.is_symmetric(slab)
        counts = {s: n * slab.info["bulk_units"] for s, n in whole.symbols.formula.count().items()}
        assert slab.symbols.formula.count() == counts
        np.testing.assert_allclose(slab.cell.array[:2], whole.cell.array[:2], atol=1e-9)
        heights = slab.positions[:, 2]
        assert slab.cell.array[2, 2] - np.ptp(heights) >= module.VACUUM
        assert slab.info["area"] * slab.info["n_layers"] * whole.cell.array[2, 2] == pytest.approx(
            slab.info["bulk_units"] * whole.get_volume()
        )
        inside, outside = (a.get_all_distances(mic=True) for a in (slab, whole.repeat(3)))
        assert inside[inside > 0.01].min() == pytest.approx(outside[outside > 0.01].min(), abs=1e-6)
        assert slab.info["kpts"].split("x")[:2] == whole.info["kpts"].split("x")[:2]


def test_surface_areas_are_those_of_the_textbook(generator: Path) -> None:
    """fcc (100): a^2/2, (111): sqrt(3) a^2/4, (110): a^2/sqrt(2); diamond (111) is cut through single bonds: three neighbours on top."""
    import structures_surfaces as module

    slabs = {a.info["system"]: a for a in module.structures(relaxed_cells(CUBIC), Path()) if a.info["role"] == "slab"}
    assert slabs["Al(100)"].info["area"] == pytest.approx(4.04**2 / 2)
    assert slabs["Al(111)"].info["area"] == pytest.approx(4.04**2 * np.sqrt(3) / 4)
    assert slabs["Al(110)"].info["area"] == pytest.approx(4.04**2 / np.sqrt(2))
    silicon = slabs["Si(111)"]
    from ase.neighborlist import neighbor_list

    neighbours = np.bincount(neighbor_list("i", silicon, 2.6), minlength=len(silicon))
    assert neighbours[np.argmax(silicon.positions[:, 2])] == 3


def test_orderings_are_as_many_as_an_independent_structure_matcher_finds(generator: Path) -> None:
    """pymatgen groups all 28 ways to put two Ca on eight cations; the space-group orbits must be as many."""
    import structures_solid_solution as module
    from pymatgen.analysis.structure_matcher import StructureMatcher
    from pymatgen.io.ase import AseAtomsAdaptor

    parent = bulk("MgO", "rocksalt", a=4.5).repeat(2)
    sites = [i for i, s in enumerate(parent.get_chemical_symbols()) if s == "Mg"]
    from itertools import combinations

    everything = []
    for pair in combinations(sites, 2):
        cell = parent.copy()
        cell.symbols[list(pair)] = "Ca"
        everything.append(AseAtomsAdaptor.get_structure(cell))
    groups = StructureMatcher(scale=False, primitive_cell=False).group_structures(everything)
    assert len(module.distinct_occupations(parent, sites, 2)) == len(groups)


def test_solid_solution_covers_both_ends_and_keeps_its_composition(generator: Path) -> None:
    """Ca fraction as stated; the 8-atom cell has one ordering a composition (two L1_2 and the L1_0)."""
    import structures_solid_solution as module

    frames = module.structures(relaxed_cells(ROCKSALT), Path())
    for atoms in frames:
        symbols = atoms.get_chemical_symbols()
        assert symbols.count("Ca") / (len(symbols) / 2) == pytest.approx(atoms.info["x_ca"])
        assert symbols.count("O") * 2 == len(symbols) == atoms.info["cell_atoms"]
    assert [a.info["x_ca"] for a in frames if a.info["cell_atoms"] == 8] == [0.0, 1.0, 0.5, 0.25, 0.75]
    assert module.structures({"MgO": bulk("MgO", "rocksalt", a=4.25)}, Path()) == []


@pytest.mark.parametrize(
    ("name", "ion", "kind", "a", "length"),
    [("MgO", "Mg", "rocksalt", 4.25, 4.25 / np.sqrt(2)), ("Al", "Al", "fcc", 4.04, 4.04 / np.sqrt(2))],
)
def test_a_hop_goes_to_the_nearest_vacancy_and_is_its_own_inversion(
    generator: Path, name: str, ion: str, kind: str, a: float, length: float
) -> None:
    """The inversion through the middle of the hop maps the last image onto the first, atom for atom of one kind."""
    import structures_migration as module
    from inversion import inverted

    images = module.vacancy_hop(bulk(name, kind, a=a), ion, 2)
    assert len(images) == 5
    assert len({len(image) for image in images}) == 1
    path = np.array([image.positions[0] for image in images])
    assert np.linalg.norm(path[-1] - path[0]) == pytest.approx(length)
    np.testing.assert_allclose(np.diff(path, axis=0), np.tile((path[-1] - path[0]) / 4, (4, 1)), atol=1e-12)
    middle = (path[0] + path[-1]) / 2
    mirrored = inverted(images[0], middle)
    for atom, symbol in zip(mirrored.positions, mirrored.get_chemical_symbols(), strict=True):
        probe = Atoms("X", positions=[atom], cell=mirrored.cell, pbc=True) + images[-1]
        distances = probe.get_distances(0, range(1, len(probe)), mic=True)
        assert distances.min() < 1e-6
        assert images[-1].get_chemical_symbols()[int(np.argmin(distances))] == symbol


def test_inversion_turns_forces_round_and_keeps_energy(generator: Path) -> None:
    """Forces of a Lennard-Jones cluster, computed again after the inversion, are the inverted ones."""
    from ase.calculators.lj import LennardJones
    from inversion import inverted

    atoms = Atoms("Ar4", positions=[[0, 0, 0], [1.1, 0.1, 0], [0.2, 1.2, 0], [0.1, 0.3, 1.15]], cell=np.eye(3) * 9, pbc=True)
    atoms.calc = LennardJones()
    atoms.arrays["REF_forces"] = atoms.get_forces()
    atoms.info["REF_energy"] = atoms.get_potential_energy()
    turned = inverted(atoms, np.array([0.3, 0.2, 0.1]))
    turned.calc = LennardJones()
    np.testing.assert_allclose(turned.get_forces(), turned.arrays["REF_forces"], atol=1e-10)
    assert turned.get_potential_energy() == pytest.approx(turned.info["REF_energy"])


def test_defects_change_the_atoms_they_say_they_change(generator: Path) -> None:
    """“Mg+1 Si-1” against the perfect cell, atom by atom; elemental phases come with every compound host."""
    import structures_defects as module
    from compounds import start_cell

    frames = module.structures({name: start_cell(name) for name in module.HOSTS}, Path())
    perfect = {a.info["system"]: a for a in frames if a.info["role"] == "perfect"}
    defects = [a for a in frames if a.info["role"] == "defect"]
    assert len(defects) >= 8
    for atoms in defects:
        host, defect = perfect[atoms.info["system"]].symbols.formula.count(), atoms.symbols.formula.count()
        stated = {
            part.rstrip("+-0123456789"): int(part.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
            for part in atoms.info["atoms_added"].split()
        }
        assert {e: defect.get(e, 0) - host.get(e, 0) for e in set(host) | set(defect) if defect.get(e, 0) != host.get(e, 0)} == stated
        assert 15 <= len(atoms) <= 33
        distances = atoms.get_all_distances(mic=True)
        assert distances[distances > 0.01].min() > 1.7
    phases = {(a.info["system"], a.info["compound"]) for a in frames if a.info["role"] == "elemental phase"}
    assert phases == {("Mg2Si", "Mg"), ("Mg2Si", "Si"), ("AlNi", "Al"), ("AlNi", "Ni")}


def test_displaced_supercells_follow_phonopys_own_file(generator: Path, tmp_path: Path) -> None:
    """phonopy, loading phonopy_disp.yaml, makes the same supercells in the same order."""
    import phonopy
    import structures_phonons as module

    frames = module.structures(relaxed_cells({"MgO": ("rocksalt", 4.25)}), tmp_path)
    loaded = phonopy.load(tmp_path / "MgO" / "phonopy_disp.yaml", produce_fc=False, log_level=0)
    displaced = [a for a in frames if a.info["role"] == "displaced"]
    assert len(displaced) == len(loaded.supercells_with_displacements) == 2
    for atoms, cell in zip(displaced, loaded.supercells_with_displacements, strict=True):
        np.testing.assert_allclose(atoms.get_scaled_positions(wrap=False), cell.scaled_positions, atol=1e-10)
        np.testing.assert_allclose(atoms.cell.array, cell.cell, atol=1e-10)


def test_volumes_of_the_equation_of_state_are_the_percentages_asked_for(generator: Path) -> None:
    """94 to 106 %, fractional coordinates kept."""
    from volumes import PERCENT, scaled_volumes

    cell = bulk("AlN", "wurtzite", a=3.13, c=5.02)
    cell.info.update(system="AlN", compound="AlN", family="eos", kpts="5x5x3")
    frames = scaled_volumes(cell)
    assert [round(100 * a.get_volume() / cell.get_volume(), 9) for a in frames] == list(PERCENT)
    for atoms in frames:
        np.testing.assert_allclose(atoms.get_scaled_positions(), cell.get_scaled_positions(), atol=1e-12)
