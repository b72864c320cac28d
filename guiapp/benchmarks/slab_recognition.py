"""Which frames are slabs and which the bulk they were cut from, as the set says or as the geometry shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from guiapp.benchmarks.family import role_of, system_of
from guiapp.benchmarks.slab_shape import slab_shape
from guiapp.frames.frame import Frame

SLAB, BULK = "slab", "bulk"
BULK_SYSTEM = "bulk_system"
"""Info key: the system of the bulk frame where it is not the slab's own (one bulk for many facets)."""
LEAST_VACUUM = 6.0
"""Å; narrower empty layers occur in layered crystals and molecular ones (graphite 3.4, black phosphorus 3.1)."""
_MILLER_IN_NAME = re.compile(r"(?:^|[_\s(])((?:-?\d){3,4})(?=$|[_\s)])")
_MILLER_OF_SYSTEM = re.compile(r"\(((?:-?\d){3,4})\)")


def paired_slabs(frames: Sequence[Frame]) -> list[Frame]:
    """Return slabs that have a bulk, and these bulks, each with its role and system in ``info``.

    Args:
        frames: Of any kind. Those with a ``role`` are taken at their word; of the others, one with a vacuum is a slab, and its bulk is the
            crystal of the same composition, the one of lowest energy where there are several.

    Returns:
        Bulks and slabs in the order of ``frames``.
    """
    told = [frame for frame in frames if role_of(frame) in {SLAB, BULK}]
    return _complete(told) + _recognised([frame for frame in frames if not role_of(frame) and frame.volume > 0])


def miller_of(system: str) -> tuple[int, ...] | None:
    """Return the Miller indices in a system's name such as ``MgO(1-10)``; None where there are none."""
    found = _MILLER_OF_SYSTEM.search(system)
    return None if found is None else tuple(int(index) for index in re.findall(r"-?\d", found.group(1)))


def _complete(frames: Sequence[Frame]) -> list[Frame]:
    bulks = {system_of(frame) for frame in frames if role_of(frame) == BULK}
    needed = {str(frame.info.get(BULK_SYSTEM, "")) or system_of(frame) for frame in frames if role_of(frame) == SLAB} & bulks
    return [
        frame
        for frame in frames
        if (system_of(frame) if role_of(frame) == BULK else str(frame.info.get(BULK_SYSTEM, "")) or system_of(frame)) in needed
    ]


def _recognised(frames: Sequence[Frame]) -> list[Frame]:
    slabs = [frame for frame in frames if slab_shape(frame).vacuum >= LEAST_VACUUM]
    taken = {id(slab) for slab in slabs}
    bulks: dict[str, Frame] = {}
    for frame in frames:
        if id(frame) in taken:
            continue
        known = bulks.get(frame.formula)
        if known is None or _per_atom(frame) < _per_atom(known):
            bulks[frame.formula] = frame
    names: dict[str, int] = {}
    result = []
    for slab in slabs:
        if slab.formula not in bulks:
            continue
        plane = _MILLER_IN_NAME.search(slab.name)
        system = f"{slab.formula}({plane.group(1)})" if plane else f"{slab.formula} {slab.name}"
        names[system] = names.get(system, 0) + 1
        if names[system] > 1:
            system = f"{system} no. {names[system]}"
        result.append(slab.with_changes(info={**slab.info, "role": SLAB, "system": system, BULK_SYSTEM: slab.formula}))
    needed = dict.fromkeys(slab.formula for slab in result)
    return [bulks[name].with_changes(info={**bulks[name].info, "role": BULK, "system": name}) for name in needed] + result


def _per_atom(frame: Frame) -> float:
    """Energy per atom, eV; a crystal without one loses against any that has it."""
    return float("inf") if frame.energy is None else frame.energy / frame.n_atoms
