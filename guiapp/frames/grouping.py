"""Groups of frames that share one softening scale, and how the user changes them.

By the source's own id where it gives one, else by reduced formula and number of sites, e.g. ``Ge (64 atoms)``. All functions are
pure: they return new frames. Names stay unique within a compound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import PurePath
from typing import Literal

from guiapp.frames.frame import Frame

GroupBy = Literal["source", "formula", "formula and size", "file"]

_SOURCE_KEYS = ("source_id", "compound", "material_id", "mp_id", "wbm_id", "mptrj_traj_id", "mat_id", "name")
"""Facts whose value is the source's id of a compound, best first."""


def formula_and_size(frame: Frame) -> str:
    """Return e.g. ``Ge (64 atoms)``."""
    return f"{frame.formula} ({frame.n_atoms} atom{'s' if frame.n_atoms != 1 else ''})"


def source_id(frame: Frame) -> str:
    """Return the id of the compound that the file gives, empty where it gives none."""
    return next((str(frame.info[key]) for key in _SOURCE_KEYS if str(frame.info.get(key, "")).strip()), "")


def assign_compounds(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """Group frames that were just read, by source.

    A fact called ``name`` that differs from frame to frame names frames, not compounds; then it becomes the name of the frame.
    """
    names = [str(frame.info["name"]) for frame in frames if "name" in frame.info]
    if len(names) > 1 and len(set(names)) == len(names) and len({formula_and_size(frame) for frame in frames}) < len(names):
        named = [
            frame.with_changes(name=str(frame.info["name"]), info=_renamed(frame)) if "name" in frame.info else frame for frame in frames
        ]
        return regroup(named, "source")
    return regroup(frames, "source")


def _renamed(frame: Frame) -> dict[str, object]:
    return {("frame_name" if key == "name" else key): value for key, value in frame.info.items()}


def regroup(frames: Sequence[Frame], by: GroupBy) -> tuple[Frame, ...]:
    """Group frames anew.

    Args:
        frames: Any frames.
        by: ``source`` (the id in the file, else formula and size), ``formula``, ``formula and size`` or ``file``.

    Returns:
        The frames in the same order with new compounds.
    """
    file_names = _short_names({frame.origin.path for frame in frames}) if by == "file" else {}
    keys: dict[GroupBy, Callable[[Frame], str]] = {
        "source": lambda frame: source_id(frame) or formula_and_size(frame),
        "formula": lambda frame: frame.formula,
        "formula and size": formula_and_size,
        "file": lambda frame: file_names[frame.origin.path],
    }
    compound_of = keys[by]
    return _with_compounds(frames, [compound_of(frame) for frame in frames])


def merge(frames: Sequence[Frame], compounds: Collection[str], into: str) -> tuple[Frame, ...]:
    """Put all frames of some compounds into one.

    Args:
        frames: Any frames.
        compounds: Compounds to merge.
        into: Name of the result; it may be one of them or an existing one.

    Returns:
        The frames in the same order; names that clash are told apart by the compound they came from.
    """
    return _with_compounds(frames, [into if frame.compound in compounds else frame.compound for frame in frames])


def rename(frames: Sequence[Frame], compound: str, new: str) -> tuple[Frame, ...]:
    """Give a compound another name; an existing name merges the two."""
    return merge(frames, (compound,), new)


def _with_compounds(frames: Sequence[Frame], compounds: Sequence[str]) -> tuple[Frame, ...]:
    names = Counter(zip(compounds, (frame.name for frame in frames), strict=True))
    taken = {key for key, count in names.items() if count == 1}
    result = []
    for frame, compound in zip(frames, compounds, strict=True):
        name = frame.name
        if names[compound, name] > 1:
            name = _free_name(frame, compound, taken)
            taken.add((compound, name))
        result.append(frame if (name, compound) == (frame.name, frame.compound) else frame.with_changes(name=name, compound=compound))
    return tuple(result)


def _free_name(frame: Frame, compound: str, taken: set[tuple[str, str]]) -> str:
    candidates: Iterable[str] = [frame.name]
    if frame.compound and frame.compound != compound:
        candidates = [frame.name, f"{frame.compound} {frame.name}"]
    for candidate in candidates:
        if (compound, candidate) not in taken:
            return candidate
    number = 2
    while (compound, f"{frame.name} ({number})") in taken:
        number += 1
    return f"{frame.name} ({number})"


def _short_names(paths: set[str]) -> dict[str, str]:
    """Return the shortest endings of paths that tell them apart."""
    parts = {path: PurePath(path).parts or (path,) for path in paths}
    depth = 1
    while True:
        short = {path: "/".join(parts[path][-depth:]) for path in paths}
        if len(set(short.values())) == len(paths) or depth > max(map(len, parts.values())):
            return short
        depth += 1
