"""What connects data sets with the rest of the window: the page, provenance cards, and the question before sets are mixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from guiapp.frames.catalogue import CatalogueSet, catalogue
from guiapp.frames.reference_set import ReferenceSet
from guiapp.frames.shipped import open_shipped, shipped_sets
from guiapp.potentials.user_folders import data_folder
from guiapp.ui.background import Background
from guiapp.ui.data_page.mixing_bar import MixingBar
from guiapp.ui.theme import Palette

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from guiapp.ui.data_page.downloads import Downloads
    from guiapp.ui.data_page.energy_card import EnergyCard, ModelEnergies
    from guiapp.ui.data_page.page import DataPage
    from guiapp.ui.structures import Structures


class DataDesk(QObject):
    """Owns what is made only when it is asked for, and speaks with the structures of the session.

    Signals:
        crashed: An exception that is a bug.
    """

    crashed = Signal(object)

    def __init__(self, structures: Structures, palette: Palette, parent: QWidget) -> None:
        """Serve a window.

        Args:
            structures: Of the session.
            palette: Colours.
            parent: The window.
        """
        super().__init__(parent)
        self._window = parent
        self._structures = structures
        self._palette = palette
        self.page: DataPage | None = None
        self.mixing_bar = MixingBar(palette)
        self._downloads: Downloads | None = None
        self.public: Callable[[], tuple[CatalogueSet, ...]] = catalogue
        """Where public sets are listed."""
        structures.changed.connect(self._mark_open)
        structures.mixing_found.connect(self.mixing_bar.show_mismatches)
        self.mixing_bar.accepted.connect(structures.add_waiting)
        self.mixing_bar.declined.connect(structures.drop_waiting)

    def show_page(self) -> None:
        """Open the window of data sets."""
        if self.page is None:
            from guiapp.frames.library import FOLDER, DataLibrary  # noqa: PLC0415 - the start has no time for it
            from guiapp.ui.data_page.downloads import Downloads  # noqa: PLC0415 - as above
            from guiapp.ui.data_page.page import DataPage  # noqa: PLC0415 - as above

            sets = self.public()
            by_name = {one.name: one for one in sets}
            self._downloads = Downloads(DataLibrary(data_folder() / FOLDER), self, find=by_name.__getitem__)
            self._downloads.crashed.connect(self.crashed)
            self.page = DataPage(shipped_sets(), sets, self._downloads, self._palette, self._window)
            self.page.open_shipped_requested.connect(self._open_shipped)
            self.page.open_public_requested.connect(self._open_public)
        self._mark_open()
        self.page.refresh()
        self.page.show()
        self.page.raise_()
        self.page.activateWindow()

    @Slot(str)
    def show_provenance(self, name: str) -> None:
        """Open the card of a set of the project."""
        one = next((one for one in self._structures.sets if one.name == name), None)
        if one is not None:
            from guiapp.ui.data_page.provenance_card import ProvenanceCard  # noqa: PLC0415 - the start has no time for it

            card = ProvenanceCard(one, self._palette, self._window)
            card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            card.show()

    def show_energies(self, name: str, models: Sequence[ModelEnergies], background: Background) -> EnergyCard | None:
        """Compare the energies of a set of the project with those of models.

        Args:
            name: Of the set.
            models: With what they said about the project's frames.
            background: Runs the comparison.

        Returns:
            The card; None where the set is gone.
        """
        one = next((one for one in self._structures.sets if one.name == name), None)
        if one is None:
            return None
        from guiapp.ui.data_page.energy_card import EnergyCard  # noqa: PLC0415 - the start has no time for it

        card = EnergyCard(one, models, background, self._palette, self._window)
        card.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        card.show()
        return card

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self.mixing_bar.set_palette(palette)
        if self.page is not None:
            self.page.set_palette(palette)

    def shut_down(self) -> None:
        """End downloads within moments; they go on next time."""
        if self._downloads is not None:
            self._downloads.shut_down()

    @Slot(str)
    def _open_shipped(self, name: str) -> None:
        self._structures.open_set(name, lambda progress: open_shipped(name, progress))

    @Slot(str)
    def _open_public(self, name: str) -> None:
        downloads = self._downloads
        if downloads is not None:
            self._structures.open_set(name, lambda progress: _read(downloads, name, progress))

    @Slot()
    def _mark_open(self) -> None:
        if self.page is not None:
            self.page.set_open({one.name for one in self._structures.sets})


def _read(downloads: Downloads, name: str, progress: Callable[[int, str], None]) -> ReferenceSet:
    return downloads.library.open(downloads.find(name), progress=progress)
