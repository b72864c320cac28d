"""What is independent among the unseen frames of a target: compounds, runs, or blocks of neighbouring frames.

Cells of one chemistry are not compounds: germanium with 16, 63 and 64 atoms is one element, and a slab of a few frames must not count as
much as a long run. Frames of one run of molecular dynamics are not independent of each other either. So

- three or more chemistries: whole compounds, each counts once;
- else three or more runs that carry the error: whole runs, each counts by its error, because runs of hot, strained and relaxed cells differ
  in it by a hundred times, and the error of all of them together is what a correction is to lower;
- else blocks of neighbouring frames within each run, as long as neighbours are alike, every frame counts once; frames by themselves where
  they are not; a run too short to tell is one block;
- where there is nothing but one or two such short runs, their frames, taken to be as alike as so few frames may be without showing it; what
  is found then holds for those runs.

Frames of one chemistry that have next to no error, before and after, have no say: strained perfect cells and relaxed slabs of nickel, two
frames of three in a public set, turn noise into any relative change at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from guiapp.frames.frame import Floats, Frame
from guiapp.physics.bootstrap import MIN_UNITS
from guiapp.physics.paired_change import (
    MIN_VALUES_TO_CORRELATE,
    correlation_in_short_runs,
    correlation_of_neighbours,
    cut_into_blocks,
)

_SAME_CHEMISTRY = 0.05
"""Largest difference of atomic fractions between cells of one chemistry: a vacancy in 20 atoms, not another compound."""
LEAST_RUNS = 2.5
"""Runs of equal weight (1 / sum of squared shares) from which runs are compared: three, of which one may be shorter."""
_NO_SAY = 0.01
"""Share of the error that the frames without a say may have, all of them together: half of what counts as a change of it."""
_OF_A_RUN = ("group", "kind", "temperature", "run", "trajectory")
"""Keys of a file that tell runs apart."""


class Counting(StrEnum):
    """What counts once in a mean."""

    UNITS = "units"
    FRAMES = "frames"
    ERROR = "error"


@dataclass(frozen=True)
class Units:
    """Frames in groups that are independent of each other."""

    level: str
    """``compounds``, ``runs``, ``blocks of neighbouring frames``, ``frames`` or ``frames of a short run``."""
    members: tuple[tuple[int, ...], ...]
    """Places of frames, by unit; frames without a say are in none."""
    counting: Counting
    correlation: Floats | None = None
    """(n_units, n_units) that frames of a short run may have; None for units that are independent."""


def independent_units(frames: Sequence[Frame], change: Floats, error: Floats) -> Units:
    """Group frames so that groups are independent of each other.

    Args:
        frames: Labelled frames of one target.
        change: (n_frames,) relative change of the force error of each; neighbours that change alike belong together.
        error: (n_frames,) sum of absolute force errors of each, before and after together, eV/Å.
    """
    chemistries = _chemistries(frames)
    if len(chemistries) >= MIN_UNITS:
        return Units("compounds", tuple(chemistries), Counting.UNITS)
    heard = _with_a_say(error)
    runs = [run for run in (tuple(k for k in run if heard[k]) for run in same_run(frames)) if run]
    weight = np.array([error[list(run)].sum() for run in runs])
    if MIN_UNITS <= len(runs) < heard.sum() and weight.sum() ** 2 >= LEAST_RUNS * (weight**2).sum() > 0:
        return Units("runs", tuple(runs), Counting.ERROR)
    if len(runs) < MIN_UNITS and all(len(run) < MIN_VALUES_TO_CORRELATE for run in runs):
        level = "frames of a short run" if len(runs) == 1 else "frames of short runs"
        singles = tuple((k,) for run in runs for k in run)
        return Units(level, singles, Counting.FRAMES, correlation_in_short_runs([[_forces(frames[k]) for k in run] for run in runs]))
    blocks: list[tuple[int, ...]] = []
    for run in runs:
        if len(run) < MIN_VALUES_TO_CORRELATE:
            blocks.append(run)
            continue
        block = cut_into_blocks(len(run), correlation_of_neighbours(change[list(run)]))
        blocks += [tuple(np.asarray(run)[block == k].tolist()) for k in range(int(block.max()) + 1)]
    level = "frames" if len(blocks) == heard.sum() else "blocks of neighbouring frames"
    return Units(level, tuple(blocks), Counting.FRAMES)


def _with_a_say(error: Floats) -> NDArray[np.bool_]:
    """Say which frames have more than next to no error; all where none has any."""
    order = np.argsort(error, kind="stable")
    heard = np.ones(len(error), dtype=np.bool_)
    if error.sum() > 0:
        heard[order] = np.cumsum(error[order]) > _NO_SAY * error.sum()
    return heard


def _forces(frame: Frame) -> Floats:
    assert frame.forces is not None, "only labelled frames are judged"
    return frame.forces


def _chemistries(frames: Sequence[Frame]) -> list[tuple[int, ...]]:
    """Group frames whose atomic fractions are the same, but for a defect; compounds keep their order."""
    found: list[tuple[dict[str, float], list[int]]] = []
    for k, frame in enumerate(frames):
        fractions = {element: count / frame.n_atoms for element, count in Counter(frame.symbols).items()}
        for known, members in found:
            if known.keys() == fractions.keys() and all(abs(known[one] - part) <= _SAME_CHEMISTRY for one, part in fractions.items()):
                members.append(k)
                break
        else:
            found.append((fractions, [k]))
    return [tuple(members) for _, members in found]


def same_run(frames: Sequence[Frame]) -> list[tuple[int, ...]]:
    """Group frames of the same atoms in the same order, from the same file and of the same kind, in the file's order."""
    runs: dict[tuple[object, ...], list[int]] = {}
    for k, frame in enumerate(frames):
        told = tuple(str(frame.info.get(key, "")) for key in _OF_A_RUN)
        runs.setdefault((frame.origin.path, frame.compound, frame.numbers.tobytes(), *told), []).append(k)

    return [tuple(sorted(members, key=lambda k: frames[k].origin.index)) for members in runs.values()]
