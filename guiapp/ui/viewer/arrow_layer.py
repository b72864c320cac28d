"""Force arrows as flat shapes on the screen, painted among the atoms by depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from guiapp.ui.viewer.look import Look, mixed
from guiapp.ui.viewer.view import Target, View

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHAFT = 2.6
"""Width of an arrow's shaft, logical pixels."""
_HEAD_LENGTH, _HEAD_WIDTH = 9.0, 8.4
_CORNERS = 7
_MANY_ARROWS = 100  # above this, arrows go without halos while the view moves
_MOST_ARROWS = 3000  # on the screen at once: of more, the longest are shown
_HALO = 0.9  # pixels: keeps arrows apart from atoms of their colour and from each other
_GAP = 3.4  # between the arrows of one atom: side by side their lengths can be compared at a glance
_SHORTEST = 3.0  # pixels: a shorter arrow is a dot that says nothing
_FULL_SIZE = 18.0  # pixels per Å from which arrows have their full width; farther away they get thinner
_THINNEST = 0.45
_PALE = 0.6  # of the background in a corrected model's arrow: between full and hollow


def arrow_outlines(tails: Floats, tips: Floats, size: float, *, halo: float = 0.0) -> Floats:
    """Return the outlines of flat arrows.

    Args:
        tails: (n, 2) pixels.
        tips: (n, 2) pixels, none equal to its tail.
        size: Factor on shaft and head; a head never takes more than 0.6 of its arrow.
        halo: Pixels by which the outline stands off from the arrow.

    Returns:
        (n, 7, 2) pixels: around the shaft and the head.
    """
    along = tips - tails
    length = np.linalg.norm(along, axis=1, keepdims=True)
    along = along / length
    across = np.column_stack([-along[:, 1], along[:, 0]])
    head = np.minimum(_HEAD_LENGTH * size, 0.6 * length)
    shrink = head / (_HEAD_LENGTH * size)
    # the flanks of the head stay parallel at the distance of the halo
    slope = 0.5 * _HEAD_WIDTH / _HEAD_LENGTH
    beyond = halo * np.hypot(1, slope) / slope
    half_head = across * (0.5 * _HEAD_WIDTH * size * shrink + slope * (beyond + halo))
    half_shaft = across * (0.5 * SHAFT * size * np.maximum(shrink, 0.6) + halo)
    tails, neck, tips = tails - along * halo, tips - along * (head + halo), tips + along * beyond
    return np.stack(
        [tails + half_shaft, neck + half_shaft, neck + half_head, tips, neck - half_head, neck - half_shaft, tails - half_shaft], axis=1
    )


class ArrowLayer:
    """The arrows of all sources on the frame's own atoms; copies carry none, so that every force is seen once."""

    def __init__(self, view: View, look: Look, target: Target, seen: Floats, visible: NDArray[np.bool_]) -> None:
        """Lay out the arrows.

        Args:
            view: What to show.
            look: In which colours.
            target: What is painted on.
            seen: The drawn atoms in target pixels, as the camera projects them, (n, 4).
            visible: Which of them are in the window, (n,).
        """
        pixels = view.camera.pixels_per_angstrom(target.width, target.height) / target.unit
        self._size = target.unit * float(np.clip(pixels / _FULL_SIZE, _THINNEST, 1.0))
        scene = view.scene
        atoms = np.flatnonzero(visible & ~scene.is_copy)
        if len(atoms) * len(view.arrows) > _MOST_ARROWS:
            atoms = atoms[_strongest(view, scene.owner[atoms], _MOST_ARROWS // len(view.arrows))]
        owners = scene.owner[atoms]
        tails = seen[atoms, :2]
        # without its halo a difference would not be hollow
        self._with_halos = view.show_differences or not (view.is_moving and len(view.arrows) * len(tails) > _MANY_ARROWS)
        self._outlines: list[QPointF] = []
        self._halos: list[QPointF] = []
        self._colors: list[tuple[QColor, QColor]] = []
        self._owners: list[int] = []
        depths: list[Floats] = []
        sideways = np.zeros_like(tails)
        columns = _columns(view, look, owners)
        for place, column in enumerate(columns):
            known = np.asarray(np.isfinite(column.forces).all(axis=1))
            forces = np.where(known[:, None], column.forces, 0.0)
            far = view.camera.project(scene.positions[atoms] + view.arrow_length * forces, target.width, target.height)
            if place == 0:
                sideways = _across(far[:, :2] - tails)
            shift = sideways * (place - (len(columns) - 1) / 2) * _GAP * self._size
            start, end = tails + shift, far[:, :2] + shift
            kept = known & (np.linalg.norm(end - start, axis=1) >= _SHORTEST * self._size)
            outlines = arrow_outlines(start[kept], end[kept], self._size)
            self._outlines += _points(outlines)
            if self._with_halos:
                self._halos += _points(arrow_outlines(start[kept], end[kept], self._size, halo=_HALO * self._size))
            self._colors += [column.colors(look.background)] * len(outlines)
            self._owners += owners[kept].tolist()
            # in front of its own atom, whichever way it points
            depths.append((np.maximum(seen[atoms, 2], far[:, 2]) + 1e-3 * (1 + place))[kept])
        self.depth = np.concatenate(depths) if depths else np.zeros(0)

    def paint(self, painter: QPainter, place: int) -> None:
        """Paint one arrow with a thin halo that keeps it apart from what is behind."""
        inside, around = self._colors[place]
        corners = slice(_CORNERS * place, _CORNERS * (place + 1))
        painter.setPen(Qt.PenStyle.NoPen)
        if self._halos:
            painter.setBrush(around)
            painter.drawPolygon(self._halos[corners])
        painter.setBrush(inside)
        painter.drawPolygon(self._outlines[corners])

    def paint_atom(self, painter: QPainter, atom: int) -> None:
        """Paint the arrows of one of the frame's atoms."""
        for place, owner in enumerate(self._owners):
            if owner == atom:
                self.paint(painter, place)


@dataclass(frozen=True, eq=False)
class _Column:
    """One arrow of every atom."""

    forces: Floats
    color: QColor
    is_difference: bool = False
    """Differences are hollow."""
    is_corrected: bool = False
    """A corrected model's arrows are pale inside, for they have the colour of its parent's."""

    def colors(self, background: QColor) -> tuple[QColor, QColor]:
        """Return the colours of the arrow and of what is around it."""
        if self.is_difference:
            return background, self.color
        if self.is_corrected:
            return mixed(self.color, background, _PALE), self.color
        return self.color, background


def _columns(view: View, look: Look, owners: Integers) -> list[_Column]:
    """Return the arrows of the atoms side by side: DFT, then each model and its difference to DFT."""
    columns = []
    reference: Floats | None = None
    for source in view.arrows:
        forces = source.forces[owners]
        color = QColor(*source.color) if source.color is not None else look.text
        columns.append(_Column(forces, color, is_corrected=source.corrected))
        if source.is_reference:
            reference = forces
        elif view.show_differences and reference is not None:
            columns.append(_Column(forces - reference, color, is_difference=True))
    return columns


def _strongest(view: View, owners: Integers, count: int) -> Integers:
    """Return the places of the atoms with the largest forces of any source, and of the picked one."""
    lengths = np.max([np.nan_to_num(np.linalg.norm(source.forces[owners], axis=1)) for source in view.arrows], axis=0)
    if view.picked is not None:
        lengths[owners == view.picked] = np.inf
    return np.sort(np.argsort(lengths)[-count:])


def _points(outlines: Floats) -> list[QPointF]:
    """Return all corners one after another."""
    return list(map(QPointF, outlines[:, :, 0].ravel().tolist(), outlines[:, :, 1].ravel().tolist()))


def _across(directions: Floats) -> Floats:
    """Return unit vectors at right angles to screen directions, the same side for opposite ones, (n, 2)."""
    across = np.column_stack([-directions[:, 1], directions[:, 0]])
    length = np.linalg.norm(across, axis=1)
    short = length < 1e-6
    across[short], length[short] = (1.0, 0.0), 1.0
    flip = (across[:, 0] < 0) | ((across[:, 0] == 0) & (across[:, 1] < 0))
    return np.asarray(across / np.where(flip, -length, length)[:, None])
