"""Paints a view of a structure from back to front, on a widget, an image or a vector file alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from guiapp.ui.viewer.arrow_layer import ArrowLayer
from guiapp.ui.viewer.layers import AtomLayer, BondLayer, EdgeLayer
from guiapp.ui.viewer.look import Look
from guiapp.ui.viewer.overlay import paint_overlay
from guiapp.ui.viewer.view import Target, View

Floats = NDArray[np.float64]


def paint_view(painter: QPainter, view: View, look: Look, target: Target) -> None:
    """Paint background, structure, arrows and marks.

    Args:
        painter: Active painter whose coordinates are target pixels.
        view: What to show.
        look: In which colours.
        target: Size and kind of the target.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, target.width, target.height), look.background)
    seen = view.camera.project(view.scene.positions, target.width, target.height)
    _paint_sorted(painter, view, look, target, seen)
    paint_overlay(painter, view, look, target, seen)


def _paint_sorted(painter: QPainter, view: View, look: Look, target: Target, seen: Floats) -> None:
    """Paint atoms, bonds, edges and arrows, the farthest first."""
    visible = _in_window(seen, view.scene.radii, target)
    atoms = AtomLayer(view, look, target, seen, visible)
    bonds = BondLayer(view, target, atoms, seen, visible)
    edges = EdgeLayer(view, look, target, seen, visible)
    arrows = ArrowLayer(view, look, target, seen, visible)
    layers = (atoms, bonds, edges, arrows)
    depth = np.concatenate([layer.depth for layer in layers])
    layer_of = np.repeat(np.arange(len(layers)), [len(layer.depth) for layer in layers])
    place_of = np.concatenate([np.arange(len(layer.depth)) for layer in layers])
    order = np.argsort(depth, kind="stable")
    paint = [layer.paint for layer in layers]
    for layer, place in zip(layer_of[order].tolist(), place_of[order].tolist(), strict=True):
        paint[layer](painter, place)
    if view.picked is not None:  # what the user asked about is never hidden
        arrows.paint_atom(painter, view.picked)


def _in_window(seen: Floats, radii: Floats, target: Target) -> NDArray[np.bool_]:
    reach = radii * seen[:, 3] + 2
    x, y = seen[:, 0], seen[:, 1]
    inside: NDArray[np.bool_] = (x > -reach) & (x < target.width + reach) & (y > -reach) & (y < target.height + reach)
    return inside
