"""Which frames are the images of one migration path, as the set says, by the folders of a band, or by one atom that hops."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from pathlib import PurePosixPath

import numpy as np

from guiapp.benchmarks.family import role_of, system_of
from guiapp.frames.frame import Frame
from guiapp.physics.reaction_path import displacements

IMAGE, MOVING_ATOM, N_IMAGES = "image", "moving_atom", "n_images"
LEAST_IMAGES, MOST_IMAGES = 3, 25
_IMAGE_FOLDER = re.compile(r"^\d\d$")
_SAME_CELL = 1e-3  # Å
_SHORTEST_HOP, _LEAST_LEAD = 1.0, 1.5
"""A hop moves one atom by at least 1 Å and 1.5 times as far as any other; thermal motion and relaxations do not."""


def image_paths(frames: Sequence[Frame]) -> list[Frame]:
    """Return the images of every path, each with role, system, number, count and moving atom in ``info``.

    Args:
        frames: Of any kind. Those that say that they are images are taken at their word, but for the order of their atoms: images that
            symmetry made of others list them differently. Of the others, the last steps of files in folders
            ``00``, ``01`` ... are one path, and so are the frames of one file in which one atom alone hops.

    Returns:
        Images path by path, in order along it.
    """
    told: dict[str, list[Frame]] = {}
    folders: dict[str, dict[str, Frame]] = {}
    files: dict[str, list[Frame]] = {}
    for frame in frames:
        place = PurePosixPath(frame.origin.path.replace("\\", "/"))
        if role_of(frame) == IMAGE and IMAGE in frame.info:
            told.setdefault(system_of(frame), []).append(frame)
        elif role_of(frame) or frame.energy is None:
            continue
        elif _IMAGE_FOLDER.match(place.parent.name):
            folders.setdefault(str(place.parent.parent), {})[place.parent.name] = frame  # steps come in order: the last one stays
        else:
            files.setdefault(str(place), []).append(frame)
    result: list[Frame] = []
    for images in told.values():
        result += _in_one_order(sorted(images, key=lambda frame: int(frame.info[IMAGE])))
    candidates = {PurePosixPath(folder).name or folder: [by[name] for name in sorted(by)] for folder, by in folders.items()}
    candidates |= {PurePosixPath(path).name: images for path, images in files.items()}
    for name, images in candidates.items():
        result += _as_path(name, images)
    return result


def _in_one_order(images: Sequence[Frame]) -> list[Frame]:
    """Return images with the atoms in the order of the first; images that cannot be put in it stay as they are."""
    counts = Counter(images[0].symbols)
    if any(Counter(image.symbols) != counts for image in images):
        return list(images)
    ordered = list(accumulate(images, lambda before, image: in_the_order_of(image, before)))
    mover = images[0].info.get(MOVING_ATOM)
    if mover is None:
        return ordered
    return [
        image if image.info.get(MOVING_ATOM) == mover else image.with_changes(info={**image.info, MOVING_ATOM: mover}) for image in ordered
    ]


def in_the_order_of(frame: Frame, other: Frame) -> Frame:
    """Return the frame with its atoms in the order of another image of the same path.

    Files of two separate relaxations may list the same atoms in different orders (an end of the Fe vacancy path of pymatgen does).

    Args:
        frame: Image to sort.
        other: Neighbouring image, same cell and composition.

    Returns:
        Each atom of ``other`` followed by the nearest of its element, so that the sum of squared distances is smallest.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - only where paths are read

    order = np.arange(frame.n_atoms)
    for element in np.unique(other.numbers):
        mine, theirs = np.flatnonzero(frame.numbers == element), np.flatnonzero(other.numbers == element)
        starts, ends = np.repeat(other.positions[theirs], len(mine), axis=0), np.tile(frame.positions[mine], (len(theirs), 1))
        squares = (displacements(starts, ends, other.cell) ** 2).sum(axis=1).reshape(len(theirs), len(mine))
        order[theirs] = mine[linear_sum_assignment(squares)[1]]
    if np.array_equal(order, np.arange(frame.n_atoms)):
        return frame
    arrays = {name: getattr(frame, name) for name in ("numbers", "positions", "forces", "magmoms")}
    return frame.with_changes(**{name: None if array is None else array[order] for name, array in arrays.items()})


def moving_atom(images: Sequence[Frame]) -> int:
    """Return the index of the atom that moves farthest from the first image to the last."""
    told = images[0].info.get(MOVING_ATOM)
    if isinstance(told, int) and not isinstance(told, bool):
        return told
    return int(np.argmax(_distances(images)))


def _as_path(name: str, images: Sequence[Frame]) -> list[Frame]:
    if not LEAST_IMAGES <= len(images) <= MOST_IMAGES:
        return []
    first = images[0]
    counts = Counter(first.symbols)
    if any(Counter(image.symbols) != counts or np.abs(image.cell - first.cell).max() > _SAME_CELL for image in images):
        return []
    images = list(accumulate(images, lambda before, image: in_the_order_of(image, before)))
    moved = np.sort(_distances(images))
    if moved[-1] < _SHORTEST_HOP or (len(moved) > 1 and moved[-1] < _LEAST_LEAD * moved[-2]):
        return []
    mover = moving_atom(images)
    host = "".join(f"{symbol}{count}" for symbol, count in sorted(counts.items()))
    system = f"{host} {first.symbols[mover]} hop ({name})"
    return [
        image.with_changes(
            info={
                **image.info,
                "system": system,
                "role": IMAGE,
                IMAGE: number,
                N_IMAGES: len(images),
                MOVING_ATOM: mover,
                "frame": f"{number}",
            }
        )
        for number, image in enumerate(images)
    ]


def _distances(images: Sequence[Frame]) -> np.ndarray:
    first, last = images[0], images[-1]
    return np.asarray(np.linalg.norm(displacements(first.positions, last.positions, first.cell), axis=1))
