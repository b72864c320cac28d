"""The bar above everything: what can be done now, and the state that all numbers depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from guiapp.potentials.potential import PotentialCard
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette

_SPACING = 8
_CHIP_FRAME = 48  # px: dot, padding and the gap to the next chip
_NARROWEST = 1000  # px: with more models than fit into it the chips are squeezed
_LEAST_TITLE, _FAIR_TITLE = 34, 84  # px: what a title keeps in the narrowest bar, and before other words are dropped
_FAINT = 0.4
_ICON_BUTTON = 44  # px: the button of the command palette without its words


@dataclass(frozen=True)
class ModelChip:
    """One model of the project as the bar shows it."""

    name: str
    title: str
    color: QColor
    shown: bool
    corrected: bool = False
    """Whether it is the corrected copy of a model, whose colour it has: its dot is hollow, as its marks are everywhere."""
    failure: str = ""
    """Why its numbers are wrong; empty where nothing is known against it."""
    stored: str = ""
    """Where its results come from, if they were not computed here."""


def dot_icon(color: QColor, *, hollow: bool = False, faint: bool = False) -> QIcon:
    """Return the coloured dot that stands for a model everywhere.

    Args:
        color: Of the model.
        hollow: Whether it is a corrected one.
        faint: Whether it is hidden.
    """
    pixmap = QPixmap(32, 32)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(_FAINT if faint else 1.0)
    pen = painter.pen()
    pen.setColor(color)
    pen.setWidth(5)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else color)
    painter.drawEllipse(8, 8, 16, 16)
    painter.end()
    return QIcon(pixmap)


class TopBar(QFrame):
    """Open, Run, Export; models as chips; the filter; the command palette.

    Signals:
        action_requested: Id of an action of the table.
        model_shown: Name of a model and whether it shall be shown.
        model_added: Name of a model to add to the project.
        model_removed: Name of a model to take out of the project; its results are kept.
        model_asked: Name of a model to show in the window of models.
        recompute_requested: Name of a model whose stored results shall be computed here.
        filter_requested: The filter chip was pressed.
    """

    action_requested = Signal(str)
    model_shown = Signal(str, bool)
    model_added = Signal(str)
    model_removed = Signal(str)
    model_asked = Signal(str)
    recompute_requested = Signal(str)
    filter_requested = Signal()

    _BUTTONS = (
        ("file.open", "plus", "Open", "Open structures and DFT results (Ctrl+O), or drop them anywhere"),
        ("run.benchmark", "play", "Run benchmark", "Choose sets, models and device, and run (Ctrl+R)"),
        ("correct.model", "magic-wand", "Correct model", "From one DFT calculation to a corrected model (Ctrl+Shift+C)"),
        ("file.export", "export", "Export", "Write numbers and plots into a folder (Ctrl+E)"),
    )

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Build the bar in the colours of a theme."""
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._palette = palette
        self._cards: tuple[PotentialCard, ...] = ()
        self._shown_chips: tuple[ModelChip, ...] = ()
        self._chips: dict[str, QPushButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(_SPACING)
        self.buttons: dict[str, QPushButton] = {}
        for action, _, text, tip in self._BUTTONS:
            button = QPushButton(text)
            button.setObjectName(action)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.clicked.connect(self._emit_action)
            layout.addWidget(button)
            self.buttons[action] = button
        self.buttons["run.benchmark"].setProperty("role", "primary")
        self._label = QLabel("Models")
        self._label.setProperty("role", "small")
        layout.addSpacing(8)
        layout.addWidget(self._label)
        self._chip_row = QHBoxLayout()
        self._chip_row.setSpacing(6)
        layout.addLayout(self._chip_row)
        self.add_button = QToolButton()
        self.add_button.setProperty("role", "chip")
        self.add_button.setToolTip("Add a model to compare")
        self.add_button.setAccessibleName("Add a model")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._add_menu = QMenu(self.add_button)
        self._add_menu.triggered.connect(self._emit_added)
        self.add_button.setMenu(self._add_menu)
        layout.addWidget(self.add_button)
        layout.addStretch(1)
        self.filter_chip, self.palette_button = QPushButton(), QPushButton("Run a command")
        self._add_right(layout)
        # What a narrow window shows as icons only.
        primary = self.buttons["run.benchmark"]
        self._words = {button: button.text() for button in (*self.buttons.values(), self.palette_button) if button is not primary}
        self._tight = False
        self.set_palette(palette)

    def _add_right(self, layout: QHBoxLayout) -> None:
        self.filter_chip.setProperty("role", "chip")
        self.filter_chip.setToolTip("Which frames take part in every number shown")
        self.filter_chip.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.filter_chip.clicked.connect(self.filter_requested)
        layout.addWidget(self.filter_chip)
        self.palette_button.setObjectName("help.palette")
        self.palette_button.setToolTip("Find any action by name (Ctrl+Shift+P)")
        self.palette_button.setAccessibleName("Run a command")
        self.palette_button.clicked.connect(self._emit_action)
        layout.addWidget(self.palette_button)

    def minimumSizeHint(self) -> QSize:
        """Ask for room for the icons and the beginnings of models' titles; more words show where there is more."""
        room = super().minimumSizeHint()
        words = sum(button.fontMetrics().horizontalAdvance(button.text()) for button in self._words)
        label = 0 if self._label.isHidden() else self._label.sizeHint().width() + _SPACING
        titles = sum(chip.fontMetrics().horizontalAdvance(chip.text()) for chip in self._chips.values())
        least = room.width() - words - label - titles + self._width_of_titles(_LEAST_TITLE)
        return QSize(min(least, _NARROWEST), room.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop words where there is no room for them."""
        super().resizeEvent(event)
        fair = self._width_of_titles(_FAIR_TITLE) - self._width_of_titles(_LEAST_TITLE)
        tight = self.width() < self.minimumSizeHint().width() + self._width_of_words() - self._width_of_spare_words() + fair
        if tight != self._tight:
            self._tight = tight
            self._label.setVisible(not tight)
            for button, words in self._words.items():
                button.setText("" if tight else words)

        self._fit_chips()

    def _fit_chips(self) -> None:
        """Make room for the titles of models: drop the least needed words first, then shorten the longest titles until all fit."""
        if not self._shown_chips:
            return
        metrics = next(iter(self._chips.values())).fontMetrics()
        widths = [metrics.horizontalAdvance(chip.title) for chip in self._shown_chips]
        room = self._room_for_titles()
        crowded = not self._tight and sum(widths) > room
        self._label.setVisible(not self._tight and not crowded)
        self.palette_button.setText("" if self._tight or crowded else self._words[self.palette_button])
        if crowded:
            room += self._width_of_spare_words()
        limit = max(longest_that_fit(widths, room), _LEAST_TITLE)
        for chip in self._shown_chips:
            self._chips[chip.name].setText(metrics.elidedText(chip.title, Qt.TextElideMode.ElideRight, limit))

    def _width_of_spare_words(self) -> int:
        """Return the width of the words that go first, px."""
        words = self._words[self.palette_button]
        return self._label.sizeHint().width() + _SPACING + self.palette_button.fontMetrics().horizontalAdvance(words)

    def _width_of_titles(self, most: int) -> int:
        """Return the width of all titles of models when none is wider than that, px."""
        metrics = self.fontMetrics()
        return sum(min(metrics.horizontalAdvance(chip.title), most) for chip in self._shown_chips)

    def _room_for_titles(self) -> int:
        """Return the width that is left for the titles of models when every word is shown that the state of the bar allows, px."""
        fixed = (*self.buttons.values(), self.add_button, self.filter_chip)
        taken = sum(button.sizeHint().width() + _SPACING for button in fixed) + _ICON_BUTTON + 6 * _SPACING
        taken += 0 if self._tight else self._width_of_spare_words()
        return self.width() - taken - len(self._shown_chips) * _CHIP_FRAME

    def set_palette(self, palette: Palette) -> None:
        """Repaint in another theme."""
        self._palette = palette
        for action, name, _, _ in self._BUTTONS:
            color = palette.on_accent if action == "run.benchmark" else None
            self.buttons[action].setIcon(icon(name, palette, color=color))
        self.add_button.setIcon(icon("plus", palette))
        self.palette_button.setIcon(icon("magnifying-glass", palette, color=palette.muted))
        self.filter_chip.setIcon(icon("funnel", palette))

    def set_filter_text(self, words: str) -> None:
        """Show which filter every number depends on."""
        self.filter_chip.setText(words)
        self.filter_chip.setAccessibleName(f"Filter: {words}")

    def set_models(self, chips: Sequence[ModelChip], cards: Sequence[PotentialCard]) -> None:
        """Show the project's models, and offer the others under the plus."""
        if tuple(chips) == self._shown_chips and tuple(cards) == self._cards:
            return
        self._shown_chips, self._cards = tuple(chips), tuple(cards)
        while (item := self._chip_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()  # it is deleted only after the new ones are drawn
                widget.deleteLater()
        self._chips = {chip.name: self._make_chip(chip) for chip in chips}
        for button in self._chips.values():
            self._chip_row.addWidget(button)
        self._fit_chips()
        self._add_menu.clear()
        taken = {chip.name for chip in chips}
        for card in cards:
            if card.name in taken:
                continue
            action = QAction(card.title if card.state == "ready" else f"{card.title} ({card.state})", self._add_menu)
            action.setData(card.name)
            action.setEnabled(card.state == "ready")
            action.setToolTip(f"{card.training_data}; {card.functional}")
            self._add_menu.addAction(action)
        self.add_button.setEnabled(not self._add_menu.isEmpty())

    def _make_chip(self, chip: ModelChip) -> QPushButton:
        button = QPushButton(dot_icon(chip.color, hollow=chip.corrected, faint=not chip.shown), chip.title)
        button.setObjectName(chip.name)
        button.setProperty("role", "chip")
        button.setCheckable(True)
        button.setChecked(chip.shown)
        more = "".join(f"\n{words}" for words in (chip.failure, chip.stored and f"{chip.stored} Right-click to recompute.") if words)
        button.setToolTip(f"Show or hide {chip.title} in every view; right-click for more{more}")
        failed = ", failed its self-test" if chip.failure else ""
        button.setAccessibleName(f"{chip.title}, {'shown' if chip.shown else 'hidden'}{failed}")
        if chip.stored:
            font = button.font()
            font.setItalic(True)
            button.setFont(font)
        if chip.failure:
            button.setIcon(icon("warning", self._palette, color=self._palette.bad))
            button.setStyleSheet(f"color: {self._palette.bad}; border-color: {self._palette.bad};")
        button.toggled.connect(self._emit_shown)
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(self._show_chip_menu)
        return button

    def _width_of_words(self) -> int:
        label = self._label.sizeHint().width() + _SPACING
        return label + sum(button.fontMetrics().horizontalAdvance(words) for button, words in self._words.items())

    @Slot()
    def _emit_action(self) -> None:
        self.action_requested.emit(self.sender().objectName())

    @Slot(bool)
    def _emit_shown(self, shown: bool) -> None:  # noqa: FBT001 - the signature of Qt's signal
        self.model_shown.emit(self.sender().objectName(), shown)

    @Slot(QAction)
    def _emit_added(self, action: QAction) -> None:
        self.model_added.emit(str(action.data()))

    @Slot()
    def _show_chip_menu(self) -> None:
        button = self.sender()
        if not isinstance(button, QPushButton):
            return
        name = button.objectName()
        chip = next((chip for chip in self._shown_chips if chip.name == name), None)
        menu = QMenu(button)
        title = chip.title if chip is not None else name
        about = menu.addAction(f"About {title}…")
        recompute = menu.addAction("Recompute the stored results") if chip is not None and chip.stored else None
        remove = menu.addAction(f"Take {title} out of the project (its results are kept)")
        chosen = menu.exec(button.mapToGlobal(button.rect().bottomLeft()))
        if chosen is about:
            self.model_asked.emit(name)
        elif chosen is remove:
            self.model_removed.emit(name)
        elif chosen is not None and chosen is recompute:
            self.recompute_requested.emit(name)


def longest_that_fit(widths: Sequence[int], room: int) -> int:
    """Return the width to which the widest have to be cut so that all fit into a room.

    Args:
        widths: Of the titles, px.
        room: For all of them, px.
    """
    left, rest = room, sorted(widths)
    while rest:
        share = left // len(rest)
        if rest[0] > share:
            return max(share, 0)
        left -= rest.pop(0)
    return max(widths, default=0)
