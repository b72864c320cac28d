"""The Export button of a plot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from guiapp.errors import UserFacingError
from guiapp.ui.icons import icon
from guiapp.ui.plots.plot_export import ExportablePlot, copy_to_clipboard, csv_steps, save_picture
from guiapp.ui.theme import LIGHT, Palette

_FORMATS = {
    "png": ("Picture (PNG)…", "PNG picture (*.png)"),
    "svg": ("Drawing (SVG)…", "SVG drawing (*.svg)"),
    "pdf": ("Drawing (PDF)…", "PDF document (*.pdf)"),
    "csv": ("Numbers (CSV)…", "Comma-separated numbers (*.csv)"),
}


class ExportMenu(QToolButton):
    """Saves or copies one plot.

    Signals:
        saved: The file that was written.
        copied: Words to show, e.g. "Picture and numbers copied".
        failed: A ``UserFacingError`` to show.
    """

    saved = Signal(Path)
    copied = Signal(str)
    failed = Signal(UserFacingError)

    _last_folder: Path | None = None

    def __init__(self, plot: ExportablePlot, parent: QWidget | None = None) -> None:
        """Offer every format for that plot."""
        super().__init__(parent)
        self._plot = plot
        self.setText("Export")
        self.setProperty("role", "chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip("Save this plot as a picture, a drawing or its numbers, or copy it")
        self.setAccessibleName("Export this plot")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.actions_by_kind: dict[str, QAction] = {}
        for kind, (title, _) in _FORMATS.items():
            action = menu.addAction(title)
            action.setData(kind)
            action.triggered.connect(self._ask_and_save)
            self.actions_by_kind[kind] = action
        menu.addSeparator()
        copy = menu.addAction("Copy picture and numbers")
        copy.triggered.connect(self.copy)
        self.actions_by_kind["copy"] = copy
        menu.addSeparator()
        self.on_white = menu.addAction("Figures in light colours")
        self.on_white.setCheckable(True)
        self.on_white.setChecked(True)
        self.on_white.setToolTip("Most figures end on paper; untick to export what the screen shows")
        self.setMenu(menu)
        self._csv: Iterator[int] = iter(())
        self._csv_path = Path()
        self._csv_timer = QTimer(self, singleShot=True)
        self._csv_timer.timeout.connect(self._write_next_rows)
        self.set_palette(plot.colors)

    def set_palette(self, palette: Palette) -> None:
        """Tint the icon."""
        self.setIcon(icon("export", palette))

    def copy(self) -> None:
        """Put picture and numbers on the clipboard."""
        complete = copy_to_clipboard(self._plot, self._palette())
        self.copied.emit("Picture and numbers copied" if complete else "Picture copied; the numbers are too many, save them as CSV")

    def save(self, path: Path) -> None:
        """Write one file, in the format that its ending names."""
        try:
            if path.suffix.lower() == ".csv":
                self._csv, self._csv_path = csv_steps(self._plot, path), path
                self._write_next_rows()
                return
            save_picture(self._plot, path, self._palette())
        except UserFacingError as error:
            self.failed.emit(error)
            return
        self.saved.emit(path)

    def _write_next_rows(self) -> None:
        try:
            finished = next(self._csv, None) is None
        except UserFacingError as error:
            self.failed.emit(error)
            return
        if finished:
            self.saved.emit(self._csv_path)
        else:
            self._csv_timer.start(0)

    def _palette(self) -> Palette | None:
        return LIGHT if self.on_white.isChecked() else None

    def _ask_and_save(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        kind = str(action.data())
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = ExportMenu._last_folder or Path(pictures or Path.home())
        name = re.sub(r"[^\w.\- ]+", "", self._plot.suggested_name()).strip() or "plot"
        chosen, _ = QFileDialog.getSaveFileName(self, "Export plot", str(folder / f"{name}.{kind}"), _FORMATS[kind][1])
        if not chosen:
            return
        path = Path(chosen)
        if path.suffix.lower() != f".{kind}":
            path = path.with_name(f"{path.name}.{kind}")
        ExportMenu._last_folder = path.parent
        self.save(path)
