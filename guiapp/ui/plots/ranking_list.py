"""The scrolling part of the compound ranking: a dot with its interval for each compound and model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from guiapp.ui.plots.number_text import NOT_ENOUGH_SIGNAL, number
from guiapp.ui.plots.ranked_compound import RankedCompound, ScaleMark, ScaleRange
from guiapp.ui.plots.scale_axis import ScaleAxis
from guiapp.ui.theme import Palette, scale_color, text_font

HEADER = 22.0
FOOTER = 22.0
_ROW = 20.0
_MORE = 9.0  # added to a row for each model beyond the first
_VALUE_ROOM = 46.0
_NARROWEST_TITLES, _WIDEST_TITLES = 48.0, 130.0
_DOT = 4.2


class RankingList(QAbstractScrollArea):
    """Rows in the order given; one of them may be current.

    Signals:
        activated: Name of the compound that was clicked or reached by keyboard.
        axis_moved: Left and right end of the axis in pixels, for a plot above that shares it.
    """

    activated = Signal(str)
    axis_moved = Signal(float, float)

    def __init__(self, palette: Palette) -> None:
        """Start empty."""
        super().__init__()
        self._palette = palette
        self._rows: list[RankedCompound] = []
        self._place: dict[str, int] = {}
        self._range = ScaleRange()
        self._current = ""
        self._hovered = -1
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.setAccessibleName("Compounds by softness")

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.viewport().update()

    def set_rows(self, rows: Sequence[RankedCompound], shown: ScaleRange) -> None:
        """Show other rows on that axis."""
        self._rows = list(rows)
        self._place = {row.compound: k for k, row in enumerate(rows)}
        self._range = shown
        self._adjust_scrolling()
        self.viewport().update()

    @property
    def current(self) -> str:
        """Name of the highlighted compound; empty where there is none."""
        return self._current

    def set_current(self, compound: str) -> None:
        """Highlight a row and bring it into view; tells nobody."""
        self._current = compound
        place = self._place.get(compound)
        if place is not None:
            bar, height = self.verticalScrollBar(), self.row_height
            top, page = place * height, bar.pageStep()
            if top < bar.value():
                bar.setValue(round(top))
            elif top + height > bar.value() + page:
                bar.setValue(round(top + height - page))
            self.setAccessibleDescription(self._rows[place].sentence)
        self.viewport().update()

    @property
    def row_height(self) -> float:
        """Pixels a row; more models need more."""
        models = max((len(row.marks) for row in self._rows), default=1)
        return _ROW + _MORE * (max(models, 1) - 1)

    def row_rect(self, compound: str) -> QRectF:
        """Return where the row of a compound is in the viewport."""
        top = HEADER + self._place[compound] * self.row_height - self.verticalScrollBar().value()
        return QRectF(0, top, self.viewport().width(), self.row_height)

    def draw(self, painter: QPainter, rect: QRectF, first: int, scrolled: float, *, on_screen: bool) -> None:
        """Draw axis and rows into a rectangle.

        Args:
            painter: Of any device.
            rect: Where.
            first: Row to begin with.
            scrolled: Pixels of that row which are above the rectangle.
            on_screen: False for a figure in a file, which has no current or hovered row.
        """
        painter.save()
        painter.translate(rect.topLeft())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axis = self.axis(rect.width())
        bottom = rect.height() - FOOTER
        height = self.row_height
        last = min(len(self._rows), first + math.ceil((bottom - HEADER + scrolled) / height - 1e-9))
        end = min(bottom, HEADER - scrolled + (last - first) * height)
        painter.save()
        painter.setClipRect(QRectF(0, HEADER, rect.width(), bottom - HEADER))
        if on_screen:
            self._draw_backgrounds(painter, rect.width(), first, last, scrolled)
        axis.draw_grid(painter, self._palette, HEADER - 2, end)
        for k in range(first, last):
            self._draw_row(painter, axis, self._rows[k], QRectF(0, HEADER - scrolled + (k - first) * height, rect.width(), height))
        painter.restore()
        axis.draw_sides(painter, self._palette, 2)
        axis.draw_ticks(painter, self._palette, end + 3)
        painter.restore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the rows in view."""
        painter = QPainter(self.viewport())
        value, height = self.verticalScrollBar().value(), self.row_height
        first = int(value / height)
        if self._rows:
            self.draw(painter, QRectF(self.viewport().rect()), first, value - first * height, on_screen=True)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll by what does not fit."""
        super().resizeEvent(event)
        self._adjust_scrolling()

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the tooltip of a row, and forget the hovered one when the mouse leaves."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos())
            if row >= 0:
                detail = self._rows[row].detail
                QToolTip.showText(event.globalPos(), self._rows[row].sentence + (f"\n{detail}" if detail else ""), self)
            else:
                QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hovered = -1
            self.viewport().update()
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the mouse."""
        row = self._row_at(event.position().toPoint())
        if row != self._hovered:
            self._hovered = row
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor)
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Activate the row under the mouse."""
        row = self._row_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._activate(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the rows."""
        page = max(1, int(self.verticalScrollBar().pageStep() / self.row_height))
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._rows) - 1}
        key = Qt.Key(event.key())
        here = self._place.get(self._current, -1)
        if not self._rows:
            super().keyPressEvent(event)
        elif key in steps:
            self._activate(min(max(here + steps[key], 0), len(self._rows) - 1))
        elif key in ends:
            self._activate(ends[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and here >= 0:
            self._activate(here)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Return room for all rows up to a limit."""
        return QSize(300, round(min(self.full_height, 480.0)))

    @property
    def full_height(self) -> float:
        """Pixels that show every row."""
        return self.height_of(len(self._rows))

    def height_of(self, rows: int) -> float:
        """Return the pixels that so many rows take with the axis."""
        return HEADER + rows * self.row_height + FOOTER

    def minimumSizeHint(self) -> QSize:
        """Return room for a few rows."""
        return QSize(220, round(HEADER + 3 * _ROW + FOOTER))

    def _activate(self, row: int) -> None:
        compound = self._rows[row].compound
        self.set_current(compound)
        self.activated.emit(compound)

    def _adjust_scrolling(self) -> None:
        page = max(1, round(self.viewport().height() - HEADER - FOOTER))
        bar = self.verticalScrollBar()
        bar.setPageStep(page)
        bar.setSingleStep(round(self.row_height))
        bar.setRange(0, max(0, round(len(self._rows) * self.row_height) - page))
        axis = self.axis(self.viewport().width())
        self.axis_moved.emit(axis.left, axis.right)

    def _row_at(self, place: QPoint) -> int:
        if not HEADER <= place.y() < self.viewport().height() - FOOTER:
            return -1
        row = int((place.y() - HEADER + self.verticalScrollBar().value()) / self.row_height)
        return row if row < len(self._rows) else -1

    def axis(self, width: float) -> ScaleAxis:
        """Return the axis in a list of that width."""
        metrics = QFontMetricsF(text_font(12))
        widest = max((metrics.horizontalAdvance(row.shown_title) for row in self._rows[:200]), default=0.0)
        left = min(max(widest, _NARROWEST_TITLES), _WIDEST_TITLES, 0.4 * width) + 16
        return ScaleAxis(self._range, left, width - _VALUE_ROOM - 8)

    def _draw_backgrounds(self, painter: QPainter, width: float, first: int, last: int, scrolled: float) -> None:
        height = self.row_height
        for row, color in ((self._hovered, self._palette.raised), (self._place.get(self._current, -1), self._palette.accent_soft)):
            if first <= row < last:
                band = QRectF(0, HEADER - scrolled + (row - first) * height, width, height)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(color))
                painter.drawRoundedRect(band, 4, 4)
                if self.hasFocus() and row != self._hovered:
                    painter.setPen(QPen(QColor(self._palette.accent), 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(band.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _draw_row(self, painter: QPainter, axis: ScaleAxis, row: RankedCompound, box: QRectF) -> None:
        left, middle, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        known = [mark for mark in row.marks if mark.known_scale is not None]
        font = text_font(12)
        painter.setFont(font)
        painter.setPen(QColor(self._palette.text if known else self._palette.muted))
        room = axis.left - 14
        title = QFontMetricsF(font).elidedText(row.shown_title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(4, box.top(), room, box.height()), right | middle, title)
        if not known:
            painter.setFont(text_font(11))
            words = QRectF(axis.left + 8, box.top(), axis.right - axis.left, box.height())
            # The line at 1 must not stand for one of the letters.
            written = painter.boundingRect(words, left | middle, NOT_ENOUGH_SIGNAL).adjusted(-3, 0, 3, 0)
            if row.compound != self._current:  # whose row has a colour of its own
                painter.fillRect(written, QColor(self._palette.surface))
            painter.drawText(words, left | middle | Qt.TextFlag.TextDontClip, NOT_ENOUGH_SIGNAL)
        step = box.height() / (len(row.marks) + 1)
        for k, mark in enumerate(row.marks):
            if mark.known_scale is not None:
                self._draw_mark(painter, axis, mark, mark.known_scale, box.top() + (k + 1) * step, alone=len(row.marks) == 1)
        painter.setFont(font)
        value = next((mark.known_scale for mark in row.marks if mark.known_scale is not None), None)
        painter.setPen(QColor(self._palette.text if known else self._palette.muted))
        painter.drawText(QRectF(axis.right + 8, box.top(), _VALUE_ROOM - 4, box.height()), right | middle, number(value))

    def _draw_mark(self, painter: QPainter, axis: ScaleAxis, mark: ScaleMark, scale: float, y: float, *, alone: bool) -> None:
        color = scale_color(scale, self._palette) if alone else QColor(mark.color)
        if mark.interval is not None:
            painter.setPen(QPen(color, 2))
            painter.drawLine(QLineF(axis.clamped(mark.interval[0]), y, axis.clamped(mark.interval[1]), y))
        painter.setPen(QPen(color, 1.8) if mark.corrected else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._palette.surface) if mark.corrected else color)
        if axis.range.low <= scale <= axis.range.high:
            painter.drawEllipse(QPointF(axis.x(scale), y), _DOT, _DOT)
        else:
            axis.draw_beyond(painter, y, left=scale < axis.range.low)
