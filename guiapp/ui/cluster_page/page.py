"""The window of clusters; it blocks nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from guiapp.errors import UserFacingError
from guiapp.ui.cluster_page.address_card import AddressCard
from guiapp.ui.cluster_page.local_card import LocalCard
from guiapp.ui.cluster_page.profile_form import ProfileForm
from guiapp.ui.cluster_page.profiles_card import ProfilesCard
from guiapp.ui.cluster_page.situation import Link, Situation
from guiapp.ui.cluster_page.worker_table import WorkerTable
from guiapp.ui.theme import Palette
from guiapp.ui.what_is_this import WhatIsThis

_SCRIPT_HEIGHT = 220


class ClusterPage(QDialog):
    """Where jobs run, and how to let them run elsewhere.

    Signals:
        leave_requested: The cluster shall be left, or the attempt to reach it given up.
        again_requested: The lost cluster shall be connected to again.
    """

    leave_requested = Signal()
    again_requested = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Show that there is no cluster.

        Args:
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle("Cluster")
        self.setModal(False)
        self.resize(820, 720)
        self.headline, self.evidence, self.problem = QLabel(), QLabel(), QLabel()
        self.what = WhatIsThis("cluster", palette)
        self.waiting_bar = QProgressBar()
        self.waiting_bar.setRange(0, 0)
        self.waiting_bar.setTextVisible(False)
        self.waiting_bar.setAccessibleName("Connecting")
        self.leave_button = QPushButton("Disconnect")
        self.again_button = QPushButton("Connect again")
        self.again_button.setProperty("role", "primary")
        self.workers = WorkerTable()
        self.address, self.local, self.profiles, self.form = AddressCard(), LocalCard(), ProfilesCard(), ProfileForm()
        self.script = QPlainTextEdit()
        self.script.setReadOnly(True)
        self.script.setAccessibleName("Job script")
        self.script.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.script.setFixedHeight(_SCRIPT_HEIGHT)
        self.script.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.script.hide()
        for button, signal in ((self.leave_button, self.leave_requested), (self.again_button, self.again_requested)):
            button.setAutoDefault(False)
            button.clicked.connect(signal)
        self.address.refused.connect(self.show_problem)
        self.form.refused.connect(self.show_problem)
        self._lay_out()
        self.set_palette(palette)
        self.show_situation(Situation())

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.what.set_palette(palette)
        self.problem.setStyleSheet(f"color: {palette.warn};")
        box = f"background: {palette.surface}; border: 1px solid {palette.line}; border-radius: 6px; padding: 3px 4px;"
        self.setStyleSheet(f"QPlainTextEdit {{ {box} }}")

    def show_situation(self, situation: Situation) -> None:
        """Show how things stand."""
        self.headline.setText(situation.headline)
        self.evidence.setText(situation.evidence)
        if situation.problem or situation.link in {Link.CONNECTING, Link.CONNECTED}:
            self._say(situation.problem)
        connected, waits = situation.link is Link.CONNECTED, situation.link is Link.CONNECTING
        self.waiting_bar.setVisible(waits)
        self.leave_button.setVisible(connected or waits)
        self.leave_button.setText(situation.leave_words)
        self.again_button.setVisible(situation.link is Link.LOST)
        self.workers.setVisible(connected)
        self.workers.set_workers(situation.state.workers if situation.state is not None else ())
        self._area.setVisible(not connected)
        self._column.setEnabled(not waits)

    def show_script(self, script: str) -> None:
        """Show the script of a job."""
        self.script.setPlainText(script.strip())
        self.script.show()
        self._say("")
        QTimer.singleShot(0, self._scroll_to_script)

    @Slot()
    def _scroll_to_script(self) -> None:
        """Bring the script into view once there is room for it."""
        self._area.ensureWidgetVisible(self.script)

    @Slot(object)
    def show_problem(self, error: UserFacingError) -> None:
        """Say what was not possible, and what to do."""
        self._say(str(error))

    def _say(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _lay_out(self) -> None:
        self.headline.setProperty("role", "headline")
        self.evidence.setProperty("role", "muted")
        for label in (self.headline, self.evidence, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.headline, 1)
        head.addWidget(self.what)
        head.addWidget(self.again_button)
        head.addWidget(self.leave_button)
        self._column = QWidget()
        rows = QVBoxLayout(self._column)
        rows.setContentsMargins(0, 0, 4, 0)
        rows.setSpacing(12)
        for card in (self.address, self.local, self.profiles, self.form, self.script):
            rows.addWidget(card)
        rows.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.evidence)
        layout.addWidget(self.waiting_bar)
        layout.addWidget(self.problem)
        layout.addSpacing(4)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.workers, 1)
