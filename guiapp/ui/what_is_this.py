"""The small question mark beside a term, and what it opens."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QFontDatabase, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QVBoxLayout, QWidget

from guiapp.ui.terms import Term, explain
from guiapp.ui.theme import Palette, text_font

_WIDTH = 340


def tooltip(term: str) -> str:
    """Return the explanation of a term as the rich text of a tooltip."""
    one = explain(term)
    formula = f"<br><br><code>{html.escape(one.formula)}</code>" if one.formula else ""
    return f"<p style='width: {_WIDTH}px'><b>{html.escape(one.title)}</b><br>{html.escape(one.sentence)}{formula}</p>"


class TermPopup(QFrame):
    """A small window that explains one term; it goes with Esc or a click elsewhere."""

    def __init__(self, term: Term, palette: Palette, parent: QWidget | None = None) -> None:
        """Lay out sentence, formula and link."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("term")
        self.setStyleSheet(
            f"QFrame#term {{ background: {palette.surface}; border: 1px solid {palette.line}; }} QLabel {{ color: {palette.text}; }}"
        )
        self.setAccessibleName(term.title)
        self.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        title = QLabel(term.title)
        title.setFont(text_font(14, bold=True))
        column.addWidget(title)
        sentence = QLabel(term.sentence, wordWrap=True)
        column.addWidget(sentence)
        if term.formula:
            formula = QLabel(term.formula, wordWrap=True)
            face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            face.setPixelSize(12)
            formula.setFont(face)
            formula.setStyleSheet(f"background: {palette.raised}; color: {palette.text}; border-radius: 4px; padding: 6px;")
            formula.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(formula)
        if term.link:
            link = QLabel(
                f"<a style='color: {palette.accent}' href='{html.escape(term.link)}'>{html.escape(term.source)}</a>", wordWrap=True
            )
            link.setOpenExternalLinks(True)
            link.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
            link.setFont(text_font(12))
            link.setToolTip(term.link)
            column.addWidget(link)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return
        super().keyPressEvent(event)


class WhatIsThis(QToolButton):
    """A question mark that explains a term: on hover in short, on click or Space in full."""

    def __init__(self, term: str, palette: Palette, parent: QWidget | None = None) -> None:
        """Explain the term of that key.

        Raises:
            KeyError: Where no such term is explained.
        """
        super().__init__(parent)
        self._palette = palette
        self.popup: TermPopup | None = None
        self.setText("?")
        self.setFixedSize(QSize(22, 22))
        self.set_term(term)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self.open_popup)
        self.set_palette(palette)

    def set_term(self, term: str) -> None:
        """Explain another term from now on.

        Raises:
            KeyError: Where no such term is explained.
        """
        self.term = explain(term)
        self.setToolTip(tooltip(term))
        self.setAccessibleName(f"What is this: {self.term.title}")

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.setStyleSheet(
            f"QToolButton {{ border: 1px solid {palette.line}; border-radius: 11px; padding: 0; color: {palette.muted}; "
            f"background: transparent; font-size: 12px; }} QToolButton:hover, QToolButton:focus {{ border-color: {palette.accent}; "
            f"color: {palette.accent}; }}"
        )

    def open_popup(self) -> None:
        """Show sentence, formula and link, below the question mark and on the screen."""
        self.popup = TermPopup(self.term, self._palette, self)
        self.popup.destroyed.connect(self._forget_popup)
        self.popup.adjustSize()
        place = self.mapToGlobal(QPoint(0, self.height() + 4))
        room = self.screen().availableGeometry()
        x = min(max(place.x(), room.left()), room.right() - self.popup.width())
        below_fits = place.y() + self.popup.height() <= room.bottom()
        y = place.y() if below_fits else self.mapToGlobal(QPoint(0, 0)).y() - self.popup.height() - 4
        self.popup.move(x, y)
        self.popup.show()
        self.popup.setFocus(Qt.FocusReason.PopupFocusReason)

    def _forget_popup(self) -> None:
        self.popup = None
