"""Where the vacuum of a slab is: along which axis, how wide, and what is left as area and thickness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guiapp.frames.frame import Frame


@dataclass(frozen=True)
class SlabShape:
    """The slab that is left when the widest empty layer of a cell is taken as vacuum."""

    axis: int
    """Cell vector that leads through the vacuum."""
    vacuum: float
    """Width of the widest empty layer, between atomic planes, Å."""
    thickness: float
    """Distance of the outermost atomic planes, Å."""
    area: float
    """Of one face: the parallelogram of the two other cell vectors, Å²."""


def slab_shape(frame: Frame) -> SlabShape:
    """Find the widest empty layer parallel to a face of the cell.

    Args:
        frame: With a cell of finite volume.

    Returns:
        Axis, widths and area; for a bulk crystal ``vacuum`` is no more than the distance of atomic planes.
    """
    scaled = np.linalg.solve(frame.cell.T, frame.positions.T).T % 1.0
    best = SlabShape(2, -1.0, 0.0, 0.0)
    for axis in (2, 1, 0):  # third first: equal gaps of a crystal are resolved as people draw slabs
        area = float(np.linalg.norm(np.cross(frame.cell[(axis + 1) % 3], frame.cell[(axis + 2) % 3])))
        height = frame.volume / area
        heights = np.sort(scaled[:, axis])
        gap = float(np.max(np.append(heights[1:], heights[0] + 1.0) - heights)) * height
        if gap > best.vacuum + 1e-6:
            best = SlabShape(axis, gap, height - gap, area)
    return best
