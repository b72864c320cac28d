"""Why the energies of a set and those of a model have different zeros, and how to align them.

Forces need none of this. Energies of two codes, pseudopotentials or correction schemes differ by constants that depend on the composition
only; until those are taken off, an energy must be neither compared nor trained on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from guiapp.errors import UserFacingError
from guiapp.frames.energy_units import EV, EnergyUnit, recognise_unit
from guiapp.frames.frame import Floats, Frame, Integers
from guiapp.frames.mp2020 import HUBBARD, anion_correction, hubbard_correction
from guiapp.frames.reference_energies import OffsetFit, fit_offsets, robust_spread

Alignment = Literal["none", "composition", "element"]
SAME_ZERO = 0.03
"""eV/atom below which two zeros count as the same; a good model's own error is of that size."""
FITS = 0.05
"""eV/atom that constants for the elements may leave where they are used for alignment."""
_EXPLAINS = 0.4  # of the spread may remain where a known scheme counts as found
_NO_WORSE = 2.5  # times what fitted constants leave may remain, else constants are the better explanation
_FEWEST = 3  # compositions that show a scheme
_PER_UNKNOWN = 1.5  # compositions for each constant, below which constants fit anything
_SOME = 0.2  # eV; an offset worth a word


@dataclass(frozen=True)
class ElementOffset:
    """How much higher the set's energy is for each atom of one element."""

    symbol: str
    offset: float
    """eV per atom; NaN where the compositions do not tell the element from others."""
    error: float
    """Standard error, eV; NaN where there are too few compositions."""
    n_compositions: int
    """In how many compositions the element takes part."""


@dataclass(frozen=True)
class Suspicion:
    """What may be behind a difference."""

    kind: str
    """``unit``, ``mp2020``, ``hubbard``, ``formation``, ``constants`` or ``functional``."""
    words: str
    """What it looks like, in plain words, with the numbers that say so."""
    advice: str


@dataclass(frozen=True)
class EnergyDiagnosis:
    """What the comparison of a set's energies with a model's found."""

    n_frames: int
    n_compositions: int
    unit: EnergyUnit
    """In which the set's energies make sense; all other numbers are after conversion to eV."""
    median_difference: float
    """Median of E_DFT - E_model over compositions, eV/atom."""
    spread_before: float
    """Robust size of the difference (1.4826 times the median absolute value over compositions), eV/atom."""
    spread_after: float
    """The same after one constant for each element, eV/atom."""
    constants_tested: bool
    """Whether there are enough compositions for ``spread_after`` to mean something."""
    offsets: tuple[ElementOffset, ...]
    """Largest first; undetermined ones last."""
    suspicions: tuple[Suspicion, ...]
    alignment: Alignment
    """What energies should use from here on."""
    reason: str
    """Why this alignment, in one sentence."""

    @property
    def headline(self) -> str:
        """The finding in one sentence."""
        if self.unit != EV:
            return f"The energies of the set are in {self.unit.title}, not in eV."
        if self.alignment == "none":
            return "The energies of set and model have the same zero."
        direction = "higher" if self.median_difference > 0 else "lower"
        return f"The energies of the set lie {abs(self.median_difference):.2f} eV/atom {direction} than the model's in the median."


def diagnose_energies(frames: Sequence[Frame], model_energies: Sequence[float]) -> EnergyDiagnosis:
    """Compare the energies of a set with those of a model on the same frames.

    Args:
        frames: Frames; those without an energy are left out.
        model_energies: Total energy of each by the model, eV.

    Returns:
        Offsets for the elements with their uncertainty, what they suggest, and how to align.

    Raises:
        UserFacingError: Where no frame has an energy from both.
    """
    table = _Table.of(frames, model_energies)
    unit = recognise_unit(table.energies, table.model, table.n_atoms, table.group)
    difference = table.by_composition((unit.total(table.energies, table.n_atoms) - table.model) / table.n_atoms)
    fit = fit_offsets(table.counts, difference * table.sizes)
    before, median = robust_spread(difference), float(np.median(difference))
    offsets = _offsets(table, fit)
    alignment, reason = _alignment(table, fit, before)
    return EnergyDiagnosis(
        n_frames=len(table.energies),
        n_compositions=len(table.counts),
        unit=unit,
        median_difference=median,
        spread_before=before,
        spread_after=fit.spread,
        constants_tested=_can_test(table, fit),
        offsets=offsets,
        suspicions=tuple(_suspicions(table, unit, difference, fit, offsets)),
        alignment=alignment,
        reason=reason,
    )


def align_energies(
    frames: Sequence[Frame], model_energies: Sequence[float | None], how: Alignment, unit: EnergyUnit = EV
) -> tuple[Frame, ...]:
    """Return the frames with energies on the model's zero.

    Args:
        frames: Any frames.
        model_energies: Total energy of each by the model, eV; None where it is not known.
        how: ``composition`` takes the median difference per atom off each composition, ``element`` one fitted constant for each element,
            ``none`` only converts the unit.
        unit: In which the frames' energies are.

    Returns:
        The frames in the same order. Where nothing is known about a composition the energy is dropped, because an energy that is not
        aligned must not be used; forces and stress never change.

    Raises:
        UserFacingError: Where no frame has an energy from both.
    """
    if how == "none":
        return tuple(_with_energy(frame, unit, 0.0, "") for frame in frames)
    known = [(frame, energy) for frame, energy in zip(frames, model_energies, strict=True) if energy is not None]
    table = _Table.of([frame for frame, _ in known], [energy for _, energy in known])
    difference = table.by_composition((unit.total(table.energies, table.n_atoms) - table.model) / table.n_atoms)
    if how == "composition":
        shifts = dict(zip(table.keys, difference.tolist(), strict=True))
        return tuple(_with_energy(frame, unit, shifts.get(_composition(frame)), "per composition") for frame in frames)
    fit = fit_offsets(table.counts, difference * table.sizes)
    constants = dict(zip(table.elements, fit.solution.tolist(), strict=True))
    return tuple(_with_energy(frame, unit, _shift_by_elements(frame, constants), "per element") for frame in frames)


@dataclass(frozen=True)
class _Table:
    """Frames with both energies, and their compositions."""

    energies: Floats
    model: Floats
    n_atoms: Integers
    group: Integers
    """Row of the composition of each frame."""
    keys: tuple[tuple[tuple[str, int], ...], ...]
    counts: Floats
    """(n_compositions, n_elements) of the reduced formula."""
    elements: tuple[str, ...]

    @property
    def sizes(self) -> Floats:
        return np.asarray(self.counts.sum(axis=1), dtype=np.float64)

    @classmethod
    def of(cls, frames: Sequence[Frame], model_energies: Sequence[float]) -> _Table:
        both = [
            (frame, frame.energy, energy)
            for frame, energy in zip(frames, model_energies, strict=True)
            if frame.energy is not None and frame.n_atoms and np.isfinite(frame.energy) and np.isfinite(energy)
        ]
        if not both:
            raise UserFacingError(
                "No frame has an energy from both DFT and the model, so there is nothing to compare.",
                advice="Give a set with energies, and run the model on it.",
            )
        keys = tuple(dict.fromkeys(_composition(frame) for frame, _, _ in both))
        rows = {key: row for row, key in enumerate(keys)}
        elements = tuple(sorted({symbol for key in keys for symbol, _ in key}))
        counts = np.zeros((len(keys), len(elements)))
        for row, key in enumerate(keys):
            for symbol, count in key:
                counts[row, elements.index(symbol)] = count
        return cls(
            energies=np.array([energy for _, energy, _ in both]),
            model=np.array([energy for _, _, energy in both]),
            n_atoms=np.array([frame.n_atoms for frame, _, _ in both]),
            group=np.array([rows[_composition(frame)] for frame, _, _ in both]),
            keys=keys,
            counts=counts,
            elements=elements,
        )

    def by_composition(self, values: Floats) -> Floats:
        """Return the median over the frames of each composition."""
        return np.array([np.median(values[self.group == row]) for row in range(len(self.keys))])


def _composition(frame: Frame) -> tuple[tuple[str, int], ...]:
    counts = Counter(frame.symbols)
    common = int(np.gcd.reduce(list(counts.values()))) if counts else 1
    return tuple(sorted((symbol, count // common) for symbol, count in counts.items()))


def _offsets(table: _Table, fit: OffsetFit) -> tuple[ElementOffset, ...]:
    found = [
        ElementOffset(symbol, float(offset), float(error), int((table.counts[:, column] > 0).sum()))
        for column, (symbol, offset, error) in enumerate(zip(table.elements, fit.offsets, fit.errors, strict=True))
    ]
    return tuple(sorted(found, key=lambda one: (np.isnan(one.offset), -abs(np.nan_to_num(one.offset)), one.symbol)))


def _alignment(table: _Table, fit: OffsetFit, before: float) -> tuple[Alignment, str]:
    if before < SAME_ZERO:
        return "none", f"The typical difference, {before:.3f} eV/atom, is no larger than a good model's own error."
    if not _can_test(table, fit):
        elements = f"{len(table.elements)} element{'' if len(table.elements) == 1 else 's'}"
        return "composition", f"{_compositions(table)} cannot test constants for {elements}, so each composition gets its own."
    if fit.spread > FITS:
        return "composition", f"Constants for the elements leave {fit.spread:.3f} eV/atom, so each composition gets its own."
    return (
        "element",
        f"One constant for each element leaves only {fit.spread:.3f} eV/atom, and energies stay comparable between compositions.",
    )


def _can_test(table: _Table, fit: OffsetFit) -> bool:
    """Tell whether there are enough compositions to find constants wrong."""
    return len(table.counts) >= _PER_UNKNOWN * fit.rank


def _compositions(table: _Table) -> str:
    return f"{len(table.counts)} composition{'' if len(table.counts) == 1 else 's'}"


def _suspicions(table: _Table, unit: EnergyUnit, difference: Floats, fit: OffsetFit, offsets: Sequence[ElementOffset]) -> list[Suspicion]:
    found: list[Suspicion] = []
    if unit != EV:
        found.append(
            Suspicion(
                "unit",
                f"The set's energies fit the model's only when they are read as {unit.title}.",
                "Multiply them by the number of atoms."
                if unit.per_atom
                else f"Multiply them by {unit.ev:.6g} to get eV; check the forces too.",
            )
        )
    before = robust_spread(difference)
    if before < SAME_ZERO:
        return found
    scheme = _known_scheme(table, difference, before, fit)
    if scheme is not None:
        return [*found, scheme]
    rest = _unexplained(table, unit, fit, offsets, before)
    return found if rest is None else [*found, rest]


def _known_scheme(table: _Table, difference: Floats, before: float, fit: OffsetFit) -> Suspicion | None:
    """Look whether the published corrections, or those for a Hubbard U alone, explain the differences."""
    compositions = [dict(key) for key in table.keys]
    anion = np.array([anion_correction(counts) for counts in compositions]) / table.sizes
    metal = np.array([hubbard_correction(counts) for counts in compositions]) / table.sizes
    schemes = [("mp2020", sign, sign * parts) for sign in (1, -1) for parts in (anion, anion + metal)]
    schemes += [("hubbard", sign, sign * metal) for sign in (1, -1)]
    best: tuple[float, str, int] | None = None
    for kind, sign, correction in schemes:
        touched = np.abs(correction) > 0
        if touched.sum() < min(_FEWEST, len(table.keys)) or not touched.any():
            continue
        left_there, was_there = robust_spread((difference + correction)[touched]), robust_spread(difference[touched])
        left, elsewhere = robust_spread(difference + correction), robust_spread(difference[~touched])
        explains = left_there < _EXPLAINS * was_there and was_there > SAME_ZERO and left <= before
        if kind == "hubbard" and elsewhere > max(2 * SAME_ZERO, 0.25 * was_there):
            continue  # U leaves other compounds alone
        if explains and (best is None or left < best[0] * 0.98):
            best = (left, kind, sign)
    fitted = fit.spread <= FITS and _can_test(table, fit)
    if best is None or (fitted and best[0] > _NO_WORSE * max(fit.spread, 0.02)):
        return None
    left, kind, sign = best
    has, lacks = ("model", "set") if sign > 0 else ("set", "model")
    if kind == "mp2020":
        return Suspicion(
            "mp2020",
            f"The {has}'s energies hold the MP2020 corrections of the Materials Project (oxide -0.687 eV per O, and so on), the {lacks}'s"
            f" do not: with them the difference falls from {before:.2f} to {left:.2f} eV/atom.",
            "Nothing is wrong with either; align energies before they are compared or trained on.",
        )
    with_u, without = ("set", "model") if sign > 0 else ("model", "set")
    metals = ", ".join(symbol for symbol in HUBBARD if symbol in table.elements)
    return Suspicion(
        "hubbard",
        f"Oxides and fluorides of {metals} differ by the amounts that a Hubbard U brings: the {with_u}'s energies look computed with U,"
        f" the {without}'s without; with that taken off, {left:.2f} of {before:.2f} eV/atom remain.",
        "Compare these compounds with labels of the same U; forces differ too where U acts.",
    )


def _unexplained(table: _Table, unit: EnergyUnit, fit: OffsetFit, offsets: Sequence[ElementOffset], before: float) -> Suspicion | None:
    """Say what constants for the elements mean, or that they do not suffice."""
    largest = ", ".join(f"{one.symbol} {one.offset:+.2f}" for one in offsets[:4] if not np.isnan(one.offset))
    if not _can_test(table, fit):
        return Suspicion(
            "constants",
            f"The zeros differ by {before:.2f} eV/atom; with {_compositions(table)} it cannot be said whether that is a constant for each"
            " element.",
            "More compositions would tell; differences within a composition are right after alignment.",
        )
    per_atom = float(np.median(np.abs(unit.total(table.energies, table.n_atoms) / table.n_atoms)))
    model_per_atom = float(np.median(np.abs(table.model / table.n_atoms)))
    if fit.spread <= FITS:
        if per_atom < 1.0 and model_per_atom > 2.0 * per_atom + 1.0:
            return Suspicion(
                "formation",
                f"The set's energies are only {per_atom:.2f} eV/atom, the model's {model_per_atom:.2f}; constants for the elements explain"
                f" all but {fit.spread:.3f} eV/atom ({largest} eV): these are formation energies, not total energies.",
                "Use total energies where you can; else align.",
            )
        return Suspicion(
            "constants",
            f"One constant for each element ({largest} eV) explains all but {fit.spread:.3f} of {before:.2f} eV/atom: another code,"
            " other pseudopotentials or other reference atoms.",
            "Nothing is wrong; align energies before they are compared or trained on.",
        )
    touched = [one.symbol for one in offsets if abs(np.nan_to_num(one.offset)) > _SOME]
    return Suspicion(
        "functional",
        f"Constants for the elements explain only part: {fit.spread:.2f} of {before:.2f} eV/atom remain and differ from compound to"
        f" compound (offsets most in {', '.join(touched[:4]) or 'no element'}): another functional, U in some compounds, or compounds that"
        " the model does not know.",
        "Look at the functional in the set's provenance; if it is another one than the model's, scales compare two different things.",
    )


def _shift_by_elements(frame: Frame, constants: dict[str, float]) -> float | None:
    counts = Counter(frame.symbols)
    if not counts.keys() <= constants.keys() or not counts:
        return None
    return sum(constants[symbol] * count for symbol, count in counts.items()) / frame.n_atoms


def _with_energy(frame: Frame, unit: EnergyUnit, shift: float | None, words: str) -> Frame:
    """Return the frame with its energy in eV, lower by ``shift`` eV/atom; without one where the shift is not known."""
    if frame.energy is None:
        return frame
    if shift is None:
        return frame.with_changes(energy=None, info={**frame.info, "energy_alignment": "not known, energy dropped"})
    energy = float(unit.total(np.array([frame.energy]), np.array([frame.n_atoms]))[0]) - shift * frame.n_atoms
    if not words:
        return frame if energy == frame.energy else frame.with_changes(energy=energy)
    return frame.with_changes(energy=energy, info={**frame.info, "energy_alignment": f"{words}, {-shift:+.4f} eV/atom"})
