"""Surface energies equal published numbers, EMT by hand and pymatgen's shapes, whatever zero the model has."""

import numpy as np
import pytest
from ase.build import bulk, fcc111
from ase.calculators.emt import EMT
from emt_frames import frame_of, predicted, softened

from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.slab_recognition import miller_of
from guiapp.benchmarks.slab_shape import slab_shape
from guiapp.benchmarks.surface_slabs import slabs_by_thickness, surface_slabs
from guiapp.benchmarks.surfaces import JOULE_PER_SQUARE_METRE, SurfaceFamily
from guiapp.benchmarks.wulff import compared_shapes, wulff_shape
from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.shipped import open_shipped

FAMILY = SurfaceFamily()
PUBLISHED = {
    "310": 1.60, "311": 1.55, "210": 1.61, "332": 1.44, "221": 1.48, "320": 1.62, "100": 1.47, "321": 1.58, "111": 1.32, "110": 1.57,
    "322": 1.46, "331": 1.52, "211": 1.64,
}  # fmt: skip
"""J/m² of Cu facets, printed in the notes beside the data set (Tran et al. 2016)."""


def test_thirteen_facets_of_copper_have_the_published_energies(shared_data):
    frames = FAMILY.plan(read_frames([shared_data / "surfaces-cu"]).sets[0].frames)
    assert len(frames) == 14
    rows = FAMILY.reduce(softened(frames), model="m", mode="static").rows
    for plane, value in PUBLISHED.items():
        row = next(row for row in rows if row.system == f"Cu({plane})")
        assert row.reference * JOULE_PER_SQUARE_METRE == pytest.approx(value, abs=0.0051)
        assert row.predicted == pytest.approx(0.8 * row.reference, rel=1e-6)
        assert row.verdict == "soft"
    assert len(rows) == len(PUBLISHED)
    assert summarise(corrected_rows(rows, 1.25)).headline.value == pytest.approx(1.0)
    dft, model = compared_shapes(frames[0], rows)
    assert sum(dft.fractions.values()) == pytest.approx(1.0)
    assert max(dft.fractions, key=dft.fractions.get) == (1, 1, 1)
    for miller, part in dft.fractions.items():
        assert model.fractions[miller] == pytest.approx(part, abs=1e-6)  # one scale moves no facet
    assert model.mean_surface_energy == pytest.approx(0.8 * dft.mean_surface_energy)


def test_the_shipped_surfaces_follow_the_formula_in_their_metadata():
    frames = FAMILY.plan(open_shipped("surfaces").frames)
    rows = {row.system: row for row in FAMILY.reduce(softened(frames), model="m", mode="static").rows if row.quantity == "surface energy"}
    assert {"MgO(100)", "LiF(100)", "Al(111)", "Si(111)"} <= set(rows)
    for system, row in rows.items():
        group = [frame for frame in frames if frame.info["system"] == system]
        crystal = next(frame for frame in group if frame.info["role"] == "bulk")
        slabs = [frame for frame in group if frame.info["role"] == "slab"]
        slab = next((frame for frame in slabs if str(frame.info["frame"]).endswith("/relaxed")), slabs[0])
        gamma = (slab.energy - float(slab.info["bulk_units"]) * crystal.energy) / (2 * float(slab.info["area"]))
        assert row.reference == pytest.approx(gamma, rel=1e-9)
        assert row.predicted == pytest.approx(0.8 * gamma, rel=1e-6)


def test_a_slab_that_dft_has_as_cut_and_relaxed_counts_once(small_pair):
    crystal, slab = small_pair
    relaxed = slab.with_changes(energy=slab.energy - 0.1, info={**slab.info, "state": "relaxed", "frame": "Cu(111)/slab/relaxed"})
    frames = FAMILY.plan([crystal, slab.with_changes(info={**slab.info, "state": "unrelaxed"}), relaxed])
    rows = FAMILY.reduce(softened(frames), model="m", mode="static").rows
    assert [row.quantity for row in rows] == ["cleavage energy", "surface energy"]
    assert rows[0].reference > rows[1].reference
    assert [row.quantity for row in FAMILY.reduce(softened(frames), model="m", mode="relaxed").rows] == ["surface energy"]
    assert [FAMILY.relaxation(frame) is None for frame in frames] == [False, True, False]


@pytest.fixture
def small_pair():
    crystal = frame_of(bulk("Cu", a=3.6), labels=True, compound="Cu", info={"system": "Cu(111)", "role": "bulk", "frame": "Cu(111)/bulk"})
    cut = fcc111("Cu", (1, 1, 6), a=3.6, vacuum=6.0, periodic=True)
    return crystal, frame_of(cut, labels=True, compound="Cu", info={"system": "Cu(111)", "role": "slab", "frame": "Cu(111)/slab"})


def test_emt_by_hand(small_pair):
    row = FAMILY.reduce(predicted(FAMILY.plan(small_pair)), model="emt", mode="static").rows[0]
    atoms, crystal = fcc111("Cu", (1, 1, 6), a=3.6, vacuum=6.0, periodic=True), bulk("Cu", a=3.6)
    atoms.calc, crystal.calc = EMT(), EMT()
    by_hand = (atoms.get_potential_energy() - 6 * crystal.get_potential_energy()) / (2 * np.sqrt(3) / 4 * 3.6**2)
    assert row.predicted == pytest.approx(by_hand, rel=1e-9)


def test_what_cannot_be_compared_is_named(small_pair):
    crystal, slab = small_pair
    unrelaxed = slab.with_changes(info={**slab.info, "state": "unrelaxed"})
    assert "only as cut" in FAMILY.reduce(softened([crystal, unrelaxed]), model="m", mode="relaxed").failures[0].reason
    assert "has not been predicted" in FAMILY.reduce(softened([slab]), model="m", mode="static").failures[0].reason
    missing_atom = slab.with_changes(numbers=[*slab.numbers[:-1], 28])
    assert "differ in composition" in FAMILY.reduce(softened([crystal, missing_atom]), model="m", mode="static").failures[0].reason
    assert FAMILY.plan([slab]) == ()
    not_done = [Evaluated(one.frame, one.prediction, converged=False, steps=500) for one in softened([crystal, slab])]
    assert FAMILY.reduce(not_done, model="m", mode="relaxed").rows == ()


def test_generated_slabs_are_symmetric_stoichiometric_thick_and_apart():
    rocksalt = frame_of(bulk("MgO", "rocksalt", a=4.24), compound="MgO")
    _, *slabs = surface_slabs(rocksalt, 1)
    assert {slab.info["miller"] for slab in slabs} == {"1 0 0", "1 1 0"}  # (111) of rocksalt is polar
    for slab in slabs:
        shape = slab_shape(slab)
        assert slab.symbols.count("Mg") == slab.symbols.count("O")
        assert shape.axis == 2
        assert shape.vacuum >= 9.9
        assert shape.thickness + shape.vacuum >= 19.9


def test_generated_slabs_of_copper_give_emts_surface_energies():
    from pymatgen.core.surface import SlabGenerator
    from pymatgen.io.ase import AseAtomsAdaptor

    crystal = frame_of(bulk("Cu", a=3.6), compound="Cu")
    frames = FAMILY.plan(surface_slabs(crystal, 2))
    rows = {row.system: row for row in FAMILY.reduce(predicted(frames), model="emt", mode="static").rows}
    assert set(rows) == {f"Cu({plane})" for plane in ("100", "110", "111", "210", "211", "221")}
    assert all(row.verdict == "not enough signal" for row in rows.values())  # no DFT stands behind them
    conventional = AseAtomsAdaptor.get_structure(bulk("Cu", a=3.6, cubic=True))
    slab = SlabGenerator(conventional, (2, 1, 0), 14, 14).get_slab()
    atoms = AseAtomsAdaptor.get_atoms(slab)
    atoms.calc = EMT()
    single = predicted([crystal])[0].prediction.energy
    gamma = (atoms.get_potential_energy() - len(atoms) * single) / 2 / slab.surface_area
    assert rows["Cu(210)"].predicted == pytest.approx(gamma, rel=5e-3)


def test_thickness_converges_and_is_shown():
    result = FAMILY.reduce(predicted(slabs_by_thickness(frame_of(bulk("Cu", a=3.6)), (1, 0, 0))), model="emt", mode="static")
    (series,) = result.curves[0].series
    assert result.curves[0].kind == "thickness"
    assert (np.diff(series.x) > 0).all()
    assert abs(series.y[-1] - series.y[-2]) < 0.01 * series.y[-1]


def test_nothing_symmetric_is_said():
    with pytest.raises(UserFacingError, match="no symmetric stoichiometric slab"):
        surface_slabs(frame_of(bulk("Cu", a=3.6)), 1, most_atoms=1)


def test_the_wulff_shape_of_equal_cube_faces_is_a_cube():
    crystal = frame_of(bulk("Cu", a=3.6))
    shape = wulff_shape(crystal, {(1, 0, 0): 0.09, (1, 1, 0): 0.2})
    assert shape.fractions[1, 0, 0] == pytest.approx(1.0)
    assert len(shape.polygons) == 6
    assert all(corners.shape == (4, 3) for _, corners in shape.polygons)
    areas = [np.linalg.norm(np.cross(c[1] - c[0], c[3] - c[0])) for _, c in shape.polygons]
    np.testing.assert_allclose(areas, areas[0], rtol=1e-6)
    assert wulff_shape(crystal, {(1, 0, 0): -0.1}) is None


def test_miller_indices_are_read_with_signs():
    assert miller_of("MgO(1-10) termination 2") == (1, -1, 0)
    assert miller_of("MgO") is None
