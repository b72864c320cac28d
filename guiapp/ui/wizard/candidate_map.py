"""The candidates on a map: how far from equilibrium each lies, and what its label would be worth."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.correction.label_choice import Candidate, LabelRanking
from guiapp.report.formula_text import subscripted
from guiapp.ui.theme import Palette, text_font

_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 16.0, 14.0, 36.0
_RADIUS, _CHOSEN_RADIUS, _REACH = 5.0, 8.0, 14.0
_TICKS = 5


def round_ticks(largest: float, most: int) -> list[float]:
    """Return the multiples of 1, 2 or 5 times a power of ten from 0 to a value.

    Args:
        largest: Where the axis ends, positive.
        most: How many steps there may be, three or more.
    """
    power = 10.0 ** math.floor(math.log10(largest / most))
    step = next(power * factor for factor in (1, 2, 5, 10) if largest / (power * factor) <= most)
    return [round(k * step, 12) for k in range(int(largest / step + 1e-9) + 1)]


class CandidateMap(QWidget):
    """Root-mean-square model force against the worth of a label; a click chooses a candidate.

    Signals:
        picked: Place of a candidate in the ranking.
    """

    picked = Signal(int)

    def __init__(self, palette: Palette) -> None:
        """Start empty."""
        super().__init__()
        self._palette = palette
        self._candidates: tuple[Candidate, ...] = ()
        self._chosen: frozenset[int] = frozenset()
        self._judges: frozenset[int] = frozenset()
        self._cursor = 0
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Map of the candidates")
        self.setMouseTracking(True)

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    def show_ranking(self, ranking: LabelRanking | None) -> None:
        """Show these candidates."""
        self._candidates = ranking.candidates if ranking is not None else ()
        self._cursor = 0
        self.setAccessibleDescription(f"{len(self._candidates)} candidates, best first; arrow keys step, Space chooses")
        self.update()

    def show_choice(self, chosen: frozenset[int], judges: frozenset[int]) -> None:
        """Mark candidates to be fitted, and those that will judge, by their places."""
        self._chosen, self._judges = chosen, judges
        self.update()

    def position_of(self, place: int) -> QPointF:
        """Return where a candidate is drawn."""
        candidate, box = self._candidates[place], self._box()
        return QPointF(
            box.left() + box.width() * candidate.rms_force / self._largest(), box.bottom() - box.height() * self._worth(candidate)
        )

    def sizeHint(self) -> QSize:
        """Return a readable size."""
        return QSize(480, 210)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the nearest candidate."""
        place = self._nearest(event.position())
        if place is not None:
            self._cursor = place
            self.picked.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step through the candidates, and choose one."""
        if not self._candidates:
            return super().keyPressEvent(event)
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._cursor = (self._cursor + step) % len(self._candidates)
            return self.update()
        if event.key() in {Qt.Key.Key_Space, Qt.Key.Key_Return}:
            return self.picked.emit(self._cursor)
        return super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell the reasons behind a point."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._nearest(QPointF(event.pos()))
            if place is None:
                QToolTip.hideText()
            else:
                candidate = self._candidates[place]
                why = candidate.excluded or "; ".join(candidate.reasons)
                QToolTip.showText(event.globalPos(), f"{subscripted(candidate.frame.compound)} {candidate.frame.name}: {why}", self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw axes and points."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(11))
        self._draw_axes(painter)
        # Chosen ones last, so that nothing covers them.
        for place in sorted(range(len(self._candidates)), key=lambda k: (k in self._chosen, k in self._judges)):
            self._draw_point(painter, place)
        painter.end()

    def _box(self) -> QRectF:
        return QRectF(_LEFT, _TOP, max(1.0, self.width() - _LEFT - _RIGHT), max(1.0, self.height() - _TOP - _BOTTOM))

    def _largest(self) -> float:
        return 1.08 * max((c.rms_force for c in self._candidates), default=1.0) or 1.0

    def _worth(self, candidate: Candidate) -> float:
        best = max((c.score for c in self._candidates), default=0.0)
        return 0.94 * candidate.score / best if best > 0 else 0.0

    def _nearest(self, point: QPointF) -> int | None:
        best: tuple[float, int] | None = None
        for place in range(len(self._candidates)):
            there = self.position_of(place)
            distance = ((there.x() - point.x()) ** 2 + (there.y() - point.y()) ** 2) ** 0.5
            if distance <= _REACH and (best is None or distance < best[0]):
                best = (distance, place)
        return best[1] if best is not None else None

    def _draw_axes(self, painter: QPainter) -> None:
        p, box = self._palette, self._box()
        painter.setPen(QPen(QColor(p.line), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        painter.drawLine(box.bottomLeft(), box.topLeft())
        painter.setPen(QColor(p.muted))
        largest = self._largest()
        for value in round_ticks(largest, _TICKS):
            x = box.left() + box.width() * value / largest
            painter.drawText(QRectF(x - 30, box.bottom() + 2, 60, 14), Qt.AlignmentFlag.AlignCenter, f"{value:.2g}")
        painter.drawText(
            QRectF(box.left(), box.bottom() + 17, box.width(), 16),
            Qt.AlignmentFlag.AlignCenter,
            "root-mean-square model force (eV/Å): distance from equilibrium",
        )
        painter.save()
        painter.translate(10, box.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-box.height() / 2, -8, box.height(), 16), Qt.AlignmentFlag.AlignCenter, "worth of its label")
        painter.restore()
        painter.drawText(QRectF(box.left() - 38, box.top() - 2, 32, 14), Qt.AlignmentFlag.AlignRight, "best")
        painter.drawText(QRectF(box.left() - 38, box.bottom() - 12, 32, 14), Qt.AlignmentFlag.AlignRight, "0")

    def _draw_point(self, painter: QPainter, place: int) -> None:
        p, candidate, there = self._palette, self._candidates[place], self.position_of(place)
        base = QColor(p.models[0])
        if place in self._chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(p.accent))
            painter.drawEllipse(there, _CHOSEN_RADIUS, _CHOSEN_RADIUS)
            self._draw_name(painter, there, "proposed" if place < len(self._chosen) else "chosen", QColor(p.text))
        elif candidate.excluded:
            painter.setPen(QPen(QColor(p.muted), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(there, _RADIUS - 1, _RADIUS - 1)
        else:
            # The fuller the colour, the more of the target's surroundings the structure holds.
            base.setAlphaF(0.25 + 0.6 * candidate.coverage)
            painter.setPen(QPen(QColor(p.models[0]), 2) if place in self._judges else Qt.PenStyle.NoPen)
            painter.setBrush(base)
            painter.drawEllipse(there, _RADIUS, _RADIUS)
            if place in self._judges:
                self._draw_name(painter, there, "to judge", QColor(p.muted))
        if self.hasFocus() and place == self._cursor:
            painter.setPen(QPen(QColor(p.text), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(there, _CHOSEN_RADIUS + 3, _CHOSEN_RADIUS + 3)

    def _draw_name(self, painter: QPainter, there: QPointF, text: str, color: QColor) -> None:
        painter.setPen(color)
        width = painter.fontMetrics().horizontalAdvance(text) + 4
        left = there.x() - _CHOSEN_RADIUS - width - 4
        if left < _LEFT:
            left = there.x() + _CHOSEN_RADIUS + 4
        painter.drawText(QRectF(left, there.y() - 8, width, 16), Qt.AlignmentFlag.AlignCenter, text)
