"""Scans along the phonon modes of a crystal whose displaced supercells DFT has computed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from guiapp.benchmarks.family import role_of, system_of
from guiapp.benchmarks.phonon_calculation import CrystalPhonons
from guiapp.benchmarks.phonons import DISPLACED, PERFECT
from guiapp.benchmarks.scan_frames import POINTS, REACH_DISPLACEMENT, REFERENCE_CURVATURE, mode_scan
from guiapp.errors import UserFacingError
from guiapp.frames.frame import Floats, Frame

_EV_PER_AMU = 1.036426965e-4
"""1 amu Å²/ps² in eV."""


def phonon_mode_scans(
    frames: Sequence[Frame], modes: Sequence[int], *, reach: float = REACH_DISPLACEMENT, points: int = POINTS
) -> tuple[Frame, ...]:
    """Return scans along modes of every crystal among the frames.

    Args:
        frames: Perfect and displaced supercells with DFT forces, as phonopy's files give them.
        modes: Numbers from 1, the lowest frequency, to three times the number of atoms in the supercell; -1 is the highest.
        reach: Å to both sides, of the atom that moves most.
        points: Number of frames a scan.

    Returns:
        Frames without labels. Each knows the harmonic curvature that DFT's force constants give along its mode.

    Raises:
        UserFacingError: Where there is no such crystal or mode.
    """
    groups: dict[str, list[Frame]] = {}
    for frame in frames:
        if role_of(frame) in {PERFECT, DISPLACED}:
            groups.setdefault(system_of(frame), []).append(frame)
    scans: list[Frame] = []
    for system, group in groups.items():
        perfect = next((frame for frame in group if role_of(frame) == PERFECT), None)
        displaced = [frame for frame in group if role_of(frame) == DISPLACED and frame.forces is not None]
        if perfect is not None and displaced:
            scans += _scans(perfect.with_changes(compound=system), displaced, modes, reach=reach, points=points)
    if not scans:
        raise UserFacingError(
            "No displaced supercells with DFT forces were found, so there are no phonon modes.",
            advice="Give phonopy's files, or displace an atom or a strain instead.",
        )
    return tuple(scans)


def _scans(perfect: Frame, displaced: Sequence[Frame], modes: Sequence[int], *, reach: float, points: int) -> list[Frame]:
    crystal = CrystalPhonons(perfect, displaced, np.eye(3))
    frequencies, vectors = crystal.modes([frame.forces for frame in displaced if frame.forces is not None], perfect.forces)
    scans: list[Frame] = []
    for mode in modes:
        if mode == 0 or abs(mode) > len(frequencies):
            raise UserFacingError(
                f"{perfect.compound} has no phonon mode {mode}.",
                advice=f"Modes count from 1, the lowest frequency, to {len(frequencies)}; -1 is the highest.",
            )
        place = mode - 1 if mode > 0 else len(frequencies) + mode
        name = f"mode {place + 1} ({frequencies[place]:.2f} THz)"
        stiffness = _curvature(frequencies[place], vectors[place], perfect)
        scans += [
            frame.with_changes(info={**frame.info, REFERENCE_CURVATURE: stiffness})
            for frame in mode_scan(perfect, vectors[place], name=name, reach=reach, points=points)
        ]
    return scans


def _curvature(frequency: float, vectors: Floats, perfect: Frame) -> float:
    """Return d²E/ds², eV/Å², of a harmonic mode of that frequency (THz, imaginary ones negative).

    Source:
        E = sum m (2 pi f)² u² / 2 along u(s) = s times the mode's displacements.
    """
    mass = float(perfect.to_atoms().get_masses() @ (vectors**2).sum(axis=1))
    return float(np.sign(frequency) * (2 * np.pi * frequency) ** 2 * mass * _EV_PER_AMU)
