"""Atoms, bonds and cell edges as things that can be painted one by one, in the order of their depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from guiapp.ui.viewer.look import Look
from guiapp.ui.viewer.scene import BOND_RADIUS, Scene
from guiapp.ui.viewer.spheres import LARGEST_SPRITE, paint_sphere
from guiapp.ui.viewer.view import Target, View

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_EDGE_PIECES = 14  # a cell edge is cut so that atoms in front of one part hide only that part
_THINNEST_BOND = 1.0  # pixels: thinner bonds are haze
_MOST_BONDS = 6000  # on the screen at once: more would hold the window up for over 50 ms, and cover each other anyway
_LIT_FROM = 3.0  # pixels: on thinner bonds a lit side cannot be seen
_BOND_SHADE = 118  # per cent: bonds step back behind the atoms


class AtomLayer:
    """The visible atoms, ready to be painted one by one."""

    def __init__(self, view: View, look: Look, target: Target, seen: Floats, visible: NDArray[np.bool_]) -> None:
        scene = view.scene
        self.drawn = np.flatnonzero(visible)
        self.depth = seen[self.drawn, 2]
        self.kinds, self.colors = _kinds(scene, look)
        radii = scene.radii * seen[:, 3]
        small = radii[self.drawn] <= LARGEST_SPRITE
        self._x, self._y, self._radii = seen[:, 0].tolist(), seen[:, 1].tolist(), radii.tolist()
        self._sprites: dict[int, tuple[int, int, QPixmap]] = {}
        if target.sprites is not None:
            of_sprite = self.drawn[small]
            placed = target.sprites.sprites(self.kinds[of_sprite], self.colors, seen[of_sprite, 0], seen[of_sprite, 1], radii[of_sprite])
            self._sprites = dict(zip(of_sprite.tolist(), zip(*placed, strict=True), strict=True))
        self._index = self.drawn.tolist()

    def paint(self, painter: QPainter, place: int) -> None:
        """Paint one atom."""
        atom = self._index[place]
        sprite = self._sprites.get(atom)
        if sprite is not None:
            painter.drawPixmap(*sprite)
        else:
            paint_sphere(painter, self._x[atom], self._y[atom], self._radii[atom], self.colors[self.kinds[atom]])


class BondLayer:
    """Bonds from sphere to sphere, each half in the colour of its atom.

    The middle of a bond lies between its atoms in depth, so that the farther atom is painted before the bond and the nearer
    one over its end.
    """

    def __init__(self, view: View, target: Target, atoms: AtomLayer, seen: Floats, visible: NDArray[np.bool_]) -> None:
        """Lay out the bonds of which an end is in the window."""
        scene = view.scene
        bonds = scene.bonds if view.show_bonds else scene.bonds[:0]
        width = BOND_RADIUS * seen[bonds, 3].sum(axis=1)
        bonds = bonds[visible[bonds].any(axis=1) & (width >= _THINNEST_BOND * target.unit)]
        if len(bonds) > _MOST_BONDS and target.sprites is not None:
            bonds = bonds[:0]
        here, there = scene.positions[bonds[:, 0]], scene.positions[bonds[:, 1]]
        direction = (there - here) / np.linalg.norm(there - here, axis=1, keepdims=True)
        # where a cylinder of the bond's radius leaves the sphere, so that no stroke crosses its own atom
        rise = np.sqrt(np.maximum(scene.radii[bonds] ** 2 - BOND_RADIUS**2, 0.0))
        points = np.stack([here + direction * rise[:, :1], (here + there) / 2, there - direction * rise[:, 1:]], axis=1)
        on_screen = view.camera.project(points, target.width, target.height).reshape(-1, 3, 4)
        self.depth = on_screen[:, 1, 2]
        first, middle, last = on_screen[:, 0, :2], on_screen[:, 1, :2], on_screen[:, 2, :2]
        kinds = atoms.kinds[bonds]
        one_color = kinds[:, 0] == kinds[:, 1]
        self._first = _lines(first, np.where(one_color[:, None], last, middle))
        self._second = _some_lines(middle, last, ~one_color)
        quarter = np.maximum(np.rint(8 * BOND_RADIUS * on_screen[:, 1, 3]), 1).astype(np.int64)
        shift = -0.035 * quarter[:, None]
        self._lit = _some_lines(first + shift, last + shift, quarter >= 4 * _LIT_FROM * target.unit)
        _, example, place = np.unique((kinds[:, 0] * 512 + kinds[:, 1]) * 4096 + quarter, return_index=True, return_inverse=True)
        pens = [_bond_pens(atoms.colors, kinds[k].tolist(), float(quarter[k]) / 4) for k in example.tolist()]
        self._pens = [pens[k] for k in place.tolist()]

    def paint(self, painter: QPainter, place: int) -> None:
        """Paint one bond."""
        body, other, lit = self._pens[place]
        painter.setPen(body)
        painter.drawLine(self._first[place])
        second, lit_side = self._second[place], self._lit[place]
        if second is not None:
            painter.setPen(other)
            painter.drawLine(second)
        if lit_side is not None:
            painter.setPen(lit)
            painter.drawLine(lit_side)


class EdgeLayer:
    """Cell edges; those that pass an atom are cut, so that it hides only what is behind it."""

    def __init__(self, view: View, look: Look, target: Target, seen: Floats, visible: NDArray[np.bool_]) -> None:
        edges = view.scene.edges
        ends = view.camera.project(edges, target.width, target.height).reshape(-1, 2, 4)
        radii = view.scene.radii[visible] * seen[visible, 3]
        crossed = _passes_atom(ends[:, 0, :2], ends[:, 1, :2], seen[visible, :2], radii)
        share = np.linspace(0, 1, _EDGE_PIECES + 1)[None, :, None]
        # perspective keeps straight lines straight, so whole edges are right, and smoother than pieces
        knots = view.camera.project(edges[crossed, :1] * (1 - share) + edges[crossed, 1:] * share, target.width, target.height)
        knots = knots.reshape(-1, _EDGE_PIECES + 1, 4)
        pieces = np.concatenate([knots[:, :-1].reshape(-1, 4), ends[~crossed, 0]])
        until = np.concatenate([knots[:, 1:].reshape(-1, 4), ends[~crossed, 1]])
        self.depth = (pieces[:, 2] + until[:, 2]) / 2
        self._lines = _lines(pieces, until)
        self._pen = QPen(look.edge, target.unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)

    def paint(self, painter: QPainter, place: int) -> None:
        """Paint one piece."""
        painter.setPen(self._pen)
        painter.drawLine(self._lines[place])


def _lines(starts: Floats, ends: Floats) -> list[QLineF]:
    """Return lines between points whose first two columns are x and y."""
    return list(map(QLineF, *(column.tolist() for column in (starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1]))))


def _some_lines(starts: Floats, ends: Floats, wanted: NDArray[np.bool_]) -> list[QLineF | None]:
    """Return lines where they are wanted: each costs a microsecond to make."""
    lines: list[QLineF | None] = [None] * len(starts)
    for place, line in zip(np.flatnonzero(wanted).tolist(), _lines(starts[wanted], ends[wanted]), strict=True):
        lines[place] = line
    return lines


def _passes_atom(starts: Floats, ends: Floats, centers: Floats, radii: Floats) -> NDArray[np.bool_]:
    """Return which segments on the screen come within the radius of any disc, (k,)."""
    along = ends - starts
    to_center = centers[None] - starts[:, None]
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(np.einsum("knd,kd->kn", to_center, along) / length[:, None], 0, 1)
    gap = to_center - share[:, :, None] * along[:, None]
    passes: NDArray[np.bool_] = ((gap**2).sum(axis=2) < radii**2).any(axis=1)
    return passes


def _kinds(scene: Scene, look: Look) -> tuple[Integers, list[QColor]]:
    """Return for each drawn atom which colour it has, and the colours."""
    key = scene.numbers * 2 + scene.is_copy
    _, first, kinds = np.unique(key, return_index=True, return_inverse=True)
    colors = [
        look.atom_color((float(r), float(g), float(b)), is_copy=bool(scene.is_copy[k]))
        for k, (r, g, b) in zip(first.tolist(), scene.colors[first].tolist(), strict=True)
    ]
    return kinds.astype(np.int64), colors


def _bond_pens(colors: list[QColor], kinds: list[int], width: float) -> tuple[QPen, QPen, QPen]:
    """Return the pens of a bond's first half (or all of it), its second half, and its lit side."""
    solid, flat = Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap
    body, other = (QPen(colors[kind].darker(_BOND_SHADE), width, solid, flat) for kind in kinds)
    return body, other, QPen(QColor(255, 255, 255, 80), 0.4 * width, solid, flat)
