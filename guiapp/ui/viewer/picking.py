"""Which atom is under the pointer: an exact test of the line of sight against the spheres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from guiapp.ui.viewer.camera import Camera

Floats = NDArray[np.float64]

_SLACK = 5.0  # pixels beside an atom that still count: far away, spheres are smaller than a hand is steady


def pick_sphere(origin: Floats, direction: Floats, centers: Floats, radii: Floats) -> int | None:
    """Return the sphere that a ray meets first, or None.

    The ray origin + t direction meets a sphere where t = p -/+ sqrt(p^2 - |m|^2 + r^2), with m = centre - origin and
    p = m . direction.

    Args:
        origin: Start of the ray, (3,) Å.
        direction: Unit vector, (3,).
        centers: (n, 3) Å.
        radii: (n,) Å.
    """
    to_center = centers - origin
    along = to_center @ direction
    discriminant = along**2 - (to_center**2).sum(axis=1) + radii**2
    hit = np.flatnonzero((discriminant >= 0) & (along > 0))
    if not len(hit):
        return None
    return int(hit[np.argmin(along[hit] - np.sqrt(discriminant[hit]))])


def pick_atom(camera: Camera, centers: Floats, radii: Floats, pixel: tuple[float, float], size: tuple[float, float]) -> int | None:
    """Return the atom seen at a pixel, or the nearest one a few pixels beside it, or None.

    Args:
        camera: The point of view.
        centers: Drawn atoms, (n, 3) Å.
        radii: Their drawn radii, (n,) Å.
        pixel: Position in the window, x and y.
        size: Window width and height in the same pixels.
    """
    if not len(centers):
        return None
    exact = pick_sphere(*camera.ray(*pixel, *size), centers, radii)
    if exact is not None:
        return exact
    seen = camera.project(centers, *size)
    gap = np.hypot(seen[:, 0] - pixel[0], seen[:, 1] - pixel[1]) - radii * seen[:, 3]
    nearest = int(gap.argmin())
    return nearest if gap[nearest] <= _SLACK else None
