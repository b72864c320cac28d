"""The solid-solution family: mixing energies of orderings on one parent lattice, hull and miscibility gap.

Source:
    Mixing energies as in Deng et al., npj Comput. Mater. 11, 9 (2025), there per formula unit of two mixing sites, here per one; regular
    solution: Hildebrand, J. Am. Chem. Soc. 51, 66 (1929).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guiapp.benchmarks.dft_state import is_as_made, relaxed_by_dft, with_variants
from guiapp.benchmarks.family import DFT, MODEL, RELAXED, STATIC, Curve, Evaluated, FamilyResult, Series, SystemFailure, by_system
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.pseudo_binary import PseudoBinary, mixing_elements, pseudo_binaries
from guiapp.benchmarks.relaxation_settings import RelaxationSettings
from guiapp.benchmarks.row import Row
from guiapp.frames.frame import Floats, Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.physics.mixing import RegularSolution, above_hull, composition_means, fit_interaction, fit_solution, lower_hull

FAMILY = "solid-solution"
_LEAST_ORDERINGS = 3


class SolidSolutionFamily:
    """Energies of orderings; static on the DFT cells, or with positions (where the set says so, cells) relaxed."""

    name = FAMILY
    modes: tuple[str, ...] = (STATIC, RELAXED)

    def plan(self, frames: Sequence[Frame]) -> tuple[Frame, ...]:
        """Return the frames of every pseudo-binary."""
        return tuple(with_variants(pseudo_binaries(frames)))

    def relaxation(self, frame: Frame) -> RelaxationSettings | None:
        """Relax what DFT relaxed: cells of a user's own orderings, else positions in the fixed cell."""
        return None if is_as_made(frame) else RelaxationSettings(variable_cell=frame.info.get("relax") == "cell")

    def reduce(self, evaluated: Sequence[Evaluated], *, model: str, mode: str) -> FamilyResult:
        """Return mixing energies against the end members, energies of the orderings within each composition, and the interaction."""
        rows: list[Row] = []
        curves: list[Curve] = []
        failures: list[SystemFailure] = []
        notes: list[str] = []
        for system, everything in by_system(evaluated).items():
            group = [one for one in everything if not is_as_made(one.frame)]
            if mode == RELAXED:
                failures += [_failed(system, one) for one in group if _why_not(one)]
                group = [one for one in group if not _why_not(one)]
            binary = mixing_elements([one.frame for one in group])
            if binary is None or len(group) < _LEAST_ORDERINGS:
                failures.append(SystemFailure(system, "Too few compositions of this solid solution have been predicted."))
                continue
            points = _points(group, binary)
            for quantity, name, mine, theirs, count in _values(system, points):
                rows.append(judged_row(FAMILY, name, quantity, model=model, mode=mode, predicted=mine, reference=theirs, count=count))
            curves.append(_curve(system, binary, points))
            notes += _notes(system, binary, points)
            if points.mixing is None:
                failures.append(
                    SystemFailure(
                        system,
                        f"There is no pure {' or '.join(_lacking(points, binary))} end, so there are no mixing energies.",
                        "Energies of orderings of one composition and the interaction are compared all the same; add the end members.",
                    )
                )
        return FamilyResult(self.name, model, mode, tuple(rows), tuple(curves), tuple(failures), notes=tuple(notes))

    def built_in_sets(self) -> tuple[ReferenceSet, ...]:
        """Return none: the set is shipped as a folder."""
        return ()


@dataclass(frozen=True, eq=False)
class _Points:
    """The orderings of one pseudo-binary; every array (n,), energies in eV a mixing site."""

    names: tuple[str, ...]
    x: Floats
    model: Floats
    dft: Floats
    mixing: tuple[Floats, Floats] | None
    """Against the end members of equal cell size, model and DFT; None where an end member is missing."""
    hashes: tuple[str, ...] = ()
    """Content hashes of the frames."""


def _points(group: Sequence[Evaluated], binary: PseudoBinary) -> _Points:
    frames = [one.frame for one in group]
    sites = np.array([binary.sites(frame) for frame in frames], dtype=np.float64)
    x = np.array([binary.fraction(frame) for frame in frames])
    model = np.array([one.prediction.energy for one in group]) / sites
    dft = np.array([np.nan if frame.energy is None else frame.energy for frame in frames]) / sites
    sizes = [str(frame.info.get("cell_atoms", "")) for frame in frames]
    names = tuple(str(frame.info.get("frame", "") or frame.name or number) for number, frame in enumerate(frames))
    mixed = _against_ends(x, model, sizes, dft), _against_ends(x, dft, sizes, dft)
    both = None if mixed[0] is None or mixed[1] is None else (mixed[0], mixed[1])
    return _Points(names, x, model, dft, both, tuple(frame.content_hash for frame in frames))


def _against_ends(x: Floats, energies: Floats, sizes: Sequence[str], dft: Floats) -> Floats | None:
    """Return energies minus those of the end members; ends of the same cell size first, because they share the k-mesh."""
    ends: dict[tuple[float, str], int] = {}
    for index in np.lexsort((dft,))[::-1]:  # the lowest comes last and stays
        if x[index] in {0.0, 1.0}:
            ends[float(x[index]), sizes[index]] = int(index)
            ends[float(x[index]), "any"] = int(index)
    if not {(0.0, "any"), (1.0, "any")} <= set(ends):
        return None
    start = np.array([energies[_end(ends, 0.0, size)] for size in sizes])
    stop = np.array([energies[_end(ends, 1.0, size)] for size in sizes])
    mixing: Floats = energies - (1 - x) * start - x * stop
    return mixing


def _end(ends: Mapping[tuple[float, str], int], x: float, size: str) -> int:
    return ends[x, size] if (0.0, size) in ends and (1.0, size) in ends else ends[x, "any"]


def _values(system: str, points: _Points) -> list[tuple[str, str, float, float, int]]:
    """Return (quantity, name, predicted, reference, count) of everything that the family compares."""
    values: list[tuple[str, str, float, float, int]] = []
    inside = (points.x > 0) & (points.x < 1)
    if points.mixing is not None:
        mine, theirs = points.mixing
        values += [
            ("mixing energy", _titled(system, points, i), float(mine[i]), float(theirs[i]), 3)  # itself and two ends
            for i in np.flatnonzero(inside).tolist()
        ]
        if np.isfinite(mine).all() and np.isfinite(theirs).all():
            ours_above, dft_above = above_hull(points.x, mine), above_hull(points.x, theirs)
            values += [
                ("energy above hull", _titled(system, points, i), float(ours_above[i]), float(dft_above[i]), len(points.x))
                for i in np.flatnonzero(inside).tolist()
            ]
    for fraction in np.unique(points.x[inside].round(6)):
        same = np.flatnonzero(np.abs(points.x - fraction) < 1e-5)
        if len(same) < 2:
            continue
        mine, theirs = points.model[same], points.dft[same]
        values += [
            ("ordering energy", _titled(system, points, i), float(a), float(b), len(same))
            for i, a, b in zip(same.tolist(), mine - mine.mean(), theirs - theirs.mean(), strict=True)
        ]
        values.append(("spread", f"{system} x = {fraction:.3f}", float(np.ptp(mine)), float(np.ptp(theirs)), len(same)))
    mine_fit, dft_fit = _fit(points, 0), _fit(points, 1)
    if mine_fit is not None:
        n = len(points.x)
        values.append(("interaction", system, mine_fit.interaction, np.nan if dft_fit is None else dft_fit.interaction, n))
        if (mine_fit if dft_fit is None else dft_fit).gap_temperature > 0:
            values.append(("miscibility gap", system, mine_fit.gap_temperature, np.nan if dft_fit is None else dft_fit.gap_temperature, n))
    return values


def _fit(points: _Points, side: int) -> RegularSolution | None:
    """Fit the model's energies (side 0) or DFT's (side 1)."""
    energies = points.dft if side else points.model
    if not np.isfinite(energies).all():
        return None
    return fit_solution(points.x, energies) if points.mixing is None else fit_interaction(points.x, points.mixing[side])


def _notes(system: str, binary: PseudoBinary, points: _Points) -> list[str]:
    """Say what the energies mean: the miscibility gap and its shift, what is stable, and how far orderings of one composition spread."""
    notes = []
    mine, theirs = _fit(points, 0), _fit(points, 1)
    if mine is not None and theirs is None and mine.gap_temperature > 0:
        notes.append(f"{system}: the miscibility gap closes at {mine.gap_temperature:.0f} K by the model (regular solution, no vibrations)")
    elif mine is not None and theirs is not None:
        if theirs.gap_temperature > 0:
            ours, dft = mine.gap_temperature, theirs.gap_temperature
            shift = ours - dft
            notes.append(
                f"{system}: the miscibility gap closes at {ours:.0f} K by the model and at {dft:.0f} K by DFT ({shift:+.0f} K, "
                f"{100 * shift / dft:+.0f} %; regular solution, no vibrations)"
            )
        elif mine.gap_temperature > 0:
            notes.append(f"{system}: the model separates below {mine.gap_temperature:.0f} K; DFT mixes at every temperature")
    for number, side in ((1, "DFT"), (0, "the model")):
        if points.mixing is not None and np.isfinite(points.mixing[number]).all():
            stable = points.x[lower_hull(points.x, points.mixing[number])]
            notes.append(f"{system}: on the hull of {side}: x({binary.guest}) = {', '.join(f'{x:.3g}' for x in stable)}")
    spreads = []
    for fraction in np.unique(points.x.round(6)):
        same = np.abs(points.x - fraction) < 1e-5
        if 0 < fraction < 1 and same.sum() > 1:
            sides = [1000 * float(np.ptp(energies[same])) for energies in (points.model, points.dft)]
            known = [f"{value:.0f}" if np.isfinite(value) else "-" for value in sides]
            spreads.append(f"x = {fraction:.3g}: {known[0]} ({known[1]})")
    if spreads:
        notes.append(f"{system}: spread of orderings by the model (DFT), meV/site: {'; '.join(spreads)}")
    return notes


def _titled(system: str, points: _Points, index: int) -> str:
    return f"{system} x = {points.x[index]:.3f}: {points.names[index]}"


def _curve(system: str, binary: PseudoBinary, points: _Points) -> Curve:
    """Return mixing energies with their lower hulls; without end members, energies against the line through the outermost compositions."""
    series: list[Series] = []
    for number, label in ((1, DFT), (0, MODEL)):
        y = points.mixing[number] if points.mixing is not None else _against_outermost(points.x, points.dft if number else points.model)
        if not np.isfinite(y).all():
            continue
        hull = lower_hull(points.x, y)
        series += [
            Series(label, points.x, 1000 * y, points=True, frames=points.hashes),
            Series(label, points.x[hull], 1000 * y[hull]),
        ]
    return Curve(
        "mixing",
        system,
        f"{system}: mixing energy",
        f"fraction of {binary.guest}",
        f"E_mix (meV per {binary.host} or {binary.guest} site)",
        tuple(series),
    )


def _against_outermost(x: Floats, energies: Floats) -> Floats:
    compositions, _ = composition_means(x, energies)
    low, high = compositions[0], compositions[-1]
    first, last = (float(energies[np.abs(x - end) < 1e-5].min()) for end in (low, high))
    line: Floats = energies - first - (last - first) * (x - low) / max(high - low, 1e-12)
    return line


def _lacking(points: _Points, binary: PseudoBinary) -> list[str]:
    return [name for name, end in ((binary.host, 0.0), (binary.guest, 1.0)) if not (points.x == end).any()]


def _why_not(one: Evaluated) -> str:
    if not one.converged:
        return f"The relaxation did not converge in {one.steps} steps."
    if one.frame.energy is not None and not relaxed_by_dft(one.frame) and one.frame.info.get("relax") == "positions":
        return "DFT has this ordering only as made."
    return ""


def _failed(system: str, one: Evaluated) -> SystemFailure:
    return SystemFailure(
        f"{system} {one.frame.info.get('frame', one.frame.name)}", _why_not(one), "Use the static mode, or look at its trace."
    )
