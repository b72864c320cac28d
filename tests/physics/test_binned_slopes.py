"""Slopes of parts of the cloud: the right atoms in each part, and no bias from sorting by the DFT force."""

import numpy as np
import pytest

from guiapp.physics.binned_slopes import FORCE_EDGES, slopes_by_element, slopes_by_force, slopes_by_strain
from guiapp.physics.softening import softening_scale


@pytest.fixture(scope="module")
def cloud():
    random = np.random.default_rng(0)
    x = random.normal(size=(60_000, 3)) * random.gamma(1.5, 1, size=(60_000, 1))
    return x, 0.8 * x + random.normal(scale=0.4, size=x.shape)


def test_sorting_by_dft_force_does_not_bias(cloud):
    """A model with one slope and plain noise has that slope in every bin, small forces included."""
    bins = slopes_by_force(*cloud)
    assert sum(b.statistics.n for b in bins) == cloud[0].size
    for b in bins:
        error = 0.4 / np.sqrt(b.statistics.n) / b.statistics.rms_force
        assert b.statistics.scale == pytest.approx(0.8, abs=4 * error)


def test_sorting_by_model_force_would_bias(cloud):
    """The reason for the choice: bins of the model's force show slopes that are not there."""
    x, y = cloud
    small = np.linalg.norm(y, axis=1) < 0.5
    assert softening_scale(x[small], y[small]) < 0.5


def test_edges_belong_to_the_upper_bin():
    """Atoms sit in [low, high); the length of the vector counts, not its components."""
    x = np.array([[0.3, 0.4, 0.0], [0.0, 0.0, 0.49], [0.0, 0.0, 0.0]])
    found = {(b.low, b.high): b.statistics.n for b in slopes_by_force(x, x)}
    assert found == {(0.0, 0.25): 3, (0.25, 0.5): 3, (0.5, 1.0): 3}
    assert [b.statistics.n for b in slopes_by_force(100 * x, x, edges=(40.0, 60.0))] == [6]
    assert FORCE_EDGES[-1] == float("inf")


def test_each_element_by_itself():
    """Lithium soft, fluorine stiff, in one cloud."""
    x = np.random.default_rng(1).normal(size=(40, 3))
    number = np.tile([9, 3], 20)
    found = slopes_by_element(x, np.where(number == 3, 0.7, 1.1)[:, None] * x, number)
    assert list(found) == [3, 9]
    assert [found[z].scale for z in found] == pytest.approx([0.7, 1.1])


def test_strain_classes():
    """Half a percent either way is unstrained; a missing strain is its own class."""
    x = np.ones((5, 3))
    strain = np.array([-0.03, 0.0, 0.004, 0.03, np.nan])
    found = slopes_by_strain(x, np.array([0.7, 0.8, 0.8, 0.9, 1.0])[:, None] * x, strain)
    assert {name: (s.n, round(s.scale, 6)) for name, s in found.items()} == {
        "compressed": (3, 0.7),
        "unstrained": (6, 0.8),
        "stretched": (3, 0.9),
        "strain not recorded": (3, 1.0),
    }
