"""Cutting a batch into the parts that go through a network at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guiapp.frames.frame import Frame


def parts_by_atoms(frames: Sequence[Frame], most_atoms: int) -> Iterator[list[Frame]]:
    """Cut frames, in order, into parts of so many atoms at most; a larger frame stands alone."""
    part: list[Frame] = []
    atoms = 0
    for frame in frames:
        if part and atoms + frame.n_atoms > most_atoms:
            yield part
            part, atoms = [], 0
        part.append(frame)
        atoms += frame.n_atoms
    if part:
        yield part
