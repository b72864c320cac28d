"""The card of saved profiles: one line each, with what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from guiapp.engine.cluster.profile import ClusterProfile
from guiapp.ui.cluster_page.card import Card

_NONE = "None yet. Save an address above, or fill in what a job of your queueing system asks for below."


class ProfilesCard(Card):
    """Lists profiles.

    Signals:
        connect_requested(str): The profile of that name shall be used.
        change_requested(str): It shall be shown in the form to be changed.
        remove_requested(str): It shall be deleted.
    """

    connect_requested = Signal(str)
    change_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__("Saved profiles", parent)
        self.empty_label = QLabel(_NONE)
        self.empty_label.setProperty("role", "small")
        self.empty_label.setWordWrap(True)
        self.buttons: dict[tuple[str, str], QPushButton] = {}
        self._rows: list[QWidget] = []
        self._layout = QVBoxLayout(self)
        self.frame_in(self._layout)
        self._layout.addWidget(self.title)
        self._layout.addWidget(self.empty_label)

    def set_profiles(self, profiles: Sequence[ClusterProfile]) -> None:
        """List these."""
        self.buttons.clear()
        for row in self._rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(profile) for profile in profiles]
        for row in self._rows:
            self._layout.addWidget(row)
        self.empty_label.setVisible(not profiles)

    def _row(self, profile: ClusterProfile) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        words = QLabel(profile.words)
        words.setProperty("role", "small")
        words.setWordWrap(True)
        name = QLabel(profile.name)
        name.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextFormat(Qt.TextFormat.PlainText)
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(name)
        text.addWidget(words)
        line.addLayout(text, 1)
        starts = "Connect" if profile.address else "Ask for workers"
        for verb, title in (("remove", "Remove"), ("change", "Change"), ("connect", starts)):
            button = QPushButton(title)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{title} {profile.name}")
            button.setProperty("intent", verb)
            button.setProperty("profile", profile.name)
            button.clicked.connect(self._tell)
            self.buttons[verb, profile.name] = button
            line.addWidget(button)
        return row

    @Slot()
    def _tell(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            signals = {"connect": self.connect_requested, "change": self.change_requested, "remove": self.remove_requested}
            signals[button.property("intent")].emit(button.property("profile"))
