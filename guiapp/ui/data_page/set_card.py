"""One data set as a card: what it is, where it comes from, and what can be done with it now."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from guiapp.benchmarks.description import describe_family
from guiapp.frames.catalogue import CatalogueSet
from guiapp.frames.download import DownloadProgress
from guiapp.frames.library import SetState
from guiapp.frames.library_words import progress_words, state_words
from guiapp.frames.reference_set import Provenance
from guiapp.frames.shipped import ReferenceSetSummary
from guiapp.report.formula_text import subscripted
from guiapp.ui.data_page.facts import Facts, add_facts, with_links
from guiapp.ui.theme import Palette

_STEPS = 1000


@dataclass(frozen=True)
class CardContent:
    """What a card shows that does not change."""

    name: str
    title: str
    family: str
    size: str
    contains: str
    facts: Facts
    page: str = ""
    """Address of the page that describes the set; empty for a shipped one."""
    can_be_fetched: bool = False
    shipped: bool = False


def shipped_content(one: ReferenceSetSummary) -> CardContent:
    """Describe a set that comes with the program."""
    return CardContent(
        name=one.name,
        title=one.title,
        family=one.family,
        size=f"{one.n_frames:,} frames",
        contains=one.provenance.recipe,
        facts=_facts(one.provenance),
        shipped=True,
    )


def catalogue_content(one: CatalogueSet) -> CardContent:
    """Describe a public set."""
    return CardContent(
        name=one.name,
        title=one.title,
        family=one.family,
        size=one.size,
        contains=one.contains,
        facts=(*_facts(one.provenance), ("Hubbard U", one.hubbard), ("Page", one.page)),
        page=one.page,
        can_be_fetched=bool(one.files),
    )


def _facts(provenance: Provenance) -> Facts:
    return (
        ("Functional", provenance.functional or "unknown"),
        ("Code", provenance.code or "unknown"),
        ("Licence", provenance.licence or "unknown"),
        ("Cite", provenance.citation or "unknown"),
    )


class SetCard(QFrame):
    """Shows one set and its buttons; knows no library, and tells what the user wants.

    Signals:
        open_requested(str): The set shall be read into the project.
        fetch_requested(str): It shall be downloaded, or the download shall go on.
        pause_requested(str): The download shall stop for now.
        discard_requested(str): The download shall stop, and what has come be thrown away.
        file_requested(str): The user has a file of it already.
        remove_requested(str): It shall go from this machine.
        page_requested(str): Address of a page to be shown in the web browser.
    """

    open_requested = Signal(str)
    fetch_requested = Signal(str)
    pause_requested = Signal(str)
    discard_requested = Signal(str)
    file_requested = Signal(str)
    remove_requested = Signal(str)
    page_requested = Signal(str)

    def __init__(self, content: CardContent, palette: Palette, parent: QWidget | None = None) -> None:
        """Show a set whose state is not known yet."""
        super().__init__(parent)
        self.content = content
        self.setProperty("role", "panel")
        self.setAccessibleName(content.title)
        self.open_button = self._button("Open", "Read this set into the project")
        self.fetch_button = self._button("Download", "Fetch it in the background")
        self.pause_button = self._button("Pause", "Stop for now; what has come is kept")
        self.discard_button = self._button("Cancel", "Stop, and throw away what has come")
        self.page_button = self._button("Open its page", "Show in the web browser where to fetch it")
        self.file_button = self._button("I have the file already…", "Use a file that lies on this machine; it stays there")
        self.remove_button = self._button("Remove", "Delete the downloaded files")
        self.state_label = QLabel()
        self.state_label.setWordWrap(True)
        self.progress_bar = QProgressBar()
        self.progress_bar.setTextVisible(False)
        self.progress_bar.setRange(0, _STEPS)
        self.progress_bar.setAccessibleName(f"Progress of {content.title}")
        self._fact_labels: list[QLabel] = []
        self._problem = ""
        self._warn = palette.warn
        self._lay_out(palette)
        self.set_state(SetState(here=content.shipped), fetching=False, busy=False, is_open=False)

    def set_palette(self, palette: Palette) -> None:
        """Paint links and warnings in the colours of that palette from now on."""
        self._warn = palette.warn
        self._say(self.state_label.text(), warning=bool(self._problem))
        for label, (_, value) in zip(self._fact_labels, self.content.facts, strict=True):
            label.setText(with_links(value, palette))

    def set_state(self, state: SetState, *, fetching: bool, busy: bool, is_open: bool) -> None:
        """Show the buttons that make sense now.

        Args:
            state: Whether the set is on this machine.
            fetching: Whether it is being downloaded.
            busy: Whether it is being checked or removed.
            is_open: Whether the project holds it already.
        """
        if fetching or state.here:
            self._problem = ""
        fetched, idle = state.here and not self.content.shipped, not fetching and not busy
        self.open_button.setVisible(state.here)
        self.open_button.setText("Open again" if is_open else "Open")
        self.fetch_button.setVisible(self.content.can_be_fetched and not state.here and idle)
        self.fetch_button.setText("Resume" if state.part_of else "Download")
        self.pause_button.setVisible(fetching)
        self.discard_button.setVisible(fetching or (state.part_of and idle))
        self.discard_button.setText("Cancel" if fetching else "Discard")
        self.page_button.setVisible(bool(self.content.page) and not self.content.can_be_fetched and not state.here)
        self.file_button.setVisible(not self.content.shipped and not state.here and idle)
        self.remove_button.setVisible(fetched and idle)
        self.remove_button.setText("Forget" if state.given else "Remove")
        self.progress_bar.setVisible(fetching)
        if fetching:
            self._say("asking the server")
            self.progress_bar.setRange(0, 0)
        elif busy:
            self._say("checking")
        else:
            self._say(self._problem or self._state_words(state, is_open=is_open), warning=bool(self._problem))

    def set_progress(self, progress: DownloadProgress) -> None:
        """Show how far the download is."""
        self._say(progress_words(progress))
        if progress.total:
            self.progress_bar.setRange(0, _STEPS)
            self.progress_bar.setValue(int(_STEPS * min(1.0, progress.done / progress.total)))
        else:
            self.progress_bar.setRange(0, 0)

    def set_problem(self, words: str) -> None:
        """Say what went wrong, until something else happens."""
        self._problem = words
        self._say(words, warning=True)

    def _say(self, words: str, *, warning: bool = False) -> None:
        self.state_label.setText(words)
        self.state_label.setStyleSheet(f"color: {self._warn};" if warning else "")

    def _state_words(self, state: SetState, *, is_open: bool) -> str:
        words = "comes with the program" if self.content.shipped else state_words(state)
        return f"{words} · open in this project" if is_open else words

    def _button(self, words: str, tip: str) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.setAccessibleName(f"{words} {self.content.title}")
        button.clicked.connect(self._tell)
        return button

    def _tell(self) -> None:
        button = self.sender()
        wanted = {
            self.open_button: self.open_requested,
            self.fetch_button: self.fetch_requested,
            self.pause_button: self.pause_requested,
            self.discard_button: self.discard_requested,
            self.file_button: self.file_requested,
            self.remove_button: self.remove_requested,
        }
        if button is self.page_button:
            self.page_requested.emit(self.content.page)
        elif isinstance(button, QPushButton):
            wanted[button].emit(self.content.name)

    def _lay_out(self, palette: Palette) -> None:
        title = QLabel(subscripted(self.content.title))
        title.setProperty("role", "title")
        title.setWordWrap(True)
        tag = QLabel(f"{describe_family(self.content.family).title} · {self.content.size}")
        tag.setProperty("role", "small")
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(tag)
        contains = QLabel(subscripted(self.content.contains))
        contains.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        self._fact_labels = add_facts(grid, self.content.facts, palette)
        self.state_label.setProperty("role", "small")
        self.state_label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.state_label, 1)
        for button in (
            self.page_button,
            self.remove_button,
            self.discard_button,
            self.pause_button,
            self.file_button,
            self.fetch_button,
            self.open_button,
        ):
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(contains)
        layout.addLayout(grid)
        layout.addWidget(self.progress_bar)
        layout.addLayout(foot)
