"""Compounds: by the source's id, else by formula and size; what the user changes keeps names unique and loses no frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guiapp.frames.frame import Frame, Origin
from guiapp.frames.grouping import assign_compounds, merge, regroup, rename


def frame(numbers=(14, 14), name="frame 1", path="a.xyz", **info):
    n = len(numbers)
    return Frame(np.array(numbers), np.arange(3.0 * n).reshape(n, 3), np.eye(3) * 9, name=name, origin=Origin(path), info=info)


def compounds(frames):
    return [f.compound for f in frames]


def test_source_id_comes_first_then_formula_and_size():
    frames = [frame(source_id="wbm-1"), frame(name="b", material_id="mp-2"), frame((12, 8)), frame((12, 8, 12, 8))]
    assert compounds(assign_compounds(frames)) == ["wbm-1", "mp-2", "MgO (2 atoms)", "MgO (4 atoms)"]


def test_shared_name_is_a_compound():
    frames = [frame().with_changes(name=f"frame {i}", info={"name": "Si"}) for i in (1, 2)]
    assert compounds(assign_compounds(frames)) == ["Si", "Si"]


def test_name_of_every_single_frame_is_a_frame_name():
    """Names that all differ cannot be compounds: each would have one frame."""
    frames = assign_compounds([frame().with_changes(info={"name": f"snapshot {i}"}) for i in range(4)])
    assert set(compounds(frames)) == {"Si (2 atoms)"}
    assert [f.name for f in frames] == [f"snapshot {i}" for i in range(4)]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("source", ["m", "MgO (2 atoms)", "MgO (4 atoms)"]),
        ("formula", ["MgO", "MgO", "MgO"]),
        ("formula and size", ["MgO (2 atoms)", "MgO (2 atoms)", "MgO (4 atoms)"]),
        ("file", ["x/a.xyz", "y/a.xyz", "y/a.xyz"]),
    ],
)
def test_regroup(by, expected):
    frames = [frame((12, 8), path="r/x/a.xyz", source_id="m"), frame((12, 8), path="r/y/a.xyz"), frame((12, 8, 12, 8), path="r/y/a.xyz")]
    assert compounds(regroup(frames, by)) == expected


def test_regroup_can_be_undone():
    frames = assign_compounds([frame(source_id="m"), frame((12, 8))])
    assert compounds(regroup(regroup(frames, "formula"), "source")) == compounds(frames)


def test_merge_and_rename_keep_names_apart():
    frames = assign_compounds([frame(source_id="a"), frame(source_id="b"), frame(source_id="c")])
    merged = merge(frames, {"a", "b"}, "ab")
    assert compounds(merged) == ["ab", "ab", "c"]
    assert len({f.name for f in merged if f.compound == "ab"}) == 2
    renamed = rename(frames, "c", "new")
    assert compounds(renamed) == ["a", "b", "new"]
    assert [f.name for f in renamed] == ["frame 1"] * 3


@given(
    st.lists(st.tuples(st.sampled_from(["frame 1", "frame 1 (2)", "a frame 1", "x"]), st.sampled_from(["a", "b", "c"])), max_size=12),
    st.sets(st.sampled_from(["a", "b", "c"])),
    st.sampled_from(["a", "z"]),
)
def test_names_stay_unique_within_a_compound(entries, chosen, into):
    frames = assign_compounds([frame(name=name, source_id=source) for name, source in entries])
    for result in (frames, merge(frames, chosen, into), regroup(frames, "formula")):
        assert len(result) == len(entries)
        keys = [(f.compound, f.name) for f in result]
        assert len(set(keys)) == len(keys)
        assert [f.content_hash for f in result] == [f.content_hash for f in frames]
