"""One signed horizontal axis for every family: soft is left of DFT, stiff is right of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.benchmarks.family import STATIC
from guiapp.benchmarks.family_findings import percent_text
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.summary.axis_rows import AxisMark, AxisRow, short_mode
from guiapp.ui.theme import Palette, text_font

_HEADER, _FOOTER = 30.0, 26.0
_TITLES = 158.0
_NARROW_TITLES = 128.0
_NARROW = 460.0
_RIGHT = 30.0
_LEAST_ROW, _LINE = 48.0, 15.0
_DOT = 4.6
_LEFTMOST, _RIGHTMOST = -0.4, 0.2  # where the axis ends when nothing lies further out
_FARTHEST = 1.0
_STEP = 0.1
_CHARACTER = 6.2  # pixels of a small letter, about


class SignedAxis(QWidget):
    """Rows of families, marks of models; a click on a row opens the family.

    Signals:
        family_activated: Name of the family whose row was clicked, or chosen by keyboard.
    """

    family_activated = Signal(str)

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

    def set_rows(self, rows: Sequence[AxisRow]) -> None:
        """Show these rows; the axis grows where a number lies beyond it and stays as it is otherwise."""
        if [row.family for row in rows] != [row.family for row in self._rows]:
            self._current = self._hovered = -1
            self._low, self._high = _LEFTMOST, _RIGHTMOST
        self._rows = tuple(rows)
        findings = [mark.finding for row in rows for mark in row.marks if mark.known]
        values = [value for one in findings for value in (one.deviation, one.low, one.high) if value is not None]
        self._low = max(-_FARTHEST, min([self._low, *(math.floor(value / _STEP - 0.2) * _STEP for value in values)]))
        self._high = min(_FARTHEST, max([self._high, *(math.ceil(value / _STEP + 0.2) * _STEP for value in values)]))
        self.setAccessibleDescription(". ".join(row.words for row in self._rows))
        self.setMinimumHeight(round(self._needed_height))
        self.update()

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
                return QPointF(self._x(rect, mark.finding.deviation), self._y(box, k, len(row.marks)))
        raise KeyError(title)

    def sizeHint(self) -> QSize:
        """Return room for every row."""
        return QSize(520, round(self._needed_height))

    def minimumSizeHint(self) -> QSize:
        """Return the least room that can be read."""
        return QSize(320, round(self._needed_height))

    def figure_size(self) -> QSizeF:
        """Return the size of the exported figure."""
        return QSizeF(max(self.width(), 480), max(self._needed_height, 120.0) + 20)

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the figure into a rectangle of any device."""
        painter.fillRect(rect, QColor(self._colors.surface))
        inside = rect.adjusted(10, 10, -10, -10)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, inside, on_screen=False)
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
        elif self._current >= 0 and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.family_activated.emit(self._rows[self._current].family)
        else:
            super().keyPressEvent(event)

    # ---- geometry

    @property
    def _needed_height(self) -> float:
        return _HEADER + _FOOTER + sum(self._row_height(row) for row in self._rows)

    def _row_height(self, row: AxisRow) -> float:
        return max(_LEAST_ROW, _LINE * len(row.marks) + 14)

    def _boxes(self, rect: QRectF) -> list[QRectF]:
        """Return the rows' rectangles; room that is left over is shared."""
        spare = max(0.0, rect.height() - self._needed_height) / max(1, len(self._rows))
        spare = min(spare, 14.0)
        boxes, top = [], rect.top() + _HEADER
        for row in self._rows:
            height = self._row_height(row) + spare
            boxes.append(QRectF(rect.left(), top, rect.width(), height))
            top += height
        return boxes

    def _ends(self, rect: QRectF) -> tuple[float, float]:
        return rect.left() + (_TITLES if rect.width() >= _NARROW else _NARROW_TITLES), rect.right() - _RIGHT

    def _x(self, rect: QRectF, deviation: float) -> float:
        left, right = self._ends(rect)
        return left + (deviation - self._low) / (self._high - self._low) * (right - left)

    @staticmethod
    def _y(box: QRectF, place: int, count: int) -> float:
        return box.top() + box.height() * (place + 1) / (count + 1)

    def _row_at(self, place: QPointF) -> int:
        return next((k for k, box in enumerate(self._boxes(QRectF(self.rect()))) if box.contains(place)), -1)

    # ---- drawing

    def _draw(self, painter: QPainter, rect: QRectF, *, on_screen: bool) -> None:
        boxes = self._boxes(rect)
        left, right = self._ends(rect)
        top, bottom = boxes[0].top(), boxes[-1].bottom()
        p = self._colors
        for k, (row, box) in enumerate(zip(self._rows, boxes, strict=True)):
            if on_screen and k in {self._hovered, self._current if self.hasFocus() else -1}:
                painter.setPen(QPen(QColor(p.accent), 1) if k == self._current and self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(p.raised))
                painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)
            band = QColor(p.good)
            band.setAlpha(26)
            painter.fillRect(
                QRectF(
                    self._x(rect, -row.good_within),
                    box.top(),
                    self._x(rect, row.good_within) - self._x(rect, -row.good_within),
                    box.height(),
                ),
                band,
            )
            painter.setPen(QPen(QColor(p.line), 1))
            painter.drawLine(QLineF(rect.left(), box.bottom(), rect.right(), box.bottom()))
        self._draw_grid(painter, rect, top, bottom)
        painter.setFont(text_font(11))
        wide = right - left >= 330
        flags = Qt.AlignmentFlag.AlignVCenter
        head = QRectF(left, rect.top() + 4, right - left, 18)
        painter.setPen(QColor(p.soft))
        painter.drawText(head, flags | Qt.AlignmentFlag.AlignLeft, "◂ model below DFT (soft)" if wide else "◂ soft")
        painter.setPen(QColor(p.stiff))
        painter.drawText(head, flags | Qt.AlignmentFlag.AlignRight, "above DFT (stiff) ▸" if wide else "stiff ▸")
        for row, box in zip(self._rows, boxes, strict=True):
            self._draw_row(painter, rect, row, box)

    def _draw_grid(self, painter: QPainter, rect: QRectF, top: float, bottom: float) -> None:
        p = self._colors
        left, right = self._ends(rect)
        steps = round((self._high - self._low) / _STEP)
        every = 1 if (right - left) / steps >= 48 else 2
        painter.setFont(text_font(11))
        for k in range(round(self._low / _STEP), round(self._high / _STEP) + 1):
            x = round(self._x(rect, k * _STEP)) + 0.5
            painter.setPen(QPen(QColor(p.text if k == 0 else p.line), 1.2 if k == 0 else 1))
            painter.drawLine(QLineF(x, top, x, bottom))
            if k % every == 0:
                painter.setPen(QColor(p.text if k == 0 else p.muted))
                words = "DFT" if k == 0 else percent_text(k * _STEP)
                painter.drawText(QRectF(x - 34, bottom + 5, 68, 16), Qt.AlignmentFlag.AlignCenter, words)

    def _draw_row(self, painter: QPainter, rect: QRectF, row: AxisRow, box: QRectF) -> None:
        p = self._colors
        left, _ = self._ends(rect)
        middle = box.center().y()
        painter.setPen(QColor(p.text))
        painter.setFont(text_font(13))
        room = left - rect.left() - 12
        painter.drawText(
            QRectF(rect.left() + 6, middle - 19, room, 20), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.title
        )
        painter.setPen(QColor(p.muted))
        painter.setFont(text_font(11))
        painter.drawText(
            QRectF(rect.left() + 6, middle + 1, room, 17), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.count
        )
        for k, mark in enumerate(row.marks):
            self._draw_mark(painter, rect, mark, self._y(box, k, len(row.marks)))

    def _draw_mark(self, painter: QPainter, rect: QRectF, mark: AxisMark, y: float) -> None:
        p, finding = self._colors, mark.finding
        color = p.model_color(mark.color_index)
        left, right = self._ends(rect)
        if not mark.known:
            words = finding.no_signal_words if finding.mode == STATIC else f"{short_mode(finding.mode)}: {finding.no_signal_words}"
            box = QRectF(left + 6, y - 8, len(words) * _CHARACTER, 16)
            painter.fillRect(box.adjusted(-2, 0, 2, 0), QColor(p.surface))
            painter.setFont(text_font(11))
            painter.setPen(QColor(p.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, words)
            return
        if finding.low is not None and finding.high is not None:
            painter.setPen(QPen(color, 2))
            ends = (min(max(self._x(rect, end), left), right) for end in (finding.low, finding.high))
            painter.drawLine(QLineF(next(ends), y, next(ends), y))
        painter.setPen(QPen(color, 1.8))
        painter.setBrush(QColor(p.surface) if mark.hollow else color)
        x = self._x(rect, finding.deviation)
        if not left - 1 <= x <= right + 1:
            end, step = (left, -1) if x < left else (right, 1)
            painter.drawPolygon(QPolygonF([QPointF(end + 6 * step, y), QPointF(end - 2 * step, y - 4), QPointF(end - 2 * step, y + 4)]))
        elif finding.mode == STATIC:
            painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
        else:
            d = _DOT + 1
            painter.drawPolygon(QPolygonF([QPointF(x, y - d), QPointF(x + d, y), QPointF(x, y + d), QPointF(x - d, y)]))
