"""Which frames judge a correction follows from their content alone, and no label is ever among them."""

from __future__ import annotations

from invented_frames import distorted

from guiapp.correction.split import MIN_FRAMES_TO_SPLIT, split_frames


def names(frames):
    return {frame.name for frame in frames}


def test_parts_are_disjoint_complete_and_of_the_promised_size():
    frames = distorted(40)
    split = split_frames(frames)
    assert (len(split.test), len(split.validation), len(split.candidates)) == (20, 4, 16)
    assert names(split.test) | names(split.validation) | names(split.candidates) == names(frames)


def test_order_and_names_do_not_move_a_frame():
    frames = distorted(20)
    renamed = [frame.with_changes(name=f"other {frame.name}", energy=0.0) for frame in frames[::-1]]
    assert {f.content_hash for f in split_frames(frames).test} == {f.content_hash for f in split_frames(renamed).test}


def test_small_compound_is_judged_on_what_is_not_labelled():
    frames = distorted(MIN_FRAMES_TO_SPLIT - 1)
    split = split_frames(frames)
    assert split.candidates == tuple(frames)
    assert names(split.unseen(frames[:1])) == names(frames[1:])
    assert split.spare(frames[:1]) == ()


def test_large_compound_keeps_its_test_frames_whatever_is_labelled():
    split = split_frames(distorted(20))
    label = split.candidates[0]
    assert names(split.unseen((label,))) == names(split.test)
    assert names(split.spare((label,))) == names(split.candidates) - {label.name}


def test_second_label_of_the_same_geometry_is_not_unseen():
    """Two codes may label one configuration: judging on it would be judging on what was fitted."""
    frames = distorted(4)
    twin = frames[0].with_changes(name="twin", energy=1.0)
    split = split_frames([*frames, twin])
    assert "twin" not in names(split.unseen((frames[0],)))
