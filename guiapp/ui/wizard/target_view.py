"""What pages 1 and 3 say of a correction: compounds with their scales, families, and what is known of a label."""

from __future__ import annotations

import numpy as np

from guiapp.benchmarks.description import describe_family
from guiapp.correction.dft_result import Check
from guiapp.frames.frame import Frame
from guiapp.frames.mixing import level_of_theory
from guiapp.ui.plots.number_text import number
from guiapp.ui.wizard.flow import CorrectionFlow
from guiapp.ui.wizard.target_page import TargetEntry

_NET_FORCE = 0.02  # eV/Å an atom; above it the label deserves a look


def target_entries(flow: CorrectionFlow) -> list[TargetEntry]:
    """Return every compound of the family, the one that a scalar helps most first, unlabelled ones last."""
    counts: dict[str, int] = {}
    for frame in (*flow.session.structures.frames, *(label.frame for label in flow.labels.values())):
        counts[frame.compound] = counts.get(frame.compound, 0) + (frame.forces is not None)
    entries: list[tuple[float, TargetEntry]] = []
    for name in flow.compounds():
        state, n = flow.ground.states.get(name), counts.get(name, 0)
        labelled = f"{n} labelled" if n else "no label yet"
        if state is None:
            unknown = "not measured yet" if flow.is_ready else "…"  # while the ground is laid, nothing is known of what is
            entries.append((-1.0 if n else -2.0, TargetEntry(name, labelled, None, unknown if n else "")))
        elif state.statistics.signal.enough:
            numbers = state.statistics
            entries.append((numbers.systematic, TargetEntry(name, labelled, numbers.scale, number(numbers.scale, 2))))
        else:
            entries.append((0.0, TargetEntry(name, labelled, None, "not enough signal")))
    return [entry for _, entry in sorted(entries, key=lambda pair: -pair[0])]


def family_titles(flow: CorrectionFlow) -> list[tuple[str, str]]:
    """Return the benchmark families that the project holds sets of, with the scale of each where it is measured."""
    titles = []
    for family in dict.fromkeys(one.family for one in flow.session.structures.sets):
        state = flow.ground.states.get(f"family {family}")
        scale = ""
        if state is not None:
            scale = f": scale {number(state.statistics.scale, 2)}" if state.statistics.signal.enough else ": not enough signal"
        titles.append((family, f"{describe_family(family).title}{scale}"))
    return titles


def words_without_numbers(flow: CorrectionFlow) -> tuple[str, str]:
    """Return what page 1 says where no labelled frame of the target is measured."""
    chosen = ", ".join(flow.choices.compounds)
    if not flow.choices.compounds:
        return "Tick a compound to see how soft the model is there.", "Or open a structure of yours; it needs no label."
    if not flow.is_ready:
        return f"Looking at {chosen} …", ""
    if flow.unmeasured():
        return f"{flow.title} is being asked about {chosen} …", "The jobs panel shows how far it is."
    if flow.unlabelled() or flow.ground.sampled is not None:
        return (
            f"{chosen} has no DFT label yet, so nothing is known of how soft the model is there.",
            "The next page makes candidates with the model itself and proposes the one that is worth a DFT calculation.",
        )
    return f"No frame of {chosen} can be used.", "Look at the flags of its frames in the browser, or at the filter."


def label_checks(flow: CorrectionFlow, frame: Frame) -> tuple[tuple[Check, ...], str]:
    """Return what is known of a structure's label, and where it comes from; nothing where it has none."""
    kept = flow.labels.get(frame.content_hash)
    if kept is not None:
        provenance = kept.provenance
        source = ", ".join(part for part in (provenance.functional, provenance.code or str(kept.frame.info.get("dft", ""))) if part)
        return tuple(Check(words.startswith("✓") or None, words[2:]) for words in kept.checks), source
    if frame.forces is None:
        return (), ""
    provenance = flow.provenance((frame,))
    net = float(np.linalg.norm(np.asarray(frame.forces).mean(axis=0)))
    checks = [
        Check(True, "Same structure as proposed"),
        Check(net < _NET_FORCE or None, f"Forces present, net force {net:.3f} eV/Å an atom"),
        _functional(provenance.functional, flow.card.functional),
        Check(True, "The energy zero does not matter: forces decide one scalar, and a training aligns it"),
    ]
    return tuple(checks), ", ".join(part for part in (provenance.functional, provenance.code) if part) + ", in this project"


def _functional(label: str, model: str) -> Check:
    if not label:
        return Check(None, f"The functional of the label is not recorded; the model was trained on {model or 'an unknown one'}")
    names = {level_of_theory(part).functional for part in model.split("/")}
    if model and level_of_theory(label).functional not in names:
        return Check(None, f"The label is {label}, the model was trained on {model}: what is fitted is the difference of both")
    return Check(True, f"Functional {label}, as the model's training data")
