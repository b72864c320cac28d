"""The columns say what each frame says of itself, and the conditions pick what a plain loop would pick."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.frames.frame import Flag, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.ui.browser.conditions import Conditions
from guiapp.ui.browser.frame_columns import FrameColumns, SetColumns, natural_ranks
from guiapp.ui.browser.search_formula import parse_formula, reduced_counts


def make_frame(numbers, *, name="", compound="c", force=None, flags=(), info=None, seed=0):
    rng = np.random.default_rng(seed)
    n = len(numbers)
    forces = None
    if force is not None and n:
        forces = np.zeros((n, 3))
        forces[-1] = (0, force, 0)
    return Frame(numbers, rng.random((n, 3)), np.eye(3) * 5, forces=forces, name=name, compound=compound, flags=flags, info=info or {})


def columns_of(*frames):
    return FrameColumns([SetColumns.of(ReferenceSet("s", "S", tuple(frames)))])


FLAG = Flag("overlap", "m", "a", excludes=True)
FRAMES = (
    make_frame([6, 8], name="frame 1", compound="CO", force=3.0),
    make_frame([27], name="frame 2", compound="Co", force=0.5),
    make_frame([3, 3, 8], name="frame 10", compound="mp-1960", force=12.0, info={"temperature": 1000, "strain": -0.03}),
    make_frame([3, 9], name="frame 9", compound="LiF", flags=(FLAG,), info={"kind": "md300K"}),
    make_frame([3, 3, 3, 3, 8, 8], name="cell of two", compound="Li4O2", force=1.0),
    make_frame([], name="nothing", compound="empty"),
    make_frame([200, 8], name="odd", compound="odd", force=1.0),
)


@pytest.mark.filterwarnings("ignore:No Pauling electronegativity")
@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(-3, 130), max_size=6), st.one_of(st.none(), st.floats(0, 50))),
        max_size=12,
    )
)
def test_columns_equal_what_frames_say(specs):
    """Elements, number of atoms and largest force agree with the frame's own properties, odd atomic numbers included."""
    frames = [make_frame(numbers, force=force, seed=i) for i, (numbers, force) in enumerate(specs)]
    columns = columns_of(*frames)
    assert columns.n_atoms.tolist() == [f.n_atoms for f in frames]
    for place, frame in enumerate(frames):
        largest = np.nan if frame.largest_force is None else frame.largest_force
        assert columns.largest_force[place] == pytest.approx(largest, nan_ok=True)
        assert columns.formulas[columns.formula[place]] == frame.formula
    for symbol in ("H", "O", "Gd", "Tb", "U", "Og"):
        assert columns.contains_any([symbol]).tolist() == [symbol in f.elements for f in frames]


def test_slices_join_seamlessly(monkeypatch):
    """Looking at few frames at a time gives the same columns as looking at all."""
    whole = columns_of(*FRAMES)
    monkeypatch.setattr("guiapp.ui.browser.frame_columns._CHUNK", 2)
    sliced = columns_of(*FRAMES)
    for name in ("n_atoms", "largest_force", "low", "high", "temperature", "strain", "labels", "flagged", "formula", "compound"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(sliced, name))
    assert whole.formulas == sliced.formulas
    assert whole.temperature[2] == 1000
    assert whole.temperature[3] == 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Co", {"frame 2"}),
        ("CO", {"frame 1"}),
        ("co", {"frame 1", "frame 2"}),
        ("Li", {"frame 10", "frame 9", "cell of two"}),
        ("Li2O", {"frame 10", "cell of two"}),
        ("O2Li4", {"frame 10", "cell of two"}),
        ("MP-19", {"frame 10"}),
        ("frame 1", {"frame 1", "frame 10"}),
        ("Li frame", {"frame 10", "frame 9"}),
        ("zzz", set()),
    ],
)
def test_search_knows_chemistry(text, expected):
    """A symbol asks for the element, a formula keeps its case and finds its multiples, other words find names in any case."""
    mask = Conditions(text=text).mask(columns_of(*FRAMES))
    assert {f.name for f, m in zip(FRAMES, mask, strict=True) if m} == expected


def test_conditions_equal_a_plain_loop():
    """Each condition, and all together, pick what asking every frame would pick."""
    columns = columns_of(*FRAMES)
    cases = {
        Conditions(include=frozenset({"Li", "Co"})): lambda f: bool(f.elements & {"Li", "Co"}),
        Conditions(exclude=frozenset({"O"})): lambda f: "O" not in f.elements,
        Conditions(min_atoms=2, max_atoms=3): lambda f: 2 <= f.n_atoms <= 3,
        Conditions(max_force=2.0): lambda f: f.largest_force is None or f.largest_force <= 2.0,
        Conditions(labelled=True): lambda f: f.forces is not None,
        Conditions(labelled=False): lambda f: f.forces is None,
        Conditions(flagged=True): lambda f: bool(f.flags),
        Conditions(region=frozenset({FRAMES[1].content_hash})): lambda f: f is FRAMES[1],
    }
    for conditions, admits in cases.items():
        assert conditions.mask(columns).tolist() == [admits(f) for f in FRAMES], conditions
    both = Conditions(include=frozenset({"Li"}), max_atoms=3)
    assert both.mask(columns).tolist() == ["Li" in f.elements and f.n_atoms <= 3 for f in FRAMES]


def test_chips_name_and_remove_each_condition():
    """Every condition but the text has a chip, and removing all chips leaves no condition."""
    conditions = Conditions("x", frozenset({"O", "Li"}), frozenset({"F"}), 2, 20, 30.0, True, False, frozenset({"h"}))
    chips = conditions.chips()
    assert chips["include"] == "with Li or O"
    assert chips["atoms"] == "2 to 20 atoms"
    assert chips["max_force"] == "|F| ≤ 30 eV/Å"
    for key in chips:
        conditions = conditions.without(key)
    assert conditions == Conditions(text="x")


def test_numbers_follow_elements_force_and_exclusion():
    """The filter told to the numbers admits exactly the frames that elements, exclusion and largest force list."""
    columns = columns_of(*FRAMES)
    conditions = Conditions(include=frozenset({"Li"}), exclude=frozenset({"F"}), max_force=5.0, max_atoms=1)
    told = conditions.frame_filter(FrameFilter(), columns)
    assert [told.admits(f) for f in FRAMES] == [
        "Li" in f.elements and "F" not in f.elements and (f.largest_force or 0) <= 5.0 for f in FRAMES
    ]


def test_names_sort_as_people_count():
    """Frame 9 comes before frame 10."""
    names = ["frame 10", "frame 9", "Frame 1", "a"]
    assert natural_ranks(names).tolist() == [3, 2, 1, 0]


def test_formulas_are_told_from_words():
    """What the search takes for a formula, and which formulas are the same composition."""
    assert parse_formula("LiFePO4") == {"Li": 1, "Fe": 1, "P": 1, "O": 4}
    assert parse_formula("Frame") is None
    assert reduced_counts("Al4O6") == reduced_counts("O3Al2")
