"""Is my system affected? The scale to expect of a composition, from compounds that share elements with it.

The scales of judged compounds are taken as one draw of a Gaussian process over compositions: compounds that share elements are alike, and
one that shares none says nothing about the other. So the estimate for a composition leans on its relatives, and its interval widens towards
the spread of all compounds the less of it has been measured.

Measured on the shipped high-energy states with CHGNet 0.3.0, one compound left out at a time and predicted from the other 20: 20 of 21
scales lie in their intervals (half width 0.17 to 0.31), mean absolute error 0.10 against 0.11 for the plain mean of the others. So with
two dozen compounds elements explain little, the interval says so, and a calculation of the system itself says more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.high_energy_summary import HighEnergySummary, Verdict
from guiapp.frames.frame import Floats
from guiapp.physics.kriging import MIN_POINTS, Kriging, krige

_SMALLEST_ERROR = 0.005  # of a scale; one frame gives no interval, and no scale is known better than this
_NAMED = 2  # relatives that a sentence names


@dataclass(frozen=True)
class Evidence:
    """One judged compound."""

    name: str
    composition: Mapping[str, float]
    """Atomic fraction of each element."""
    scale: float
    error: float
    """Standard error of the scale; NaN where it is unknown."""


@dataclass(frozen=True)
class ElementEvidence:
    """How much is known of one element."""

    element: str
    n_compounds: int


@dataclass(frozen=True)
class Expectation:
    """What to expect of a composition."""

    composition: Mapping[str, float]
    scale: float
    low: float
    """Lower end of the interval in which 95 % of such compounds lie."""
    high: float
    elements: tuple[ElementEvidence, ...]
    """Of the composition, most abundant first."""
    relatives: tuple[str, ...]
    """Compounds with the largest weight in the estimate that share an element, first the most important one."""
    n_compounds: int
    """Judged compounds altogether."""
    known_share: float
    """Atomic fraction of the composition whose elements occur in judged compounds."""

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2


def evidence_of(summary: HighEnergySummary) -> tuple[Evidence, ...]:
    """Return the judged compounds of a model with their compositions."""
    frames = {frame.compound: frame for frame in summary.frames}
    found = []
    for compound in summary.compounds:
        if compound.verdict is Verdict.NO_SIGNAL or compound.name not in frames:
            continue
        interval = compound.interval
        error = (interval.high - interval.low) / 4 if interval is not None else math.nan
        found.append(Evidence(compound.name, composition_of(frames[compound.name].symbols), compound.statistics.scale, error))
    return tuple(found)


def composition_of(symbols: Iterable[str]) -> dict[str, float]:
    """Return the atomic fraction of each element."""
    listed = list(symbols)
    return {element: listed.count(element) / len(listed) for element in dict.fromkeys(listed)}


def expect(composition: Mapping[str, float], evidence: Sequence[Evidence]) -> Expectation | None:
    """Return the scale to expect of a composition, or None where too few compounds are judged.

    Args:
        composition: Amount of each element, in any unit.
        evidence: Judged compounds of one model.

    Returns:
        The estimate; one measured compound of the same composition counts most, and still not as the system itself: it may be another
        polymorph.

    Source:
        Ordinary kriging (see ``physics.kriging``) with the intersection of compositions as correlation, sum over elements of
        min(x, x'): 1 for equal compositions, 0 without a common element (Barla et al., Proc. ICIP 3, 513 (2003), show that it is a kernel).
    """
    total = sum(composition.values())
    if len(evidence) < MIN_POINTS or not total > 0:
        return None
    wanted = {element: amount / total for element, amount in composition.items() if amount > 0}
    fitted = _fit(evidence)
    likeness = np.array([_likeness(wanted, one.composition) for one in evidence])
    point = fitted.predict(likeness)
    order = np.argsort(-point.weights * (likeness > 0), kind="stable")
    relatives = [evidence[k].name for k in order.tolist() if likeness[k] > 0][:_NAMED]
    counts = [ElementEvidence(element, sum(element in one.composition for one in evidence)) for element in wanted]
    return Expectation(
        composition=wanted,
        scale=point.value,
        low=point.low,
        high=point.high,
        elements=tuple(counts),
        relatives=tuple(relatives),
        n_compounds=len(evidence),
        known_share=sum(wanted[one.element] for one in counts if one.n_compounds),
    )


def leave_one_out(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Expectation]]:
    """Predict each compound from the others: how far the estimate is to be trusted.

    Args:
        evidence: Judged compounds of one model.

    Returns:
        Each compound with what the others say of it.
    """
    found = []
    for k, one in enumerate(evidence):
        expected = expect(one.composition, [*evidence[:k], *evidence[k + 1 :]])
        if expected is not None:
            found.append((one, expected))
    return found


def expectation_sentence(expected: Expectation, formula: str) -> str:
    """Say what is expected and what it rests on, e.g. ``Li₃PS₄: evidence from Li (4 compounds), S (2), P (none). Expect 0.82 ± 0.09``.

    Args:
        expected: What ``expect`` returned.
        formula: What the window calls the system.
    """
    counted = sorted(expected.elements, key=lambda one: -one.n_compounds)
    first = next((one for one in counted if one.n_compounds), None)
    if first is None:
        what = f"none of its elements is in the {expected.n_compounds} judged compounds"
        mostly = f", which is the spread of all {expected.n_compounds}"
    else:
        names = [
            f"{one.element} ({one.n_compounds or 'none'}{(' compounds' if one.n_compounds != 1 else ' compound') if one is first else ''})"
            for one in counted
        ]
        what = f"evidence from {', '.join(names)}"
        mostly = f", mostly from {' and '.join(expected.relatives)}" if expected.relatives else ""
    return f"{formula}: {what}. Expect {expected.scale:.2f} ± {expected.half_width:.2f}{mostly}."


def _fit(evidence: Sequence[Evidence]) -> Kriging:
    scales = np.array([one.scale for one in evidence])
    errors = np.array([one.error for one in evidence])
    known = errors[np.isfinite(errors)]
    # A compound of too few frames for an interval is as uncertain as the others are typically.
    errors = np.where(np.isfinite(errors), errors, float(np.median(known)) if len(known) else 0.0)
    return krige(scales, np.maximum(errors, _SMALLEST_ERROR), _matrix(evidence))


def _matrix(evidence: Sequence[Evidence]) -> Floats:
    return np.array([[_likeness(one.composition, other.composition) for other in evidence] for one in evidence], dtype=np.float64)


def _likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(min(amount, other.get(element, 0.0)) for element, amount in one.items())
