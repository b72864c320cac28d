"""Which frames are the images of one migration path, as the set says, by the folders of a band, or by one atom that hops."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from guiapp.benchmarks.family import role_of, system_of
from guiapp.frames.frame import Frame
from guiapp.physics.reaction_path import displacements

IMAGE, MOVING_ATOM, N_IMAGES = "image", "moving_atom", "n_images"
LEAST_IMAGES, MOST_IMAGES = 3, 25
_IMAGE_FOLDER = re.compile(r"^\d\d$")
_SHORTEST_HOP, _LEAST_LEAD = 1.0, 1.5
"""A hop moves one atom by at least 1 Å and 1.5 times as far as any other; thermal motion and relaxations do not."""


def image_paths(frames: Sequence[Frame]) -> list[Frame]:
    """Return the images of every path, each with role, system, number, count and moving atom in ``info``.

    Args:
        frames: Of any kind. Those that say that they are images are taken at their word. Of the others, the last steps of files in folders
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
        result += sorted(images, key=lambda frame: int(frame.info[IMAGE]))
    candidates = {PurePosixPath(folder).name or folder: [by[name] for name in sorted(by)] for folder, by in folders.items()}
    candidates |= {PurePosixPath(path).name: images for path, images in files.items()}
    for name, images in candidates.items():
        result += _as_path(name, images)
    return result


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
    if any(not np.array_equal(image.numbers, first.numbers) or np.abs(image.cell - first.cell).max() > 1e-3 for image in images):
        return []
    moved = np.sort(_distances(images))
    if moved[-1] < _SHORTEST_HOP or (len(moved) > 1 and moved[-1] < _LEAST_LEAD * moved[-2]):
        return []
    mover = moving_atom(images)
    host = "".join(f"{symbol}{count}" for symbol, count in sorted(Counter(first.symbols).items()))
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
