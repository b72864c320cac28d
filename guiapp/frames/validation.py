"""Check a folder with a reference set before it is shipped: provenance, keys, units, symmetry, duplicates, energies.

A reference set is a folder with ``labels.extxyz`` and ``metadata.yaml``. The checks find what would spoil a benchmark without a word: a set
in other units, forces of an unconverged run, one compound computed with two settings, a frame that is there twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from guiapp.frames.frame import Floats, Frame

LABELS = "labels.extxyz"
METADATA = "metadata.yaml"
REQUIRED_METADATA = (
    "title",
    "family",
    "functional",
    "code",
    "setups",
    "settings",
    "recipe",
    "licence",
    "citation",
    "units",
    "missing",
    "structure",
)
"""Every set states these; ``missing`` says what the set lacks, ``structure`` how its frames combine into an observable."""
REQUIRED_UNITS = {"REF_energy": "eV", "REF_forces": "eV/Å", "REF_stress": "eV/Å^3"}

LARGEST_NET_FORCE = 5e-3
"""|sum of forces| per atom, eV/Å. Plane-wave forces do not add up to zero exactly, because the exchange-correlation energy lives on a grid
(egg-box effect): the GPAW labels leave 6e-4 at most on frames of 1000 K; a force in other units or a lost atom leaves far more."""
LARGEST_FORCE = 60.0
"""eV/Å; 1000 K and ±3 % strain give below 20. Unrelaxed antisites and interstitials are the largest here."""
LARGEST_STRESS = 1.0
"""eV/Å^3 (160 GPa); kbar or GPa taken for eV/Å^3 lies far above."""
ENERGY_PER_ATOM = (-25.0, 2.0)
"""eV/atom; PAW energies against (pseudo)atoms. Hartree or Rydberg totals and all-electron energies lie outside."""
ENERGY_BAND = 1.5
"""Energies per atom of one composition lie within this of their median, eV/atom: 1000 K puts 0.4, an unrelaxed defect of 16 atoms 0.5."""


def validate_reference_set(folder: Path) -> list[str]:
    """Check a reference set.

    Args:
        folder: Folder with the labels and their metadata.

    Returns:
        One sentence for each thing that is wrong; empty where the set may be shipped.
    """
    metadata, problems = _read_metadata(folder / METADATA)
    problems += _metadata_problems(metadata)
    frames, unreadable = _read_frames(folder / LABELS)
    problems += unreadable
    if not frames:
        return [*problems, f"{LABELS} holds no frames."]
    for frame in frames:
        problems += [f"{frame_name(frame)}: {problem}" for problem in _frame_problems(frame)]
    problems += _duplicates(frames)
    problems += _mixed_settings(frames)
    problems += _energies_off_their_composition(frames)
    return problems


def frame_name(frame: Frame) -> str:
    """Return how a problem names a frame: compound and the frame's own name in the file."""
    own = str(frame.info.get("frame", frame.name))
    return own if own.startswith(frame.compound) else f"{frame.compound} {own}"


def _read_metadata(path: Path) -> tuple[Mapping[str, Any], list[str]]:
    import yaml  # noqa: PLC0415 - only a check of a set needs it

    if not path.is_file():
        return {}, [f"{METADATA} is missing."]
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        return {}, [f"{METADATA} cannot be read: {error}."]
    return (content, []) if isinstance(content, dict) else ({}, [f"{METADATA} is no table of keys and values."])


def _metadata_problems(metadata: Mapping[str, Any]) -> list[str]:
    if not metadata:
        return []
    problems = [f"{METADATA} does not state “{key}”." for key in REQUIRED_METADATA if metadata.get(key) in (None, "", [], {})]
    units = metadata.get("units")
    for key, unit in REQUIRED_UNITS.items():
        if isinstance(units, dict) and str(units.get(key, "")).split(",")[0].strip() != unit:
            problems.append(f"{METADATA} does not state that {key} is in {unit}.")
    return problems


def _read_frames(path: Path) -> tuple[list[Frame], list[str]]:
    from guiapp.errors import UserFacingError  # noqa: PLC0415
    from guiapp.frames.reading.read import read_frames  # noqa: PLC0415 - readers import much

    if not path.is_file():
        return [], [f"{LABELS} is missing."]
    try:
        result = read_frames([path])
    except UserFacingError as error:
        return [], [str(error)]
    return [frame for group in result.sets for frame in group.frames], [str(problem) for problem in result.problems]


def _frame_problems(frame: Frame) -> Iterator[str]:
    keys = set(frame.origin.keys)
    for key in REQUIRED_UNITS:
        if key not in keys:
            yield f"{key} is missing."
    if not str(frame.info.get("dft", "")):
        yield "the DFT settings (“dft”) are missing."
    if frame.energy is not None and frame.forces is not None and frame.stress is not None:
        yield from _label_problems(frame, frame.energy, frame.forces, frame.stress)
    for flag in frame.flags:
        yield flag.message


def _label_problems(frame: Frame, energy: float, forces: Floats, stress: Floats) -> Iterator[str]:
    if not (np.isfinite(energy) and np.isfinite(forces).all() and np.isfinite(stress).all()):
        yield "a label is not a finite number."
        return
    net = float(np.linalg.norm(forces.sum(axis=0))) / frame.n_atoms
    if net > LARGEST_NET_FORCE:
        yield f"the forces do not add up to zero: {net:.4f} eV/Å per atom."
    largest = frame.largest_force or 0.0
    if largest > LARGEST_FORCE:
        yield f"a force of {largest:.0f} eV/Å is implausible."
    if float(np.abs(stress).max()) > LARGEST_STRESS:
        yield f"a stress of {np.abs(stress).max():.2f} eV/Å^3 is implausible."
    if not np.allclose(stress, stress.T, atol=1e-9):
        yield "the stress is not symmetric."
    per_atom = energy / frame.n_atoms
    if not ENERGY_PER_ATOM[0] < per_atom < ENERGY_PER_ATOM[1]:
        yield f"an energy of {per_atom:.2f} eV/atom is implausible."


def _duplicates(frames: list[Frame]) -> list[str]:
    seen: dict[str, Frame] = {}
    problems = []
    for frame in frames:
        first = seen.setdefault(frame.content_hash, frame)
        if first is not frame:
            problems.append(f"{frame_name(frame)}: the same configuration as {frame_name(first)}.")
    return problems


def _mixed_settings(frames: list[Frame]) -> list[str]:
    """Return the compounds that were computed with more than one setting; an elemental phase belongs to its host."""
    settings: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for frame in frames:
        settings[str(frame.info.get("host", "")), frame.compound][str(frame.info.get("dft", ""))] += 1
    return [
        f"{compound}: computed with {len(counts)} different settings, so its energies do not compare: {', '.join(counts)}."
        for (_, compound), counts in settings.items()
        if len(counts) > 1
    ]


def _energies_off_their_composition(frames: list[Frame]) -> list[str]:
    groups: dict[tuple[str, str], list[Frame]] = defaultdict(list)
    for frame in frames:
        if frame.energy is not None and np.isfinite(frame.energy):
            groups[str(frame.info.get("dft", "")), frame.formula].append(frame)
    problems = []
    for (_, formula), members in groups.items():
        per_atom = np.array([(frame.energy or 0.0) / frame.n_atoms for frame in members])
        median = float(np.median(per_atom))
        problems += [
            f"{frame_name(frame)}: {value:.2f} eV/atom, but {formula} lies at {median:.2f} eV/atom."
            for frame, value in zip(members, per_atom, strict=True)
            if abs(value - median) > ENERGY_BAND
        ]
    return problems
