"""The form for workers from a queueing system: what one of its jobs asks for."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox, QWidget

from guiapp.engine.cluster.profile import SYSTEMS, ClusterProfile
from guiapp.ui.cluster_page.card import FormCard

_MOST = 100_000
_LINES_HEIGHT = 54


class ProfileForm(FormCard):
    """Makes a profile of what is filled in.

    Signals:
        script_requested(object): A ``ClusterProfile`` whose job script the user wants to see; ``save_requested`` tells one to be kept.
    """

    script_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with a small job of Slurm."""
        super().__init__("Workers from a queueing system", parent, columns=2)
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
        self.save_button.clicked.connect(self._save)
        self.script_button.clicked.connect(self._script)
        self._add_fields()
        self.lay_out((self.script_button, self.save_button))

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
        self.tell(self.save_requested, self.profile)

    @Slot()
    def _script(self) -> None:
        self.tell(self.script_requested, self.profile)

    def _add_fields(self) -> None:
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
        for field, words, widget, tip in fields:
            widget.setProperty("field", field)
            widget.setAccessibleName(words)
            widget.setToolTip(tip)
            self.add_field(words, widget)


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
