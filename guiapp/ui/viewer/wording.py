"""The viewer's words: titles, tooltips and what it says when something is missing."""

from __future__ import annotations

import re
from html import escape

from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted

CHOOSE_FRAME = "Choose a structure in the browser\nto see its atoms and forces here."
NO_FORCES = "no DFT forces: nothing to compare"
NO_ATOM = "Click an atom to see its forces"
PICK_ATOM = "Click an atom to see its forces. Shift+click two atoms for their distance, three for the angle."

FORCE_ARROW = (
    "<b>Force arrow</b><br>It starts at the atom and points where the force pushes it; its length is the size of the force. "
    "The arrow in the lower right corner shows what the length means. Periodic copies carry no arrows, so every force is seen once."
)
IMAGES = "<b>Periodic images</b><br>Atoms on a face, edge or corner of the cell are shown, paler, on the opposite ones too."
BONDS = (
    "<b>Bonds</b><br>Atoms closer than 1.1 times the sum of their covalent radii (1.05 times for two metals). "
    "A guide for the eye: no model uses them."
)
DIFFERENCE = (
    "<b>Difference</b><br>Model force minus DFT force. In the picture a hollow arrow in the model's colour: what the model still lacks."
)
NET_FORCE = (
    "<b>Net force</b><br>The sum of the forces on all atoms. It vanishes for a conservative model and for converged DFT: "
    "a value far from zero means that something is missing or the forces do not come from one energy."
)
FORCE_SIZE = "<b>|F|</b><br>Length of the force vector: √(x² + y² + z²)."

_TEMPERATURE = re.compile(r"(\d+) ?K\b")


def frame_title(frame: Frame) -> str:
    """Return what a frame is, e.g. ``GaAs · frame 2 · 1000 K · +3 %``."""
    parts = [subscripted(frame.formula)]
    if frame.compound and not frame.compound.startswith(frame.formula):
        parts.append(subscripted(frame.compound))
    parts.append(frame.name)
    temperature = frame.info.get("temperature")
    found = _TEMPERATURE.search(str(frame.info.get("kind", "")))
    if isinstance(temperature, int | float):
        parts.append(f"{temperature:g} K")
    elif found is not None:
        parts.append(f"{found[1]} K")
    elif "kind" in frame.info:
        parts.append(str(frame.info["kind"]))
    strain = frame.info.get("strain")
    if isinstance(strain, int | float) and strain:
        parts.append(f"{100 * strain:+.3g} %".replace("-", "−"))
    return " · ".join(part for part in parts if part)


def flags_html(frame: Frame) -> str:
    """Return the frame's flags, each with its advice, except what the legend says anyway."""
    lines = []
    for flag in frame.flags:
        if flag.code == "no-forces":
            continue
        lines.append(f"⚠ {escape(flag.message)} <i>{escape(flag.advice)}</i>" if flag.advice else f"⚠ {escape(flag.message)}")
    return "<br>".join(lines)


def not_predicted(title: str) -> str:
    """Return what stands in place of a model's forces before it has run on the frame."""
    return f"not yet predicted by {title}"
