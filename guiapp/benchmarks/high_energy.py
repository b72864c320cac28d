"""The high-energy family: softening scales of force components on configurations away from equilibrium.

Source:
    Deng et al., npj Comput. Mater. 11, 9 (2025), their benchmark of high-energy states.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from ase.data import chemical_symbols

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.force_table import ForceTable
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy_sentence import sentence
from guiapp.benchmarks.high_energy_summary import (
    FAMILY,
    CompoundResult,
    FrameResult,
    GroupResult,
    HighEnergySummary,
    ScaleEstimate,
    Verdict,
    judge_scale,
)
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats, Frame, Integers
from guiapp.physics.binned_slopes import (
    FORCE_EDGES,
    STRAIN_CLASSES,
    force_bins,
    slopes_by_element,
    slopes_by_force,
    slopes_by_strain,
    strain_classes,
)
from guiapp.physics.bootstrap import (
    MIN_UNITS,
    Interval,
    bootstrap_mean,
    bootstrap_median,
    bootstrap_pooled_slope,
    bootstrap_slopes_by_compound,
    mean_of_independent,
)
from guiapp.physics.energy_slope import EnergySlope, energy_slopes
from guiapp.physics.force_statistics import ForceSums, GroupedForceStatistics, force_sums, grouped_force_statistics
from guiapp.physics.signal_gate import MIN_RMS_FORCE

__all__ = [
    "FAMILY",
    "CompoundResult",
    "FrameResult",
    "GroupResult",
    "HighEnergySummary",
    "ScaleEstimate",
    "Verdict",
    "judge_scale",
    "rows",
    "sentence",
    "summarise_high_energy",
]


@dataclass(frozen=True, eq=False)
class _Atoms:
    """The admitted components, one atom a row, and what each atom belongs to."""

    dft: Floats
    """(n_atoms, 3) eV/Å, stored axis by axis."""
    model: Floats
    """(n_atoms, 3) eV/Å, stored axis by axis."""
    frame: Integers
    """(n_atoms,) index into the admitted frames."""
    compound: Integers
    """(n_atoms,) index into the compounds of the admitted frames."""
    number: Integers
    """(n_atoms,) atomic number."""
    sums: ForceSums
    frame_index: Integers
    """(n_frames,) place of each admitted frame in the table."""
    atoms_in_frame: Integers
    """(n_frames,) number of atoms."""
    compound_of_frame: Integers
    """(n_frames,) index into the compounds."""
    compound_names: tuple[str, ...]


def summarise_high_energy(table: ForceTable, frame_filter: FrameFilter | None = None, *, intervals: bool = True) -> HighEnergySummary:
    """Reduce the force components of one model to everything that is shown about it.

    Args:
        table: DFT and model force components, still growing or complete.
        frame_filter: Which frames take part; the default filter where not given.
        intervals: Whether to compute confidence intervals; without them a live plot gets its numbers in a fraction of the time.

    Returns:
        The summary; of an empty table too (its numbers are NaN).
    """
    chosen = FrameFilter() if frame_filter is None else frame_filter
    atoms, not_finite = _admitted_atoms(table, chosen)
    names = atoms.compound_names
    frames = tuple(table.frames[index] for index in atoms.frame_index.tolist())
    # Compounds and the whole are made of whole frames, so their sums come from the frames' and not from every atom again.
    frame_sums = atoms.sums.grouped(atoms.frame, len(frames))
    per_frame = _statistics(atoms, atoms.frame, frame_sums)
    per_compound = _statistics(atoms, atoms.compound, frame_sums.grouped(atoms.compound_of_frame, len(names)))
    whole = _statistics(atoms, np.zeros_like(atoms.frame), frame_sums.grouped(np.zeros_like(atoms.compound_of_frame), 1)).at(0)
    strain = np.array([_strain(frame) for frame in frames], dtype=np.float64)
    compound_intervals: list[Interval | None] = [None] * len(names)
    if intervals:
        compound_intervals = _compound_intervals(per_frame, atoms.compound_of_frame, len(names))
    pooled, mean, median = _scales(whole.scale, per_frame, per_compound, compound_intervals, intervals=intervals)
    judged = per_compound.enough
    judged = per_compound.enough
    return HighEnergySummary(
        model=table.model,
        filter_text=chosen.describe(),
        n_compounds=len(names),
        n_frames=len(frames),
        n_components=3 * len(atoms.dft),
        pooled=pooled,
        mean=mean,
        median=median,
        n_judged=int(judged.sum()),
        n_below=int((per_compound.scale[judged] < 1).sum()),
        statistics=whole,
        compounds=_compound_results(frames, atoms, per_compound, compound_intervals, _energies(table, frames, atoms)),
        by_element=_by_element(atoms, len(names)),
        by_force=_by_force(atoms, len(names)),
        by_strain=_by_strain(atoms, strain, len(names)),
        frames=frames,
        frame_index=atoms.frame_index,
        frame_statistics=per_frame,
        not_finite=not_finite,
    )


def rows(summary: HighEnergySummary, *, mode: str = "static") -> list[Row]:
    """Return the comparable numbers: the scale over all compounds in three ways, then each compound's.

    Args:
        summary: What ``summarise_high_energy`` returned.
        mode: ``static`` or ``relaxed``.

    Returns:
        Rows with reference 1; a scale without enough signal is a row too, with that verdict.
    """
    description = describe_family(FAMILY)

    def row(system: str, quantity: str, estimate: ScaleEstimate, count: int, verdict: Verdict) -> Row:
        interval = estimate.interval
        return Row(
            family=FAMILY,
            system=system,
            model=summary.model,
            mode=mode,
            quantity=quantity,
            predicted=estimate.value,
            reference=description.reference,
            unit=description.unit,
            count=count,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            verdict=verdict.value,
        )

    overall = [
        row("all compounds", f"{kind} {description.quantity}", estimate, count, judge_scale(estimate.value, enough=enough))
        for kind, estimate, count, enough in (
            ("pooled", summary.pooled, summary.n_frames, summary.statistics.signal.enough),
            ("mean", summary.mean, summary.n_judged, summary.n_judged > 0),
            ("median", summary.median, summary.n_judged, summary.n_judged > 0),
        )
    ]
    return overall + [
        row(c.name, description.quantity, ScaleEstimate(c.statistics.scale, c.interval), c.n_frames, c.verdict) for c in summary.compounds
    ]


def _admitted_atoms(table: ForceTable, chosen: FrameFilter) -> tuple[_Atoms, tuple[Frame, ...]]:
    components = table.components(chosen)
    dft, model = (np.ascontiguousarray(side.reshape(-1, 3).T) for side in (components.dft, components.model))
    frame, compound, number = components.frame[::3], components.compound[::3], components.number[::3]
    sums = force_sums(dft, model)
    finite = np.isfinite(sums.xx + sums.yy)
    not_finite: tuple[Frame, ...] = ()
    if not finite.all():
        bad = np.unique(frame[~finite])
        not_finite = tuple(table.frames[index] for index in bad.tolist())
        keep = ~np.isin(frame, bad)
        dft, model, frame, compound, number = dft[:, keep], model[:, keep], frame[keep], compound[keep], number[keep]
        sums = force_sums(dft, model)
    frame_index, frame = _renumbered(frame, len(table.frames))
    compound_index, compound = _renumbered(compound, len(table.compounds))
    compound_of_frame = np.zeros(len(frame_index), dtype=np.int64)
    compound_of_frame[frame] = compound
    atoms = _Atoms(
        dft=dft.T,
        model=model.T,
        frame=frame,
        compound=compound,
        number=number,
        sums=sums,
        frame_index=frame_index,
        atoms_in_frame=np.bincount(frame, minlength=len(frame_index)),
        compound_of_frame=compound_of_frame,
        compound_names=tuple(table.compounds[index] for index in compound_index.tolist()),
    )
    return atoms, not_finite


def _renumbered(index: Integers, size: int) -> tuple[Integers, Integers]:
    """Return which of ``size`` indices occur, in rising order, and each entry's place among them."""
    occurring = np.flatnonzero(np.bincount(index, minlength=size))
    place = np.zeros(size, dtype=np.int64)
    place[occurring] = np.arange(len(occurring))
    return occurring, place[index]


def _statistics(atoms: _Atoms, group: Integers, totals: ForceSums) -> GroupedForceStatistics:
    return grouped_force_statistics(atoms.dft.T, atoms.model.T, group, totals)


def _strain(frame: Frame) -> float:
    strain = frame.info.get("strain")
    return float(strain) if isinstance(strain, (int, float)) else math.nan


def _compound_intervals(per_frame: GroupedForceStatistics, compound_of_frame: Integers, n_compounds: int) -> list[Interval | None]:
    # Chosen by the DFT forces alone, since a choice by the model's errors would bias the interval.
    informative = per_frame.rms_force >= MIN_RMS_FORCE
    sums = per_frame.sums
    return bootstrap_slopes_by_compound(sums.xy[informative], sums.xx[informative], compound_of_frame[informative], n_compounds)


def _scales(
    pooled: float,
    per_frame: GroupedForceStatistics,
    per_compound: GroupedForceStatistics,
    compound_intervals: list[Interval | None],
    *,
    intervals: bool,
) -> tuple[ScaleEstimate, ScaleEstimate, ScaleEstimate]:
    """Return the pooled, mean and median scale."""
    judged = per_compound.scale[per_compound.enough]
    mean, median = (float(judged.mean()), float(np.median(judged))) if len(judged) else (math.nan, math.nan)
    if not intervals:
        return ScaleEstimate(pooled, None), ScaleEstimate(mean, None), ScaleEstimate(median, None)
    if len(judged) >= MIN_UNITS:
        units, level = per_compound, "compounds"
        of_mean, of_median = bootstrap_mean(judged), bootstrap_median(judged)
    else:
        units, level = per_frame, "frames"
        own = [compound_intervals[index] for index in np.flatnonzero(per_compound.enough).tolist()]
        # The median of one or two values is their mean.
        of_mean = of_median = mean_of_independent(judged, own)
    informative = units.rms_force >= MIN_RMS_FORCE
    of_pooled = bootstrap_pooled_slope(units.sums.xy[informative], units.sums.xx[informative], level=level)
    return ScaleEstimate(pooled, of_pooled), ScaleEstimate(mean, of_mean), ScaleEstimate(median, of_median)


def _energies(table: ForceTable, frames: tuple[Frame, ...], atoms: _Atoms) -> list[EnergySlope]:
    formulas: dict[str, int] = {}
    composition = np.array([formulas.setdefault(frame.formula, len(formulas)) for frame in frames], dtype=np.int64)
    dft = np.array([math.nan if frame.energy is None else frame.energy for frame in frames], dtype=np.float64)
    model = np.array([table.predictions[index].energy for index in atoms.frame_index.tolist()], dtype=np.float64)
    count = atoms.atoms_in_frame
    return energy_slopes(dft / count, model / count, atoms.compound_of_frame, len(atoms.compound_names), composition)


def _compound_results(
    frames: tuple[Frame, ...],
    atoms: _Atoms,
    per_compound: GroupedForceStatistics,
    compound_intervals: list[Interval | None],
    energies: list[EnergySlope],
) -> tuple[CompoundResult, ...]:
    n_compounds = len(atoms.compound_names)
    n_frames = np.bincount(atoms.compound_of_frame, minlength=n_compounds).tolist()
    n_atoms = np.zeros(n_compounds, dtype=np.int64)
    np.maximum.at(n_atoms, atoms.compound_of_frame, atoms.atoms_in_frame)
    _, first_frame = np.unique(atoms.compound_of_frame, return_index=True)
    results = []
    for index, (name, first) in enumerate(zip(atoms.compound_names, first_frame.tolist(), strict=True)):
        statistics = per_compound.at(index)
        enough = statistics.signal.enough
        results.append(
            CompoundResult(
                name=name,
                formula=frames[first].formula,
                n_frames=n_frames[index],
                n_atoms=int(n_atoms[index]),
                statistics=statistics,
                interval=compound_intervals[index] if enough else None,
                verdict=judge_scale(statistics.scale, enough=enough),
                energy=energies[index],
            )
        )
    return tuple(results)


def _compounds_in(group: Integers, n_groups: int, atoms: _Atoms, n_compounds: int) -> list[int]:
    """Return how many compounds have atoms in each group."""
    present = np.bincount(group * n_compounds + atoms.compound, minlength=n_groups * n_compounds).reshape(n_groups, n_compounds)
    counts: list[int] = (present > 0).sum(axis=1).tolist()
    return counts


def _by_element(atoms: _Atoms, n_compounds: int) -> tuple[GroupResult, ...]:
    groups = slopes_by_element(atoms.dft, atoms.model, atoms.number, sums=atoms.sums)
    counts = _compounds_in(atoms.number, int(atoms.number.max(initial=0)) + 1, atoms, n_compounds)
    return tuple(
        GroupResult(chemical_symbols[z] if z < len(chemical_symbols) else "X", statistics, counts[z]) for z, statistics in groups.items()
    )


def _by_force(atoms: _Atoms, n_compounds: int) -> tuple[GroupResult, ...]:
    bins = slopes_by_force(atoms.dft, atoms.model, sums=atoms.sums)
    counts = _compounds_in(force_bins(atoms.sums.xx), len(FORCE_EDGES) + 1, atoms, n_compounds)
    return tuple(GroupResult(_force_label(b.low, b.high), b.statistics, counts[FORCE_EDGES.index(b.low) + 1], b.low, b.high) for b in bins)


def _force_label(low: float, high: float) -> str:
    return f"{low:g} to {high:g} eV/Å" if math.isfinite(high) else f"from {low:g} eV/Å"


def _by_strain(atoms: _Atoms, strain: Floats, n_compounds: int) -> tuple[GroupResult, ...]:
    groups = slopes_by_strain(atoms.dft, atoms.model, strain[atoms.frame], sums=atoms.sums)
    counts = _compounds_in(strain_classes(strain)[atoms.frame], len(STRAIN_CLASSES), atoms, n_compounds)
    return tuple(GroupResult(label, statistics, counts[STRAIN_CLASSES.index(label)]) for label, statistics in groups.items())
