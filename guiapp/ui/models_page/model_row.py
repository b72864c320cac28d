"""One model in the list of the models window: name, family, state, and a dot for the self-test."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from guiapp.ui.models_page.entry import ModelEntry
from guiapp.ui.models_page.wording import state_words, verdict_color, verdict_words
from guiapp.ui.theme import Palette


class ModelRow(QFrame):
    """Click, Space or Enter shows the model; the box takes it into the comparison.

    Signals:
        chosen(str): The model shall be shown.
        compared(str, bool): The model shall be compared, or not any more.
    """

    chosen = Signal(str)
    compared = Signal(str, bool)

    def __init__(self, entry: ModelEntry, palette: Palette, parent: QWidget | None = None) -> None:
        """Show a model."""
        super().__init__(parent)
        self.entry = entry
        self._palette = palette
        self._is_shown = self._in_project = False
        self._doing = ""
        self.setObjectName("model")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title = QLabel(entry.card.title)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.kind = QLabel()
        self.kind.setProperty("role", "small")
        self.verdict = QLabel()
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.box = QCheckBox()
        self.box.setToolTip("Compare with others")
        self.box.setAccessibleName(f"Compare {entry.card.title}")
        self.box.toggled.connect(self._tell_compared)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.title, 1)
        first.addWidget(self.verdict)
        first.addWidget(self.box)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 10, 8)
        rows.setSpacing(2)
        rows.addLayout(first)
        rows.addWidget(self.kind)
        rows.addWidget(self.state)
        self.set_entry(entry)

    def set_entry(self, entry: ModelEntry) -> None:
        """Show what is known of the model now."""
        self.entry = entry
        self._dress()

    def set_doing(self, words: str) -> None:
        """Show what goes on with the model; empty for nothing."""
        self._doing = words
        self._dress()

    def set_shown(self, *, shown: bool) -> None:
        """Mark the model whose details are shown."""
        self._is_shown = shown
        self._dress()

    def set_in_project(self, *, used: bool) -> None:
        """Say whether the open project uses the model."""
        self._in_project = used
        self._dress()

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self._palette = palette
        self._dress()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the model."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.entry.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the model, or walk to the next one."""
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.chosen.emit(self.entry.name)
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _dress(self) -> None:
        p, entry = self._palette, self.entry
        edge, ground = (p.accent, p.accent_soft) if self._is_shown else (p.line, p.surface)
        self.setStyleSheet(
            f"QFrame#model {{ background: {ground}; border: 1px solid {edge}; border-radius: 8px; }}"
            f"QFrame#model:focus {{ border-color: {p.accent}; }}"
        )
        self.title.setStyleSheet(f"font-weight: 600; color: {p.bad if entry.has_failed else p.text};")
        facts = [entry.card.family.partition(" (")[0], entry.card.functional.partition(",")[0]]
        self.kind.setText(" · ".join(fact for fact in facts if fact))
        words = verdict_words(entry) if entry.verdict is not None else ""
        self.verdict.setText(words)
        self.verdict.setStyleSheet(f"color: {verdict_color(entry.verdict, p)}; font-size: 12px; font-weight: 600;")
        state = self._doing or state_words(entry)
        if not self._doing and entry.is_ready:
            state = "in this project" if self._in_project else ""
        self.state.setText(state)
        self.state.setVisible(bool(state))
        color = p.accent if self._doing else p.warn if entry.needs_consent else p.muted
        self.state.setStyleSheet(f"color: {color}; font-size: 12px;")
        self.setAccessibleName(f"{entry.card.title}, self-test {verdict_words(entry)}{', ' + state if state else ''}")

    def _tell_compared(self, wanted: bool) -> None:  # noqa: FBT001 - the signature of Qt's signal
        self.compared.emit(self.entry.name, wanted)
