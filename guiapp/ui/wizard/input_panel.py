"""Writing DFT input, and waiting for what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QPushButton

from guiapp.correction.dft_input import Code, DftInput
from guiapp.ui.wizard.page import Card, words

_TITLES = {Code.VASP: "VASP", Code.ESPRESSO: "Quantum ESPRESSO", Code.CP2K: "CP2K", Code.GPAW: "GPAW"}


class InputPanel(Card):
    """Which programs, where to, and what to bring back.

    Signals:
        write_requested: Folder and the chosen ``Code``s.
        watch_requested: Another folder to take results from.
        taken: Paths of results.
    """

    write_requested = Signal(object, object)
    watch_requested = Signal(object)
    taken = Signal(object)

    def __init__(self) -> None:
        """Build it with every program ticked."""
        super().__init__()
        self._folder = Path()
        self.codes = {code: QCheckBox(title) for code, title in _TITLES.items()}
        row = QHBoxLayout()
        for box in self.codes.values():
            box.setChecked(True)
            box.toggled.connect(self._refresh)
            row.addWidget(box)
        row.addStretch(1)
        self.write, self.elsewhere = QPushButton("Write the input"), QPushButton("Write it elsewhere…")
        self.open, self.watch = QPushButton("Open the folder"), QPushButton("Watch another folder…")
        self.choose = QPushButton("Choose a result…")
        self.write.setProperty("role", "primary")
        buttons = QHBoxLayout()
        for button in (self.write, self.elsewhere, self.open):
            buttons.addWidget(button)
        buttons.addStretch(1)
        back = QHBoxLayout()
        for button in (self.choose, self.watch):
            back.addWidget(button)
        back.addStretch(1)
        self.written = words(role="small")
        self.written.hide()
        self.waiting = words(role="small")
        self.column.addLayout(row)
        self.column.addLayout(buttons)
        self.column.addWidget(self.written)
        self.column.addLayout(back)
        self.column.addWidget(self.waiting)
        self.write.clicked.connect(self._write_here)
        self.elsewhere.clicked.connect(self._write_elsewhere)
        self.open.clicked.connect(self._open)
        self.watch.clicked.connect(self._ask_watch)
        self.choose.clicked.connect(self._ask_result)
        self._refresh()

    def chosen(self) -> tuple[Code, ...]:
        """Return the ticked programs."""
        return tuple(code for code, box in self.codes.items() if box.isChecked())

    def show_codes(self, codes: Sequence[str], *, only_vasp: bool) -> None:
        """Tick programs; all where none is named.

        Args:
            codes: As ``Code``.
            only_vasp: Whether the functional can be written for VASP only.
        """
        for code, box in self.codes.items():
            possible = not only_vasp or code is Code.VASP
            box.setEnabled(possible)
            box.setToolTip("" if possible else "Input for the model's functional is written for VASP only")
            box.setChecked(possible and (not codes or code.value in codes))

    def show_folder(self, folder: Path, watched: str) -> None:
        """Say where input goes and where results are taken from."""
        self._folder = folder
        self.open.setEnabled(folder.is_dir())
        places = [str(folder)] if folder.is_dir() else []
        places += [watched] if watched else []
        self.waiting.setText(
            f"Watching {' and '.join(places)}: a finished result is read by itself. Or drop it anywhere on this page."
            if places
            else "A result can also be dropped anywhere on this page."
        )

    def show_written(self, written: Sequence[tuple[Path, DftInput]]) -> None:
        """Tell what was written, and what the user must add."""
        n = len({folder.parent for folder, _ in written})
        lines = [f"Written for {n} structure{'s' if n != 1 else ''}, a folder each with README.md and job.sh."]
        told: set[Code] = set()
        for _, one in written:
            if one.code not in told:
                told.add(one.code)
                missing = f"; add {'; '.join(one.missing)}" if one.missing else ""
                lines.append(f"{_TITLES[one.code]}: bring back {one.result}{missing}")
        lines += [f"Note: {remark}" for remark in dict.fromkeys(remark for _, one in written for remark in one.remarks)]
        self.written.setText("\n".join(lines))
        self.written.show()

    @Slot()
    def _refresh(self) -> None:
        for button in (self.write, self.elsewhere):
            button.setEnabled(bool(self.chosen()))

    @Slot()
    def _write_here(self) -> None:
        self.write_requested.emit(self._folder, self.chosen())

    @Slot()
    def _write_elsewhere(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for the DFT input")
        if name:
            self.write_requested.emit(Path(name), self.chosen())

    @Slot()
    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    @Slot()
    def _ask_watch(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder in which results will appear")
        if name:
            self.watch_requested.emit(Path(name))

    @Slot()
    def _ask_result(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Results: vasprun.xml, OUTCAR, pw.x output, extended xyz")
        if names:
            self.taken.emit([Path(name) for name in names])
