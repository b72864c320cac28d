"""One bar a model: the part of the squared error that one number removes, and the part that it cannot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.ui.plots.number_text import NOT_ENOUGH_SIGNAL, number, percent
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.plots.recolour import recoloured
from guiapp.ui.theme import Palette, text_font

_BAR = 14.0
_TEXT = 18.0
_GAP = 8.0
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
        return _BAR + _TEXT + 4 + (_TEXT if len(self._parts) > 1 else 0)

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
            self._draw_bar(painter, one, QRectF(rect.left(), top, rect.width(), self._row))
        painter.restore()

    def _draw_bar(self, painter: QPainter, one: ErrorParts, box: QRectF) -> None:
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        top = box.top()
        if len(self._parts) > 1:
            painter.setPen(QColor(self._colors.text))
            painter.drawText(QRectF(box.left(), top, box.width(), _TEXT), left, one.model_title)
            top += _TEXT
        share = one.share or 0.0
        painter.setPen(Qt.PenStyle.NoPen)
        middle = share * box.width()
        if share < 1:
            painter.setBrush(QColor(self._colors.line))
            painter.drawRoundedRect(QRectF(box.left() + middle + 1, top, max(box.width() - middle - 1, 0), _BAR), 3, 3)
        if share > 0:
            painter.setBrush(recoloured(QColor(one.color), self._given_palette, self._colors))
            painter.drawRoundedRect(QRectF(box.left(), top, max(middle - 1, 2), _BAR), 3, 3)
        painter.setPen(QColor(self._colors.muted))
        words = QRectF(box.left(), top + _BAR + 4, box.width(), _TEXT)
        if one.share is None:
            painter.drawText(words, left, NOT_ENOUGH_SIGNAL)
            return
        systematic = f"systematic {percent(share)}"
        random = f"random {percent(1 - share)}"
        explained = f"{systematic}: one number removes it" + (", so far" if self._running else "")
        metrics = QFontMetricsF(painter.font())
        fits = metrics.horizontalAdvance(explained + "   " + random) <= box.width()
        painter.drawText(words, left, explained if fits else systematic)
        painter.drawText(words, right, random)
