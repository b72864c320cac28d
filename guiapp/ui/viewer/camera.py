"""The viewer's camera as plain numbers: it turns about the structure's centre and knows nothing of Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

PERSPECTIVE_ANGLE = 22.0
"""Angle under which the eye sees the whole structure in perspective, degrees: mild, parallel bonds still look parallel."""

_ORTHOGRAPHIC_EYE = 1e4  # Å: parallel rays start this far in front of the centre, outside any cell that can be drawn
_NEAREST_DEPTH = 0.05  # of the eye's distance: what is closer to the eye than that is drawn as if it were there
_CLOSEST, _FARTHEST = 0.2, 1e4  # Å from the centre to the window's edge


def _standard_rotation() -> Floats:
    """Return the rotation of a fresh view: a little to the right of the x axis and above it, z upwards."""
    azimuth, elevation = np.radians([28.0, 18.0])
    ca, sa, ce, se = np.cos(azimuth), np.sin(azimuth), np.cos(elevation), np.sin(elevation)
    return np.array([[-sa, ca, 0.0], [-se * ca, -se * sa, ce], [ce * ca, ce * sa, se]])


@dataclass(frozen=True, eq=False)
class Camera:
    """A camera that looks at ``center``; pixels count right and down from the window's upper left corner."""

    center: Floats = field(default_factory=lambda: np.zeros(3))
    """The point about which the view turns, (3,) Å."""
    half_extent: float = 5.0
    """What fits between the centre and the nearer window edge, Å; smaller is closer."""
    rotation: Floats = field(default_factory=_standard_rotation)
    """Rows: the directions right, up and towards the viewer, (3, 3), orthonormal."""
    offset: tuple[float, float] = (0.0, 0.0)
    """How far the picture is moved right and up, Å in the plane of the centre."""
    perspective: bool = False
    """Near atoms larger, or parallel rays."""
    reach: float = 5.0
    """Radius of the structure, Å: it sets how far away the eye is in perspective, so that zooming never enters the structure."""

    @property
    def eye_distance(self) -> float:
        """Distance of the eye from the centre, Å; infinite for parallel rays."""
        return self.reach / float(np.sin(np.radians(PERSPECTIVE_ANGLE / 2))) if self.perspective else float("inf")

    def pixels_per_angstrom(self, width: float, height: float) -> float:
        """Return the magnification in the plane of the centre, set by the smaller window side."""
        return 0.5 * max(1.0, min(width, height)) / self.half_extent

    def project(self, points: ArrayLike, width: float, height: float) -> Floats:
        """Map points to the window.

        Args:
            points: World points, (n, 3) Å.
            width: Window width, pixels.
            height: Window height, pixels.

        Returns:
            (n, 4): pixel x, pixel y, depth towards the viewer (Å), pixels per Å at that depth.
        """
        seen = (np.asarray(points, dtype=float).reshape(-1, 3) - self.center) @ self.rotation.T
        magnification = np.full(len(seen), self.pixels_per_angstrom(width, height))
        eye = self.eye_distance
        if np.isfinite(eye):
            magnification *= eye / np.maximum(eye - seen[:, 2], _NEAREST_DEPTH * eye)
        x = width / 2 + self.offset[0] * self.pixels_per_angstrom(width, height) + seen[:, 0] * magnification
        y = height / 2 - self.offset[1] * self.pixels_per_angstrom(width, height) - seen[:, 1] * magnification
        return np.column_stack([x, y, seen[:, 2], magnification])

    def ray(self, x: float, y: float, width: float, height: float) -> tuple[Floats, Floats]:
        """Return the line of sight through a pixel.

        Returns:
            The start of the ray, (3,) Å, and its unit direction away from the viewer, (3,).
        """
        right, up, back = self.rotation
        u, v = self._plane_point(x, y, width, height)
        on_plane = self.center + u * right + v * up
        eye = self.eye_distance
        if not np.isfinite(eye):
            return on_plane + _ORTHOGRAPHIC_EYE * back, -back
        start = self.center + eye * back
        direction = on_plane - start
        return start, direction / np.linalg.norm(direction)

    def turned(self, right: float, down: float) -> Camera:
        """Return the view after the front of the structure was pushed right and down by these angles (degrees)."""
        a, b = np.radians([right, down])
        about_up = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        about_right = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
        # many small turns add up rounding errors, so the rows are made orthonormal again each time
        u, _, vt = np.linalg.svd(about_right @ about_up @ self.rotation)
        return replace(self, rotation=u @ vt)

    def panned(self, dx: float, dy: float, width: float, height: float) -> Camera:
        """Return the view after the picture was dragged by so many pixels."""
        scale = self.pixels_per_angstrom(width, height)
        return replace(self, offset=(self.offset[0] + dx / scale, self.offset[1] - dy / scale))

    def zoomed(self, factor: float, x: float, y: float, width: float, height: float) -> Camera:
        """Return the view magnified by ``factor``, the point under pixel (x, y) staying where it is."""
        u, v = self._plane_point(x, y, width, height)
        closer = replace(self, half_extent=float(np.clip(self.half_extent / factor, _CLOSEST, _FARTHEST)))
        scale = closer.pixels_per_angstrom(width, height)
        return replace(closer, offset=((x - width / 2) / scale - u, (height / 2 - y) / scale - v))

    def fitted(self, center: ArrayLike, radius: float, *, margin: float = 1.02) -> Camera:
        """Return the view in which a sphere just fits the smaller window side, so that turning never cuts anything off.

        Args:
            center: Middle of the sphere, (3,) Å.
            radius: Radius of the sphere, Å.
            margin: Free space around it, as a factor.
        """
        # in perspective the outline of a sphere is wider than the sphere by 1/cos of half the opening angle
        wider = float(np.cos(np.radians(PERSPECTIVE_ANGLE / 2))) if self.perspective else 1.0
        return replace(self.recentered(center, radius), half_extent=max(radius, 0.5) * margin / wider, offset=(0.0, 0.0))

    def recentered(self, center: ArrayLike, radius: float) -> Camera:
        """Return the same view of another structure: direction and magnification stay, so that frames can be compared."""
        return replace(self, center=np.asarray(center, dtype=float), reach=max(radius, 0.5))

    def along(self, cell: ArrayLike, axis: int) -> Camera:
        """Return the view along a lattice vector: it points out of the screen, c (or b, along c) upwards.

        Args:
            cell: Lattice vectors as rows, (3, 3) Å; Cartesian axes stand in for missing ones.
            axis: 0, 1 or 2 for a, b or c.
        """
        lattice = np.array(cell, dtype=float)
        missing = np.linalg.norm(lattice, axis=1) < 1e-6
        lattice[missing] = np.eye(3)[missing]
        back = lattice[axis] / np.linalg.norm(lattice[axis])
        # a flat cell can have its upward vector along the view: then any other direction serves
        for hint in (lattice[1 if axis == 2 else 2], *np.eye(3)[::-1]):
            up = hint - (hint @ back) * back
            if np.linalg.norm(up) > 1e-3 * np.linalg.norm(hint):
                break
        up /= np.linalg.norm(up)
        return replace(self, rotation=np.array([np.cross(up, back), up, back]), offset=(0.0, 0.0))

    def with_perspective(self, *, on: bool) -> Camera:
        """Return the view in perspective or with parallel rays, the magnification at the centre unchanged."""
        return replace(self, perspective=on)

    def _plane_point(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Return where a pixel lies in the plane of the centre, Å to the right and up."""
        scale = self.pixels_per_angstrom(width, height)
        return (x - width / 2) / scale - self.offset[0], (height / 2 - y) / scale - self.offset[1]
