"""One signed horizontal axis for every family: soft is left of DFT, stiff is right of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.benchmarks.family import STATIC
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.summary.axis_rows import AxisMark, AxisRow
from guiapp.ui.summary.axis_scale import HEAD_HEIGHT, STEP, AxisScale, draw_head
from guiapp.ui.theme import Palette, text_font

_LEAST_NAMES, _MOST_NAMES = 96.0, 0.42  # room for names: pixels, and part of the width
_BESIDE_NAMES = 20.0  # pixels between the longest name and the axis
_RIGHT = 30.0
_LEAST_ROW, _LINE = 42.0, 15.0
_NAME_LINE, _COUNT_LINE = 17.0, 16.0
_DOT = 4.6
_LEFTMOST, _RIGHTMOST = -0.4, 0.2  # where the axis ends when nothing lies further out
_FARTHEST = 1.0


class SignedAxis(QWidget):
    """Rows of families, marks of models; a click on a row opens the family.

    Signals:
        family_activated: Name of the family whose row was clicked, or chosen by keyboard.
        scale_changed: The rows, the ends of the axis or the colours are others.
        current_moved(float, float): Upper and lower edge of the row that the keyboard went to, pixels.
    """

    family_activated = Signal(str)
    scale_changed = Signal()
    current_moved = Signal(float, float)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._colors = palette
        self._rows: tuple[AxisRow, ...] = ()
        self._current = self._hovered = -1
        self._low, self._high = _LEFTMOST, _RIGHTMOST
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Signed deviation from DFT by family")

    @property
    def colors(self) -> Palette:
        """The palette in use."""
        return self._colors

    @property
    def rows(self) -> tuple[AxisRow, ...]:
        """What is shown."""
        return self._rows

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._colors = palette
        self.update()
        self.scale_changed.emit()

    def set_rows(self, rows: Sequence[AxisRow]) -> None:
        """Show these rows; the axis grows where a number lies beyond it and stays as it is otherwise."""
        if [row.family for row in rows] != [row.family for row in self._rows]:
            self._current = self._hovered = -1
            self._low, self._high = _LEFTMOST, _RIGHTMOST
        self._rows = tuple(rows)
        findings = [mark.finding for row in rows for mark in row.marks if mark.known]
        values = [value for one in findings for value in (one.deviation, one.low, one.high) if value is not None]
        self._low = max(-_FARTHEST, min([self._low, *(math.floor(value / STEP - 0.2) * STEP for value in values)]))
        self._high = min(_FARTHEST, max([self._high, *(math.ceil(value / STEP + 0.2) * STEP for value in values)]))
        self.setAccessibleDescription(". ".join(row.words for row in self._rows))
        self.setMinimumHeight(round(self._needed_height))
        self.update()
        self.scale_changed.emit()

    @property
    def scale(self) -> AxisScale:
        """Where deviations lie in this widget."""
        return self._scale(QRectF(self.rect()))

    def row_rect(self, family: str) -> QRectF:
        """Return where a family's row is."""
        place = [row.family for row in self._rows].index(family)
        return self._boxes(QRectF(self.rect()))[place]

    def mark_position(self, family: str, title: str, *, hollow: bool = False) -> QPointF:
        """Return where the mark of a model is."""
        rect = QRectF(self.rect())
        place = [row.family for row in self._rows].index(family)
        box, row = self._boxes(rect)[place], self._rows[place]
        for k, mark in enumerate(row.marks):
            if mark.title == title and mark.hollow == hollow:
                return QPointF(self._scale(rect).x(mark.finding.deviation), self._y(box, k, len(row.marks)))
        raise KeyError(title)

    def sizeHint(self) -> QSize:
        """Return room for every row."""
        return QSize(520, round(self._needed_height))

    def minimumSizeHint(self) -> QSize:
        """Return the least room that can be read."""
        return QSize(320, round(self._needed_height))

    def figure_size(self) -> QSizeF:
        """Return the size of the exported figure."""
        return QSizeF(max(self.width(), 480), HEAD_HEIGHT + max(self._needed_height, 100.0) + 20)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the figure into a rectangle of any device."""
        painter.fillRect(rect, QColor(self._colors.surface))
        inside = rect.adjusted(10, 10, -10, -10)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._rows:
            draw_head(painter, inside.top(), self._scale(inside), self._colors)
            self._draw(painter, inside.adjusted(0, HEAD_HEIGHT, 0, 0), on_screen=False)
        painter.restore()

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return one row a mark, in full precision."""
        yield [
            "family",
            "model",
            "mode",
            "correction c",
            "quantity",
            "deviation (fraction)",
            "95 % low",
            "95 % high",
            "judged",
            "systems",
            "r2",
            "verdict",
            "reason",
        ]
        for row in self._rows:
            for mark in row.marks:
                f = mark.finding
                numbers = f.deviation if mark.known else None, f.low, f.high
                r2 = f.r2 if math.isfinite(f.r2) else None
                yield row.title, mark.title, f.mode, f.c, f.quantity, *numbers, f.n_judged, f.n_systems, r2, f.verdict.value, f.reason

    def suggested_name(self) -> str:
        """Return a file name without its ending."""
        return "softness by family"

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the widget."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._colors.surface))
        if self._rows:
            self._draw(painter, QRectF(self.rect()), on_screen=True)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell the numbers of the row under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(QPointF(event.pos()))
            if row >= 0:
                marks = "\n".join(mark.words for mark in self._rows[row].marks)
                QToolTip.showText(event.globalPos(), f"{self._rows[row].title}\n{marks}", self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hovered = -1
            self.update()
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the mouse."""
        row = self._row_at(event.position())
        if row != self._hovered:
            self._hovered = row
            self.setCursor(Qt.CursorShape.PointingHandCursor if row >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the family under the mouse."""
        row = self._row_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._current = row
            self.family_activated.emit(self._rows[row].family)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the rows; Enter opens one."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if self._rows and key in steps:
            self._current = min(max(self._current + steps[key], 0), len(self._rows) - 1)
            self.update()
            box = self._boxes(QRectF(self.rect()))[self._current]
            self.current_moved.emit(box.top(), box.bottom())
        elif self._current >= 0 and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.family_activated.emit(self._rows[self._current].family)
        else:
            super().keyPressEvent(event)

    # ---- geometry

    @property
    def _needed_height(self) -> float:
        return sum(self._row_height(row) for row in self._rows) + 1

    @staticmethod
    def _row_height(row: AxisRow) -> float:
        return max(_LEAST_ROW, _LINE * len(row.marks) + 14)

    def _boxes(self, rect: QRectF) -> list[QRectF]:
        """Return the rows' rectangles; room that is left over is shared."""
        spare = max(0.0, rect.height() - self._needed_height) / max(1, len(self._rows))
        spare = min(spare, 14.0)
        boxes, top = [], rect.top()
        for row in self._rows:
            height = self._row_height(row) + spare
            boxes.append(QRectF(rect.left(), top, rect.width(), height))
            top += height
        return boxes

    def _scale(self, rect: QRectF) -> AxisScale:
        """Return the scale beside names that take what they need, but not the picture's room."""
        titles, counts = QFontMetricsF(text_font(13)), QFontMetricsF(text_font(11))
        widest = max((max(titles.horizontalAdvance(row.title), counts.horizontalAdvance(row.count)) for row in self._rows), default=0.0)
        names = max(_LEAST_NAMES, min(widest + _BESIDE_NAMES, _MOST_NAMES * rect.width()))
        return AxisScale(self._low, self._high, rect.left() + names, rect.right() - _RIGHT)

    @staticmethod
    def _y(box: QRectF, place: int, count: int) -> float:
        return box.top() + box.height() * (place + 1) / (count + 1)

    def _row_at(self, place: QPointF) -> int:
        return next((k for k, box in enumerate(self._boxes(QRectF(self.rect()))) if box.contains(place)), -1)

    # ---- drawing

    def _draw(self, painter: QPainter, rect: QRectF, *, on_screen: bool) -> None:
        boxes, scale = self._boxes(rect), self._scale(rect)
        p = self._colors
        for k, (row, box) in enumerate(zip(self._rows, boxes, strict=True)):
            if on_screen and k in {self._hovered, self._current if self.hasFocus() else -1}:
                painter.setPen(QPen(QColor(p.accent), 1) if k == self._current and self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(p.raised))
                painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)
            band = QColor(p.good)
            band.setAlpha(26)
            from_x, to_x = scale.x(-row.good_within), scale.x(row.good_within)
            painter.fillRect(QRectF(from_x, box.top(), to_x - from_x, box.height()), band)
            painter.setPen(QPen(QColor(p.line), 1))
            painter.drawLine(QLineF(rect.left(), box.bottom(), rect.right(), box.bottom()))
        for deviation, place in scale.lines():
            is_dft = round(deviation / STEP) == 0
            x = round(place) + 0.5
            painter.setPen(QPen(QColor(p.text if is_dft else p.line), 1.2 if is_dft else 1))
            painter.drawLine(QLineF(x, boxes[0].top(), x, boxes[-1].bottom()))
        for row, box in zip(self._rows, boxes, strict=True):
            self._draw_names(painter, row, box, scale.left - rect.left() - 12)
            for k, mark in enumerate(row.marks):
                self._draw_mark(painter, scale, mark, self._y(box, k, len(row.marks)))

    def _draw_names(self, painter: QPainter, row: AxisRow, box: QRectF, room: float) -> None:
        """Write title and count one above the other; the count makes way for a second line of a title that is wider than its room."""
        font = text_font(13)
        wraps = QFontMetricsF(font).horizontalAdvance(row.title) > room
        top = box.center().y() - (_NAME_LINE * (2 if wraps else 1) + (0 if wraps else _COUNT_LINE)) / 2
        painter.setPen(QColor(self._colors.text))
        painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | (Qt.TextFlag.TextWordWrap if wraps else Qt.AlignmentFlag(0))
        painter.drawText(QRectF(box.left() + 6, top, room, _NAME_LINE * (2 if wraps else 1)), flags, row.title)
        if not wraps:
            small = text_font(11)
            painter.setPen(QColor(self._colors.muted))
            painter.setFont(small)
            words = QFontMetricsF(small).elidedText(row.count, Qt.TextElideMode.ElideRight, room)
            place = QRectF(box.left() + 6, top + _NAME_LINE, room, _COUNT_LINE)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_mark(self, painter: QPainter, scale: AxisScale, mark: AxisMark, y: float) -> None:
        p, finding = self._colors, mark.finding
        color = p.model_color(mark.color_index)
        left, right = scale.left, scale.right
        if not mark.known:
            font = text_font(11)
            metrics = QFontMetricsF(font)
            words = metrics.elidedText(mark.silent_words, Qt.TextElideMode.ElideRight, right + _RIGHT - left - 10)
            box = QRectF(left + 6, y - 8, metrics.horizontalAdvance(words) + 1, 16)
            painter.fillRect(box.adjusted(-2, 0, 2, 0), QColor(p.surface))
            painter.setFont(font)
            painter.setPen(QColor(p.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            return
        if finding.low is not None and finding.high is not None:
            painter.setPen(QPen(color, 2))
            ends = (min(max(scale.x(end), left), right) for end in (finding.low, finding.high))
            painter.drawLine(QLineF(next(ends), y, next(ends), y))
        painter.setPen(QPen(color, 1.8))
        painter.setBrush(QColor(p.surface) if mark.hollow else color)
        x = scale.x(finding.deviation)
        if not left - 1 <= x <= right + 1:
            end, step = (left, -1) if x < left else (right, 1)
            painter.drawPolygon(QPolygonF([QPointF(end + 6 * step, y), QPointF(end - 2 * step, y - 4), QPointF(end - 2 * step, y + 4)]))
        elif finding.mode == STATIC:
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        else:
            d = _DOT + 1
            painter.drawPolygon(QPolygonF([QPointF(x, y - d), QPointF(x + d, y), QPointF(x, y + d), QPointF(x - d, y)]))
