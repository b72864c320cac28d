"""Marks over the structure: rings, measured distances and angles, lattice directions, the scale of the arrows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from guiapp.ui.viewer.arrow_layer import arrow_outlines
from guiapp.ui.viewer.arrows import LENGTHS
from guiapp.ui.viewer.look import Look
from guiapp.ui.viewer.view import Target, View

Floats = NDArray[np.float64]

_MARGIN = 12.0
_AXIS_LENGTH = 24.0
_BAR = 64.0  # longest scale bar, logical pixels
_BESIDE = 26.0  # between a measured line and its value, so that neither hides the other
_ARC = 22.0  # radius of the arc of an angle


def paint_overlay(painter: QPainter, view: View, look: Look, target: Target, seen: Floats) -> None:
    """Paint all marks; ``seen`` holds the drawn atoms in target pixels, (n, 4)."""
    _paint_rings(painter, view, look, target, seen)
    if view.measurement is not None:
        _paint_measurement(painter, view, look, target)
    if np.abs(view.scene.lattice).any():
        _paint_axes(painter, view, look, target)
    if view.arrows and view.scene.n_drawn:
        _paint_scale_bar(painter, view, look, target)


def _paint_rings(painter: QPainter, view: View, look: Look, target: Target, seen: Floats) -> None:
    rings = [(atom, look.text, 1.6) for atom in view.chosen]
    picked = view.scene.first_drawn(view.picked) if view.picked is not None else None
    if picked is not None:
        rings.append((picked, look.accent, 2.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for atom, color, width in rings:
        x, y, _, scale = seen[atom].tolist()
        radius = float(view.scene.radii[atom]) * scale + 2.2 * target.unit
        for pen_color, pen_width in ((look.background, width + 2.0), (color, width)):
            painter.setPen(QPen(pen_color, pen_width * target.unit))
            painter.drawEllipse(QPointF(x, y), radius, radius)


def _paint_measurement(painter: QPainter, view: View, look: Look, target: Target) -> None:
    measurement = view.measurement
    assert measurement is not None
    seen = view.camera.project(measurement.points, target.width, target.height)
    points = [QPointF(x, y) for x, y in seen[:, :2].tolist()]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width, style in ((look.background, 4.0, Qt.PenStyle.SolidLine), (look.accent, 1.8, Qt.PenStyle.DashLine)):
        painter.setPen(QPen(color, width * target.unit, style, Qt.PenCapStyle.FlatCap))
        painter.drawPolyline(points)
    if not measurement.is_angle:
        along = seen[1, :2] - seen[0, :2]
        across = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-6)
        beside = across * (1 if across[1] <= 0 else -1) * _BESIDE * target.unit
        _paint_label(painter, (points[0] + points[1]) / 2 + QPointF(*beside.tolist()), measurement.text, look, target)
        return
    middle = seen[1, :2]
    arms = [np.arctan2(-(end[1] - middle[1]), end[0] - middle[0]) for end in (seen[0, :2], seen[2, :2])]
    sweep = (np.degrees(arms[1] - arms[0]) + 180) % 360 - 180
    reach = _ARC * target.unit
    box = QRectF(middle[0] - reach, middle[1] - reach, 2 * reach, 2 * reach)
    path = QPainterPath()
    path.arcMoveTo(box, float(np.degrees(arms[0])))
    path.arcTo(box, float(np.degrees(arms[0])), float(sweep))
    painter.setPen(QPen(look.accent, 1.8 * target.unit))
    painter.drawPath(path)
    half = arms[0] + np.radians(sweep) / 2
    away = reach + 28 * target.unit
    _paint_label(painter, QPointF(middle[0] + away * np.cos(half), middle[1] - away * np.sin(half)), measurement.text, look, target)


def _paint_label(painter: QPainter, center: QPointF, text: str, look: Look, target: Target) -> None:
    """Paint a value on a small rounded plate, kept inside the window."""
    font = look.font(12 * target.unit, bold=True)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 14 * target.unit, metrics.height() + 5 * target.unit
    x = min(max(center.x() - width / 2, 2 * target.unit), max(target.width - width - 2 * target.unit, 0))
    y = min(max(center.y() - height / 2, 2 * target.unit), max(target.height - height - 2 * target.unit, 0))
    plate = QRectF(x, y, width, height)
    painter.setPen(QPen(look.accent, target.unit))
    painter.setBrush(look.background)
    painter.drawRoundedRect(plate, height / 2, height / 2)
    painter.setPen(look.text)
    painter.setFont(font)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _paint_axes(painter: QPainter, view: View, look: Look, target: Target) -> None:
    """Paint the directions of a, b and c in the lower left corner, the farthest first."""
    unit = target.unit
    origin = np.array([(_MARGIN + _AXIS_LENGTH) * unit, target.height - (_MARGIN + _AXIS_LENGTH) * unit])
    lattice = view.scene.lattice
    lengths = np.linalg.norm(lattice, axis=1)
    painter.setFont(look.font(11 * unit))
    for axis in np.argsort(lattice @ view.camera.rotation[2]).tolist():
        if lengths[axis] < 1e-6:
            continue
        right, up, back = view.camera.rotation @ (lattice[axis] / lengths[axis])
        # an axis that points away is paler, so that the corner reads as space
        color = QColor(look.text if back > -0.05 else look.muted)
        tip = origin + np.array([right, -up]) * _AXIS_LENGTH * unit * 0.8
        painter.setPen(QPen(color, 1.4 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(*origin.tolist()), QPointF(*tip.tolist()))
        flat = np.array([right, -up])
        reach = float(np.linalg.norm(flat))
        beside = flat / reach * (_AXIS_LENGTH * 0.8 * reach + 7) if reach > 0.25 else np.array([-7.0, 7.0])
        x, y = (origin + beside * unit).tolist()
        box = QRectF(x - 10 * unit, y - 10 * unit, 20 * unit, 20 * unit)
        painter.setPen(color)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "abc"[axis])


def _paint_scale_bar(painter: QPainter, view: View, look: Look, target: Target) -> None:
    """Paint an arrow of a round number of eV/Å in the lower right corner: it says what lengths mean."""
    unit = target.unit
    pixels = view.arrow_length * view.camera.pixels_per_angstrom(target.width, target.height) / unit  # per eV/Å
    fitting = [value for value in LENGTHS if value * pixels <= _BAR]
    force = fitting[-1] if fitting else LENGTHS[0]
    length = force * pixels
    if length < 4:
        return
    y = target.height - (_MARGIN + 6) * unit
    right = target.width - _MARGIN * unit
    outline = arrow_outlines(np.array([[right - length * unit, y]]), np.array([[right, y]]), 0.8 * unit)[0]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.muted)
    painter.drawPolygon([QPointF(px, py) for px, py in outline.tolist()])
    painter.setPen(look.muted)
    painter.setFont(look.font(11 * unit))
    text = QRectF(right - 120 * unit, y - 22 * unit, 120 * unit, 16 * unit)
    painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{force:g} eV/Å")
