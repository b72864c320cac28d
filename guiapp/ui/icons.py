"""The one line-icon family (Phosphor, from the fonts that qtawesome brings), tinted with the theme.

Only qtawesome's files are used: importing it reads a dozen fonts and every name of Qt, a fifth of a second before the window is there.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap, QRawFont

from guiapp.ui.theme import Palette

_SHARE = 0.875  # of the icon's height: a font's letters need room around them
_DRAWN = 256.0  # px; outlines are taken from the font once, at this size


def icon(name: str, palette: Palette, *, color: str | None = None) -> QIcon:
    """Return an icon by its Phosphor name, e.g. ``play``, in the text colour of the theme unless told otherwise.

    Raises:
        KeyError: Where Phosphor has no icon of that name.
    """
    return QIcon(_Drawing(_outline(name), QColor(color or palette.text), QColor(palette.muted)))


class _Drawing(QIconEngine):
    """Fills an outline in the size and colour that are asked for."""

    def __init__(self, outline: QPainterPath, color: QColor, disabled: QColor) -> None:
        super().__init__()
        self._outline, self._color, self._disabled = outline, color, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:  # noqa: ARG002 - Qt's signature
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(QRectF(rect).center())
        scale = _SHARE * rect.height() / _DRAWN
        painter.scale(scale, scale)
        painter.fillPath(self._outline, self._disabled if mode == QIcon.Mode.Disabled else self._color)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        return _Drawing(self._outline, self._color, self._disabled)


@cache
def _outline(name: str) -> QPainterPath:
    """Return a glyph's outline about the origin, the font's size being ``_DRAWN``."""
    font, code_points = _phosphor()
    (glyph, *_) = font.glyphIndexesForString(chr(int(code_points[name], 16)))
    advance = font.advancesForGlyphIndexes([glyph])[0]
    outline = font.pathForGlyph(glyph)
    outline.translate(QPointF(-advance.x() / 2, (font.ascent() - font.descent()) / 2))
    outline.setFillRule(Qt.FillRule.WindingFill)
    return outline


@cache
def _phosphor() -> tuple[QRawFont, dict[str, str]]:
    """Return the font, and the code point of each of its icons in hexadecimal digits.

    Raises:
        ModuleNotFoundError: Where qtawesome is not installed.
    """
    spec = find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("qtawesome is not installed", name="qtawesome")
    fonts = Path(spec.origin).parent / "fonts"
    (font,), (names,) = fonts.glob("phosphor-[0-9]*.ttf"), fonts.glob("phosphor-charmap-*.json")
    return QRawFont(str(font), _DRAWN), json.loads(names.read_text(encoding="utf-8"))
