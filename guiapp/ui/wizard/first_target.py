"""Which compound a correction begins with: what is selected in the window, where that can be corrected, else what one number helps most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.correction.target import describe_target
from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted
from guiapp.ui.wizard.steps import KnownFrames, suggest_target


@dataclass(frozen=True)
class FirstTarget:
    """A compound and why it is ticked."""

    compound: str = ""
    """Empty where there is no structure at all."""
    reason: str = ""
    """One sentence or two for the user; empty where there is nothing to say."""


def first_target(selected: str | None, frames: Sequence[Frame], known: KnownFrames, max_force: float | None) -> FirstTarget:
    """Return what to begin with.

    Args:
        selected: Compound that is selected in the window.
        frames: Of the project.
        known: Those that are labelled, admitted by the filter, and measured with the model.
        max_force: Largest DFT force that the filter admits, eV/Å.
    """
    obstacle = _obstacle(selected, frames, known, max_force) if selected is not None else ""
    if selected is not None and not obstacle:
        return FirstTarget(selected, f"{subscripted(selected)} is ticked because it is selected in the window.")
    best = suggest_target(known) or next((frame.compound for frame in frames), "")
    if not best:
        return FirstTarget()
    why = "there one number takes away the largest error" if known.frames else "the model has not been asked yet what it is worst at"
    if obstacle:
        return FirstTarget(best, f"{obstacle} {subscripted(best)} is ticked instead: {why}.")
    return FirstTarget(best, f"{subscripted(best)} is ticked: {why}." if known.frames else "")


def _obstacle(selected: str, frames: Sequence[Frame], known: KnownFrames, max_force: float | None) -> str:
    """Say in a sentence why a correction cannot begin with a compound; empty where it can."""
    name = subscripted(selected)
    own = [frame for frame in frames if frame.compound == selected]
    labelled = [frame for frame in own if frame.forces is not None]
    measured = [frame for frame in labelled if known.has(frame)]
    but = f"{name} is selected in the window, but"
    if not own:
        return f"{name}, which is selected in the window, is not among the structures of this project."
    if measured:
        signal = describe_target(measured, known.said(measured)).statistics.signal
        return "" if signal.enough else f"{but} the forces of its frames do not tell how soft the model is there ({signal.reason})."
    if labelled and not any(frame.usable for frame in labelled):
        return f"{but} none of its labelled frames can be used: see their flags in the browser."
    if labelled and not any(FrameFilter(max_force=max_force).admits(frame) for frame in labelled):
        return f"{but} the filter leaves none of its labelled frames."
    return ""  # without a label, or not measured yet: the wizard gets both


def reminder(selected: str | None, compounds: Sequence[str], offered: Sequence[str]) -> str:
    """Say that a correction goes on where it was left, where something else is selected by now.

    Args:
        selected: Compound that is selected in the window.
        compounds: What is corrected.
        offered: What could be ticked.
    """
    if selected is None or selected in compounds or selected not in offered:
        return ""
    names = ", ".join(map(subscripted, compounds))
    return f"This correction is for {names}, as it was left. To begin one for {subscripted(selected)}, which is selected now, tick that."
