"""Page 6: take the corrected model away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QFontDatabase
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QPushButton

from guiapp.correction.verdict import CorrectionVerdict
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

    def __init__(self) -> None:
        """Build the page, empty."""
        super().__init__("Take it away", "The corrected model opens in its own library; Temper is not needed for that.")
        self._result: ExportResult | None = None
        self.contents = words(
            "What is written: the model's own file with c folded into its weights; a model card (base hash, c with interval, label, "
            "verdict, limits, licence); a stand-alone ASE wrapper; the labels and plots."
        )
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
        self.body.addWidget(box)
        self.body.addWidget(self.override)
        self.body.addLayout(buttons)
        for widget in (self.progress, self.note, self.reload, self.load):
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

    def show_verdict(self, verdict: CorrectionVerdict) -> None:
        """Allow the export, or ask for an override."""
        self._verdict, self._result = verdict, None
        self.override.setChecked(False)
        self.reload.setText("")
        self.load.setText("")
        self.note.setText("")
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
        mark = {True: "✓", False: "✗", None: "!"}[result.passed]
        self.reload.setText(f"{mark} {result.reload}")
        self.note.setText(f"Written: {', '.join(result.files)} in {Path(result.model).parent}")
        self.load.setText("\n".join(result.load))
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        allowed = self._verdict is not None and self._verdict.may_be_exported
        self.override.setVisible(self._verdict is not None and not allowed)
        self.export.setEnabled(self._verdict is not None and (allowed or self.override.isChecked()) and not self._running)
        self.cancel.setVisible(self._running)
        self.progress.setVisible(self._running)
        for button in (self.benchmark, self.open_folder):
            button.setVisible(self._result is not None)

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
