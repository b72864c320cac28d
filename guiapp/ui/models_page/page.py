"""The window of models: a list on the left, one model in full, a comparison or the consents on the right; it blocks nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from guiapp.errors import UserFacingError
from guiapp.ui.models_page import buttons
from guiapp.ui.models_page.comparison import Comparison
from guiapp.ui.models_page.consent_dialog import ConsentDialog
from guiapp.ui.models_page.consent_list import ConsentList
from guiapp.ui.models_page.details import ModelDetails
from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.models_page.inspection import Inspection
from guiapp.ui.models_page.model_list import ModelList
from guiapp.ui.models_page.shelf import ModelShelf
from guiapp.ui.theme import Palette

_LIST_WIDTH = 320
_FILES = "Models (*.model *.pth.tar *.pth *.pt);;All files (*)"


class ModelsPage(QDialog):
    """Every model that is known, and what can be done with it.

    Signals:
        use_requested(str): The project shall compare this model.
        recompute_requested(str): The project's stored results of this model shall be replaced by ones computed here.
    """

    use_requested = Signal(str)
    recompute_requested = Signal(str)

    def __init__(self, shelf: ModelShelf, palette: Palette, parent: QWidget | None = None) -> None:
        """Show what the shelf knows, and more as it learns.

        Args:
            shelf: Who keeps and changes the models.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.setModal(False)
        self.setAcceptDrops(True)
        self.resize(1000, 700)
        self._shelf = shelf
        self._palette = palette
        self._shown = ""
        self._used: frozenset[str] = frozenset()
        self._stored: Mapping[str, str] = {}
        self.list = ModelList(palette)
        self.details, self.comparison, self.consents = ModelDetails(palette), Comparison(palette), ConsentList()
        self.open_button, self.folder_button = QPushButton("Open a model file…"), QPushButton("Open a model folder…")
        self.compare_button, self.consents_button = QPushButton(), QPushButton("Files that you trust")
        self.back_button = QPushButton("Back to the model")
        self.message = QLabel()
        self.empty = QLabel("Looking which models are here…")
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_compare_button()
        self._take_entries()

    # ---- what the owner calls

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        for part in (self.list, self.details, self.comparison):
            part.set_palette(palette)
        self._say(self.message.text())

    def set_project(self, used: Collection[str], stored: Mapping[str, str]) -> None:
        """Mark the models that the open project compares.

        Args:
            used: Their names.
            stored: Where the results of those come from that were not computed here, by name.
        """
        self._used, self._stored = frozenset(used), dict(stored)
        self.list.set_used(self._used)
        self._refresh_details()

    def show_model(self, name: str) -> None:
        """Show one model in full."""
        self._shown = name
        self.list.set_shown(name)
        self.stack.setCurrentWidget(self._scroll)
        self._refresh_details()

    # ---- files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take model files dropped anywhere in this window."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Give what is dropped a name; nothing is opened."""
        event.acceptProposedAction()
        self.bring(dropped_paths(event.mimeData()))

    def bring(self, paths: Collection[Path]) -> None:
        """Take files and folders in as models; nothing is opened."""
        self._say("")
        for path in paths:
            self._shelf.bring(path)

    @Slot()
    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open a model file", filter=_FILES)
        if name:
            self.bring([Path(name)])

    @Slot()
    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Open a model folder, e.g. of matgl")
        if name:
            self.bring([Path(name)])

    # ---- what the shelf tells

    @Slot()
    def _take_entries(self) -> None:
        self.list.set_entries(self._shelf.entries)
        self.list.set_used(self._used)
        self.consents.show_consents(self._shelf.consents)
        if self._shelf.entries and self._entry() is None and not (self._shown and self._shelf.looks_again):
            self.show_model(self._shelf.entries[0].name)
        self._refresh_details()
        self.list.set_shown(self._shown)
        self._show_compared()

    @Slot(str)
    def _begin_or_end(self, name: str) -> None:
        self.list.set_doing(name, "" if not self._shelf.is_busy(name) else "…")
        if name == self._shown:
            self._refresh_details()

    @Slot(str, int, str)
    def _show_progress(self, name: str, part: int, words: str) -> None:
        self.list.set_doing(name, words)
        if name == self._shown:
            self.details.show_progress(part, words)

    @Slot(str, object)
    def _show_problem(self, name: str, error: UserFacingError) -> None:
        if self._shelf.entry(name) is None:
            self._say(str(error))
            return
        if name != self._shown:
            self.show_model(name)
        self.details.show_problem(str(error))

    @Slot(object)
    def _ask_consent(self, inspection: Inspection) -> None:
        dialog = ConsentDialog(inspection, self._palette, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self._take_consent)
        dialog.open()

    @Slot()
    def _take_consent(self) -> None:
        dialog = self.sender()
        if isinstance(dialog, ConsentDialog):
            found = dialog.inspection
            self._shelf.consent(found.name, found.sha256, found.path.name)

    # ---- what the user wants

    @Slot(str, str)
    def _do(self, name: str, intent: str) -> None:
        shelf, entry = self._shelf, self._shelf.entry(name)
        if intent == buttons.USE:
            self.use_requested.emit(name)
        elif intent == buttons.RECOMPUTE:
            self.recompute_requested.emit(name)
        elif intent == buttons.TAKE:
            self._take(name)
        elif intent == buttons.PAGE and entry is not None:
            QDesktopServices.openUrl(QUrl(entry.page))
        else:
            {
                buttons.DOWNLOAD: shelf.download,
                buttons.PAUSE: shelf.pause,
                buttons.DISCARD: shelf.discard,
                buttons.INSPECT: shelf.look_inside,
                buttons.TEST: shelf.test,
                buttons.STOP: shelf.cancel,
                buttons.INSTALL: shelf.install,
                buttons.REMOVE: shelf.remove,
            }[intent](name)

    def _take(self, name: str) -> None:
        entry = self._shelf.entry(name)
        if entry is None:
            return
        if entry.page:  # published as a folder
            chosen = QFileDialog.getExistingDirectory(self, f"The folder of {entry.card.title}")
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, f"The file of {entry.card.title}", filter=_FILES)
        if chosen:
            self._shelf.take(name, Path(chosen))

    @Slot()
    def _compare(self) -> None:
        self.stack.setCurrentWidget(self.comparison)
        self._show_compared()

    @Slot()
    def _show_consents(self) -> None:
        self.stack.setCurrentWidget(self.consents)
        self._show_compare_button()

    @Slot()
    def _go_back(self) -> None:
        self.stack.setCurrentWidget(self._scroll)
        self._show_compare_button()

    @Slot()
    def _show_compared(self) -> None:
        entries = [entry for entry in self._shelf.entries if entry.name in self.list.compared]
        if self.stack.currentWidget() is self.comparison:
            if len(entries) > 1:
                self.comparison.show_entries(entries)
            else:
                self._go_back()
        self._show_compare_button()

    # ---- inside

    def _entry(self) -> ModelEntry | None:
        return self._shelf.entry(self._shown)

    def _refresh_details(self) -> None:
        entry = self._entry()
        if entry is None:
            self.stack.setCurrentWidget(self.empty)
            return
        if self.stack.currentWidget() is self.empty:
            self.stack.setCurrentWidget(self._scroll)
        self.details.show_entry(
            entry,
            used=entry.name in self._used,
            busy=self._shelf.is_busy(entry.name),
            pausable=self._shelf.is_downloading(entry.name),
            stored=self._stored.get(entry.name, ""),
        )
        self._show_compare_button()

    def _show_compare_button(self) -> None:
        count = len(self.list.compared)
        self.compare_button.setText(f"Compare {count} models" if count > 1 else "Tick two models to compare them")
        self.compare_button.setEnabled(count > 1)
        self.back_button.setVisible(self.stack.currentWidget() in {self.comparison, self.consents})

    def _say(self, words: str) -> None:
        self.message.setText(words)
        self.message.setStyleSheet(f"color: {self._palette.bad};")
        self.message.setVisible(bool(words))

    def _connect(self) -> None:
        shelf = self._shelf
        shelf.listed.connect(self._take_entries)
        shelf.started.connect(self._begin_or_end)
        shelf.ended.connect(self._begin_or_end)
        shelf.progressed.connect(self._show_progress)
        shelf.refused.connect(self._show_problem)
        shelf.inspected.connect(self._ask_consent)
        shelf.brought.connect(self.show_model)
        self.list.chosen.connect(self.show_model)
        self.list.compared_changed.connect(self._show_compared)
        self.details.wanted.connect(self._do)
        self.consents.revoke_requested.connect(shelf.revoke)
        self.open_button.clicked.connect(self._ask_file)
        self.folder_button.clicked.connect(self._ask_folder)
        self.compare_button.clicked.connect(self._compare)
        self.consents_button.clicked.connect(self._show_consents)
        self.back_button.clicked.connect(self._go_back)

    def _lay_out(self) -> None:
        self.message.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._scroll = scrolled(self.details)
        for page in (self.empty, self._scroll, self.comparison, self.consents):
            self.stack.addWidget(page)
        for button in (self.open_button, self.folder_button, self.compare_button, self.consents_button, self.back_button):
            button.setAutoDefault(False)
        left = QVBoxLayout()
        left.setContentsMargins(16, 16, 8, 16)
        left.setSpacing(8)
        for part in (self.open_button, self.folder_button, self.message):
            left.addWidget(part)
        left.addWidget(scrolled(self.list), 1)
        for button in (self.compare_button, self.consents_button, self.back_button):
            left.addWidget(button)
        side = QWidget()
        side.setFixedWidth(_LIST_WIDTH)
        side.setLayout(left)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.stack, 1)


def scrolled(widget: QWidget) -> QScrollArea:
    """Return a widget in an area that scrolls upwards and downwards only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def dropped_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders of this machine among what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
