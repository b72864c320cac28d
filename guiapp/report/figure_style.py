"""How figures for papers look: light, sans serif, colours that colour-blind readers can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from guiapp.report.atomic_file import replaced_when_complete

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODELS = ("#0072B2", "#B37C00", "#009970", "#BA6E98", "#D55E00", "#4590BA")
"""Hues of Okabe and Ito, in the order of the window's light theme: a model has one colour everywhere."""
SOFT, STIFF, NEUTRAL = "#2B6CB0", "#BF400C", "#5F6773"
TEXT, LINE = "#1B1F24", "#E1E4E8"
GOOD_BAND = "#EAF4EE"
_SATURATION = 0.35  # distance from 1 at which the colour is full, as in the window
FORMATS = ("png", "svg", "pdf")
_DOTS_PER_INCH = 200
_TITLE_LETTERS, _EVIDENCE_LETTERS = 11.6, 15  # letters an inch that surely fit, at the sizes used below


def model_color(index: int) -> str:
    """Return the colour of the model at that place in the project's list."""
    return MODELS[index % len(MODELS)]


def scale_color(scale: float) -> str:
    """Return blue below 1, orange above 1 and grey at 1, as ``#RRGGBB``."""
    end = SOFT if scale < 1 else STIFF
    share = min(1.0, abs(1 - scale) / _SATURATION)
    mixed = (round(int(NEUTRAL[i : i + 2], 16) * (1 - share) + int(end[i : i + 2], 16) * share) for i in (1, 3, 5))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure with one pair of axes.

    Only the object interface of matplotlib is used, and every colour and size is given where it is drawn: pyplot's global
    state would leak figures and mix up threads.

    Args:
        width: Inches.
        height: Inches.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second that the window need not wait for

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.subplots()
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(NEUTRAL)
    axes.tick_params(colors=TEXT, labelsize=8)
    axes.set_axisbelow(True)
    return figure, axes


def set_titles(axes: Axes, title: str, evidence: str) -> None:
    """Write the sentence and, smaller below it, the evidence; both are broken into lines that fit the figure."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width = float(figure.get_size_inches()[0])
    # A number keeps its percent sign on its line.
    sentence = "\n".join(wrap(title.replace(" %", "\N{NO-BREAK SPACE}%"), int(_TITLE_LETTERS * width)))
    figure.suptitle(sentence, x=0.02, ha="left", fontsize=10, color=TEXT, fontweight="bold")
    axes.set_title("\n".join(wrap(evidence, int(_EVIDENCE_LETTERS * width))), loc="left", fontsize=7.5, color=NEUTRAL)


def save_figure(figure: Figure, stem: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a figure in several formats, each complete or not at all.

    Args:
        figure: What to write.
        stem: Path without suffix.
        formats: Suffixes without a dot.

    Returns:
        The files written.

    Raises:
        UserFacingError: Where the disk is full or the folder cannot be written.
    """
    written = []
    for suffix in formats:
        path = stem.with_name(f"{stem.name}.{suffix}")
        # No date inside: the same numbers give the same file.
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix, {})
        with replaced_when_complete(path) as temporary:
            figure.savefig(temporary, format=suffix, dpi=_DOTS_PER_INCH, metadata=metadata)
        # The layout is found once: finding it again for every format would take half of the time.
        figure.set_layout_engine("none")
        written.append(path)
    return written
