"""What can be done with a model now, as a row of buttons."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from guiapp.potentials.model_library import Origin
from guiapp.ui.models_page.entry import ModelEntry

USE, DOWNLOAD, PAUSE, DISCARD, TAKE, PAGE = "use", "download", "pause", "discard", "take", "page"
INSPECT, TEST, STOP, INSTALL, RECOMPUTE, REMOVE = "inspect", "test", "stop", "install", "recompute", "remove"

_WORDS = {
    USE: ("Use in this project", "Compare it with the project's other models"),
    INSPECT: ("Look inside…", "See what opening the file would run, and decide whether you trust it"),
    DOWNLOAD: ("Download", "Fetch it in the background, with its checksum"),
    INSTALL: ("Install", "Make the environment that it needs, in the background"),
    PAUSE: ("Pause", "Stop for now; what has come is kept"),
    DISCARD: ("Discard", "Throw away what has come"),
    STOP: ("Stop", "Stop what goes on"),
    TEST: ("Run the self-test", "In a worker process: some seconds, for a model in an environment of its own a minute or more"),
    RECOMPUTE: ("Recompute", "Replace the stored results by ones computed on this machine"),
    TAKE: ("I have it already…", "Use a file or folder that lies on this machine; it stays there"),
    PAGE: ("Open its page", "Show in the web browser where to fetch it"),
    REMOVE: ("Remove", "Take it away from this machine"),
}


class ModelButtons(QWidget):
    """Shows only what makes sense now.

    Signals:
        wanted(str): The intent of the button that was clicked.
    """

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with nothing to do."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.by_intent: dict[str, QPushButton] = {}
        for intent, (words, tip) in _WORDS.items():
            button = QPushButton(words)
            button.setObjectName(intent)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(self._tell)
            row.addWidget(button)
            self.by_intent[intent] = button
        self.by_intent[USE].setProperty("role", "primary")
        row.addStretch(1)

    def show_for(self, entry: ModelEntry, *, used: bool, busy: bool, pausable: bool, stored: bool) -> None:
        """Show the buttons of a model; see ``ModelDetails.show_entry``."""
        origin, ready = entry.origin, entry.is_ready
        missing = not entry.card.is_here
        shown = {
            USE: ready and not used and not busy,
            INSPECT: entry.needs_consent and not busy,
            DOWNLOAD: origin is Origin.RELEASE and missing and not busy,
            INSTALL: origin is Origin.ENVIRONMENT and not ready and not busy,
            PAUSE: pausable,
            DISCARD: origin is Origin.RELEASE and missing and (pausable or (entry.part > 0 and not busy)),
            STOP: busy and not pausable,
            TEST: ready and not busy,
            RECOMPUTE: stored and ready and not busy,
            TAKE: origin in {Origin.RELEASE, Origin.FOLDER} and missing and not busy,
            PAGE: bool(entry.page) and missing,
            REMOVE: entry.is_here and origin is not Origin.PACKAGE and not busy,
        }
        for intent, button in self.by_intent.items():
            button.setVisible(shown[intent])
            button.setAccessibleName(f"{button.text()} {entry.card.title}")
        self.by_intent[DOWNLOAD].setText("Resume" if entry.part else "Download")
        self.by_intent[INSTALL].setText("Go on installing" if entry.is_here else "Install")
        self.by_intent[REMOVE].setText("Forget" if origin in {Origin.OWN, Origin.CALCULATOR, Origin.FOLDER} else "Remove")
        self.by_intent[TEST].setText("Test again" if entry.report is not None else "Run the self-test")

    @Slot()
    def _tell(self) -> None:
        self.wanted.emit(self.sender().objectName())
