"""Orderings are counted as published, mixing energies follow their closed form, and the real alloy set is the whole enumeration."""

from collections import Counter

import numpy as np
import pytest
from ase.build import bulk
from ase.neighborlist import neighbor_list
from emt_frames import emt, frame_of, softened
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition
from scipy.spatial import ConvexHull, QhullError

from guiapp.benchmarks.family import Evaluated
from guiapp.benchmarks.family_rows import corrected_rows
from guiapp.benchmarks.family_summary import summarise
from guiapp.benchmarks.orderings import orderings, superlattices
from guiapp.benchmarks.solid_solution import SolidSolutionFamily
from guiapp.errors import UserFacingError
from guiapp.frames.reading.read import read_frames
from guiapp.frames.shipped import open_shipped
from guiapp.physics.mixing import BOLTZMANN, fit_interaction, fit_solution, lower_hull
from guiapp.potentials.potential import Prediction

FAMILY = SolidSolutionFamily()
KNOWN = {2: 2, 3: 6, 4: 19, 5: 28, 6: 80}
"""Binary derivative structures of fcc by cell size (Hart and Forcade 2008, table IV)."""


@pytest.fixture(scope="module")
def copper_gold():
    return orderings(frame_of(bulk("Cu", a=3.7)), "Cu", "Au", 6)


def test_fcc_orderings_are_as_many_as_published(copper_gold):
    sizes = Counter(frame.n_atoms for frame in copper_gold)
    assert {size: sizes[size] for size in KNOWN} == KNOWN
    assert sizes[1] == 2
    assert [frame.info["role"] for frame in copper_gold[:2]] == ["end member", "end member"]


def test_superlattices_of_fcc_are_as_many_as_published():
    import spglib

    cell = bulk("Cu", a=3.7)
    rotations = spglib.get_symmetry((cell.cell.array, cell.get_scaled_positions(), cell.numbers))["rotations"].astype(np.int64)
    assert [len(superlattices(n, rotations)) for n in range(1, 9)] == [1, 2, 3, 7, 5, 10, 7, 20]  # Hart and Forcade, table III


def test_the_real_alloy_set_is_this_enumeration(shared_data, copper_gold):
    frames = FAMILY.plan(read_frames([shared_data / "alloys-ag-au" / "Ag-Au_DFT.tar.xz"]).sets[0].frames)
    real = Counter((frame.n_atoms, frame.symbols.count("Ag")) for frame in frames)
    assert real == Counter((frame.n_atoms, frame.symbols.count("Cu")) for frame in copper_gold if frame.n_atoms > 1)
    result = FAMILY.reduce(softened(frames), model="m", mode="static")
    ordering = [row for row in result.rows if row.quantity == "ordering energy"]
    assert len(ordering) == 135
    assert all(row.predicted == pytest.approx(0.8 * row.reference, abs=1e-9) for row in ordering)
    interaction = next(row for row in result.rows if row.quantity == "interaction")
    assert interaction.reference < 0  # silver and gold order
    assert interaction.predicted == pytest.approx(0.8 * interaction.reference, rel=1e-6)
    assert interaction.verdict == "soft"
    assert "no pure Ag or Au" in result.failures[0].reason
    assert summarise(result.rows, quantity="ordering energy").slope.value == pytest.approx(0.8)


def test_orderings_differ_in_their_surroundings():
    found = orderings(frame_of(bulk("MgO", "rocksalt", a=4.24)), "Mg", "Ca", 4, guest_parent=frame_of(bulk("CaO", "rocksalt", a=4.8)))
    sizes = Counter(frame.n_atoms // 2 for frame in found)
    assert (sizes[2], sizes[3], sizes[4]) == (2, 6, 19)  # the cations are an fcc lattice
    half = next(frame for frame in found if frame.info["x_ca"] == 0.5)
    per_atom = half.volume / half.n_atoms
    assert per_atom == pytest.approx((4.24**3 + 4.8**3) / 16)
    like = set()
    for frame in (frame for frame in found if frame.n_atoms == 4):
        like.add(len(neighbor_list("i", frame.to_atoms(), {("Ca", "Ca"): 3.4})))
    assert like == {4, 6}  # alternating (100) planes have 4 like neighbours of 12, alternating (111) planes 6


@pytest.fixture(scope="module")
def labelled(copper_gold):
    small = [frame for frame in copper_gold if frame.n_atoms <= 4]
    return [frame.with_changes(energy=prediction.energy) for frame, prediction in zip(small, emt(small), strict=True)]


def test_mixing_energies_by_hand(labelled):
    planned = FAMILY.plan(labelled)
    rows = FAMILY.reduce(softened(planned), model="m", mode="static").rows
    mixing = [row for row in rows if row.quantity == "mixing energy"]
    inside = [frame for frame in labelled if 0 < frame.info["x_au"] < 1]
    assert len(mixing) == len(inside) == 27
    copper, gold = labelled[0].energy, labelled[1].energy
    for row, frame in zip(mixing, inside, strict=True):
        n, x = frame.n_atoms, frame.info["x_au"]
        assert row.reference == pytest.approx(frame.energy / n - (1 - x) * copper - x * gold, abs=1e-9)
        assert row.predicted == pytest.approx(0.8 * row.reference, abs=1e-9)
    back = summarise(corrected_rows(mixing, 1.25))
    assert back.headline.value == pytest.approx(1.0)


def test_the_gap_temperature_of_a_regular_solution(labelled):
    frames = []
    for frame in FAMILY.plan(labelled):
        x = frame.info["x_au"]
        frames.append(frame.with_changes(energy=frame.n_atoms * (-3.0 + x + 0.2 * x * (1 - x))))
    rows = {
        row.quantity: row
        for row in FAMILY.reduce(softened(frames), model="m", mode="static").rows
        if row.system == "(Cu,Au)" or "gap" in row.quantity
    }
    gap = rows["miscibility gap"]
    assert gap.reference == pytest.approx(0.2 / (2 * BOLTZMANN), rel=1e-6)
    assert gap.predicted == pytest.approx(0.8 * gap.reference, rel=1e-6)


def test_energies_above_the_hull_are_those_of_pymatgen(labelled):
    planned = FAMILY.plan(labelled)
    result = FAMILY.reduce(softened(planned), model="m", mode="static")
    entries = [PDEntry(Composition("".join(frame.symbols)), frame.energy) for frame in planned]
    diagram = PhaseDiagram(entries)
    theirs = {frame.info["frame"]: diagram.get_e_above_hull(entry) for frame, entry in zip(planned, entries, strict=True)}
    above = [row for row in result.rows if row.quantity == "energy above hull"]
    assert len(above) == 27
    for row in above:
        assert row.reference == pytest.approx(theirs[row.system.partition(": ")[2]], abs=1e-9)
        assert row.predicted == pytest.approx(0.8 * row.reference, abs=1e-9)


def test_notes_tell_the_gap_its_shift_the_hull_and_the_spread(labelled):
    frames = []
    for number, frame in enumerate(FAMILY.plan(labelled)):
        x = frame.info["x_au"]
        wiggle = 0.002 * (number % 3) * x * (1 - x)
        frames.append(frame.with_changes(energy=frame.n_atoms * (-3.0 + x + 0.2 * x * (1 - x) + wiggle)))
    notes = FAMILY.reduce(softened(frames), model="m", mode="static").notes
    gap = next(note for note in notes if "miscibility gap" in note)
    assert "-20 %" in gap
    assert [note for note in notes if "on the hull" in note] == [
        "(Cu,Au): on the hull of DFT: x(Au) = 0, 1",
        "(Cu,Au): on the hull of the model: x(Au) = 0, 1",
    ]
    assert any("x = 0.5: " in note for note in notes if "spread" in note)


def test_orderings_without_labels_give_the_models_own_gap(labelled):
    bare = [frame.with_changes(energy=None) for frame in labelled]
    energies = [frame.n_atoms * (-3.0 + 0.2 * frame.info["x_au"] * (1 - frame.info["x_au"])) for frame in labelled]
    evaluated = [Evaluated(f, Prediction(e, np.zeros((f.n_atoms, 3)), np.zeros((3, 3)))) for f, e in zip(bare, energies, strict=True)]
    result = FAMILY.reduce(evaluated, model="m", mode="relaxed")
    gap = next(row for row in result.rows if row.quantity == "miscibility gap")
    assert gap.predicted == pytest.approx(0.2 / (2 * BOLTZMANN), rel=1e-6)
    assert gap.verdict == "not enough signal"
    assert any("by the model (regular" in note for note in result.notes)


def test_frames_of_a_run_are_no_solid_solution():
    for name in ("high-energy", "eos", "surfaces"):
        assert FAMILY.plan(open_shipped(name).frames) == ()


def test_wrong_elements_are_refused():
    with pytest.raises(UserFacingError, match="no sites of Ni"):
        orderings(frame_of(bulk("Cu", a=3.7)), "Ni", "Au", 2)


def test_fits_in_closed_form():
    x = np.array([0, 0.25, 0.25, 0.5, 0.75, 1.0])
    assert fit_interaction(x, 0.3 * x * (1 - x)).interaction == pytest.approx(0.3)
    full = fit_solution(x, -1.0 + 0.5 * x + 0.3 * x * (1 - x))
    assert (full.first, full.last, full.interaction) == pytest.approx((-1.0, -0.5, 0.3))
    assert fit_solution(x[:3], x[:3]) is None
    assert fit_interaction(np.array([0.0, 1.0]), np.zeros(2)) is None


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(-1, 1).map(lambda v: round(v, 3))), min_size=1, max_size=30))
def test_the_hull_lies_below_every_point(points):
    x = np.array([0.0, 1.0, *(n / 10 for n, _ in points)])
    y = np.array([0.0, 0.0, *(value for _, value in points)])
    hull = lower_hull(x, y)
    assert (np.diff(x[hull]) > 0).all()
    assert (np.interp(x, x[hull], y[hull]) <= y + 1e-12).all()
    try:
        reference = ConvexHull(np.stack([x, y], axis=1))
    except QhullError:  # all points on one line
        return
    assert {(x[i], y[i]) for i in hull} <= {(x[i], y[i]) for i in reference.vertices}
