"""Whether DFT relaxed a frame, and which of two labelled states of one structure stands for it.

A slab, a defect or an ordering may be labelled twice: as it was made, and relaxed. The relaxed one is the structure's energy in the paper's
sense; the other one measures the same softening at a geometry where forces are larger, so it gets a quantity of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from guiapp.frames.frame import Frame

_RELAXED_NAME = "/relaxed"
_VARIANT, _AS_MADE = "variant", "as made"
_UNRELAXED_STATES = {"unrelaxed", "as cut", "as made"}


def with_variants(frames: Sequence[Frame]) -> list[Frame]:
    """Mark the frames whose relaxed twin is among them, so that a reduction need not wait for the twin to know it.

    Args:
        frames: Frames of one reference set; ``info["frame"]`` of a relaxed one is its twin's plus ``/relaxed``.

    Returns:
        The same frames in order.
    """
    names = {str(frame.info.get("frame", "")) for frame in frames}
    return [
        frame.with_changes(info={**frame.info, _VARIANT: _AS_MADE})
        if str(frame.info.get("frame", "")) + _RELAXED_NAME in names and frame.info.get("frame")
        else frame
        for frame in frames
    ]


def is_as_made(frame: Frame) -> bool:
    """Say whether a relaxed twin of the frame stands for the structure."""
    return frame.info.get(_VARIANT) == _AS_MADE


def relaxed_by_dft(frame: Frame) -> bool:
    """Say whether the labels belong to a geometry that was relaxed; frames that say nothing about it are taken to be."""
    return str(frame.info.get("state", "")) not in _UNRELAXED_STATES
