"""Setting up a migration path in the selected crystal: an ion that hops into a vacancy, or an extra one between holes."""

from __future__ import annotations

from ase.data import atomic_numbers
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QWidget

from guiapp.benchmarks.migration import FAMILY
from guiapp.benchmarks.path_recognition import LEAST_IMAGES
from guiapp.benchmarks.set_ups import HopSetUp
from guiapp.frames.frame import Frame
from guiapp.report.formula_text import subscripted
from guiapp.ui.curves.path_setup import PathRequest, PathSetup, odd_spin
from guiapp.ui.segments import Segments
from guiapp.ui.theme import Palette

_VACANCY = 0
_MOST_SHELLS, _MOST_REPEATS = 6, 6


class HopSetup(PathSetup):
    """Chooses a hop."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the form."""
        super().__init__(palette, "Migration path", FAMILY, parent)
        self.kind = Segments("Hop", ("Into a vacancy", "Between holes"))
        self.ion = QComboBox()
        self.ion.setAccessibleName("Ion that hops")
        self.shell = QSpinBox()
        self.shell.setRange(1, _MOST_SHELLS)
        self.shell.setAccessibleName("Which neighbouring site, from the nearest")
        self.images = odd_spin("Images with the two ends", max(LEAST_IMAGES, 3), 15, 5)
        self.repeats = tuple(_repeat(axis) for axis in "abc")
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        for box in self.repeats:
            layout.addWidget(box)
        for title, widget in (
            ("Hop", self.kind),
            ("Ion", self.ion),
            ("Neighbour, 1 the nearest", self.shell),
            ("Images", self.images),
            ("Supercell", row),
        ):
            self.form.addRow(title, widget)
        self.kind.chosen.connect(self._change_kind)
        self.ion.currentTextChanged.connect(self.refresh)
        for number in (self.shell, self.images, *self.repeats):
            number.valueChanged.connect(self.refresh)
        self.set_palette(palette)

    def take_frame(self, frame: Frame, atom: int | None) -> None:
        """Offer the crystal's elements, that of the picked atom first."""
        self.ion.clear()
        self.ion.addItems(list(dict.fromkeys(frame.symbols)))
        if atom is not None:
            self.ion.setCurrentText(frame.symbols[atom])

    def request(self) -> PathRequest | None:
        """Return the hop that is chosen."""
        frame, ion = self._frame, self.ion.currentText().strip()
        interstitial = self.kind.choice() != _VACANCY
        if frame is None or ion not in atomic_numbers or ion == "X" or (not interstitial and ion not in frame.elements):
            return None
        given = tuple(box.value() for box in self.repeats)
        repeats = (given[0], given[1], given[2]) if all(given) else None
        hop = HopSetUp(ion, interstitial=interstitial, repeats=repeats, n_images=self.images.value(), shell=self.shell.value())
        return PathRequest(hop, (frame,), f"Hop of {ion} in {subscripted(frame.compound or frame.formula)}")

    def describe(self) -> str:
        """Say what moves where."""
        ion = self.ion.currentText().strip()
        if self.request() is None:
            return f"“{ion}” is no element that can hop here." if ion else "Choose the ion that hops."
        if self.kind.choice() == _VACANCY:
            path = f"One {ion} hops into a vacancy of its own kind"
        else:
            path = f"An extra {ion} hops from the largest hole to an equivalent one"
        cell = "a supercell of at least 8 Å" if not all(box.value() for box in self.repeats) else "the supercell given"
        return f"{path}: {self.images.value()} images in {cell}, interpolated between ends that are not relaxed."

    def _change_kind(self) -> None:
        self.ion.setEditable(self.kind.choice() != _VACANCY)
        self.refresh()


def _repeat(axis: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(0, _MOST_REPEATS)
    box.setSpecialValueText(f"{axis}: automatic")
    box.setPrefix(f"{axis} × ")
    box.setAccessibleName(f"Repeats along {axis}")
    return box
