"""Entries of made-up models whose softness is known, as the families reduce them."""

from __future__ import annotations

import numpy as np
import pytest

from guiapp.benchmarks.eos import EosFamily
from guiapp.benchmarks.family import DFT, MODEL, Curve, Evaluated, FamilyResult, Series
from guiapp.benchmarks.family_rows import judged_row
from guiapp.benchmarks.migration import MigrationFamily
from guiapp.frames.frame import Frame
from guiapp.potentials.potential import Prediction
from guiapp.ui.family_entry import FamilyEntry

SYSTEMS = {"MgO": 40.0, "CaO": 60.0, "LiF": 35.0}


def eos_frames(name, middle):
    frames = []
    for volume in np.linspace(0.92 * middle, 1.08 * middle, 7).tolist():
        edge = volume ** (1 / 3)
        positions = np.array([[0, 0, 0], [edge / 2] * 3])
        energy = 0.02 * (volume - middle) ** 2
        frames.append(Frame(np.array([12, 8]), positions, np.eye(3) * edge, energy=energy, compound=name, info={"system": name}))
    return frames


def predicted(frame, energy):
    return Evaluated(frame, Prediction(energy, np.zeros((frame.n_atoms, 3)), np.zeros((3, 3)), None))


def eos_entry(scale, place=0, *, systems=SYSTEMS, running=False, mode="static", title=None):
    """Return an entry whose energies are DFT's times a scale."""
    evaluated = [predicted(f, scale * f.energy - 7) for name, middle in systems.items() for f in eos_frames(name, middle)]
    result = EosFamily().reduce(evaluated, model=f"model-{place}", mode=mode)
    return FamilyEntry(title or f"Model {place}", place, result, running=running)


def path_entry(scale, place=0):
    frames = []
    for k, energy in enumerate([0.0, 0.3, 0.5, 0.3, 0.0]):
        info = {"system": "MgO hop", "role": "image", "image": k, "n_images": 5, "moving_atom": 0}
        frames.append(Frame(np.array([12, 8]), np.array([[0.4 * k, 0, 0], [2, 2, 2]]), np.eye(3) * 4, energy=energy, info=info))
    result = MigrationFamily().reduce([predicted(f, scale * f.energy - 3) for f in frames], model=f"model-{place}", mode="static")
    return FamilyEntry(f"Model {place}", place, result)


def surface_entry(scale, place=0):
    values = {"MgO(100)": 0.06, "MgO(110)": 0.12, "CaO(100)": 0.04}
    rows = tuple(
        judged_row("surfaces", name, "surface energy", model=f"model-{place}", mode="static", predicted=scale * x, reference=x, count=2)
        for name, x in values.items()
    )
    return FamilyEntry(f"Model {place}", place, FamilyResult("surfaces", f"model-{place}", "static", rows, crystals=(rock_salt(),)))


def rock_salt(edge=4.2):
    """Return the cubic cell of MgO."""
    corners = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]) * edge / 2
    positions = np.vstack([corners, corners + np.array([edge / 2, 0, 0])])
    return Frame(np.array([12] * 4 + [8] * 4), positions, np.eye(3) * edge, info={"role": "bulk", "system": "MgO"}, compound="MgO")


def phonon_entry(scale, place=0, *, systems=("NaCl",), bands=6, points=60):
    x = np.linspace(0, 3, points)
    reference = np.abs(np.sin(x + np.arange(bands)[:, None])) * 10
    grid = np.linspace(0, 10, 80)
    states = np.exp(-((grid - 5) ** 2))
    rows, curves = [], []
    for name in systems:
        rows.append(
            judged_row("phonons", name, "largest frequency", model="m", mode="static", predicted=scale * 10, reference=10.0, count=4)
        )
        series = (Series(DFT, x, reference), Series(MODEL, x, scale * reference))
        curves.append(Curve("bands", name, name, "wave vector", "frequency (THz)", series, ((0.0, "Γ"), (1.5, "X"), (3.0, "L"))))
        both = (Series(DFT, grid, states), Series(MODEL, scale * grid, states / scale))
        curves.append(Curve("dos", name, name, "frequency (THz)", "states (1/THz per cell)", both))
    result = FamilyResult("phonons", f"model-{place}", "static", tuple(rows), tuple(curves))
    return FamilyEntry(f"Model {place}", place, result)


@pytest.fixture
def make():
    """Return the makers of entries, by family."""
    return {"eos": eos_entry, "migration": path_entry, "surfaces": surface_entry, "phonons": phonon_entry}
