"""What the signed axis draws: a row a family, a mark a model, and hollow marks for the correction that is tried out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.family import NEB, STATIC
from guiapp.benchmarks.family_findings import (
    Finding,
    corrected_finding,
    finding_of_forces,
    finding_of_result,
    good_within,
    percent_text,
)
from guiapp.benchmarks.high_energy_summary import FAMILY as HIGH_ENERGY
from guiapp.benchmarks.mode_words import mode_remark
from guiapp.number_words import counted
from guiapp.ui.evaluation import Evaluation
from guiapp.ui.family_entry import FamilyEntry

FAMILY_ORDER = (HIGH_ENERGY, "phonons", "eos", "surfaces", "defects", "solid-solution", "migration", "curvature")


def short_mode(mode: str) -> str:
    """Return how a narrow place names a mode; the usual one needs no word."""
    return {STATIC: "", NEB: "NEB"}.get(mode, mode)


@dataclass(frozen=True)
class AxisMark:
    """One model in one family."""

    title: str
    color_index: int
    finding: Finding
    hollow: bool = False
    """A corrected model, or the preview of a correction."""
    running: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a number to draw."""
        return math.isfinite(self.finding.deviation)

    @property
    def silent_words(self) -> str:
        """What stands in the place of the number; empty where there is one."""
        words = "on its way" if self.running and not self.finding.n_judged else self.finding.no_signal_words
        return words if self.finding.mode == STATIC or not words else f"{short_mode(self.finding.mode)}: {words}"

    @property
    def words(self) -> str:
        """The mark as a sentence, for tooltips and screen readers."""
        finding = self.finding
        who = f"{self.title} × {finding.c:.2f}" if finding.c != 1 else self.title
        how = ", ".join(filter(None, (who, mode_remark(finding.mode), "so far" if self.running else "")))
        if not self.known:
            if self.running and not finding.n_judged:
                return f"{how}: on its way"
            return f"{how}: {finding.no_signal_words}; {finding.reason}".rstrip("; ")
        interval = ""
        if finding.low is not None and finding.high is not None:
            interval = f" ({percent_text(finding.low)} to {percent_text(finding.high)})"
        noun = describe_family(finding.family).noun
        return f"{how}: {percent_text(finding.deviation)}{interval}, {counted(finding.n_judged, noun)}, {finding.verdict.value}"


@dataclass(frozen=True)
class AxisRow:
    """One family."""

    family: str
    title: str
    count: str
    """How many systems stand behind the numbers, e.g. ``8 of 9 slabs``."""
    good_within: float
    """Half width of the band that counts as good, as a fraction."""
    marks: tuple[AxisMark, ...]

    @property
    def words(self) -> str:
        """The row as a sentence."""
        return f"{self.title}: {'; '.join(mark.words for mark in self.marks)}"


def axis_marks(entries: Sequence[FamilyEntry], evaluations: Sequence[Evaluation]) -> tuple[AxisMark, ...]:
    """Return one mark a family, model and mode, in the order of models; statistics are worked out here, so call it once a change.

    Args:
        entries: Of families.
        evaluations: Of forces.
    """
    marks: list[AxisMark] = []
    for evaluation in evaluations:
        of_forces = finding_of_forces(evaluation.summary)
        marks.append(AxisMark(evaluation.title, evaluation.color_index, of_forces, hollow=evaluation.corrected, running=evaluation.running))
    for entry in entries:
        finding = finding_of_result(entry.result)
        if finding is not None and (entry.result.rows or not entry.running):
            marks.append(AxisMark(entry.title, entry.color_index, finding, hollow=entry.corrected, running=entry.running))
    return tuple(sorted(marks, key=lambda mark: (mark.color_index, mark.finding.mode != STATIC)))


def axis_rows(marks: Sequence[AxisMark], c: float) -> tuple[AxisRow, ...]:
    """Return the rows of the axis, previews of a correction included.

    Args:
        marks: What ``axis_marks`` returned.
        c: Correction that is tried out; 1 for none.
    """
    rows = []
    known = {mark.finding.family for mark in marks}
    order = [family for family in FAMILY_ORDER if family in known] + sorted(known - set(FAMILY_ORDER))
    for family in order:
        own = [mark for mark in marks if mark.finding.family == family]
        shown = []
        for mark in own:
            shown.append(mark)
            moved = corrected_finding(mark.finding, c) if c != 1 and mark.known else None
            if moved is not None:
                shown.append(AxisMark(mark.title, mark.color_index, moved, hollow=True, running=mark.running))
        card, first = describe_family(family), own[0].finding
        some = f"{first.n_judged} of " if first.n_judged < first.n_systems else ""
        count = f"{some}{counted(first.n_systems, card.noun)}{' so far' if any(mark.running for mark in own) else ''}"
        rows.append(AxisRow(family, card.title, count, good_within(first), tuple(shown)))
    return tuple(rows)
