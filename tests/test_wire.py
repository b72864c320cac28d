"""Messages come back as they were sent, and bytes that are none are refused without running anything."""

from __future__ import annotations

import json
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from guiapp.engine.executor import BatchOutcome
from guiapp.engine.frame_predictor import failure
from guiapp.engine.messages import outcome_message, predict_message, read_outcome, read_predict, read_refusal, refusal_message
from guiapp.engine.model_source import ModelSource
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.wire import Message, WireError, decode, encode

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.int64, np.bool_, np.dtype(">f8")]), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)
)
NAMES = st.text(max_size=8)


@given(NAMES, st.dictionaries(NAMES, PLAIN, max_size=4), st.dictionaries(NAMES, ARRAYS, max_size=4))
def test_any_message_comes_back(kind, values, arrays):
    back = decode(encode(Message(kind, values, arrays)))
    assert (back.kind, back.values, set(back.arrays)) == (kind, values, set(arrays))
    for name, array in arrays.items():
        assert back.arrays[name].shape == array.shape
        np.testing.assert_array_equal(back.arrays[name], array)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else(data):
    with pytest.raises(WireError):
        decode(data)


@given(st.data())
def test_a_damaged_message_is_refused_or_still_a_message(data):
    whole = bytearray(encode(Message("k", {"a": 1}, {"x": np.arange(3.0)})))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(decode(bytes(whole)), Message)
    except WireError:
        return


@pytest.mark.parametrize("cut", [1, 8, 20, -1])
def test_a_cut_message_is_refused(cut):
    with pytest.raises(WireError):
        decode(encode(Message("k", {}, {"x": np.arange(3.0)}))[:cut])


@pytest.mark.parametrize(
    "layout", [[["x", "|O", [1]]], [["x", "<f8", [-1]]], [["x", "<f8", [10**12]]], [["x", "<f8", "12"]], [["x"]], 5, [["x", "<f8", [True]]]]
)
def test_an_array_that_cannot_be_is_refused(layout):
    header = json.dumps({"kind": "k", "values": {}, "arrays": layout}).encode()
    with pytest.raises(WireError):
        decode(struct.pack("<4sI", b"TPR1", len(header)) + header + bytes(8))


def test_objects_are_not_sent_and_a_pickle_is_not_read():
    with pytest.raises(WireError):
        encode(Message("k", {}, {"x": np.array([object()])}))
    with pytest.raises(WireError):
        encode(Message("k", {"x": object()}))
    with pytest.raises(WireError):
        decode(pickle.dumps({"kind": "k"}))


def test_a_message_that_is_too_large_is_not_sent(monkeypatch):
    monkeypatch.setattr("guiapp.wire.LARGEST_MESSAGE", 100)
    with pytest.raises(WireError, match="too large"):
        encode(Message("k", {}, {"x": np.zeros(100)}))


SIZES = st.lists(st.integers(0, 5), max_size=5)


@given(SIZES, st.randoms(use_true_random=False))
def test_frames_come_back_without_their_labels(sizes, random):
    rng = np.random.default_rng(random.randint(0, 2**30))
    frames = tuple(
        Frame(
            rng.integers(1, 90, n),
            rng.normal(size=(n, 3)),
            rng.normal(size=(3, 3)),
            tuple((rng.random(3) < 0.5).tolist()),
            name=f"n{k}",
            energy=1.0,
        )
        for k, n in enumerate(sizes)
    )
    source = ModelSource("m:f", "model", "auto", "Title", "hash")
    back_source, back = read_predict(decode(encode(predict_message(source, frames))))
    assert back_source == source
    assert [frame.content_hash for frame in back] == [frame.content_hash for frame in frames]
    assert [frame.name for frame in back] == [frame.name for frame in frames]
    assert all(frame.energy is None for frame in back)


@given(SIZES, st.randoms(use_true_random=False))
def test_outcomes_come_back(sizes, random):
    rng = np.random.default_rng(random.randint(0, 2**30))
    frames = tuple(Frame(rng.integers(1, 90, n), rng.normal(size=(n, 3)), np.eye(3), name=f"n{k}") for k, n in enumerate(sizes))
    results = tuple(
        failure(frame, "no", "yes")
        if rng.random() < 0.3
        else Prediction(
            rng.normal(), rng.normal(size=(frame.n_atoms, 3)), rng.normal(size=(3, 3)), rng.normal(size=frame.n_atoms) if k % 2 else None
        )
        for k, frame in enumerate(frames)
    )
    back = read_outcome(decode(encode(outcome_message(BatchOutcome(results, 1.5, "cuda")))), frames)
    assert (back.seconds, back.device, len(back.results)) == (1.5, "cuda", len(frames))
    for sent, got in zip(results, back.results, strict=True):
        if isinstance(sent, Prediction):
            assert got.energy == sent.energy
            np.testing.assert_array_equal(got.forces, sent.forces)
            np.testing.assert_array_equal(got.stress, sent.stress)
            assert (got.magmoms is None) == (sent.magmoms is None)
            if sent.magmoms is not None:
                np.testing.assert_array_equal(got.magmoms, sent.magmoms)
        else:
            assert got == sent


def test_an_error_for_the_user_comes_back():
    error = UserFacingError("what", advice="do", path="a/b")
    back = read_refusal(decode(encode(refusal_message(error))))
    assert str(back) == str(error)
