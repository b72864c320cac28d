"""Which labelled frames may be learnt from and which are only for judging: decided by the frames themselves.

A frame's part follows from its content hash, so it does not change when frames are added, sorted or renamed, and nobody can pick the
frames that make a correction look good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from guiapp.frames.frame import Frame

MIN_FRAMES_TO_SPLIT = 12
"""In a compound with fewer frames all are candidates, and those that are not labelled are the unseen ones. Splitting a handful would
leave either nothing to choose from or nothing to judge on; the choice reads no DFT force, so it does not spoil the judgement."""
_TEST_SHARE, _VALIDATION_SHARE = 0.5, 0.1


@dataclass(frozen=True, eq=False)
class Split:
    """The labelled frames of a target in three parts."""

    candidates: tuple[Frame, ...]
    """May become labels."""
    validation: tuple[Frame, ...]
    """Choose between fits; never fitted, never in the verdict."""
    test: tuple[Frame, ...]
    """Only for the verdict."""

    def unseen(self, labels: Collection[Frame]) -> tuple[Frame, ...]:
        """Return the frames for the verdict once labels are chosen.

        Args:
            labels: The frames that are fitted.

        Returns:
            The test frames, and in compounds too small to split the candidates that are not labels. A frame of the same
            geometry as a label is never among them.
        """
        used = {frame.content_hash for frame in labels}
        split_compounds = {frame.compound for frame in self.test}
        rest = [frame for frame in self.candidates if frame.compound not in split_compounds]
        return tuple(frame for frame in (*self.test, *rest) if frame.content_hash not in used)

    def spare(self, labels: Collection[Frame]) -> tuple[Frame, ...]:
        """Return labelled candidates that are neither fitted nor judged on; the learning curve reads them."""
        out = {frame.content_hash for frame in (*labels, *self.unseen(labels))}
        return tuple(frame for frame in self.candidates if frame.content_hash not in out)


def split_frames(frames: Sequence[Frame]) -> Split:
    """Split the frames of a target.

    Args:
        frames: Labelled frames of one or several compounds.

    Returns:
        The three parts, each in the order given. In every compound of 12 or more frames a half is for the verdict and a tenth for
        validation, exactly (ranks of hashes, not chances).
    """
    compounds: dict[str, list[Frame]] = {}
    for frame in frames:
        compounds.setdefault(frame.compound, []).append(frame)
    parts: dict[str, str] = {}
    for members in compounds.values():
        hashes = sorted({frame.content_hash for frame in members}, key=_rank)
        if len(hashes) < MIN_FRAMES_TO_SPLIT:
            continue
        n_test, n_validation = round(_TEST_SHARE * len(hashes)), round(_VALIDATION_SHARE * len(hashes))
        parts |= dict.fromkeys(hashes[:n_test], "test") | dict.fromkeys(hashes[n_test : n_test + n_validation], "validation")

    def part(name: str) -> tuple[Frame, ...]:
        return tuple(frame for frame in frames if parts.get(frame.content_hash, "candidates") == name)

    return Split(part("candidates"), part("validation"), part("test"))


def _rank(content_hash: str) -> str:
    # Hashed again: a content hash may already sort by something, and the part must not follow a file's order.
    return hashlib.sha256(f"split {content_hash}".encode()).hexdigest()
