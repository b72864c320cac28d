"""Provenance as lines of a card."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel

from guiapp.frames.reference_set import Provenance
from guiapp.ui.theme import Palette

Facts = tuple[tuple[str, str], ...]


def provenance_facts(provenance: Provenance) -> Facts:
    """Return titles and values in the order in which they are shown; what is not known says so."""
    pairs = (
        ("Functional", provenance.functional),
        ("Code", provenance.code),
        ("Settings", provenance.settings),
        ("Units in the file", provenance.units_as_read),
        ("Licence", provenance.licence),
        ("Cite", provenance.citation),
        ("Source", provenance.source),
    )
    return tuple((title, value or "unknown") for title, value in pairs)


def add_facts(grid: QGridLayout, facts: Facts, palette: Palette) -> list[QLabel]:
    """Put facts into a grid of two columns; addresses become links. Return the labels of the values."""
    values = []
    for title, value in facts:
        row = grid.rowCount()
        name = QLabel(title)
        name.setProperty("role", "small")
        name.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        words = QLabel(with_links(value, palette))
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.RichText)
        words.setOpenExternalLinks(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        words.setAccessibleName(title)
        words.setAccessibleDescription(value)
        grid.addWidget(name, row, 0)
        grid.addWidget(words, row, 1)
        values.append(words)
    grid.setColumnStretch(1, 1)
    return values


def with_links(text: str, palette: Palette) -> str:
    """Return text as rich text, its addresses and DOIs as links in the colour of what can be clicked."""
    words = []
    for word in text.split(" "):
        bare = word.strip("();,")
        address = f"https://doi.org/{bare[4:]}" if bare.startswith("doi:") else bare if bare.startswith("https://") else ""
        shown = html.escape(word)
        if address:
            link = f'<a href="{html.escape(address)}" style="color: {palette.accent}">{html.escape(bare)}</a>'
            shown = shown.replace(html.escape(bare), link)
        words.append(shown)
    return " ".join(words)
