"""Setting up a curvature scan of the selected structure: along an atom's displacement, a strain, or a phonon mode."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QSpinBox, QWidget

from guiapp.benchmarks.curvature import FAMILY
from guiapp.benchmarks.family import role_of
from guiapp.benchmarks.phonons import DISPLACED, PERFECT
from guiapp.benchmarks.scan_frames import POINTS, REACH_DISPLACEMENT, REACH_STRAIN, STRAINS
from guiapp.benchmarks.set_ups import AXES, ScanSetUp
from guiapp.frames.frame import Floats, Frame
from guiapp.physics.path_curvature import MIN_POINTS
from guiapp.physics.reaction_path import displacements
from guiapp.report.formula_text import subscripted
from guiapp.ui.curves.path_setup import PathRequest, PathSetup, odd_spin
from guiapp.ui.segments import Segments
from guiapp.ui.theme import Palette

_ATOM, _STRAIN, _MODE = range(3)
_NEAREST, _OWN = 3, 4
_NO_MODES = "Phonon modes need displaced supercells of this crystal with DFT forces, e.g. phonopy's files."


class ScanSetup(PathSetup):
    """Chooses a straight path through the selected structure."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the form."""
        super().__init__(palette, "Curvature scan", FAMILY, parent)
        self.kind = Segments("Path", ("An atom", "A strain", "A phonon mode"))
        self.atom = QSpinBox()
        self.atom.setAccessibleName("Atom that moves")
        self.direction = Segments("Direction", (*AXES, "nearest atom", "own"))
        self.own = tuple(_component(name) for name in AXES)
        self.strain = QComboBox()
        self.strain.addItems(list(STRAINS))
        self.strain.setAccessibleName("Strain")
        self.mode = QSpinBox()
        self.mode.setAccessibleName("Number of the phonon mode, from the lowest frequency")
        self.reach = QDoubleSpinBox()
        self.reach.setAccessibleName("How far to both sides")
        self.points = odd_spin("Number of frames", MIN_POINTS, 41, POINTS)
        vector = QWidget()
        row = QHBoxLayout(vector)
        row.setContentsMargins(0, 0, 0, 0)
        for box in self.own:
            row.addWidget(box)
        self._vector = vector
        for title, widget in (
            ("Move", self.kind),
            ("Atom", self.atom),
            ("Direction", self.direction),
            ("Vector", vector),
            ("Strain", self.strain),
            ("Mode", self.mode),
            ("Reach, both sides", self.reach),
            ("Frames", self.points),
        ):
            self.form.addRow(title, widget)
        self.kind.chosen.connect(self._change_kind)
        self.direction.chosen.connect(self._show_rows)
        self.strain.currentIndexChanged.connect(self.refresh)
        for number in (self.atom, self.mode, self.points):
            number.valueChanged.connect(self.refresh)
        for real in (self.reach, *self.own):
            real.valueChanged.connect(self.refresh)
        self._change_kind()
        self.set_palette(palette)

    def take_frame(self, frame: Frame, atom: int | None) -> None:
        """Offer the structure's atoms, and its modes where its displaced supercells are there."""
        self.atom.setRange(1, frame.n_atoms)
        self.atom.setValue(1 if atom is None else atom + 1)
        self.direction.set_possible(_NEAREST, "" if frame.n_atoms > 1 else "There is one atom only")
        crystal = next((one for one in self._related if role_of(one) == PERFECT), None)
        displaced = [one for one in self._related if role_of(one) == DISPLACED and one.forces is not None]
        possible = crystal is not None and bool(displaced)
        self.kind.set_possible(_MODE, "" if possible else _NO_MODES)
        if crystal is not None:
            self.mode.setRange(1, 3 * crystal.n_atoms)
            self.mode.setValue(3 * crystal.n_atoms)
        if not possible and self.kind.choice() == _MODE:
            self.kind.choose(_ATOM)
            self._change_kind()

    def request(self) -> PathRequest | None:
        """Return the scan that is chosen."""
        frame, kind, points = self._frame, self.kind.choice(), self.points.value()
        if frame is None:
            return None
        title = f"Scan of {subscripted(frame.compound or frame.formula)}: {self._path_words()}"
        if kind == _STRAIN:
            strained = ScanSetUp(strains=(self.strain.currentText(),), reach=self.reach.value() / 100, points=points)
            return PathRequest(strained, (frame,), title)
        if kind == _MODE:
            return PathRequest(ScanSetUp(modes=(self.mode.value(),), reach=self.reach.value(), points=points), self._related, title)
        direction = self._direction(frame)
        if not np.linalg.norm(direction) > 0:
            return None
        along = (float(direction[0]), float(direction[1]), float(direction[2]))
        moved = ScanSetUp(atoms=(self.atom.value() - 1,), directions=(along,), reach=self.reach.value(), points=points)
        return PathRequest(moved, (frame,), title)

    def describe(self) -> str:
        """Say how many frames lie where."""
        if self.request() is None:
            return "A direction needs three numbers that are not all zero."
        unit = "%" if self.kind.choice() == _STRAIN else "Å"
        reach = f"{self.reach.value():.2f}"
        return f"{self.points.value()} frames, {self._path_words()}, from −{reach} to {reach} {unit}."

    def _path_words(self) -> str:
        kind = self.kind.choice()
        if kind == _STRAIN:
            return f"strain {self.strain.currentText()}"
        if kind == _MODE:
            return f"phonon mode {self.mode.value()}"
        place = self.direction.choice()
        towards = "towards its nearest atom" if place == _NEAREST else "along a vector" if place == _OWN else f"along {tuple(AXES)[place]}"
        symbol = self._frame.symbols[self.atom.value() - 1] if self._frame is not None else "atom"
        return f"{symbol} {self.atom.value()} {towards}"

    def _direction(self, frame: Frame) -> Floats:
        place = self.direction.choice()
        if place < _NEAREST:
            return np.array(tuple(AXES.values())[place])
        if place == _OWN:
            return np.array([box.value() for box in self.own])
        return _to_nearest(frame, self.atom.value() - 1)

    def _change_kind(self) -> None:
        strained = self.kind.choice() == _STRAIN
        self.reach.setSuffix(" %" if strained else " Å")
        self.reach.setDecimals(2)
        self.reach.setRange(0.01, 20.0 if strained else 1.0)
        self.reach.setSingleStep(0.5 if strained else 0.05)
        self.reach.setValue(100 * REACH_STRAIN if strained else REACH_DISPLACEMENT)
        self._show_rows()

    def _show_rows(self) -> None:
        kind = self.kind.choice()
        for widget, shown in (
            (self.atom, kind == _ATOM),
            (self.direction, kind == _ATOM),
            (self._vector, kind == _ATOM and self.direction.choice() == _OWN),
            (self.strain, kind == _STRAIN),
            (self.mode, kind == _MODE),
        ):
            self.form.setRowVisible(widget, shown)
        self.refresh()


def _component(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(-100, 100)
    box.setDecimals(3)
    box.setValue(1.0 if name == "x" else 0.0)
    box.setPrefix(f"{name} ")
    box.setAccessibleName(f"Direction, {name}")
    return box


def _to_nearest(frame: Frame, atom: int) -> Floats:
    """Return the vector from an atom to the nearest other one, over all periodic images, (3,) Å; zeros where there is none."""
    if frame.n_atoms < 2:
        return np.zeros(3)
    start = np.repeat(frame.positions[atom][None], frame.n_atoms, axis=0)
    vectors = displacements(start, frame.positions, frame.cell)
    lengths = np.linalg.norm(vectors, axis=1)
    lengths[atom] = np.inf
    nearest: Floats = vectors[int(np.argmin(lengths))]
    return nearest
