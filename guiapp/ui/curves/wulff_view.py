"""Crystal shapes side by side, one colour a kind of facet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from guiapp.benchmarks.surfaces import JOULE_PER_SQUARE_METRE
from guiapp.frames.frame import Floats
from guiapp.ui.curves.wulff_shapes import ShownShape
from guiapp.ui.plots.plot_export import CsvRow
from guiapp.ui.theme import Palette, text_font

_HEIGHT, _TITLE, _LEGEND = 210.0, 34.0, 18.0
_ELEVATION, _AZIMUTH = np.radians(22), np.radians(-58)
_LIGHT = np.array([0.35, -0.55, 0.76]) / np.linalg.norm([0.35, -0.55, 0.76])
_SHADOW = 0.55  # brightness of a facet that faces away from the light
_MOST_NAMED = 5

Facet = tuple[int, ...]


class WulffView(QWidget):
    """Draws shapes at equal size: they are compared by form, and the mean energy is written above."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        """Start empty and hidden; the page decides whether there is room."""
        super().__init__(parent)
        self._palette = palette
        self._crystal = ""
        self._shapes: tuple[ShownShape, ...] = ()
        self._c = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    @property
    def shapes(self) -> tuple[ShownShape, ...]:
        """What is drawn."""
        return self._shapes

    def set_palette(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.update()

    def set_shapes(self, crystal: str, shapes: Sequence[ShownShape], c: float) -> None:
        """Show the shapes of a crystal; a correction changes the energies and no form."""
        self._crystal, self._shapes, self._c = crystal, tuple(shapes), c
        self.setAccessibleName(f"Crystal shape of {crystal} (Wulff)")
        self.setAccessibleDescription("; ".join(self._words(shape) for shape in self._shapes))
        self.update()

    def sizeHint(self) -> QSize:
        """Return one row of shapes with their words."""
        return QSize(300, round(_HEIGHT))

    def figure_size(self) -> QSizeF:
        """Return the widget's size where there are shapes, else nothing."""
        return QSizeF(self.width(), _HEIGHT if self._shapes else 0.0)

    def csv_rows(self) -> Iterator[CsvRow]:
        """Return the part of the surface that each kind of facet takes, in the columns of a picture's numbers."""
        for one in self._shapes:
            for facet, part in one.shape.fractions.items():
                yield [self._crystal, "crystal shape (Wulff)", "", "part of the surface", one.title, "facet", 0, "", part, _name(facet)]

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw all shapes into a rectangle of any device."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self._colors()
        width = rect.width() / max(len(self._shapes), 1)
        for place, one in enumerate(self._shapes):
            box = QRectF(rect.left() + place * width, rect.top(), width, rect.height() - _LEGEND)
            self._draw(painter, box, one, colors)
        self._draw_legend(painter, QRectF(rect.left(), rect.bottom() - _LEGEND, rect.width(), _LEGEND), colors)
        painter.restore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the widget."""
        painter = QPainter(self)
        self.paint(painter, QRectF(self.rect()))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tell the parts of the surface under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._shapes:
            place = min(int(len(self._shapes) * event.pos().x() / max(self.width(), 1)), len(self._shapes) - 1)
            QToolTip.showText(event.globalPos(), self._words(self._shapes[place]), self)
            return True
        return super().event(event)

    def _energy(self, one: ShownShape) -> float:
        """Return the mean surface energy, J/m², with the correction that is tried out."""
        return one.shape.mean_surface_energy * JOULE_PER_SQUARE_METRE * (1 if one.color_index is None else self._c)

    def _words(self, one: ShownShape) -> str:
        facets = sorted(one.shape.fractions.items(), key=lambda item: -item[1])
        parts = ", ".join(f"{_name(facet)} {100 * part:.0f} %" for facet, part in facets if part > 0)
        return f"{one.title}: mean surface energy {self._energy(one):.2f} J/m²; part of the surface: {parts}"

    def _colors(self) -> dict[Facet, QColor]:
        """Return a colour for each kind of facet, the largest first."""
        largest: dict[Facet, float] = {}
        for one in self._shapes:
            for facet, part in one.shape.fractions.items():
                largest[facet] = max(part, largest.get(facet, 0.0))
        order = sorted((facet for facet, part in largest.items() if part > 0), key=lambda facet: -largest[facet])
        return {facet: self._palette.model_color(k) if k < _MOST_NAMED else QColor(self._palette.muted) for k, facet in enumerate(order)}

    def _draw(self, painter: QPainter, box: QRectF, one: ShownShape, colors: dict[Facet, QColor]) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
        title = QRectF(box.left(), box.top(), box.width(), _TITLE / 2)
        painter.setFont(text_font(12, bold=True))
        if one.color_index is not None:  # the words stay neutral, since colours mean facets here
            start = box.center().x() - QFontMetricsF(painter.font()).horizontalAdvance(one.title) / 2 - 10
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._palette.model_color(one.color_index))
            painter.drawEllipse(QPointF(start, title.center().y()), 3.2, 3.2)
        painter.setPen(QColor(self._palette.text))
        painter.drawText(title, centre, one.title)
        painter.setFont(text_font(11))
        painter.setPen(QColor(self._palette.muted))
        painter.drawText(QRectF(box.left(), box.top() + _TITLE / 2, box.width(), _TITLE / 2), centre, f"mean {self._energy(one):.2f} J/m²")
        polygons = [(facet, corners) for facet, corners in one.shape.polygons if facet in colors and len(corners) > 2]
        reach = max((float(np.linalg.norm(corners, axis=1).max()) for _, corners in polygons), default=1.0)
        radius = min(box.width(), box.height() - _TITLE) / 2 - 4
        middle = QPointF(box.center().x(), box.top() + _TITLE + (box.height() - _TITLE) / 2)
        right, up, towards = _view()
        painter.setPen(QPen(QColor(self._palette.surface), 0.8))
        for facet, corners in polygons:
            normal = _outward(corners)
            if float(normal @ towards) <= 0:
                continue
            brightness = _SHADOW + (1 - _SHADOW) * max(0.0, float(normal @ _LIGHT))
            color = colors[facet]
            painter.setBrush(QColor(*(round(brightness * channel) for channel in (color.red(), color.green(), color.blue()))))
            x, y = corners @ right * radius / reach, corners @ up * radius / reach
            painter.drawPolygon(QPolygonF([QPointF(middle.x() + a, middle.y() - b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]))

    def _draw_legend(self, painter: QPainter, box: QRectF, colors: dict[Facet, QColor]) -> None:
        metrics, x = QFontMetricsF(text_font(11)), box.left() + 6
        painter.setFont(text_font(11))
        entries = [(_name(facet), color) for facet, color in list(colors.items())[:_MOST_NAMED]]
        if len(colors) > _MOST_NAMED:
            entries.append((f"{len(colors) - _MOST_NAMED} smaller kinds", QColor(self._palette.muted)))
        for words, color in entries:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(x, box.center().y() - 4, 8, 8), 2, 2)
            painter.setPen(QColor(self._palette.muted))
            painter.drawText(
                QRectF(x + 13, box.top(), 200, box.height()), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words
            )
            x += metrics.horizontalAdvance(words) + 28


def _view() -> tuple[Floats, Floats, Floats]:
    """Return the directions to the right, up and towards the eye, as the printed figure has them."""
    towards = np.array([np.cos(_ELEVATION) * np.cos(_AZIMUTH), np.cos(_ELEVATION) * np.sin(_AZIMUTH), np.sin(_ELEVATION)])
    right = np.array([-np.sin(_AZIMUTH), np.cos(_AZIMUTH), 0.0])
    return right, np.cross(towards, right), towards


def _outward(corners: Floats) -> Floats:
    """Return the unit normal of a facet that points away from the centre of the body, which is the origin."""
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    unit: Floats = normal / max(float(np.linalg.norm(normal)), 1e-12)
    return unit if float(unit @ corners.mean(axis=0)) >= 0 else -unit


def _name(facet: Sequence[int]) -> str:
    return f"({''.join(map(str, facet))})".replace("-", "−")
