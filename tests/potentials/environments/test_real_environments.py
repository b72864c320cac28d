"""SevenNet-0 and DIEP in environments of their own: the softening measured on the shipped labels.

Run once with: TEMPER_TEST_ENVIRONMENTS=FOLDER pytest -m slow -k real_environments, FOLDER holding what ``models install`` made
(by default the user's own environments). The figures are those measured with each package's own ase calculator.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_data_path

from guiapp.frames.shipped import open_shipped
from guiapp.potentials.environments.environment_potential import EnvironmentPotential
from guiapp.potentials.environments.families import environment_card
from guiapp.potentials.environments.model_environment import ModelEnvironment
from guiapp.potentials.environments.recipe import find_recipe

_FIGURES = {"sevennet-0": (0.92, 0.93, 0.96), "diep-matpes-r2scan": (1.03, 1.02, 1.02)}
"""Pooled slope, mean and median over the compounds of the first 93 distorted frames."""
_COMPOUNDS = 20


@pytest.fixture(params=_FIGURES)
def real(request):
    root = Path(os.environ.get("TEMPER_TEST_ENVIRONMENTS", user_data_path("Temper", appauthor=False) / "environments"))
    environment = ModelEnvironment(find_recipe(request.param), root)
    if not environment.is_ready:
        pytest.skip(f"{request.param} is not installed in {root}; models install {request.param} makes it")
    potential = EnvironmentPotential(environment, environment_card(environment.recipe), "hash", "cpu")
    yield request.param, potential
    potential.close()


@pytest.mark.slow
def test_real_environments_give_the_known_softening(real):
    """The labelling goes on, so the figures hold for the compounds that were there, to a few hundredths."""
    name, potential = real
    compounds = {}
    for frame in open_shipped("high-energy").frames:
        if frame.info.get("kind") != "equilibrium":
            compounds.setdefault(frame.compound, []).append(frame)
    chosen = [frame for group in list(compounds.values())[:_COMPOUNDS] for frame in group[:6]]
    predictions = potential.predict(chosen)
    x = {frame.compound: [] for frame in chosen}
    y = {frame.compound: [] for frame in chosen}
    for frame, prediction in zip(chosen, predictions, strict=True):
        x[frame.compound].append(frame.forces.ravel())
        y[frame.compound].append(prediction.forces.ravel())
    slopes = [float(np.concatenate(x[key]) @ np.concatenate(y[key]) / np.sum(np.concatenate(x[key]) ** 2)) for key in x]
    dft = np.concatenate([one for key in x for one in x[key]])
    model = np.concatenate([one for key in y for one in y[key]])
    measured = (float(dft @ model / (dft @ dft)), float(np.mean(slopes)), float(np.median(slopes)))
    np.testing.assert_allclose(measured, _FIGURES[name], atol=0.03)
