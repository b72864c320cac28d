"""The picked atom: what it is, where it is, and the force that DFT and each model find on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from guiapp.frames.frame import Frame
from guiapp.ui.elided_label import ElidedLabel
from guiapp.ui.plots.number_text import MISSING, number
from guiapp.ui.theme import text_font
from guiapp.ui.viewer.model_forces import ModelForces, dft_forces
from guiapp.ui.viewer.wording import DIFFERENCE, FORCE_SIZE, NO_ATOM, PICK_ATOM, not_predicted

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Line:
    title: str
    tooltip: str
    values: tuple[float, ...] | None
    """x, y, z and, for forces, the length; None where unknown."""
    decimals: int = 2
    indented: bool = False


class AtomTable(QWidget):
    """A heading and a small table; it keeps its height when no atom is picked, so that nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without an atom."""
        super().__init__(parent)
        self.setAccessibleName("Forces on the picked atom")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.heading = QLabel()
        self.heading.setProperty("role", "section")
        self._grid_host = QWidget()
        column.addWidget(self.heading)
        column.addWidget(self._grid_host)
        self._cells: list[tuple[_NameLabel, *tuple[QLabel, ...]]] = []
        self._shape: tuple[tuple[str, bool], ...] = ()

    def show_atom(self, frame: Frame | None, models: Sequence[ModelForces], atom: int | None) -> None:
        """Fill the table for one atom of a frame.

        Args:
            frame: The frame shown; None empties the table.
            models: Forces of the models on it.
            atom: Index of the atom, from 0; None for none picked.
        """
        lines = _lines(frame, models, atom)
        self._lay_out(lines)
        for line, cells in zip(lines, self._cells, strict=True):
            texts = [number(value, line.decimals) for value in line.values] if line.values is not None else [MISSING] * len(cells[1:])
            for cell, text in zip(cells[1:], texts, strict=False):
                cell.setText(text)
                cell.setEnabled(line.values is not None)
        picked = frame is not None and atom is not None
        self.heading.setText(f"Atom {atom + 1} · {frame.symbols[atom]}" if frame is not None and atom is not None else NO_ATOM)
        self.heading.setToolTip("Counted from 1, in the order of the file" if picked else PICK_ATOM)
        self.setAccessibleDescription(self.as_text() if picked else PICK_ATOM)

    def as_text(self) -> str:
        """Return the table as lines of text."""
        rows = [" ".join(texts).strip() for texts in self.cell_texts()]
        return "\n".join([self.heading.text(), "eV/Å x y z |F|", *rows])

    def cell_texts(self) -> list[list[str]]:
        """Return the texts of all rows but the header."""
        return [[name.whole(), *(cell.text() for cell in cells)] for name, *cells in self._cells]

    def _lay_out(self, lines: Sequence[_Line]) -> None:
        """Make the labels anew where the rows changed."""
        shape = tuple((line.title, line.indented) for line in lines)
        if shape == self._shape and self._cells:
            return
        self._shape = shape
        old = self._grid_host
        self._grid_host = QWidget()
        grid = QGridLayout(self._grid_host)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, title in enumerate(("eV/Å", "x", "y", "z", "|F|")):
            label = _small(title)
            label.setToolTip(FORCE_SIZE if title == "|F|" else "")
            grid.addWidget(label, 0, column, right if column else Qt.AlignmentFlag.AlignLeft)
        self._cells = []
        for row, line in enumerate(lines, start=1):
            name = _NameLabel(line.title, line.tooltip)
            name.setContentsMargins(10 if line.indented else 0, 0, 0, 0)
            grid.addWidget(name, row, 0)
            cells: list[QLabel] = []
            for column in range(1, 5 if line.decimals == 2 else 4):
                cell = QLabel(MISSING)
                cell.setFont(text_font(13))
                cell.setMinimumWidth(42)
                cell.setAlignment(right)
                cell.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                cell.setAccessibleName(f"{line.title}, {'xyzF'[column - 1]}")
                grid.addWidget(cell, row, column)
                cells.append(cell)
            self._cells.append((name, *cells))
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(old, self._grid_host)
        old.hide()
        old.deleteLater()


def _lines(frame: Frame | None, models: Sequence[ModelForces], atom: int | None) -> list[_Line]:
    """Return the rows: DFT, then each model and its difference, then the position."""
    labels = dft_forces(frame)
    dft = labels[atom] if labels is not None and atom is not None else None
    lines = [_Line("DFT", "The force of the label", _with_length(dft))]
    for model in models:
        forces = model.forces[atom] if model.forces is not None and atom is not None else None
        tooltip = not_predicted(model.title) if model.forces is None else f"The force that {model.title} predicts"
        lines.append(_Line(model.title, tooltip, _with_length(forces)))
        if labels is not None:
            change = forces - dft if forces is not None and dft is not None else None
            lines.append(_Line("difference", DIFFERENCE, _with_length(change), indented=True))
    place = tuple(frame.positions[atom].tolist()) if frame is not None and atom is not None else None
    lines.append(_Line("position (Å)", "Cartesian position, as in the file", place, decimals=3))
    return lines


def _with_length(vector: Floats | None) -> tuple[float, ...] | None:
    return None if vector is None else (*vector.tolist(), float(np.linalg.norm(vector)))


class _NameLabel(ElidedLabel):
    """The name of a row, which gives way in a narrow panel: a model's title must not decide how wide the viewer is."""

    def __init__(self, title: str, tooltip: str) -> None:
        super().__init__()
        self._tooltip = f"{title}: {tooltip}"
        self.setProperty("role", "small")
        self.set_whole(title)

    def _elide(self) -> None:
        super()._elide()
        self.setToolTip(self._tooltip)


def _small(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "small")
    return label
