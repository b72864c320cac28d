"""How the browser paints a name and a softening scale."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from guiapp.ui.browser.cell_text import ScaleEntry
from guiapp.ui.browser.formula_text import subscript_runs
from guiapp.ui.browser.tree_model import ASIDE_ROLE, FLAGS_ROLE, FRAME, KIND_ROLE, SCALE_ROLE, SET
from guiapp.ui.icons import icon
from guiapp.ui.theme import Palette, scale_color, text_font

ROW_HEIGHT = 26
BAR_HALF = 24.0  # px; length of a bar at its full value
BAR_FULL = 0.5  # a scale this far from 1 fills the bar
_MARGIN = 4.0
_FONT, _SUBSCRIPT_FONT, _SMALL_FONT = 13, 10, 11


class _FlatDelegate(QStyledItemDelegate):
    """Paints the row's background by the style, and leaves the text to its heirs."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.palette = palette

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002 - Qt's signature
        """Return one height for every row, so that the view need not ask each."""
        return QSize(60, ROW_HEIGHT)

    def _background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        own = QStyleOptionViewItem(option)
        own.text = ""
        style = own.widget.style() if own.widget is not None else QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, own, painter, own.widget)


class NameDelegate(_FlatDelegate):
    """A name with its formulas set properly, a muted aside, and a sign where something is flagged."""

    def __init__(self, palette: Palette, parent: QObject | None = None) -> None:
        """Paint in the colours of that palette."""
        super().__init__(palette, parent)
        self.set_palette(palette)

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.palette = palette
        self._warning = icon("warning", palette, color=palette.warn)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Paint one name."""
        self._background(painter, option)
        painter.save()
        rect = QRectF(option.rect).adjusted(_MARGIN, 0, -_MARGIN, 0)
        painter.setClipRect(rect)
        bold = index.data(KIND_ROLE) == SET
        x = self._name(painter, rect, str(index.data()), bold=bold)
        if index.data(FLAGS_ROLE):
            x += 6
            self._warning.paint(painter, QRect(round(x), round(rect.center().y()) - 7, 14, 14))
            x += 14
        aside = index.data(ASIDE_ROLE)
        if aside:
            x += 8
            font = text_font(_SMALL_FONT)
            painter.setFont(font)
            painter.setPen(QColor(self.palette.muted))
            room = rect.right() - x
            words = QFontMetricsF(font).elidedText(str(aside), Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(x, rect.top(), max(room, 0.0), rect.height()), Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()

    def _name(self, painter: QPainter, rect: QRectF, name: str, *, bold: bool) -> float:
        """Paint the name from the left edge; return where it ends."""
        plain, lowered = text_font(_FONT, bold=bold), text_font(_SUBSCRIPT_FONT, bold=bold)
        painter.setPen(QColor(self.palette.text))
        runs = subscript_runs(name)
        widths = [QFontMetricsF(lowered if low else plain).horizontalAdvance(run) for run, low in runs]
        if sum(widths) > rect.width():
            painter.setFont(plain)
            words = QFontMetricsF(plain).elidedText(name, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, words)
            return rect.right()
        x = rect.left()
        for (run, low), width in zip(runs, widths, strict=True):
            painter.setFont(lowered if low else plain)
            place = QRectF(x, rect.top() + (3 if low else 0), width + 1, rect.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, run)
            x += width
        return x


class CellDelegate(_FlatDelegate):
    """Plain words or a number, aligned as the model says."""

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.palette = palette

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Paint one cell; what a set or compound sums up is muted, so that the frames stand out."""
        self._background(painter, option)
        painter.save()
        painter.setFont(text_font(12))
        painter.setPen(QColor(self.palette.text if index.data(KIND_ROLE) == FRAME else self.palette.muted))
        rect = QRectF(option.rect).adjusted(_MARGIN, 0, -_MARGIN, 0)
        words = painter.fontMetrics().elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, round(rect.width()))
        painter.drawText(rect, int(index.data(int(Qt.ItemDataRole.TextAlignmentRole))), words)
        painter.restore()


class ScaleDelegate(_FlatDelegate):
    """The scale and a small bar that grows from 1: to the left where soft, to the right where stiff."""

    def set_palette(self, palette: Palette) -> None:
        """Paint in the colours of that palette from now on."""
        self.palette = palette

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Paint one scale."""
        self._background(painter, option)
        entry = index.data(SCALE_ROLE)
        if not isinstance(entry, ScaleEntry):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        if not entry.enough_signal or not math.isfinite(entry.scale):
            painter.setFont(text_font(_SMALL_FONT))
            painter.setPen(QColor(self.palette.muted))
            painter.drawText(
                rect.adjusted(0, 0, -_MARGIN, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "not enough signal"
            )
        else:
            self._bar(painter, rect, entry.scale)
        painter.restore()

    def _bar(self, painter: QPainter, rect: QRectF, scale: float) -> None:
        middle, y = rect.right() - BAR_HALF - 2 * _MARGIN, rect.center().y() + 0.5
        reach = max(-1.0, min(1.0, (scale - 1) / BAR_FULL)) * BAR_HALF
        line = QColor(self.palette.muted)
        line.setAlphaF(0.45)
        painter.setPen(QPen(line, 1))
        painter.drawLine(round(middle), round(y - 7), round(middle), round(y + 7))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(scale_color(scale, self.palette))
        painter.drawRoundedRect(QRectF(min(middle, middle + reach), y - 3, max(abs(reach), 1.5), 6), 2, 2)
        painter.setPen(QColor(self.palette.text))
        painter.setFont(text_font(12))
        place = QRectF(rect.left(), rect.top(), rect.width() - 2 * BAR_HALF - 4 * _MARGIN, rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{scale:.2f}")
