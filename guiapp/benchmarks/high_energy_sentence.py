"""The plain sentence that a view opens with, and the line of evidence under it."""

from __future__ import annotations

from guiapp.benchmarks.description import describe_family
from guiapp.benchmarks.frame_filter import FrameFilter
from guiapp.benchmarks.high_energy_summary import FAMILY, HighEnergySummary, Verdict
from guiapp.number_words import counted, number_text


def sentence(summary: HighEnergySummary, *, running: bool, title: str, functional: str = "") -> tuple[str, str]:
    """Say what was found, in one sentence and one line of evidence.

    Args:
        summary: What ``summarise_high_energy`` returned.
        running: Whether more frames are still to come.
        title: What the window calls the model, e.g. ``CHGNet 0.3.0``.
        functional: What the labels are, e.g. ``PBE``; empty where unknown.

    Returns:
        Headline and evidence. The headline names a deviation only where the interval excludes 1, and says "may be" where it
        does not.
    """
    return _headline(summary, running=running, title=title), _evidence(summary, running=running, functional=functional)


def _headline(summary: HighEnergySummary, *, running: bool, title: str) -> str:
    phrase = describe_family(FAMILY).phrase
    if not summary.n_frames:
        return f"{title} is being measured {phrase}" if running else f"No frames to judge {title} on"
    if summary.verdict is Verdict.NO_SIGNAL:
        return f"Not enough signal to judge {title}" + (" so far" if running else "")
    scale = summary.headline.value
    percent = round(100 * abs(1 - scale))
    if summary.verdict is Verdict.GOOD:
        found = f"within {percent} % of DFT {phrase}" if percent else f"equal to DFT {phrase}"
        if running:
            return f"{title} looks {found} so far"
        certain = summary.headline.leaves_no_doubt(describe_family(FAMILY).good_within)
        return f"{title} is {found}: nothing to correct" if certain else f"{title} looks {found}"
    found = f"{percent} % too {'soft' if scale < 1 else 'stiff'} {phrase}"
    if running:
        return f"{title} looks {found} so far"
    return f"{title} {'is' if _excludes_one(summary) else 'may be'} {found}"


def _excludes_one(summary: HighEnergySummary) -> bool:
    interval = summary.headline.interval
    return interval is not None and not interval.contains(1)


def _evidence(summary: HighEnergySummary, *, running: bool, functional: str) -> str:
    if not summary.n_frames:
        return "the first frames are on their way" if running else f"no labelled frame meets the filter {summary.filter_text}"
    numbers = _scale_numbers(summary, running=running) if summary.n_judged else [_reason(summary)]
    numbers += [counted(summary.n_compounds, "compound"), counted(summary.n_frames, "frame")]
    numbers += [functional] if functional else []
    return "; ".join([", ".join(numbers), *_remarks(summary, running=running)])


def _scale_numbers(summary: HighEnergySummary, *, running: bool) -> list[str]:
    numbers = [f"{'mean scale' if summary.n_judged > 1 else 'scale'} {number_text(summary.headline.value)}"]
    interval = summary.headline.interval
    if interval is not None:
        resampled = " (frames resampled)" if interval.level == "frames" else ""
        numbers.append(f"95 % CI {number_text(interval.low)} to {number_text(interval.high)}{resampled}")
    elif not running:
        numbers.append("too few frames for an interval")
    return numbers


def _remarks(summary: HighEnergySummary, *, running: bool) -> list[str]:
    remarks = []
    if summary.n_judged:
        remarks.append(f"{summary.n_below:,} of {summary.n_judged:,} below 1")
        if summary.n_judged < summary.n_compounds:
            remarks.append(f"{summary.n_compounds - summary.n_judged} without enough signal")
    if summary.not_finite:
        remarks.append(f"{counted(len(summary.not_finite), 'frame')} left out, a force is not a number")
    if not running and summary.verdict in {Verdict.SOFT, Verdict.STIFF} and summary.headline.interval and not _excludes_one(summary):
        remarks.append("the interval includes 1, so more compounds are needed to decide")
    if summary.filter_text != FrameFilter().describe():
        remarks.append(summary.filter_text)
    return remarks


def _reason(summary: HighEnergySummary) -> str:
    """Say why nothing can be judged: the pooled reason, or that of the only compound."""
    pooled = summary.statistics.signal
    return pooled.reason or next((c.statistics.signal.reason for c in summary.compounds if c.statistics.signal.reason), "")
