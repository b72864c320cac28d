"""The form for workers from a queueing system: what one of its jobs asks for."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from guiapp.engine.cluster.profile import SYSTEMS, ClusterProfile
from guiapp.errors import UserFacingError

_MOST = 100_000
_LINES_HEIGHT = 54


class ProfileForm(QFrame):
    """Makes a profile of what is filled in.

    Signals:
        save_requested(object): A ``ClusterProfile``.
        script_requested(object): A ``ClusterProfile`` whose job script the user wants to see.
        refused(object): A ``UserFacingError``: what is wrong with what was filled in.
    """

    save_requested = Signal(object)
    script_requested = Signal(object)
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with a small job of Slurm."""
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAccessibleName("Workers from a queueing system")
        self.name, self.queue, self.account = _line("mycluster"), _line("the system's own"), _line("none")
        self.system = QComboBox()
        self.system.addItems(SYSTEMS)
        self.jobs, self.cores, self.processes = _count(1), _count(1), _count(0)
        self.processes.setSpecialValueText("one a core")
        self.memory, self.walltime = _line(""), _line("")
        self.memory.setText(ClusterProfile.memory)
        self.walltime.setText(ClusterProfile.walltime)
        self.interface = _line("chosen by itself")
        self.directives, self.prologue = _lines("--gres=gpu:1"), _lines("module load cuda")
        self.save_button = QPushButton("Save profile")
        self.script_button = QPushButton("Show the job script")
        for button, slot in ((self.save_button, self._save), (self.script_button, self._script)):
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self._lay_out()

    def fill(self, profile: ClusterProfile) -> None:
        """Show a saved profile, to be changed."""
        self.system.setCurrentText(profile.system)
        for edit in (self.name, self.queue, self.account, self.memory, self.walltime, self.interface):
            edit.setText(getattr(profile, edit.property("field")))
        for count in (self.jobs, self.cores, self.processes):
            count.setValue(getattr(profile, count.property("field")))
        self.directives.setPlainText("\n".join(profile.directives))
        self.prologue.setPlainText("\n".join(profile.prologue))

    def profile(self) -> ClusterProfile:
        """Return what is filled in.

        Raises:
            UserFacingError: Where it cannot be meant.
        """
        return ClusterProfile(
            name=self.name.text().strip(),
            system=self.system.currentText(),
            jobs=self.jobs.value(),
            cores=self.cores.value(),
            processes=self.processes.value(),
            memory=self.memory.text().strip(),
            walltime=self.walltime.text().strip(),
            queue=self.queue.text().strip(),
            account=self.account.text().strip(),
            interface=self.interface.text().strip(),
            directives=_split(self.directives),
            prologue=_split(self.prologue),
        )

    @Slot()
    def _save(self) -> None:
        self._emit(self.save_requested)

    @Slot()
    def _script(self) -> None:
        self._emit(self.script_requested)

    def _emit(self, signal: SignalInstance) -> None:
        try:
            profile = self.profile()
        except UserFacingError as error:
            self.refused.emit(error)
        else:
            signal.emit(profile)

    def _lay_out(self) -> None:
        title = QLabel("Workers from a queueing system")
        title.setProperty("role", "title")
        fields: tuple[tuple[str, str, QWidget, str], ...] = (
            ("name", "Name", self.name, "What you call it"),
            ("system", "System", self.system, "Which queueing system"),
            ("jobs", "Jobs", self.jobs, "How many jobs are asked for"),
            ("cores", "Cores a job", self.cores, "Cores of one job"),
            ("processes", "Workers a job", self.processes, "Worker processes in one job: one a core, or with GPUs one a GPU"),
            ("memory", "Memory a job", self.memory, "About 2 GB for each worker"),
            ("walltime", "Time", self.walltime, "After which the system ends a job"),
            ("queue", "Queue", self.queue, "Partition or queue"),
            ("account", "Account", self.account, "What the time is charged to"),
            ("interface", "Network", self.interface, "Interface that the compute nodes reach this machine over, e.g. ib0"),
            ("directives", "More lines", self.directives, "Further lines for the queueing system, one a line"),
            ("prologue", "Commands", self.prologue, "Shell commands before the worker starts, one a line"),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for place, (field, words, widget, tip) in enumerate(fields):
            widget.setProperty("field", field)
            widget.setAccessibleName(words)
            widget.setToolTip(tip)
            label = QLabel(words)
            label.setProperty("role", "muted")
            label.setBuddy(widget)
            row, column = divmod(place, 2)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(widget, row, 2 * column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.script_button)
        foot.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(title)
        layout.addLayout(grid)
        layout.addLayout(foot)


def _line(placeholder: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setPlaceholderText(placeholder)
    return edit


def _count(least: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, _MOST)
    box.lineEdit().setTextMargins(6, 0, 6, 0)
    return box


def _lines(placeholder: str) -> QPlainTextEdit:
    edit = QPlainTextEdit()
    edit.setPlaceholderText(placeholder)
    edit.setFixedHeight(_LINES_HEIGHT)
    edit.setTabChangesFocus(True)
    return edit


def _split(edit: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(line.strip() for line in edit.toPlainText().splitlines() if line.strip())
