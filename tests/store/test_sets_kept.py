"""Reference sets come back as they were, without the files they were read from."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from guiapp.frames.frame import Flag, Frame, Origin
from guiapp.frames.reference_set import Provenance, ReferenceSet
from guiapp.store.project import open_project

ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True, width=64)
POSITION = st.floats(-1e6, 1e6) | st.just(float("nan"))
ANY_TEXT = st.text(st.characters(), max_size=8)  # lone surrogates included: names of files that are no valid Unicode
INFO = st.dictionaries(ANY_TEXT, st.one_of(st.booleans(), st.integers(), ANY_FLOAT, ANY_TEXT), max_size=3)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    n = draw(st.integers(0, 5))
    array = lambda shape, elements=ANY_FLOAT: draw(hnp.arrays(np.float64, shape, elements=elements))
    maybe = lambda shape: array(shape) if draw(st.booleans()) else None
    return Frame(
        numbers=draw(hnp.arrays(np.int64, n, elements=st.integers(-5, 200))),
        positions=array((n, 3), POSITION),
        cell=array((3, 3), POSITION),
        pbc=tuple(draw(st.lists(st.booleans(), min_size=3, max_size=3))),
        energy=draw(st.none() | ANY_FLOAT),
        forces=maybe((n, 3)),
        stress=maybe((3, 3)),
        magmoms=maybe((n,)),
        name=draw(ANY_TEXT),
        compound=draw(ANY_TEXT),
        origin=Origin(draw(ANY_TEXT), draw(st.integers(0, 10**9)), tuple(draw(st.lists(ANY_TEXT, max_size=2)))),
        info=draw(INFO),
        flags=tuple(draw(st.lists(st.builds(Flag, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.booleans()), max_size=2))),
    )


def exact(value: object) -> object:
    """Return something that is equal only where bits and types are equal."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, float):
        return ("float", "nan" if value != value else value.hex())
    if isinstance(value, (bool, int)):
        return (type(value).__name__, value)
    if isinstance(value, (dict, type(Frame(np.zeros(0), np.zeros((0, 3)), np.eye(3)).info))):
        return {key: exact(entry) for key, entry in value.items()}
    return value


def facts(frame: Frame) -> dict[str, object]:
    return {field.name: exact(getattr(frame, field.name)) for field in dataclasses.fields(Frame)}


@given(many=st.lists(frames(), max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_frames_come_back_bit_by_bit(project, many):
    """Whatever a reader took in, damaged frames with their flags included, is what the next start shows."""
    project.reference_sets.save(ReferenceSet("any", "Any", tuple(many)))
    loaded = project.reference_sets.load("any").frames
    assert [facts(frame) for frame in loaded] == [facts(frame) for frame in many]
    for old, new in zip(many, loaded, strict=True):
        fresh = new.with_changes(name=new.name)  # the constructor agrees, and hashes are computed anew
        assert facts(fresh) == facts(new)
        assert (new.content_hash, new.label_hash) == (old.content_hash, old.label_hash) == (fresh.content_hash, fresh.label_hash)
    assert project.damage == ()


@pytest.fixture
def reference_set(make_frame) -> ReferenceSet:
    provenance = Provenance("PBE", "GPAW 22.8", "800 eV", "CC BY 4.0", "doi", "1000 K MD", "eV, eV/Å", "data/a.extxyz")
    members = tuple(make_frame(seed, compound=f"c{seed % 2}") for seed in range(6))
    return ReferenceSet("li", "Lithium", members, provenance, "high-energy")


def test_a_set_keeps_title_provenance_family_and_order(project_path, reference_set):
    """Where labels come from is as important as the labels."""
    with open_project(project_path) as first:
        first.reference_sets.save(reference_set)
    with open_project(project_path) as second:
        loaded = second.reference_sets.load("li")
    assert (loaded.title, loaded.provenance, loaded.family) == ("Lithium", reference_set.provenance, "high-energy")
    assert [facts(frame) for frame in loaded.frames] == [facts(frame) for frame in reference_set.frames]
    assert {name: len(group) for name, group in loaded.compounds.items()} == {"c0": 3, "c1": 3}


def test_sets_keep_their_order_and_can_be_reordered(project, make_frame):
    """The browser shows sets in the order they were opened, or as the user put them; saving again keeps the place."""
    for name in ("b", "a", "c"):
        project.reference_sets.save(ReferenceSet(name, name.upper(), (make_frame(1),)))
    project.reference_sets.save(ReferenceSet("b", "again", (make_frame(1), make_frame(2))))
    assert [(s.name, s.title, s.n_frames) for s in project.reference_sets.summaries()] == [("b", "again", 2), ("a", "A", 1), ("c", "C", 1)]
    project.reference_sets.reorder(["c"])
    assert [s.name for s in project.reference_sets.load_all()] == ["c", "b", "a"]


def test_one_configuration_with_two_labels_or_names_stays_two_frames(project, make_frame):
    """Two DFT codes may label one configuration, and one frame may belong to two sets under different names."""
    frame = make_frame(1)
    other = frame.with_changes(energy=frame.energy + 1)
    renamed = frame.with_changes(name="the same again", compound="elsewhere")
    project.reference_sets.save(ReferenceSet("s", "S", (frame, other, renamed, frame)))
    loaded = project.reference_sets.load("s").frames
    assert [facts(new) for new in loaded] == [facts(old) for old in (frame, other, renamed, frame)]


def test_regrouping_overrides_the_file_and_can_be_undone(project_path, reference_set):
    """What the user regrouped stays so, and the original compound is not forgotten."""
    with open_project(project_path) as project:
        project.reference_sets.save(reference_set)
        project.reference_sets.regroup("li", reference_set.frames[:3], "mine")
        with pytest.raises(KeyError):
            project.reference_sets.regroup("nothing", reference_set.frames[:1], "mine")
    with open_project(project_path) as project:
        assert [f.compound for f in project.reference_sets.load("li").frames] == ["mine"] * 3 + ["c1", "c0", "c1"]
        project.reference_sets.regroup("li", reference_set.frames[1:2], None)
        assert [f.compound for f in project.reference_sets.load("li").frames] == ["mine", "c1", "mine", "c1", "c0", "c1"]


def test_removed_sets_free_their_frames_but_not_those_of_others(project, make_frame):
    """Removing a set must not take a frame away from another one."""
    project.reference_sets.save(ReferenceSet("a", "A", (make_frame(1), make_frame(2))))
    project.reference_sets.save(ReferenceSet("b", "B", (make_frame(2), make_frame(3))))
    project.reference_sets.remove("a")
    assert project.statistics().frames == 2
    assert [frame.name for frame in project.reference_sets.load("b").frames] == ["frame 2", "frame 3"]
    with pytest.raises(KeyError):
        project.reference_sets.load("a")
    project.reference_sets.save(ReferenceSet("b", "B", (make_frame(3),)))
    assert project.statistics().frames == 1


@pytest.mark.parametrize("column", ["arrays", "description", "content_hash"])
def test_a_damaged_frame_is_left_out_and_told_and_mended(project, reference_set, column):
    """One damaged frame must not hide the others, must never show wrong labels, and comes back with its file."""
    project.reference_sets.save(reference_set)
    table = "frames" if column == "description" else "configurations"
    with closing(sqlite3.connect(project.path)) as connection, connection:
        (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE id = 3").fetchone()
        value = value[:-1] + (b"\xff" if isinstance(value, bytes) else "?")
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = 3", (value,))
    names = [frame.name for frame in project.reference_sets.load("li").frames]
    assert names == [frame.name for index, frame in enumerate(reference_set.frames) if index != 2]
    assert len(project.damage) == 1
    project.reference_sets.save(reference_set)
    assert [facts(f) for f in project.reference_sets.load("li").frames] == [facts(f) for f in reference_set.frames]


def test_text_that_is_no_unicode_any_more_is_damage_and_no_crash(project, reference_set):
    """A flipped byte in a text must cost one frame, not the query."""
    project.reference_sets.save(reference_set)
    with closing(sqlite3.connect(project.path)) as connection, connection:
        connection.execute("UPDATE frames SET description = CAST(x'ff00fe' AS TEXT) WHERE id = 1")
    assert len(project.reference_sets.load("li").frames) == 5


def test_a_set_named_after_an_odd_file_can_be_kept(project, make_frame):
    """File names on Linux are bytes; ase and pathlib show strange ones with lone surrogates."""
    name = b"li\xff.xyz".decode("utf-8", "surrogateescape")
    project.reference_sets.save(ReferenceSet(name, name, (make_frame(1),), Provenance(source=name)))
    loaded = project.reference_sets.load(name)
    assert loaded.provenance.source == name
    project.reference_sets.remove(name)
    assert project.reference_sets.summaries() == ()


def test_numpy_numbers_from_readers_are_taken(project, make_frame):
    """Readers find numpy scalars in files; they come back as plain numbers."""
    frame = make_frame(1, info={"strain": np.float64(0.03), "step": np.int64(7), "relaxed": np.bool_(True)})
    project.reference_sets.save(ReferenceSet("s", "S", (frame,)))
    assert dict(project.reference_sets.load("s").frames[0].info) == {"strain": 0.03, "step": 7, "relaxed": True}


@pytest.mark.slow
def test_a_hundred_thousand_frames_take_seconds(project, make_frame):
    """The browser's largest set must be kept and shown in seconds (CPU time: the machine may be busy)."""
    many = [make_frame(seed, n_atoms=20) for seed in range(100_000)]
    [frame.content_hash + frame.label_hash for frame in many]  # the reader computed them already
    begin = time.process_time()
    project.reference_sets.save(ReferenceSet("s", "S", tuple(many)))
    stored = time.process_time()
    loaded = project.reference_sets.load("s")
    read = time.process_time()
    assert len(loaded.frames) == 100_000
    assert stored - begin < 20
    assert read - stored < 10
