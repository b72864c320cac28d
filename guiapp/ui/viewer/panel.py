"""The viewer panel: the structure with its forces, and the picked atom in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from guiapp.errors import UserFacingError
from guiapp.frames.frame import Frame
from guiapp.ui.plots.export_menu import ExportMenu
from guiapp.ui.plots.number_text import number
from guiapp.ui.plots.plot_export import PNG_SCALE
from guiapp.ui.theme import LIGHT, Palette
from guiapp.ui.viewer import wording
from guiapp.ui.viewer.arrows import ForceArrows, longest, step_length, suggest_length
from guiapp.ui.viewer.atom_table import AtomTable
from guiapp.ui.viewer.canvas import StructureCanvas
from guiapp.ui.viewer.controls import ViewerControls
from guiapp.ui.viewer.export import StructureFigure, save_figure
from guiapp.ui.viewer.model_forces import ModelForces, dft_forces
from guiapp.ui.viewer.numbers_area import NumbersArea
from guiapp.ui.viewer.scene import build_scene, empty_scene

__all__ = ["ModelForces", "ViewerPanel"]

_FILTERS = "PNG picture (*.png);;SVG drawing (*.svg);;PDF document (*.pdf);;Atoms and forces (*.csv)"


class ViewerPanel(QWidget):
    """One frame: its atoms with the arrows of DFT and the models, and a table of the picked atom.

    Signals:
        atom_picked: Index of the atom that the user picked, from 0; -1 for none.
        step_requested: +1 or -1: the next or previous frame is wanted.
        play_toggled: Play frames, or stop.
        exported: The file that was written.
        copied: Words to show after something was copied.
        export_failed: A ``UserFacingError`` to show.
    """

    atom_picked = Signal(int)
    step_requested = Signal(int)
    play_toggled = Signal()
    exported = Signal(Path)
    copied = Signal(str)
    export_failed = Signal(UserFacingError)

    def __init__(self, palette: Palette = LIGHT, parent: QWidget | None = None) -> None:
        """Start without a frame."""
        super().__init__(parent)
        self.setAccessibleName("Structure viewer")
        self._palette = palette
        self._frame: Frame | None = None
        self._models: tuple[ModelForces, ...] = ()
        self._atom: int | None = None
        self._repeats = 1
        self._longer = 0  # steps by which the user made the arrows longer than suggested
        self.canvas = StructureCanvas()
        self.figure = StructureFigure(self.canvas)
        self.export_menu = ExportMenu(self.figure)
        self.export_menu.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.export_menu.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.controls = ViewerControls()
        self.title = _label("section")
        self.warning = _label("small")
        self.legend = _label("small")
        self.legend.setToolTip(wording.FORCE_ARROW)
        self.table = AtomTable()
        self.note = _label("small")
        self.net_force = _label("small")
        self.net_force.setToolTip(wording.NET_FORCE)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty_page())
        self._stack.addWidget(self._frame_page())
        self._connect()
        self.set_palette(palette)
        self.set_frame(None)

    # what the window calls

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        self._palette = palette
        self.canvas.set_palette(palette)
        self.export_menu.set_palette(palette)
        self.warning.setStyleSheet(f"color: {palette.warn};")
        self._refresh_legend()

    @property
    def frame(self) -> Frame | None:
        """The frame shown."""
        return self._frame

    @property
    def model_forces(self) -> tuple[ModelForces, ...]:
        """What is shown of the models."""
        return self._models

    def set_frame(self, frame: Frame | None) -> None:
        """Show another frame, without model forces and note until they are given; None shows what to do.

        The view and the picked atom stay for another frame of the same compound, so that frames can be compared.
        """
        before, self._frame = self._frame, frame
        alike = frame is not None and before is not None and (before.compound, before.n_atoms) == (frame.compound, frame.n_atoms)
        self._models = ()
        self.figure.frame = frame
        self.set_frame_note("")
        if not alike:
            self._atom = None
            self.canvas.select_atom(None)
        self._stack.setCurrentIndex(0 if frame is None else 1)
        self.title.setText(wording.frame_title(frame) if frame is not None else "")
        self.canvas.setAccessibleName(f"Structure of {self.title.text()}" if frame is not None else "Structure")
        flags = wording.flags_html(frame) if frame is not None else ""
        self.warning.setText(flags)
        self.warning.setVisible(bool(flags))
        self._show_scene(keep_view=alike)
        self._refresh()

    def set_model_forces(self, models: Sequence[ModelForces]) -> None:
        """Show what the models predict for the frame shown.

        Raises:
            ValueError: Where the forces belong to another number of atoms.
        """
        n_atoms = self._frame.n_atoms if self._frame is not None else 0
        for model in models:
            if model.forces is not None and model.forces.shape != (n_atoms, 3):
                raise ValueError(f"forces of {model.title} have shape {model.forces.shape}, the frame has {n_atoms} atoms")
        self._models = tuple(models)
        self._refresh()

    def select_atom(self, index: int | None) -> None:
        """Pick an atom, as another view asks for it; no signal follows."""
        if index is not None and (self._frame is None or not 0 <= index < self._frame.n_atoms):
            index = None
        self._atom = index
        self.canvas.select_atom(index)
        self._refresh_table()

    def set_frame_note(self, text: str) -> None:
        """Show the frame's own line, e.g. ``This frame: scale 0.58, MAE 0.43 eV/Å over 24 components``."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def view_along(self, axis: int) -> None:
        """Look along a (0), b (1) or c (2)."""
        self.canvas.view_along(axis)

    def fit(self) -> None:
        """Show the whole structure."""
        self.canvas.fit()

    def export(self, path: Path, *, scale: float = PNG_SCALE, palette: Palette | None = LIGHT) -> None:
        """Write the view; the path's ending (png, svg, pdf, csv) decides the format.

        Args:
            path: Where to.
            scale: Pixels of a PNG a pixel on the screen.
            palette: Colours, light unless told otherwise, since most figures end on paper; None for those on the screen.

        Raises:
            UserFacingError: Where the ending is unknown or the file cannot be written.
        """
        save_figure(self.figure, path, palette, scale)

    def export_dialog(self) -> None:
        """Ask where to, and write the view there."""
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        proposal = Path(pictures or Path.home()) / f"{self.figure.suggested_name()}.png"
        chosen, kind = QFileDialog.getSaveFileName(self, "Export the structure", str(proposal), _FILTERS)
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(kind[kind.index("*") + 1 : -1])
        palette = LIGHT if self.export_menu.on_white.isChecked() else None
        try:
            self.export(path, palette=palette)
        except UserFacingError as error:
            self.export_failed.emit(error)
            return
        self.exported.emit(path)

    def copy_to_clipboard(self) -> None:
        """Put the picture, and the numbers behind it, on the clipboard."""
        self.export_menu.copy()

    # inside

    def _empty_page(self) -> QWidget:
        page = QFrame()
        page.setProperty("role", "panel")
        column = QVBoxLayout(page)
        message = QLabel(wording.CHOOSE_FRAME)
        message.setProperty("role", "muted")
        message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        message.setWordWrap(True)
        column.addWidget(message)
        return page

    def _frame_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        picture, picture_column = _card()
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.title, 1)
        head.addWidget(self.export_menu)
        head.addWidget(self.controls.more)
        picture_column.addLayout(head)
        picture_column.addWidget(self.warning)
        picture_column.addWidget(self.canvas, 1)
        picture_column.addWidget(self.legend)
        picture_column.addWidget(self.controls)
        inside = QWidget()
        inside_column = QVBoxLayout(inside)
        inside_column.setContentsMargins(0, 0, 0, 0)
        inside_column.setSpacing(8)
        for widget in (self.table, self.note, self.net_force):
            inside_column.addWidget(widget)
        numbers, numbers_column = _card()
        numbers.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        numbers_column.addWidget(NumbersArea(inside))
        column.addWidget(picture, 1)
        column.addWidget(numbers)
        return page

    def _connect(self) -> None:
        self.canvas.atom_picked.connect(self._take_pick)
        self.canvas.step_requested.connect(self.step_requested)
        self.canvas.play_toggled.connect(self.play_toggled)
        controls = self.controls
        controls.axis_chosen.connect(self.canvas.view_along)
        controls.fit_requested.connect(self.canvas.fit)
        controls.longer_requested.connect(self._change_length)
        controls.shown_changed.connect(self._take_shown)
        controls.repeats_chosen.connect(self._take_repeats)
        controls.perspective_changed.connect(self._take_perspective)
        controls.nearest_image_changed.connect(self._take_nearest_image)
        self.export_menu.saved.connect(self.exported)
        self.export_menu.copied.connect(self.copied)
        self.export_menu.failed.connect(self.export_failed)

    def _take_pick(self, atom: int) -> None:
        self._atom = None if atom < 0 else atom
        self._refresh_table()
        self.atom_picked.emit(atom)

    def _take_shown(self) -> None:
        if self.sender() is None or self.controls.images.isChecked() != self._images_shown:
            self._show_scene(keep_view=True)
        self.canvas.set_shown(bonds=self.controls.bonds.isChecked(), differences=self.controls.differences.isChecked())
        self._refresh()

    def _take_repeats(self, count: int) -> None:
        self._repeats = count
        self._show_scene(keep_view=False)
        self._refresh()

    def _take_perspective(self, on: bool) -> None:  # noqa: FBT001 - a slot
        self.canvas.set_perspective(on=on)

    def _take_nearest_image(self, on: bool) -> None:  # noqa: FBT001 - a slot
        self.canvas.set_nearest_image(on=on)

    def _change_length(self, step: int) -> None:
        self._longer += step
        self._refresh_arrows()

    def _show_scene(self, *, keep_view: bool) -> None:
        self._images_shown = self.controls.images.isChecked()
        frame = self._frame
        if frame is None:
            self.canvas.set_scene(empty_scene(), (False, False, False), keep_view=False)
            return
        repeats = (self._repeats,) * 3
        scene = build_scene(frame.numbers, frame.positions, frame.cell, frame.pbc, images=self._images_shown, repeats=repeats)
        self.canvas.set_scene(scene, frame.pbc, keep_view=keep_view, keep_measurement=keep_view)

    def _refresh(self) -> None:
        self._refresh_arrows()
        self._refresh_legend()
        self._refresh_table()
        frame = self._frame
        has_forces = dft_forces(frame) is not None
        predicted = any(model.forces is not None for model in self._models)
        self.controls.differences.setEnabled(has_forces and predicted)
        self.controls.images.setEnabled(frame is not None and any(frame.pbc))
        for button in (self.controls.forces, self.controls.shorter, self.controls.longer):
            button.setEnabled(has_forces or predicted)
        self._refresh_net_force()

    def _sources(self) -> list[ForceArrows]:
        labels = dft_forces(self._frame)
        sources = [ForceArrows("DFT", labels)] if labels is not None else []
        sources += [
            ForceArrows(model.title, model.forces, (model.color.red(), model.color.green(), model.color.blue()), model.corrected)
            for model in self._models
            if model.forces is not None
        ]
        return sources

    def _refresh_arrows(self) -> None:
        sources = self._sources()
        # the copies of a repeated cell do not make its arrows longer
        radius = self.canvas.view.scene.radius / self._repeats
        length = suggest_length(max((longest(source.forces) for source in sources), default=0.0), radius)
        self.canvas.set_arrows(sources if self.controls.forces.isChecked() else (), step_length(length, self._longer))

    def _refresh_legend(self) -> None:
        if self._frame is None:
            self.legend.clear()
            return
        entries = []
        if dft_forces(self._frame) is not None:
            entries.append(_legend_entry(self._palette.text, "DFT force"))
        else:
            entries.append(wording.NO_FORCES)
        for model in self._models:
            if model.forces is not None:
                entries.append(_legend_entry(model.color.name(), model.title, line="═" if model.corrected else "━"))
            else:
                entries.append(escape(wording.not_predicted(model.title)))
        self.legend.setText("&nbsp;&nbsp; ".join(entries))

    def _refresh_table(self) -> None:
        self.table.show_atom(self._frame, self._models, self._atom)

    def _refresh_net_force(self) -> None:
        net = [(source.title, number(float(np.linalg.norm(source.forces.sum(axis=0))), 3)) for source in self._sources()]
        same = len(net) > 1 and len({size for _, size in net}) == 1
        words = f"{net[0][1]} eV/Å, DFT and models alike" if same else f"{' · '.join(f'{title} {size}' for title, size in net)} eV/Å"
        self.net_force.setText(f"Net force: {words}")
        self.net_force.setVisible(bool(net))


def _legend_entry(color: str, title: str, line: str = "━") -> str:
    return f"<span style='color:{color}; font-weight:600'>{line}</span>&nbsp;{escape(title).replace(' ', '&nbsp;')}"


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def _card() -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setProperty("role", "panel")
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 10, 12, 12)
    column.setSpacing(8)
    return card, column
