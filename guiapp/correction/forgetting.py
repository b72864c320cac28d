"""What a correction does to families that it was not fitted on: equations of state, phonons, surfaces and the others, before and after."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import STATIC, Evaluated, Family, system_of
from guiapp.benchmarks.family_summary import FamilySummary, summarise
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.registry import families, family
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.frames.shipped import open_shipped, shipped_sets
from guiapp.physics.bootstrap import MIN_UNITS
from guiapp.potentials.potential import Prediction

Predict = Callable[[Sequence[Frame]], list[Prediction]]
_HARM = 1.05
"""Ratio of the mean absolute error from which a family got worse."""
_LARGEST_SYSTEM = 400
"""Atoms of all frames of one system; larger ones would take longer than the correction."""


@dataclass(frozen=True)
class FamilyChange:
    """The judging quantity of one family, before and after."""

    family: str
    title: str
    quantity: str
    unit: str
    n_systems: int
    deviation_before: float
    """Mean signed relative deviation from DFT, negative is soft; NaN where it means nothing."""
    deviation_after: float
    mae_before: float
    """Mean absolute error, in the unit."""
    mae_after: float

    @property
    def mae_ratio(self) -> float:
        """MAE after divided by before."""
        return self.mae_after / self.mae_before if self.mae_before > 0 else float("nan")

    @property
    def worse(self) -> bool:
        """Whether the family got worse by more than 5 %, on enough systems to say so."""
        return self.n_systems >= MIN_UNITS and self.mae_ratio > _HARM

    def sentence(self) -> str:
        """Return e.g. ``bulk modulus (8 systems): error 9.82 to 12.1 GPa``."""
        systems = f"{self.n_systems} system{'s' if self.n_systems != 1 else ''}"
        return f"{self.quantity} ({systems}): error {self.mae_before:.3g} to {self.mae_after:.3g} {self.unit}".rstrip()


def untouched_systems(target: Sequence[Frame]) -> dict[str, tuple[Frame, ...]]:
    """Return the shipped frames of every family but the high-energy states, without the target's own chemistry.

    Args:
        target: Frames of the chemistry that is corrected.

    Returns:
        Planned frames by family; only complete systems of other sets of elements.
    """
    own = {frame.elements for frame in target}
    shipped = {one.name for one in shipped_sets()}
    found: dict[str, tuple[Frame, ...]] = {}
    for one in families():
        if one.name == HIGH_ENERGY or one.name not in shipped:
            continue
        planned = one.plan(open_shipped(one.name).frames)
        sizes: dict[str, int] = {}
        for frame in planned:
            sizes[system_of(frame)] = sizes.get(system_of(frame), 0) + frame.n_atoms
        touched = {system_of(frame) for frame in planned if frame.elements in own}
        kept = tuple(f for f in planned if system_of(f) not in touched and sizes[system_of(f)] <= _LARGEST_SYSTEM)
        if kept:
            found[one.name] = kept
    return found


def family_changes(
    systems: Mapping[str, Sequence[Frame]], before: Predict, after: Predict, *, tell: Callable[[str], None] = lambda _title: None
) -> tuple[FamilyChange, ...]:
    """Compare both models on families, on the DFT geometries.

    Args:
        systems: What ``untouched_systems`` returned.
        before: Predicts with the uncorrected model.
        after: Predicts with the corrected model.
        tell: Told the title of each family before it is computed.

    Returns:
        One change a family that has systems to judge; a system that a model cannot take is left out on both sides.
    """
    changes = []
    for name, frames in systems.items():
        tell(describe_family(name).title)
        old, new = _predicted(frames, before, after)
        first, second = (_summary(family(name), evaluated) for evaluated in (old, new))
        if first is None or second is None or not math.isfinite(first.mae):
            continue
        changes.append(
            FamilyChange(
                name,
                describe_family(name).title,
                first.quantity.name,
                first.quantity.unit,
                first.n_systems,
                first.deviation.value,
                second.deviation.value,
                first.mae,
                second.mae,
            )
        )
    return tuple(changes)


def _predicted(frames: Sequence[Frame], before: Predict, after: Predict) -> tuple[list[Evaluated], list[Evaluated]]:
    groups: dict[str, list[Frame]] = {}
    for frame in frames:
        groups.setdefault(system_of(frame), []).append(frame)
    old, new = [], []
    for group in groups.values():
        try:
            told = before(group), after(group)
        except UserFacingError:  # an element or a geometry that the model does not know says nothing about the correction
            continue
        old += [Evaluated(frame, prediction) for frame, prediction in zip(group, told[0], strict=True)]
        new += [Evaluated(frame, prediction) for frame, prediction in zip(group, told[1], strict=True)]
    return old, new


def _summary(one: Family, evaluated: Sequence[Evaluated]) -> FamilySummary | None:
    rows = one.reduce(evaluated, model="model", mode=STATIC).rows
    quantity = next(iter(describe_family(one.name).quantities))
    mine = [row for row in rows if row.quantity == quantity]
    return summarise(mine) if mine else None
