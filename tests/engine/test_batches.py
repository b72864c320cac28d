"""Batches hold every frame once, respect both limits, and start small."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guiapp.engine.batches import plan_batches
from guiapp.engine.keys import settings_hash
from guiapp.frames.frame import Frame


def frames_of(sizes: list[int]) -> list[Frame]:
    return [Frame(np.full(n, 29), np.zeros((n, 3)), np.eye(3), name=str(k)) for k, n in enumerate(sizes)]


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 400), st.integers(1, 40))
def test_every_frame_is_in_one_batch_within_the_limits(sizes, atoms, count):
    frames = frames_of(sizes)
    batches = plan_batches(frames, atoms, count)
    assert sorted(frame.name for batch in batches for frame in batch) == sorted(frame.name for frame in frames)
    for batch in batches:
        assert 0 < len(batch) <= count
        assert len(batch) == 1 or sum(frame.n_atoms for frame in batch) <= atoms
    flat = [frame.n_atoms for batch in batches for frame in batch]
    assert flat == sorted(flat)
    if batches:
        assert len(batches[0]) <= 2


@given(st.lists(st.integers(1, 300), min_size=1, max_size=40))
def test_the_same_frames_give_the_same_batches(sizes):
    frames = frames_of(sizes)
    assert plan_batches(frames, 100, 8) == plan_batches(tuple(frames), 100, 8)


def test_batches_follow_atoms_and_not_frames():
    small, large = frames_of([2] * 200), frames_of([100] * 200)
    assert len(plan_batches(small, 200, 1000)) < 5
    assert len(plan_batches(large, 200, 1000)) >= 100


def test_the_settings_hash_ignores_order_and_sees_every_value():
    base = settings_hash({"precision": "float32", "path": "a"})
    assert base == settings_hash({"path": "a", "precision": "float32"})
    assert (
        len({base, settings_hash({"precision": "float64", "path": "a"}), settings_hash({"precision": "float32"}), settings_hash({})}) == 4
    )
