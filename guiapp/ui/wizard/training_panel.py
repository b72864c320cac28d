"""A training while it runs: what it will cost, the falling error, the held-out parity, Cancel, Go on."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout

from guiapp.correction.fine_tune import TrainingProgress
from guiapp.correction.training_record import TrainingRecord
from guiapp.number_words import duration
from guiapp.physics.force_statistics import force_statistics
from guiapp.ui.theme import Palette
from guiapp.ui.wizard.page import Card, words
from guiapp.ui.wizard.training_process import TrainingEstimate

_PLOT_HEIGHT = 190


class TrainingPanel(Card):
    """Starts and follows a training.

    Signals:
        start_requested: Train, or go on.
        cancel_requested: Stop; what was learnt is kept.
    """

    start_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, palette: Palette) -> None:
        """Build it before a training."""
        super().__init__()
        self._palette = palette
        self.is_running = False
        self._passes: list[int] = []
        self._trained: list[float] = []
        self._held_out: list[float] = []
        self._parity: tuple[np.ndarray, np.ndarray] | None = None
        self._estimate: TrainingEstimate | None = None
        self.cost = words()
        self.start, self.cancel = QPushButton("Train"), QPushButton("Cancel")
        self.start.setProperty("role", "primary")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.note = words(role="small")
        buttons = QHBoxLayout()
        buttons.addWidget(self.cost, 1)
        buttons.addWidget(self.start, 0, Qt.AlignmentFlag.AlignTop)
        buttons.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignTop)
        self.curve, self.parity = _plot(), _plot()
        self.curve.setAccessibleName("Force error against passes over the labels")
        self.parity.setAccessibleName("Held-out forces of the model being trained against DFT")
        self.parity_words, self.curve_words = words(role="small"), words(role="small")
        self._plots = QHBoxLayout()
        self._plots.setSpacing(20)
        for plot, text in ((self.curve, self.curve_words), (self.parity, self.parity_words)):
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(text, 0, Qt.AlignmentFlag.AlignBottom)
            column.addWidget(plot)
            self._plots.addLayout(column, 1)
        self.column.addLayout(buttons)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.note)
        self.column.addLayout(self._plots)
        self.start.clicked.connect(self.start_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.show_ready("Measuring what a training costs …", can_go_on=False)

    def show_ready(self, words: str, *, can_go_on: bool) -> None:
        """Show that a training may be started.

        Args:
            words: What is to be known before.
            can_go_on: Whether one was begun that can be gone on with.
        """
        self.cost.setText(words)
        self.start.setText("Go on" if can_go_on else "Train")
        self._refresh()

    def show_estimate(self, estimate: TrainingEstimate, passes: int) -> None:
        """Say what it will cost.

        Args:
            estimate: As measured.
            passes: How many passes over the labels are wanted.
        """
        self._estimate = estimate
        memory = f", {estimate.memory / 2**30:.1f} GB of memory" if estimate.memory is not None else ""
        time = duration(estimate.seconds_a_pass * passes)
        self.cost.setText(f"About {time}{memory}, measured here; it can be stopped and gone on with.")

    def show_recipe(self, passes: int, *, can_go_on: bool) -> None:
        """Follow other numbers of the training."""
        self.show_ready(self.cost.text(), can_go_on=can_go_on)
        if self._estimate is not None:
            self.show_estimate(self._estimate, passes)

    def clear(self) -> None:
        """Forget the curves of an earlier training."""
        self._passes, self._trained, self._held_out, self._parity = [], [], [], None
        self.note.setText("")
        self._redraw()

    def show_progress(self, progress: TrainingProgress | str) -> None:
        """Show one more pass, or words about what is going on."""
        self.is_running = True
        if isinstance(progress, str):
            self.progress.setRange(0, 0)
            self.note.setText(progress)
        else:
            record = progress.record
            self.progress.setRange(0, progress.epochs)
            self.progress.setValue(record.epoch)
            self._passes.append(record.epoch)
            self._trained.append(record.train_force_mae)
            self._held_out.append(record.validation_force_mae if record.validation_force_mae is not None else float("nan"))
            self._parity = progress.parity
            held_out = f", held-out {record.validation_force_mae:.3f} eV/Å" if record.validation_force_mae is not None else ""
            best = f", best so far in pass {progress.best_epoch}" if progress.best_epoch is not None else ""
            self.note.setText(
                f"pass {record.epoch} of {progress.epochs}: force error {record.train_force_mae:.3f} eV/Å on the labels{held_out}{best}; "
                f"about {duration(progress.seconds_left)} left"
            )
        self._redraw()
        self._refresh()

    def show_record(self, record: TrainingRecord) -> None:
        """Show the curves of a training that was finished, also in an earlier session."""
        self._passes = [epoch.epoch for epoch in record.epochs]
        self._trained = [epoch.train_force_mae for epoch in record.epochs]
        self._held_out = [e.validation_force_mae if e.validation_force_mae is not None else float("nan") for e in record.epochs]
        self._redraw()

    def show_ended(self, words: str, *, can_go_on: bool) -> None:
        """Show how it ended."""
        self.is_running = False
        self.note.setText(words)
        self.start.setText("Go on" if can_go_on else "Train again")
        self._refresh()

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        self._redraw()

    def _refresh(self) -> None:
        self.start.setVisible(not self.is_running)
        self.cancel.setVisible(self.is_running)
        self.progress.setVisible(self.is_running)
        self.note.setVisible(bool(self.note.text()))

    def _redraw(self) -> None:
        p = self._palette
        for plot in (self.curve, self.parity):
            plot.setVisible(bool(self._passes))
            plot.setBackground(p.surface)
            plot.clear()
            for side in ("left", "bottom"):
                plot.getAxis(side).setPen(p.line)
                plot.getAxis(side).setTextPen(p.muted)
        self.curve_words.setVisible(bool(self._passes))
        self.parity_words.setVisible(bool(self._passes))
        if not self._passes:
            return
        self.curve.plot(self._passes, self._trained, pen=pg.mkPen(p.muted, width=1.5))
        self.curve.plot(self._passes, self._held_out, pen=pg.mkPen(p.accent, width=2), connect="finite")
        self.curve_words.setText(
            f"force error (eV/Å): <span style='color:{p.muted}'>labels</span>, <span style='color:{p.accent}'>held out</span>, by pass"
        )
        self._draw_parity()

    def _draw_parity(self) -> None:
        p = self._palette
        if self._parity is None:
            self.parity_words.setText("no label is held out: one label alone, or none seen yet")
            return
        dft, model = self._parity
        limit = float(np.abs(np.concatenate([dft, model])).max(initial=0.1)) * 1.05
        self.parity.plot([-limit, limit], [-limit, limit], pen=pg.mkPen(p.text, width=1))
        self.parity.addItem(pg.ScatterPlotItem(dft, model, size=4, pen=None, brush=p.models[0]))
        self.parity.setRange(xRange=(-limit, limit), yRange=(-limit, limit), padding=0)
        numbers = force_statistics(dft, model)
        scale = f"scale {numbers.scale:.2f}" if numbers.signal.enough else "not enough signal for a scale"
        self.parity_words.setText(f"held-out forces now, model against DFT (eV/Å): {scale}, {numbers.n} components")


def _plot() -> pg.PlotWidget:
    plot = pg.PlotWidget()
    plot.setFixedHeight(_PLOT_HEIGHT)
    plot.setMinimumWidth(120)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    return plot
