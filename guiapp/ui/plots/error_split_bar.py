"""One bar a model: the part of the squared error that one number removes, and the part that it cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.ui.plots.number_text import NOT_ENOUGH_SIGNAL, number, percent
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.plots.recolour import recoloured
from guiapp.ui.theme import Palette, text_font

_BAR = 14.0
_LOW_BAR = 8.0  # of several models, whose names stand above their bars
_SYMBOL = 7.0
_TEXT = 18.0
_GAP = 8.0
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MARGIN = 8.0  # around the bars in a figure
EMPTY_TEXT = "Run a benchmark to see what one number can repair"


@dataclass(frozen=True)
class ErrorParts:
    """Root-mean-square force error of one model in its two parts: rmse² = systematic² + random²."""

    model_title: str
    color: str
    """The model's colour, ``#RRGGBB``."""
    systematic: float
    """eV/Å; NaN where there is not enough signal."""
    random: float
    """eV/Å."""
    corrected: bool = False
    """Whether the model is a corrected one: the sign before its name is hollow."""

    @property
    def rmse(self) -> float:
        """Whole error, eV/Å."""
        return math.hypot(self.systematic, self.random)

    @property
    def share(self) -> float | None:
        """Systematic part of the squared error, 0 to 1; None where it cannot be told."""
        rmse = self.rmse
        return (self.systematic / rmse) ** 2 if math.isfinite(rmse) and rmse > 0 else None

    @property
    def sentence(self) -> str:
        """The bar in words."""
        if self.share is None:
            return f"{self.model_title}: {NOT_ENOUGH_SIGNAL}"
        return (
            f"{self.model_title}: rms error {number(self.rmse, 3)} eV/Å, of its square {percent(self.share)} systematic "
            f"({number(self.systematic, 3)} eV/Å) and {percent(1 - self.share)} random ({number(self.random, 3)} eV/Å)"
        )


class ErrorSplitBar(QWidget):
    """Bars under each other, one a model."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = self._given_palette = palette
        self._parts: tuple[ErrorParts, ...] = ()
        self._running = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Systematic and random error")

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._colors = palette
        self.update()

    def set_parts(self, parts: Sequence[ErrorParts]) -> None:
        """Show these models."""
        self._parts, self._given_palette = tuple(parts), self._colors
        self.setAccessibleDescription("; ".join(one.sentence for one in self._parts) or EMPTY_TEXT)
        self.updateGeometry()
        self.update()

    def set_running(self, running: bool) -> None:  # noqa: FBT001 - reads as the Qt setter that it is
        """Mark the result as partial, or as finished."""
        self._running = running
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for every bar."""
        return QSize(260, round(self._height))

    def minimumSizeHint(self) -> QSize:
        """Return the height of every bar at the least width."""
        return QSize(160, round(self._height))

    def figure_size(self) -> QSizeF:
        """Return the widget's size with a margin."""
        return QSizeF(self.width() + 2 * _MARGIN, self._height + 2 * _MARGIN)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the bars into a rectangle of any device."""
        painter.fillRect(rect, QColor(self._colors.surface))
        self._draw(painter, rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN))

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return one row a model."""
        yield ["model", "rms error (eV/Å)", "systematic (eV/Å)", "random (eV/Å)", "systematic share of squared error"]
        for one in self._parts:
            yield one.model_title, one.rmse, one.systematic, one.random, one.share

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return "error split"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the widget."""
        painter = QPainter(self)
        self._draw(painter, QRectF(self.rect()))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell the numbers behind a bar."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._parts:
            k = min(int(event.pos().y() / (self._row + _GAP)), len(self._parts) - 1)
            QToolTip.showText(event.globalPos(), self._parts[k].sentence, self)
            return True
        return super().event(event)

    @property
    def _row(self) -> float:
        return _TEXT + _LOW_BAR if len(self._parts) > 1 else _BAR + 4 + _TEXT

    @property
    def _height(self) -> float:
        n = max(1, len(self._parts))
        return n * self._row + (n - 1) * _GAP

    def _draw(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(11))
        if not self._parts:
            painter.setPen(QColor(self._colors.muted))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, EMPTY_TEXT)
        for k, one in enumerate(self._parts):
            top = rect.top() + k * (self._row + _GAP)
            box = QRectF(rect.left(), top, rect.width(), self._row)
            if len(self._parts) > 1:
                self._draw_titled(painter, one, box)
            else:
                self._draw_alone(painter, one, box)
        painter.restore()

    def _draw_alone(self, painter: QPainter, one: ErrorParts, box: QRectF) -> None:
        self._draw_bar(painter, one, QRectF(box.left(), box.top(), box.width(), _BAR))
        painter.setPen(QColor(self._colors.muted))
        words = QRectF(box.left(), box.top() + _BAR + 4, box.width(), _TEXT)
        if one.share is None:
            painter.drawText(words, _LEFT, NOT_ENOUGH_SIGNAL)
            return
        systematic, random = f"systematic {percent(one.share)}", f"random {percent(1 - one.share)}"
        explained = f"{systematic}: one number removes it" + (", so far" if self._running else "")
        fits = QFontMetricsF(painter.font()).horizontalAdvance(explained + "   " + random) <= box.width()
        painter.drawText(words, _LEFT, explained if fits else systematic)
        painter.drawText(words, _RIGHT, random)

    def _draw_titled(self, painter: QPainter, one: ErrorParts, box: QRectF) -> None:
        """Draw a bar under the model's mark and name, so that the bars are the models' legend too."""
        metrics = QFontMetricsF(painter.font())
        color = self._color_of(one)
        painter.setPen(QPen(color, 1.6) if one.corrected else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if one.corrected else color)
        painter.drawEllipse(QRectF(box.left() + 1, box.top() + (_TEXT - _SYMBOL) / 2, _SYMBOL, _SYMBOL))
        line = QRectF(box.left() + _SYMBOL + 6, box.top(), box.width() - _SYMBOL - 6, _TEXT)
        words = NOT_ENOUGH_SIGNAL if one.share is None else f"{percent(one.share)} systematic"
        painter.setPen(QColor(self._colors.muted))
        painter.drawText(line, _RIGHT, words)
        painter.setPen(QColor(self._colors.text))
        room = line.width() - metrics.horizontalAdvance(words) - _GAP
        painter.drawText(line, _LEFT, metrics.elidedText(one.model_title, Qt.TextElideMode.ElideRight, room))
        self._draw_bar(painter, one, QRectF(box.left(), box.top() + _TEXT, box.width(), _LOW_BAR))

    def _draw_bar(self, painter: QPainter, one: ErrorParts, box: QRectF) -> None:
        share = one.share or 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        middle = share * box.width()
        if share < 1:
            painter.setBrush(QColor(self._colors.line))
            painter.drawRoundedRect(QRectF(box.left() + middle + 1, box.top(), max(box.width() - middle - 1, 0), box.height()), 3, 3)
        if share > 0:
            painter.setBrush(self._color_of(one))
            painter.drawRoundedRect(QRectF(box.left(), box.top(), max(middle - 1, 2), box.height()), 3, 3)

    def _color_of(self, one: ErrorParts) -> QColor:
        return recoloured(QColor(one.color), self._given_palette, self._colors)
