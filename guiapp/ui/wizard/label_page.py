"""Page 3: the DFT label of the chosen structures, and what was checked of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.frames.frame import Frame
from guiapp.frames.reference_set import Provenance
from guiapp.report.formula_text import subscripted
from guiapp.ui.wizard.page import WizardPage, card, words

_NET_FORCE = 0.02  # eV/Å an atom; above it the label deserves a look


class LabelPage(WizardPage):
    """The labels that the project holds, checked."""

    term = "net force"

    def __init__(self) -> None:
        """Build the page, empty."""
        super().__init__("Get its DFT label", "Energy and forces of exactly this geometry, by the functional of the model's training data.")
        self.what = words()
        self.checks = words()
        self.advice = words(
            "To label structures that have no DFT result yet, export them (right-click in the browser, Export), run your DFT code "
            "on exactly these geometries, and drop the results into the window: they then appear here.",
            "muted",
        )
        box, column = card()
        column.addWidget(self.what)
        column.addWidget(self.checks)
        self.body.addWidget(box)
        self.body.addWidget(self.advice)
        self.body.addStretch(1)

    def show_labels(self, labels: Sequence[Frame], provenance: Provenance, functional: str) -> None:
        """Show which labels are fitted and what is known of them.

        Args:
            labels: Frames with DFT forces.
            provenance: Of their set.
            functional: Of the model's training data.
        """
        names = ", ".join(f"{subscripted(frame.compound)} {frame.name}" for frame in labels[:6])
        more = f" and {len(labels) - 6} more" if len(labels) > 6 else ""
        source = ", ".join(part for part in (provenance.functional, provenance.code) if part) or "code and functional not recorded"
        self.what.setText(f"<b>It is already labelled:</b> {names}{more}<br>{source}, in this project")
        net = max((float(np.linalg.norm(np.asarray(f.forces).mean(axis=0))) for f in labels), default=0.0)
        lines = [
            "✓ Same structures as proposed",
            f"{'✓' if net < _NET_FORCE else '!'} Forces present, net force {net:.3f} eV/Å an atom",
            _functional_line(provenance.functional, functional),
            "✓ The energy zero does not matter here: one scalar is fitted to forces",
        ]
        self.checks.setText("<br>".join(lines))


def _functional_line(label: str, model: str) -> str:
    if not label:
        return f"! The functional of the labels is not recorded; the model was trained on {model or 'an unknown one'}"
    if model and label.split(maxsplit=1)[0].casefold() not in model.casefold():
        return f"! Labels are {label}, the model was trained on {model}: what is fitted is the difference of both"
    return f"✓ Functional {label}, as the model's training data"
