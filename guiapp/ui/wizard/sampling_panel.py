"""Making candidates with the model itself: temperature and counts, progress, time left, Cancel."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSpinBox

from guiapp.correction.sampling import SamplingPlan
from guiapp.number_words import duration
from guiapp.ui.wizard.page import Card, padded, words
from guiapp.ui.wizard.sampling_process import SamplingProgress

_WHY = (
    "The model makes candidates by molecular dynamics at a constant temperature, by rattling and by straining; "
    "near the minimum forces say nothing."
)


class SamplingPanel(Card):
    """Shown where there are no candidates, or more are wanted.

    Signals:
        requested: A ``SamplingPlan``.
        cancel_requested: The user gave up.
    """

    requested = Signal(object)
    cancel_requested = Signal()

    def __init__(self) -> None:
        """Build it with the usual plan."""
        super().__init__()
        self._plan = SamplingPlan()
        self.is_running = False
        self.what = words(_WHY)
        self.temperature, self.frames, self.rattled = QSpinBox(), QSpinBox(), QSpinBox()
        self.strain = QDoubleSpinBox()
        self.temperature.setRange(100, 3000)
        self.temperature.setSingleStep(100)
        self.temperature.setSuffix(" K")
        self.frames.setRange(0, 40)
        self.rattled.setRange(0, 20)
        self.strain.setRange(0, 10)
        self.strain.setSingleStep(0.5)
        self.strain.setSuffix(" %")
        self.strain.setDecimals(1)
        for field in (self.temperature, self.frames, self.rattled, self.strain):
            padded(field)
        self.start, self.cancel = QPushButton("Sample candidates"), QPushButton("Cancel")
        self.start.setProperty("role", "primary")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.note = words(role="small")
        row = QHBoxLayout()
        for name, box, tip in (
            ("Temperature", self.temperature, "Of the dynamics"),
            ("frames", self.frames, "Taken from the dynamics; two of three are strained"),
            ("rattled", self.rattled, "Structures with every atom moved at random by 0.1 Å"),
            ("strain", self.strain, "Linear strain of strained frames"),
        ):
            label = QLabel(name)
            label.setProperty("role", "small")
            box.setAccessibleName(f"{name}: {tip}")
            box.setToolTip(tip)
            row.addWidget(label)
            row.addWidget(box)
        row.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.start)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        self.column.addWidget(self.what)
        self.column.addLayout(row)
        self.column.addLayout(buttons)
        self.column.addWidget(self.progress)
        self.column.addWidget(self.note)
        self.start.clicked.connect(self._ask)
        self.cancel.clicked.connect(self.cancel_requested)
        self.show_plan(self._plan)
        self.show_stopped("")

    @property
    def plan(self) -> SamplingPlan:
        """What is set."""
        return replace(
            self._plan,
            temperature=float(self.temperature.value()),
            n_dynamics=self.frames.value(),
            n_rattled=self.rattled.value(),
            strain=self.strain.value() / 100,
        )

    def show_plan(self, plan: SamplingPlan) -> None:
        """Set every number."""
        self._plan = plan
        self.temperature.setValue(round(plan.temperature))
        self.frames.setValue(plan.n_dynamics)
        self.rattled.setValue(plan.n_rattled)
        self.strain.setValue(100 * plan.strain)

    def show_purpose(self, *, have_some: bool, n_starts: int) -> None:
        """Say what sampling is for.

        Args:
            have_some: Whether candidates are shown already.
            n_starts: Unlabelled structures there are; several are candidates as they are.
        """
        if n_starts > 1:
            self.what.setText(f"{n_starts} structures without a label can be candidates as they are.")
            self.start.setText("Rank them")
        else:
            self.start.setText("Sample more" if have_some else "Sample candidates")
            self.what.setText(_WHY)
        self.what.setVisible(not have_some)
        for box in (self.temperature, self.frames, self.rattled, self.strain):
            box.setEnabled(n_starts == 1 and not self.is_running)
        self.start.setProperty("role", "" if have_some else "primary")
        self.start.style().unpolish(self.start)
        self.start.style().polish(self.start)

    def show_progress(self, progress: SamplingProgress | str) -> None:
        """Show how far it is."""
        self.is_running = True
        if isinstance(progress, SamplingProgress):
            self.progress.setRange(0, progress.total)
            self.progress.setValue(progress.done)
            self.note.setText(f"step {progress.done:,} of {progress.total:,}, about {duration(progress.seconds_left)} left")
        else:
            self.progress.setRange(0, 0)
            self.note.setText(progress)
        self._refresh()

    def show_stopped(self, words: str) -> None:
        """Show that nothing runs, and why."""
        self.is_running = False
        self.note.setText(words)
        self._refresh()

    def _refresh(self) -> None:
        for box in (self.temperature, self.frames, self.rattled, self.strain):
            box.setEnabled(not self.is_running)
        self.start.setVisible(not self.is_running)
        self.cancel.setVisible(self.is_running)
        self.progress.setVisible(self.is_running)
        self.note.setVisible(bool(self.note.text()))

    @Slot()
    def _ask(self) -> None:
        self.requested.emit(self.plan)
