"""The words in the browser's cells and tooltips."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import isfinite

from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import ReferenceSet
from guiapp.number_words import counted
from guiapp.report.formula_text import subscripted
from guiapp.ui.browser.frame_columns import LABEL_ENERGY, LABEL_FORCES, LABEL_STRESS

_LABEL_SIGNS = ((LABEL_ENERGY, "E", "energy"), (LABEL_FORCES, "F", "forces"), (LABEL_STRESS, "σ", "stress"))


@dataclass(frozen=True)
class ScaleEntry:
    """What the browser shows of a compound's softening."""

    scale: float
    enough_signal: bool = True
    """False shows "not enough signal" in place of the number."""
    interval: tuple[float, float] | None = None
    """95 % confidence interval."""


def scale_text(entry: ScaleEntry | None) -> str:
    """Return the scale, or why there is none."""
    if entry is None:
        return ""
    return f"{entry.scale:.2f}" if entry.enough_signal and isfinite(entry.scale) else "not enough signal"


def scale_tooltip(entry: ScaleEntry | None) -> str:
    """Return the scale with its interval and what it means."""
    if entry is None:
        return "No scale yet: run a benchmark on this compound."
    if not entry.enough_signal or not isfinite(entry.scale):
        return "Not enough signal: the DFT forces are too small, or the model's do not follow them, for a slope to mean something."
    word = "too soft" if entry.scale < 1 else "too stiff"
    interval = f" ({entry.interval[0]:.2f} to {entry.interval[1]:.2f}, 95 % CI)" if entry.interval is not None else ""
    return f"Scale {entry.scale:.2f}{interval}: forces are {abs(1 - entry.scale):.0%} {word} here."


def force_text(force: float) -> str:
    """Return a force in eV/Å, or a dash where there is none."""
    return f"{force:.2f}" if isfinite(force) else "–"


def condition_text(temperature: float, strain: float, frame: Frame) -> str:
    """Return temperature and strain, else the kind that the file names; no strain is not worth a word."""
    parts = []
    if isfinite(temperature):
        parts.append(f"{temperature:g} K")
    elif "kind" in frame.info:
        parts.append(str(frame.info["kind"]))
    if isfinite(strain) and strain:
        parts.append(f"{100 * strain:+.3g} %".replace("-", "−"))
    return "  ".join(parts)


def labels_text(labels: int) -> str:
    """Return the signs of the labels that a frame carries."""
    return " ".join(sign for bit, sign, _ in _LABEL_SIGNS if labels & bit) or "unlabelled"


def labels_in_words(labels: int) -> str:
    """Return the labels that a frame carries, in words."""
    words = [word for bit, _, word in _LABEL_SIGNS if labels & bit]
    return "DFT " + ", ".join(words) if words else "No DFT labels: the frame can be predicted, but not compared."


def set_tooltip(reference_set: ReferenceSet) -> str:
    """Return where a set comes from; what is not known is said to be unknown."""
    known = reference_set.provenance
    rows = [("functional", known.functional), ("code", known.code), ("licence", known.licence), ("sampling", known.recipe)]
    lines = [f"<b>{escape(reference_set.title or reference_set.name)}</b>"]
    lines += [f"{name}: {escape(value) if value else 'unknown'}" for name, value in rows]
    if known.citation:
        lines.append(escape(known.citation))
    return "<br>".join(lines)


def frame_tooltip(frame: Frame) -> str:
    """Return a frame's formula, origin and flags; each flag with what to do about it."""
    lines = [f"<b>{escape(subscripted(frame.compound))} {escape(frame.name)}</b>, {counted(frame.n_atoms, 'atom')}"]
    if frame.origin.path:
        lines.append(f"from {escape(frame.origin.path)}, number {frame.origin.index + 1}")
    for flag in frame.flags:
        consequence = " It takes no part in benchmarks." if flag.excludes else ""
        lines.append(f"⚠ {escape(flag.message)}{consequence} {escape(flag.advice)}".rstrip())
    return "<br>".join(lines)
