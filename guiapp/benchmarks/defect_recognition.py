"""Which frames are perfect hosts, defects and elemental phases, as the set says or as the geometry shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from guiapp.benchmarks.family import role_of, system_of
from guiapp.frames.frame import Frame

PERFECT, DEFECT, ELEMENTAL = "perfect", "defect", "elemental phase"
_SAME_CELL = 1e-3  # Å; cells of a perfect and a defective supercell are equal
_MOST_CHANGES = 2  # atoms that one point defect adds or takes away, an antisite doing both
_SYMPREC = 1e-2


def complete_hosts(frames: Sequence[Frame]) -> list[Frame]:
    """Return perfect supercells with defects, the defects and elemental phases, each with its role and system in ``info``.

    Args:
        frames: Of any kind. Those that say that they are defects are taken at their word. Of the others, equal cells with almost equal
            composition are one host: the most symmetric one is perfect, the others are its defects.

    Returns:
        Frames of complete hosts.
    """
    hosts = {system_of(frame) for frame in frames if role_of(frame) == DEFECT}
    told = [frame for frame in frames if system_of(frame) in hosts and role_of(frame) in {PERFECT, DEFECT, ELEMENTAL}]
    complete = {system_of(frame) for frame in told if role_of(frame) == PERFECT}
    found = [frame for frame in told if system_of(frame) in complete]
    return found + _recognised([frame for frame in frames if not role_of(frame) and frame.volume > 0])


def defect_name(change: Mapping[str, int]) -> str:
    """Return the usual notation, e.g. ``V_Mg``, ``Mg_Si``, ``Mg_i``.

    Args:
        change: Atoms added of each element, negative where taken out.
    """
    added = [element for element, count in change.items() if count > 0]
    removed = [element for element, count in change.items() if count < 0]
    if len(added) == len(removed) == 1:
        return f"{added[0]}_{removed[0]}"
    return " + ".join([f"V_{element}" for element in removed] + [f"{element}_i" for element in added])


def _recognised(frames: Sequence[Frame]) -> list[Frame]:
    groups: list[list[Frame]] = []
    for frame in frames:
        near = next((group for group in groups if _same_host(group[0], frame)), None)
        if near is None:
            groups.append([frame])
        else:
            near.append(frame)
    result: list[Frame] = []
    singles = [group[0] for group in groups if len(group) == 1 and len(group[0].elements) == 1]
    for group in groups:
        if len({tuple(sorted(Counter(frame.symbols).items())) for frame in group}) < 2:
            continue  # configurations of one composition: a run, not a host with defects
        perfect = max(group, key=_n_operations)
        host = perfect.formula
        result.append(_marked(perfect, host, PERFECT))
        result += [_marked(frame, host, DEFECT, name=frame.name) for frame in group if frame.symbols != perfect.symbols]
        elements = set().union(*(frame.elements for frame in group))
        result += [_marked(phase, host, ELEMENTAL) for phase in singles if phase.elements <= elements]
    return result


def _same_host(first: Frame, second: Frame) -> bool:
    if np.abs(first.cell - second.cell).max() > _SAME_CELL:
        return False
    difference = Counter(second.symbols)
    difference.subtract(Counter(first.symbols))
    return sum(map(abs, difference.values())) <= 2 * _MOST_CHANGES


def _n_operations(frame: Frame) -> int:
    import spglib  # noqa: PLC0415 - only a user's own cells need it

    scaled = np.linalg.solve(frame.cell.T, frame.positions.T).T
    found = spglib.get_symmetry((frame.cell, scaled, frame.numbers), symprec=_SYMPREC)
    return 0 if found is None else len(found["rotations"])


def _marked(frame: Frame, host: str, role: str, name: str = "") -> Frame:
    info = {**frame.info, "system": host, "role": role}
    if name:
        info["label"] = name
    return frame.with_changes(info=info)
