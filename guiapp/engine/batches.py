"""Cutting a list of frames into batches that are independent of each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guiapp.frames.frame import Frame


@dataclass(frozen=True)
class BatchSize:
    """How much goes into one batch; atoms decide, because time and memory follow atoms and not frames."""

    atoms: int
    frames: int


CPU_BATCH = BatchSize(atoms=128, frames=16)
"""Less than half a second of work for CHGNet on one core; batches twice as large were measured to gain nothing there."""
GPU_BATCH = BatchSize(atoms=4096, frames=256)
"""Enough to fill a GPU; on out of memory a batch is halved where it runs."""

_FIRST_BATCH_FRAMES = 2  # the first points shall show at once


def plan_batches(frames: Iterable[Frame], atoms_per_batch: int, frames_per_batch: int) -> list[tuple[Frame, ...]]:
    """Cut frames into batches, smallest frames first.

    Frames of like size share a batch, and the first batch is small so that a result shows quickly. The same frames give the same
    batches, and each batch can be computed, kept and repeated by itself.

    Args:
        frames: Frames in any order.
        atoms_per_batch: Most atoms in one batch; a larger frame gets a batch of its own.
        frames_per_batch: Most frames in one batch.

    Returns:
        Batches that together hold every frame once.
    """
    batches: list[tuple[Frame, ...]] = []
    batch: list[Frame] = []
    atoms = 0
    for frame in sorted(frames, key=lambda frame: frame.n_atoms):
        most = frames_per_batch if batches else min(_FIRST_BATCH_FRAMES, frames_per_batch)
        if batch and (len(batch) >= most or atoms + frame.n_atoms > atoms_per_batch):
            batches.append(tuple(batch))
            batch, atoms = [], 0
        batch.append(frame)
        atoms += frame.n_atoms
    if batch:
        batches.append(tuple(batch))
    return batches
