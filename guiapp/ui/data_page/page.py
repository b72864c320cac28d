"""The window of data sets; it blocks nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from guiapp.errors import UserFacingError
from guiapp.frames.catalogue import CatalogueSet
from guiapp.frames.download import DownloadProgress
from guiapp.frames.library import SetState
from guiapp.frames.shipped import ReferenceSetSummary
from guiapp.ui.data_page.downloads import Downloads
from guiapp.ui.data_page.set_card import SetCard, catalogue_content, shipped_content
from guiapp.ui.theme import Palette


class DataPage(QDialog):
    """Cards of every shipped and every public set.

    Signals:
        open_shipped_requested(str): A shipped set shall be read into the project.
        open_public_requested(str): A public set that is on this machine shall be read into the project.
    """

    open_shipped_requested = Signal(str)
    open_public_requested = Signal(str)

    def __init__(
        self,
        shipped: Iterable[ReferenceSetSummary],
        public: Iterable[CatalogueSet],
        downloads: Downloads,
        palette: Palette,
        parent: QWidget | None = None,
    ) -> None:
        """Show these sets.

        Args:
            shipped: Sets that come with the program.
            public: Sets of the catalogue.
            downloads: Who fetches and keeps public sets.
            palette: Colours.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setWindowTitle("Data sets")
        self.setModal(False)
        self.resize(860, 720)
        self._downloads = downloads
        self._open: frozenset[str] = frozenset()
        self.shipped_cards = {one.name: SetCard(shipped_content(one), palette) for one in shipped}
        self.public_cards = {one.name: SetCard(catalogue_content(one), palette) for one in public}
        self._lay_out()
        self._connect()
        self.refresh()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        for card in (*self.shipped_cards.values(), *self.public_cards.values()):
            card.set_palette(palette)

    def set_open(self, names: Collection[str]) -> None:
        """Mark the sets that the project holds."""
        if frozenset(names) != self._open:
            self._open = frozenset(names)
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look again which sets are on this machine."""
        for name, card in self.shipped_cards.items():
            card.set_state(SetState(here=True), fetching=False, busy=False, is_open=name in self._open)
        for name in self.public_cards:
            self._refresh_card(name)

    @Slot(str)
    def _refresh_card(self, name: str) -> None:
        card = self.public_cards.get(name)
        if card is not None:
            fetching = self._downloads.is_fetching(name)
            busy = self._downloads.is_busy(name) and not fetching
            card.set_state(self._downloads.state(name), fetching=fetching, busy=busy, is_open=name in self._open)

    @Slot(str, object)
    def _show_progress(self, name: str, progress: DownloadProgress) -> None:
        card = self.public_cards.get(name)
        if card is not None and self._downloads.is_fetching(name):
            card.set_progress(progress)

    @Slot(str, object)
    def _show_problem(self, name: str, error: UserFacingError) -> None:
        card = self.public_cards.get(name)
        if card is not None:
            self._refresh_card(name)
            card.set_problem(str(error))

    @Slot(str)
    def _ask_file(self, name: str) -> None:
        path, _ = QFileDialog.getOpenFileName(self, f"A file of {self.public_cards[name].content.title}")
        if path:
            self._downloads.take(name, Path(path))

    @Slot(str)
    def _show_page(self, address: str) -> None:
        QDesktopServices.openUrl(QUrl(address))

    def _connect(self) -> None:
        downloads = self._downloads
        for card in self.shipped_cards.values():
            card.open_requested.connect(self.open_shipped_requested)
        for card in self.public_cards.values():
            card.open_requested.connect(self.open_public_requested)
            card.fetch_requested.connect(downloads.fetch)
            card.pause_requested.connect(downloads.pause)
            card.discard_requested.connect(downloads.discard)
            card.remove_requested.connect(downloads.remove)
            card.file_requested.connect(self._ask_file)
            card.page_requested.connect(self._show_page)
        downloads.progressed.connect(self._show_progress)
        downloads.changed.connect(self._refresh_card)
        downloads.refused.connect(self._show_problem)

    def _lay_out(self) -> None:
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.setContentsMargins(16, 16, 16, 16)
        rows.setSpacing(12)
        parts = (
            ("Shipped with the program", "Our own DFT, ready at once.", self.shipped_cards),
            ("Public sets", "Fetched from where their makers publish them, kept on this machine, cited as they ask.", self.public_cards),
        )
        for title, words, cards in parts:
            head = QLabel(title)
            head.setProperty("role", "headline")
            note = QLabel(words)
            note.setProperty("role", "muted")
            rows.addWidget(head)
            rows.addWidget(note)
            for card in cards.values():
                rows.addWidget(card)
            rows.addSpacing(8)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(column)
        self.area = area
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
