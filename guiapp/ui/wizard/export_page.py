"""Page 6: take the corrected model away."""

from __future__ import annotations

import html
from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QFontDatabase
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QPushButton

from guiapp.correction.corrected import Method
from guiapp.correction.verdict import CorrectionVerdict
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.export_process import ExportResult
from guiapp.ui.wizard.page import WizardPage, card, words


class ExportPage(WizardPage):
    """Writes the model's own file, its card, the labels and plots, and proves that the plain library opens it.

    Signals:
        export_requested: Whether the verdict is overridden.
        cancel_requested: The user gave up.
        benchmark_requested: Path of the corrected model, to be measured beside its parent.
    """

    export_requested = Signal(bool)
    cancel_requested = Signal()
    benchmark_requested = Signal(str)
    term = "correction"

    def __init__(self, palette: Palette) -> None:
        """Build the page, empty."""
        super().__init__("Take it away", "The corrected model opens in its own library; Temper is not needed for that.")
        self._palette = palette
        self._result: ExportResult | None = None
        self._lines: tuple[str, ...] = ()
        self.contents = words()
        self.override = QCheckBox("Export although the verdict does not confirm it; this is written into the model card")
        self.export = QPushButton("Export…")
        self.export.setProperty("role", "primary")
        self.cancel = QPushButton("Cancel")
        self.benchmark = QPushButton("Benchmark the corrected model")
        self.open_folder = QPushButton("Open the folder")
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.note, self.reload = words(role="muted"), words()
        self.load = QLabel()
        self.load.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.load.setTextInteractionFlags(self.note.textInteractionFlags() | self.load.textInteractionFlags().TextSelectableByMouse)
        box, column = card()
        column.addWidget(self.contents)
        buttons = QHBoxLayout()
        for button in (self.export, self.cancel, self.benchmark, self.open_folder):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.loading, load_column = card()
        title = QLabel("Load it without Temper")
        title.setProperty("role", "section")
        load_column.addWidget(title)
        load_column.addWidget(self.load)
        self.body.addWidget(box)
        self.body.addWidget(self.override)
        self.body.addLayout(buttons)
        for widget in (self.progress, self.note, self.reload, self.loading):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.export.clicked.connect(self._ask)
        self.cancel.clicked.connect(self.cancel_requested)
        self.benchmark.clicked.connect(self._benchmark)
        self.open_folder.clicked.connect(self._open)
        self.override.toggled.connect(self._refresh)
        self._verdict: CorrectionVerdict | None = None
        self._running = False
        self._refresh()

    def show_method(self, method: Method) -> None:
        """Say what will be written."""
        what = "its file with c folded into the weights" if method is Method.SCALE else "its file with the trained weights"
        self._lines = (
            f"The model's own kind of file: {what}",
            "Model card: base hash, method, label, verdict, limits, licence, how to repeat it",
            *(("Stand-alone ASE wrapper",) if method is Method.SCALE else ()),
            "The labels used, and plots",
        )
        self._refresh()

    def show_verdict(self, verdict: CorrectionVerdict | None) -> None:
        """Allow the export, or ask for an override."""
        before, self._verdict = self._verdict, verdict
        if before is not None and verdict is not None and (before.outcome, before.reasons) == (verdict.outcome, verdict.reasons):
            return
        self._result = None
        self.override.setChecked(False)
        self.reload.setText("")
        self.load.setText("")
        self.note.setText("")
        self._refresh()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        if self._result is not None:
            self.show_result(self._result)

    @property
    def is_ready(self) -> bool:
        """Whether the wizard may be left; always."""
        return True

    def show_earlier(self, folder: str) -> None:
        """Say where an earlier session wrote the model."""
        if self._result is None and not self._running and not self.note.text():
            self.note.setText(f"Exported before into {folder}")
            self._refresh()

    def show_running(self, note: str) -> None:
        """Say what is going on."""
        self._running = True
        self.note.setText(note)
        self._refresh()

    def show_stopped(self, note: str) -> None:
        """Return to where an export may be started."""
        self._running = False
        self.note.setText(note)
        self._refresh()

    def show_result(self, result: ExportResult) -> None:
        """Show what was written and whether the plain library agrees."""
        self._running, self._result = False, result
        p = self._palette
        mark, color = {True: ("✓", p.good), False: ("✗", p.bad), None: ("!", p.warn)}[result.passed]
        self.reload.setText(f"<span style='color:{color}'>{mark}</span> {html.escape(result.reload)}")
        self.note.setText(f"Written: {', '.join(result.files)} in {Path(result.model).parent}")
        self.load.setText("\n".join(result.load))
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        allowed = self._verdict is not None and self._verdict.may_be_exported
        self.override.setVisible(self._verdict is not None and not allowed)
        self.export.setEnabled(self._verdict is not None and (allowed or self.override.isChecked()) and not self._running)
        mark = "✓" if self._result is not None else "•"  # nothing is ticked off that is not written
        self.contents.setText("<br>".join(f"{mark} {line}" for line in self._lines))
        self.cancel.setVisible(self._running)
        self.progress.setVisible(self._running)
        for widget in (self.benchmark, self.open_folder, self.loading):
            widget.setVisible(self._result is not None)
        for label in (self.note, self.reload):
            label.setVisible(bool(label.text()))

    @Slot()
    def _ask(self) -> None:
        self.export_requested.emit(self.override.isChecked())

    @Slot()
    def _benchmark(self) -> None:
        if self._result is not None:
            self.benchmark_requested.emit(self._result.model)

    @Slot()
    def _open(self) -> None:
        if self._result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._result.model).parent)))
