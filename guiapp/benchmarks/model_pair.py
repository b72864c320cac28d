"""One model against another on the frames and systems that both have seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family_rows import has_signal
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.high_energy_summary import HighEnergySummary
from guiapp.benchmarks.row import Row
from guiapp.physics.paired_bootstrap import PairedDifference, paired_mean_difference, paired_ratio_difference
from guiapp.physics.signal_gate import MIN_RMS_FORCE


@dataclass(frozen=True)
class PairFinding:
    """Two models on one family, first minus second on exactly the same systems."""

    family: str
    n: int
    """Systems (compounds, for forces) that count."""
    scale: PairedDifference
    """Of the scales or ratios to DFT; negative: the first is softer."""
    mae: PairedDifference
    """Of the mean absolute errors, in ``unit``; negative: the first is nearer to DFT."""
    first_mae: float
    second_mae: float
    unit: str


def compare_forces(first: HighEnergySummary, second: HighEnergySummary) -> PairFinding | None:
    """Compare two models by the forces on the frames that both have predicted; None where there is none.

    Args:
        first: Of one model.
        second: Of the other; may cover other frames as well, which are left out.

    Returns:
        The mean over compounds of the difference of scales, and the difference of mean absolute errors over all components.
    """
    places = {(frame.content_hash, frame.label_hash, frame.compound): k for k, frame in enumerate(second.frames)}
    mine, theirs, names = [], [], []
    for k, frame in enumerate(first.frames):
        other = places.get((frame.content_hash, frame.label_hash, frame.compound))
        if other is not None:
            mine.append(k)
            theirs.append(other)
            names.append(frame.compound)
    if not mine:
        return None
    _, group = np.unique(np.array(names), return_inverse=True)
    count = int(group.max()) + 1
    a, b = first.frame_statistics.sums, second.frame_statistics.sums

    def summed(values: np.ndarray, chosen: Sequence[int]) -> np.ndarray:
        return np.bincount(group, weights=np.asarray(values, dtype=np.float64)[list(chosen)], minlength=count)

    n, xx = summed(a.n, mine), summed(a.xx, mine)
    # Chosen by the DFT forces alone, since a choice by a model's errors would favour one of the two.
    judged = np.sqrt(xx / n) >= MIN_RMS_FORCE
    scales = [summed(one.xy, chosen)[judged] / xx[judged] for one, chosen in ((a, mine), (b, theirs))]
    errors = [summed(one.absolute, chosen) for one, chosen in ((a, mine), (b, theirs))]
    return PairFinding(
        family=HIGH_ENERGY,
        n=int(judged.sum()),
        scale=paired_mean_difference(*scales),
        mae=paired_ratio_difference(errors[0], errors[1], n),
        first_mae=float(errors[0].sum() / n.sum()),
        second_mae=float(errors[1].sum() / n.sum()),
        unit="eV/Å",
    )


def compare_rows(first: Sequence[Row], second: Sequence[Row]) -> PairFinding | None:
    """Compare two models by the systems of one family that both have judged; None where there is none.

    Args:
        first: Rows of one model, family and mode.
        second: Rows of the other model in the same family and mode.
    """
    if not first or not second:
        return None
    family = first[0].family
    quantity = next(iter(describe_family(family).quantities))
    others = {row.system: row for row in second if row.quantity == quantity and has_signal(row)}
    mine_first = [row for row in first if row.quantity == quantity and has_signal(row) and row.reference]
    # Sets may call their systems alike: only those with the same DFT value are the same.
    pairs = [
        (row, others[row.system])
        for row in mine_first
        if row.system in others and math.isclose(row.reference, others[row.system].reference, rel_tol=1e-6)
    ]
    if not pairs:
        return None
    mine, theirs = (np.array([pair[k].predicted for pair in pairs]) for k in (0, 1))
    dft = np.array([pair[0].reference for pair in pairs])
    errors = np.abs(mine - dft), np.abs(theirs - dft)
    return PairFinding(
        family=family,
        n=len(pairs),
        scale=paired_mean_difference(mine / dft, theirs / dft, level="systems"),
        mae=paired_mean_difference(errors[0], errors[1], level="systems"),
        first_mae=float(errors[0].mean()),
        second_mae=float(errors[1].mean()),
        unit=pairs[0][0].unit,
    )


def pair_sentence(findings: Sequence[PairFinding], first: str, second: str) -> str:
    """Say which of two models is nearer to DFT, and in how many families that is certain.

    Args:
        findings: First against second, one a family.
        first: What the window calls the first model.
        second: And the second.
    """
    if not findings:
        return f"{first} and {second} have no frame or system in common"
    nearer = [one for one in findings if one.mae.is_sure and one.mae.value < 0]
    farther = [one for one in findings if one.mae.is_sure and one.mae.value > 0]
    families = f"{len(findings)} {'family' if len(findings) == 1 else 'families'}"
    if nearer and not farther:
        return f"{first} is nearer to DFT than {second} in {len(nearer)} of {families}{_open(findings, len(nearer))}"
    if farther and not nearer:
        return f"{second} is nearer to DFT than {first} in {len(farther)} of {families}{_open(findings, len(farther))}"
    if nearer:
        both = f"{first} is nearer to DFT in {len(nearer)} of {families}, {second} in {len(farther)}"
        return both + _open(findings, len(nearer) + len(farther))
    return f"{first} and {second} cannot be told apart by their errors in {families}"


def _open(findings: Sequence[PairFinding], decided: int) -> str:
    left = len(findings) - decided
    return f"; the other{'s' if left > 1 else ''} cannot be told apart" if left else ""
