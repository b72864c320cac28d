"""What the list of systems shows: families, their systems, and how far each model is from DFT there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import STATIC, FamilyResult
from guiapp.benchmarks.family_rows import corrected_rows, has_signal, signed_deviation
from guiapp.benchmarks.registry import families
from guiapp.benchmarks.row import Row
from guiapp.benchmarks.system_sentence import SystemFinding, deviation_text, judging_row
from guiapp.report.formula_text import subscripted
from guiapp.ui.family_entry import FamilyEntry

_WITHOUT_CURVES = "high-energy"
"""The family of forces, which has views of its own."""


@dataclass(frozen=True)
class SystemMark:
    """One model at one system."""

    title: str
    """The model's."""
    color_index: int
    deviation: float
    """Signed relative deviation from DFT, as a fraction; NaN where there is not enough signal or no DFT value."""
    corrected: bool = False
    has_reference: bool = True
    """Whether there is a DFT value at all."""

    @property
    def words(self) -> str:
        """The deviation in words."""
        if math.isfinite(self.deviation):
            return deviation_text(self.deviation)
        return "not enough signal" if self.has_reference else "no DFT value"


@dataclass(frozen=True)
class ListedSystem:
    """One line of the list."""

    family: str
    system: str
    marks: tuple[SystemMark, ...]
    """One a model that has said something of it, in the order of the models."""
    note: str = ""
    """Why there is nothing to show; empty where there is."""

    @property
    def deviation(self) -> float:
        """That of the first model that has one; NaN without any."""
        return next((mark.deviation for mark in self.marks if math.isfinite(mark.deviation)), math.nan)

    @property
    def words(self) -> str:
        """The line in words, for tooltips and screen readers."""
        if not self.marks:
            return f"{self.system}: {self.note or 'nothing yet'}"
        return f"{self.system}: {'; '.join(f'{mark.title} {mark.words}' for mark in self.marks)}"


@dataclass(frozen=True)
class ListedFamily:
    """A family with its systems."""

    family: str
    title: str
    systems: tuple[ListedSystem, ...]
    running: bool


def system_title(system: str) -> str:
    """Return how a system is written: formulas with subscripts, but not the numbered atom of a scan, as in ``MgO: Mg0 along (1 0 0)``."""
    compound, colon, path = system.partition(": ")
    return f"{subscripted(compound)}{colon}{path}"


def modes_of(entries: Sequence[FamilyEntry]) -> dict[str, tuple[str, ...]]:
    """Return the modes in which each family has been measured, static first."""
    modes: dict[str, list[str]] = {}
    for entry in entries:
        known = modes.setdefault(entry.result.family, [])
        if entry.result.mode not in known:
            known.append(entry.result.mode)
    return {family: tuple(sorted(known, key=lambda mode: mode != STATIC)) for family, known in modes.items()}


def entries_of(entries: Sequence[FamilyEntry], family: str, mode: str) -> tuple[FamilyEntry, ...]:
    """Return the entries of a family in one mode, one a model."""
    return tuple(entry for entry in entries if (entry.result.family, entry.result.mode) == (family, mode))


def systems_of(result: FamilyResult) -> tuple[str, ...]:
    """Return the systems that are listed of a result: those with rows of their own, or the solid solution that many orderings make up."""
    if any(curve.kind == "mixing" for curve in result.curves):
        return tuple(dict.fromkeys(curve.system for curve in result.curves))
    return tuple(dict.fromkeys(row.system for row in result.rows))


def rows_of(result: FamilyResult, system: str) -> tuple[Row, ...]:
    """Return the rows of one listed system."""
    return tuple(row for row in result.rows if row.system == system)


def findings(entries: Sequence[FamilyEntry], system: str, c: float = 1.0) -> tuple[SystemFinding, ...]:
    """Return what each model says of a system, corrected by c."""
    found = []
    for entry in entries:
        rows = rows_of(entry.result, system)
        title = entry.title if c == 1 else f"{entry.title} × {c:.2f}"
        found.append(SystemFinding(title, rows if c == 1 else corrected_rows(rows, c)))
    return tuple(found)


def listed_families(entries: Sequence[FamilyEntry], modes: Mapping[str, str], c: float = 1.0) -> tuple[ListedFamily, ...]:
    """Return the list.

    Args:
        entries: Of any families, models and modes; at most one for each.
        modes: The mode that is shown of each family.
        c: Correction of every model.

    Returns:
        Families in the order of the paper. Systems in the order of the data while a job runs, so that lines stay where they are, and the
        softest first once it is done.
    """
    listed = []
    for family in (one.name for one in families() if one.name != _WITHOUT_CURVES):
        shown = entries_of(entries, family, modes.get(family, STATIC))
        if shown:
            listed.append(_listed(family, shown, c))
    return tuple(listed)


def _listed(family: str, entries: Sequence[FamilyEntry], c: float) -> ListedFamily:
    marks: dict[str, list[SystemMark]] = {}
    notes: dict[str, str] = {}
    running = any(entry.running for entry in entries)
    for entry in entries:
        for system, judged in _judged_systems(entry.result).items():
            marks.setdefault(system, []).append(_mark(entry, judged, c))
        for failure in entry.result.failures:
            reason = "not there yet" if entry.running else f"{failure.reason} {failure.advice}".strip()
            notes.setdefault(failure.system, reason)
    systems = [ListedSystem(family, system, tuple(some)) for system, some in marks.items()]
    systems += [ListedSystem(family, system, (), note) for system, note in notes.items() if system not in marks]
    if not running:
        systems.sort(key=lambda one: (not one.marks, not math.isfinite(one.deviation), _rounded(one.deviation), one.system))
    return ListedFamily(family, describe_family(family).title, tuple(systems), running)


def _rounded(deviation: float) -> float:
    """Return a deviation as it sorts: what differs by less than can be seen is in alphabetical order."""
    return round(deviation, 4) if math.isfinite(deviation) else 0.0


def _mark(entry: FamilyEntry, judged: _Judged, c: float) -> SystemMark:
    deviation = judged.ratio * c**judged.power - 1  # as corrected_rows does, for hundreds of systems at each step of the slider
    return SystemMark(entry.title, entry.color_index, deviation, entry.corrected, has_reference=judged.has_reference)


@dataclass(frozen=True)
class _Judged:
    """What the list needs of one system of one result."""

    ratio: float
    """Predicted by reference; NaN where there is not enough signal."""
    power: float
    """How the ratio follows c."""
    has_reference: bool


_KNOWN: WeakKeyDictionary[FamilyResult, Mapping[str, _Judged]] = WeakKeyDictionary()
"""Of results that are shown: a result never changes, while the slider asks for all of its systems at every step."""


def _judged_systems(result: FamilyResult) -> Mapping[str, _Judged]:
    """Return the judging numbers of every listed system, in order."""
    if result not in _KNOWN:
        by_system: dict[str, list[Row]] = {}
        for row in result.rows:
            by_system.setdefault(row.system, []).append(row)
        _KNOWN[result] = {system: _judge(by_system.get(system, ())) for system in systems_of(result)}
    return _KNOWN[result]


def _judge(rows: Sequence[Row]) -> _Judged:
    row = judging_row(rows)
    if row is None:
        return _Judged(math.nan, 0.0, has_reference=False)
    power = describe_family(row.family).quantities[row.quantity].power or 0.0
    ratio = 1 + signed_deviation(row) if has_signal(row) else math.nan
    return _Judged(ratio, power, has_reference=math.isfinite(row.reference))
