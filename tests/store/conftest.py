"""A project on disk, frames and predictions to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from guiapp.frames.frame import Frame, Origin
from guiapp.potentials.potential import Prediction
from guiapp.store.project import Project, open_project


@pytest.fixture
def project_path(tmp_path: Path) -> Path:
    """Return where a project may be made; a folder with a space and a letter outside ASCII, as users have."""
    folder = tmp_path / "mes résultats"
    folder.mkdir()
    return folder / "Li study.temper"


@pytest.fixture
def project(project_path: Path) -> Iterator[Project]:
    """Return an open, empty project."""
    with open_project(project_path) as opened:
        yield opened


@pytest.fixture
def make_frame() -> Callable[..., Frame]:
    """Return a function that makes labelled frames, each seed another one."""

    def make(seed: int, *, n_atoms: int = 4, compound: str = "Li4", **changes: object) -> Frame:
        rng = np.random.default_rng(seed)
        return Frame(
            numbers=rng.integers(1, 90, n_atoms),
            positions=rng.normal(size=(n_atoms, 3)),
            cell=5 * np.eye(3),
            energy=float(rng.normal()),
            forces=rng.normal(size=(n_atoms, 3)),
            stress=rng.normal(size=(3, 3)),
            name=f"frame {seed}",
            compound=compound,
            origin=Origin("data/a.extxyz", seed, ("REF_energy", "REF_forces")),
        ).with_changes(**changes)

    return make


@pytest.fixture
def make_prediction() -> Callable[..., Prediction]:
    """Return a function that makes predictions, each seed another one."""

    def make(seed: int, *, n_atoms: int = 4, magmoms: bool = False) -> Prediction:
        rng = np.random.default_rng(seed)
        return Prediction(
            energy=float(rng.normal()),
            forces=rng.normal(size=(n_atoms, 3)),
            stress=rng.normal(size=(3, 3)),
            magmoms=rng.normal(size=n_atoms) if magmoms else None,
        )

    return make
